//! Summary statistics of an episode: depth and duration of the fall, and speed of the recovery. They apply to observed and
//! simulated epochs.
//!
//! The fall is the deepest one, measured from the highest earlier epoch. Instants are the first blocks of epochs.

use super::SeenEpoch;
use crate::simulation::metrics::TROUGH_WITHIN;

/// Summary statistics of an episode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcomes {
    /// Hashrate of the trough epoch as a share of the peak before it.
    pub trough_share: f64,
    /// Days from the start of the peak epoch to the start of the first later epoch within [`TROUGH_WITHIN`] of the trough.
    pub days_to_trough: f64,
    /// Duration of the longest epoch, days.
    pub longest_epoch_days: f64,
    /// Largest downward difficulty adjustment, as a ratio minus 1; 0 if difficulty never fell.
    pub worst_retarget: f64,
    /// Days from the peak until an epoch after the trough is back at 95 % of the peak; 0 if hashrate never fell below 95 %,
    /// `None` if it did not recover.
    pub days_to_95pct: Option<f64>,
    /// Days from the peak until an epoch after the trough is back at the peak; 0 if hashrate never fell, `None` if it did not
    /// recover.
    pub days_to_100pct: Option<f64>,
}

/// Names and units, in the order of [`Outcomes::values`].
pub const OUTCOMES: [(&str, &str); 6] = [
    ("trough_share", ""),
    ("days_to_trough", "d"),
    ("longest_epoch_days", "d"),
    ("worst_retarget", ""),
    ("days_to_95pct", "d"),
    ("days_to_100pct", "d"),
];

/// Whether the value of an outcome means that nothing fell. Reports then use words instead of the number.
#[must_use]
pub fn is_no_fall(name: &str, value: f64) -> bool {
    let none = match name {
        "trough_share" => 1.0,
        "days_to_trough" | "worst_retarget" | "days_to_95pct" | "days_to_100pct" => 0.0,
        _ => return false,
    };
    value.abs().total_cmp(&none).is_eq()
}

impl Outcomes {
    /// The statistics of epochs in order; `None` if there are no epochs.
    #[must_use]
    pub fn of(path: &[SeenEpoch]) -> Option<Self> {
        let first = path.first()?;
        let (mut highest, mut peak, mut trough) = (*first, *first, *first);
        let depth = |peak: &SeenEpoch, low: &SeenEpoch| low.hashrate_eh_per_s / peak.hashrate_eh_per_s;
        for epoch in path {
            if epoch.hashrate_eh_per_s > highest.hashrate_eh_per_s {
                highest = *epoch;
            }
            if depth(&highest, epoch) < depth(&peak, &trough) {
                (peak, trough) = (highest, *epoch);
            }
        }
        let days = |epoch: &SeenEpoch| epoch.start_days() - peak.start_days();
        let back = |share: f64| {
            if depth(&peak, &trough) >= share {
                return Some(0.0);
            }
            let later = path.iter().filter(|epoch| epoch.start >= trough.start);
            later.filter(|epoch| depth(&peak, epoch) >= share).map(days).next()
        };
        let low = (1.0 + TROUGH_WITHIN) * trough.hashrate_eh_per_s;
        let mut later = path.iter().filter(|epoch| epoch.start > peak.start && trough.start > peak.start);
        let reached = later.find(|epoch| epoch.hashrate_eh_per_s <= low);
        let longest = path.iter().map(SeenEpoch::duration_days);
        Some(Self {
            trough_share: depth(&peak, &trough),
            days_to_trough: reached.map_or(0.0, days),
            longest_epoch_days: longest.fold(0.0, f64::max),
            worst_retarget: path.iter().map(|epoch| epoch.retarget - 1.0).fold(0.0, f64::min),
            days_to_95pct: back(0.95),
            days_to_100pct: back(1.0),
        })
    }

    /// The values in the order of [`OUTCOMES`].
    #[must_use]
    pub fn values(&self) -> [Option<f64>; OUTCOMES.len()] {
        [
            Some(self.trough_share),
            Some(self.days_to_trough),
            Some(self.longest_epoch_days),
            Some(self.worst_retarget),
            self.days_to_95pct,
            self.days_to_100pct,
        ]
    }
}
