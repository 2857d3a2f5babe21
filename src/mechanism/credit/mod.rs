//! Loans: borrowing, collateral, and margin calls.

mod act;
pub mod loan;
pub mod params;
pub mod rule;

pub use act::{available, call_margins, draw, fall_due, lend};
