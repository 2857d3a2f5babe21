//! Failure to pay: arrears, default, restructuring, Chapter 11, liquidation.

mod act;
pub mod params;
pub mod rule;

pub use act::{judge, pass_on, wind_estates};
