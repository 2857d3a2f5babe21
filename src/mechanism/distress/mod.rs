//! Failure to pay: arrears, default, restructuring, Chapter 11, liquidation.

mod act;
pub mod params;
pub mod rule;

pub use act::{charge_late, due, judge, pass_on, wind_estates};
