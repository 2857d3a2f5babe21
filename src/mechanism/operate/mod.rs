//! Whether lots of machines run.

mod act;
pub mod params;
pub mod rule;

pub use act::{Operators, record_switches};
