use super::{EstimateError, count, is_constant, mean};

/// Decomposition of the variance of single runs between factors and seed. The three shares add up to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeedShares {
    /// Share of the factors alone: variance over points of the mean over all seeds.
    pub points: f64,
    /// Share of the seed alone: variance over replicas of the mean over all points.
    pub seed: f64,
    /// Share of the interaction of seed and factors: the effect of the seed that differs between points.
    pub interaction: f64,
}

impl SeedShares {
    /// First-order index of the seed, treated as a factor.
    #[must_use]
    pub const fn s1(self) -> f64 {
        self.seed
    }

    /// Total index of the seed, treated as a factor: the share of variance that remains if all other factors are known.
    #[must_use]
    pub const fn st(self) -> f64 {
        self.seed + self.interaction
    }
}

/// Decomposes the variance of runs at P points with R replicas each, where replica r has the same random numbers at every point.
/// `runs` holds the replicas of the first point, then those of the second, and so on.
///
/// Model: two-way layout without repetition, both effects random (Searle, Casella, `McCulloch` 1992, ch. 4):
///
/// ```text
/// y_pr = mu + a_p + b_r + e_pr
/// MSP = R sum (y_p. - y_..)^2 / (P - 1)                   E = s_e^2 + R s_a^2
/// MSR = P sum (y_.r - y_..)^2 / (R - 1)                   E = s_e^2 + P s_b^2
/// MSE = sum (y_pr - y_p. - y_.r + y_..)^2 / ((P-1)(R-1))  E = s_e^2
/// s_a^2 = (MSP - MSE) / R,   s_b^2 = (MSR - MSE) / P,   s_e^2 = MSE
/// ```
///
/// | symbol | share | unit |
/// |---|---|---|
/// | `s_a^2` | points | unit of `y^2` |
/// | `s_b^2` | seed | unit of `y^2` |
/// | `s_e^2` | interaction | unit of `y^2` |
///
/// The three variance estimates are unbiased if points are independent. A negative estimate counts as 0, which biases small
/// shares upwards by less than their error. The points of a grid are treated as drawn from a larger set, so the share of a factor
/// with few levels is slightly too high. A run has one seed per point, so randomness that differs between runs with equal seeds
/// could not be distinguished from interaction; `shakeout` has no such randomness.
///
/// # Errors
/// With fewer than two points or replicas, when the number of runs does not match them, or when the runs do not vary.
pub fn seed_shares(runs: &[f64], replicas: usize) -> Result<SeedShares, EstimateError> {
    let points = runs.len().checked_div(replicas).unwrap_or(0);
    if points * replicas != runs.len() {
        return Err(EstimateError::Length { found: runs.len(), expected: replicas });
    }
    if points < 2 || replicas < 2 {
        return Err(EstimateError::TooFew { points, replicas });
    }
    if is_constant(runs) {
        return Err(EstimateError::Constant);
    }
    let all = mean(runs);
    let of_points: Vec<f64> = runs.chunks_exact(replicas).map(mean).collect();
    let of_replicas: Vec<f64> =
        (0..replicas).map(|replica| runs.iter().skip(replica).step_by(replicas).sum::<f64>() / count(points)).collect();
    let squares = |means: &[f64]| means.iter().map(|mean| (mean - all) * (mean - all)).sum::<f64>();
    let mut rest = 0.0;
    for (runs, of_point) in runs.chunks_exact(replicas).zip(&of_points) {
        for (run, of_replica) in runs.iter().zip(&of_replicas) {
            let residual = run - of_point - of_replica + all;
            rest += residual * residual;
        }
    }
    let (p, r) = (count(points), count(replicas));
    let interaction = rest / ((p - 1.0) * (r - 1.0));
    let variances = [
        (squares(&of_points) / (p - 1.0) - interaction / r).max(0.0),
        (squares(&of_replicas) / (r - 1.0) - interaction / p).max(0.0),
        interaction,
    ];
    let total: f64 = variances.iter().sum();
    let [points, seed, interaction] = variances.map(|variance| variance / total);
    Ok(SeedShares { points, seed, interaction })
}
