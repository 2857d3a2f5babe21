//! History of the network: difficulty epochs with price and fees, and blocks by day.
//!
//! The shipped history ends with 2023; [`scenario::read_history`](crate::scenario::read_history) reads a user's own.

use crate::{
    chain::CompactTarget,
    supply::chain::inferred_eh,
    units::{Days, Sats, UnixTime, UsdPerBtc},
};
use std::collections::BTreeMap;

const DAY_S: i64 = 86_400;

/// A difficulty epoch at its beginning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch {
    pub start_height: u64,
    pub start: UnixTime,
    pub nbits: CompactTarget,
    pub price: UsdPerBtc,
    pub fees: Sats,
}

/// Epochs in order, each beginning where the previous one ends; the last is open.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    epochs: Vec<Epoch>,
    /// Blocks found per day, by days since 1970.
    blocks: BTreeMap<i64, f64>,
    /// Price by day, by days since 1970; empty if prices are those of epochs.
    prices: BTreeMap<i64, f64>,
    /// Days since 1970 of the middle of each closed epoch, and the logarithm of its price.
    knots: Vec<(f64, f64)>,
}

/// What is known of a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day {
    /// An instant of it.
    pub date: UnixTime,
    /// Blocks found.
    pub blocks: Option<f64>,
    pub price: Option<UsdPerBtc>,
}

impl History {
    /// Of epochs in order, each beginning at the height at which the previous one ends. `None` if there are fewer than two.
    #[must_use]
    pub fn new(epochs: Vec<Epoch>) -> Option<Self> {
        let middle = |pair: &[Epoch]| f64::midpoint(day(pair[0].start), day(pair[1].start));
        let knots = epochs.windows(2).map(|pair| (middle(pair), libm::log(pair[0].price.get()))).collect();
        (epochs.len() >= 2).then_some(Self { epochs, blocks: BTreeMap::new(), prices: BTreeMap::new(), knots })
    }

    /// Replaces what is known by day.
    #[must_use]
    pub fn with_days(mut self, days: &[Day]) -> Self {
        let number = |of: &Day| of.date.get().div_euclid(DAY_S);
        self.blocks = days.iter().filter_map(|day| Some((number(day), day.blocks?))).collect();
        self.prices = days.iter().filter_map(|day| Some((number(day), day.price?.get()))).collect();
        self
    }

    /// Adds what another history knows by day.
    #[must_use]
    pub fn with_days_of(mut self, other: &Self) -> Self {
        self.blocks.extend(&other.blocks);
        self.prices.extend(&other.prices);
        self
    }

    /// Adds what is known by day.
    #[must_use]
    pub fn with_more_days(self, days: &[Day]) -> Self {
        let newer = self.clone().with_days(days);
        self.with_days_of(&newer)
    }

    /// All epochs; the last is open.
    #[must_use]
    pub fn epochs(&self) -> &[Epoch] {
        &self.epochs
    }

    /// Number of completed epochs.
    #[must_use]
    pub fn closed(&self) -> usize {
        self.epochs.len() - 1
    }

    /// The first epoch that begins at or after a date; [`History::closed`] if no completed epoch does.
    #[must_use]
    pub fn first_from(&self, date: UnixTime) -> usize {
        self.epochs[..self.closed()].partition_point(|epoch| epoch.start < date)
    }

    /// Beginning of an epoch, days since 1970.
    #[must_use]
    pub fn begins(&self, epoch: usize) -> f64 {
        day(self.epochs[epoch].start)
    }

    /// Length of a completed epoch.
    #[must_use]
    pub fn length(&self, epoch: usize) -> Days {
        Days::new(self.begins(epoch + 1) - self.begins(epoch))
    }

    /// Hashrate inferred from an epoch's work and duration, EH/s.
    #[must_use]
    pub fn hashrate_eh(&self, epoch: usize) -> f64 {
        inferred_eh(self.epochs[epoch].nbits.difficulty(), self.length(epoch))
    }

    /// Blocks found on a day (days since 1970), if known.
    #[must_use]
    pub fn blocks(&self, day: i64) -> Option<f64> {
        self.blocks.get(&day).copied()
    }

    /// Price at an instant (days since 1970), given the prices of the first `known` epochs: that of the day if prices are given
    /// by day; otherwise log-linear between the middles of epochs, and constant before the first and after the last.
    #[must_use]
    pub fn price(&self, day: f64, known: usize) -> UsdPerBtc {
        #[expect(clippy::cast_possible_truncation, reason = "days since 1970")]
        let of_day = if known < self.closed() { day.min(self.begins(known) - 1.0) } else { day }.floor() as i64;
        if let Some((_, price)) = self.prices.range(..=of_day).next_back() {
            return UsdPerBtc::new(*price);
        }
        let knots = &self.knots[..known.clamp(1, self.knots.len())];
        let after = knots.partition_point(|(at, _)| *at <= day);
        let ln = match (after.checked_sub(1).map(|before| knots[before]), knots.get(after)) {
            (Some((from, first)), Some(&(to, last))) => first + (last - first) * (day - from) / (to - from),
            (Some((_, last)), None) => last,
            (None, _) => knots[0].1,
        };
        UsdPerBtc::new(libm::exp(ln))
    }

    /// Fees per block at an instant (days since 1970), given those of the first `known` epochs: those of its epoch, or of the last known one.
    #[must_use]
    pub fn fees(&self, day: f64, known: usize) -> Sats {
        let epoch = self.epochs.partition_point(|epoch| self::day(epoch.start) <= day).saturating_sub(1);
        self.epochs[epoch.min(known.clamp(1, self.closed()) - 1)].fees
    }
}

/// Days since 1970.
#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
fn day(time: UnixTime) -> f64 {
    time.get() as f64 / DAY_S as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[(&str, f64, f64)]) -> History {
        let epoch = |(index, &(start, price, fees)): (usize, &(&str, f64, f64))| Epoch {
            start_height: 2016 * (index as u64 + 1),
            start: UnixTime::parse(start).expect("a date"),
            nbits: CompactTarget::new(0x1703_e8b3),
            price: UsdPerBtc::new(price),
            fees: Sats::from_btc(fees),
        };
        History::new(rows.iter().enumerate().map(epoch).collect()).expect("two epochs")
    }

    const ROWS: [(&str, f64, f64); 3] =
        [("2020-01-01", 100.0, 0.5), ("2020-01-15", 400.0, 1.0), ("2020-01-29", 1.0, 1.0)];

    /// Halfway between two middles the price is their geometric mean; without knowledge of the later epoch the earlier price holds.
    #[test]
    fn prices_are_read_between_the_middles_of_epochs() {
        let history = of(&ROWS);
        let between = history.begins(1);
        assert!((history.price(between, 2).get() - 200.0).abs() < 1e-9);
        assert!((history.price(between, 1).get() - 100.0).abs() < 1e-9);
        assert!((history.price(between + 300.0, 2).get() - 400.0).abs() < 1e-9);
        assert_eq!(history.fees(between, 2), Sats::from_btc(1.0));
        assert_eq!(history.fees(between, 1), Sats::from_btc(0.5));
        assert!(History::new(Vec::new()).is_none());
    }

    /// Prices by day are read as they are; with knowledge of the first epoch only, the last day before the second holds.
    #[test]
    fn prices_by_day_come_before_those_of_epochs() {
        let day = |(date, price): &(&str, f64)| Day {
            date: UnixTime::parse(date).expect("a date"),
            blocks: Some(150.0),
            price: Some(UsdPerBtc::new(*price)),
        };
        let days = [("2020-01-01", 90.0), ("2020-01-14", 110.0), ("2020-01-15", 120.0)];
        let history = of(&ROWS).with_days(&days.iter().map(day).collect::<Vec<_>>());
        let second = history.begins(1);
        assert!((history.price(second + 0.5, 2).get() - 120.0).abs() < 1e-9);
        assert!((history.price(second + 0.5, 1).get() - 110.0).abs() < 1e-9);
        assert!((history.price(second - 5.0, 1).get() - 90.0).abs() < 1e-9);
    }
}
