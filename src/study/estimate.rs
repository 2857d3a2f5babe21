//! What all estimators of sensitivity share.

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

/// The mean.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len())
}

/// The unbiased standard deviation; `None` if there are fewer than two values.
pub(super) fn standard_deviation(values: &[f64]) -> Option<f64> {
    let centre = mean(values);
    let squares: f64 = values.iter().map(|value| (value - centre) * (value - centre)).sum();
    (values.len() > 1).then(|| libm::sqrt(squares / count(values.len() - 1)))
}

/// A number of values as a number.
#[expect(clippy::cast_precision_loss, reason = "a number of values in memory, far below 2^53")]
pub(super) const fn count(n: usize) -> f64 {
    n as f64
}
