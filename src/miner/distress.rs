//! Firms in distress: what is kept of those under Chapter 11 and of those being liquidated, and what lenders have lost.

use super::lenders::Lenders;
use std::collections::BTreeMap;

/// A firm under Chapter 11.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Case {
    /// Since when, s.
    pub since: f64,
    /// Bills from before, which wait, USD.
    pub stayed: f64,
    /// When its cash was last looked at, s.
    pub looked: f64,
    /// Its cash and bills then, USD, and its coins, satoshi.
    pub cash: f64,
    /// Coins then, satoshi.
    pub coins: i64,
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
}

/// Something to be told of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Happening {
    /// As in `events.csv`.
    pub kind: &'static str,
    /// To whom.
    pub firm: usize,
    /// Miners concerned.
    pub weight: f64,
    /// Hashrate concerned, MH/s.
    pub hash_mh: u64,
    /// Dollars concerned.
    pub usd: f64,
    /// Coins concerned, satoshi.
    pub sats: i64,
}

/// What came of distress so far, in miners (by weight), hashrate and coins.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Did not pay within the grace period.
    pub defaults: f64,
    /// Hashrate of these, MH/s.
    pub defaulted_mh: u64,
    /// Whose creditors agreed to wait.
    pub restructured: f64,
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
    /// Firms under Chapter 11.
    pub cases: BTreeMap<usize, Case>,
    /// Firms being liquidated.
    pub estates: Vec<Estate>,
    /// Defaults of each firm so far: the index of the draw by which creditors agree.
    pub defaults: Vec<u32>,
    /// Hashrate of each firm that has been counted as defaulted, and the most it had at a default, MH/s.
    counted_mh: Vec<(u64, u64)>,
    /// What came of it.
    pub tally: Tally,
    /// What is to be told, in order.
    pub told: Vec<Happening>,
}

impl Distress {
    /// No firm in distress yet, of so many.
    #[must_use]
    pub fn none(firms: usize) -> Self {
        Self { defaults: vec![0; firms], counted_mh: vec![(0, 0); firms], ..Self::default() }
    }

    /// A firm that has so much, of which so much is with those who fail, defaults. What defaults twice, because creditors agreed to
    /// wait in between, is counted once.
    pub fn count_default(&mut self, firm: usize, weight: f64, hash_mh: u64, installed_mh: u64) {
        let (counted, most) = &mut self.counted_mh[firm];
        *most = installed_mh.max(*most);
        let before = *counted;
        *counted = (before + hash_mh).min(*most);
        self.tally.defaults += weight;
        self.tally.defaulted_mh += *counted - before;
    }
}
