use super::CompactTarget;
use crate::{
    declare::{
        Choice, DAYS, EH_PER_S, Key, KeyValue, Kinds, MINUTES, Range, ReadKeys, Scheduled, Usual, kinds, params, shown,
    },
    units::{Days, Hashrate, Seconds, UnixTime},
};

/// Allowed initial hashrate, EH/s. Above it, costs in whole nano-dollars overflow; below it, firms have less than one machine.
pub const HASHRATE: Range = Range::within(1e-6, 1e4);
/// Usual difficulty.
pub const DIFFICULTY: Usual = Usual { low: 1e11, high: 1e15, source: "S1: 2016 to 2025, and seven times that" };

params! {
    /// The end of the chain at the start.
    #[derive(Clone, Copy, Debug)]
    pub struct Tip {
        /// Height of the last block found before the start; the next block to be mined is one higher.
        height: u64, within(0.0, 1e8);
        /// The easiest compact target allowed; 1d00ffff on Bitcoin's main network.
        pow_limit: u32, source("consensus") => |keys, key| keys.form_or(key, CompactTarget::new(0x1d00_ffff)).get();
        /// Difficulty in force for the next block; the nearest compact target is used. Give either this or `nbits`.
        nbits: u32 => difficulty, positive(1e30), usually(DIFFICULTY) => |keys, key| nbits(keys, key, pow_limit);
        /// Running hashrate at the start; not used if the miners are listed individually.
        hashrate: Hashrate => hashrate_eh_per_s as "EH/s", derived("the hashrate at which blocks come every 600 s: difficulty · 2^32 / 600"),
            range(HASHRATE), usual(0.5, 5_000.0, "S1: 2016 to 2025, and five times that")
            => |keys, key| KeyValue::read_key(keys, key, &EH_PER_S, Some(CompactTarget::new(nbits).hashrate_eh()));
    }
}

/// The compact target in force, from `difficulty` or `nbits`.
fn nbits(keys: &mut impl ReadKeys, difficulty: Key, pow_limit: u32) -> u32 {
    let before = keys.problems();
    let number = keys.optional_number(difficulty);
    let doc = "Exact compact target in force for the next block. Give either this or `difficulty`.";
    let exact: Option<CompactTarget> = keys.optional_form(Key::new("nbits", doc));
    if keys.problems() > before {
        return pow_limit;
    }
    let (name, key) = (keys.name_of("difficulty"), if exact.is_some() { "nbits" } else { "difficulty" });
    let refuse = |code, message, label: String, help| keys.refuse(code, message, (key, label), help);
    let help = "the difficulty at the start is given either as a number or as the exact compact target `nbits`";
    let target = match (number, exact) {
        (None, None) => {
            refuse(
                "scenario::missing",
                format!("`{name}` or `nbits` is missing"),
                "needs one of them".to_owned(),
                help,
            );
            return pow_limit;
        }
        (Some(_), Some(_)) => {
            let message = format!("`{name}` and `nbits` are both given");
            keys.refuse("scenario::both", message, ("difficulty", "one of the two".to_owned()), help);
            return pow_limit;
        }
        (_, Some(exact)) => exact,
        (Some(number), None) => CompactTarget::nearest(number).unwrap_or(CompactTarget::new(pow_limit)),
    };
    let least = CompactTarget::new(pow_limit).difficulty();
    if target.difficulty() < least {
        refuse(
            "scenario::range",
            format!("`{}` is easier than `pow_limit` allows", keys.name_of(key)),
            format!("difficulty must be at least {}", shown(least)),
            "`pow_limit` is the easiest compact target allowed",
        );
    }
    target.get()
}

params! {
    /// Initial state of the chain and its rules.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ChainParams(tip: Tip) {
        /// Header time of the block at `height`: the scenario's start.
        start: UnixTime => |keys, _| keys.run().start;
        /// The tip at the start: this block has just been found; the next to be mined is `height + 1`.
        height: u64 => |_, _| tip.height;
        /// Compact target in force for the next block.
        nbits: u32 => |_, _| tip.nbits;
        /// How blocks arrive: their expected number without noise, a Poisson number per step, or with each interval drawn.
        arrivals: Arrivals = Arrivals::Poisson, source("design");
        /// Sequences of blocks before the start, each with a constant interval, oldest first; missing blocks are assumed to have come every 10 minutes.
        history: Vec<PastBlocks> => |keys, key| keys.tables(key, PastBlocks::read);
        /// The difficulty rule: one table, named by its kind.
        retarget: Retarget => |keys, key| {
            let read = keys.optional_table(key.name, key.doc, |keys| Retarget::read_kind(keys, Some("bitcoin")));
            read.unwrap_or(Retarget::Bitcoin)
        };
        /// Fees of a block: one table, named by its kind.
        fees: Fees => |keys, key| {
            let read = keys.optional_table(key.name, key.doc, |keys| FeeLaw::read_kind(keys, Some("constant")));
            read.map(Fees::from).unwrap_or_default()
        };
        /// The easiest compact target allowed: 0x1d00ffff on Bitcoin's main network.
        pow_limit: u32 => |_, _| tip.pow_limit;
    }
}

impl ChainParams {
    /// Notes a problem if the blocks before the start are more than the chain has.
    pub fn check_history(&self, keys: &impl ReadKeys) {
        let total: u64 = self.history.iter().map(|run| u64::from(run.blocks)).sum();
        if total > self.height {
            keys.refuse(
                "scenario::range",
                format!("`{}` has {total} blocks, but the chain only {}", keys.name_of("history"), self.height),
                ("history", "more blocks than the chain has".to_owned()),
                "the history ends with the block at `chain.height`",
            );
        }
    }
}

params! {
    /// Past blocks with equal spacing.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct PastBlocks {
        /// Number of intervals between blocks.
        blocks: u32, within(1.0, 1e6);
        /// Length of each interval.
        interval: Seconds => minutes as MINUTES, positive(1e6);
    }
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

/// Allowed fees of a block.
const FEES: Range = Range::within(0.0, 1e6);
/// Usual fees of a block.
const USUAL_FEES: Usual =
    Usual { low: 0.0005, high: 20.0, source: "A-05, S28, S56: 0.03 to 9.3 BTC on the mean of a day, 2013 to 2023" };
/// The column of fees in files. Its name is not just `fees`, because a column `fees` in other files holds the fees of a day.
const FEES_COLUMN: &[&str] = &["btc_per_block", "fees_btc_per_block", "fee_btc_per_block", "fees_per_block_btc"];

kinds! {
    /// How the path of fees is given.
    #[derive(Clone, Debug, PartialEq)]
    pub enum FeeLaw, check {
        /// Constant fees: every block has the same fees.
        constant => Constant {
            /// Fees of a block.
            btc_per_block: f64 as "BTC" = 0.0, source("design"), range(FEES), usually(USUAL_FEES);
        },
        /// Fees given on some dates: linear in between, constant before the first date and, with `hold_last`, after the last.
        knots => Knots {
            /// Dates and fees of a block, such as [["2018-09-20", 0.1]].
            points: Vec<(Seconds, f64)> as "BTC", range(FEES), usually(USUAL_FEES) => |keys, key| keys.points(key);
        },
        /// Fees from a file with the columns date and btc_per_block, linear in between.
        csv => File {
            /// The file, relative to the file that names it.
            points: Vec<(Seconds, f64)> => file, range(FEES) => |keys, key| keys.series(key, FEES_COLUMN);
        },
        /// Fees that rise when blocks are slow: F0 · (block interval / 600 s)^elasticity.
        elastic => Elastic {
            /// Fees of a block at 600 s; or give `points`.
            btc_per_block: Option<f64> as "BTC", range(FEES), usually(USUAL_FEES);
            /// Dates and fees of a block at 600 s; or give `btc_per_block`.
            points: Vec<(Seconds, f64)> as "BTC", range(FEES), usually(USUAL_FEES) => |keys, key| keys.optional_points(key);
            /// Exponent of the block interval.
            elasticity: f64 = 1.5, source("A; sign from S39, S45"), uniform(0.0, 3.0, "assumed"),
                within(0.0, 10.0), usual(0.1, 3.0, "A-05: 0-3");
        },
    }
}

impl FeeLaw {
    fn check(&self, keys: &impl ReadKeys) {
        let Self::Elastic { btc_per_block, points, .. } = self else { return };
        if btc_per_block.is_some() != points.is_empty() {
            let label = if btc_per_block.is_some() { "both are given" } else { "neither is given" };
            keys.refuse(
                "scenario::both",
                format!("`{}` needs either `btc_per_block` or `points`", keys.name()),
                ("points", label.to_owned()),
                "fees at a block interval of 600 s are one number, or a path",
            );
        }
    }
}

impl From<FeeLaw> for Fees {
    fn from(law: FeeLaw) -> Self {
        let level = |btc| vec![(Seconds::ZERO, btc)];
        let (knots, elasticity) = match law {
            FeeLaw::Constant { btc_per_block } => (level(btc_per_block), 0.0),
            FeeLaw::Knots { points } | FeeLaw::File { points } => (points, 0.0),
            FeeLaw::Elastic { btc_per_block, points, elasticity } => (btc_per_block.map_or(points, level), elasticity),
        };
        Self { knots, elasticity, spikes: Vec::new() }
    }
}

params! {
    /// A temporary increase of fees.
    #[derive(Clone, Debug, PartialEq)]
    pub struct FeeSpike(event: Scheduled) {
        /// Stable name, from `[event.NAME]`.
        name: String => |_, _| event.name.clone();
        /// Time at which the event takes place.
        at: Seconds => |keys, key| event.at(keys, key);
        /// What it adds to the fees of a block at first.
        btc_per_block: f64 as "BTC", within(0.0, 1e6), usual(0.01, 20.0, "S56: at most 9 BTC on the mean of a day, December 2017");
        /// Days after which half of it is gone; without it it does not fade.
        half_life: Option<Seconds> => half_life_days as DAYS, positive(36_500.0), usual(0.05, 3650.0, "assumed: hours to years");
        /// How long it lasts; without it for good.
        until: Option<Seconds> => days as "d", positive(36_500.0), usual(0.05, 3650.0, "assumed: hours to years")
            => |keys, key| keys.optional_number(key).map(|days| at + Days::new(days).into());
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
