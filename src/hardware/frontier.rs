//! The efficiency frontier: the efficiency of the best machine on sale and its progress.
//!
//! Manufacturers bring out generations at regular intervals. Each needs less energy per hash than the one before, so that on average
//! it falls by a constant share a year:
//!
//! `e(n) = e_0 (1 - fall)^(n step)`, on sale from `n step` years on, n = 0, 1, 2 ...
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | `e_0` | `Frontier::today` | J/TH | the machine on sale at the start |
//! | fall | `fall_per_year` | 1/year | fall of energy per hash |
//! | step | `step` | s | time between generations |
//!
//! A unit of every generation draws the same power: its hashrate grows as its energy per hash falls. This holds within
//! a factor of two and a half since 2016 (1.3 kW of an S9 to 3.5 kW of an S21), and a site is limited by power, not by the number of machines.
//!
//! **Known error.** Generations come at even intervals, and all manufacturers are one. Fleet efficiency fell by 20 % a year from 2018 to
//! 2025, and steps came 18 to 24 months apart. There is no physical lower bound.

use super::Machine;
use crate::units::{Days, Efficiency, Hashrate, Seconds, YEAR_DAYS};

/// Lower bound of energy per hash: a later generation equals the last one above it.
const LEAST_J_PER_TH: f64 = 0.01;

/// Progress of machines on sale.
#[derive(Clone, Debug, PartialEq)]
pub struct Frontier {
    /// The machine on sale at the start.
    pub today: Machine,
    /// Share by which energy per hash falls in a year.
    pub fall_per_year: f64,
    /// Time between generations.
    pub step: Seconds,
}

impl Frontier {
    /// The machines released within a run of this length, with their instants, without today's. Empty if there is no progress.
    #[must_use]
    pub fn generations(&self, run: Days) -> Vec<(Seconds, Machine)> {
        let mut coming = Vec::new();
        if self.fall_per_year <= 0.0 || self.step <= Seconds::ZERO {
            return coming;
        }
        let years = Days::from(self.step).get() / YEAR_DAYS;
        for n in 1.. {
            let at = self.step * f64::from(n);
            if at >= Seconds::from(run) {
                break;
            }
            let better = libm::pow(1.0 - self.fall_per_year, f64::from(n) * years);
            if self.today.efficiency.get() * better < LEAST_J_PER_TH {
                break;
            }
            coming.push((
                at,
                Machine {
                    model: format!("{} +{n}", self.today.model),
                    manufacturer: self.today.manufacturer.clone(),
                    hashrate: Hashrate::from_th(self.today.hashrate.th() / better),
                    efficiency: Efficiency::new(self.today.efficiency.get() * better),
                    release: self.today.release,
                    cooling: self.today.cooling,
                },
            ));
        }
        coming
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hardware::find;

    fn frontier(fall_per_year: f64, step_days: f64) -> Frontier {
        let today = find("Antminer S21 (200Th)").expect("in the catalogue");
        Frontier { today, fall_per_year, step: Days::new(step_days).into() }
    }

    /// 20 % a year in steps of two years: 17.75, then 11.36, then 7.2704 J/TH, at constant power.
    #[test]
    fn energy_per_hash_falls_by_its_share_and_power_stays() {
        let coming = frontier(0.2, 730.0).generations(Days::new(1461.0));
        assert_eq!(coming.iter().map(|(at, _)| Days::from(*at).get()).collect::<Vec<_>>(), [730.0, 1460.0]);
        for ((_, machine), e) in coming.iter().zip([11.36, 7.2704]) {
            assert!((machine.efficiency.get() - e).abs() < 1e-9, "{}", machine.efficiency);
            assert!((machine.power().w() - 3550.0).abs() < 0.01);
        }
        assert_eq!(coming[1].1.model, "Antminer S21 (200Th) +2");
    }

    /// The size of the steps does not change the trend.
    #[test]
    fn finer_steps_reach_the_same_place() {
        let last = |step| {
            let coming = frontier(0.3, step).generations(Days::new(3651.0));
            coming.last().expect("generations").1.efficiency.get()
        };
        assert!((last(365.0) / last(730.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_comes_where_nothing_gets_better() {
        assert!(frontier(0.0, 640.0).generations(Days::new(5000.0)).is_empty());
        assert!(frontier(0.2, 640.0).generations(Days::new(640.0)).is_empty(), "not within the run");
    }
}
