//! How a metric spreads over the replicas of a group of points.

use crate::study::score::quantile;

/// Quantiles of a metric over replicas. `+∞` is never: above all that can be measured. NaN: there is no value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// At 5, 25, 50, 75 and 95 %.
    pub quantiles: [f64; 5],
    /// How many values.
    pub n: usize,
    /// Of these, never.
    pub never: usize,
}

/// The shares at which [`Spread::quantiles`] stand.
pub const SHARES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

impl Spread {
    /// Of values in any order, `+∞` where it never came to that; what is not measured (NaN) does not count.
    #[must_use]
    pub fn of(mut values: Vec<f64>) -> Self {
        values.retain(|value| !value.is_nan());
        values.sort_by(f64::total_cmp);
        let finite = values.partition_point(|value| value.is_finite());
        Self {
            quantiles: SHARES.map(|share| at(&values, finite, share)),
            n: values.len(),
            never: values.len() - finite,
        }
    }

    /// The median.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.quantiles[2]
    }
}

/// The median of `values`, as [`Spread::of`] has it.
#[must_use]
pub fn median(values: Vec<f64>) -> f64 {
    Spread::of(values).median()
}

/// A quantile between a number and never is never: as `summary.json` has it.
fn at(sorted: &[f64], finite: usize, share: f64) -> f64 {
    if finite == sorted.len() {
        return quantile(sorted, share);
    }
    // Places instead of values: their quantile is the place to look at, exact below 2^53.
    #[expect(clippy::cast_precision_loss, reason = "a count of replicas")]
    let place = share * (sorted.len() - 1) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 <= place < length")]
    let below = place.floor() as usize;
    let part = place - place.floor();
    if below >= finite || (part > 0.0 && below + 1 >= finite) {
        f64::INFINITY
    } else if part > 0.0 {
        sorted[below] + part * (sorted[below + 1] - sorted[below])
    } else {
        sorted[below]
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these quantiles are exact")]
mod tests {
    use super::*;

    #[test]
    fn never_is_above_all_others() {
        let spread = Spread::of(vec![3.0, f64::INFINITY, 1.0, f64::NAN, 2.0, 4.0]);
        assert_eq!((spread.n, spread.never), (5, 1));
        // Five values: the quartiles are the values themselves, the 95 % quantile lies between 4 and never.
        assert_eq!(spread.quantiles[1..4], [2.0, 3.0, 4.0]);
        assert!((spread.quantiles[0] - 1.2).abs() < 1e-12);
        assert_eq!(spread.quantiles[4], f64::INFINITY);
    }

    #[test]
    fn all_never_and_none_at_all_are_different() {
        assert_eq!(Spread::of(vec![f64::INFINITY; 3]).quantiles, [f64::INFINITY; 5]);
        assert!(Spread::of(vec![f64::NAN]).median().is_nan());
        assert_eq!(median(vec![4.0, 1.0]), 2.5);
        assert_eq!(median(vec![4.0, 1.0, f64::INFINITY, f64::INFINITY]), f64::INFINITY);
    }
}
