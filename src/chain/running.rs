use super::epochs::Epochs;
use super::event::{ChainEvent, GapStatistics, Mined};
use super::fees::FeePath;
use super::params::{Arrivals, ChainParams, PastBlocks};
use super::retarget::{Header, Rule, SPACING_S};
use super::subsidy::{issued_through, next_halving, subsidy};
use super::target::{CompactTarget, Target};
use crate::random::Stream;
use crate::units::{Hashrate, Sats, Seconds, UnixTime};

/// A chain that runs: the tip, the target in force, and what the rules remember.
#[derive(Clone, Debug)]
pub struct Chain {
    pub(super) arrivals: Arrivals,
    pub(super) rng: Stream,
    /// How often [`Chain::advance`] was called: the address of its next draws.
    pub(super) tick: u64,
    /// Seconds from the scenario's start.
    pub(super) now: f64,
    pub(super) height: u64,
    /// Share of the next block already accrued; stays 0 unless arrivals are fluid.
    pub(super) fraction: f64,
    pub(super) fees: FeePath,
    start: UnixTime,
    limit: Target,
    bits: CompactTarget,
    target: Target,
    difficulty: f64,
    rule: Rule,
    /// The rule's epochs, or those of 2016 blocks for the record.
    epochs: Epochs,
    /// When the first block of the tip's epoch was found.
    epoch_opened: f64,
    /// Difficulties of the blocks of the tip's epoch, summed, but for those at the difficulty now in force, which are counted.
    work: f64,
    at_difficulty: u64,
    last_block: f64,
    /// What the next block creates.
    subsidy: i64,
    /// The first height that pays less.
    halving: u64,
    /// Satoshi of the next block already issued, in proportion to `fraction`.
    part_issued: i64,
    /// Fraction of a satoshi of fees still owed.
    fee_owed: f64,
    gaps: GapStatistics,
    /// Some blocks came without instants of their own, or evenly: there are no statistics of gaps.
    bulk: bool,
}

/// How long before the tip the block `back` below it was found, in seconds; what `history` does not reach came every 600 s,
/// down to heights below genesis if a rule looks back so far.
fn past(history: &[PastBlocks], mut back: u64) -> f64 {
    let mut ago = 0.0;
    for run in history.iter().rev() {
        let blocks = back.min(u64::from(run.blocks));
        ago += count(blocks) * run.interval.get();
        back -= blocks;
    }
    ago + count(back) * SPACING_S
}

#[expect(clippy::cast_precision_loss, reason = "heights are far below 2^53")]
pub(super) fn count(blocks: u64) -> f64 {
    blocks as f64
}

impl Chain {
    /// The chain at the scenario's start, drawing from `rng`.
    ///
    /// # Panics
    /// If `nbits` or `pow_limit` is not a target, or a window has no gap: the scenario checks them first.
    #[must_use]
    pub fn new(params: &ChainParams, rng: Stream) -> Self {
        let target = |bits| CompactTarget::new(bits).target().expect("the scenario lets valid compact targets through");
        let (bits, target, limit) = (CompactTarget::new(params.nbits), target(params.nbits), target(params.pow_limit));
        let ago = |back| past(&params.history, back);
        let rule = Rule::new(params, |back| params.start.after(Seconds::new(-ago(back))).get(), target);
        let epochs = rule.epochs().unwrap_or(Epochs::BITCOIN);
        let before = epochs.before(params.height);
        Self {
            arrivals: params.arrivals,
            rng,
            tick: 0,
            now: 0.0,
            height: params.height,
            fraction: 0.0,
            // A day of blocks is what the pace is smoothed over.
            fees: FeePath::new(&params.fees, 144.0 / ago(144).max(1.0)),
            start: params.start,
            limit,
            bits,
            target,
            difficulty: bits.difficulty(),
            rule,
            epochs,
            epoch_opened: -ago(before),
            // Nothing is said of earlier difficulties.
            work: 0.0,
            at_difficulty: before + 1,
            last_block: 0.0,
            subsidy: subsidy(params.height + 1).get(),
            halving: next_halving(params.height + 1),
            part_issued: 0,
            fee_owed: 0.0,
            gaps: GapStatistics::default(),
            bulk: false,
        }
    }

    /// The instant the chain has reached, from the scenario's start.
    #[must_use]
    pub fn now(&self) -> Seconds {
        Seconds::new(self.now)
    }

    /// The tip: the last block found.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.height
    }

    /// Heights from genesis as a real number: in fluid mode with the share of the next block that has accrued.
    #[must_use]
    pub fn real_height(&self) -> f64 {
        count(self.height) + self.fraction
    }

    /// Difficulty of the next block.
    #[must_use]
    pub fn difficulty(&self) -> f64 {
        self.difficulty
    }

    /// Compact target of the next block.
    #[must_use]
    pub fn compact_target(&self) -> CompactTarget {
        self.bits
    }

    /// What the next block creates.
    #[must_use]
    pub fn subsidy(&self) -> Sats {
        Sats::new(self.subsidy)
    }

    /// Fees the next block would take if it came now.
    #[must_use]
    pub fn fees(&self) -> Sats {
        Sats::new(self.fee(self.now))
    }

    /// What the next block would bring its miner if it came now.
    #[must_use]
    pub fn reward(&self) -> Sats {
        self.subsidy() + self.fees()
    }

    /// All coins issued so far, from genesis: the schedule to the tip and, in fluid mode, the next block's part.
    #[must_use]
    pub fn issued(&self) -> Sats {
        issued_through(self.height) + Sats::new(self.part_issued)
    }

    /// The first height that pays less than the next block.
    #[must_use]
    pub fn next_halving(&self) -> u64 {
        self.halving
    }

    /// The rule's epochs, or those of 2016 blocks where every block retargets.
    #[must_use]
    pub fn epochs(&self) -> Epochs {
        self.epochs
    }

    /// Blocks found of the epoch being mined; 0 right after one closed. In fluid mode with the part accrued.
    #[must_use]
    pub fn blocks_into_epoch(&self) -> f64 {
        count(self.epochs.found(self.height)) + self.fraction
    }

    /// Blocks still to be found until the target changes, the one that changes it included; `None` where every block does.
    #[must_use]
    pub fn blocks_to_retarget(&self) -> Option<u64> {
        self.rule.epochs().map(|epochs| epochs.left(self.height))
    }

    /// When the first block of the tip's epoch was found; before the start it is negative.
    #[must_use]
    pub fn epoch_start(&self) -> Seconds {
        Seconds::new(self.epoch_opened)
    }

    /// Time since the first block of the epoch being mined; until that is found, since the last block of the epoch before.
    #[must_use]
    pub fn epoch_elapsed(&self) -> Seconds {
        let from = if self.epochs.closes(self.height) { self.last_block } else { self.epoch_opened };
        Seconds::new(self.now - from)
    }

    /// Mean time to a block at this hashrate: `D 2^32 / H`. Infinite without any.
    #[must_use]
    pub fn expected_spacing(&self, hashrate: Hashrate) -> Seconds {
        Seconds::new(1.0 / self.block_rate(hashrate))
    }

    /// The factor by which the next retarget would move difficulty if hashrate stayed at this from now on; `None` where every block retargets.
    /// What a miner who looks ahead expects; the clamp is in it, the limit is not.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
    pub fn expected_retarget(&self, hashrate: Hashrate) -> Option<f64> {
        let left = count(self.blocks_to_retarget()?) - self.fraction;
        let spacing = self.expected_spacing(hashrate).get();
        self.rule.expected_factor(self.height, self.start.get() as f64 + self.now, left, spacing)
    }

    /// Statistics of the gaps between blocks since the start; `None` if blocks were counted in bulk or came evenly.
    #[must_use]
    pub fn gap_statistics(&self) -> Option<GapStatistics> {
        (!self.bulk).then_some(self.gaps)
    }

    /// Blocks per second: `H 10^6 / (D 2^32)` with H in MH/s.
    pub(super) fn block_rate(&self, hashrate: Hashrate) -> f64 {
        hashrate.hashes_per_s() / (self.difficulty * 4_294_967_296.0)
    }

    /// How many blocks on the next one lies whose instant matters: it opens or closes an epoch, or is the last before a halving.
    pub(super) fn blocks_to_stop(&self) -> u64 {
        if self.rule.epochs().is_none() || self.epochs.closes(self.height) {
            return 1;
        }
        let to_halving = self.halving - 1 - self.height;
        self.epochs.left(self.height).min(to_halving)
    }

    /// Lets `span` pass and `blocks` come in it, none of which matters by its instant; `rest` is the part of one more.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_precision_loss,
        reason = "satoshi and blocks of one epoch"
    )]
    pub(super) fn connect_bulk(&mut self, blocks: u64, rest: f64, span: f64, mined: &mut Mined) {
        let real = count(blocks) + rest - self.fraction;
        self.bulk |= real > 0.0;
        self.collect_fees(real, self.now + 0.5 * span, mined);
        self.fees.observe(real, span);
        let part = (rest * self.subsidy as f64) as i64;
        mined.subsidy += Sats::new(blocks as i64 * self.subsidy + part - self.part_issued);
        mined.blocks += real;
        self.part_issued = part;
        self.fraction = rest;
        self.height += blocks;
        self.at_difficulty += blocks;
        self.move_to(self.now + span);
    }

    /// The next block is found at `time`, by its own instant.
    pub(super) fn connect(&mut self, time: f64, mined: &mut Mined, log: &mut impl FnMut(ChainEvent)) {
        let rest = 1.0 - self.fraction;
        self.fees.wait(time - self.now);
        self.collect_fees(rest, time, mined);
        self.fees.strike();
        mined.subsidy += Sats::new(self.subsidy - self.part_issued);
        mined.blocks += rest;
        self.gaps.add(time - self.last_block);
        self.settle_block(time, log);
    }

    /// The next block is complete at `time` and all it pays is paid: the tip moves, and what hangs on heights follows.
    pub(super) fn settle_block(&mut self, time: f64, log: &mut impl FnMut(ChainEvent)) {
        (self.fraction, self.part_issued) = (0.0, 0);
        self.height += 1;
        self.last_block = time;
        self.move_to(time);
        let (height, at) = (self.height, Seconds::new(time));
        if self.epochs.opens(height) {
            let work_before = self.work + count(self.at_difficulty) * self.difficulty;
            log(ChainEvent::EpochStart { height, time: at, difficulty: self.difficulty, work_before });
            (self.epoch_opened, self.work, self.at_difficulty) = (time, 0.0, 0);
        }
        self.at_difficulty += 1;
        let header = Header { height, time: self.start.after(at).get(), target: self.target };
        if let Some(bits) = self.rule.connect(header, self.limit) {
            let difficulty_before = self.difficulty;
            self.set_target(bits);
            if self.rule.epochs().is_some() {
                log(ChainEvent::Retarget {
                    height: height + 1,
                    time: at,
                    difficulty_before,
                    difficulty_after: self.difficulty,
                    target: bits,
                });
            }
        }
        if height + 1 == self.halving {
            let after = subsidy(self.halving);
            self.subsidy = after.get();
            log(ChainEvent::Halving { height: self.halving, time: at, subsidy_after: after });
            self.halving = next_halving(self.halving);
        }
    }

    /// Moves the clock.
    pub(super) fn move_to(&mut self, time: f64) {
        self.now = time;
        self.fees.seek(time);
    }

    fn set_target(&mut self, bits: CompactTarget) {
        self.work += count(std::mem::take(&mut self.at_difficulty)) * self.difficulty;
        self.bits = bits;
        self.target = bits.target().expect("rules return targets between 1 and the limit");
        self.difficulty = bits.difficulty();
    }

    /// Fees of a block at `time`, whole satoshi.
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates far above all coins")]
    fn fee(&self, time: f64) -> i64 {
        self.fees.at(Seconds::new(time)).round() as i64
    }

    /// Fees of so many blocks around `time`. What a part of a block leaves below one satoshi is owed to the next.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "fees of some blocks are far below 2^53 satoshi"
    )]
    fn collect_fees(&mut self, blocks: f64, time: f64, mined: &mut Mined) {
        let owed = blocks * self.fee(time) as f64 + self.fee_owed;
        let paid = owed.floor();
        self.fee_owed = owed - paid;
        mined.fees += Sats::new(paid as i64);
    }
}

#[cfg(test)]
#[expect(
    clippy::float_cmp,
    clippy::cast_precision_loss,
    reason = "what is equal here is exact; coins are below 2^53 satoshi"
)]
pub(super) mod tests;
