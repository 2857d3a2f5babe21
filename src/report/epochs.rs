//! Columns of `epochs.csv` that tell of the ends of epochs, on the grid of days.

use std::path::Path;

use super::{ReportError, rows::Rows, series::Grid};

/// By column, replica and instant of the grid.
pub(crate) type Histories = Vec<Vec<Vec<f64>>>;

/// A value and the instant at which it holds.
pub(crate) type Knots = Vec<(i64, f64)>;

/// What `columns` of the first `limit` replicas are at each instant: straight between the ends of epochs; NaN outside, and
/// `empty` where the table has nothing. A column that the table does not have is NaN throughout.
pub(crate) fn at_ends(
    folder: &Path,
    grid: &Grid,
    limit: usize,
    (columns, empty): (&[&str], f64),
) -> Result<Histories, ReportError> {
    let mut rows = Rows::open_all(folder, "epochs")?;
    let place = |rows: &Rows, wanted: &str| rows.names().position(|name| name == wanted);
    let (Some(replica), Some(start)) = (place(&rows, "replica"), place(&rows, "start_time_utc")) else {
        return Err(rows.missing_column("start_time_utc"));
    };
    let places: Vec<Option<usize>> = columns.iter().map(|column| place(&rows, column)).collect();
    let mut knots: Vec<Vec<Knots>> = vec![Vec::new(); columns.len()];
    // An epoch's values stand at its end, which the next row tells.
    let mut open: Option<Vec<f64>> = None;
    let mut last = None;
    let close = |knots: &mut Vec<Vec<Knots>>, open: &mut Option<Vec<f64>>, end: i64| {
        for (column, value) in knots.iter_mut().zip(open.take().into_iter().flatten()) {
            if let Some(replica) = column.last_mut() {
                replica.push((end, value));
            }
        }
    };
    let mut replicas = 0;
    while rows.advance()? {
        let (now, begun) = (rows.whole(replica)?, rows.time(start)?);
        if last.replace(now) == Some(now) {
            close(&mut knots, &mut open, begun);
        } else {
            close(&mut knots, &mut open, grid.end());
            if replicas == limit {
                break;
            }
            replicas += 1;
            for column in &mut knots {
                column.push(Vec::new());
            }
        }
        let mut values = Vec::with_capacity(places.len());
        for place in &places {
            values.push(match place {
                Some(place) => rows.number(*place)?.unwrap_or(empty),
                None => f64::NAN,
            });
        }
        open = Some(values);
    }
    close(&mut knots, &mut open, grid.end());
    Ok(on_grid(&knots, grid))
}

/// What `columns` of a table with `replica` and `time_utc` are at each instant, of the first `limit` replicas: straight between
/// its rows; NaN outside, and where the table has nothing.
pub(crate) fn at_instants(
    folder: &Path,
    table: &str,
    grid: &Grid,
    limit: usize,
    columns: &[&'static str],
) -> Result<Histories, ReportError> {
    let all: Vec<&'static str> = ["replica", "time_utc"].iter().chain(columns).copied().collect();
    let mut rows = Rows::open(folder, table, &all)?;
    let mut knots: Vec<Vec<Knots>> = vec![Vec::new(); columns.len()];
    let mut last = None;
    while rows.advance()? {
        let (now, time) = (rows.whole(0)?, rows.time(1)?);
        if last.replace(now) != Some(now) {
            if knots.first().is_none_or(|column| column.len() == limit) {
                break;
            }
            for column in &mut knots {
                column.push(Vec::new());
            }
        }
        for (place, column) in knots.iter_mut().enumerate() {
            let value = rows.number(2 + place)?.unwrap_or(f64::NAN);
            if let Some(replica) = column.last_mut() {
                replica.push((time, value));
            }
        }
    }
    Ok(on_grid(&knots, grid))
}

/// The course of a number of each group of a table, by replica.
pub(crate) type Groups = Vec<(String, Vec<Knots>)>;

/// What `value` is of each group of a table with `replica` and `time_utc`, at the table's instants, of the first `limit` replicas: a group has a
/// row for each instant. Only rows whose column `of` is `kind` count, where that is asked. No groups where there is no such table.
pub(crate) fn by_group(
    folder: &Path,
    table: &str,
    limit: usize,
    (group, value): (&'static str, &'static str),
    of: Option<(&'static str, &str)>,
) -> Result<Groups, ReportError> {
    let columns: Vec<&'static str> =
        ["replica", "time_utc", group, value].into_iter().chain(of.map(|of| of.0)).collect();
    let mut rows = match Rows::open(folder, table, &columns) {
        Err(ReportError::MissingTable { .. }) => return Ok(Vec::new()),
        rows => rows?,
    };
    let mut groups = Groups::new();
    let (mut last, mut replicas) = (None, 0);
    while rows.advance()? {
        let now = rows.whole(0)?;
        if last.replace(now) != Some(now) {
            if replicas == limit {
                break;
            }
            replicas += 1;
        }
        if let Some((_, kind)) = of
            && rows.text(4)? != kind
        {
            continue;
        }
        let name = rows.text(2)?;
        let place = groups.iter().position(|(known, _)| known == name).unwrap_or(groups.len());
        if place == groups.len() {
            groups.push((name.to_owned(), Vec::new()));
        }
        let knots = &mut groups[place].1;
        knots.resize(replicas, Knots::new());
        knots[replicas - 1].push((rows.time(1)?, rows.number(3)?.unwrap_or(0.0)));
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
    use std::fs;

    use super::*;

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
        let text = "replica,start_time_utc,a,b\n0,1970-01-01T00:00:00Z,1,\n0,1970-01-01T00:01:40Z,2,7\n\
                    3,1970-01-01T00:00:00Z,5,6\n4,1970-01-01T00:00:00Z,5,6\n";
        fs::write(folder.path().join("epochs.csv"), text).unwrap();
        let grid = Grid { start: 0, times: vec![50, 100, 200], stride: 1 };
        let found = at_ends(folder.path(), &grid, 2, (&["a", "b", "c"], 9.0)).unwrap();
        assert!(found[0][0][0].is_nan());
        assert_eq!(found[0][0][1..], [1.0, 2.0]);
        assert_eq!((found[0].len(), found[0][1][2]), (2, 5.0));
        assert_eq!((found[1][0][1], found[1][0][2]), (9.0, 7.0));
        assert!(found[2][0].iter().all(|value| value.is_nan()));
    }

    #[test]
    fn a_row_holds_at_its_instant() {
        let folder = tempfile::tempdir().unwrap();
        let text =
            "replica,time_utc,a,b\n0,1970-01-01T00:00:50Z,1,\n0,1970-01-01T00:02:30Z,2,7\n1,1970-01-01T00:00:50Z,5,6\n";
        fs::write(folder.path().join("restart.csv"), text).unwrap();
        let grid = Grid { start: 0, times: vec![50, 100, 150, 200], stride: 1 };
        let found = at_instants(folder.path(), "restart", &grid, 1, &["b", "a"]).unwrap();
        assert_eq!((found[1].len(), &found[1][0][..3]), (1, [1.0, 1.5, 2.0].as_slice()));
        assert!(found[0][0][0].is_nan() && found[0][0][1].is_nan() && found[1][0][3].is_nan());
        assert!((found[0][0][2] - 7.0).abs() < 1e-12);
    }
}
