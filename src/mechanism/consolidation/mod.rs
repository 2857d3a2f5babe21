//! Weak firms are bought by firms with cash.

mod act;
pub mod params;
pub mod rule;

pub use act::Consolidation;
