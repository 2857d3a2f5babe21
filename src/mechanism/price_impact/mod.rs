//! The day's sales of all miners change the price of the following days. The law is in [`crate::market::Impact`].

mod act;

pub use act::{PairedDay, Sales};
