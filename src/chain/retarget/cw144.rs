//! The rule of Bitcoin Cash from November 2017 to November 2020: adjusts at every block, by the work of the last 144.
//!
//! `target' = (2^256 - W') / W'`, at most the limit, with `W' = floor(600 W / clamp(T, 43200, 172800))`.
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `T` | header time between the two ends | s, signed |
//! | `W` | work between the two ends, `floor(2^256 / (target + 1))` a block | hashes |
//! | ends | the block with the median time stamp among `n - 2, n - 1, n`, and the one among `n - 146, n - 145, n - 144` | - |
//!
//! Source: Bitcoin ABC, `src/pow.cpp`, `GetNextCashWorkRequired`, `GetSuitableBlock`, `ComputeTarget`.
//! Known errors: a block's difficulty leaves the window all at once a day later, which makes reacting hashrate swing daily.
//! The noise of 144 gaps makes random blocks at constant hashrate come every 602.1 s on average (own simulation).
//! Blocks before the scenario's start count as mined at its first target.

use crate::chain::target::{CompactTarget, Wide};

pub const WINDOW: u64 = 144;
/// Half and twice the scheduled time of the window, in seconds.
pub const TIMESPAN_RANGE_S: (i64, i64) = (72 * 600, 288 * 600);

/// Time and work of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// Header time.
    time: i64,
    /// All work up to and including this block, from any origin.
    work: Wide,
}

/// Of three blocks in order of height, the one with the median time stamp; equal time stamps are ordered like in Bitcoin ABC's sorting network.
#[must_use]
pub fn suitable(mut blocks: [Milestone; 3]) -> Milestone {
    for (i, j) in [(0, 2), (0, 1), (1, 2)] {
        if blocks[i].time > blocks[j].time {
            blocks.swap(i, j);
        }
    }
    blocks[1]
}

/// The compact target after the window between two suitable blocks.
#[must_use]
pub fn next_target(first: Milestone, last: Milestone, limit: CompactTarget) -> CompactTarget {
    let timespan = (last.time - first.time).clamp(TIMESPAN_RANGE_S.0, TIMESPAN_RANGE_S.1).unsigned_abs();
    let between = last.work - first.work;
    let [low, high, 0, 0, 0] = *between.as_limbs() else { return next_target_by_wide(between, timespan, limit) };
    let work =
        (u128::from(high) << 64 | u128::from(low)).checked_mul(600).map(|product| product / u128::from(timespan));
    match work {
        Some(0) => limit,
        // The target is floor(2^256 / W') - 1, of which 24 leading bits are kept. They are those of floor(2^127 / W'), which has at least 33. The 1 changes
        // them only if W' divides 2^127, hence 2^127 - 1.
        Some(work @ 1..WORK_IN_WORDS) => CompactTarget::rounded(((1 << 127) - 1) / work, 129, limit),
        _ => next_target_by_wide(between, timespan, limit),
    }
}

/// Up to this work per block, 40,000 times that of 2024, 128 bits are enough.
const WORK_IN_WORDS: u128 = 1 << 94;

/// The same for any amount of work.
fn next_target_by_wide(between: Wide, timespan: u64, limit: CompactTarget) -> CompactTarget {
    let work = between * Wide::from(600) / Wide::from(timespan);
    if work.is_zero() {
        return limit;
    }
    let all = Wide::ONE << 256usize;
    // More work per block than there are hashes gives the hardest target.
    CompactTarget::rounded_wide(all.saturating_sub(work) / work, limit)
}

/// The last blocks, as far back as the rule looks.
#[derive(Clone, Debug)]
pub(in crate::chain) struct WorkWindow {
    /// A ring: block `n` after the first kept is at `n mod 256`.
    ring: Box<[Milestone; 256]>,
    /// Number of blocks kept so far.
    kept: u8,
    /// Cached work of a block at the last target.
    of: (CompactTarget, Wide),
}

impl WorkWindow {
    /// The window at the start; `past(k)` is the header time of the block `k` before the tip. All are mined at `bits`.
    pub(super) fn new(bits: CompactTarget, past: impl Fn(u64) -> i64) -> Self {
        let empty = Milestone { time: 0, work: Wide::ZERO };
        let mut window = Self { ring: Box::new([empty; 256]), kept: 0, of: (bits, bits.work()) };
        for back in (0..=WINDOW + 2).rev() {
            window.keep(past(back), bits);
        }
        window
    }

    fn keep(&mut self, time: i64, bits: CompactTarget) {
        if self.of.0 != bits {
            self.of = (bits, bits.work());
        }
        let work = self.back(1).work + self.of.1;
        self.ring[usize::from(self.kept)] = Milestone { time, work };
        self.kept = self.kept.wrapping_add(1);
    }

    /// The block `back` before the next one.
    fn back(&self, back: u8) -> Milestone {
        self.ring[usize::from(self.kept.wrapping_sub(back))]
    }

    /// The target after a block at header time `time` mined at `bits`.
    pub(super) fn next(&mut self, time: i64, bits: CompactTarget, limit: CompactTarget) -> CompactTarget {
        self.keep(time, bits);
        let last = suitable([3, 2, 1].map(|back| self.back(back)));
        let first = suitable([147, 146, 145].map(|back| self.back(back)));
        next_target(first, last, limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A chain that has only this rule and receives gaps.
    struct Headers {
        window: WorkWindow,
        time: i64,
        bits: u32,
    }

    impl Headers {
        fn new(bits: u32) -> Self {
            let time = 1_269_211_443 + 2049 * 600;
            Self {
                window: WorkWindow::new(CompactTarget::new(bits), |back| time - 600 * back.cast_signed()),
                time,
                bits,
            }
        }

        fn mine(&mut self, blocks: usize, gap: i64) -> u32 {
            for _ in 0..blocks {
                self.time += gap;
                self.bits =
                    self.window.next(self.time, CompactTarget::new(self.bits), CompactTarget::DIFFICULTY_1).get();
            }
            self.bits
        }
    }

    /// Bitcoin ABC, `src/test/pow_tests.cpp`, `cash_difficulty_test`.
    #[test]
    fn retargets_of_bitcoin_abcs_test() {
        let mut chain = Headers::new(0x1c0f_ffff);
        for (blocks, gap) in [(10, 600), (1, 6000), (1, 600 * 2 - 6000), (20, 600), (1, 550)] {
            for _ in 0..blocks {
                assert_eq!(chain.mine(1, gap), 0x1c0f_ffff, "{gap} s leave it");
            }
        }
        for (blocks, gap, bits) in [
            (10, 550, 0x1c0f_e7b1),
            (20, 10, 0x1c0d_b19f),
            (1, 6000, 0x1c0d_9222),
            (93, 6000, 0x1c2f_13b9),
            (1, 6000, 0x1c2e_e9bf),
            (192, 6000, 0x1d00_ffff),
            (5, 6000, 0x1d00_ffff),
        ] {
            assert_eq!(chain.mine(blocks, gap), bits, "{blocks} of {gap} s");
        }
    }

    #[test]
    fn time_stamps_out_of_order_are_sorted_and_equal_ones_stay() {
        let at = |time, work: u64| Milestone { time, work: Wide::from(work) };
        assert_eq!(suitable([at(3, 1), at(1, 2), at(2, 3)]).work, Wide::from(3));
        assert_eq!(suitable([at(1, 1), at(3, 2), at(2, 3)]).work, Wide::from(3));
        assert_eq!(suitable([at(2, 1), at(3, 2), at(1, 3)]).work, Wide::from(1));
        assert_eq!(suitable([at(1, 1), at(1, 2), at(1, 3)]).work, Wide::from(2));
        assert_eq!(suitable([at(2, 1), at(1, 2), at(1, 3)]).work, Wide::from(2), "as the network leaves them");
    }

    proptest! {
        #[test]
        fn slower_blocks_never_harden(span in any::<i32>(), other in any::<i32>(), size in 1u32..=0x20, blocks in 1u64..=146, top in 0x1d00_ffffu32..=0x1d7f_ffff) {
            let limit = CompactTarget::new(top);
            let work = CompactTarget::new(0x7f_ffff | size << 24).work() * Wide::from(blocks);
            let found = |span: i32| {
                let last = Milestone { time: i64::from(span), work };
                next_target(Milestone { time: 0, work: Wide::ZERO }, last, limit).target().expect("never zero, never out of range")
            };
            prop_assert!(found(span.min(other)) <= found(span.max(other)));
            prop_assert!(found(i32::MAX) <= limit.target().expect("a target"));
        }

        #[test]
        fn in_words_the_target_is_what_wide_numbers_give(work in 1u128.., bits in 1u32..110, span in any::<i32>()) {
            let work = Wide::from(work >> (127 - bits));
            let last = Milestone { time: i64::from(span), work };
            let timespan = i64::from(span).clamp(TIMESPAN_RANGE_S.0, TIMESPAN_RANGE_S.1).unsigned_abs();
            let limit = CompactTarget::new(0x207f_ffff);
            for work in [work, Wide::ONE << bits as usize] {
                let found = next_target(Milestone { time: 0, work: Wide::ZERO }, Milestone { work, ..last }, limit);
                prop_assert_eq!(found, next_target_by_wide(work, timespan, limit));
            }
        }

        #[test]
        fn the_easiest_and_hardest_chains_do_not_overflow(gaps in proptest::collection::vec(-90_000i64..90_000, 300), bits in prop_oneof![Just(0x0101_0000u32), Just(0x207f_ffff)]) {
            let limit = CompactTarget::new(0x207f_ffff);
            let mut window = WorkWindow::new(CompactTarget::new(bits), |back| -600 * back.cast_signed());
            let (mut time, mut now) = (0, CompactTarget::new(bits));
            for gap in gaps {
                time += gap;
                now = window.next(time, now, limit);
                prop_assert!(now.target().is_ok() && now.get() <= limit.get());
            }
        }
    }
}
