use std::path::Path;

use crate::{
    chain::Epochs,
    declare::{Key, Params, ReadKeys},
    market::PRICE,
    scenario::{
        csv_file::CsvFile,
        csv_header::Column,
        observed::{DIFFICULTY, HEIGHT, Observed, ObservedEpoch},
        problem::Problem,
        section::Section,
        tree::Place,
    },
    units::UsdPerBtc,
};

/// Reads `[observed]`.
pub fn observed(s: &mut Section<'_>) -> Observed {
    let mark = s.reading.mark();
    s.optional_text(Key::new("source", "Source of the history, as free text."));
    let csv = s.optional_path(Key::new("csv", "A file with the columns start_time_utc and difficulty, one row per difficulty epoch, and optionally start_height and mean_price_usd; other columns are ignored. Give either this or `epochs`."));
    let rows = ReadKeys::tables(
        s,
        Key::new(
            "epochs",
            "Consecutive difficulty epochs, beginning a few epochs before the start; the last one only gives the end of the previous epoch. Give either this or `csv`.",
        ),
        |s| (ObservedEpoch::read(s), s.header()),
    );
    let trend_at = s.optional_date(Key::new("trend_at", "The baselines take initial hashrate and trend from the epochs that begin up to this date; if absent, up to the start. Use it if a temporary event distorted the epochs just before the start."));
    if csv.is_some() != rows.is_empty() && s.reading.clean_since(mark) {
        let message = format!("`[{}]` needs either `epochs` or `csv`", s.name());
        let (place, label) =
            if csv.is_some() { (s.place_of("csv"), "both are given") } else { (s.header(), "neither is given") };
        s.report(
            Problem::new("scenario::both", message)
                .at(place, label)
                .help("a history is a table of epochs, or a file of them"),
        );
    }
    let rows = match csv {
        Some(file) => from_file(s, &file),
        None => rows,
    };
    if s.reading.clean_since(mark) {
        in_order(s, &rows);
    }
    Observed { epochs: rows.into_iter().map(|(epoch, _)| epoch).collect(), trend_at }
}

const START: usize = 0;
const DIFFICULTY_COLUMN: usize = 1;
const HEIGHT_COLUMN: usize = 2;
const PRICE_COLUMN: usize = 3;
const COLUMNS: [Column; 4] = [
    Column::EPOCH_START,
    Column::required("difficulty"),
    Column::EPOCH_HEIGHT.not_required(),
    Column::optional("mean_price_usd").or(&["price_usd"]),
];

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is within whole numbers")]
fn from_file(s: &Section<'_>, file: &str) -> Vec<(ObservedEpoch, Option<Place>)> {
    let mut rows = Vec::new();
    let Some(entry) = s.entry("csv").filter(|_| !s.is_quiet()) else { return rows };
    let path = Path::new(file);
    let Some(table) = CsvFile::open(s.reading, path, entry.node.place, &COLUMNS) else { return rows };
    table.rows(|row| {
        let (Some(start), Some(difficulty)) = (row.date(START), row.number(DIFFICULTY_COLUMN, DIFFICULTY)) else {
            return;
        };
        let optional = |column, range| row.text(column).and_then(|_| row.number(column, range));
        let start_height = optional(HEIGHT_COLUMN, HEIGHT).map(|height| height as u64);
        let price = optional(PRICE_COLUMN, PRICE).map(UsdPerBtc::new);
        rows.push((ObservedEpoch { start_height, start, difficulty, price }, Some(row.place(START))));
    });
    rows
}

/// Epochs must follow each other without a gap.
fn in_order(s: &Section<'_>, rows: &[(ObservedEpoch, Option<Place>)]) {
    if rows.len() < 2 {
        let problem = Problem::new("scenario::empty", format!("`[{}]` has fewer than two epochs", s.name()));
        let help = "an epoch's hashrate is known from the first block of the next";
        s.report(problem.at(s.header(), "too few").help(help));
    }
    for pair in rows.windows(2) {
        let ((before, _), (after, place)) = (pair[0], pair[1]);
        if after.start <= before.start {
            let problem = Problem::new("scenario::order", format!("the epochs of `[{}]` are not in order", s.name()));
            let label = format!("{} is not after {}", after.start.short(), before.start.short());
            s.report(problem.at(place, label).help("each epoch begins later than the one before"));
        }
        if let (Some(before), Some(after)) = (before.start_height, after.start_height)
            && after != before + Epochs::BITCOIN.length()
        {
            let problem = Problem::new("scenario::order", format!("an epoch of `[{}]` is missing", s.name()));
            let label = format!("{after} does not follow {before}");
            s.report(problem.at(place, label).help("an epoch begins every 2016 blocks"));
        }
    }
    for (epoch, place) in rows {
        if let Some(height) = epoch.start_height.filter(|&height| !Epochs::BITCOIN.opens(height)) {
            let problem =
                Problem::new("scenario::order", format!("no epoch begins at height {height} (`[{}]`)", s.name()));
            s.report(problem.at(*place, "not a multiple of 2016").help("an epoch begins every 2016 blocks"));
        }
    }
}
