//! Columns of tables that have a row for each epoch or week, on the grid of days.

use super::bands::Grid;
use crate::{declare::Columns, simulation::record::EpochRecord};

/// A value and the instant at which it holds.
pub(crate) type Knots = Vec<(i64, f64)>;

/// Some columns of numbers of a table that has a row for each of some instants.
#[derive(Debug)]
pub(crate) struct Courses {
    columns: Vec<&'static str>,
    /// By column and replica.
    knots: Vec<Vec<Knots>>,
}

impl Courses {
    pub(crate) fn of(columns: &[&'static str]) -> Self {
        Self { columns: columns.to_vec(), knots: vec![Vec::new(); columns.len()] }
    }

    /// Adds the rows of a replica, which hold at these instants.
    fn add(&mut self, rows: &Columns, times: &[i64]) {
        for (name, replicas) in self.columns.iter().zip(&mut self.knots) {
            let numbers = rows.get(name).expect("it is a column of these rows").numbers();
            replicas.push(times.iter().copied().zip(numbers).collect());
        }
    }

    /// Adds the rows of a replica, each of which holds at its `time_utc`.
    pub(crate) fn add_at_instants(&mut self, rows: &Columns) {
        let times: Vec<i64> = rows.get("time_utc").into_iter().flat_map(|times| times.instants(rows)).collect();
        self.add(rows, &times);
    }

    /// Adds the epochs of a replica, whose values hold at the end of the epoch: the next row tells it, and the grid that of the last one.
    pub(crate) fn add_at_ends(&mut self, epochs: &Columns, grid: &Grid) {
        let starts = epochs.rows::<EpochRecord>().skip(1).map(|epoch| epochs.unix(epoch.start));
        let ends: Vec<i64> = starts.chain([grid.end()]).collect();
        self.add(epochs, &ends);
    }

    /// The values of a column on the grid, by replica: straight between the instants of rows; NaN outside, and `empty` where the table has
    /// nothing.
    pub(crate) fn on_grid(&self, column: &str, empty: f64, grid: &Grid) -> Vec<Vec<f64>> {
        let place = self.columns.iter().position(|known| *known == column).expect("it is one of these columns");
        let filled = |&(time, value): &(i64, f64)| (time, if value.is_nan() { empty } else { value });
        let on_grid = |knots: &Knots| {
            let knots: Knots = knots.iter().map(filled).collect();
            grid.times.iter().map(|&time| between(&knots, time)).collect()
        };
        self.knots[place].iter().map(on_grid).collect()
    }
}

/// The course of a number of each group of a table.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    replicas: usize,
    /// The name of a group, and its course by replica.
    groups: Vec<(String, Vec<Knots>)>,
}

impl Groups {
    /// Adds a replica: group, instant and number of each of its rows.
    pub(crate) fn add<'a>(&mut self, rows: impl Iterator<Item = (&'a str, i64, f64)>) {
        self.replicas += 1;
        for (name, time, value) in rows {
            let place = self.groups.iter().position(|(known, _)| known == name).unwrap_or(self.groups.len());
            if place == self.groups.len() {
                self.groups.push((name.to_owned(), Vec::new()));
            }
            let knots = &mut self.groups[place].1;
            knots.resize(self.replicas, Knots::new());
            knots[self.replicas - 1].push((time, value));
        }
    }

    /// In the order in which they first appear.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[Knots])> {
        self.groups.iter().map(|(name, knots)| (name.as_str(), knots.as_slice()))
    }
}

/// The mean over replicas of their straight lines between knots at an instant; NaN where any has none.
pub(crate) fn mean(replicas: &[Knots], time: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a count of replicas")]
    let count = replicas.len() as f64;
    replicas.iter().map(|knots| between(knots, time)).sum::<f64>() / count
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
        report::fixture::columns,
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
        let epoch = |start: f64, hhi: f64, overhang| EpochRecord {
            start: Seconds::new(start),
            hhi,
            idle_overhang: overhang,
            ..EpochRecord::default()
        };
        let grid = Grid { start: 0, times: vec![50, 100, 200], stride: 1 };
        let mut courses = Courses::of(&["hhi", "idle_overhang"]);
        courses.add_at_ends(&columns(&[epoch(0.0, 1.0, None), epoch(100.0, 2.0, Some(7.0))]), &grid);
        courses.add_at_ends(&columns(&[epoch(0.0, 5.0, Some(6.0))]), &grid);
        let hhi = courses.on_grid("hhi", f64::NAN, &grid);
        assert!(hhi[0][0].is_nan());
        assert_eq!(hhi[0][1..], [1.0, 2.0]);
        assert_eq!((hhi.len(), hhi[1][2]), (2, 5.0));
        let overhang = courses.on_grid("idle_overhang", 9.0, &grid);
        assert_eq!((overhang[0][1], overhang[0][2]), (9.0, 7.0));
    }

    #[test]
    fn a_row_holds_at_its_instant() {
        let row = |time: f64, price_usd: f64, rung: Option<f64>| LadderRecord {
            time: Seconds::new(time),
            price_usd,
            restart_50pct: rung.map(Hashprice::new),
            ..LadderRecord::default()
        };
        let grid = Grid { start: 0, times: vec![50, 100, 150, 200], stride: 1 };
        let mut courses = Courses::of(&["restart_50pct_usd_per_ph_day", "price_usd"]);
        courses.add_at_instants(&columns(&[row(50.0, 1.0, None), row(150.0, 2.0, Some(7.0))]));
        let price = courses.on_grid("price_usd", f64::NAN, &grid);
        assert_eq!((price.len(), &price[0][..3]), (1, [1.0, 1.5, 2.0].as_slice()));
        let rung = courses.on_grid("restart_50pct_usd_per_ph_day", f64::NAN, &grid);
        assert!(rung[0][0].is_nan() && rung[0][1].is_nan() && price[0][3].is_nan());
        assert!((rung[0][2] - 7.0).abs() < 1e-12);
    }
}
