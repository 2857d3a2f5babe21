//! `observed.csv`: the history that a run is held against, where its folder has one.

use std::path::Path;

use super::ReportError;
use crate::{
    declare::Columns,
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
    /// Mean hashrate of the epoch.
    pub hashrate_eh_per_s: f64,
}

impl ObservedEpoch {
    /// The middle of the epoch, seconds since 1970.
    #[must_use]
    pub const fn middle(&self) -> i64 {
        self.start + (self.end - self.start) / 2
    }
}

/// The rows of `observed.csv`, whose instants count from 1970; `None` if there is no such file.
///
/// # Errors
/// If it is there but cannot be understood.
pub(crate) fn of_folder(folder: &Path) -> Result<Option<Columns>, ReportError> {
    let whole = match read::whole::<ObservedRow>(folder, UnixTime::default()) {
        Err(ReadError::Missing { .. }) => return Ok(None),
        whole => whole?,
    };
    let mut before = None;
    for (row, epoch) in epochs(whole.columns()).enumerate() {
        if epoch.end <= epoch.start || before.is_some_and(|before| epoch.start < before) {
            let problem = "an epoch must end after it starts and start after the one before has ended";
            return Err(whole.bad_row(row, problem).into());
        }
        before = Some(epoch.end);
    }
    Ok(Some(whole.into_columns()))
}

/// The epochs in rows of `observed.csv`.
pub(crate) fn epochs(rows: &Columns) -> impl Iterator<Item = ObservedEpoch> {
    rows.rows::<ObservedRow>().map(|epoch| ObservedEpoch {
        start: rows.unix(epoch.start),
        end: rows.unix(epoch.end),
        hashrate_eh_per_s: epoch.hashrate_eh_per_s,
    })
}
