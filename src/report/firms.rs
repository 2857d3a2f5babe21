//! What becomes of firms: survival by class, and how hashrate is shared out.

use std::path::Path;

use super::{
    ReportError,
    epochs::{by_group, mean},
    rows::Rows,
    series::Grid,
};

/// From `survival.csv`: the share of a class's miners of the start that has not failed, each firm counted by the miners that it stood for
/// then; mean over replicas. Miners who were bought or gave up have not failed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Survival {
    /// The class.
    pub class: String,
    /// At the start, and at each instant of a grid; straight between the ends of epochs.
    pub not_failed: Vec<f64>,
}

impl Survival {
    /// The share at the end.
    #[must_use]
    pub fn at_the_end(&self) -> f64 {
        self.not_failed.last().copied().unwrap_or(f64::NAN)
    }
}

/// The classes in the order of the scenario, of the first `limit` replicas; none where the table was not written.
pub(crate) fn survival(folder: &Path, grid: &Grid, limit: usize) -> Result<Vec<Survival>, ReportError> {
    let classes = by_group(folder, "survival", limit, ("group", "liquidated_share"), Some(("by", "class")))?;
    let instants = || std::iter::once(&grid.start).chain(&grid.times);
    let course = |(class, replicas): (String, Vec<_>)| {
        let not_failed = instants().map(|&time| 1.0 - mean(&replicas, time)).collect();
        Survival { class, not_failed }
    };
    Ok(classes.into_iter().map(course).collect())
}

/// Lorenz's curve, the mean over replicas: cumulative share of running hashrate, smallest owners first. Owners are those that go on and
/// have machines, running or not: the same that the Gini coefficient counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lorenz {
    /// Share of hashrate at each of [`LORENZ_POINTS`] + 1 even shares of owners, from 0 to 1; empty if nobody runs anything.
    pub shares: Vec<f64>,
}

/// A Lorenz curve is kept at so many steps.
pub const LORENZ_POINTS: usize = 100;

/// From `firms.csv`, of the first `limit` replicas; empty where the table was not written.
pub(crate) fn lorenz_at_the_end(folder: &Path, limit: usize) -> Result<Lorenz, ReportError> {
    const COLUMNS: [&str; 5] =
        ["replica", "weight", "exit_time_utc", "installed_hashrate_th_per_s", "running_hashrate_th_per_s"];
    let mut rows = match Rows::open(folder, "firms", &COLUMNS) {
        Err(ReportError::MissingTable { .. }) => return Ok(Lorenz::default()),
        rows => rows?,
    };
    let mut owners: Vec<(f64, f64)> = Vec::new();
    let mut curves = LorenzSum::default();
    let (mut replica, mut replicas) = (None, 0);
    while rows.advance()? {
        let now = rows.whole(0)?;
        if replica.replace(now) != Some(now) {
            curves.add(&mut owners);
            if replicas == limit {
                break;
            }
            replicas += 1;
        }
        if rows.text(2)?.is_empty() && rows.number(3)?.unwrap_or(0.0) > 0.0 {
            owners.push((rows.number(4)?.unwrap_or(0.0), rows.number(1)?.unwrap_or(0.0)));
        }
    }
    curves.add(&mut owners);
    Ok(curves.mean())
}

#[derive(Default)]
struct LorenzSum {
    sums: Vec<f64>,
    curves: f64,
}

impl LorenzSum {
    /// Adds the curve of `owners`, each with hashrate and weight, and empties them.
    fn add(&mut self, owners: &mut Vec<(f64, f64)>) {
        owners.retain(|&(_, weight)| weight > 0.0);
        let total: f64 = owners.iter().map(|owner| owner.0).sum();
        let miners: f64 = owners.iter().map(|owner| owner.1).sum();
        if total <= 0.0 {
            owners.clear();
            return;
        }
        // The smallest of the miners that an agent stands for first.
        owners.sort_by(|one, other| (one.0 / one.1).total_cmp(&(other.0 / other.1)));
        self.sums.resize(LORENZ_POINTS + 1, 0.0);
        self.curves += 1.0;
        let (mut below, mut below_hash, mut place) = (0.0, 0.0, 0);
        for (point, sum) in self.sums.iter_mut().enumerate() {
            let wanted = share(point) * miners;
            while let Some(&(hashrate, weight)) = owners.get(place)
                && below + weight < wanted
            {
                below += weight;
                below_hash += hashrate;
                place += 1;
            }
            let part = owners.get(place).map_or(0.0, |&(hashrate, weight)| hashrate * (wanted - below) / weight);
            *sum += ((below_hash + part) / total).min(1.0);
        }
        owners.clear();
    }

    fn mean(self) -> Lorenz {
        Lorenz { shares: self.sums.into_iter().map(|sum| sum / self.curves).collect() }
    }
}

/// The share of miners at a point of a Lorenz curve.
#[expect(clippy::cast_precision_loss, reason = "a hundred")]
#[must_use]
pub fn share(point: usize) -> f64 {
    point as f64 / LORENZ_POINTS as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fmt::Write as _, fs};

    /// Two replicas by hand: of class a none and a half have failed at the end, a quarter on the way; deciles are passed over.
    #[test]
    fn survival_by_hand() {
        let folder = tempfile::tempdir().unwrap();
        let grid = Grid { start: 0, times: vec![50, 100], stride: 1 };
        assert!(survival(folder.path(), &grid, 9).unwrap().is_empty(), "without a table there is nothing");
        let mut text = String::from("replica,time_utc,by,group,surviving_share,liquidated_share\n");
        for (replica, failed) in [(0, [0.0, 0.0]), (1, [0.0, 0.5])] {
            for (time, failed) in ["00:00:00", "00:01:40"].into_iter().zip(failed) {
                writeln!(text, "{replica},1970-01-01T{time}Z,class,a,0,{failed}").unwrap();
                writeln!(text, "{replica},1970-01-01T{time}Z,efficiency_decile,1,0,1").unwrap();
            }
        }
        fs::write(folder.path().join("survival.csv"), text).unwrap();
        let found = survival(folder.path(), &grid, 9).unwrap();
        assert_eq!((found.len(), &*found[0].class, found[0].at_the_end()), (1, "a", 0.75));
        assert_eq!(found[0].not_failed, [1.0, 0.875, 0.75]);
    }

    /// Of two owners who live one runs nothing; one that has left and one that has no machines are no owners: half of the owners run nothing.
    #[test]
    fn owners_live_and_have_machines() {
        let folder = tempfile::tempdir().unwrap();
        assert!(lorenz_at_the_end(folder.path(), 9).unwrap().shares.is_empty());
        let text = "replica,weight,exit_time_utc,installed_hashrate_th_per_s,running_hashrate_th_per_s\n\
                    0,1,,5,5\n0,1,,5,0\n0,1,1970-01-01T00:00:00Z,5,0\n0,7,,0,0\n";
        fs::write(folder.path().join("firms.csv"), text).unwrap();
        let shares = lorenz_at_the_end(folder.path(), 9).unwrap().shares;
        assert!(shares[50].abs() < 1e-12 && (shares[75] - 0.5).abs() < 1e-12, "{shares:?}");
    }

    /// A miner with three quarters of the hashrate beside one agent that stands for three with the rest.
    #[test]
    fn lorenz_by_hand() {
        let mut sum = LorenzSum::default();
        sum.add(&mut vec![(9.0, 1.0), (3.0, 3.0)]);
        let shares = sum.mean().shares;
        let at = |point: usize| shares[point];
        assert!((at(0) - 0.0).abs() < 1e-12 && (at(100) - 1.0).abs() < 1e-12);
        assert!((at(75) - 0.25).abs() < 1e-12, "{}", at(75));
        assert!((at(25) - 1.0 / 12.0).abs() < 1e-12, "{}", at(25));
        assert!((at(90) - (0.25 + 0.75 * 0.6)).abs() < 1e-12, "{}", at(90));
    }

    #[test]
    fn nobody_running_has_no_curve() {
        let mut sum = LorenzSum::default();
        sum.add(&mut vec![(0.0, 1.0)]);
        assert!(sum.mean().shares.is_empty());
    }
}
