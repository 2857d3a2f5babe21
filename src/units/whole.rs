//! Whole numbers from real ones. On processors of the x86-64 baseline `f64::round` and `f64::floor` are library calls, and the
//! engine needs millions of them. It only needs integers, and a conversion to an integer is one instruction.

/// The nearest whole number, with halves rounded away from zero: `number.round() as i64`.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "`as` saturates; beyond 2^53 every number is whole"
)]
pub fn nearest(number: f64) -> i64 {
    let whole = number as i64;
    let rest = number - whole as f64;
    whole.saturating_add(i64::from(rest >= 0.5) - i64::from(rest <= -0.5))
}

/// The whole number at or below: `number.floor() as i64`.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "`as` saturates; beyond 2^53 every number is whole"
)]
pub fn floor(number: f64) -> i64 {
    let whole = number as i64;
    whole.saturating_sub(i64::from(number < whole as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
    fn both_are_the_librarys(number: f64) {
        assert_eq!(nearest(number), number.round() as i64, "{number:?}");
        assert_eq!(floor(number), number.floor() as i64, "{number:?}");
    }

    #[test]
    fn at_the_edges() {
        let edges = [
            0.0,
            0.5,
            0.499_999_999_999_999_94,
            1.5,
            2.5,
            1e15 + 0.5,
            4_503_599_627_370_495.5,
            9_007_199_254_740_993.0,
        ];
        let far = [
            1e18,
            9.223_372_036_854_775e18,
            9.223_372_036_854_776e18,
            1e19,
            1e300,
            f64::INFINITY,
            f64::NAN,
            f64::MIN_POSITIVE,
        ];
        for number in edges.into_iter().chain(far) {
            both_are_the_librarys(number);
            both_are_the_librarys(-number);
        }
    }

    proptest! {
        #[test]
        fn anywhere(number in any::<f64>(), near in -1e7f64..1e7, halves in -1_000_000i32..1_000_000) {
            both_are_the_librarys(number);
            both_are_the_librarys(near);
            both_are_the_librarys(f64::from(halves) / 2.0);
        }
    }
}
