//! The restart ladder: what is off for hashprice's sake, and the hashprice that would bring it back.

use std::path::Path;

use super::{
    ReportError,
    bands::{Band, Fan, Grid},
    epochs,
};
use crate::simulation::record::LadderRecord;

/// From `restart.csv`, at each instant of a grid; NaN where nothing is known, or nothing is off.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ladder {
    /// EH/s that are off and that hashprice alone keeps off.
    pub restartable: Band,
    /// USD/PH/day, at the same instants.
    pub hashprice: Band,
    /// USD/PH/day at which 10, 50 and 90 % of it restart.
    pub rungs: [Band; 3],
}

impl Ladder {
    /// Reads the first `limit` replicas; a folder without the table has nothing.
    pub(crate) fn read(folder: &Path, grid: &Grid, limit: usize) -> Result<Self, ReportError> {
        const COLUMNS: [&str; 5] = [
            "restartable_hashrate_eh_per_s",
            "hashprice_usd_per_ph_day",
            "restart_10pct_usd_per_ph_day",
            "restart_50pct_usd_per_ph_day",
            "restart_90pct_usd_per_ph_day",
        ];
        let Some(histories) = epochs::at_instants::<LadderRecord>(folder, grid, limit, &COLUMNS)? else {
            return Ok(Self::default());
        };
        let mut bands =
            histories.iter().map(|column| Band { fan: Fan::over(column, grid.times.len()), paths: Vec::new() });
        let mut next = || bands.next().unwrap_or_default();
        Ok(Self { restartable: next(), hashprice: next(), rungs: std::array::from_fn(|_| next()) })
    }

    /// Whether anything ever waits for a better hashprice.
    #[must_use]
    pub fn is_worth_it(&self) -> bool {
        self.rungs[1].fan.p50.iter().any(|value| value.is_finite())
    }
}
