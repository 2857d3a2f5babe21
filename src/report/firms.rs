//! What becomes of firms: survival by class, by power price and by efficiency, and how hashrate is shared out.

use std::collections::BTreeMap;

use super::{
    bands::Grid,
    epochs::{Groups, mean},
};
use crate::{
    declare::Columns,
    simulation::record::{FirmRecord, SurvivalRecord},
    units::Hashrate,
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

/// Adds a replica of `survival.csv`.
pub(crate) fn add_survival(groups: &mut Groups, rows: &Columns) {
    let of_classes = rows.rows::<SurvivalRecord<'_>>().filter(|row| row.by == "class");
    groups.add(of_classes.map(|row| (row.group, rows.unix(row.time), row.liquidated_share)));
}

/// The classes in the order of the scenario.
pub(crate) fn survival(groups: &Groups, grid: &Grid) -> Vec<Survival> {
    let instants = || std::iter::once(&grid.start).chain(&grid.times);
    let course = |(class, replicas): (&str, &[_])| Survival {
        class: class.to_owned(),
        not_failed: instants().map(|&time| 1.0 - mean(replicas, time)).collect(),
    };
    groups.iter().map(course).collect()
}

/// From `survival.csv`: what is left at the end of each tenth of the hashrate of the start, means over replicas.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tenths {
    /// Share whose owners go on, in the order of the tenths.
    pub surviving: Vec<f64>,
    /// Hashrate that these firms run, over that of the start.
    pub running: Vec<f64>,
}

/// The sums of tenths over replicas.
#[derive(Debug, Default)]
pub(crate) struct TenthSum(BTreeMap<u8, (f64, f64, f64)>);

impl TenthSum {
    /// Adds a replica of `survival.csv`: the rows of this order at the latest instant.
    pub(crate) fn add(&mut self, rows: &Columns, by: &str) {
        let last = rows.rows::<SurvivalRecord<'_>>().map(|row| row.time.get()).fold(0.0, f64::max);
        let of_order = rows.rows::<SurvivalRecord<'_>>().filter(|row| row.by == by && row.time.get() >= last);
        for row in of_order {
            let Ok(decile) = row.group.parse() else { continue };
            let (replicas, surviving, running) = self.0.entry(decile).or_default();
            *replicas += 1.0;
            *surviving += row.surviving_hashrate_share;
            *running += row.running_share;
        }
    }

    pub(crate) fn mean(&self) -> Tenths {
        let mean = |of: fn(&(f64, f64, f64)) -> f64| self.0.values().map(|sums| of(sums) / sums.0).collect();
        Tenths { surviving: mean(|sums| sums.1), running: mean(|sums| sums.2) }
    }
}

/// Lorenz's curve, the mean over replicas: cumulative share of running hashrate, smallest owners first. Owners are those that go on and
/// have machines, running or not: the same that the Gini coefficient counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lorenz {
    /// Share of hashrate at each of [`LORENZ_POINTS`] + 1 even shares of owners, from 0 to 1; empty if nobody runs anything.
    pub shares: Vec<f64>,
}

/// The number of steps at which a Lorenz curve is kept.
pub const LORENZ_POINTS: usize = 100;

/// The sum of the Lorenz curves of replicas.
#[derive(Debug, Default)]
pub(crate) struct LorenzSum {
    sums: Vec<f64>,
    curves: f64,
}

impl LorenzSum {
    /// Adds a replica of `firms.csv`.
    pub(crate) fn add_firms(&mut self, rows: &Columns) {
        let owners = rows.rows::<FirmRecord<'_>>();
        let owners = owners.filter(|firm| firm.exit.is_none() && firm.installed > Hashrate::ZERO);
        self.add(owners.map(|firm| (firm.running.th(), firm.weight)).collect());
    }

    /// Adds the curve of `owners`, each with hashrate and weight.
    fn add(&mut self, mut owners: Vec<(f64, f64)>) {
        owners.retain(|&(_, weight)| weight > 0.0);
        let total: f64 = owners.iter().map(|owner| owner.0).sum();
        let miners: f64 = owners.iter().map(|owner| owner.1).sum();
        if total <= 0.0 {
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
    }

    pub(crate) fn mean(&self) -> Lorenz {
        Lorenz { shares: self.sums.iter().map(|sum| sum / self.curves).collect() }
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
    use crate::{report::fixture::columns, units::Seconds};

    /// Of two replicas, the last instant counts, and of the order that is asked for.
    #[test]
    fn tenths_by_hand() {
        let row = |time: f64, by: &'static str, group: &'static str, surviving_hashrate_share: f64| SurvivalRecord {
            time: Seconds::new(time),
            by,
            group,
            surviving_hashrate_share,
            running_share: surviving_hashrate_share / 2.0,
            ..SurvivalRecord::default()
        };
        let mut sum = TenthSum::default();
        for end in [0.4, 0.8] {
            let rows = [
                row(0.0, "power_price_decile", "1", 1.0),
                row(9.0, "power_price_decile", "1", 1.0),
                row(9.0, "power_price_decile", "10", end),
                row(9.0, "efficiency_decile", "10", 0.0),
                row(9.0, "class", "home", 0.0),
            ];
            sum.add(&columns(&rows), "power_price_decile");
        }
        let found = sum.mean();
        let near = |found: &[f64], expected: [f64; 2]| {
            found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-12) && found.len() == 2
        };
        assert!(near(&found.surviving, [1.0, 0.6]) && near(&found.running, [0.5, 0.3]), "{found:?}");
    }

    /// Two replicas by hand: of class a none and a half have failed at the end, a quarter on the way; deciles are passed over.
    #[test]
    fn survival_by_hand() {
        let grid = Grid { start: 0, times: vec![50, 100], stride: 1 };
        let row = |time: f64, by: &'static str, group: &'static str, liquidated_share: f64| SurvivalRecord {
            time: Seconds::new(time),
            by,
            group,
            liquidated_share,
            ..SurvivalRecord::default()
        };
        let mut groups = Groups::default();
        for failed in [[0.0, 0.0], [0.0, 0.5]] {
            let instants = [0.0, 100.0].into_iter().zip(failed);
            let rows = |(time, failed)| [row(time, "class", "a", failed), row(time, "efficiency_decile", "1", 1.0)];
            add_survival(&mut groups, &columns(&instants.flat_map(rows).collect::<Vec<_>>()));
        }
        let found = survival(&groups, &grid);
        assert_eq!((found.len(), &*found[0].class, found[0].at_the_end()), (1, "a", 0.75));
        assert_eq!(found[0].not_failed, [1.0, 0.875, 0.75]);
    }

    /// Of two owners who live one runs nothing; one that has left and one that has no machines are no owners: half of the owners run nothing.
    #[test]
    fn owners_live_and_have_machines() {
        let firm = |weight: f64, exit: Option<f64>, installed: f64, running: f64| FirmRecord {
            weight,
            exit: exit.map(Seconds::new),
            installed: Hashrate::from_th(installed),
            running: Hashrate::from_th(running),
            ..FirmRecord::default()
        };
        let firms = vec![
            firm(1.0, None, 5.0, 5.0),
            firm(1.0, None, 5.0, 0.0),
            firm(1.0, Some(0.0), 5.0, 0.0),
            firm(7.0, None, 0.0, 0.0),
        ];
        let mut sum = LorenzSum::default();
        sum.add_firms(&columns(&firms));
        let shares = sum.mean().shares;
        assert!(shares[50].abs() < 1e-12 && (shares[75] - 0.5).abs() < 1e-12, "{shares:?}");
    }

    /// A miner with three quarters of the hashrate beside one agent that stands for three with the rest.
    #[test]
    fn lorenz_by_hand() {
        let mut sum = LorenzSum::default();
        sum.add(vec![(9.0, 1.0), (3.0, 3.0)]);
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
        sum.add(vec![(0.0, 1.0)]);
        assert!(sum.mean().shares.is_empty());
    }
}
