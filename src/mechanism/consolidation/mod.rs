//! Weak firms are bought by firms with cash.

mod act;
pub mod rule;

pub use act::Consolidation;
