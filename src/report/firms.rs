//! What becomes of firms: survival by class, and how hashrate is shared out.

use std::{collections::BTreeMap, path::Path};

use super::{ReportError, rows::Rows, series::Grid};

/// From `firms.csv`: all replicas read are pooled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Firms {
    /// In the order of the scenario.
    pub survival: Vec<Survival>,
    /// How running hashrate is shared out at the end.
    pub lorenz_end: Lorenz,
}

/// Kaplan and Meier's estimate for one class, *J. Am. Stat. Assoc.* 53 (1958), 457–481: where firms of weight d fail
/// at an instant at which firms of weight n are still there, the share of survivors is multiplied by 1 − d/n.
/// A firm that left in another way, or is there at the end, is known to have lived so long and no more.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Survival {
    /// The class.
    pub class: String,
    /// Instants of failures, seconds since 1970, the run's start before them and its end after them.
    pub times: Vec<i64>,
    /// Share of the class, by weight, that has not failed up to and with that instant.
    pub shares: Vec<f64>,
    /// Firms by weight, of all replicas.
    pub at_start: f64,
    /// Of these, failed.
    pub failed: f64,
}

/// Lorenz's curve, the mean over replicas: the smallest so much of the miners run so much of the hashrate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lorenz {
    /// Share of hashrate at each of [`LORENZ_POINTS`] + 1 even shares of miners, from 0 to 1; empty if nobody runs anything.
    pub shares: Vec<f64>,
}

/// A Lorenz curve is kept at so many steps.
pub const LORENZ_POINTS: usize = 100;

/// When a firm left, and its weight.
struct Exit {
    time: i64,
    weight: f64,
    failed: bool,
}

impl Firms {
    /// Reads the first `limit` replicas.
    pub(super) fn read(folder: &Path, grid: &Grid, limit: usize) -> Result<Self, ReportError> {
        const COLUMNS: [&str; 6] =
            ["replica", "class", "weight", "state", "exit_time_utc", "running_hashrate_th_per_s"];
        let mut rows = Rows::open(folder, "firms", &COLUMNS)?;
        let mut classes: Vec<(String, Vec<Exit>)> = Vec::new();
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
            let weight = rows.number(2)?.unwrap_or(0.0);
            let class = rows.text(1)?;
            let place = classes.iter().position(|(name, _)| name == class).unwrap_or_else(|| {
                classes.push((class.to_owned(), Vec::new()));
                classes.len() - 1
            });
            let left = if rows.text(4)?.is_empty() { None } else { Some(rows.time(4)?) };
            let time = left.unwrap_or(grid.end()).clamp(grid.start, grid.end());
            classes[place].1.push(Exit { time, weight, failed: left.is_some() && rows.text(3)? == "liquidated" });
            owners.push((rows.number(5)?.unwrap_or(0.0), weight));
        }
        curves.add(&mut owners);
        let survival = classes.into_iter().map(|(class, exits)| Survival::of(class, exits, grid)).collect();
        Ok(Self { survival, lorenz_end: curves.mean() })
    }
}

impl Survival {
    fn of(class: String, exits: Vec<Exit>, grid: &Grid) -> Self {
        let at_start: f64 = exits.iter().map(|exit| exit.weight).sum();
        let mut by_time: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
        for exit in exits {
            let (failed, gone) = by_time.entry(exit.time).or_default();
            *failed += if exit.failed { exit.weight } else { 0.0 };
            *gone += exit.weight;
        }
        let (mut there, mut share, mut failed_in_all) = (at_start, 1.0, 0.0);
        let (mut times, mut shares) = (vec![grid.start], vec![1.0]);
        for (time, (failed, gone)) in by_time {
            if failed > 0.0 && there > 0.0 {
                share *= (1.0 - failed / there).max(0.0);
                times.push(time);
                shares.push(share);
            }
            there -= gone;
            failed_in_all += failed;
        }
        times.push(grid.end());
        shares.push(share);
        Self { class, times, shares, at_start, failed: failed_in_all }
    }
}

#[derive(Default)]
struct LorenzSum {
    sums: Vec<f64>,
    curves: f64,
}

impl LorenzSum {
    /// Adds the curve of `owners`, each with hashrate and weight, and empties them.
    fn add(&mut self, owners: &mut Vec<(f64, f64)>) {
        owners.retain(|&(hashrate, weight)| weight > 0.0 && hashrate > 0.0);
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

    const GRID: fn() -> Grid = || Grid { start: 0, times: vec![100], stride: 1 };

    fn exit(time: i64, weight: f64, failed: bool) -> Exit {
        Exit { time, weight, failed }
    }

    /// By hand: of 10 miners 2 fail at 20 (8/10 live), 4 leave otherwise at 30, of the remaining 4 one fails at 50 (3/4 of that).
    #[test]
    fn survival_by_hand() {
        let exits = vec![exit(30, 4.0, false), exit(20, 2.0, true), exit(100, 3.0, false), exit(50, 1.0, true)];
        let survival = Survival::of("home".into(), exits, &GRID());
        assert_eq!(survival.times, [0, 20, 50, 100]);
        let expected = [1.0, 0.8, 0.6, 0.6];
        assert!(survival.shares.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-12), "{survival:?}");
        assert_eq!((survival.at_start, survival.failed), (10.0, 3.0));
    }

    /// A miner with three quarters of the hashrate beside one agent that stands for three with the rest.
    #[test]
    fn lorenz_by_hand() {
        let mut sum = LorenzSum::default();
        sum.add(&mut vec![(9.0, 1.0), (3.0, 3.0), (0.0, 5.0)]);
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
