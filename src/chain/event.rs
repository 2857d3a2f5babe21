use super::target::CompactTarget;
use crate::units::{Sats, Seconds};

/// Events of the chain, in order of time. Instants count from the scenario's start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ChainEvent {
    /// The first block of an epoch was found. Epochs are measured from one such block to the next.
    /// Under rules that adjust difficulty at every block, an epoch is a recorded window of 2016 heights.
    EpochStart {
        height: u64,
        time: Seconds,
        /// Difficulty at which this block was mined.
        difficulty: f64,
        /// Sum of the difficulties of the previous epoch's blocks.
        work_before: f64,
    },
    /// The last block of an epoch was found and the next is mined at another target. Only under rules with epochs.
    Retarget {
        /// The first height mined at the new target.
        height: u64,
        /// Instant of the last block at the old target.
        time: Seconds,
        difficulty_before: f64,
        difficulty_after: f64,
        target: CompactTarget,
    },
    /// The last block at the old subsidy was found.
    Halving {
        /// The first height at the new subsidy.
        height: u64,
        /// Instant from which blocks pay the new subsidy.
        time: Seconds,
        subsidy_after: Sats,
    },
}

/// Blocks and coins mined in a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mined {
    /// Blocks found: whole under random arrivals, real in `fluid`.
    pub blocks: f64,
    /// Expected blocks, the integral of the block rate.
    pub expected_blocks: f64,
    pub subsidy: Sats,
    pub fees: Sats,
    pub elapsed: Seconds,
}

impl Mined {
    /// Subsidy and fees.
    #[must_use]
    pub fn reward(&self) -> Sats {
        self.subsidy + self.fees
    }
}

/// Statistics of the gaps between blocks that are drawn one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GapStatistics {
    pub count: u64,
    pub longest: Seconds,
    pub sum: Seconds,
    /// Sum of squares, s^2.
    pub sum_squares: f64,
    pub over_120_min: u64,
    pub over_180_min: u64,
}

impl GapStatistics {
    /// Adds one gap, in seconds.
    pub(super) fn add(&mut self, gap: f64) {
        self.count += 1;
        self.sum += Seconds::new(gap);
        self.sum_squares += gap * gap;
        self.longest = Seconds::new(self.longest.get().max(gap));
        self.over_120_min += u64::from(gap > 7_200.0);
        self.over_180_min += u64::from(gap > 10_800.0);
    }

    /// Mean gap; NaN if there is none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a count of blocks")]
    pub fn mean(&self) -> Seconds {
        self.sum / self.count as f64
    }

    /// Standard deviation of the gaps, in seconds; NaN if there is none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a count of blocks")]
    pub fn deviation(&self) -> Seconds {
        let mean = self.mean().get();
        Seconds::new((self.sum_squares / self.count as f64 - mean * mean).max(0.0).sqrt())
    }
}
