//! Regression adjustment: shifts each posterior draw to the value it would have if its simulated history matched the observation
//! (local-linear regression).
//!
//! ```text
//! (α, β) = argmin Σ_i ω_i (y_i − α − βᵀ x_i)² + κ Σ_i ω_i · |β|²,   ω_i = W_i K(d_i/ε),   K(t) = 1 − t²
//! r_i    = y_i − βᵀ x_i,   r = Σ ω_i r_i
//! y*_i   = r + c (r_i − r),   c² = n/(n − p − 1), at most 4
//! ```
//!
//! | symbol | unit | code |
//! |---|---|---|
//! | y_i | – | logit of the coordinate of one parameter between the ends of its prior; parameters are regressed one at a time |
//! | x_i | – | scaled differences of summaries ([`Distance::differences`]), divided here by their standard deviation |
//! | d_i, ε | – | distance of the simulated history of the draw, and tolerance of the generation |
//! | W_i, ω_i | – | weight from sampling; weight in the regression and of the adjusted draw |
//! | n, p | – | effective number of draws ([`effective_size`]), and number of differences that vary among them |
//! | κ | 1 | [`RIDGE`], which keeps the solution stable when summaries are collinear |
//!
//! The logit keeps adjusted draws within the support of the prior. In the prior generation ε is the largest finite distance.
//!
//! The factor c is the usual correction of the residual variance: a regression with p slopes fits part of the noise, so its
//! residuals are too small. With many draws c is close to 1; with few draws it widens the posterior.
//!
//! Source: Beaumont, Zhang, Balding 2002 (regression, Epanechnikov kernel); Blum, Nunes, Prangle, Sisson 2013 (ridge, logit).
//! Known error: the regression assumes that parameters depend linearly on summaries, with a constant spread, within ε.

use super::{
    Distance, Generation, Prior, count,
    kernel::coordinates,
    smc::effective_size,
    solve::{cholesky, solve},
};

/// Ridge penalty, relative to the variance of a predictor.
const RIDGE: f64 = 1e-3;

/// Weighted draws of a posterior.
#[derive(Clone, Debug, PartialEq)]
pub struct Adjusted {
    /// Parameter values of each draw, in the units of the parameters and the order of the particles.
    pub values: Vec<Vec<f64>>,
    /// Weights, which sum to 1.
    pub weights: Vec<f64>,
    /// Distance of the simulated history of each draw from the observation.
    pub distances: Vec<f64>,
}

/// Applies the regression adjustment to a generation.
#[must_use]
pub fn adjusted(generation: &Generation, space: &[Prior], distance: &Distance) -> Adjusted {
    let distances: Vec<f64> = generation.particles.iter().map(|particle| distance.to(&particle.summaries)).collect();
    let weights = kernel_weights(&generation.weights(), &distances, generation.tolerance);
    let logits: Vec<Vec<f64>> = generation
        .particles
        .iter()
        .map(|particle| {
            let at = coordinates(space, &particle.values);
            space.iter().zip(at).map(|(prior, coordinate)| prior.logit(coordinate)).collect()
        })
        .collect();
    let differences: Vec<Vec<f64>> = generation
        .particles
        .iter()
        .zip(&weights)
        .map(|(particle, &weight)| {
            // The weight is zero where a summary is missing, so any finite value may stand for it.
            distance.differences(&particle.summaries).map(|x| if weight > 0.0 { x } else { 0.0 }).collect()
        })
        .collect();
    let Some((slopes, predictors)) = slopes(&differences, &logits, &weights) else {
        let values = generation.particles.iter().map(|particle| particle.values.clone()).collect();
        return Adjusted { values, weights, distances };
    };
    let residual = |(logit, x): (&Vec<f64>, &Vec<f64>)| -> Vec<f64> {
        let shift = |slope: &Vec<f64>| slope.iter().zip(x).map(|(b, x)| b * x).sum::<f64>();
        logit.iter().zip(&slopes).map(|(y, slope)| y - shift(slope)).collect()
    };
    let residuals: Vec<Vec<f64>> = logits.iter().zip(&differences).map(residual).collect();
    let widening = widening(effective_size(&weights), predictors);
    let centre: Vec<f64> = (0..space.len())
        .map(|place| residuals.iter().zip(&weights).map(|(row, weight)| weight * row[place]).sum())
        .collect();
    let values = residuals.iter().map(|row| {
        let moved = |((prior, r), centre): ((&Prior, &f64), &f64)| {
            prior.value(prior.from_logit(centre + widening * (r - centre)))
        };
        space.iter().zip(row).zip(&centre).map(moved).collect()
    });
    Adjusted { values: values.collect(), weights, distances }
}

/// The factor by which residuals of a regression with this number of predictors are too small.
fn widening(draws: f64, predictors: usize) -> f64 {
    libm::sqrt(draws / (draws - count(predictors) - 1.0).max(0.25 * draws))
}

/// Sampling weights times the kernel, normalised to sum to 1. Falls back to the sampling weights if the kernel is zero for all
/// draws.
fn kernel_weights(weights: &[f64], distances: &[f64], tolerance: f64) -> Vec<f64> {
    let largest = distances.iter().copied().filter(|distance| distance.is_finite()).fold(0.0, f64::max);
    let tolerance = if tolerance.is_finite() { tolerance } else { largest };
    let kernel = |distance: f64| {
        let share = distance / tolerance;
        if share < 1.0 { 1.0 - share * share } else { 0.0 }
    };
    let local: Vec<f64> = weights.iter().zip(distances).map(|(weight, &distance)| weight * kernel(distance)).collect();
    let sum: f64 = local.iter().sum();
    if sum > 0.0 { local.iter().map(|weight| weight / sum).collect() } else { weights.to_vec() }
}

/// The slope of each parameter on each difference, and the number of differences that vary; `None` if there is nothing to regress
/// on.
fn slopes(differences: &[Vec<f64>], logits: &[Vec<f64>], weights: &[f64]) -> Option<(Vec<Vec<f64>>, usize)> {
    let dimensions = differences.first().map_or(0, Vec::len);
    let parameters = logits.first().map_or(0, Vec::len);
    let mean = |rows: &[Vec<f64>], place: usize| -> f64 {
        rows.iter().zip(weights).map(|(row, weight)| weight * row[place]).sum()
    };
    let centre: Vec<f64> = (0..dimensions).map(|place| mean(differences, place)).collect();
    let spread: Vec<f64> = (0..dimensions)
        .map(|place| {
            let square =
                |(row, weight): (&Vec<f64>, &f64)| weight * (row[place] - centre[place]) * (row[place] - centre[place]);
            libm::sqrt(differences.iter().zip(weights).map(square).sum::<f64>())
        })
        .collect();
    // A difference that does not vary among these draws has no explanatory power.
    let kept: Vec<usize> = (0..dimensions).filter(|&place| spread[place] > 1e-9).collect();
    let standard = |row: &[f64], place: usize| (row[place] - centre[place]) / spread[place];
    let moment = |a: usize, b: usize| -> f64 {
        differences.iter().zip(weights).map(|(row, w)| w * standard(row, a) * standard(row, b)).sum()
    };
    let mut matrix: Vec<Vec<f64>> = kept.iter().map(|&a| kept.iter().map(|&b| moment(a, b)).collect()).collect();
    for (place, row) in matrix.iter_mut().enumerate() {
        row[place] += RIDGE;
    }
    let lower = cholesky(&matrix).filter(|_| !kept.is_empty() && count(differences.len()) > count(kept.len()))?;
    let slope = |parameter: usize| {
        let level = mean(logits, parameter);
        let against = |&place: &usize| -> f64 {
            let rows = differences.iter().zip(logits).zip(weights);
            rows.map(|((row, y), weight)| weight * standard(row, place) * (y[parameter] - level)).sum()
        };
        let solved = solve(&lower, &kept.iter().map(against).collect::<Vec<_>>());
        let mut slope = vec![0.0; dimensions];
        for (&place, found) in kept.iter().zip(solved) {
            slope[place] = found / spread[place];
        }
        slope
    };
    Some(((0..parameters).map(slope).collect(), kept.len()))
}
