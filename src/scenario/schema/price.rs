use super::{
    run::Horizon,
    series::{self, Series},
};
use crate::{
    declare::{Key, KeyKind, Range, ReadKeys, Usual},
    market::{PriceParams, PriceProcess},
    scenario::{Step, csv_header::Column, problem::Problem, section::Section},
    units::{Seconds, UsdPerBtc},
};

/// Allowed prices of a coin.
pub const PRICE: Range = Range::within(1e-6, 1e9);
/// Column of prices, with the names that exports give it.
pub const PRICE_COLUMN: Column = Column::required("price_usd").or(&[
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
]);
/// Usual prices of a coin.
const USUAL_PRICE: Usual =
    Usual { low: 100.0, high: 1e6, source: "S56: 150 to 67,542 USD from 2014 to 2023; assumed above" };
/// Allowed drifts per year.
const DRIFT: Range = Range::within(-10.0, 10.0);
/// Maximum number of quotes in one replica.
const MOST_QUOTES: f64 = 1e7;

/// Reads `[price]`.
pub fn price(s: &mut Section<'_>, horizon: &Horizon) -> PriceParams {
    let parts = s.kind(
        None,
        &[
            KeyKind {
                name: "knots",
                doc: "Prices given on some dates: log-linear in between, constant before the first date and, with `hold_last`, after the last.",
                read: &|s| with_grid(s, horizon, knots),
            },
            KeyKind {
                name: "csv",
                doc: "Prices from a file with columns for date and price (date, time or timestamp; price_usd, price or close), log-linear in between.",
                read: &|s| with_grid(s, horizon, csv),
            },
            KeyKind { name: "gbm", doc: "Geometric Brownian motion.", read: &|s| with_grid(s, horizon, gbm) },
            KeyKind {
                name: "jump_diffusion",
                doc: "Geometric Brownian motion with lognormal jumps (Merton 1976).",
                read: &|s| with_grid(s, horizon, jump_diffusion),
            },
            KeyKind {
                name: "bootstrap",
                doc: "Stationary block bootstrap of a history's daily returns (Politis and Romano 1994).",
                read: &|s| with_grid(s, horizon, bootstrap),
            },
        ],
    );
    let (process, grid) = parts.unwrap_or((PriceProcess::Path { points: Vec::new() }, Seconds::new(86_400.0)));
    PriceParams { process, grid, shocks: Vec::new() }
}

fn with_grid(
    s: &mut Section<'_>,
    horizon: &Horizon,
    read: fn(&mut Section<'_>, &Horizon) -> PriceProcess,
) -> (PriceProcess, Seconds) {
    let process = read(s, horizon);
    let step = match horizon.run.step {
        Step::Every(step) => step.get() / 60.0,
        Step::Block => 10.0,
    };
    let minutes = s.number_or(
        Key::new("grid_minutes", "Interval at which the price is quoted; the price is constant in between.")
            .unit("min")
            .derived("the step of the run, or 10 with `step = \"block\"`")
            .within(1.0 / 60.0, 525_600.0),
        step,
    );
    if horizon.run.days.get() * 1440.0 / minutes > MOST_QUOTES {
        let problem = Problem::new(
            "scenario::range",
            format!("`{}` makes more than {MOST_QUOTES:e} quotes in one run", s.name_of("grid_minutes")),
        );
        s.report(
            problem
                .at(s.place_of("grid_minutes"), "too fine a grid")
                .help("quote the price less often, or shorten `run.days`"),
        );
    }
    (process, Seconds::new(minutes * 60.0))
}

fn path(points: Vec<(Seconds, f64)>) -> PriceProcess {
    PriceProcess::Path { points: points.into_iter().map(|(at, price)| (at, UsdPerBtc::new(price))).collect() }
}

fn knots(s: &mut Section<'_>, horizon: &Horizon) -> PriceProcess {
    let points = s.dated_numbers(
        Key::new("points", "Dates and prices, such as [[\"2018-09-20\", 6493.0]]; they may begin before the run.")
            .unit("USD/BTC")
            .range(PRICE)
            .usually(USUAL_PRICE),
    );
    let holds = series::hold_last(s, true);
    path(series::ordered(s, "points", &points, horizon, holds))
}

fn csv(s: &mut Section<'_>, horizon: &Horizon) -> PriceProcess {
    let file = s.path_of(Key::new("file", "The file, relative to the file that names it."));
    let holds = series::hold_last(s, false);
    path(series::file(s, "file", &file, &Series { column: PRICE_COLUMN, range: PRICE }, horizon, holds))
}

fn start(s: &mut Section<'_>) -> UsdPerBtc {
    UsdPerBtc::new(
        s.number(Key::new("start_usd", "Price at the start.").unit("USD/BTC").range(PRICE).usually(USUAL_PRICE)),
    )
}

fn drift(s: &mut Section<'_>) -> f64 {
    s.number_or(
        Key::new("drift_per_year", "The expected price grows as e^(drift · years).")
            .unit("1/year")
            .source("section 7.1: a martingale unless set")
            .range(DRIFT)
            .usual(-1.5, 1.5, "A-07; S56: yearly returns between a quarter and four times"),
        0.0,
    )
}

fn volatility(s: &mut Section<'_>) -> f64 {
    s.number(
        Key::new("volatility_per_year", "Standard deviation of the log price after a year.")
            .unit("1/sqrt(year)")
            .within(0.0, 10.0)
            .usual(0.1, 1.5, "A-44: 0.024-0.050 per sqrt(day) are 0.46-0.96"),
    )
}

fn gbm(s: &mut Section<'_>, _: &Horizon) -> PriceProcess {
    PriceProcess::Gbm { start: start(s), drift_per_year: drift(s), volatility_per_year: volatility(s) }
}

fn jump_diffusion(s: &mut Section<'_>, _: &Horizon) -> PriceProcess {
    PriceProcess::JumpDiffusion {
        start: start(s),
        drift_per_year: drift(s),
        volatility_per_year: volatility(s),
        jumps_per_year: s.number(
            Key::new("jumps_per_year", "Jumps expected in a year.")
                .unit("1/year")
                .within(0.0, 36_500.0)
                .usual(0.1, 100.0, "assumed"),
        ),
        jump_mean: s.number(Key::new("jump_mean", "Mean of ln(1 + jump).").within(-3.0, 3.0).usual(
            -0.7,
            0.7,
            "S56: at most 0.5 in a day, 2013 to 2023; assumed",
        )),
        jump_sd: s.number(Key::new("jump_sd", "Standard deviation of ln(1 + jump).").within(0.0, 3.0).usual(
            0.0,
            0.7,
            "S56: at most 0.5 in a day, 2013 to 2023; assumed",
        )),
    }
}

fn bootstrap(s: &mut Section<'_>, _: &Horizon) -> PriceProcess {
    let mark = s.reading.mark();
    let start = start(s);
    let file = s.optional_path(Key::new(
        "file",
        "A history with columns for date and price as in [price.csv], one row per day; or give `returns`.",
    ));
    let returns = s.optional_numbers(
        Key::new("returns", "Daily log returns of a history; or give `file`.").unit("1/day").within(-10.0, 10.0).usual(
            -0.7,
            0.7,
            "S56: at most 0.5 in a day, 2013 to 2023",
        ),
    );
    let block_days = s.number_or(
        Key::new("block_days", "Mean length of a block.")
            .unit("d")
            .source("A")
            .within(1.0, 36_500.0)
            .usual(2.0, 120.0, "A-07"),
        10.0,
    );
    let detrend =
        s.boolean_or(Key::new("detrend", "Whether the history's mean return is removed first.").source("design"), true);
    let log_returns = match (&file, returns) {
        (Some(file), None) => file_returns(s, file),
        (None, Some(returns)) => returns,
        _ => {
            if s.reading.clean_since(mark) {
                let message = format!("`{}` needs either `file` or `returns`", s.name());
                let (place, label) = if file.is_some() {
                    (s.place_of("returns"), "both are given")
                } else {
                    (s.header(), "neither is given")
                };
                s.report(
                    Problem::new("scenario::both", message)
                        .at(place, label)
                        .help("a history is a file of daily prices, or a list of daily log returns"),
                );
            }
            Vec::new()
        }
    };
    if s.reading.clean_since(mark) && log_returns.len() < 2 {
        let key = if file.is_some() { "file" } else { "returns" };
        let problem = Problem::new("scenario::empty", format!("`{}` has fewer than two returns", s.name_of(key)));
        s.report(
            problem.at(s.place_of(key), "too short a history").help("a bootstrap draws blocks of days from a history"),
        );
    }
    PriceProcess::Bootstrap { start, log_returns, block_days, detrend }
}

fn file_returns(s: &Section<'_>, file: &str) -> Vec<f64> {
    let prices = series::dated(s, "file", file, &Series { column: PRICE_COLUMN, range: PRICE });
    for pair in prices.windows(2) {
        if pair[1].0.get() - pair[0].0.get() != 86_400 {
            let problem = Problem::new("scenario::order", format!("`{file}` is not one row a day"));
            s.report(
                problem
                    .at(pair[1].2, format!("not the day after {}", series::day(pair[0].0)))
                    .help("a bootstrap needs daily returns without gaps"),
            );
            break;
        }
    }
    prices.windows(2).map(|pair| libm::log(pair[1].1 / pair[0].1)).collect()
}
