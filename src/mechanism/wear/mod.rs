//! Machines break, age and are repaired.

mod act;
pub mod params;
pub mod rule;

pub use act::Wear;
