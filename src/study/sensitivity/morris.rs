use super::{EstimateError, bootstrap::half_widths, count, mean, standard_deviation};
use crate::random::Stream;

/// The effect of one factor on the result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MorrisIndex {
    /// Mean elementary effect.
    pub mu: f64,
    /// Mean absolute elementary effect.
    pub mu_star: f64,
    /// Standard deviation of elementary effects: large if the factor interacts with others or has a nonlinear effect. `None` for
    /// a single trajectory.
    pub sigma: Option<f64>,
    /// Half the width of the 95 % interval of `mu_star`. `None` for a single trajectory.
    pub mu_star_conf: Option<f64>,
}

/// Elementary effects, from the results of Morris trajectories and the quantiles of their points.
///
/// ```text
/// EE = (y(x + D e_i) - y(x)) / D,   mu = mean EE,   mu* = mean |EE|,   sigma^2 = sum (EE - mu)^2 / (r - 1)
/// ```
///
/// D is the signed step of the quantile, so that an effect has the unit of the result per full range of the factor (Morris 1991,
/// Technometrics 33, 161; mu* of Campolongo, Cariboni, Saltelli 2007). The interval of mu* comes from resampled trajectories.
/// Constant results have effects of 0.
///
/// # Errors
/// When the results do not match the design.
pub fn morris(quantiles: &[Vec<f64>], results: &[f64], random: &mut Stream) -> Result<Vec<MorrisIndex>, EstimateError> {
    let factors = quantiles.first().map_or(0, Vec::len);
    let wrong = EstimateError::Length { found: results.len(), expected: quantiles.len() };
    if factors == 0 || results.len() != quantiles.len() || !results.len().is_multiple_of(factors + 1) {
        return Err(wrong);
    }
    let trajectories = quantiles.chunks_exact(factors + 1).zip(results.chunks_exact(factors + 1));
    let effects: Vec<Vec<f64>> = trajectories
        .map(|(points, results)| elementary_effects(points, results))
        .collect::<Option<_>>()
        .ok_or(wrong)?;
    let widths = half_widths(effects.len(), random, |chosen| {
        let mut sums = vec![[0.0]; factors];
        for effects in chosen.iter().map(|&number| &effects[number]) {
            for (sum, effect) in sums.iter_mut().zip(effects) {
                sum[0] += effect.abs();
            }
        }
        Some(sums.into_iter().map(|sum| sum.map(|sum| sum / count(chosen.len()))).collect())
    });
    Ok((0..factors)
        .map(|factor| {
            let of_factor: Vec<f64> = effects.iter().map(|effects| effects[factor]).collect();
            let sizes: Vec<f64> = of_factor.iter().map(|effect| effect.abs()).collect();
            let sigma = standard_deviation(&of_factor);
            // Resampling a single trajectory carries no information on the spread.
            let width = widths.as_ref().and_then(|widths| widths[factor][0]);
            MorrisIndex { mu: mean(&of_factor), mu_star: mean(&sizes), sigma, mu_star_conf: sigma.and(width) }
        })
        .collect())
}

/// The elementary effect of each factor, in order; `None` if the points are not a trajectory in which each factor moves once.
fn elementary_effects(points: &[Vec<f64>], results: &[f64]) -> Option<Vec<f64>> {
    let mut effects = vec![None; points.len() - 1];
    for (points, results) in points.windows(2).zip(results.windows(2)) {
        let steps = points[0].iter().zip(&points[1]).map(|(from, to)| to - from);
        let mut moved = steps.enumerate().filter(|&(_, step)| step != 0.0);
        let (Some((factor, step)), None) = (moved.next(), moved.next()) else { return None };
        effects[factor] = Some((results[1] - results[0]) / step);
    }
    effects.into_iter().collect()
}
