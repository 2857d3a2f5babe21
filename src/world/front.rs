//! Lots ordered by thresholds: when hashprice moves, only the lots whose thresholds it crosses have to be evaluated.
//!
//! The lots are sorted once. When a threshold changes for the first time, they are put into narrow buckets, each of them a linked list: from then on
//! a lot moves in constant time, and only the few lots that a move of hashprice crosses are sorted. Sorted lots are several times faster to cross,
//! since they are adjacent in memory.

use crate::units::{Column, Hashprice, LotId};
use crate::{mechanism::operate::rule::Signal, world::lots::Lots};

/// Buckets per octave of thresholds, as a power of two: the leading bits of the mantissa select the bucket.
const BUCKETS_PER_OCTAVE_LOG2: u32 = 9;
/// Buckets reach from 2^-4 to 2^14 USD/PH/day; the first and the last also hold all thresholds beyond.
const FIRST_OCTAVE: i32 = -4;
const OCTAVES: usize = 18;
pub(crate) const BUCKETS: usize = OCTAVES << BUCKETS_PER_OCTAVE_LOG2;

/// The bucket of a threshold. A higher threshold is never in a lower bucket.
pub(crate) fn bucket(threshold: f64) -> usize {
    const FIRST: u64 = ((1023 + FIRST_OCTAVE) as u64) << BUCKETS_PER_OCTAVE_LOG2;
    if threshold <= 0.0 {
        return 0;
    }
    let leading = threshold.to_bits() >> (52 - BUCKETS_PER_OCTAVE_LOG2);
    usize::try_from(leading.saturating_sub(FIRST)).map_or(BUCKETS - 1, |at| at.min(BUCKETS - 1))
}

/// A lot in the list of its bucket. The threshold of a lot in no list is not a number.
#[derive(Clone, Copy, Debug)]
struct Link {
    threshold: f64,
    before: Option<LotId>,
    next: Option<LotId>,
}

/// Lots by one threshold.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// By threshold, then by lot; empty once lots are in buckets.
    sorted: Vec<(f64, LotId)>,
    /// First lot of each bucket; empty if there are no lots.
    first: Vec<Option<LotId>>,
    links: Column<LotId, Link>,
}

impl Order {
    fn new(lots: impl Iterator<Item = LotId>, threshold: &Column<LotId, Hashprice>) -> Self {
        let entries: Vec<(f64, LotId)> = lots.map(|lot| (threshold[lot].get(), lot)).collect();
        if entries.is_empty() {
            return Self::default();
        }
        // Counted into buckets first, so that only the few lots of a bucket have to be sorted.
        let mut places = vec![0; BUCKETS + 1];
        for &(threshold, _) in &entries {
            places[bucket(threshold) + 1] += 1;
        }
        for at in 0..BUCKETS {
            places[at + 1] += places[at];
        }
        let mut sorted = entries.clone();
        for entry in entries {
            let place = &mut places[bucket(entry.0)];
            sorted[*place] = entry;
            *place += 1;
        }
        for of_bucket in sorted.chunk_by_mut(|a, b| bucket(a.0) == bucket(b.0)) {
            of_bucket.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        }
        Self { sorted, ..Self::default() }
    }

    /// Moves a lot to this threshold, wherever it stood before. There are `lots` lots in all.
    fn put(&mut self, lot: LotId, threshold: Hashprice, lots: usize) {
        for (threshold, lot) in std::mem::take(&mut self.sorted) {
            self.link(lot, threshold, lots);
        }
        self.link(lot, threshold.get(), lots);
    }

    /// Removes a lot from its bucket, if it is in one, and adds it to that of this threshold.
    fn link(&mut self, lot: LotId, threshold: f64, lots: usize) {
        if self.links.len() < lots {
            self.first.resize(BUCKETS, None);
            self.links.reach(lots, Link { threshold: f64::NAN, before: None, next: None });
        }
        let Link { threshold: old, before, next } = self.links[lot];
        if !old.is_nan() {
            *before.map_or(&mut self.first[bucket(old)], |before| &mut self.links[before].next) = next;
            if let Some(next) = next {
                self.links[next].before = before;
            }
        }
        let next = self.first[bucket(threshold)].replace(lot);
        if let Some(next) = next {
            self.links[next].before = Some(lot);
        }
        self.links[lot] = Link { threshold, before: None, next };
    }

    /// A signal has moved: visits every lot whose threshold it has reached or fallen below, in the order in which it passed them.
    pub fn cross(&self, from: Hashprice, to: Hashprice, mut visit: impl FnMut(LotId)) {
        let (from, to) = (from.get(), to.get());
        let (low, high) = (from.min(to), from.max(to));
        if !self.sorted.is_empty() {
            let place = |signal: f64| self.sorted.partition_point(|&(threshold, _)| threshold <= signal);
            let crossed = self.sorted[place(low)..place(high)].iter().map(|&(_, lot)| lot);
            return if from < to { crossed.for_each(visit) } else { crossed.rev().for_each(visit) };
        }
        if self.first.is_empty() || from.to_bits() == to.to_bits() {
            return;
        }
        let mut crossed = Vec::new();
        let cross = |first: LotId| {
            let Link { threshold, next, .. } = self.links[first];
            if next.is_some() {
                self.collect_between(first, low, high, &mut crossed);
                if to < from {
                    crossed.reverse();
                }
                crossed.drain(..).for_each(|(_, lot)| visit(lot));
            } else if threshold > low && threshold <= high {
                // Most buckets have no lot or one, and need no sorting.
                visit(first);
            }
        };
        let firsts = self.first[bucket(low)..=bucket(high)].iter().copied().flatten();
        if from < to {
            firsts.for_each(cross);
        } else {
            firsts.rev().for_each(cross);
        }
    }

    /// The lots of one bucket whose threshold is above `low` and not above `high`, by threshold, then by lot.
    fn collect_between(&self, first: LotId, low: f64, high: f64, found: &mut Vec<(f64, LotId)>) {
        let mut at = Some(first);
        while let Some(lot) = at {
            let Link { threshold, next, .. } = self.links[lot];
            if threshold > low && threshold <= high {
                found.push((threshold, lot));
            }
            at = next;
        }
        found.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    }
}

/// The orders needed when the market moves.
#[derive(Clone, Debug, Default)]
pub struct Fronts {
    /// Lots that watch spot hashprice, by the threshold at which they stop.
    pub spot_low: Order,
    /// The same lots, by the threshold at which they restart.
    pub spot_high: Order,
    /// Lots that watch smoothed hashprice, by their only threshold.
    pub smooth: Order,
    /// Lots that take the next retarget into account, by the threshold at which they restart: they watch the higher of hashprice and its expected
    /// value after the retarget.
    pub aware_high: Order,
    /// All lots by avoidable cost: it separates those below break-even.
    pub water: Order,
}

impl Fronts {
    /// Places all lots.
    #[must_use]
    pub fn new(lots: &Lots) -> Self {
        let of = |signal| lots.ids().filter(move |&lot| lots.rule[lot].watches() == signal);
        Self {
            spot_low: Order::new(of(Signal::Spot), &lots.low),
            spot_high: Order::new(of(Signal::Spot), &lots.high),
            smooth: Order::new(of(Signal::Smooth), &lots.low),
            aware_high: Order::new(of(Signal::Retarget), &lots.high),
            water: Order::new(lots.ids(), &lots.lambda),
        }
    }

    /// Updates the place of a lot that was added or whose thresholds have changed.
    pub fn put(&mut self, lots: &Lots, lot: LotId) {
        let all = lots.len();
        match lots.rule[lot].watches() {
            Signal::Spot => {
                self.spot_low.put(lot, lots.low[lot], all);
                self.spot_high.put(lot, lots.high[lot], all);
            }
            Signal::Smooth => self.smooth.put(lot, lots.low[lot], all),
            Signal::Retarget => self.aware_high.put(lot, lots.high[lot], all),
        }
        self.water.put(lot, lots.lambda[lot], all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Id;

    #[test]
    fn a_bucket_is_never_below_that_of_a_lower_threshold() {
        let thresholds =
            [-1.0, 0.0, 1e-300, 0.0624, 0.0625, 1.0, 1.001, 1.003, 40.0, 40.1, 16_383.0, 1e9, f64::INFINITY];
        let buckets = thresholds.map(bucket);
        assert!(buckets.is_sorted(), "{buckets:?}");
        assert_eq!((buckets[0], buckets[4], buckets[12]), (0, 0, BUCKETS - 1));
        assert_ne!(bucket(40.0), bucket(40.1));
    }

    /// Compared with testing every lot for a threshold in the interval, while thresholds change.
    #[test]
    fn crossing_visits_in_order_what_lies_between() {
        let mut thresholds: Column<LotId, _> =
            [5.0, 3.0, 5.0, 700.0, 0.0, 3.0001].into_iter().map(Hashprice::new).collect();
        let mut order = Order::new(thresholds.ids(), &thresholds);
        for (lot, threshold) in [(0, 4.0), (3, 3.0), (4, 1e9), (1, 2.0), (0, 3.0)] {
            let lot = LotId::of(lot);
            let threshold = Hashprice::new(threshold);
            for (from, to) in [(0.0, 1e4), (1e4, 0.0), (3.0, 5.0), (5.0, 3.0), (2.0, 2.0), (2.9, 3.00005)] {
                let mut between: Vec<LotId> = thresholds
                    .ids()
                    .filter(|&lot| {
                        thresholds[lot].get() > f64::min(from, to) && thresholds[lot].get() <= f64::max(from, to)
                    })
                    .collect();
                between.sort_by(|&a, &b| thresholds[a].total_cmp(&thresholds[b]));
                if to < from {
                    between.reverse();
                }
                let mut visited = Vec::new();
                order.cross(Hashprice::new(from), Hashprice::new(to), |lot| visited.push(lot));
                assert_eq!(visited, between, "from {from} to {to}");
            }
            thresholds[lot] = threshold;
            order.put(lot, threshold, 6);
        }
    }
}
