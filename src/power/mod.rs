//! Power: prices, contracts, response to spot prices, and emissions.

pub mod contract;
mod day;
pub mod demand_response;
mod duration;
pub mod peak;
mod price_change;
mod region;
mod season;
pub mod spot;
mod texas;

pub use contract::{Contract, Moves};
pub use day::{DayPrices, Peak, Window};
pub use demand_response::Market;
pub use duration::Duration;
pub use peak::PeakCharge;
pub use price_change::{ChangeKind, PowerDrift, PowerShock, PriceChange, Tariff};
pub use region::RegionParams;
pub use season::Season;
pub use spot::{Hour, Hours, Spot, SpotPrices, TexasParams};
pub use texas::Weather;

use crate::{
    declare::{USD_PER_KWH, params},
    units::{PowerPrice, UnixTime},
};

params! {
    /// Power terms: those common to all sites, and those that vary by region and over time.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct PowerParams {
        /// Energy at the meter per energy at the machines.
        pue: f64 = 1.06, source("S3, S8: 1.01-1.20"), uniform(1.01, 1.2, "S3, S8"), within(1.0, 10.0),
            usual(1.0, 1.6, "A-14, S3, S8: 1.01-1.20");
        /// Avoidable running cost beside power (repair, crew, fees), per energy at the machine.
        running_cost: PowerPrice => om_usd_per_kwh as USD_PER_KWH = 0.005, source("S4: 0.002-0.010"), uniform(0.002, 0.01, "S4"), within(0.0, 10.0),
            usual(0.0005, 0.02, "A-15, S4: 0.002-0.010");
        /// Share of the power bill that is due even when a lot is off.
        take_or_pay: f64 = 0.15, source("A: 0-0.8"), uniform(0.0, 0.8, "assumed"), within(0.0, 1.0);
        /// Uncertainty of the level of the classes' power prices: standard deviation of the logarithm of a common factor on all of them, drawn once per replica.
        price_level_log_sd: f64 = 0.0, source("design"), within(0.0, 3.0), usual(0.0, 0.5, "A-76");
        /// CO2 per energy at the meter.
        emission_kg_per_kwh: f64 as "kg/kWh" = 0.288, source("S4, D: 0.2-0.56"), uniform(0.2, 0.56, "S4, D"), within(0.0, 10.0),
            usual(0.01, 1.0, "A-17, S4: 0.2-0.56; grids 0.02-0.98");
        /// Regions with terms of their own, in the order of the scenario.
        regions: Vec<RegionParams> => |_, _| Vec::new();
        /// Changes of prices.
        changes: Vec<PriceChange> => |_, _| Vec::new();
        /// The scenario's first instant, from which seasons are computed.
        start: UnixTime => |_, _| UnixTime::default();
    }
}
