//! Spot prices of power, hour by hour: from a file, or with the shape of Texan prices ([`super::texas`]).
//!
//! A day's hours make its price-duration curve ([`Duration`]), from which the uptime, income and cost of every lot on that day follow exactly. A day is
//! one of the run: it begins at the instant of the start, and an hour that reaches into it counts with the part that does.
//!
//! Before prices are drawn or read day by day, and wherever firms look ahead, the curve of all hours stands for them: of the whole file, or of the
//! process in the long run. Known errors: regions move independently of each other and of the coin; machines stop and start for an hour in no time and at
//! no cost; and all sites of a region see one price.

use super::{
    DayPrices, Duration,
    texas::{self, Weather},
};
use crate::{
    declare::{ClockOf, Kinds, Range, ReadKeys, Regular, USD_PER_KWH, kinds, params},
    random::Draw,
    units::{DAY_S, PowerPrice, UnixTime},
};

params! {
    /// Prices with the shape of those of Texas in 2024 and 2025.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct TexasParams {
        /// Mean price over the years; the price of every hour is proportional to it.
        mean: PowerPrice => mean_usd_per_kwh as USD_PER_KWH = 0.029_03, source("S80"), positive(10.0), usual(0.005, 0.3, "A-73: 0.029");
    }
}

/// The names that a column of prices in USD/MWh may have.
const PRICE_COLUMN: &[&str] = &[
    "price_usd_per_mwh",
    "price",
    "usd_per_mwh",
    "usd_mwh",
    "price_usd_mwh",
    "settlement_point_price",
    "settlementpointprice",
    "spp",
    "lmp",
    "lmp_usd_mwh",
    "total_lmp_rt",
    "total_lmp_da",
    "hb_hubavg",
    "hub_average",
    "rt_price",
    "da_price",
    "spot",
];
/// Prices that markets allow, with room, USD/MWh.
const MARKET: Range = Range::within(-100_000.0, 100_000.0);

params! {
    /// Prices from a file.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Hours {
        /// Hours by which the clock of the first row is ahead of UTC, for times that state no offset of their own: -6 in Texas in winter.
        utc_offset: f64 => utc_offset_hours as "h" = 0.0, source("design"), within(-12.0, 14.0), usual(-12.0, 14.0, "design");
        /// Whether the file's clock changes between standard and summer time: an hour is missing in spring, and stands twice in autumn.
        daylight_saving: bool = false, source("design");
        /// Whether the file is repeated before its first row and after its last; if false, it must cover the run.
        repeats: bool = false, source("design");
        /// The file, relative to the file that names it: a column of times (time, date, timestamp, interval_start) and one of prices in USD/MWh
        /// (price_usd_per_mwh, price, lmp, settlement_point_price), one row per hour or other constant interval, plain or gzip.
        rows: Regular => file, range(MARKET) => |keys, key| {
            #[expect(clippy::cast_possible_truncation, reason = "at most 14 hours")]
            let ahead_s = (utc_offset * 3600.0) as i64;
            keys.regular(key, PRICE_COLUMN, ClockOf { ahead_s, changes: daylight_saving, repeats })
        };
    }
}

impl Hours {
    /// Price of a row, counted from the first; beyond the rows, the file begins again.
    fn price(&self, index: i64) -> PowerPrice {
        let rows = &self.rows.values;
        #[expect(clippy::cast_possible_wrap, reason = "rows of a file")]
        let row = index.rem_euclid(rows.len() as i64);
        PowerPrice::new(rows[usize::try_from(row).expect("a remainder is not negative")] / 1e3)
    }
}

kinds! {
    /// Where spot prices come from.
    #[derive(Clone, Debug, PartialEq)]
    pub enum SpotPrices {
        /// Hours with the shape of Texan prices: level, persistence, hour of day, month, negative and very high prices.
        texas => Texas(TexasParams),
        /// Prices from a file with one row per hour, quarter of an hour or other constant interval, in USD/MWh.
        csv => File(Hours),
    }
}

/// The spot prices of a region.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    prices: SpotPrices,
    /// All hours.
    all: DayPrices,
}

impl Spot {
    /// Prices from a source.
    #[must_use]
    pub fn new(prices: SpotPrices) -> Self {
        let all = match &prices {
            SpotPrices::Texas(params) => texas::in_the_long_run(params.mean),
            SpotPrices::File(file) => {
                let rows = &file.rows.values;
                #[expect(clippy::cast_precision_loss, reason = "rows of a file")]
                let share = 1.0 / rows.len() as f64;
                Duration::of(rows.iter().map(|&price| (PowerPrice::new(price / 1e3), share)))
            }
        };
        Self { prices, all: DayPrices { usual: all, ..DayPrices::default() } }
    }

    /// Reads the table `spot` of a region.
    pub fn read<K: ReadKeys>(keys: &mut K) -> Self {
        let usual = || SpotPrices::Texas(crate::declare::usual());
        Self::new(SpotPrices::read_kind(keys, Some("texas")).unwrap_or_else(usual))
    }

    /// Where they come from.
    #[must_use]
    pub const fn prices(&self) -> &SpotPrices {
        &self.prices
    }

    /// All hours, without warnings of peaks.
    #[must_use]
    pub const fn all(&self) -> &DayPrices {
        &self.all
    }

    /// Mean price of all hours.
    #[must_use]
    pub fn mean(&self) -> PowerPrice {
        self.all.mean()
    }

    /// The hours that reach into the day that begins at `from`, each with its price and the part of the day that it takes, in the order of time.
    pub fn day(&self, weather: &mut Weather, draw: Draw, from: UnixTime, hours: &mut Vec<Hour>) {
        hours.clear();
        let (begin, end) = (from.get(), from.get() + DAY_SECONDS);
        // Rows of a file may begin at any instant, hours of the process begin on the hour.
        let (origin, step) = match &self.prices {
            SpotPrices::Texas(_) => (0, 3600),
            SpotPrices::File(file) => (file.rows.from.get(), file.rows.step),
        };
        let mut index = (begin - origin).div_euclid(step);
        loop {
            let starts = origin + index * step;
            if starts >= end {
                return;
            }
            let price = match &self.prices {
                SpotPrices::Texas(params) => weather.price(draw, index) * (params.mean.get() / texas::MEAN.get()),
                SpotPrices::File(file) => file.price(index),
            };
            #[expect(clippy::cast_precision_loss, reason = "seconds of a day")]
            let share = ((starts + step).min(end) - starts.max(begin)) as f64 / DAY_S;
            hours.push(Hour { starts: UnixTime::new(starts), price, share });
            index += 1;
        }
    }
}

/// Seconds of a day.
const DAY_SECONDS: i64 = 86_400;

/// An hour, or a shorter interval, of a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hour {
    /// Its first instant.
    pub starts: UnixTime,
    /// Its price.
    pub price: PowerPrice,
    /// The part of the day that it takes.
    pub share: f64,
}

#[cfg(test)]
mod tests;
