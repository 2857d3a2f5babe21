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

/// Horizons that are scored, in epochs from the origin; horizon 1 is the epoch that begins at the origin.
pub const HORIZONS: [usize; 6] = [1, 2, 4, 7, 13, 26];

/// Minimum and maximum number of past errors from which a forecast without an ensemble derives its bands.
const PAST: (usize, usize) = (20, 104);

/// The 95 % quantile of the standard normal distribution, for bands that contain 90 %.
const NINETY: f64 = 1.644_853_626_951_472_7;

/// Scores of one forecast at each of [`HORIZONS`].
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// Root mean square error.
    pub rmse: [f64; 6],
    /// Mean CRPS.
    pub crps: [f64; 6],
    /// Share of outcomes within the 90 % band.
    pub coverage: [f64; 6],
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
    /// 1 if the outcome is within the 90 % band, otherwise 0.
    pub within: Forecasts,
}

impl Evidence {
    /// The quantities for a forecast without an ensemble, with bands from its own past errors.
    #[must_use]
    pub fn of_past_errors(errors: Forecasts) -> Self {
        let nothing = vec![[f64::NAN; AHEAD]; errors.len()];
        let (mut crps, mut within) = (nothing.clone(), nothing);
        for ahead in 0..AHEAD {
            for origin in 0..errors.len() {
                let error = errors[origin][ahead];
                // The error of an epoch is known at the origin if the epoch has ended.
                let known = errors[..origin.saturating_sub(ahead)].iter().map(|row| row[ahead]);
                let past: Vec<f64> = known.filter(|error| !error.is_nan()).collect();
                if error.is_nan() || past.len() < PAST.0 {
                    continue;
                }
                let spread = crate::study::score::root_mean_square(&past[past.len().saturating_sub(PAST.1)..]);
                crps[origin][ahead] = normal_crps(error, spread);
                within[origin][ahead] = f64::from(u8::from(error.abs() < NINETY * spread));
            }
        }
        Self { errors, crps, within }
    }

    /// Scores over some origins, restricted to the outcomes for which `common` is true.
    #[must_use]
    pub fn scores(&self, origins: std::ops::Range<usize>, common: &dyn Fn(usize, usize) -> bool) -> Scores {
        let mut scores = Scores { rmse: [f64::NAN; 6], crps: [f64::NAN; 6], coverage: [f64::NAN; 6], n: [0; 6] };
        for (place, horizon) in HORIZONS.iter().enumerate() {
            let ahead = horizon - 1;
            let values = |table: &Forecasts| -> Vec<f64> {
                let counted = origins.clone().filter(|origin| common(*origin, ahead));
                counted.map(|origin| table[origin][ahead]).filter(|value| !value.is_nan()).collect()
            };
            let errors = values(&self.errors);
            scores.n[place] = errors.len();
            scores.rmse[place] = crate::study::score::root_mean_square(&errors);
            scores.crps[place] = crate::study::score::mean(&values(&self.crps));
            scores.coverage[place] = crate::study::score::mean(&values(&self.within));
        }
        scores
    }
}

/// CRPS of a normal forecast with standard deviation `spread`, if the outcome minus the mean is `error`.
#[must_use]
pub fn normal_crps(error: f64, spread: f64) -> f64 {
    let w = error / spread;
    let density = libm::exp(-0.5 * w * w) / libm::sqrt(std::f64::consts::TAU);
    let below = 0.5 * libm::erfc(-w / std::f64::consts::SQRT_2);
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
    let mean = crate::study::score::mean(&differences);
    let centred: Vec<f64> = differences.iter().map(|difference| difference - mean).collect();
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
    mean / libm::sqrt(variance.max(1e-12) / n)
}
