//! Posterior statistics of single parameters and of pairs.

use super::{Adjusted, Generation, Prior, count, kernel::covariance};
use crate::random::Stream;
use rand::RngExt;

/// The quantiles that are reported.
pub const SHARES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Below this shrinkage a parameter is not identified: the data add little to its prior.
pub const IDENTIFIED_FROM: f64 = 0.5;

/// Number of equally probable intervals into which a prior is divided for a profile.
pub const PROFILE_PARTS: usize = 10;

/// The marginal posterior of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Marginal {
    /// Posterior mean, in the unit of the parameter.
    pub mean: f64,
    /// Posterior standard deviation, in the unit of the parameter.
    pub sd: f64,
    /// Posterior quantiles at [`SHARES`].
    pub quantiles: [f64; 5],
    /// 1 − posterior variance of the coordinate over its prior variance: 1 if the data determine it, 0 if they carry no
    /// information.
    pub shrinkage: f64,
}

/// The marginal posterior of each parameter.
#[must_use]
pub fn marginals(draws: &Adjusted, space: &[Prior]) -> Vec<Marginal> {
    let of = |(place, prior): (usize, &Prior)| {
        let column: Vec<f64> = draws.values.iter().map(|values| values[place]).collect();
        let (mean, sd) = moments(&column, &draws.weights);
        let coordinates: Vec<f64> = column.iter().map(|&value| prior.coordinate(value)).collect();
        let (after, before) = (moments(&coordinates, &draws.weights).1, prior.sd());
        let quantiles = SHARES.map(|share| weighted_quantile(&column, &draws.weights, share));
        Marginal { mean, sd, quantiles, shrinkage: 1.0 - after * after / (before * before) }
    };
    space.iter().enumerate().map(of).collect()
}

/// Correlation matrix of the parameter coordinates, by rows; NaN for a coordinate that does not vary.
#[must_use]
pub fn correlations(draws: &Adjusted, space: &[Prior]) -> Vec<Vec<f64>> {
    let coordinates: Vec<Vec<f64>> =
        draws.values.iter().map(|values| super::kernel::coordinates(space, values)).collect();
    let covariance = covariance(&coordinates, &draws.weights);
    let size = space.len();
    let entry = |a: usize, b: usize| covariance[a][b] / libm::sqrt(covariance[a][a] * covariance[b][b]);
    (0..size).map(|a| (0..size).map(|b| entry(a, b)).collect()).collect()
}

/// Mean and standard deviation under weights that sum to 1.
fn moments(values: &[f64], weights: &[f64]) -> (f64, f64) {
    let mean: f64 = values.iter().zip(weights).map(|(value, weight)| weight * value).sum();
    let variance: f64 =
        values.iter().zip(weights).map(|(value, weight)| weight * (value - mean) * (value - mean)).sum();
    (mean, libm::sqrt(variance.max(0.0)))
}

/// The smallest value at or below which lies at least this share of the weight.
#[must_use]
pub fn weighted_quantile(values: &[f64], weights: &[f64], share: f64) -> f64 {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let total: f64 = weights.iter().sum();
    let mut sum = 0.0;
    for &place in &order {
        sum += weights[place];
        // The tolerance compares shares up to rounding error.
        if sum >= share * total * (1.0 - 1e-12) {
            return values[place];
        }
    }
    order.last().map_or(f64::NAN, |&place| values[place])
}

/// The index of a draw chosen at random in proportion to its weight.
pub fn choose(weights: &[f64], random: &mut Stream) -> usize {
    let total: f64 = weights.iter().sum();
    let mut left = random.random::<f64>() * total;
    let chosen = weights.iter().position(|&weight| {
        left -= weight;
        left < 0.0
    });
    chosen.unwrap_or(weights.len().saturating_sub(1))
}

/// One interval of a profile: the distances of the prior draws in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProfilePart {
    /// Lower end of the interval.
    pub from: f64,
    /// Upper end of the interval.
    pub to: f64,
    /// Number of prior draws in the interval.
    pub draws: usize,
    /// The 10 % quantile of their distances; NaN if there is no draw.
    pub distance: f64,
}

/// The profile of a parameter: the 10 % quantile of the distances of prior draws, by interval of this parameter, with all other
/// parameters free. If the profile is flat, other parameters can compensate for any value of this one, so it is not identified.
#[must_use]
pub fn profile(prior_draws: &Generation, distances: &[f64], place: usize, prior: &Prior) -> Vec<ProfilePart> {
    let end = |part: usize| prior.quantile(count(part) / count(PROFILE_PARTS));
    let ends: Vec<f64> = (0..=PROFILE_PARTS)
        .map(|part| match part {
            0 => prior.low,
            PROFILE_PARTS => prior.high,
            part => end(part),
        })
        .collect();
    let mut parts: Vec<Vec<f64>> = vec![Vec::new(); PROFILE_PARTS];
    for (particle, &distance) in prior_draws.particles.iter().zip(distances) {
        let part = ends[1..PROFILE_PARTS].partition_point(|&end| end <= particle.values[place]);
        parts[part].push(distance);
    }
    let shown = |(part, distances): (usize, &Vec<f64>)| {
        let equal = vec![1.0; distances.len()];
        let distance = weighted_quantile(distances, &equal, 0.1);
        ProfilePart { from: ends[part], to: ends[part + 1], draws: distances.len(), distance }
    };
    parts.iter().enumerate().map(shown).collect()
}
