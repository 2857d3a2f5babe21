//! Firms in distress: what is kept of those in arrears, of those under Chapter 11 and of those being liquidated, who failed how often, and what lenders have lost.

use crate::{
    mechanism::distress::rule::Arrears,
    units::NanoUsd,
    world::{Event, lenders::Lenders},
};
use std::collections::{BTreeMap, VecDeque};

/// What a firm under Chapter 11 had after a settlement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// When, s.
    pub at: f64,
    /// Cash, USD.
    pub cash: f64,
    /// Coins, satoshi.
    pub coins: i64,
}

/// A firm under Chapter 11.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Since when, s.
    pub since: f64,
    /// Bills from before, which wait, USD.
    pub stayed: f64,
    /// What it had as it filed and after each settlement since, the earliest first; of those that are as old as is asked for, the latest alone.
    looks: VecDeque<Look>,
}

impl Case {
    /// A firm files.
    #[must_use]
    pub fn new(stayed: f64, now: Look) -> Self {
        Self { since: now.at, stayed, looks: VecDeque::from([now]) }
    }

    /// It has settled. Returns what it had at least so many seconds before, at the latest settlement of those; `None` where it has not been under
    /// Chapter 11 for so long.
    pub fn look(&mut self, now: Look, span: f64) -> Option<Look> {
        self.looks.push_back(now);
        while self.looks.get(1).is_some_and(|look| now.at - look.at >= span) {
            self.looks.pop_front();
        }
        self.looks.front().copied().filter(|look| now.at - look.at >= span)
    }
}

/// A firm that is being liquidated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estate {
    /// Which.
    pub firm: usize,
    /// Days on which coins are still to be sold.
    pub days_left: u32,
    /// Coins sold so far, satoshi.
    pub sats: i64,
    /// Its machines wait for the auction: until then creditors wait too.
    pub waits: bool,
}

/// What a lender lost on a loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Which.
    pub loan: usize,
    /// Principal.
    pub principal: NanoUsd,
    /// Interest that had fallen due.
    pub interest: NanoUsd,
}

/// What creditors of those that failed did not get.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Short {
    /// Bills, USD.
    pub bills: f64,
    /// Loans, in the order in which lenders come.
    pub lost: Vec<Lost>,
}

impl Short {
    /// What lenders lost.
    #[must_use]
    pub fn lenders(&self) -> NanoUsd {
        self.lost.iter().map(|lost| lost.principal + lost.interest).sum()
    }
}

/// Machines that the broker has for the next auction: for whom, and who went short without what it brings beyond his advance.
#[derive(Clone, Debug, PartialEq)]
pub struct Consignment {
    /// Whose they were.
    pub firm: usize,
    /// The loan for which they were taken.
    pub loan: Option<usize>,
    /// Who went short.
    pub short: Short,
    /// They were of members who failed, of whom this is to be told with the lenders' loss: what creditors do not need is not the firm's.
    pub failed: Option<Event>,
}

/// How many of an agent's miners have met with something that can happen to one more than once: no more than there were at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Once {
    counted: f64,
    most: f64,
}

impl Once {
    /// It happens to so many, of so many that there are. Returns to how many of them for the first time.
    fn count(&mut self, so_many: f64, of: f64) -> f64 {
        self.most = self.most.max(of);
        let before = self.counted;
        self.counted = (before + so_many).min(self.most);
        self.counted - before
    }
}

/// What happened to an agent's miners.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Failures {
    /// Defaults so far, of any part of it.
    events: u32,
    defaulted: Once,
    /// The same by hashrate, MH/s.
    defaulted_mh: Once,
    restructured: Once,
    surrendered: Once,
    chapter11: Once,
    /// Members that were liquidated while the others went on.
    lost: f64,
}

/// What came of distress so far, in miners (by weight), hashrate and coins. Whoever fails twice, because creditors agreed to wait in between, is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Did not pay within the grace period.
    pub defaults: f64,
    /// Hashrate of these, MH/s.
    pub defaulted_mh: u64,
    /// Whose creditors agreed to wait.
    pub restructured: f64,
    /// Whose pledge a lender without recourse took, who has no more to ask.
    pub surrendered: f64,
    /// Went under Chapter 11.
    pub chapter11: f64,
    /// Were liquidated.
    pub liquidated: f64,
    /// Margin calls.
    pub margin_calls: f64,
    /// Pledged coins that lenders sold, satoshi.
    pub collateral_sats: i64,
    /// Hashrate of pledged machines that lenders took, MH/s.
    pub collateral_mh: u64,
}

/// State of all distress.
#[derive(Clone, Debug, Default)]
pub struct Distress {
    /// The lenders.
    pub lenders: Lenders,
    /// Firms in arrears.
    pub arrears: BTreeMap<usize, Arrears>,
    /// Firms under Chapter 11.
    pub cases: BTreeMap<usize, Case>,
    /// Firms being liquidated.
    pub estates: Vec<Estate>,
    /// What the broker has for the next auction.
    pub consignments: Vec<Consignment>,
    /// Firms that have defaulted.
    failures: BTreeMap<usize, Failures>,
    /// What came of it.
    pub tally: Tally,
}

impl Distress {
    /// Defaults of a firm so far: the index of the draw by which creditors agree.
    #[must_use]
    pub fn defaults_of(&self, firm: usize) -> u32 {
        self.failures.get(&firm).map_or(0, |failures| failures.events)
    }

    /// Some of a firm's miners, of so many, default, with so much of so much hashrate (MH/s).
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "MH/s are known to 53 bits"
    )]
    pub fn count_default(&mut self, firm: usize, failing: f64, weight: f64, (hash_mh, installed_mh): (u64, u64)) {
        let failures = self.failures.entry(firm).or_default();
        failures.events += 1;
        self.tally.defaults += failures.defaulted.count(failing, weight);
        self.tally.defaulted_mh += failures.defaulted_mh.count(hash_mh as f64, installed_mh as f64) as u64;
    }

    /// Creditors of some of a firm's miners, of so many, agree to wait.
    pub fn count_restructured(&mut self, firm: usize, so_many: f64, weight: f64) {
        self.tally.restructured += self.failures.entry(firm).or_default().restructured.count(so_many, weight);
    }

    /// Lenders without recourse take the pledges of some of a firm's miners, of `weight` that there are.
    pub fn count_surrendered(&mut self, firm: usize, miners: f64, weight: f64) {
        self.tally.surrendered += self.failures.entry(firm).or_default().surrendered.count(miners, weight);
    }

    /// A firm, of so much weight, goes under Chapter 11.
    pub fn count_chapter11(&mut self, firm: usize, weight: f64) {
        self.tally.chapter11 += self.failures.entry(firm).or_default().chapter11.count(weight, weight);
    }

    /// Some of a firm's miners are liquidated while the others go on.
    pub fn count_lost(&mut self, firm: usize, so_many: f64) {
        self.tally.liquidated += so_many;
        self.failures.entry(firm).or_default().lost += so_many;
    }

    /// How many of a firm's miners were liquidated while the others went on.
    #[must_use]
    pub fn lost_of(&self, firm: usize) -> f64 {
        self.failures.get(&firm).map_or(0.0, |failures| failures.lost)
    }

    /// The number of a firm's miners whose pledge a lender without recourse has taken, where `weight` are left.
    #[must_use]
    pub fn surrendered_of(&self, firm: usize, weight: f64) -> f64 {
        self.failures.get(&firm).map_or(0.0, |failures| failures.surrendered.counted.min(weight))
    }

    /// How many of a firm's miners have creditors that agreed to wait, where so many are left.
    #[must_use]
    pub fn restructured_of(&self, firm: usize, weight: f64) -> f64 {
        self.failures.get(&firm).map_or(0.0, |failures| failures.restructured.counted.min(weight))
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is compared is exact")]
mod tests {
    use super::*;

    /// One miner fails three times and is one. Of a hundred 20 fail and leave, then 16 of 80. Of ten four fail, six, and four again: ten.
    #[test]
    fn who_fails_again_is_counted_once() {
        let count = |events: &[(f64, f64)]| {
            let mut distress = Distress::default();
            for &(failing, weight) in events {
                distress.count_default(0, failing, weight, (10, 10));
                distress.count_restructured(0, failing, weight);
            }
            let tally = distress.tally;
            (tally.defaults, tally.restructured, tally.defaulted_mh, distress.defaults_of(0))
        };
        assert_eq!(count(&[(1.0, 1.0); 3]), (1.0, 1.0, 10, 3));
        assert_eq!(count(&[(20.0, 100.0), (16.0, 80.0)]).0, 36.0);
        assert_eq!(count(&[(4.0, 10.0), (6.0, 10.0), (4.0, 10.0)]).0, 10.0);
    }

    /// Filed on day 0, settled every day, a span of three: day 3 looks at day 0, day 4 at day 1.
    #[test]
    fn a_case_looks_back_by_a_rolling_span() {
        let look = |day: f64| Look { at: day, cash: 10.0 * day, coins: 0 };
        let mut case = Case::new(5.0, look(0.0));
        let back: Vec<_> = (1..6).map(|day| case.look(look(f64::from(day)), 3.0).map(|look| look.at)).collect();
        assert_eq!(back, [None, None, Some(0.0), Some(1.0), Some(2.0)]);
        let mut seldom = Case::new(5.0, look(0.0));
        let back: Vec<_> = [2.0, 4.0, 6.0].map(|day| seldom.look(look(day), 3.0).map(|look| look.at)).to_vec();
        assert_eq!(back, [None, Some(0.0), Some(2.0)]);
    }
}
