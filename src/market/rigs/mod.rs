//! The market of used machines: the price at which they are traded.

pub mod auction;
pub mod reduced;

pub use auction::AuctionParams;
pub use reduced::{ReducedParams, Trailing};

use crate::{
    declare::{ReadKeys, params},
    units::Efficiency,
};

params! {
    /// Pricing and terms of trade of used machines. The caller has already read the pricing rule.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct RigParams(given: Pricing) {
        /// The pricing rule.
        pricing: Pricing => |_, _| given;
        /// Power price of buyers outside the network.
        outside_power_price_usd_per_kwh: f64 as "USD/kWh" = 0.025, source("section 7.18, A: 0.02-0.03"),
            uniform(0.02, 0.03, "section 7.18, assumed"), within(0.0, 100.0), usual(0.005, 0.1, "A-82: 0.02-0.03");
        /// Scrap value of a machine.
        scrap_usd_per_th: f64 as "USD/(TH/s)" = 0.5, source("section 7.18, A: 0.3-1"), uniform(0.3, 1.0, "section 7.18, assumed"),
            positive(1e6), usual(0.02, 5.0, "A-82: 0.3-1");
        /// Broker's fee, paid by the seller, as a share of the price.
        broker_fee: f64 = 0.03, source("section 7.18, A"), within(0.0, 1.0), usual(0.001, 0.2, "A-82");
        /// Time from the sale until the machine is installed at the buyer's site.
        transport_days: f64 as "d" = 30.0, source("section 7.18, A"), within(0.0, 3650.0), usual(1.0, 180.0, "A-82");
        /// Cost of freight and installation, paid by the buyer.
        freight_usd_per_th: f64 as "USD/(TH/s)" = 1.0, source("section 7.18, A"), within(0.0, 1e6), usual(0.05, 20.0, "A-82");
        /// A cohort (a class with a weight above 1) sells a lot that has been off for longer than this, and the corresponding number of its miners leaves.
        cohort_exit_days: f64 as "d" = 120.0, source("section 7.18, A"), within(0.0, 36_500.0), usual(14.0, 1000.0, "A-82");
        /// Generations.
        generations: Generations => |keys, _| Generations::read(keys);
    }
}
/// Pricing rules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pricing {
    /// Prices follow hashprice.
    Reduced(ReducedParams),
    /// Asks and bids meet once a week.
    Auction(AuctionParams),
}

params! {
    /// Efficiencies that separate the generations.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Generations, check {
        /// Efficiency below which machines belong to the new generation.
        new_below_j_per_th: f64 as "J/TH" = 38.0, source("S9"), positive(1e6), usual(10.0, 100.0, "A-83, S9");
        /// Efficiency from which machines belong to the old generation.
        old_from_j_per_th: f64 as "J/TH" = 68.0, source("S9"), positive(1e6), usual(10.0, 150.0, "A-83, S9");
    }
}
/// Names of the generations.
pub const GENERATIONS: [&str; 3] = ["new", "mid", "old"];

impl Generations {
    fn check(&self, keys: &impl ReadKeys) {
        if self.new_below_j_per_th > self.old_from_j_per_th {
            let (new, old) = (keys.name_of("new_below_j_per_th"), keys.name_of("old_from_j_per_th"));
            keys.refuse(
                "scenario::order",
                format!("`{new}` is above `{old}`"),
                ("new_below_j_per_th", format!("must not be above {}", self.old_from_j_per_th)),
                "new machines need less energy per hash than old ones",
            );
        }
    }

    /// Index into [`GENERATIONS`].
    #[must_use]
    pub fn of(&self, efficiency: Efficiency) -> usize {
        usize::from(efficiency.get() >= self.new_below_j_per_th)
            + usize::from(efficiency.get() >= self.old_from_j_per_th)
    }
}
