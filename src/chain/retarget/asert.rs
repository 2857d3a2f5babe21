//! aserti3-2d, Bitcoin Cash since November 2020: adjusts at every block, by how far the chain is ahead of or behind its schedule.
//!
//! `target' = anchor * 2^(drift / half_life)`, at least 1, at most the limit, rounded down to a compact target.
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `drift` | `t - t0 - 600 (n - n0 + 1)`: time since the anchor's parent, less the scheduled time of these blocks | s, signed |
//! | `half_life` | drift that doubles the target; 172,800 on Bitcoin Cash | s |
//! | `anchor` | target of the anchor block | - |
//!
//! The exponent is cut to 16 binary places (towards zero), its whole part is a shift, and `2^x` on [0, 1) is the cubic
//! `1 + (195766423245049 x + 971821376 x^2 + 5127 x^3 + 2^47) / 2^48` in units of 2^-16.
//!
//! Source: Bitcoin Cash specification 2020-11-15-asert; Lundeberg 2020, "Static difficulty adjustments".
//! Known error: the cubic is within 0.013 % of `2^x`, and the cut exponent adds 1.1e-5.
//!
//! A scenario's chain is anchored at its start: the tip is the anchor, its target the first one in force, and its parent came 600 s
//! before it. So the first block is mined at the given target, and drift counts from there.

use crate::chain::target::CompactTarget;

/// The compact target after a chain anchored at `anchor` has drifted `drift_s` behind its schedule (negative: ahead).
#[must_use]
pub fn next_target(anchor: CompactTarget, drift_s: i64, half_life_s: i64, limit: CompactTarget) -> CompactTarget {
    let (mantissa, shift) = unrounded(anchor, drift_s, half_life_s);
    CompactTarget::rounded(u128::from(mantissa), shift, limit)
}

/// The target before rounding to a header's form and before the limit, as `(mantissa, shift)`: `floor(mantissa * 2^shift)`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "the fraction has 16 bits, shifts are clamped to a thousand"
)]
fn unrounded(anchor: CompactTarget, drift_s: i64, half_life_s: i64) -> (u64, i32) {
    // Values that do not fit into 64 bits are millions of years.
    let exponent = drift_s.saturating_mul(65_536) / half_life_s;
    let fraction = (exponent & 0xffff) as u64;
    let doublings = (exponent >> 16).clamp(-1000, 1000) as i32;
    // The largest possible sum is 1.1e14 below 2^64.
    let cubic = 195_766_423_245_049 * fraction + 971_821_376 * fraction.pow(2) + 5_127 * fraction.pow(3) + (1 << 47);
    let (mantissa, shift) = anchor.parts();
    (mantissa * (65_536 + (cubic >> 48)), shift as i32 + doublings - 16)
}

/// Memory of this rule.
#[derive(Clone, Debug)]
pub(in crate::chain) struct Anchor {
    bits: CompactTarget,
    height: u64,
    parent_time: i64,
    half_life_s: i64,
}

impl Anchor {
    /// Anchored at the block of `height`, mined at `bits` and found at `time`, on schedule.
    pub(super) fn new(height: u64, time: i64, bits: CompactTarget, half_life_s: i64) -> Self {
        assert!(half_life_s > 0, "a half-life is a time");
        Self { bits, height, parent_time: time - 600, half_life_s }
    }

    /// The target after the block of `height` at header time `time`.
    pub(super) fn next(&self, height: u64, time: i64, limit: CompactTarget) -> CompactTarget {
        let scheduled = 600 * (height - self.height + 1).cast_signed();
        next_target(self.bits, time - self.parent_time - scheduled, self.half_life_s, limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::target::Target;
    use num_bigint::BigUint;
    use proptest::prelude::*;

    /// The half-life of Bitcoin Cash, two days in seconds.
    const HALF_LIFE_S: i64 = 172_800;
    const LIMIT: CompactTarget = CompactTarget::DIFFICULTY_1;

    /// One row of the published vectors: the anchor's parent at 0, its height 1.
    fn vector(anchor: u32, height: i64, time: i64) -> u32 {
        next_target(CompactTarget::new(anchor), time - 600 * height, HALF_LIFE_S, LIMIT).get()
    }

    /// Bitcoin Cash's published vectors, runs 1 to 3 (blocks on schedule) and 4 (every block one half-life late).
    #[test]
    fn published_runs() {
        for anchor in [0x1d00_ffff, 0x1a2b_3c4d, 0x0101_0000] {
            for height in 2..=11 {
                assert_eq!(vector(anchor, height, 600 * height), anchor, "run of {anchor:08x}, height {height}");
            }
        }
        for (iteration, bits) in [
            (1, 0x0102_0000),
            (2, 0x0104_0000),
            (4, 0x0110_0000),
            (15, 0x0300_8000),
            (30, 0x0440_0000),
            (45, 0x0620_0000),
            (120, 0x1001_0000),
            (135, 0x1200_8000),
            (210, 0x1b04_0000),
            (223, 0x1d00_8000),
            (224, 0x1d00_ffff),
            (225, 0x1d00_ffff),
        ] {
            assert_eq!(
                vector(0x0101_0000, iteration + 1, 600 + 173_400 * iteration),
                bits,
                "run 4, iteration {iteration}"
            );
        }
    }

    /// All 255 rows, if the file exists beside the project or where `SHAKEOUT_DATA` points.
    #[test]
    fn published_runs_in_full() {
        let beside = ["/../shared/data", "/../../shared/data"].map(|path| env!("CARGO_MANIFEST_DIR").to_owned() + path);
        let mut folders = std::env::var("SHAKEOUT_DATA").into_iter().chain(beside);
        let Some(rows) = folders.find_map(|folder| std::fs::read_to_string(folder + "/vectors_asert.csv").ok()) else {
            return;
        };
        for row in rows.lines().skip(1) {
            let cell: Vec<&str> = row.split(',').collect();
            let bits = |text| u32::from_str_radix(text, 16).expect("hexadecimal");
            let number = |text: &str| text.parse::<i64>().expect("a whole number");
            let (anchor, since) = (CompactTarget::new(bits(cell[3])), number(cell[6]) - number(cell[2]));
            let drift = since - 600 * (number(cell[5]) - number(cell[1]) + 1);
            assert_eq!(next_target(anchor, drift, HALF_LIFE_S, LIMIT).get(), bits(cell[7]), "{row}");
        }
    }

    /// 2^256 * 2^(numerator / denominator) with 250 correct bits: the fraction's binary digits times the square roots of 2.
    fn power_of_two(numerator: u64, denominator: u64) -> BigUint {
        let mut value = BigUint::from(1u8) << 256u32;
        let mut root = BigUint::from(2u8) << 256u32;
        let mut rest = u128::from(numerator);
        for _ in 0..200 {
            root = (root << 256u32).sqrt();
            rest *= 2;
            if rest >= u128::from(denominator) {
                rest -= u128::from(denominator);
                value = (value * &root) >> 256u32;
            }
        }
        value
    }

    fn big((mantissa, shift): (u64, i32)) -> BigUint {
        let whole = BigUint::from(mantissa);
        if shift < 0 { whole >> shift.unsigned_abs() } else { whole << shift.unsigned_abs() }
    }

    const ANCHOR: CompactTarget = CompactTarget::new(0x1a2b_3c4d);

    /// The definition of the rule: anchor * 2^(drift / half-life), to the integer.
    fn exact(drift: i64, half_life: i64) -> BigUint {
        let (doublings, rest) = (drift.div_euclid(half_life), drift.rem_euclid(half_life));
        let value = big((0x2b_3c4d, 8 * (0x1a - 3))) * power_of_two(rest.unsigned_abs(), half_life.unsigned_abs());
        if doublings >= 256 { value << (doublings - 256) } else { value >> (256 - doublings) }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20, ..ProptestConfig::default() })]

        /// Random walks of exponential-like gaps, against arbitrary precision.
        #[test]
        fn random_walks_stay_within_the_cubics_error(gaps in proptest::collection::vec(-3_000i64..20_000, 60), half_life in 3_600i64..2_000_000) {
            let mut drift = 0;
            for gap in gaps {
                drift += gap - 600;
                let (found, wanted) = (big(unrounded(ANCHOR, drift, half_life)), exact(drift, half_life));
                prop_assume!(wanted.bits() < 255 && wanted.bits() > 40);
                let error = if found > wanted { &found - &wanted } else { &wanted - &found };
                // 0.013 % from the cubic and 1.1e-5 from the exponent's 16 bits.
                prop_assert!(error * 1_000_000u32 < wanted * 141u32, "drift {drift}");
            }
        }
    }

    #[test]
    fn the_cubic_is_as_good_as_documented_and_no_better() {
        // At a whole number of 65,536ths the exponent is exact, so only the error of the cubic remains.
        let worst = (0..65_536i64).step_by(64).map(|x| {
            let found = big(unrounded(ANCHOR, x, 65_536));
            let wanted = exact(x, 65_536);
            let error = if found > wanted { &found - &wanted } else { &wanted - &found };
            u64::try_from(error * 1_000_000_000u64 / wanted).expect("small")
        });
        let worst = worst.max().expect("some");
        assert!(worst < 130_000 && worst > 90_000, "{worst} in 10^9");
    }

    proptest! {
        #[test]
        fn later_blocks_never_harden(drift in any::<i64>(), other in any::<i64>(), near in -5_000_000i64..5_000_000, more in 0i64..1_000_000, half_life in 1i64..10_000_000, size in 1u32..=0x20, top in 0x1d00_ffffu32..=0x1d7f_ffff) {
            let (anchor, limit) = (CompactTarget::new(0x7f_ffff | size << 24), CompactTarget::new(top));
            let found = |drift| next_target(anchor, drift, half_life, limit).target().expect("never zero, never out of range");
            prop_assert!(found(drift.min(other)) <= found(drift.max(other)));
            prop_assert!(found(near) <= found(near + more));
            prop_assert_eq!(found(i64::MAX).compact(), limit);
            prop_assert_eq!(found(i64::MIN), Target::MIN);
            prop_assert!(next_target(anchor, drift, i64::MAX, limit).get() <= limit.get());
        }
    }
}
