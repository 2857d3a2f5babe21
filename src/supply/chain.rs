//! The chain of a forecast: expected blocks at a given hashrate, epoch after epoch, with Bitcoin's exact compact targets.
//!
//! Blocks come at their expected rate, without noise; [`crate::chain::Chain`] has noise and the other rules. A day that contains a
//! difficulty adjustment is split there.

use crate::{
    chain::{
        CompactTarget, Target,
        retarget::bitcoin::{self, EPOCH},
        subsidy::subsidy,
    },
    units::{DAY_S, Days, Sats},
};

/// Average hashes per block, per unit of difficulty.
const HASHES: f64 = 4_294_967_296.0;

/// Blocks per epoch.
#[expect(clippy::cast_precision_loss, reason = "2016")]
const BLOCKS: f64 = EPOCH as f64;

/// State of the chain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpochChain {
    target: Target,
    difficulty: f64,
    limit: Target,
    /// Height of the epoch's first block.
    start_height: u64,
    /// Blocks found since the epoch's start.
    blocks: f64,
    /// Days since the epoch's start.
    elapsed: f64,
}

/// A completed epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Closed {
    /// Hashrate inferred from its work and its duration, EH/s.
    pub hashrate_eh: f64,
    pub length: Days,
    pub difficulty: f64,
}

impl EpochChain {
    /// A chain at the first block of an epoch. `None` if `nbits` is not a valid target.
    #[must_use]
    pub fn new(start_height: u64, nbits: CompactTarget) -> Option<Self> {
        let target = nbits.target().ok()?;
        let limit = CompactTarget::new(0x1d00_ffff).target().ok()?;
        Some(Self { target, difficulty: nbits.difficulty(), limit, start_height, blocks: 0.0, elapsed: 0.0 })
    }

    #[must_use]
    pub const fn difficulty(&self) -> f64 {
        self.difficulty
    }

    /// Blocks of the present epoch so far.
    #[must_use]
    pub const fn blocks(&self) -> f64 {
        self.blocks
    }

    /// Height, including the expected part of a block.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "heights are below 2^53")]
    pub fn height(&self) -> f64 {
        self.start_height as f64 + self.blocks
    }

    /// Subsidy of the next block.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "blocks of one epoch")]
    pub fn subsidy(&self) -> Sats {
        subsidy(self.start_height + self.blocks as u64)
    }

    /// Expected blocks per day at a hashrate in EH/s.
    #[must_use]
    pub fn blocks_per_day(&self, hashrate_eh: f64) -> f64 {
        hashrate_eh * 1e18 * DAY_S / (self.difficulty * HASHES)
    }

    /// Advances by `time` at a hashrate in EH/s, and passes each epoch that ends to `closed`.
    pub fn advance(&mut self, hashrate_eh: f64, time: Days, mut closed: impl FnMut(Closed)) {
        let mut left = time.get();
        loop {
            let rate = self.blocks_per_day(hashrate_eh);
            let needed = (BLOCKS - self.blocks) / rate;
            if needed > left {
                self.blocks += rate * left;
                self.elapsed += left;
                return;
            }
            left -= needed;
            self.elapsed += needed;
            closed(Closed {
                hashrate_eh: inferred_eh(self.difficulty, Days::new(self.elapsed)),
                length: Days::new(self.elapsed),
                difficulty: self.difficulty,
            });
            self.retarget();
        }
    }

    fn retarget(&mut self) {
        // The rule reads the time from the first to the last block: one gap less than the epoch has.
        #[expect(clippy::cast_possible_truncation, reason = "seconds of an epoch")]
        let timespan_s = (self.elapsed * DAY_S * (BLOCKS - 1.0) / BLOCKS).round() as i64;
        let next = bitcoin::next_target(self.target, timespan_s, self.limit);
        if let Ok(target) = next.target() {
            self.target = target;
            self.difficulty = next.difficulty();
        }
        self.start_height += EPOCH;
        self.blocks = 0.0;
        self.elapsed = 0.0;
    }
}

/// Hashrate inferred from an epoch's difficulty and duration, EH/s.
#[must_use]
pub fn inferred_eh(difficulty: f64, length: Days) -> f64 {
    difficulty * HASHES * BLOCKS / (length.get() * DAY_S) / 1e18
}
