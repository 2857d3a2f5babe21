//! The coin's market: its price path.

mod params;

pub use params::{PriceParams, PriceProcess, PriceShock};
