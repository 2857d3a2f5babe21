//! Prior distributions of the parameters.
//!
//! | law | density of the parameter θ between `low` and `high` | coordinate u |
//! |---|---|---|
//! | uniform | constant | θ |
//! | log-uniform | ∝ 1/θ | ln θ |
//! | normal | ∝ exp(−(θ − m)²/(2 s²)) | θ |
//!
//! Sampling and regression use the coordinate u, in which the uniform and the log-uniform prior are flat. Every prior has a lower
//! end a and an upper end b, so that the logit ln((u − a)/(b − u)) of the coordinate maps the support onto the real line: values
//! that are adjusted on that scale stay within the support.

use crate::{
    random::standard_normal,
    scenario::{KeyPrior, Law, prior_of},
};
use rand::RngExt;

/// A prior: its distribution and its ends, in the unit of the parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior {
    /// The distribution.
    pub law: Law,
    /// The smallest value.
    pub low: f64,
    /// The largest value.
    pub high: f64,
}

/// Number of intervals for numerical integration over the support.
const PARTS: u32 = 2000;

/// The largest absolute logit; beyond it a coordinate equals an end of the support up to rounding.
const MOST_LOGIT: f64 = 30.0;

impl Prior {
    /// The prior declared with a key, if there is one.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        prior_of(key).map(|KeyPrior { law, low, high, .. }| Self { law, low, high })
    }

    /// The coordinate of a value.
    #[must_use]
    pub fn coordinate(&self, value: f64) -> f64 {
        if self.law == Law::LogUniform { libm::log(value) } else { value }
    }

    /// The value at a coordinate, clamped to the support.
    #[must_use]
    pub fn value(&self, coordinate: f64) -> f64 {
        let value = if self.law == Law::LogUniform { libm::exp(coordinate) } else { coordinate };
        value.clamp(self.low, self.high)
    }

    /// The ends of the support, as coordinates.
    #[must_use]
    pub fn ends(&self) -> (f64, f64) {
        (self.coordinate(self.low), self.coordinate(self.high))
    }

    /// Whether a coordinate lies in the support.
    #[must_use]
    pub fn holds(&self, coordinate: f64) -> bool {
        let (low, high) = self.ends();
        (low..=high).contains(&coordinate)
    }

    /// Draws a value from the prior.
    pub fn draw(&self, random: &mut impl rand::Rng) -> f64 {
        let (low, high) = self.ends();
        match self.law {
            Law::Uniform | Law::LogUniform => self.value(low + (high - low) * random.random::<f64>()),
            Law::Normal { mean, sd } => loop {
                let value = mean + sd * standard_normal(random);
                if (self.low..=self.high).contains(&value) {
                    return value;
                }
            },
        }
    }

    /// The density of the coordinate within the support, up to a constant factor.
    #[must_use]
    pub fn density(&self, coordinate: f64) -> f64 {
        match self.law {
            Law::Uniform | Law::LogUniform => 1.0,
            Law::Normal { mean, sd } => {
                let z = (coordinate - mean) / sd;
                libm::exp(-0.5 * z * z)
            }
        }
    }

    /// The logit of the coordinate between the ends, from −30 to 30.
    #[must_use]
    pub fn logit(&self, coordinate: f64) -> f64 {
        let (low, high) = self.ends();
        libm::log((coordinate - low) / (high - coordinate)).clamp(-MOST_LOGIT, MOST_LOGIT)
    }

    /// The coordinate that has this logit.
    #[must_use]
    pub fn from_logit(&self, logit: f64) -> f64 {
        let (low, high) = self.ends();
        let share = 1.0 / (1.0 + libm::exp(-logit.clamp(-MOST_LOGIT, MOST_LOGIT)));
        low + (high - low) * share
    }

    /// The standard deviation of the coordinate, computed by the midpoint rule.
    #[must_use]
    pub fn sd(&self) -> f64 {
        let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
        for (coordinate, density) in self.grid() {
            mass += density;
            first += density * coordinate;
            second += density * coordinate * coordinate;
        }
        let mean = first / mass;
        libm::sqrt((second / mass - mean * mean).max(0.0))
    }

    /// The value below which this share of the probability lies, computed by the midpoint rule.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        let mass: f64 = self.grid().map(|(_, density)| density).sum();
        let (low, high) = self.ends();
        let step = (high - low) / f64::from(PARTS);
        let mut left = share * mass;
        for (coordinate, density) in self.grid() {
            if left <= density {
                return self.value(coordinate + step * (left / density - 0.5));
            }
            left -= density;
        }
        self.high
    }

    /// Evenly spaced coordinates, each with its density.
    fn grid(&self) -> impl Iterator<Item = (f64, f64)> {
        let (low, high) = self.ends();
        let step = (high - low) / f64::from(PARTS);
        (0..PARTS).map(move |part| {
            let coordinate = low + step * (f64::from(part) + 0.5);
            (coordinate, self.density(coordinate))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    const ALL: [Prior; 3] = [
        Prior { law: Law::Uniform, low: -1.0, high: 3.0 },
        Prior { law: Law::LogUniform, low: 20.0, high: 1000.0 },
        Prior { law: Law::Normal { mean: 1.0, sd: 0.5 }, low: 0.8, high: 4.0 },
    ];

    /// Quantiles and standard deviations of draws agree with those computed, within four standard errors.
    #[test]
    fn draws_follow_the_distribution_of_the_prior() {
        const N: u32 = 20_000;
        for prior in ALL {
            let mut random = stream(3, 0, Purpose::Calibration, 1);
            let drawn: Vec<f64> = (0..N).map(|_| prior.draw(&mut random)).collect();
            assert!(drawn.iter().all(|&value| prior.holds(prior.coordinate(value))));
            for share in [0.05, 0.3, 0.5, 0.9] {
                let limit = prior.quantile(share);
                let below = drawn.iter().filter(|&&value| value <= limit).count();
                let found = f64::from(u32::try_from(below).unwrap()) / f64::from(N);
                let error = (share * (1.0 - share) / f64::from(N)).sqrt();
                assert!((found - share).abs() < 4.0 * error, "{prior:?}: {found} of draws below the {share}-quantile");
            }
            let mean = drawn.iter().map(|&v| prior.coordinate(v)).sum::<f64>() / f64::from(N);
            let square = |&v: &f64| (prior.coordinate(v) - mean) * (prior.coordinate(v) - mean);
            let sd = (drawn.iter().map(square).sum::<f64>() / f64::from(N)).sqrt();
            assert!((sd / prior.sd() - 1.0).abs() < 0.03, "{prior:?}: {sd} and {}", prior.sd());
        }
    }

    #[test]
    fn quantiles_and_deviations_agree_with_closed_forms() {
        assert!((ALL[0].sd() - 4.0 / 12.0_f64.sqrt()).abs() < 1e-6);
        assert!((ALL[1].quantile(0.5) - (20.0_f64 * 1000.0).sqrt()).abs() < 1e-9);
    }

    #[test]
    fn the_logit_of_a_coordinate_is_inverted_by_from_logit() {
        for prior in ALL {
            for share in [0.001, 0.2, 0.5, 0.97] {
                let (low, high) = prior.ends();
                let coordinate = low + share * (high - low);
                assert!((prior.from_logit(prior.logit(coordinate)) - coordinate).abs() < 1e-9 * (high - low));
            }
            for logit in [-1e9, -40.0, 0.0, 40.0, 1e9] {
                let value = prior.value(prior.from_logit(logit));
                assert!(value >= prior.low && value <= prior.high, "{value}");
            }
        }
    }
}
