//! The market of used machines: what they are worth, and at which price they change hands.

pub mod auction;
pub mod reduced;
mod value;

pub use auction::AuctionParams;
pub use reduced::{ReducedParams, Trailing};
pub use value::{ValueCurve, ValueParams};

use crate::units::Efficiency;

/// How prices of machines are found, and the terms on which they are traded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RigParams {
    /// By which rule the price is found.
    pub pricing: Pricing,
    /// What a buyer reckons with.
    pub value: ValueParams,
    /// Power price of buyers outside, USD/kWh.
    pub outside_power_price_usd_per_kwh: f64,
    /// Worth of a machine as scrap, USD/(TH/s).
    pub scrap_usd_per_th: f64,
    /// What the seller pays the broker, as a share of the price.
    pub broker_fee: f64,
    /// From sale to the buyer's site, days.
    pub transport_days: f64,
    /// Freight that the buyer pays, USD/(TH/s).
    pub freight_usd_per_th: f64,
    /// A cohort's lot that has been off for so long is sold, days.
    pub cohort_exit_days: f64,
    /// Generations.
    pub generations: Generations,
}

/// How prices are found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pricing {
    /// They follow hashprice.
    Reduced(ReducedParams),
    /// Asks and bids meet once a week.
    Auction(AuctionParams),
}

/// Efficiencies at which generations part, J/TH.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Generations {
    /// New below.
    pub new_below_j_per_th: f64,
    /// Old from.
    pub old_from_j_per_th: f64,
}

/// Names of the generations.
pub const GENERATIONS: [&str; 3] = ["new", "mid", "old"];

impl Generations {
    /// Index into [`GENERATIONS`].
    #[must_use]
    pub fn of(&self, efficiency: Efficiency) -> usize {
        usize::from(efficiency.get() >= self.new_below_j_per_th)
            + usize::from(efficiency.get() >= self.old_from_j_per_th)
    }
}
