use super::target::CompactTarget;
use crate::units::{Sats, Seconds};

/// What happened on the chain, told in order of time. Instants count from the scenario's start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ChainEvent {
    /// The first block of an epoch was found: the instant from which, and up to the next of its kind, an epoch is measured.
    /// Under rules that retarget every block an epoch is a window of 2016 heights, for the record alone.
    EpochStart {
        /// Its height.
        height: u64,
        /// When.
        time: Seconds,
        /// The difficulty it was mined at.
        difficulty: f64,
        /// Difficulties of the blocks of the epoch before, summed.
        work_before: f64,
    },
    /// The last block of an epoch was found and the next will be mined at another target. Only under rules that go by epochs.
    Retarget {
        /// The first height mined at the new target.
        height: u64,
        /// When the last block of the old one was found.
        time: Seconds,
        /// Difficulty of the epoch that closes.
        difficulty_before: f64,
        /// Difficulty of the one that opens.
        difficulty_after: f64,
        /// The new target.
        target: CompactTarget,
    },
    /// The last block at the old subsidy was found.
    Halving {
        /// The first height at the new subsidy.
        height: u64,
        /// From when on blocks pay it.
        time: Seconds,
        /// The new subsidy.
        subsidy_after: Sats,
    },
}

/// What a stretch of time brought.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mined {
    /// Blocks found: whole under random arrivals, real in `fluid`.
    pub blocks: f64,
    /// Blocks to be expected, the integral of the block rate.
    pub expected_blocks: f64,
    /// New coins.
    pub subsidy: Sats,
    /// Fees.
    pub fees: Sats,
    /// How long it was.
    pub elapsed: Seconds,
}

impl Mined {
    /// Subsidy and fees.
    #[must_use]
    pub fn reward(&self) -> Sats {
        self.subsidy + self.fees
    }
}

/// The gaps between blocks drawn one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GapStatistics {
    /// How many gaps.
    pub count: u64,
    /// The longest.
    pub longest: Seconds,
    /// Their sum.
    pub sum: Seconds,
    /// The sum of their squares, s^2.
    pub sum_squares: f64,
    /// How many were longer than 120 minutes.
    pub over_120_min: u64,
    /// How many were longer than 180 minutes.
    pub over_180_min: u64,
}

impl GapStatistics {
    /// Counts one gap, in seconds.
    pub(super) fn add(&mut self, gap: f64) {
        self.count += 1;
        self.sum += Seconds::new(gap);
        self.sum_squares += gap * gap;
        self.longest = Seconds::new(self.longest.get().max(gap));
        self.over_120_min += u64::from(gap > 7_200.0);
        self.over_180_min += u64::from(gap > 10_800.0);
    }

    /// Mean gap; NaN without any.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a count of blocks")]
    pub fn mean(&self) -> Seconds {
        self.sum / self.count as f64
    }

    /// Standard deviation of the gaps, in seconds; NaN without any.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a count of blocks")]
    pub fn deviation(&self) -> Seconds {
        let mean = self.mean().get();
        Seconds::new((self.sum_squares / self.count as f64 - mean * mean).max(0.0).sqrt())
    }
}
