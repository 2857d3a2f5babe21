//! Parameters of curtailments and bans.

use crate::units::Seconds;

/// Machines are forced off at once and held off for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Curtailment {
    /// Stable name, from `[event.NAME]`: part of the key of its draws.
    pub name: String,
    /// Begin, from the start.
    pub at: Seconds,
    /// End; `None`: permanent.
    pub until: Option<Seconds>,
    /// Share of the running hashrate concerned that is forced off.
    pub share: f64,
    /// Regions concerned; empty for all.
    pub regions: Vec<String>,
    /// Classes concerned; empty for all.
    pub classes: Vec<String>,
}

/// A ban on mining in some regions.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionalBan {
    /// Stable name, from `[event.NAME]`.
    pub name: String,
    /// Time at which the first sites close.
    pub at: Seconds,
    /// Time at which the last sites have closed.
    pub until: Seconds,
    /// Regions of the ban.
    pub regions: Vec<String>,
    /// Share of the running hashrate there that is closed.
    pub share: f64,
    /// Share of that which restarts covertly in place.
    pub covert_share: f64,
    /// Share of that which leaves the network.
    pub leave_share: f64,
    /// Bounds of the time in which half of the relocating machines have restarted, days.
    pub half_life_days: (f64, f64),
    /// Regions of destination; empty for all others.
    pub to: Vec<String>,
    /// Factor on their own power price after the move.
    pub price_factor: f64,
}
