//! Markets: the price path of the coin, the impact of miners' sales on it, and the prices of machines.

mod impact;
pub mod law;
pub mod outlook;
mod params;
mod price;
pub mod rigs;

pub use impact::{Impact, ImpactLaw, ImpactParams, MODES};
pub use params::{PRICE, PRICE_COLUMN, PriceParams, PriceProcess, PriceShock};
pub use price::PricePath;
