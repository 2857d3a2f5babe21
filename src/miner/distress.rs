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
    /// What came of it.
    pub tally: Tally,
    /// What is to be told, in order.
    pub told: Vec<Happening>,
}

impl Distress {
    /// No firm in distress yet, of so many.
    #[must_use]
    pub fn none(firms: usize) -> Self {
        Self { defaults: vec![0; firms], ..Self::default() }
    }
}
