//! Columns of `epochs.csv` that tell of the ends of epochs, on the grid of days.

use std::path::Path;

use super::{ReportError, bands::Grid};
use crate::{
    declare::{Columns, Row},
    output::read::{Replica, Replicas},
    simulation::record::EpochRecord,
    units::UnixTime,
};

/// By column, replica and instant of the grid.
pub(crate) type Histories = Vec<Vec<Vec<f64>>>;

/// A value and the instant at which it holds.
pub(crate) type Knots = Vec<(i64, f64)>;

/// What columns of numbers of the first `limit` replicas are at each instant: straight between the ends of epochs; NaN outside, and
/// `empty` where the table has nothing.
pub(crate) fn at_ends(
    folder: &Path,
    grid: &Grid,
    limit: usize,
    (columns, empty): (&[&str], f64),
) -> Result<Histories, ReportError> {
    let mut table = Replicas::open::<EpochRecord>(folder, UnixTime::default())?;
    let mut knots: Vec<Vec<Knots>> = vec![Vec::new(); columns.len()];
    while knots.first().is_some_and(|replicas| replicas.len() < limit)
        && let Some(Replica { columns: epochs, .. }) = table.advance()?
    {
        // An epoch's values stand at its end, which the next row tells.
        let starts = epochs.rows::<EpochRecord>().skip(1).map(|epoch| epochs.unix(epoch.start));
        let ends: Vec<i64> = starts.chain([grid.end()]).collect();
        for (name, replicas) in columns.iter().zip(&mut knots) {
            let filled = |value: f64| if value.is_nan() { empty } else { value };
            replicas.push(ends.iter().copied().zip(numbers(epochs, name).map(filled)).collect());
        }
    }
    Ok(on_grid(&knots, grid))
}

/// The numbers of a column.
fn numbers<'a>(columns: &'a Columns, name: &str) -> impl Iterator<Item = f64> + 'a {
    columns.get(name).expect("it is a column of these rows").numbers()
}

/// What `columns` of the rows `R` are at each instant, of the first `limit` replicas: straight between rows; NaN outside, and where the
/// table has nothing. `None` where the table was not written.
pub(crate) fn at_instants<R: Row<'static>>(
    folder: &Path,
    grid: &Grid,
    limit: usize,
    columns: &[&str],
) -> Result<Option<Histories>, ReportError> {
    let Some(mut table) = Replicas::open_if_written::<R>(folder, UnixTime::default())? else { return Ok(None) };
    let mut knots: Vec<Vec<Knots>> = vec![Vec::new(); columns.len()];
    while knots.first().is_some_and(|replicas| replicas.len() < limit)
        && let Some(Replica { columns: rows, .. }) = table.advance()?
    {
        let times: Vec<i64> = rows.get("time_utc").into_iter().flat_map(|times| times.instants(rows)).collect();
        for (name, replicas) in columns.iter().zip(&mut knots) {
            replicas.push(times.iter().copied().zip(numbers(rows, name)).collect());
        }
    }
    Ok(Some(on_grid(&knots, grid)))
}

/// The course of a number of each group of a table, by replica.
pub(crate) type Groups = Vec<(String, Vec<Knots>)>;

/// The course of a number of each group of a table, of the first `limit` replicas: `read` gives group, instant and number of each row
/// that counts. No groups where there is no such table.
pub(crate) fn by_group(
    table: Option<Replicas>,
    limit: usize,
    read: impl Fn(&Columns, &mut dyn FnMut(&str, i64, f64)),
) -> Result<Groups, ReportError> {
    let mut groups = Groups::new();
    let Some(mut table) = table else { return Ok(groups) };
    let mut replicas = 0;
    while replicas < limit
        && let Some(replica) = table.advance()?
    {
        replicas += 1;
        read(replica.columns, &mut |name, time, value| {
            let place = groups.iter().position(|(known, _)| known == name).unwrap_or(groups.len());
            if place == groups.len() {
                groups.push((name.to_owned(), Vec::new()));
            }
            let knots = &mut groups[place].1;
            knots.resize(replicas, Knots::new());
            knots[replicas - 1].push((time, value));
        });
    }
    Ok(groups)
}

/// The mean over replicas of their straight lines between knots at an instant; NaN where any has none.
pub(crate) fn mean(replicas: &[Knots], time: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a count of replicas")]
    let count = replicas.len() as f64;
    replicas.iter().map(|knots| between(knots, time)).sum::<f64>() / count
}

fn on_grid(knots: &[Vec<Knots>], grid: &Grid) -> Histories {
    let on_grid = |knots: &Knots| grid.times.iter().map(|&time| between(knots, time)).collect();
    knots.iter().map(|column| column.iter().map(on_grid).collect()).collect()
}

/// The value at `time` on straight lines between `knots`; NaN outside.
pub(crate) fn between(knots: &[(i64, f64)], time: i64) -> f64 {
    let after = knots.partition_point(|&(knot, _)| knot < time);
    match (after.checked_sub(1).and_then(|before| knots.get(before)), knots.get(after)) {
        (_, Some(&(knot, value))) if knot == time => value,
        (Some(&(t0, v0)), Some(&(t1, v1))) => {
            #[expect(clippy::cast_precision_loss, reason = "seconds within a run")]
            let share = (time - t0) as f64 / (t1 - t0) as f64;
            v0 + share * (v1 - v0)
        }
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        report::fixture::write_rows,
        simulation::record::LadderRecord,
        units::{Hashprice, Seconds},
    };

    #[test]
    fn between_epochs_lines_are_straight() {
        let knots = [(10, 1.0), (20, 3.0)];
        let at = [5, 10, 15, 20, 25].map(|time| between(&knots, time));
        assert!(at[0].is_nan() && at[4].is_nan());
        assert_eq!(at[1..4], [1.0, 2.0, 3.0]);
    }

    #[test]
    fn a_value_stands_at_the_end_of_its_epoch() {
        let folder = tempfile::tempdir().unwrap();
        let epoch = |start: f64, hhi: f64, overhang| EpochRecord {
            start: Seconds::new(start),
            hhi,
            idle_overhang: overhang,
            ..EpochRecord::default()
        };
        let (first, second) = (epoch(0.0, 1.0, None), epoch(100.0, 2.0, Some(7.0)));
        let other = epoch(0.0, 5.0, Some(6.0));
        write_rows(folder.path(), &[(0, vec![first, second]), (3, vec![other]), (4, vec![other])]);
        let grid = Grid { start: 0, times: vec![50, 100, 200], stride: 1 };
        let found = at_ends(folder.path(), &grid, 2, (&["hhi", "idle_overhang"], 9.0)).unwrap();
        assert!(found[0][0][0].is_nan());
        assert_eq!(found[0][0][1..], [1.0, 2.0]);
        assert_eq!((found[0].len(), found[0][1][2]), (2, 5.0));
        assert_eq!((found[1][0][1], found[1][0][2]), (9.0, 7.0));
    }

    #[test]
    fn a_row_holds_at_its_instant() {
        let folder = tempfile::tempdir().unwrap();
        let row = |time: f64, price_usd: f64, rung: Option<f64>| LadderRecord {
            time: Seconds::new(time),
            price_usd,
            restart_50pct: rung.map(Hashprice::new),
            ..LadderRecord::default()
        };
        let (first, second) = (row(50.0, 1.0, None), row(150.0, 2.0, Some(7.0)));
        write_rows(folder.path(), &[(0, vec![first, second]), (1, vec![row(50.0, 5.0, Some(6.0))])]);
        let grid = Grid { start: 0, times: vec![50, 100, 150, 200], stride: 1 };
        let columns = ["restart_50pct_usd_per_ph_day", "price_usd"];
        let found = at_instants::<LadderRecord>(folder.path(), &grid, 1, &columns).unwrap().unwrap();
        assert_eq!((found[1].len(), &found[1][0][..3]), (1, [1.0, 1.5, 2.0].as_slice()));
        assert!(found[0][0][0].is_nan() && found[0][0][1].is_nan() && found[1][0][3].is_nan());
        assert!((found[0][0][2] - 7.0).abs() < 1e-12);
    }
}
