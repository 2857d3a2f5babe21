//! Scores of forecasts, as pure functions.
//!
//! ```text
//! RMSE = √(mean e²)
//! CRPS = E|X − y| − ½ E|X − X'|  =  (1/m) Σ |x_i − y| − (1/m²) Σ_i (2i − m − 1) x_(i)
//! PIT  = (#{x_i < y} + ½ #{x_i = y}) / m
//! ```
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | e | forecast minus observation | unit of y |
//! | x_i, x_(i) | the ensemble; in ascending order, i from 1 | unit of y |
//! | m | number of members | - |
//! | y | the observation | unit of y |
//!
//! The CRPS is computed from the empirical distribution of the ensemble (the biased, not the "fair" estimate): for a single x it
//! is |x − y|.
//! Source: Gneiting and Raftery 2007; Hersbach 2000. Block bootstrap: Kuensch 1989.

use crate::random::Stream;
use rand::RngExt;

#[expect(clippy::cast_precision_loss, reason = "a number of epochs or replicas in memory, far below 2^53")]
pub(super) const fn count(n: usize) -> f64 {
    n as f64
}

/// Number of bins of a histogram of PIT values.
pub const PIT_BINS: usize = 10;
/// Number of bootstrap draws.
pub const BOOTSTRAP_DRAWS: usize = 1000;
/// Number of epochs in a bootstrap block. Epochs after a difficulty adjustment depend on it.
const BLOCK: usize = 3;

/// The mean; NaN if there are no values.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len())
}

/// The standard deviation, with n − 1 in the denominator; NaN if there are fewer than two values.
#[must_use]
pub fn standard_deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    if values.len() < 2 { f64::NAN } else { (squares / count(values.len() - 1)).sqrt() }
}

/// The root mean square; NaN if there are no values.
#[must_use]
pub fn root_mean_square(errors: &[f64]) -> f64 {
    (errors.iter().map(|error| error * error).sum::<f64>() / count(errors.len())).sqrt()
}

/// Quantile of sorted values by linear interpolation between order statistics (Hyndman and Fan's type 7, the default of R and
/// `NumPy`); NaN if there are no values.
#[must_use]
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = share * count(last);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 <= place <= last")]
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (place - place.floor()) * (sorted[above] - sorted[below])
}

/// Continuous ranked probability score of a sorted ensemble; NaN if the ensemble is empty.
#[must_use]
pub fn crps(sorted: &[f64], observed: f64) -> f64 {
    let size = count(sorted.len());
    let away = sorted.iter().map(|value| (value - observed).abs()).sum::<f64>() / size;
    let spread = sorted.iter().enumerate().map(|(place, value)| (2.0 * count(place + 1) - size - 1.0) * value);
    away - spread.sum::<f64>() / (size * size)
}

/// Share of a sorted ensemble below the observation, plus half of the share that equals it.
#[must_use]
pub fn pit(sorted: &[f64], observed: f64) -> f64 {
    let below = sorted.partition_point(|value| *value < observed);
    let up_to = sorted.partition_point(|value| *value <= observed);
    0.5 * count(below + up_to) / count(sorted.len())
}

/// Standard error of the difference between the root mean squares of two series of errors over the same epochs, by a moving-block
/// bootstrap; `None` if there are fewer than two blocks.
#[must_use]
pub fn block_bootstrap_se(errors: &[f64], others: &[f64], random: &mut Stream) -> Option<f64> {
    let length = errors.len();
    if length < 2 * BLOCK || others.len() != length {
        return None;
    }
    let mut differences = Vec::with_capacity(BOOTSTRAP_DRAWS);
    for _ in 0..BOOTSTRAP_DRAWS {
        let mut places = Vec::with_capacity(length + BLOCK);
        while places.len() < length {
            let first = random.random_range(0..=length - BLOCK);
            places.extend(first..first + BLOCK);
        }
        places.truncate(length);
        let drawn = |series: &[f64]| places.iter().map(|&place| series[place]).collect::<Vec<_>>();
        differences.push(root_mean_square(&drawn(errors)) - root_mean_square(&drawn(others)));
    }
    Some(standard_deviation(&differences))
}
