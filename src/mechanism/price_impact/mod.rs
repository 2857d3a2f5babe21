//! The day's sales of all miners move the price of the days to come. The law is in [`crate::market::Impact`].

mod act;

pub use act::{Sales, expected_sales};
