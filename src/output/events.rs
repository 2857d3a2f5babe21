//! Events of firms, added up by day, kind and firm.

use std::collections::BTreeMap;

use crate::{
    declare::{TH_PER_S, row},
    simulation::record::EventRecord,
    units::{Hashrate, Seconds},
};

row! {
    /// One row per firm, kind of event and day, and one per event of the chain; the first 20 replicas unless all are asked for.
    pub struct EventRow<'a> in "events" by [row] {
        /// Instant of the first event of the row
        time: Seconds => time_utc,
        /// What happened: shutdown, restart, default, liquidation, retarget, halving and others
        kind: &'a str,
        /// To whom; empty for an event of the chain
        firm: &'a str,
        /// Hashrate concerned, summed over the day
        hashrate: Hashrate => hashrate_th_per_s as TH_PER_S,
        /// Dollars concerned, summed over the day
        amount_usd: f64 as "USD",
        /// Coins concerned, summed over the day
        amount_btc: f64 as "BTC",
        /// Number of the row in its replica, from 0
        row: u64,
    }
}

/// Adds up what happens of one kind to one firm on one day. Events of the chain stay apart: a second retarget in a day
/// is another event, not more of the first.
///
/// Kept until the end of the replica, since a settlement may date an event to a day that is over.
#[derive(Debug, Default)]
pub struct EventLedger {
    firms: BTreeMap<String, usize>,
    /// In the order of the first event of each.
    entries: Vec<Entry>,
    by_day: BTreeMap<(i64, &'static str, usize), usize>,
}

#[derive(Debug)]
struct Entry {
    time: Seconds,
    kind: &'static str,
    /// `None` for the chain.
    firm: Option<usize>,
    hashrate: Hashrate,
    amount_usd: f64,
    amount_btc: f64,
}

impl EventLedger {
    /// Counts one more.
    pub fn add(&mut self, event: &EventRecord<'_>) {
        let &EventRecord { time, kind, firm, hashrate, amount_usd, amount_btc } = event;
        let firm = (!firm.is_empty()).then(|| self.number_of(firm));
        if let Some(firm) = firm {
            let next = self.entries.len();
            let index = *self.by_day.entry((day_of(time), kind, firm)).or_insert(next);
            if let Some(entry) = self.entries.get_mut(index) {
                entry.hashrate += hashrate;
                entry.amount_usd += amount_usd;
                entry.amount_btc += amount_btc;
                if time < entry.time {
                    entry.time = time;
                }
                return;
            }
        }
        self.entries.push(Entry { time, kind, firm, hashrate, amount_usd, amount_btc });
    }

    /// All rows by time; those of one instant in the order in which they were recorded.
    pub fn rows(&self) -> impl Iterator<Item = EventRow<'_>> {
        let mut names = vec![""; self.firms.len()];
        for (name, &number) in &self.firms {
            names[number] = name;
        }
        let mut order: Vec<_> = self.entries.iter().collect();
        order.sort_by(|one, other| one.time.get().total_cmp(&other.time.get()));
        (0..).zip(order).map(move |(row, entry)| EventRow {
            row,
            time: entry.time,
            kind: entry.kind,
            firm: entry.firm.map_or("", |number| names[number]),
            hashrate: entry.hashrate,
            amount_usd: entry.amount_usd,
            amount_btc: entry.amount_btc,
        })
    }

    fn number_of(&mut self, firm: &str) -> usize {
        if let Some(&number) = self.firms.get(firm) {
            return number;
        }
        let number = self.firms.len();
        self.firms.insert(firm.to_owned(), number);
        number
    }
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and no run has 2^63 days")]
fn day_of(time: Seconds) -> i64 {
    (time.get() / 86_400.0).floor() as i64
}
