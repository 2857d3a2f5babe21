//! Scores of rolling forecasts by horizon.
//!
//! ```text
//! CRPS of a normal forecast:  s (w (2 Phi(w) - 1) + 2 phi(w) - 1/sqrt(pi)),   w = e / s
//! Diebold and Mariano:  t = mean(d) / sqrt(V / n),   d = e1^2 - e2^2,   V = g_0 + 2 sum_k (1 - k/(L+1)) g_k,   L = h + 3
//! ```
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `e` | observed minus forecast logarithm of hashrate | 1 |
//! | `s` | standard deviation of the forecast, from its past errors or from its ensemble | 1 |
//! | `g_k` | autocovariance of `d` at lag k | 1 |
//!
//! Source: Gneiting and Raftery 2007; Diebold and Mariano 1995, with the kernel of Newey and West 1987.

use super::{AHEAD, Forecasts};
use crate::study::score::{mean, root_mean_square};
use serde::Serialize;

/// Horizons that are scored, in epochs from the origin; horizon 1 is the epoch that begins at the origin.
pub const HORIZONS: [usize; 6] = [1, 2, 4, 7, 13, 26];

/// Minimum and maximum number of past errors from which a forecast without an ensemble derives its bands.
const PAST: (usize, usize) = (20, 104);

/// The 95 % quantile of the standard normal distribution, for bands that contain 90 %.
const NINETY: f64 = 1.644_853_626_951_472_7;

/// Number of equal parts into which the probability of an outcome is sorted.
pub const PARTS: usize = 5;

/// Scores of one forecast at each of [`HORIZONS`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scores {
    /// Root mean square error.
    pub rmse: [f64; 6],
    /// Mean CRPS.
    pub crps: [f64; 6],
    /// Share of outcomes within the 90 % band.
    pub coverage: [f64; 6],
    /// Share of outcomes to which the forecast gave a probability integral (the forecast probability of less) in each fifth of 0 to 1; a
    /// fifth each if the bands are right.
    pub pit: [[f64; PARTS]; 6],
    /// Number of outcomes scored.
    pub n: [usize; 6],
}

/// The quantities from which a forecast is scored, by origin and epochs ahead; NaN where there is no forecast or outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Observed minus forecast.
    pub errors: Forecasts,
    /// CRPS of each outcome.
    pub crps: Forecasts,
    /// Observed minus the 5 % quantile of the forecast.
    pub above_low: Forecasts,
    /// Observed minus the 95 % quantile of the forecast.
    pub above_high: Forecasts,
    /// Probability integral: the forecast probability of less than the outcome.
    pub pit: Forecasts,
}

/// A forecast with the quantities from which it is scored.
pub(super) struct Scored {
    pub(super) name: String,
    pub(super) evidence: Evidence,
}

impl Evidence {
    /// The quantities for a forecast without an ensemble, with bands from its own past errors.
    #[must_use]
    pub fn of_past_errors(errors: Forecasts) -> Self {
        let mut found = Self::without_bands(errors);
        for ahead in 0..AHEAD {
            for origin in 0..found.errors.len() {
                let error = found.errors[origin][ahead];
                // The error of an epoch is known at the origin if the epoch has ended.
                let known = found.errors[..origin.saturating_sub(ahead)].iter().map(|row| row[ahead]);
                let past: Vec<f64> = known.filter(|error| !error.is_nan()).collect();
                if error.is_nan() || past.len() < PAST.0 {
                    continue;
                }
                let spread = root_mean_square(&past[past.len().saturating_sub(PAST.1)..]);
                found.crps[origin][ahead] = normal_crps(error, spread);
                found.above_low[origin][ahead] = error + NINETY * spread;
                found.above_high[origin][ahead] = error - NINETY * spread;
                found.pit[origin][ahead] = normal_below(error / spread);
            }
        }
        found
    }

    /// The quantities for a forecast of which only the errors are known.
    #[must_use]
    pub fn without_bands(errors: Forecasts) -> Self {
        let nothing = vec![[f64::NAN; AHEAD]; errors.len()];
        let (above_low, above_high) = (nothing.clone(), nothing.clone());
        Self { errors, crps: nothing.clone(), above_low, above_high, pit: nothing }
    }

    /// Whether an outcome is within the 90 % band: 1 or 0; NaN where there is no band.
    #[must_use]
    pub fn within(&self, origin: usize, ahead: usize) -> f64 {
        let (low, high) = (self.above_low[origin][ahead], self.above_high[origin][ahead]);
        if low.is_nan() { f64::NAN } else { f64::from(u8::from(low >= 0.0 && high <= 0.0)) }
    }

    /// Scores over some origins, restricted to the outcomes for which `common` is true.
    #[must_use]
    pub fn scores(&self, origins: std::ops::Range<usize>, common: &dyn Fn(usize, usize) -> bool) -> Scores {
        let nothing = [f64::NAN; 6];
        let mut scores =
            Scores { rmse: nothing, crps: nothing, coverage: nothing, pit: [[f64::NAN; PARTS]; 6], n: [0; 6] };
        for (place, horizon) in HORIZONS.iter().enumerate() {
            let ahead = horizon - 1;
            let values = |of: &dyn Fn(usize) -> f64| -> Vec<f64> {
                let counted = origins.clone().filter(|origin| common(*origin, ahead));
                counted.map(of).filter(|value| !value.is_nan()).collect()
            };
            let errors = values(&|origin| self.errors[origin][ahead]);
            scores.n[place] = errors.len();
            scores.rmse[place] = root_mean_square(&errors);
            scores.crps[place] = mean(&values(&|origin| self.crps[origin][ahead]));
            scores.coverage[place] = mean(&values(&|origin| self.within(origin, ahead)));
            scores.pit[place] = in_parts(&values(&|origin| self.pit[origin][ahead]));
        }
        scores
    }
}

/// Share of probabilities in each of [`PARTS`] equal parts of 0 to 1; NaN if there are none.
fn in_parts(probabilities: &[f64]) -> [f64; PARTS] {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred outcomes and five parts")]
    std::array::from_fn(|part| {
        let (low, high) = (part as f64 / PARTS as f64, (part + 1) as f64 / PARTS as f64);
        let is_in = |p: &&f64| **p >= low && (**p < high || (part + 1 == PARTS && **p <= high));
        probabilities.iter().filter(is_in).count() as f64 / probabilities.len() as f64
    })
}

/// Probability that a standard normal number is below `w`.
fn normal_below(w: f64) -> f64 {
    0.5 * libm::erfc(-w / std::f64::consts::SQRT_2)
}

/// CRPS of a normal forecast with standard deviation `spread`, if the outcome minus the mean is `error`.
#[must_use]
pub fn normal_crps(error: f64, spread: f64) -> f64 {
    let w = error / spread;
    let density = libm::exp(-0.5 * w * w) / libm::sqrt(std::f64::consts::TAU);
    let below = normal_below(w);
    spread * (w * (2.0 * below - 1.0) + 2.0 * density - 1.0 / libm::sqrt(std::f64::consts::PI))
}

/// The t-statistic of Diebold and Mariano for two series of losses at a horizon; negative if the first series is smaller. NaN if
/// there are fewer than ten pairs.
#[must_use]
pub fn diebold_mariano(losses: &[f64], others: &[f64], horizon: usize) -> f64 {
    let pairs = losses.iter().zip(others).map(|(one, other)| one - other);
    let differences: Vec<f64> = pairs.filter(|difference| !difference.is_nan()).collect();
    if differences.len() < 10 {
        return f64::NAN;
    }
    let centre = mean(&differences);
    let centred: Vec<f64> = differences.iter().map(|difference| difference - centre).collect();
    #[expect(clippy::cast_precision_loss, reason = "a number of epochs")]
    let (n, lags) = (centred.len() as f64, (horizon + 3) as f64);
    let covariance = |lag: usize| centred.iter().zip(&centred[lag..]).map(|(a, b)| a * b).sum::<f64>();
    let mut variance = covariance(0) / n;
    for lag in 1..=horizon + 3 {
        #[expect(clippy::cast_precision_loss, reason = "a few lags")]
        let weight = 1.0 - lag as f64 / (lags + 1.0);
        #[expect(clippy::cast_precision_loss, reason = "a number of epochs")]
        let terms = (centred.len() - lag) as f64;
        variance += 2.0 * weight * covariance(lag) / terms;
    }
    centre / libm::sqrt(variance.max(1e-12) / n)
}
