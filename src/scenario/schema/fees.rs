use super::{
    run::Horizon,
    series::{self, Series},
};
use crate::{
    chain::Fees,
    declare::{Key, KeyKind, Range, ReadKeys, Usual},
    scenario::{csv_header::Column, problem::Problem, section::Section},
    units::Seconds,
};

/// Allowed fees of a block.
const FEES: Range = Range::within(0.0, 1e6);
/// Usual fees of a block.
const USUAL_FEES: Usual =
    Usual { low: 0.0005, high: 20.0, source: "A-05, S28, S56: 0.03 to 9.3 BTC on the mean of a day, 2013 to 2023" };

/// Column of fees. Its name is not just `fees`, because a column `fees` in other files holds the fees of a day.
const FEES_COLUMN: Column =
    Column::required("btc_per_block").or(&["fees_btc_per_block", "fee_btc_per_block", "fees_per_block_btc"]);

/// Reads `[chain.fees]`.
pub fn fees(s: &mut Section<'_>, horizon: &Horizon) -> Fees {
    let knots = |knots: Vec<(Seconds, f64)>, elasticity: f64| Fees { knots, elasticity, spikes: Vec::new() };
    s.kind(
        Some("constant"),
        &[
            KeyKind {
                name: "constant",
                doc: "Constant fees: every block has the same fees.",
                read: &|s| knots(vec![(Seconds::ZERO, constant(s))], 0.0),
            },
            KeyKind {
                name: "knots",
                doc: "Fees given on some dates: linear in between, constant before the first date and, with `hold_last`, after the last.",
                read: &|s| {
                    let points = s.dated_numbers(
                        Key::new("points", "Dates and fees of a block, such as [[\"2018-09-20\", 0.1]].")
                            .unit("BTC")
                            .range(FEES)
                            .usually(USUAL_FEES),
                    );
                    let holds = series::hold_last(s, true);
                    knots(series::ordered(s, "points", &points, horizon, holds), 0.0)
                },
            },
            KeyKind {
                name: "csv",
                doc: "Fees from a file with the columns date and btc_per_block, linear in between.",
                read: &|s| {
                    let file = s.path_of(Key::new("file", "The file, relative to the file that names it."));
                    let holds = series::hold_last(s, false);
                    let series = Series { column: FEES_COLUMN, range: FEES };
                    knots(series::file(s, "file", &file, &series, horizon, holds), 0.0)
                },
            },
            KeyKind {
                name: "elastic",
                doc: "Fees that rise when blocks are slow: F0 · (block interval / 600 s)^elasticity.",
                read: &|s| elastic(s, horizon),
            },
        ],
    )
    .unwrap_or(Fees { knots: vec![(Seconds::ZERO, 0.0)], ..Fees::default() })
}

fn constant(s: &mut Section<'_>) -> f64 {
    s.number_or(
        Key::new("btc_per_block", "Fees of a block.").unit("BTC").source("design").range(FEES).usually(USUAL_FEES),
        0.0,
    )
}

fn elastic(s: &mut Section<'_>, horizon: &Horizon) -> Fees {
    let mark = s.reading.mark();
    let level = s.optional_number(
        Key::new("btc_per_block", "Fees of a block at 600 s; or give `points`.")
            .unit("BTC")
            .range(FEES)
            .usually(USUAL_FEES),
    );
    let points = s.optional_dated_numbers(
        Key::new("points", "Dates and fees of a block at 600 s; or give `btc_per_block`.")
            .unit("BTC")
            .range(FEES)
            .usually(USUAL_FEES),
    );
    let holds = series::hold_last(s, true);
    let elasticity = s.number_or(
        Key::new("elasticity", "Exponent of the block interval.")
            .source("A; sign from S39, S45")
            .within(0.0, 10.0)
            .usual(0.1, 3.0, "A-05: 0-3"),
        1.5,
    );
    let knots = match (level, points) {
        (Some(level), None) => vec![(Seconds::ZERO, level)],
        (None, Some(points)) => series::ordered(s, "points", &points, horizon, holds),
        (level, _) => {
            if s.reading.clean_since(mark) {
                let message = format!("`{}` needs either `btc_per_block` or `points`", s.name());
                let place = if level.is_some() { s.place_of("points") } else { s.header() };
                let label = if level.is_some() { "both are given" } else { "neither is given" };
                s.report(
                    Problem::new("scenario::both", message)
                        .at(place, label)
                        .help("fees at a block interval of 600 s are one number, or a path"),
                );
            }
            vec![(Seconds::ZERO, 0.0)]
        }
    };
    Fees { knots, elasticity, spikes: Vec::new() }
}
