//! Model confidence set: the forecasts that cannot be distinguished from the best one at a given level.
//!
//! The losses of all forecasts over the same outcomes are compared in pairs. While the largest t-statistic of a difference is
//! significant, the worst forecast is dropped. Significance is estimated by a moving-block bootstrap, because losses over
//! overlapping windows are not independent.
//!
//! Source: Hansen, Lunde and Nason 2011, with the range of t-statistics.

use crate::{
    random::{Purpose, stream},
    study::score::mean,
};
use rand::RngExt as _;

/// Tells for each series of losses whether it belongs to the model confidence set at a level; level 0.1 keeps the series that are
/// not rejected at 10 %.
///
/// # Panics
/// If the series differ in length.
#[must_use]
pub fn confidence_set(losses: &[Vec<f64>], level: f64, block: usize, draws: usize, seed: u64) -> Vec<bool> {
    let length = losses.first().map_or(0, Vec::len);
    assert!(losses.iter().all(|series| series.len() == length), "losses are of the same outcomes");
    let mut kept = vec![true; losses.len()];
    if length < 2 * block {
        return kept;
    }
    let mut random = stream(seed, 0, Purpose::Bootstrap, 0);
    let means: Vec<f64> = losses.iter().map(|series| mean(series)).collect();
    // Means of every series in every bootstrap draw; a draw uses the same outcomes for all series.
    let resampled: Vec<Vec<f64>> = (0..draws)
        .map(|_| {
            let mut places = Vec::with_capacity(length + block);
            while places.len() < length {
                let first = random.random_range(0..=length - block);
                places.extend(first..first + block);
            }
            places.truncate(length);
            #[expect(clippy::cast_precision_loss, reason = "a number of outcomes")]
            losses.iter().map(|series| places.iter().map(|place| series[*place]).sum::<f64>() / length as f64).collect()
        })
        .collect();
    let spread = |one: usize, other: usize| {
        let centre = means[one] - means[other];
        let squares = resampled.iter().map(|draw| draw[one] - draw[other] - centre).map(|off| off * off);
        #[expect(clippy::cast_precision_loss, reason = "a number of draws")]
        libm::sqrt((squares.sum::<f64>() / draws as f64).max(1e-300))
    };
    loop {
        let alive: Vec<usize> = (0..losses.len()).filter(|series| kept[*series]).collect();
        if alive.len() < 2 {
            return kept;
        }
        let pairs: Vec<(usize, usize, f64)> = alive
            .iter()
            .flat_map(|one| alive.iter().filter(move |other| *other != one).map(move |other| (*one, *other)))
            .map(|(one, other)| (one, other, spread(one, other)))
            .collect();
        let largest = |difference: &dyn Fn(usize, usize) -> f64| {
            pairs.iter().map(|(one, other, spread)| difference(*one, *other).abs() / spread).fold(0.0, f64::max)
        };
        let statistic = largest(&|one, other| means[one] - means[other]);
        let by_chance = resampled
            .iter()
            .filter(|draw| largest(&|one, other| draw[one] - draw[other] - (means[one] - means[other])) >= statistic)
            .count();
        #[expect(clippy::cast_precision_loss, reason = "a number of draws")]
        if by_chance as f64 / draws as f64 >= level {
            return kept;
        }
        // Drop the series with the largest t-statistic against any other.
        let worst = pairs.iter().map(|(one, other, spread)| (*one, (means[*one] - means[*other]) / spread));
        let Some((series, _)) = worst.max_by(|a, b| a.1.total_cmp(&b.1)) else { return kept };
        kept[series] = false;
    }
}
