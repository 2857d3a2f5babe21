//! Power: what a site pays for it, when it leaves it to others, and what it gives off.

pub mod contract;
pub mod demand_response;
mod price_change;
mod season;
pub mod spot;

pub use contract::{Contract, Moves, Supply};
pub use price_change::PriceChange;
pub use season::Season;
pub use spot::{SpotCurve, SpotParams};

/// Power terms common to all sites.
#[derive(Clone, Debug, PartialEq)]
pub struct PowerParams {
    /// Energy at the meter per energy at the machines.
    pub pue: f64,
    /// Avoidable running cost beside power (repair, crew, fees), USD per kWh at the machine.
    pub om_usd_per_kwh: f64,
    /// Share of the power bill that is due even when a lot is off.
    pub take_or_pay: f64,
    /// CO2 per energy at the meter, kg/kWh.
    pub emission_kg_per_kwh: f64,
}
