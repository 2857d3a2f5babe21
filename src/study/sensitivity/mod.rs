//! Sensitivity analysis: estimators of the importance of factors from the results of a [`Design`](super::Design)'s points, each a
//! pure function.
//!
//! | design | function | columns as `SALib` names them |
//! |---|---|---|
//! | morris | [`morris`] | mu, `mu_star`, sigma, `mu_star_conf` |
//! | sobol | [`sobol`] | S1, `S1_conf`, ST, `ST_conf` |
//! | sobol-second-order | [`sobol`], [`sobol_pairs`] | the same, and S2, `S2_conf` of pairs |
//! | grid | [`level_means`] | (`SALib` has none) |
//! | latin-hypercube, list | [`prcc`] | (`SALib` has none) |
//! | any, with replicas | [`seed_shares`] | S1 and ST of the seed |
//!
//! Results are means over replicas, which share their random numbers across points. As a function of the factors they are
//! therefore as smooth as a single replica, and noise between points does not blur the indices. [`seed_shares`] measures how much
//! the choice of seeds matters.

mod analysis;
mod bootstrap;
mod cells;
mod level_means;
mod morris;
mod prcc;
mod runs;
mod seed_shares;
pub(super) mod sheet;
mod sobol;

pub(super) use analysis::write_ranking;
pub use analysis::{Analysis, RANKING, Ranking, Row, WIDEST, hangs_on, sensitivity};
pub use bootstrap::RESAMPLES;
pub use cells::PAIR;
pub use level_means::{LevelMeans, level_means};
pub use morris::{MorrisIndex, morris};
pub use prcc::{Prcc, points_needed, prcc};
use runs::Runs;
pub use seed_shares::{SeedShares, seed_shares};
pub use sobol::{SobolIndex, WithWidth, sobol, sobol_pairs};

/// The reason why nothing can be estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EstimateError {
    /// The results have no variance.
    #[error("all results are equal, so there is no variance to explain and the indices are undefined")]
    Constant,
    /// The number of results does not match the design, or is zero.
    #[error("{found} results do not match a design of {expected} points")]
    Length {
        /// Number of results.
        found: usize,
        /// Number of results required, or a divisor of that number.
        expected: usize,
    },
    /// The share of the seed requires at least two points and two replicas.
    #[error(
        "{points} points and {replicas} replicas: the seed's share requires at least two of each; run the sweep with --replicas 2 or more"
    )]
    TooFew {
        /// Number of points in the design.
        points: usize,
        /// Number of replicas per point.
        replicas: usize,
    },
}

/// Whether values differ only by rounding error.
#[must_use]
pub fn is_constant(values: &[f64]) -> bool {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // The mean of equal values may differ from them in the last digits.
    values.is_empty() || high - low <= 1e-13 * low.abs().max(high.abs())
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len())
}

/// The unbiased standard deviation; `None` if there are fewer than two values.
fn standard_deviation(values: &[f64]) -> Option<f64> {
    let centre = mean(values);
    let squares: f64 = values.iter().map(|value| (value - centre) * (value - centre)).sum();
    (values.len() > 1).then(|| libm::sqrt(squares / count(values.len() - 1)))
}

#[expect(clippy::cast_precision_loss, reason = "a number of values in memory, far below 2^53")]
const fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests;
