//! Bitcoin's rule with its constants as parameters, for studies of the window and the clamp.
//!
//! `target' = floor(target * clamp(T, T0/c, c T0) / T0)`, at most the limit, rounded down to a compact target.
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `n` | blocks between adjustments | blocks |
//! | `T` | header time over `n` gaps (from the last block of the previous window) or `n - 1` (from the first of this window) | s, signed |
//! | `T0` | `600 n` | s |
//! | `c` | largest factor in either direction, or none | - |
//!
//! Source: Bitcoin Core, `src/pow.cpp`, generalised. With `n = 2016`, `c = 4` and `n - 1` gaps it equals Bitcoin's rule exactly,
//! with `n` gaps and no clamp the epoch rule of Noda, Okumura, Hashimoto (ssrn 3410460).
//! Known error: with `n - 1` gaps the mean interval at constant hashrate is `600 n / (n - 1)` s.

use crate::chain::target::{CompactTarget, Target};

/// The compact target after `window` blocks mined at `target` that took `timespan_s`, with a factor of at most `clamp` in either direction.
/// A span below one second counts as one.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "whole seconds of a window; `as` saturates"
)]
pub fn next_target(target: Target, timespan_s: i64, window: u32, clamp: Option<f64>, limit: Target) -> CompactTarget {
    let wanted = u64::from(window) * 600;
    let (shortest, longest) = match clamp {
        Some(factor) => ((wanted as f64 / factor) as u64, (wanted as f64 * factor) as u64),
        None => (1, u64::MAX),
    };
    let timespan = timespan_s.max(0).unsigned_abs().min(longest).max(shortest).max(1);
    target.scaled(timespan, wanted, limit).compact()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::retarget::bitcoin;
    use proptest::prelude::*;

    fn target(bits: u32) -> Target {
        CompactTarget::new(bits).target().expect("a valid compact target")
    }

    proptest! {
        #[test]
        fn with_bitcoins_constants_it_is_bitcoins_rule(mantissa in 0x8000u32..0x80_0000, size in 4u32..=0x1c, timespan in -4_000_000i64..12_000_000) {
            let (old, limit) = (target(mantissa | size << 24), target(0x1d00_ffff));
            prop_assert_eq!(next_target(old, timespan, 2016, Some(4.0), limit), bitcoin::next_target(old, timespan, limit));
        }

        #[test]
        fn slower_blocks_never_harden(window in 1u32..100_000, clamp in proptest::option::of(1.0f64..1e9), timespan in any::<i64>(), other in any::<i64>(), size in 1u32..=0x20) {
            let (old, limit) = (target(0x7f_ffff | size << 24), target(0x207f_ffff));
            let found = |timespan| next_target(old, timespan, window, clamp, limit).target().expect("never zero, never out of range");
            prop_assert!(found(timespan.min(other)) <= found(timespan.max(other)) && found(i64::MAX) <= limit);
        }
    }

    #[test]
    fn without_a_clamp_any_factor_goes_through() {
        let old = target(0x1a00_ffff);
        let found = next_target(old, 600 * 144 / 50, 144, None, target(0x1d00_ffff)).difficulty();
        assert!((found / CompactTarget::new(0x1a00_ffff).difficulty() / 50.0 - 1.0).abs() < 1e-4, "{found}");
    }
}
