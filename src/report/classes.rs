//! Running hashrate of each class of miners.

use super::{
    bands::Grid,
    epochs::{Groups, Knots, mean},
};
use crate::{declare::Columns, simulation::record::ClassRecord, study::score::quantile};

/// From `classes.csv`: a class of miners.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassCourse {
    /// Its name.
    pub name: String,
    /// EH/s running at each instant of a grid, mean over replicas; NaN before the first epoch's end.
    pub running: Vec<f64>,
    /// EH/s running at the first epoch's end, over replicas.
    pub first: Middle,
    /// The lowest at any epoch's end over the first, over the replicas in which it runs at first.
    pub lowest_share: Middle,
    /// The last over the first.
    pub last_share: Middle,
}

/// Median and 90 % band; NaN of none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Middle {
    /// Lower edge of the band.
    pub p05: f64,
    /// Median.
    pub p50: f64,
    /// Upper edge.
    pub p95: f64,
}

impl Middle {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let [p05, p50, p95] = [0.05, 0.5, 0.95].map(|share| quantile(&values, share));
        Self { p05, p50, p95 }
    }
}

/// Adds a replica of `classes.csv`.
pub(crate) fn add(groups: &mut Groups, rows: &Columns) {
    groups.add(rows.rows::<ClassRecord<'_>>().map(|row| (row.class, rows.unix(row.time), row.running.eh())));
}

/// The classes in the order of the scenario.
pub(crate) fn courses(groups: &Groups, grid: &Grid) -> Vec<ClassCourse> {
    groups.iter().map(|(name, replicas)| course(name, replicas, grid)).collect()
}

fn course(name: &str, replicas: &[Knots], grid: &Grid) -> ClassCourse {
    let first = |knots: &Knots| knots.first().map_or(f64::NAN, |&(_, running)| running);
    let lowest = |knots: &Knots| knots.iter().map(|&(_, running)| running).fold(f64::INFINITY, f64::min);
    let last = |knots: &Knots| knots.last().map_or(f64::NAN, |&(_, running)| running);
    let share = |of: &dyn Fn(&Knots) -> f64| {
        let runs = replicas.iter().filter(|knots| first(knots) > 0.0);
        Middle::of(runs.map(|knots| of(knots) / first(knots)).collect())
    };
    ClassCourse {
        running: grid.times.iter().map(|&time| mean(replicas, time)).collect(),
        first: Middle::of(replicas.iter().map(first).collect()),
        lowest_share: share(&lowest),
        last_share: share(&last),
        name: name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        report::fixture::columns,
        units::{Hashrate, Seconds},
    };

    /// Of two replicas: of 10 EH/s 4 and then 8 are left, of 20 first 15 and then 5.
    #[test]
    fn a_class_is_told_by_its_first_lowest_and_last() {
        let grid = Grid { start: 0, times: vec![50, 100, 150, 200], stride: 1 };
        let row = |time: f64, class: &'static str, running: f64| ClassRecord {
            time: Seconds::new(time),
            class,
            running: Hashrate::from_eh(running),
            ..ClassRecord::default()
        };
        let mut groups = Groups::default();
        for running in [[10.0, 4.0, 8.0], [20.0, 15.0, 5.0]] {
            let instants = [100.0, 150.0, 200.0].into_iter().zip(running);
            let rows = instants.flat_map(|(time, running)| [row(time, "home", running), row(time, "gone", 0.0)]);
            add(&mut groups, &columns(&rows.collect::<Vec<_>>()));
        }
        let found = courses(&groups, &grid);
        let home = &found[0];
        assert!(home.running[0].is_nan());
        assert_eq!((&*home.name, &home.running[1..]), ("home", [15.0, 9.5, 6.5].as_slice()));
        let middles = [home.first, home.lowest_share, home.last_share].map(|middle| middle.p50);
        let near = |(a, b): (&f64, f64)| (a - b).abs() < 1e-12;
        assert!(middles.iter().zip([15.0, 0.325, 0.525]).all(near), "{middles:?}");
        assert!((home.lowest_share.p95 - 0.3925).abs() < 1e-12, "{:?}", home.lowest_share);
        assert!(found[1].last_share.p50.is_nan(), "nothing ran at first");
    }
}
