//! Bitcoin's rule: adjusts every 2016 blocks, by the time that they took.
//!
//! `target' = floor(target * clamp(T, T0/4, 4 T0) / T0)`, at most the limit, rounded down to a compact target.
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `T` | header time of the epoch's last block less that of its first: 2015 gaps | s, signed |
//! | `T0` | 2016 x 600 = 1,209,600 | s |
//!
//! Source: Bitcoin Core, `src/pow.cpp`, `CalculateNextWorkRequired`.
//! Known error, kept: 2015 gaps are compared with the time of 2016, so in a noiseless chain of constant hashrate blocks come every
//! 600.298 s, and the last gap of each epoch has no effect.

use crate::chain::target::{CompactTarget, Target};

/// Blocks per epoch.
pub const EPOCH: u64 = 2016;
/// Scheduled duration of an epoch, in seconds.
pub const TIMESPAN_S: u64 = 1_209_600;

/// The compact target after an epoch mined at `target` whose last header is `timespan_s` after its first.
#[must_use]
pub fn next_target(target: Target, timespan_s: i64, limit: Target) -> CompactTarget {
    // Time stamps can run backwards by hours: a negative span is clamped like any short one.
    let timespan = timespan_s.clamp((TIMESPAN_S / 4).cast_signed(), (TIMESPAN_S * 4).cast_signed()).unsigned_abs();
    target.scaled(timespan, TIMESPAN_S, limit).compact()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bitcoin::{CompactTarget as Oracle, Network, params::Params};
    use proptest::prelude::*;

    fn target(bits: u32) -> Target {
        CompactTarget::new(bits).target().expect("a valid compact target")
    }

    fn next(bits: u32, timespan_s: i64) -> u32 {
        next_target(target(bits), timespan_s, target(0x1d00_ffff)).get()
    }

    /// Bitcoin Core, `src/test/pow_tests.cpp`: `get_next_work`, `get_next_work_pow_limit`, `get_next_work_lower_limit_actual`, `..upper_limit_actual`.
    #[test]
    fn retargets_of_bitcoin_cores_tests() {
        for (bits, first, last, expected) in [
            (0x1d00_ffff, 1_261_130_161, 1_262_152_739, 0x1d00_d86a),
            (0x1d00_ffff, 1_231_006_505, 1_233_061_996, 0x1d00_ffff),
            (0x1c05_a3f4, 1_279_008_237, 1_279_297_671, 0x1c01_68fd),
            (0x1c38_7f6f, 1_263_163_443, 1_269_211_443, 0x1d00_e1fd),
        ] {
            assert_eq!(next(bits, last - first), expected, "{bits:08x}");
        }
    }

    proptest! {
        /// The `bitcoin` crate takes an unsigned time, so a negative one is clamped first.
        #[test]
        fn agrees_with_the_bitcoin_crate(mantissa in 0x8000u32..0x80_0000, size in 4u32..=0x1d, timespan in -4_000_000i64..12_000_000) {
            let bits = mantissa | size << 24;
            prop_assume!(target(bits) <= target(0x1d00_ffff));
            let oracle = Oracle::from_next_work_required(Oracle::from_consensus(bits), timespan.max(0).unsigned_abs(), Params::new(Network::Bitcoin));
            prop_assert_eq!(next(bits, timespan), oracle.to_consensus());
        }

        #[test]
        fn slower_blocks_never_harden(mantissa in 0x8000u32..0x80_0000, size in 3u32..=0x20, timespan in -4_000_000i64..12_000_000, more in 0i64..10_000_000) {
            let old = target(mantissa | size << 24);
            let limit = target(0x1d00_ffff);
            let found = |timespan| next_target(old, timespan, limit).target().expect("never zero, never out of range");
            prop_assert!(found(timespan) <= found(timespan + more));
            prop_assert!(found(timespan) <= limit && found(i64::MIN) <= found(i64::MAX));
        }

        /// I6: an adjustment changes difficulty by a factor within 1 +- 2^-13 of [1/4, 4], or to the limit.
        #[test]
        fn moves_by_a_factor_of_four_at_most(mantissa in 0x8000u32..0x80_0000, size in 4u32..=0x1c, timespan in any::<i64>()) {
            let old = CompactTarget::new(mantissa | size << 24);
            let new = next_target(target(old.get()), timespan, target(0x1d00_ffff));
            let ratio = new.difficulty() / old.difficulty();
            prop_assert!(new.get() == 0x1d00_ffff || ratio > 0.25 * (1.0 - 1.0 / 8192.0) && ratio < 4.0 * (1.0 + 1.0 / 8192.0), "{ratio}");
        }
    }
}
