//! Lots ordered by thresholds: when hashprice moves, only the lots whose thresholds it crosses have to be evaluated.
//!
//! The lots are sorted once. When a threshold changes for the first time, they are put into narrow buckets, each of them a linked list: from then on
//! a lot moves in constant time, and only the few lots that a move of hashprice crosses are sorted. Sorted lots are several times faster to cross,
//! since they are adjacent in memory.

use crate::{mechanism::operate::rule::Rule, world::lots::Lots};

/// Buckets per octave of thresholds, as a power of two: the leading bits of the mantissa select the bucket.
const BUCKETS_PER_OCTAVE_LOG2: u32 = 9;
/// Buckets reach from 2^-4 to 2^14 USD/PH/day; the first and the last also hold all thresholds beyond.
const FIRST_OCTAVE: i32 = -4;
const OCTAVES: usize = 18;
pub(crate) const BUCKETS: usize = OCTAVES << BUCKETS_PER_OCTAVE_LOG2;

/// The end of a list.
const NONE: u32 = u32::MAX;
/// Marker in place of the previous lot: this lot is in no list.
const ABSENT: u32 = u32::MAX - 1;

/// The bucket of a threshold. A higher threshold is never in a lower bucket.
pub(crate) fn bucket(threshold: f64) -> usize {
    const FIRST: u64 = ((1023 + FIRST_OCTAVE) as u64) << BUCKETS_PER_OCTAVE_LOG2;
    if threshold <= 0.0 {
        return 0;
    }
    let leading = threshold.to_bits() >> (52 - BUCKETS_PER_OCTAVE_LOG2);
    usize::try_from(leading.saturating_sub(FIRST)).map_or(BUCKETS - 1, |at| at.min(BUCKETS - 1))
}

/// A lot in the list of its bucket.
#[derive(Clone, Copy, Debug)]
struct Link {
    threshold: f64,
    before: u32,
    next: u32,
}

/// Lots by one threshold.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// By threshold, then by lot; empty once lots are in buckets.
    sorted: Vec<(f64, u32)>,
    /// First lot of each bucket; empty if there are no lots.
    first: Vec<u32>,
    /// List links by lot.
    links: Vec<Link>,
}

impl Order {
    fn new(lots: impl Iterator<Item = u32>, threshold: &[f64]) -> Self {
        let mut sorted: Vec<(f64, u32)> = lots.map(|lot| (threshold[lot as usize], lot)).collect();
        sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        Self { sorted, ..Self::default() }
    }

    /// Moves a lot to this threshold, wherever it stood before. There are `lots` lots in all.
    fn put(&mut self, lot: u32, threshold: f64, lots: usize) {
        for (threshold, lot) in std::mem::take(&mut self.sorted) {
            self.link(lot, threshold, lots);
        }
        self.link(lot, threshold, lots);
    }

    /// Removes a lot from its bucket, if it is in one, and adds it to that of this threshold.
    fn link(&mut self, lot: u32, threshold: f64, lots: usize) {
        if self.links.len() < lots {
            self.first.resize(BUCKETS, NONE);
            self.links.resize(lots, Link { threshold: 0.0, before: ABSENT, next: NONE });
        }
        let Link { threshold: old, before, next } = self.links[lot as usize];
        if before != ABSENT {
            match before {
                NONE => self.first[bucket(old)] = next,
                before => self.links[before as usize].next = next,
            }
            if next != NONE {
                self.links[next as usize].before = before;
            }
        }
        let next = std::mem::replace(&mut self.first[bucket(threshold)], lot);
        if next != NONE {
            self.links[next as usize].before = lot;
        }
        self.links[lot as usize] = Link { threshold, before: NONE, next };
    }

    /// A signal has moved: visits every lot whose threshold it has reached or fallen below, in the order in which it passed them.
    pub fn cross(&self, from: f64, to: f64, mut visit: impl FnMut(usize)) {
        let (low, high) = (from.min(to), from.max(to));
        if !self.sorted.is_empty() {
            let place = |signal: f64| self.sorted.partition_point(|&(threshold, _)| threshold <= signal);
            let crossed = self.sorted[place(low)..place(high)].iter().map(|&(_, lot)| lot as usize);
            return if from < to { crossed.for_each(visit) } else { crossed.rev().for_each(visit) };
        }
        if self.first.is_empty() || from.to_bits() == to.to_bits() {
            return;
        }
        let mut crossed = Vec::new();
        let mut cross = |first: u32| {
            let Some(&Link { threshold, next, .. }) = self.links.get(first as usize) else { return };
            if next != NONE {
                self.collect_between(first, low, high, &mut crossed);
                if to < from {
                    crossed.reverse();
                }
                crossed.drain(..).for_each(|(_, lot)| visit(lot as usize));
            } else if threshold > low && threshold <= high {
                // Most buckets have no lot or one, and need no sorting.
                visit(first as usize);
            }
        };
        let buckets = self.first[bucket(low)..=bucket(high)].iter();
        if from < to {
            buckets.for_each(|&first| cross(first));
        } else {
            buckets.rev().for_each(|&first| cross(first));
        }
    }

    /// The lots of one bucket whose threshold is above `low` and not above `high`, by threshold, then by lot.
    fn collect_between(&self, first: u32, low: f64, high: f64, found: &mut Vec<(f64, u32)>) {
        let mut lot = first;
        while lot != NONE {
            let Link { threshold, next, .. } = self.links[lot as usize];
            if threshold > low && threshold <= high {
                found.push((threshold, lot));
            }
            lot = next;
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
    #[expect(clippy::cast_possible_truncation, reason = "lots are counted in u32")]
    pub fn new(lots: &Lots) -> Self {
        let of = |wanted: &'static [Rule]| {
            (0..lots.len() as u32).filter(move |&lot| wanted.contains(&lots.rule[lot as usize]))
        };
        Self {
            spot_low: Order::new(of(&[Rule::Naive, Rule::Option]), &lots.low),
            spot_high: Order::new(of(&[Rule::Naive, Rule::Option]), &lots.high),
            smooth: Order::new(of(&[Rule::Adaptive]), &lots.low),
            aware_high: Order::new(of(&[Rule::Aware]), &lots.high),
            water: Order::new(0..lots.len() as u32, &lots.lambda),
        }
    }

    /// Updates the place of a lot that was added or whose thresholds have changed.
    pub fn put(&mut self, lots: &Lots, lot: u32) {
        let (row, all) = (lot as usize, lots.len());
        match lots.rule[row] {
            Rule::Naive | Rule::Option => {
                self.spot_low.put(lot, lots.low[row], all);
                self.spot_high.put(lot, lots.high[row], all);
            }
            Rule::Adaptive => self.smooth.put(lot, lots.low[row], all),
            Rule::Aware => self.aware_high.put(lot, lots.high[row], all),
        }
        self.water.put(lot, lots.lambda[row], all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let mut thresholds = [5.0, 3.0, 5.0, 700.0, 0.0, 3.0001];
        let mut order = Order::new(0..6, &thresholds);
        for (lot, threshold) in [(0, 4.0), (3, 3.0), (4, 1e9), (1, 2.0), (0, 3.0)] {
            for (from, to) in [(0.0, 1e4), (1e4, 0.0), (3.0, 5.0), (5.0, 3.0), (2.0, 2.0), (2.9, 3.00005)] {
                let mut between: Vec<usize> = (0..6)
                    .filter(|&lot| thresholds[lot] > f64::min(from, to) && thresholds[lot] <= f64::max(from, to))
                    .collect();
                between.sort_by(|&a, &b| thresholds[a].total_cmp(&thresholds[b]));
                if to < from {
                    between.reverse();
                }
                let mut visited = Vec::new();
                order.cross(from, to, |lot| visited.push(lot));
                assert_eq!(visited, between, "from {from} to {to}");
            }
            thresholds[lot as usize] = threshold;
            order.put(lot, threshold, 6);
        }
    }
}
