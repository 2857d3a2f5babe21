//! The market of used machines: their value, and the price at which they are traded.

pub mod auction;
pub mod reduced;
mod value;

pub use auction::AuctionParams;
pub use reduced::{ReducedParams, Trailing};
pub use value::{ValueCurve, ValueParams};

use crate::units::Efficiency;

/// Pricing and terms of trade of used machines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RigParams {
    /// The pricing rule.
    pub pricing: Pricing,
    /// Valuation parameters of buyers.
    pub value: ValueParams,
    /// Power price of outside buyers, USD/kWh.
    pub outside_power_price_usd_per_kwh: f64,
    /// Scrap value of a machine, USD/(TH/s).
    pub scrap_usd_per_th: f64,
    /// Broker's fee paid by the seller, as a share of the price.
    pub broker_fee: f64,
    /// Time from sale to arrival at the buyer's site, days.
    pub transport_days: f64,
    /// Freight that the buyer pays, USD/(TH/s).
    pub freight_usd_per_th: f64,
    /// Idle time after which a cohort's lot is sold, days.
    pub cohort_exit_days: f64,
    /// Generations.
    pub generations: Generations,
}

/// Pricing rules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pricing {
    /// Prices follow hashprice.
    Reduced(ReducedParams),
    /// Asks and bids meet once a week.
    Auction(AuctionParams),
}

/// Efficiencies that separate the generations, J/TH.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Generations {
    /// Machines below are new.
    pub new_below_j_per_th: f64,
    /// Machines from here on are old.
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
