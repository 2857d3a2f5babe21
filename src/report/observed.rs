//! `observed.csv`: the history that a run is held against, where its folder has one.

use std::path::Path;

use super::ReportError;
use crate::{
    output::read::{self, ReadError},
    study::score::ObservedRow,
    units::UnixTime,
};

/// An epoch as it was: its hashrate inferred from difficulty and duration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ObservedEpoch {
    /// First block, seconds since 1970.
    pub start: i64,
    /// First block of the next.
    pub end: i64,
    /// Mean.
    pub hashrate_eh_per_s: f64,
}

impl ObservedEpoch {
    /// Seconds since 1970.
    #[must_use]
    pub const fn middle(&self) -> i64 {
        self.start + (self.end - self.start) / 2
    }
}

/// The epochs of `observed.csv` in `folder` that touch the time from `start` to `end`; none if there is no such file.
///
/// # Errors
/// If it is there but cannot be understood.
pub(crate) fn of_folder(folder: &Path, (start, end): (i64, i64)) -> Result<Vec<ObservedEpoch>, ReportError> {
    let whole = match read::whole::<ObservedRow>(folder, UnixTime::default()) {
        Err(ReadError::Missing { .. }) => return Ok(Vec::new()),
        whole => whole?,
    };
    let rows = whole.rows();
    let mut epochs: Vec<ObservedEpoch> = Vec::new();
    for (row, epoch) in rows.columns.rows::<ObservedRow>().enumerate() {
        let (from, to) = (rows.columns.unix(epoch.start), rows.columns.unix(epoch.end));
        if to <= from || epochs.last().is_some_and(|before| from < before.end) {
            let problem = "an epoch must end after it starts and start after the one before has ended";
            return Err(rows.bad_row(row, problem).into());
        }
        if from < end && to > start {
            epochs.push(ObservedEpoch { start: from, end: to, hashrate_eh_per_s: epoch.hashrate_eh_per_s });
        }
    }
    Ok(epochs)
}
