//! The coin's market: its price path.

mod params;
mod price;

pub use params::{PriceParams, PriceProcess, PriceShock};
pub use price::PricePath;
