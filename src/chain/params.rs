use crate::units::{Seconds, UnixTime};

/// How the chain stands at the scenario's start and by which rules it goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainParams {
    /// Header time of the block at `height`: the scenario's start.
    pub start: UnixTime,
    /// The tip at the start: this block has just been found; the next to be mined is `height + 1`.
    pub height: u64,
    /// Compact target in force for the next block.
    pub nbits: u32,
    /// Blocks before the tip, oldest first; any missing ones are taken to have come every 600 s.
    pub history: Vec<PastBlocks>,
    /// How blocks arrive.
    pub arrivals: Arrivals,
    /// The difficulty rule.
    pub retarget: Retarget,
    /// Fees of a block.
    pub fees: Fees,
    /// The easiest compact target allowed: 0x1d00ffff on Bitcoin's main network.
    pub pow_limit: u32,
}

/// A run of past blocks with the same spacing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PastBlocks {
    /// How many gaps.
    pub blocks: u32,
    /// Each so long.
    pub interval: Seconds,
}

/// How blocks arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrivals {
    /// Blocks accrue as a real number at the rate of hashrate; no noise.
    Fluid,
    /// A Poisson number a tick, with the retarget instant drawn exactly.
    Poisson,
    /// Every gap between blocks drawn.
    Exact,
}

/// The difficulty rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Retarget {
    /// Every 2016 blocks, over 2015 gaps, within a factor of four.
    Bitcoin,
    /// aserti3-2d at every block.
    Asert {
        /// Time by which the chain must run behind for the target to double; whole seconds.
        half_life_s: i64,
    },
    /// Bitcoin Cash 2017: simple moving average of work over 144 blocks, median-of-three ends.
    Cw144,
    /// Linearly weighted moving average (zawy12), as Bitcoin Gold has it.
    Lwma {
        /// Blocks averaged.
        window: u32,
    },
    /// Every `window` blocks, over that many gaps or one less, clamped or not: Bitcoin's rule with its constants set free.
    FixedWindow {
        /// Blocks between retargets.
        window: u32,
        /// Largest factor either way; `None` lets any through.
        clamp: Option<f64>,
        /// Gaps measured: `window` (true) or `window - 1` as Bitcoin does (false).
        all_gaps: bool,
    },
}

/// Fees of a block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fees {
    /// (instant from the start, BTC per block), in order of time; linear between, constant outside.
    pub knots: Vec<(Seconds, f64)>,
    /// Exponent by which fees rise when blocks are slow: `F = F0 (block interval / 600 s)^gamma`, interval smoothed over a day; 0 is off.
    pub elasticity: f64,
    /// Rushes for block space on top of the path, in order of time.
    pub spikes: Vec<FeeSpike>,
}

/// A rush for block space.
#[derive(Clone, Debug, PartialEq)]
pub struct FeeSpike {
    /// Stable name, from `[event.NAME]`.
    pub name: String,
    /// From when on.
    pub at: Seconds,
    /// What it adds to the fees of a block at first, BTC.
    pub btc_per_block: f64,
    /// After which half of it is gone; `None` does not fade.
    pub half_life: Option<Seconds>,
    /// When it is over; `None` is never.
    pub until: Option<Seconds>,
}

impl FeeSpike {
    /// What it adds at an instant, BTC per block.
    #[must_use]
    pub fn at(&self, now: f64) -> f64 {
        let age = now - self.at.get();
        if age < 0.0 || self.until.is_some_and(|until| now >= until.get()) {
            return 0.0;
        }
        self.half_life.map_or(1.0, |half_life| libm::exp2(-age / half_life.get())) * self.btc_per_block
    }
}
