//! Histories with drawn assumptions, on the grid of days.

use super::{
    bands::{Fan, Grid},
    epochs::Courses,
};

/// Quantiles over histories with drawn assumptions.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnFans {
    /// EH/s, running.
    pub hashrate: Fan,
    /// Difficulty in force.
    pub difficulty: Fan,
    /// USD/PH/day.
    pub hashprice: Fan,
}

/// The columns of `uncertain_days.csv` of these fans.
pub(crate) const COLUMNS: [&str; 3] = ["hashrate_eh_per_s", "difficulty", "hashprice_usd_per_ph_day"];

impl DrawnFans {
    /// The fans of the courses of [`COLUMNS`].
    pub(crate) fn of(courses: &Courses, grid: &Grid) -> Self {
        let fan = |column: &str| Fan::over(&courses.on_grid(column, f64::NAN, grid), grid.times.len());
        let [hashrate, difficulty, hashprice] = COLUMNS.map(fan);
        Self { hashrate, difficulty, hashprice }
    }
}
