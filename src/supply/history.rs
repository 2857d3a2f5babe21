//! History of the network: difficulty epochs with price and fees, and blocks by day.
//!
//! The shipped history ends with 2023. A user's file has the same columns; other columns are ignored, so later epochs can be
//! appended from any source.

use crate::{
    chain::CompactTarget,
    supply::chain::inferred_eh,
    units::{Days, Sats, UnixTime, UsdPerBtc},
};
use std::collections::BTreeMap;

/// Blocks per epoch.
const EPOCH: u64 = crate::chain::retarget::bitcoin::EPOCH;

/// Accepted prices, USD, and the largest accepted fees, BTC per block.
pub const PRICES: std::ops::RangeInclusive<f64> = 1e-3..=1e8;
const MOST_FEES: f64 = 1e3;

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

/// Why a text cannot be read as a history.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct HistoryError {
    /// Line number, from 1.
    pub line: u64,
    /// The fault and its remedy.
    pub message: String,
}

#[derive(serde::Deserialize)]
struct EpochRow {
    start_height: u64,
    start_time_utc: String,
    nbits: String,
    price_usd: f64,
    fees_btc_per_block: f64,
}

#[derive(serde::Deserialize)]
struct DayRow {
    date: String,
    blocks: f64,
    #[serde(default)]
    price_usd: Option<f64>,
}

impl History {
    /// The shipped history, from January 2013 to December 2023.
    ///
    /// # Panics
    /// Never: the files are part of the program and are tested.
    #[must_use]
    pub fn bundled() -> Self {
        Self::parse(include_str!("history_epochs.csv"), Some(include_str!("history_days.csv")))
            .expect("the shipped history is read by a test")
    }

    /// Reads a table of epochs (`start_height,start_time_utc,nbits,price_usd,fees_btc_per_block`) and, if there is one, of days
    /// (`date,blocks` and optionally `price_usd`). Other columns and lines that begin with `#` are ignored.
    ///
    /// # Errors
    /// Names the first wrong line and the remedy.
    pub fn parse(epochs: &str, days: Option<&str>) -> Result<Self, HistoryError> {
        let mut read: Vec<Epoch> = Vec::new();
        for (line, row) in rows::<EpochRow>(epochs)? {
            let epoch = epoch(&row).map_err(|message| HistoryError { line, message })?;
            if let Some(before) = read.last()
                && (epoch.start_height != before.start_height + EPOCH || epoch.start <= before.start)
            {
                let message = format!(
                    "the epoch of height {} does not follow that of {}: give every epoch once, in order",
                    epoch.start_height, before.start_height
                );
                return Err(HistoryError { line, message });
            }
            read.push(epoch);
        }
        if read.len() < 2 {
            return Err(HistoryError { line: 1, message: "a history needs at least two epochs".to_owned() });
        }
        let middle = |pair: &[Epoch]| f64::midpoint(day(pair[0].start), day(pair[1].start));
        let knots = read.windows(2).map(|pair| (middle(pair), libm::log(pair[0].price.get()))).collect();
        let history = Self { epochs: read, blocks: BTreeMap::new(), prices: BTreeMap::new(), knots };
        match days {
            Some(days) => history.with_days(days),
            None => Ok(history),
        }
    }

    /// Replaces the data by day (`date,blocks` and optionally `price_usd`).
    ///
    /// # Errors
    /// Names the first wrong line and the remedy.
    pub fn with_days(mut self, days: &str) -> Result<Self, HistoryError> {
        let (mut blocks, mut prices) = (BTreeMap::new(), BTreeMap::new());
        for (line, row) in rows::<DayRow>(days)? {
            let date = UnixTime::parse(&row.date).map_err(|message| HistoryError { line, message })?;
            if !(row.blocks >= 0.0 && row.blocks < 10_000.0) {
                return Err(HistoryError { line, message: format!("{} blocks in a day", row.blocks) });
            }
            let day = date.get().div_euclid(DAY_S);
            blocks.insert(day, row.blocks);
            match row.price_usd {
                Some(price) if PRICES.contains(&price) => _ = prices.insert(day, price),
                Some(price) => {
                    return Err(HistoryError { line, message: format!("price_usd {price} is out of range") });
                }
                None => {}
            }
        }
        (self.blocks, self.prices) = (blocks, prices);
        Ok(self)
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

fn rows<T: serde::de::DeserializeOwned>(text: &str) -> Result<Vec<(u64, T)>, HistoryError> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| fault(&error, 1))?.clone();
    let mut read = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| fault(&error, 1))?;
        let line = record.position().map_or(1, csv::Position::line);
        read.push((line, record.deserialize(Some(&headers)).map_err(|error| fault(&error, line))?));
    }
    Ok(read)
}

fn fault(error: &csv::Error, line: u64) -> HistoryError {
    HistoryError { line: error.position().map_or(line, csv::Position::line), message: error.to_string() }
}

fn epoch(row: &EpochRow) -> Result<Epoch, String> {
    if !row.start_height.is_multiple_of(EPOCH) {
        return Err(format!("start_height {} is no multiple of {EPOCH}", row.start_height));
    }
    let nbits = u32::from_str_radix(&row.nbits, 16)
        .map(CompactTarget::new)
        .ok()
        .filter(|nbits| nbits.target().is_ok())
        .ok_or_else(|| format!("nbits `{}` is no compact target such as 17042450", row.nbits))?;
    if !PRICES.contains(&row.price_usd) {
        return Err(format!("price_usd {} is not between {} and {}", row.price_usd, PRICES.start(), PRICES.end()));
    }
    if !(0.0..=MOST_FEES).contains(&row.fees_btc_per_block) {
        return Err(format!("fees_btc_per_block {} is not between 0 and {MOST_FEES}", row.fees_btc_per_block));
    }
    Ok(Epoch {
        start_height: row.start_height,
        start: UnixTime::parse(&row.start_time_utc)?,
        nbits,
        price: UsdPerBtc::new(row.price_usd),
        fees: Sats::from_btc(row.fees_btc_per_block),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "start_height,start_time_utc,nbits,price_usd,fees_btc_per_block,other\n";

    /// Difficulty 67,957,790,298,897.88 and 606.588 s a block: 481.178 EH/s, the value of the shared table of epochs for 26 November 2023.
    #[test]
    fn the_shipped_history_is_whole() {
        let history = History::bundled();
        assert_eq!(history.epochs()[0].start_height, 215_712);
        assert_eq!(history.closed(), 301);
        let last = history.closed() - 2;
        assert_eq!(history.epochs()[last].start_height, 818_496);
        assert!((history.hashrate_eh(last) - 481.178).abs() < 1e-3, "{}", history.hashrate_eh(last));
        // The blocks of an epoch's days are its 2016, except on the two days that it shares with its neighbours.
        #[expect(clippy::cast_possible_truncation, reason = "days since 1970")]
        let days = history.begins(last).ceil() as i64..history.begins(last + 1).floor() as i64;
        let found: f64 = days.clone().filter_map(|day| history.blocks(day)).sum();
        assert!((found - 2016.0).abs() < 300.0 && found < 2016.0, "{found} blocks in {days:?}");
    }

    /// Halfway between two middles the price is their geometric mean; without knowledge of the later epoch the earlier price holds.
    #[test]
    fn prices_are_read_between_the_middles_of_epochs() {
        let rows =
            "2016,2020-01-01,1703e8b3,100,0.5,x\n4032,2020-01-15,1703e8b3,400,1,x\n6048,2020-01-29,1703e8b3,1,1,x\n";
        let history = History::parse(&format!("{HEAD}{rows}"), None).expect("a history");
        let between = history.begins(1);
        assert!((history.price(between, 2).get() - 200.0).abs() < 1e-9);
        assert!((history.price(between, 1).get() - 100.0).abs() < 1e-9);
        assert!((history.price(between + 300.0, 2).get() - 400.0).abs() < 1e-9);
        assert_eq!(history.fees(between, 2), Sats::from_btc(1.0));
        assert_eq!(history.fees(between, 1), Sats::from_btc(0.5));
    }

    /// Prices by day are read as they are; with knowledge of the first epoch only, the last day before the second holds.
    #[test]
    fn prices_by_day_come_before_those_of_epochs() {
        let rows =
            "2016,2020-01-01,1703e8b3,100,0.5,x\n4032,2020-01-15,1703e8b3,400,1,x\n6048,2020-01-29,1703e8b3,1,1,x\n";
        let days = "date,blocks,price_usd\n2020-01-01,150,90\n2020-01-14,150,110\n2020-01-15,150,120\n";
        let history = History::parse(&format!("{HEAD}{rows}"), Some(days)).expect("a history");
        let second = history.begins(1);
        assert!((history.price(second + 0.5, 2).get() - 120.0).abs() < 1e-9);
        assert!((history.price(second + 0.5, 1).get() - 110.0).abs() < 1e-9);
        assert!((history.price(second - 5.0, 1).get() - 90.0).abs() < 1e-9);
    }

    #[test]
    fn errors_are_reported_with_their_line() {
        let told = |rows: &str| History::parse(&format!("{HEAD}{rows}"), None).expect_err("a fault").to_string();
        let good = "2016,2020-01-01,1703e8b3,100,0.5,x\n";
        assert!(told(good).contains("at least two epochs"));
        assert!(told(&format!("{good}6048,2020-01-15,1703e8b3,1,1,x\n")).contains("line 3: the epoch of height 6048"));
        assert!(told(&format!("{good}4032,2020-01-15,zz,1,1,x\n")).contains("compact target"));
        assert!(told(&format!("{good}4032,yesterday,1703e8b3,1,1,x\n")).contains("is not a date"));
        assert!(told(&format!("{good}4033,2020-01-15,1703e8b3,1,1,x\n")).contains("multiple of 2016"));
        assert!(told(&format!("{good}4032,2020-01-15,1703e8b3,-1,1,x\n")).contains("is not between"));
    }
}
