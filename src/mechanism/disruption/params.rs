//! Curtailments and bans: parameters.

use crate::units::Seconds;

/// Machines are forced off at once and kept off for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Curtailment {
    /// Stable name, from `[event.NAME]`: part of the address of its draws.
    pub name: String,
    /// From when on, from the start.
    pub at: Seconds,
    /// Until when; `None` is for good.
    pub until: Option<Seconds>,
    /// Share of the running hashrate concerned that goes off.
    pub share: f64,
    /// Regions concerned; empty is all.
    pub regions: Vec<String>,
    /// Classes concerned; empty is all.
    pub classes: Vec<String>,
}

/// A ban in some regions.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionalBan {
    /// Stable name, from `[event.NAME]`.
    pub name: String,
    /// When the first sites close.
    pub at: Seconds,
    /// When the last have closed.
    pub until: Seconds,
    /// Where.
    pub regions: Vec<String>,
    /// Share of the running hashrate there that is closed down.
    pub share: f64,
    /// Share of that which comes back covertly.
    pub covert_share: f64,
    /// Share of that which leaves the network.
    pub leave_share: f64,
    /// Between these is the time in which half of the machines on their way are back, days.
    pub half_life_days: (f64, f64),
    /// Where the rest go; empty is everywhere else.
    pub to: Vec<String>,
    /// What their own price of power is multiplied by there.
    pub price_factor: f64,
}
