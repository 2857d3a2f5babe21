//! Power prices of sites, and sites that respond to spot prices. The values and formulas are in [`crate::power`].

mod act;
mod prices;
mod respond;

pub use act::PowerPrices;
pub use respond::Responding;
