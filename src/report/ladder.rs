//! The restart ladder: what is off for hashprice's sake, and the hashprice that would bring it back.

use super::{
    bands::{Band, Fan, Grid},
    epochs::Courses,
};

/// The columns of `restart.csv` that it shows.
pub(crate) const COLUMNS: [&str; 5] = [
    "restartable_hashrate_eh_per_s",
    "hashprice_usd_per_ph_day",
    "restart_10pct_usd_per_ph_day",
    "restart_50pct_usd_per_ph_day",
    "restart_90pct_usd_per_ph_day",
];

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
    pub(crate) fn of(courses: &Courses, grid: &Grid) -> Self {
        let band = |column: &str| {
            let histories = courses.on_grid(column, f64::NAN, grid);
            Band { fan: Fan::over(&histories, grid.times.len()), paths: Vec::new() }
        };
        let [restartable, hashprice, rungs @ ..] = COLUMNS.map(band);
        Self { restartable, hashprice, rungs }
    }

    /// Whether anything ever waits for a better hashprice.
    #[must_use]
    pub fn is_worth_it(&self) -> bool {
        self.rungs[1].fan.p50.iter().any(|value| value.is_finite())
    }
}
