//! Conversion of sites to another use than mining.

mod act;

pub use act::{Conversion, mining_margin};
