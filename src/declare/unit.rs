//! The units that columns are in.

use crate::units::{
    Days, Efficiency, Hashprice, Hashrate, MONTH_DAYS, Power, PowerPrice, Sats, Seconds, Usd, UsdPerBtc, YEAR_DAYS,
};

/// The unit in which a column shows the quantity `Q`. A plain number is already in its column's unit, and has its name alone
/// in the place of this.
#[derive(Debug)]
pub struct Unit<Q> {
    /// Its name in the data dictionary.
    pub name: &'static str,
    /// The number in this unit.
    pub number: fn(Q) -> f64,
    /// The quantity for a number in this unit.
    pub quantity: fn(f64) -> Q,
}

/// A type with the name of a unit.
pub trait Named {
    /// Its name in the data dictionary; empty for a ratio, a count, a text or an instant.
    fn name(&self) -> &'static str;
}

impl<Q> Named for Unit<Q> {
    fn name(&self) -> &'static str {
        self.name
    }
}

impl Named for &'static str {
    fn name(&self) -> &'static str {
        self
    }
}

/// Coins.
pub const BTC: Unit<Sats> = Unit { name: "BTC", number: Sats::btc, quantity: Sats::from_btc };
/// Dollars.
pub const USD: Unit<Usd> = Unit { name: "USD", number: Usd::get, quantity: Usd::new };
/// Spans of time.
pub const DAYS: Unit<Seconds> =
    Unit { name: "d", number: |span| Days::from(span).get(), quantity: |days| Days::new(days).into() };
/// Instants and spans of time in years of 365 days.
pub const YEARS: Unit<Seconds> = Unit {
    name: "year",
    number: |span| Days::from(span).get() / YEAR_DAYS,
    quantity: |years| Days::new(years * YEAR_DAYS).into(),
};
/// Spans of time that are kept in days.
pub const SPAN_DAYS: Unit<Days> = Unit { name: "d", number: Days::get, quantity: Days::new };
/// Spans of time that are kept in days, in months.
pub const SPAN_MONTHS: Unit<Days> =
    Unit { name: "month", number: |span| span.get() / MONTH_DAYS, quantity: |months| Days::new(months * MONTH_DAYS) };
/// Spans of time that are kept in days, in years of 365 days.
pub const SPAN_YEARS: Unit<Days> =
    Unit { name: "year", number: |span| span.get() / YEAR_DAYS, quantity: |years| Days::new(years * YEAR_DAYS) };
/// Spans of time in minutes.
pub const MINUTES: Unit<Seconds> =
    Unit { name: "min", number: |span| span.get() / 60.0, quantity: |minutes| Seconds::new(60.0 * minutes) };
/// Prices of a coin.
pub const USD_PER_BTC: Unit<UsdPerBtc> = Unit { name: "USD/BTC", number: UsdPerBtc::get, quantity: UsdPerBtc::new };
/// Prices of power.
pub const USD_PER_KWH: Unit<PowerPrice> = Unit { name: "USD/kWh", number: PowerPrice::get, quantity: PowerPrice::new };
/// Hashrate of networks.
pub const EH_PER_S: Unit<Hashrate> = Unit { name: "EH/s", number: Hashrate::eh, quantity: Hashrate::from_eh };
/// Energy per hash.
pub const J_PER_TH: Unit<Efficiency> = Unit { name: "J/TH", number: Efficiency::get, quantity: Efficiency::new };
/// Hashrate of firms.
pub const TH_PER_S: Unit<Hashrate> = Unit { name: "TH/s", number: Hashrate::th, quantity: Hashrate::from_th };
/// Income of hashrate.
pub const USD_PER_PH_DAY: Unit<Hashprice> =
    Unit { name: "USD/PH/day", number: Hashprice::get, quantity: Hashprice::new };
/// Power.
pub const MW: Unit<Power> = Unit { name: "MW", number: |power| power.w() / 1e6, quantity: milliwatts };

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
fn milliwatts(megawatts: f64) -> Power {
    Power::from_mw((megawatts * 1e9).round() as u64)
}
