//! The coin's market: its price path, and how miners' sales move it.

mod impact;
mod params;
mod price;

pub use impact::{EXPECTATION_DAYS, Flow, Impact, ImpactLaw, ImpactParams, MODES};
pub use params::{PriceParams, PriceProcess, PriceShock};
pub use price::PricePath;
