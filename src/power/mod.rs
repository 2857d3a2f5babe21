//! Power: prices, contracts, response to spot prices, and emissions.

pub mod contract;
pub mod demand_response;
mod price_change;
mod region;
mod season;
pub mod spot;

pub use contract::{Contract, Moves};
pub use demand_response::Market;
pub use price_change::{ChangeKind, PriceChange};
pub use region::RegionParams;
pub use season::Season;
pub use spot::{SpotCurve, SpotParams};

use crate::units::UnixTime;

/// Power terms: those common to all sites, and those that vary by region and over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PowerParams {
    /// Energy at the meter per energy at the machines.
    pub pue: f64,
    /// Avoidable running cost beside power (repair, crew, fees), USD per kWh at the machine.
    pub om_usd_per_kwh: f64,
    /// Share of the power bill that is due even when a lot is off.
    pub take_or_pay: f64,
    /// Standard deviation, from history to history, of the logarithm of a factor on the power prices of all classes.
    pub price_level_log_sd: f64,
    /// CO2 per energy at the meter, kg/kWh.
    pub emission_kg_per_kwh: f64,
    /// Regions with terms of their own, in the order of the scenario.
    pub regions: Vec<RegionParams>,
    /// Changes of prices.
    pub changes: Vec<PriceChange>,
    /// The scenario's first instant, from which seasons are computed.
    pub start: UnixTime,
}
