//! Zawy's linearly weighted moving average, as in Bitcoin Gold since 2018: adjusts at every block, by the last `N`, the newest weighted most.
//!
//! `target' = max(t, floor(N k / 10)) * sum_i floor(target_i / (k N^2))`, at most the limit, rounded down to a compact target.
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `t` | `sum_i i * min(s_i, 3600)`, `i` = 1 (oldest) to `N`, `s_i` the gap before block `i`, which can be negative | s |
//! | `k` | `floor(0.998 * 600 (N + 1) / 2)`; 13,772 at `N` = 45, as in Bitcoin Gold | s |
//!
//! Source: Bitcoin Gold, `src/pow.cpp`, `LwmaCalculateNextWorkRequired`; zawy12/difficulty-algorithms issue 3.
//! Known errors: the factor 0.998 makes evenly spaced blocks come every 598.8 s, but the noise of `N` = 45 gaps makes random ones
//! at constant hashrate come every 602.9 s on average (own simulation, including the cap at 3600 s).
//! Rounding `target_i / (k N^2)` down matters only at difficulties above 10^40.
//! Blocks before the scenario's start count as mined at its first target.

use crate::chain::target::{CompactTarget, Wide};
use ruint::aliases::U256;

/// Bitcoin Gold's window.
pub const WINDOW: u32 = 45;
/// The widest window; with a wider one `k N^2` would overflow.
pub const WIDEST: u32 = 100_000;
/// The longest gap counted: six times the scheduled 600 s.
pub const LONGEST_GAP_S: i64 = 3_600;

/// `k`: the weighted gap that leaves the target unchanged, in seconds.
#[must_use]
pub const fn adjusted_weight(window: u32) -> u64 {
    (window as u64 + 1) * 600 * 499 / 1000
}

/// Divides targets by `k N^2`. A target is a small multiple of a power of two, and consecutive targets nearly always have the same power: its quotient and
/// remainder are cached.
#[derive(Clone, Debug)]
pub struct Divider {
    /// `k N^2`.
    by: u64,
    /// Exponent of the power of two, its quotient and its remainder.
    shift: u32,
    quotient: U256,
    remainder: u64,
}

impl Divider {
    /// For a window of `N` blocks.
    #[must_use]
    pub fn new(window: u32) -> Self {
        let n = u64::from(window);
        Self { by: adjusted_weight(window) * n * n, shift: 0, quotient: U256::ZERO, remainder: 1 }
    }

    /// A block's summand in the sum of targets: `floor(target / (k N^2))`.
    pub fn part(&mut self, bits: CompactTarget) -> U256 {
        let (mantissa, shift) = bits.parts();
        if self.shift != shift {
            let (quotient, remainder) = (U256::ONE << shift as usize).div_rem(U256::from(self.by));
            (self.shift, self.quotient, self.remainder) = (shift, quotient, remainder.to());
        }
        let rest = u128::from(mantissa) * u128::from(self.remainder);
        self.quotient * U256::from(mantissa) + U256::from(rest / u128::from(self.by))
    }
}

/// The compact target from the weighted sum of gaps and the sum of target parts.
#[must_use]
pub fn next_target(weighted_gaps_s: i64, parts: U256, window: u32, limit: CompactTarget) -> CompactTarget {
    let least = u64::from(window) * adjusted_weight(window) / 10;
    let gaps = weighted_gaps_s.max(0).unsigned_abs().max(least);
    CompactTarget::rounded_wide(Wide::from(parts) * Wide::from(gaps), limit)
}

/// The last `N` blocks and their sums, updated as the window slides.
#[derive(Clone, Debug)]
pub(in crate::chain) struct WeightedWindow {
    /// Gap and target part of each block; a ring.
    ring: Vec<(i64, U256)>,
    /// Position of the oldest block.
    oldest: usize,
    /// `sum i s_i`.
    weighted: i64,
    /// `sum s_i`.
    gaps: i64,
    parts: U256,
    last_time: i64,
    divider: Divider,
}

impl WeightedWindow {
    /// The window at the start; `past(k)` is the header time of the block `k` before the tip. All are mined at `bits`.
    pub(super) fn new(window: u32, bits: CompactTarget, past: impl Fn(u64) -> i64) -> Self {
        assert!((1..=WIDEST).contains(&window), "a window has 1 to {WIDEST} blocks");
        let ring = vec![(0, U256::ZERO); window as usize];
        let last_time = past(u64::from(window));
        let mut kept =
            Self { ring, oldest: 0, weighted: 0, gaps: 0, parts: U256::ZERO, last_time, divider: Divider::new(window) };
        for back in (0..u64::from(window)).rev() {
            kept.keep(past(back), bits);
        }
        kept
    }

    fn window(&self) -> u32 {
        u32::try_from(self.ring.len()).expect("made from a u32")
    }

    fn keep(&mut self, time: i64, bits: CompactTarget) {
        let part = self.divider.part(bits);
        let gap = (time - self.last_time).min(LONGEST_GAP_S);
        self.last_time = time;
        let (old_gap, old_part) = std::mem::replace(&mut self.ring[self.oldest], (gap, part));
        self.oldest = if self.oldest + 1 == self.ring.len() { 0 } else { self.oldest + 1 };
        // Each block's weight falls by one, which removes the oldest; the new one enters with full weight.
        self.weighted += i64::from(self.window()) * gap - self.gaps;
        self.gaps += gap - old_gap;
        self.parts = self.parts - old_part + part;
    }

    /// The target after a block at header time `time` mined at `bits`.
    pub(super) fn next(&mut self, time: i64, bits: CompactTarget, limit: CompactTarget) -> CompactTarget {
        self.keep(time, bits);
        next_target(self.weighted, self.parts, self.window(), limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bitcoin Gold's main network: its pow limit is 2^243 - 1.
    const GOLD_LIMIT: CompactTarget = CompactTarget::new(0x1f07_ffff);

    /// Bitcoin Gold, `src/test/pow_tests.cpp`: fifty blocks at 600 s and difficulty 1.
    #[test]
    fn retarget_of_bitcoin_golds_test() {
        assert_eq!(adjusted_weight(45), 13_772);
        let mut window = WeightedWindow::new(45, CompactTarget::DIFFICULTY_1, |back| -600 * back.cast_signed());
        assert_eq!(window.next(600, CompactTarget::DIFFICULTY_1, GOLD_LIMIT).get(), 0x1d01_0084);
        assert_eq!(
            window.next(1200, CompactTarget::DIFFICULTY_1, CompactTarget::DIFFICULTY_1).get(),
            0x1d00_ffff,
            "the limit holds"
        );
    }

    /// The recipe as published, block by block over the whole window.
    fn plain(times: &[i64], targets: &[CompactTarget], window: usize, limit: CompactTarget) -> CompactTarget {
        let (mut weighted, mut parts) = (0, U256::ZERO);
        let n = u32::try_from(window).expect("small");
        for i in 1..=window {
            let at = targets.len() - window + i - 1;
            weighted += i64::try_from(i).expect("small") * (times[at] - times[at - 1]).min(3600);
            parts +=
                targets[at].target().expect("a target").get() / U256::from(u64::from(n).pow(2) * adjusted_weight(n));
        }
        next_target(weighted, parts, n, limit)
    }

    proptest! {
        #[test]
        fn sliding_sums_are_the_plain_sums(window in 1usize..80, gaps in proptest::collection::vec(-7_000i64..20_000, 150)) {
            let (start, limit) = (CompactTarget::new(0x1b00_ffff), GOLD_LIMIT);
            let n = u32::try_from(window).expect("small");
            let mut sliding = WeightedWindow::new(n, start, |back| -600 * back.cast_signed());
            let mut times: Vec<i64> = (0..=80).rev().map(|back| -600 * back).collect();
            let mut targets = vec![start; times.len()];
            let mut now = start;
            for gap in gaps {
                times.push(times[times.len() - 1] + gap);
                targets.push(now);
                let found = sliding.next(times[times.len() - 1], now, limit);
                prop_assert_eq!(found, plain(&times, &targets, window, limit));
                prop_assert!(found.target().is_ok() && found.get() <= limit.get());
                now = found;
            }
        }

        #[test]
        fn slower_blocks_never_harden(gaps in any::<i64>(), other in any::<i64>(), window in 1u32..=WIDEST, size in 1u32..=0x20) {
            let limit = CompactTarget::DIFFICULTY_1;
            let parts = Divider::new(window).part(CompactTarget::new(0x7f_ffff | size << 24));
            let found = |gaps| next_target(gaps, parts, window, limit).target().expect("never zero, never out of range");
            prop_assert!(found(gaps.min(other)) <= found(gaps.max(other)) && found(i64::MAX) <= limit.target().expect("a target"));
        }
    }
}
