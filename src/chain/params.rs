use crate::{
    declare::{Choice, DAYS, Range, ReadKeys, kinds, params},
    units::{Days, Seconds, UnixTime},
};

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

impl Choice for Arrivals {
    const CHOICES: &'static [(&'static str, Self)] =
        &[("fluid", Self::Fluid), ("poisson", Self::Poisson), ("exact", Self::Exact)];
}

kinds! {
    /// The difficulty rule.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub enum Retarget, check {
        /// Every 2016 blocks, over 2015 gaps, within a factor of four.
        bitcoin => Bitcoin,
        /// aserti3-2d: exponential in how far the chain is behind schedule, at every block.
        asert => Asert {
            /// Time behind schedule for the target to double.
            half_life_s: i64 => half_life_days as "d",
                source("R: aserti3-2d"), within(1e-3, 1e4), usual(0.02, 30.0, "R: aserti3-2d has 2; assumed")
                => |keys, key| whole_seconds(keys.number_or(key, 2.0));
        },
        /// Bitcoin Cash 2017: work over 144 blocks, median-of-three ends.
        cw144 => Cw144,
        /// Linearly weighted moving average of solve times (zawy12).
        lwma => Lwma {
            /// Blocks averaged.
            window: u32 as "blocks" = 144, source("design"), within(2.0, 1e5);
        },
        /// Bitcoin's rule with its constants set free.
        fixed_window => FixedWindow {
            /// Blocks between retargets.
            window: u32 as "blocks" = 2016, source("consensus"), within(1.0, 1e6);
            /// Largest factor of a retarget either way; without it any goes.
            clamp: Option<f64>, range(Range { low: Some((1.0, true)), high: Some((1e6, false)) });
            /// Gaps measured: all of the window's, or one less as Bitcoin does.
            all_gaps: bool => gaps, source("consensus") => |keys, key| keys.choice_or(key, false, &[("window-1", false), ("window", true)]);
        },
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the range is below 2^31")]
fn whole_seconds(days: f64) -> i64 {
    (86_400.0 * days).round() as i64
}

impl Retarget {
    fn check(&self, keys: &impl ReadKeys) {
        if matches!(self, Self::FixedWindow { window: 1, all_gaps: false, .. }) {
            keys.refuse(
                "scenario::range",
                format!("`{}` has no gap to measure", keys.name_of("window")),
                ("window", "one block has no gap before the next".to_owned()),
                "retarget every 2 blocks or more, or measure all gaps with `gaps = \"window\"`",
            );
        }
    }
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

params! {
    /// A temporary increase of fees. The name and the begin of the event have been read before.
    #[derive(Clone, Debug, PartialEq)]
    pub struct FeeSpike(event: (String, Seconds)) {
        /// Stable name, from `[event.NAME]`.
        name: String => |_, _| event.0;
        /// Begin.
        at: Seconds => |_, _| event.1;
        /// What it adds to the fees of a block at first.
        btc_per_block: f64 as "BTC", within(0.0, 1e6), usual(0.01, 20.0, "S56: at most 9 BTC on the mean of a day, December 2017");
        /// Days after which half of it is gone; without it it does not fade.
        half_life: Option<Seconds> => half_life_days as DAYS, positive(36_500.0), usual(0.05, 3650.0, "assumed: hours to years");
        /// How long it lasts; without it for good.
        until: Option<Seconds> => days as "d", positive(36_500.0), usual(0.05, 3650.0, "assumed: hours to years")
            => |keys, key| keys.optional_number(key).map(|days| event.1 + Days::new(days).into());
    }
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
