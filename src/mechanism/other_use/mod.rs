//! Conversion of sites to another use than mining.

mod act;
pub mod params;

pub use act::{Conversion, mining_margin};
