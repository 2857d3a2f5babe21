//! Stock that firms sell when cash is short.

mod act;
pub mod params;
pub mod rule;

pub use act::{available, sell};
