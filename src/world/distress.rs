//! State of firms in distress: arrears, Chapter 11 cases, liquidations, the number of failures by firm, and lenders' losses.

use crate::{
    mechanism::distress::rule::Arrears,
    units::{FirmId, Hashrate, LoanId, NanoUsd, Sats, Seconds, Usd},
    world::Event,
};
use std::collections::{BTreeMap, VecDeque};

/// Balance of a firm under Chapter 11 after a settlement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Time of the settlement.
    pub at: Seconds,
    /// Cash.
    pub cash: Usd,
    /// Coins.
    pub coins: Sats,
}

/// A firm under Chapter 11.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Time of filing.
    pub since: Seconds,
    /// Bills from before the filing; their payment is stayed.
    pub stayed: Usd,
    /// Balances at filing and after each settlement since, the earliest first. Of those older than the span asked for, only the latest is kept.
    looks: VecDeque<Look>,
}

impl Case {
    /// Opens the case with the balance at filing.
    #[must_use]
    pub fn new(stayed: Usd, now: Look) -> Self {
        Self { since: now.at, stayed, looks: VecDeque::from([now]) }
    }

    /// Records the balance after a settlement. Returns the latest balance that is at least `span` old; `None` if the case is younger than
    /// that.
    pub fn look(&mut self, now: Look, span: Seconds) -> Option<Look> {
        self.looks.push_back(now);
        while self.looks.get(1).is_some_and(|look| now.at - look.at >= span) {
            self.looks.pop_front();
        }
        self.looks.front().copied().filter(|look| now.at - look.at >= span)
    }
}

/// A firm in liquidation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estate {
    /// Index of the firm.
    pub firm: FirmId,
    /// Days on which coins are still to be sold.
    pub days_left: u32,
    /// Coins sold so far.
    pub coins: Sats,
    /// Whether its machines wait for the auction: until then, creditors wait too.
    pub waits: bool,
}

/// A lender's loss on a loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Index of the loan.
    pub loan: LoanId,
    /// Principal.
    pub principal: NanoUsd,
    /// Interest that had fallen due.
    pub interest: NanoUsd,
}

/// Claims that the creditors of failed firms or members could not recover.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Short {
    /// Bills.
    pub bills: Usd,
    /// Loans, in the order of the lenders' priority.
    pub lost: Vec<Lost>,
}

impl Short {
    /// Total loss of the lenders.
    #[must_use]
    pub fn lenders(&self) -> NanoUsd {
        self.lost.iter().map(|lost| lost.principal + lost.interest).sum()
    }
}

/// Machines that the broker holds for the next auction, their seller, and the creditors that receive the proceeds beyond the advance.
#[derive(Clone, Debug, PartialEq)]
pub struct Consignment {
    /// The seller.
    pub firm: FirmId,
    /// The loan for which the machines were taken.
    pub loan: Option<LoanId>,
    /// Creditors that were not paid in full.
    pub short: Short,
    /// Event of the failed members, to be recorded once the lenders' loss is known. The firm keeps no claim on what creditors do not need.
    pub failed: Option<Event>,
}

/// Counts how many of an agent's miners an event has hit at least once, where it can hit the same miner repeatedly. The count never exceeds the
/// number of miners.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Once {
    counted: f64,
    most: f64,
}

impl Once {
    /// The event hits `hit` of the `of` miners that exist. Returns the number hit for the first time.
    fn count(&mut self, hit: f64, of: f64) -> f64 {
        self.most = self.most.max(of);
        let before = self.counted;
        self.counted = (before + hit).min(self.most);
        self.counted - before
    }
}

/// History of distress of an agent's miners.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Failures {
    defaulted: Once,
    /// Defaulted hashrate, MH/s.
    defaulted_mh: Once,
    restructured: Once,
    surrendered: Once,
    chapter11: Once,
    /// Members that were liquidated while the others continued.
    lost: f64,
}

/// Outcomes of distress so far, in miners (by weight), hashrate and coins. A miner that fails again after a restructuring is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Miners that did not pay within the grace period.
    pub defaults: f64,
    /// Hashrate of the defaulted miners.
    pub defaulted: Hashrate,
    /// The same in the parts of bills, interest and principal in what fell due when the arrears began.
    pub defaulted_for: [Hashrate; 3],
    /// Miners whose debt was restructured.
    pub restructured: f64,
    /// Miners whose pledge was taken by a lender without recourse, which settles the claim.
    pub surrendered: f64,
    /// Miners that went under Chapter 11.
    pub chapter11: f64,
    /// Miners that were liquidated.
    pub liquidated: f64,
    /// Margin calls.
    pub margin_calls: f64,
    /// Pledged coins that lenders sold.
    pub collateral_coins: Sats,
    /// Hashrate of pledged machines that lenders took.
    pub collateral_machines: Hashrate,
}

/// State of all distress.
#[derive(Clone, Debug, Default)]
pub struct Distress {
    /// Losses of lenders since the start.
    pub lost: Usd,
    /// Firms in arrears.
    pub arrears: BTreeMap<FirmId, Arrears>,
    /// Firms under Chapter 11.
    pub cases: BTreeMap<FirmId, Case>,
    /// Firms being liquidated.
    pub estates: Vec<Estate>,
    /// Machines that the broker holds for the next auction.
    pub consignments: Vec<Consignment>,
    /// Firms that have defaulted.
    failures: BTreeMap<FirmId, Failures>,
    /// Totals of all outcomes.
    pub tally: Tally,
}

impl Distress {
    /// Records a default of some of a firm's `weight` miners, which own `failed` of its `installed` hashrate. `due_for` are the shares of bills, interest and
    /// principal in what they had to pay when their arrears began.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "MH/s are known to 53 bits"
    )]
    pub fn count_default(
        &mut self,
        firm: FirmId,
        (failing, weight): (f64, f64),
        (failed, installed): (Hashrate, Hashrate),
        due_for: [f64; 3],
    ) {
        let failures = self.failures.entry(firm).or_default();
        self.tally.defaults += failures.defaulted.count(failing, weight);
        let first = failures.defaulted_mh.count(failed.mh() as f64, installed.mh() as f64);
        self.tally.defaulted += Hashrate::from_mh(first as u64);
        for (hashrate, share) in self.tally.defaulted_for.iter_mut().zip(due_for) {
            *hashrate += Hashrate::from_mh((first * share) as u64);
        }
    }

    /// Records that creditors agreed to restructure the debt of some of a firm's `weight` miners.
    pub fn count_restructured(&mut self, firm: FirmId, miners: f64, weight: f64) {
        self.tally.restructured += self.failures.entry(firm).or_default().restructured.count(miners, weight);
    }

    /// Records that lenders without recourse took the pledges of some of a firm's `weight` miners.
    pub fn count_surrendered(&mut self, firm: FirmId, miners: f64, weight: f64) {
        self.tally.surrendered += self.failures.entry(firm).or_default().surrendered.count(miners, weight);
    }

    /// Records that a firm of this weight goes under Chapter 11.
    pub fn count_chapter11(&mut self, firm: FirmId, weight: f64) {
        self.tally.chapter11 += self.failures.entry(firm).or_default().chapter11.count(weight, weight);
    }

    /// Records that some of a firm's miners are liquidated while the others continue.
    pub fn count_lost(&mut self, firm: FirmId, miners: f64) {
        self.tally.liquidated += miners;
        self.failures.entry(firm).or_default().lost += miners;
    }

    /// Number of a firm's miners that were liquidated while the others continued.
    #[must_use]
    pub fn lost_of(&self, firm: FirmId) -> f64 {
        self.failures.get(&firm).map_or(0.0, |failures| failures.lost)
    }

    /// Number of a firm's miners whose pledge a lender without recourse has taken, if `weight` are left.
    #[must_use]
    pub fn surrendered_of(&self, firm: FirmId, weight: f64) -> f64 {
        self.failures.get(&firm).map_or(0.0, |failures| failures.surrendered.counted.min(weight))
    }

    /// Number of a firm's miners whose creditors agreed to a restructuring, if `weight` are left.
    #[must_use]
    pub fn restructured_of(&self, firm: FirmId, weight: f64) -> f64 {
        self.failures.get(&firm).map_or(0.0, |failures| failures.restructured.counted.min(weight))
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is compared is exact")]
mod tests {
    use super::*;
    use crate::units::Id;

    /// A miner that fails three times counts once. Of 100 miners 20 fail and leave, then 16 of the remaining 80. Of ten miners four fail, then six,
    /// then four again: ten in all.
    #[test]
    fn who_fails_again_is_counted_once() {
        let count = |events: &[(f64, f64)]| {
            let mut distress = Distress::default();
            for &(failing, weight) in events {
                let all = Hashrate::from_mh(10);
                distress.count_default(FirmId::of(0), (failing, weight), (all, all), [1.0, 0.0, 0.0]);
                distress.count_restructured(FirmId::of(0), failing, weight);
            }
            let tally = distress.tally;
            (tally.defaults, tally.restructured, tally.defaulted.mh())
        };
        assert_eq!(count(&[(1.0, 1.0); 3]), (1.0, 1.0, 10));
        assert_eq!(count(&[(20.0, 100.0), (16.0, 80.0)]).0, 36.0);
        assert_eq!(count(&[(4.0, 10.0), (6.0, 10.0), (4.0, 10.0)]).0, 10.0);
    }

    /// A case filed on day 0, with settlements every day and a span of three days: day 3 is compared with day 0, day 4 with day 1.
    #[test]
    fn a_case_looks_back_by_a_rolling_span() {
        let look = |day: f64| Look { at: Seconds::new(day), cash: Usd::new(10.0 * day), coins: Sats::ZERO };
        let span = Seconds::new(3.0);
        let mut case = Case::new(Usd::new(5.0), look(0.0));
        let back: Vec<_> = (1..6).map(|day| case.look(look(f64::from(day)), span).map(|look| look.at.get())).collect();
        assert_eq!(back, [None, None, Some(0.0), Some(1.0), Some(2.0)]);
        let mut seldom = Case::new(Usd::new(5.0), look(0.0));
        let back: Vec<_> = [2.0, 4.0, 6.0].map(|day| seldom.look(look(day), span).map(|look| look.at.get())).to_vec();
        assert_eq!(back, [None, Some(0.0), Some(2.0)]);
    }
}
