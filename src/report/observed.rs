//! `observed.csv`: the history that a run is held against, where its folder has one.

use std::path::Path;

use super::{ReportError, rows::Rows};

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

/// The columns of `observed.csv`.
pub const COLUMNS: [&str; 3] = ["start_time_utc", "end_time_utc", "hashrate_eh_per_s"];

/// The epochs of `observed.csv` in `folder` that touch the time from `start` to `end`; none if there is no such file.
///
/// # Errors
/// If it is there but cannot be understood.
pub(crate) fn read(folder: &Path, (start, end): (i64, i64)) -> Result<Vec<ObservedEpoch>, ReportError> {
    if !folder.join("observed.csv").exists() {
        return Ok(Vec::new());
    }
    let mut rows = Rows::open(folder, "observed", &COLUMNS)?;
    let mut epochs: Vec<ObservedEpoch> = Vec::new();
    while rows.advance()? {
        let (from, to) = (rows.time(0)?, rows.time(1)?);
        if to <= from || epochs.last().is_some_and(|before| from < before.end) {
            return Err(
                rows.bad_row("an epoch must end after it starts and start after the one before has ended".into())
            );
        }
        if let Some(hashrate_eh_per_s) = rows.number(2)?
            && from < end
            && to > start
        {
            epochs.push(ObservedEpoch { start: from, end: to, hashrate_eh_per_s });
        }
    }
    Ok(epochs)
}
