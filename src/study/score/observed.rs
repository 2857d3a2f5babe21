//! `observed.csv`: the observed history that a run is compared with, for its chart.

use super::SeenEpoch;
use crate::{
    declare::{Columns, row},
    units::{Seconds, UnixTime},
};

row! {
    /// One row per difficulty epoch of the history that a run is compared with.
    pub struct ObservedRow in "observed" by [start_time_utc] {
        /// First block
        start: Seconds => start_time_utc,
        /// First block of the next epoch
        end: Seconds => end_time_utc,
        /// Hashrate as an observer of the chain infers it, from difficulty and duration
        hashrate_eh_per_s: f64 as "EH/s",
    }
}

/// The epochs as table rows; times count from `start`.
///
/// # Panics
/// When a number of the history is not finite.
pub fn observed_rows(epochs: &[SeenEpoch], start: UnixTime) -> Columns {
    let mut columns = Columns::of::<ObservedRow>(start);
    for epoch in epochs {
        let row = ObservedRow {
            start: epoch.start,
            end: epoch.start + epoch.duration,
            hashrate_eh_per_s: epoch.hashrate_eh_per_s,
        };
        columns.push(&row).expect("what was observed is finite");
    }
    columns
}
