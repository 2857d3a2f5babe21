use super::epochs::Epochs;
use super::event::{ChainEvent, GapStatistics, Mined};
use super::fees::FeePath;
use super::params::{Arrivals, ChainParams, PastBlocks};
use super::retarget::{Header, Rule, SPACING_S};
use super::subsidy::{issued_through, next_halving, subsidy};
use super::target::CompactTarget;
use crate::{
    random::Stream,
    units::{
        Hashrate, Sats, Seconds, UnixTime,
        whole::{floor, nearest},
    },
};

/// A running chain: the tip, the target in force, and the memory of the rule.
#[derive(Clone, Debug)]
pub struct Chain {
    pub(super) arrivals: Arrivals,
    pub(super) rng: Stream,
    /// Number of calls of [`Chain::advance`]: the address of the next draws.
    pub(super) tick: u64,
    /// Seconds from the scenario's start.
    pub(super) now: f64,
    pub(super) height: u64,
    /// Share of the next block already accrued; stays 0 unless arrivals are fluid.
    pub(super) fraction: f64,
    pub(super) fees: FeePath,
    start: UnixTime,
    /// The easiest target, as a header would have it.
    limit: CompactTarget,
    bits: CompactTarget,
    difficulty: f64,
    rule: Rule,
    /// The rule's epochs, or windows of 2016 blocks for the record.
    epochs: Epochs,
    /// Instant of the first block of the tip's epoch.
    epoch_opened: f64,
    /// Sum of the difficulties of the tip's epoch, without the blocks at the present difficulty, which are counted in `at_difficulty`.
    work: f64,
    at_difficulty: u64,
    last_block: f64,
    /// Subsidy of the next block.
    subsidy: i64,
    /// The first height with a lower subsidy.
    halving: u64,
    /// Satoshi of the next block already issued, in proportion to `fraction`.
    part_issued: i64,
    /// Fraction of a satoshi of fees still owed.
    fee_owed: f64,
    gaps: GapStatistics,
    /// Some blocks came in bulk or evenly, so that there are no statistics of gaps.
    bulk: bool,
}

/// Time in seconds between the block `back` below the tip and the tip. Blocks beyond `history` came every 600 s,
/// also at heights below genesis if a rule looks back that far.
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
    /// If `nbits` or `pow_limit` is not a target, or a window has no gap. The scenario checks these first.
    #[must_use]
    pub fn new(params: &ChainParams, rng: Stream) -> Self {
        let target = |bits| CompactTarget::new(bits).target().expect("the scenario lets valid compact targets through");
        let (bits, limit) = (target(params.nbits).compact(), target(params.pow_limit).compact());
        let ago = |back| past(&params.history, back);
        let rule = Rule::new(params, |back| params.start.after(Seconds::new(-ago(back))).get(), bits);
        let epochs = rule.epochs().unwrap_or(Epochs::BITCOIN);
        let before = epochs.before(params.height);
        Self {
            arrivals: params.arrivals,
            rng,
            tick: 0,
            now: 0.0,
            height: params.height,
            fraction: 0.0,
            // The pace is smoothed over a day of blocks.
            fees: FeePath::new(&params.fees, 144.0 / ago(144).max(1.0)),
            start: params.start,
            limit,
            bits,
            difficulty: bits.difficulty(),
            rule,
            epochs,
            epoch_opened: -ago(before),
            // Earlier difficulties are not known.
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

    /// The present instant, from the scenario's start.
    #[must_use]
    pub fn now(&self) -> Seconds {
        Seconds::new(self.now)
    }

    /// The tip: the last block found.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.height
    }

    /// Difficulty of the next block.
    #[must_use]
    pub fn difficulty(&self) -> f64 {
        self.difficulty
    }

    /// Subsidy of the next block.
    #[must_use]
    pub fn subsidy(&self) -> Sats {
        Sats::new(self.subsidy)
    }

    /// Fees of the next block if it came now.
    #[must_use]
    pub fn fees(&self) -> Sats {
        Sats::new(self.fee(self.now))
    }

    /// Subsidy and fees of the next block if it came now.
    #[must_use]
    pub fn reward(&self) -> Sats {
        self.subsidy() + self.fees()
    }

    /// All coins issued since genesis: the schedule to the tip and, in fluid mode, the accrued part of the next block.
    #[must_use]
    pub fn issued(&self) -> Sats {
        issued_through(self.height) + Sats::new(self.part_issued)
    }

    /// The first height with a lower subsidy than the next block.
    #[must_use]
    pub fn next_halving(&self) -> u64 {
        self.halving
    }

    /// The rule's epochs, or windows of 2016 blocks if every block adjusts difficulty.
    #[must_use]
    pub fn epochs(&self) -> Epochs {
        self.epochs
    }

    /// Blocks found of the epoch being mined; 0 right after an epoch closed. In fluid mode including the accrued part.
    #[must_use]
    pub fn blocks_into_epoch(&self) -> f64 {
        count(self.epochs.found(self.height)) + self.fraction
    }

    /// Blocks until the target changes, including the block that changes it; `None` if every block does.
    #[must_use]
    pub fn blocks_to_retarget(&self) -> Option<u64> {
        self.rule.epochs().map(|epochs| epochs.left(self.height))
    }

    /// Instant of the first block of the tip's epoch; negative if it was before the start.
    #[must_use]
    pub fn epoch_start(&self) -> Seconds {
        Seconds::new(self.epoch_opened)
    }

    /// Time since the first block of the epoch being mined, or, until that is found, since the last block of the previous epoch.
    #[must_use]
    pub fn epoch_elapsed(&self) -> Seconds {
        let from = if self.epochs.closes(self.height) { self.last_block } else { self.epoch_opened };
        Seconds::new(self.now - from)
    }

    /// Mean time to a block at this hashrate: `D 2^32 / H`; infinite at zero hashrate.
    #[must_use]
    pub fn expected_spacing(&self, hashrate: Hashrate) -> Seconds {
        Seconds::new(1.0 / self.block_rate(hashrate))
    }

    /// The factor by which the next adjustment would change difficulty if hashrate stayed at this value; `None` if every block adjusts it.
    /// This is the expectation of aware miners. It includes the clamp, but not the limit of targets.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
    pub fn expected_retarget(&self, hashrate: Hashrate) -> Option<f64> {
        let left = count(self.blocks_to_retarget()?) - self.fraction;
        let spacing = self.expected_spacing(hashrate).get();
        self.rule.expected_factor(self.height, self.start.get() as f64 + self.now, left, spacing)
    }

    /// Statistics of the gaps between blocks since the start; `None` if blocks came in bulk or evenly.
    #[must_use]
    pub fn gap_statistics(&self) -> Option<GapStatistics> {
        (!self.bulk).then_some(self.gaps)
    }

    /// Blocks per second: `H 10^6 / (D 2^32)` with H in MH/s.
    pub(super) fn block_rate(&self, hashrate: Hashrate) -> f64 {
        hashrate.hashes_per_s() / (self.difficulty * 4_294_967_296.0)
    }

    /// Number of blocks to the next one whose instant matters: the first or last of an epoch, or the last before a halving.
    pub(super) fn blocks_to_stop(&self) -> u64 {
        if self.rule.epochs().is_none() || self.epochs.closes(self.height) {
            return 1;
        }
        let to_halving = self.halving - 1 - self.height;
        self.epochs.left(self.height).min(to_halving)
    }

    /// Lets `span` pass with `blocks` in it whose instants do not matter; `rest` is the accrued part of one more.
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

    /// The next block is found at `time`, with its own instant.
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

    /// The next block is complete at `time` and its reward is paid: moves the tip, and with it the rule, epoch and halving.
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
        let header = Header { height, time: self.start.after(at).get(), bits: self.bits };
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

    pub(super) fn move_to(&mut self, time: f64) {
        self.now = time;
        self.fees.seek(time);
    }

    fn set_target(&mut self, bits: CompactTarget) {
        self.work += count(std::mem::take(&mut self.at_difficulty)) * self.difficulty;
        self.bits = bits;
        self.difficulty = bits.difficulty();
    }

    /// Fees of a block at `time`, whole satoshi.
    fn fee(&self, time: f64) -> i64 {
        nearest(self.fees.at(Seconds::new(time)))
    }

    /// Pays the fees of `blocks` around `time`. A fraction below one satoshi is carried to the next block.
    #[expect(clippy::cast_precision_loss, reason = "fees of some blocks are far below 2^53 satoshi")]
    fn collect_fees(&mut self, blocks: f64, time: f64, mined: &mut Mined) {
        let owed = blocks * self.fee(time) as f64 + self.fee_owed;
        let paid = floor(owed);
        self.fee_owed = owed - paid as f64;
        mined.fees += Sats::new(paid);
    }
}

#[cfg(test)]
#[expect(
    clippy::float_cmp,
    clippy::cast_precision_loss,
    reason = "what is equal here is exact; coins are below 2^53 satoshi"
)]
pub(super) mod tests;
