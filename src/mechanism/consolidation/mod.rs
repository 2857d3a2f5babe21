//! Weak firms are bought by those with cash.

mod act;
pub mod rule;

pub use act::Consolidation;
