use crate::units::{Seconds, UnixTime};

/// Initial state of the chain and its rules.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainParams {
    /// Header time of the block at `height`: the scenario's start.
    pub start: UnixTime,
    /// The tip at the start: this block has just been found; the next to be mined is `height + 1`.
    pub height: u64,
    /// Compact target in force for the next block.
    pub nbits: u32,
    /// Blocks before the tip, oldest first; missing ones came every 600 s.
    pub history: Vec<PastBlocks>,
    pub arrivals: Arrivals,
    pub retarget: Retarget,
    pub fees: Fees,
    /// The easiest compact target allowed: 0x1d00ffff on Bitcoin's main network.
    pub pow_limit: u32,
}

/// Past blocks with equal spacing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PastBlocks {
    /// Number of gaps.
    pub blocks: u32,
    pub interval: Seconds,
}

/// Law of block arrivals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrivals {
    /// Blocks accrue as a real number at the block rate, without noise.
    Fluid,
    /// A Poisson number per step, with the instant of a difficulty adjustment drawn exactly.
    Poisson,
    /// Every gap between blocks is drawn.
    Exact,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Retarget {
    /// Every 2016 blocks, over 2015 gaps, within a factor of four.
    Bitcoin,
    /// aserti3-2d at every block.
    Asert {
        /// Time behind schedule that doubles the target; whole seconds.
        half_life_s: i64,
    },
    /// Bitcoin Cash 2017: simple moving average of work over 144 blocks, between blocks of median time among three.
    Cw144,
    /// Linearly weighted moving average (zawy12), as in Bitcoin Gold.
    Lwma { window: u32 },
    /// Every `window` blocks, over `window` gaps or one less, clamped or not: Bitcoin's rule with its constants as parameters.
    FixedWindow {
        /// Blocks between adjustments.
        window: u32,
        /// Largest factor in either direction; `None` is no limit.
        clamp: Option<f64>,
        /// Gaps measured: `window` (true) or `window - 1` as Bitcoin does (false).
        all_gaps: bool,
    },
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fees {
    /// (instant from the start, BTC per block), in order of time; linear between, constant outside.
    pub knots: Vec<(Seconds, f64)>,
    /// Exponent by which fees rise when blocks are slow: `F = F0 (block interval / 600 s)^gamma`, interval smoothed over a day; 0 switches it off.
    pub elasticity: f64,
    /// Spikes on top of the path, in order of time.
    pub spikes: Vec<FeeSpike>,
}

/// A temporary increase of fees.
#[derive(Clone, Debug, PartialEq)]
pub struct FeeSpike {
    /// Stable name, from `[event.NAME]`.
    pub name: String,
    pub at: Seconds,
    /// Initial increase of the fees of a block, BTC.
    pub btc_per_block: f64,
    /// Half-life of the increase; `None` does not fade.
    pub half_life: Option<Seconds>,
    /// End of the spike; `None` is never.
    pub until: Option<Seconds>,
}

impl FeeSpike {
    /// Increase at an instant, BTC per block.
    #[must_use]
    pub fn at(&self, now: f64) -> f64 {
        let age = now - self.at.get();
        if age < 0.0 || self.until.is_some_and(|until| now >= until.get()) {
            return 0.0;
        }
        self.half_life.map_or(1.0, |half_life| libm::exp2(-age / half_life.get())) * self.btc_per_block
    }
}
