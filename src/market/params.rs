use crate::{
    declare::{
        DAYS, Key, KeyValue, Kinds, MINUTES, Params, Range, ReadKeys, Scheduled, USD_PER_BTC, Usual, kinds, params,
    },
    units::{Seconds, UsdPerBtc},
};

/// Allowed prices of a coin.
pub const PRICE: Range = Range::within(1e-6, 1e9);
/// The column of prices in files, with the names that exports give it.
pub const PRICE_COLUMN: &[&str] = &[
    "price_usd",
    "price",
    "priceusd",
    "usd",
    "close",
    "close_usd",
    "closing_price",
    "close_price",
    "market_price",
    "market_price_usd",
    "price_close",
    "last",
    "mean_price_usd",
];
/// Usual prices of a coin.
const USUAL_PRICE: Usual =
    Usual { low: 100.0, high: 1e6, source: "S56: 150 to 67,542 USD from 2014 to 2023; assumed above" };
/// Usual drifts.
const USUAL_DRIFT: Usual =
    Usual { low: -1.5, high: 1.5, source: "A-07; S56: yearly returns between a quarter and four times" };
/// Usual volatilities.
const USUAL_VOLATILITY: Usual = Usual { low: 0.1, high: 1.5, source: "A-44: 0.024-0.050 per sqrt(day) are 0.46-0.96" };
/// Maximum number of quotes in one replica.
const MOST_QUOTES: f64 = 1e7;

/// The coin's price over the run, before miners' own impact.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceParams {
    /// Process that generates it.
    pub process: PriceProcess,
    /// The spacing at which it is quoted; constant in between.
    pub grid: Seconds,
    /// Sudden changes in addition, in order of time.
    pub shocks: Vec<PriceShock>,
}

impl PriceParams {
    /// Reads the process and the spacing of quotes, which is a key of every process.
    #[must_use]
    pub fn read<K: ReadKeys>(keys: &mut K) -> Self {
        let read = PriceProcess::read_kind_with(keys, None, (), |keys, process| (process, Grid::read(keys).minutes));
        let unread = || (PriceProcess::Path { points: Vec::new() }, keys.run().step);
        let (process, grid) = read.unwrap_or_else(unread);
        Self { process, grid, shocks: Vec::new() }
    }
}

kinds! {
    /// Process of a price path. Volatilities and drifts are per year of 365 days.
    #[derive(Clone, Debug, PartialEq)]
    pub enum PriceProcess {
        /// Prices given on some dates: log-linear in between, constant before the first date and, with `hold_last`, after the last.
        knots => Path {
            /// Dates and prices, such as [["2018-09-20", 6493.0]]; they may begin before the run.
            points: Vec<(Seconds, UsdPerBtc)> as "USD/BTC", range(PRICE), usually(USUAL_PRICE) => |keys, key| prices(&keys.points(key));
        },
        /// Prices from a file with columns for date and price (date, time or timestamp; price_usd, price or close), log-linear in between.
        csv => File {
            /// The file, relative to the file that names it.
            points: Vec<(Seconds, UsdPerBtc)> => file, range(PRICE) => |keys, key| prices(&keys.series(key, PRICE_COLUMN));
        },
        /// Geometric Brownian motion.
        gbm => Gbm {
            /// Price at the start.
            start: UsdPerBtc => start_usd as USD_PER_BTC, range(PRICE), usually(USUAL_PRICE);
            /// The expected price grows as e^(drift · years).
            drift_per_year: f64 as "1/year" = 0.0, source("section 7.1: a martingale unless set"), within(-10.0, 10.0), usually(USUAL_DRIFT);
            /// Standard deviation of the log price after a year.
            volatility_per_year: f64 as "1/sqrt(year)", within(0.0, 10.0), usually(USUAL_VOLATILITY);
        },
        /// Geometric Brownian motion with lognormal jumps (Merton 1976).
        jump_diffusion => JumpDiffusion {
            /// Price at the start.
            start: UsdPerBtc => start_usd as USD_PER_BTC, range(PRICE), usually(USUAL_PRICE);
            /// The expected price grows as e^(drift · years).
            drift_per_year: f64 as "1/year" = 0.0, source("section 7.1: a martingale unless set"), within(-10.0, 10.0), usually(USUAL_DRIFT);
            /// Standard deviation of the log price after a year.
            volatility_per_year: f64 as "1/sqrt(year)", within(0.0, 10.0), usually(USUAL_VOLATILITY);
            /// Jumps expected in a year.
            jumps_per_year: f64 as "1/year", within(0.0, 36_500.0), usual(0.1, 100.0, "assumed");
            /// Mean of ln(1 + jump).
            jump_mean: f64, within(-3.0, 3.0), usual(-0.7, 0.7, "S56: at most 0.5 in a day, 2013 to 2023; assumed");
            /// Standard deviation of ln(1 + jump).
            jump_sd: f64, within(0.0, 3.0), usual(0.0, 0.7, "S56: at most 0.5 in a day, 2013 to 2023; assumed");
        },
        /// Stationary block bootstrap of a history's daily returns (Politis and Romano 1994).
        bootstrap => Bootstrap {
            /// Price at the start.
            start: UsdPerBtc => start_usd as USD_PER_BTC, range(PRICE), usually(USUAL_PRICE);
            /// Daily log returns of a history; or give `file`.
            log_returns: Vec<f64> => returns as "1/day", within(-10.0, 10.0), usual(-0.7, 0.7, "S56: at most 0.5 in a day, 2013 to 2023")
                => |keys, key| log_returns(keys, key);
            /// Mean length of a block.
            block_days: f64 as "d" = 10.0, source("A"), within(1.0, 36_500.0), usual(2.0, 120.0, "A-07");
            /// Whether the history's mean return is removed first.
            detrend: bool = true, source("design");
        },
    }
}

params! {
    /// The spacing of quotes.
    #[derive(Debug)]
    pub struct Grid, check {
        /// Interval at which the price is quoted; the price is constant in between.
        minutes: Seconds => grid_minutes as "min", derived("the step of the run, or 10 with `step = \"block\"`"), within(1.0 / 60.0, 525_600.0)
            => |keys, key| KeyValue::read_key(keys, key, &MINUTES, Some(keys.run().step.get() / 60.0));
    }
}

impl Grid {
    fn check(&self, keys: &impl ReadKeys) {
        if Seconds::from(keys.run().days) / self.minutes > MOST_QUOTES {
            keys.refuse(
                "scenario::range",
                format!("`{}` makes more than {MOST_QUOTES:e} quotes in one run", keys.name_of("grid_minutes")),
                ("grid_minutes", "too fine a grid".to_owned()),
                "quote the price less often, or shorten `run.days`",
            );
        }
    }
}

fn prices(points: &[(Seconds, f64)]) -> Vec<(Seconds, UsdPerBtc)> {
    points.iter().map(|&(at, price)| (at, UsdPerBtc::new(price))).collect()
}

/// The returns of a history, from a file of daily prices or as they are written.
fn log_returns(keys: &mut impl ReadKeys, returns: Key) -> Vec<f64> {
    let before = keys.problems();
    let doc = "A history with columns for date and price as in [price.csv], one row per day; or give `returns`.";
    let prices = keys.daily(Key::new("file", doc).range(PRICE), PRICE_COLUMN);
    let written = keys.optional_numbers(returns);
    if keys.problems() > before {
        return Vec::new();
    }
    let is_file = prices.is_some();
    if is_file == written.is_some() {
        let label = if is_file { "both are given" } else { "neither is given" };
        keys.refuse(
            "scenario::both",
            format!("`{}` needs either `file` or `returns`", keys.name()),
            ("returns", label.to_owned()),
            "a history is a file of daily prices, or a list of daily log returns",
        );
        return Vec::new();
    }
    let of = |prices: Vec<f64>| prices.windows(2).map(|pair| libm::log(pair[1] / pair[0])).collect();
    let log_returns: Vec<f64> = prices.map_or_else(|| written.unwrap_or_default(), of);
    if log_returns.len() < 2 {
        let key = if is_file { "file" } else { "returns" };
        keys.refuse(
            "scenario::empty",
            format!("`{}` has fewer than two returns", keys.name_of(key)),
            (key, "too short a history".to_owned()),
            "a bootstrap draws blocks of days from a history",
        );
    }
    log_returns
}

params! {
    /// A sudden change of the price level.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PriceShock(event: Scheduled) {
        /// Stable name, from `[event.NAME]`.
        name: String => |_, _| event.name.clone();
        /// Time at which the event takes place.
        at: Seconds => |keys, key| event.at(keys, key);
        /// Factor on the price.
        factor: f64, within(1e-3, 1e3),
            usual(0.1, 10.0, "S56: the price fell by at most 84 % from 2013 to 2023, over a year; assumed above");
        /// Half-life of the change in days; if absent, the change is permanent.
        half_life: Option<Seconds> => half_life_days as DAYS, positive(36_500.0), usual(1.0, 3650.0, "assumed");
    }
}
