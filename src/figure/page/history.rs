//! Any column of a table over replicas, on the instants of a grid.

use std::path::Path;

use crate::{
    declare::{Column, Kind, Values},
    output::{read::Replicas, table::Table},
    report::{
        ReportError,
        epochs::at_ends,
        series::{Fan, Grid, Limits},
    },
    simulation::record::DayRecord,
    units::UnixTime,
};

/// A column over time: one history per replica.
#[derive(Debug)]
pub(super) struct History {
    /// Name, unit and meaning.
    pub(super) column: Column,
    /// By replica, by instant; NaN where there is no value.
    pub(super) paths: Vec<Vec<f64>>,
    /// Quantiles over all of them.
    pub(super) fan: Fan,
}

impl History {
    fn new(column: Column, paths: Vec<Vec<f64>>, points: usize) -> Self {
        Self { fan: Fan::over(&paths, points), column, paths }
    }

    /// Its value, if it is the same at every instant in every replica; NaN if there is none at all.
    pub(super) fn constant(&self) -> Option<f64> {
        let mut values = self.paths.iter().flatten().copied().filter(|value| !value.is_nan());
        let Some(first) = values.next() else { return Some(f64::NAN) };
        values.all(|value| value.to_bits() == first.to_bits()).then_some(first)
    }
}

impl History {
    /// Whether any replica is unlike the first.
    pub(super) fn varies_over_replicas(&self) -> bool {
        let same = |a: &f64, b: &f64| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
        let alike = |path: &Vec<f64>| path.iter().zip(&self.paths[0]).all(|(a, b)| same(a, b));
        !self.paths.iter().all(alike)
    }
}

/// The columns of numbers of a table.
fn numeric(table: Table) -> Vec<Column> {
    let is_number = |column: &Column| {
        column.name != "replica"
            && matches!(column.kind, Kind::Count | Kind::OptionalCount | Kind::Number | Kind::OptionalNumber)
    };
    table.columns().into_iter().filter(is_number).collect()
}

/// Every column of numbers of `days.csv`, of the first replicas; of some flows the sum so far, as [`super::charts::is_summed`]
/// says.
pub(super) fn of_days(folder: &Path, grid: &Grid, limits: &Limits) -> Result<Vec<History>, ReportError> {
    let mut table = Replicas::open::<DayRecord>(folder, UnixTime::default())?;
    let columns = numeric(Table::Days);
    let mut paths: Vec<Vec<Vec<f64>>> = vec![Vec::new(); columns.len()];
    while paths[0].len() < limits.replicas
        && let Some(replica) = table.advance()?
    {
        let days = replica.columns;
        let mut cells = Vec::with_capacity(days.len());
        for (row, day) in days.rows::<DayRecord>().enumerate() {
            let time = days.unix(day.time);
            let Some(cell) = grid.cell(time) else {
                return Err(replica.bad_row(row, "column `time_utc`: outside the days of the first replica").into());
            };
            // Only the last day of a cell is kept.
            cells.push(Some(cell).filter(|&cell| grid.times[cell] == time));
        }
        for (column, paths) in columns.iter().zip(&mut paths) {
            let (mut path, mut sum) = (vec![f64::NAN; grid.times.len()], 0.0);
            let is_summed = super::charts::is_summed(&column.name);
            let values = days.get(&column.name).into_iter().flat_map(Values::numbers);
            for (value, cell) in values.zip(&cells) {
                if is_summed && !value.is_nan() {
                    sum += value;
                }
                if let Some(cell) = *cell {
                    path[cell] = if is_summed { sum } else { value };
                }
            }
            paths.push(path);
        }
    }
    let points = grid.times.len();
    Ok(columns.into_iter().zip(paths).map(|(column, paths)| History::new(column, paths, points)).collect())
}

/// Those columns of `epochs.csv` that say how things stand at an epoch's end, of the first replicas.
pub(super) fn of_epoch_ends(
    folder: &Path,
    grid: &Grid,
    limits: &Limits,
    wanted: &[&str],
) -> Result<Vec<History>, ReportError> {
    let mut columns = numeric(Table::Epochs);
    columns.retain(|column| wanted.contains(&&*column.name));
    let names: Vec<&str> = columns.iter().map(|column| &*column.name).collect();
    let histories = at_ends(folder, grid, limits.replicas, (&names, f64::NAN))?;
    let points = grid.times.len();
    Ok(columns.iter().zip(histories).map(|(column, paths)| History::new(column.clone(), paths, points)).collect())
}

/// The course through `values` at `times`, which rise, linear between them; NaN outside.
pub(super) fn between(times: &[i64], values: &[f64], time: i64) -> f64 {
    let after = times.partition_point(|&end| end < time);
    match (after.checked_sub(1), times.get(after)) {
        (_, Some(&end)) if end == time => values[after],
        (Some(before), Some(&end)) => {
            #[expect(clippy::cast_precision_loss, reason = "seconds within a run")]
            let share = (time - times[before]) as f64 / (end - times[before]) as f64;
            values[before] + share * (values[after] - values[before])
        }
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{fixture::Fixture, series::RunSeries};

    #[test]
    fn between_two_ends_a_course_is_linear_and_outside_unknown() {
        let course = |time| between(&[10, 20, 40], &[1.0, 3.0, 7.0], time);
        assert!(course(9).is_nan() && course(41).is_nan());
        let found = [course(10), course(15), course(20), course(30), course(40)];
        assert!(found.iter().zip([1.0, 2.0, 3.0, 5.0, 7.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
    }

    #[test]
    fn every_column_of_numbers_is_read_and_agrees_with_the_charts() {
        let folder = tempfile::tempdir().unwrap();
        Fixture { days: 90, replicas: 6 }.write(folder.path());
        let limits = Limits { points: 30, ..Limits::default() };
        let series = RunSeries::read(folder.path(), &limits).unwrap();
        let found = of_days(folder.path(), &series.grid, &limits).unwrap();
        let names = Table::Days.columns().len() - 2;
        assert_eq!(found.len(), names, "all but replica and time");
        let hashrate = found.iter().find(|history| history.column.name == "hashrate_eh_per_s").unwrap();
        assert_eq!(hashrate.fan, series.hashrate.fan);
        assert_eq!((hashrate.paths.len(), hashrate.column.unit), (6, "EH/s"));
        assert_eq!(hashrate.constant(), None);
        let debt = found.iter().find(|history| history.column.name == "debt_usd").unwrap();
        assert_eq!(debt.constant(), Some(0.0));
        let hhi = of_epoch_ends(folder.path(), &series.grid, &limits, &["hhi"]).unwrap();
        assert_eq!((hhi.len(), hhi[0].paths.len()), (1, 6));
        assert!(hhi[0].fan.p50.iter().filter(|value| value.is_finite()).count() > 10, "{:?}", hhi[0].fan.p50);
        // A flow is summed over all days, of which one in three is kept.
        let lost = found.iter().find(|history| history.column.name == "scrapped_eh_per_s").unwrap();
        assert!(
            (lost.paths[5][29] - 90.0 * 0.01).abs() < 1e-9 && (lost.paths[0][0] - 0.03).abs() < 1e-9,
            "{:?}",
            lost.paths[0]
        );
        let few = of_days(folder.path(), &series.grid, &Limits { replicas: 2, ..limits }).unwrap();
        assert_eq!(few[0].paths.len(), 2);
    }
}
