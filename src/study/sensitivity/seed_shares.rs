use super::{EstimateError, count, is_constant, mean};

/// How the variance of single runs divides between factors and seed. The three shares add up to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeedShares {
    /// Of the factors by themselves: of the mean over all seeds, from point to point.
    pub points: f64,
    /// Of the seed by itself: of the mean over all points, from replica to replica.
    pub seed: f64,
    /// Of seed and factors together: what the seed does at one point and not at another.
    pub interaction: f64,
}

impl SeedShares {
    /// First-order index of the seed as a factor.
    #[must_use]
    pub const fn s1(self) -> f64 {
        self.seed
    }

    /// Total index of the seed as a factor: what is left of the variance when all other factors are known.
    #[must_use]
    pub const fn st(self) -> f64 {
        self.seed + self.interaction
    }
}

/// Divides the variance of runs at P points with R replicas each, of which replica r has the same random numbers at every
/// point. `runs` holds the replicas of the first point, then of the second, and so on.
///
/// The two-way layout without repetition, both ways random (Searle, Casella, `McCulloch` 1992, ch. 4):
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
/// | `s_a^2` | points | of `y^2` |
/// | `s_b^2` | seed | of `y^2` |
/// | `s_e^2` | interaction | of `y^2` |
///
/// The three estimates of variances are unbiased where points are independent; one that comes out negative counts as 0,
/// which puts small shares too high by less than their error. With points of a grid, which are all there are, the share is
/// that of points drawn from a larger set, so for a factor of few levels a little higher. A run has one seed per point,
/// so chance that would differ even between runs of equal seed cannot be told from interaction; there is none in `shakeout`.
///
/// # Errors
/// With fewer than two points or replicas, when the runs do not fill them, or do not vary.
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
