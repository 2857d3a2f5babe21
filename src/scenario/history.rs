//! The history of the network that a user gives: difficulty epochs, and blocks and prices by day, from files as they are downloaded.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    csv_file::{CsvFile, Row},
    csv_header::Column,
    problem::Problems,
    section::Reading,
    source::{Disk, Files, Remembered, Role, Sources},
    tree::Place,
};
use crate::{
    chain::{CompactTarget, Epochs},
    declare::{Form, Range},
    market::{PRICE, PRICE_COLUMN},
    supply::history::{Day, Epoch, History},
    units::{Sats, Seconds, UnixTime, UsdPerBtc},
};

const HEIGHT: Range = Range::within(0.0, 1e8);
const DIFFICULTY: Range = Range::positive(1e30);
const FEES: Range = Range::within(0.0, 1e3);
const BLOCKS: Range = Range::within(0.0, 10_000.0);

const START: usize = 0;
const START_HEIGHT: usize = 1;
const NBITS: usize = 2;
const DIFFICULTY_COLUMN: usize = 3;
const EPOCH_PRICE: usize = 4;
const EPOCH_FEES: usize = 5;
const EPOCHS: [Column; 6] = [
    Column::EPOCH_START,
    Column::EPOCH_HEIGHT,
    Column::optional("nbits").or(&["bits"]),
    Column::optional("difficulty"),
    Column::of(PRICE_COLUMN),
    Column::required("fees_btc_per_block").or(&["btc_per_block"]),
];

const DATE: usize = 0;
const BLOCKS_COLUMN: usize = 1;
const DAY_PRICE: usize = 2;
const DAYS: [Column; 3] = [
    Column::DATE,
    Column::optional("blocks").or(&["blkcnt", "block_count", "blocks_mined"]),
    Column::of(PRICE_COLUMN).not_required(),
];

/// The shipped history, from January 2013 to December 2023.
///
/// # Panics
/// Never: the files are part of the program and are tested.
#[must_use]
pub fn shipped_history() -> History {
    let texts = [("epochs.csv", include_str!("history_epochs.csv")), ("days.csv", include_str!("history_days.csv"))];
    let held = texts.map(|(name, text)| (PathBuf::from(name), Arc::from(text.as_bytes())));
    let files = Remembered::with(Disk::default(), held.into());
    read_after(None, &files, Some(Path::new("epochs.csv")), Some(Path::new("days.csv")))
        .expect("the shipped history is read by a test")
}

/// The shipped epochs, or blocks by day, as a csv that [`read_history`] reads.
#[must_use]
pub fn shipped_history_csv(days: bool) -> String {
    let text = if days { include_str!("history_days.csv") } else { include_str!("history_epochs.csv") };
    text.split_inclusive('\n').filter(|line| !line.starts_with('#')).collect()
}

/// Reads a history of the network: difficulty epochs from one file, or the shipped ones without it, and blocks and prices by day
/// from another. Columns are found by name among others. Epochs that follow the end of the shipped ones are appended to these, and their
/// days to the shipped days.
///
/// # Errors
/// All problems of the files, each at its cell.
pub fn read_history(files: &dyn Files, epochs: Option<&Path>, days: Option<&Path>) -> Result<History, Problems> {
    read_after(Some(shipped_history()), files, epochs, days)
}

/// Reads a history, which may follow the one that is shipped.
fn read_after(
    shipped: Option<History>,
    files: &dyn Files,
    epochs: Option<&Path>,
    days: Option<&Path>,
) -> Result<History, Problems> {
    let reading = Reading::new(Sources::default(), files, Path::new(""));
    let read = epochs.map(|path| epochs_of(&reading, path, shipped.as_ref()));
    let (history, is_appended) = match read {
        Some(Some((epochs, is_appended))) => (History::new(epochs), is_appended),
        Some(None) => (None, false),
        None => (shipped.clone(), false),
    };
    let history = match (history, shipped) {
        (Some(history), Some(shipped)) if is_appended => Some(history.with_days_of(&shipped)),
        (history, _) => history,
    };
    let history = match days {
        Some(path) => days_of(&reading, path).and_then(|days| {
            let history = history?;
            Some(if is_appended { history.with_more_days(&days) } else { history.with_days(&days) })
        }),
        None => history,
    };
    let Reading { sources, problems, .. } = reading;
    match (history, problems.into_inner()) {
        (Some(history), problems) if problems.is_empty() => Ok(history),
        (_, problems) => Err(Problems::new(problems, sources.into_inner())),
    }
}

/// Opens a file that the user names.
fn open<'a>(reading: &'a Reading<'a>, path: &Path, flag: &str, columns: &'a [Column]) -> Option<CsvFile<'a>> {
    let named = path.display().to_string();
    let end = named.len();
    let source = reading.sources.borrow_mut().add(flag, "", Role::Set, named);
    CsvFile::open(reading, path, Place { source, start: 0, end }, columns)
}

/// A row of epochs as it is read.
struct Opening {
    start_height: u64,
    start: UnixTime,
    nbits: CompactTarget,
    price: Option<f64>,
    fees: Option<f64>,
    /// The cells of its height, and of its start.
    places: (Place, Place),
}

/// The epochs, two at least, and whether they follow the shipped ones.
fn epochs_of(reading: &Reading<'_>, path: &Path, shipped: Option<&History>) -> Option<(Vec<Epoch>, bool)> {
    let table = open(reading, path, "<--history>", &EPOCHS)?;
    if !table.has(NBITS) && !table.has(DIFFICULTY_COLUMN) {
        table.report("has neither a column `nbits` nor `difficulty`", "one of the two is needed");
        return None;
    }
    let mark = reading.mark();
    // A row that cannot be read is `None`: its neighbours are not held against it.
    let mut rows: Vec<Option<Opening>> = Vec::new();
    table.rows(|row| rows.push(opening(row)));
    let mut known = rows.iter().flatten().map(|row| row.start_height);
    if known.next() > known.next_back() {
        rows.reverse();
    }
    for pair in rows.windows(2) {
        if let [Some(before), Some(row)] = pair {
            follows(&table, before, row);
        }
    }
    if !reading.clean_since(mark) {
        return None;
    }
    let mut is_appended = false;
    let mut epochs: Vec<Epoch> = Vec::new();
    let last = rows.len().saturating_sub(1);
    for (place, row) in rows.into_iter().flatten().enumerate() {
        let is_complete = row.price.is_some() && row.fees.is_some();
        if !is_complete && place < last {
            let message = "begins an epoch without price or fees";
            table.report_at(START, row.places.1, message, "not the last", "only the last epoch may be without them");
        }
        let Opening { start_height, start, nbits, places, .. } = row;
        if let Some(shipped) = shipped.filter(|shipped| place == 0 && is_later(shipped, start_height, start)) {
            epochs = shipped_until(shipped, &table, start_height, places.0)?;
            is_appended = true;
        }
        // The last row only gives the end of the epoch before it.
        let before = epochs.last();
        let price = row.price.map(UsdPerBtc::new).or_else(|| before.map(|epoch| epoch.price));
        let fees = row.fees.map(Sats::from_btc).or_else(|| before.map(|epoch| epoch.fees));
        if let (Some(price), Some(fees)) = (price, fees) {
            epochs.push(Epoch { start_height, start, nbits, price, fees });
        }
    }
    if reading.clean_since(mark) && epochs.len() < 2 {
        table.report("has fewer than two epochs", "the last row only gives the end of the epoch before it");
    }
    reading.clean_since(mark).then_some((epochs, is_appended))
}

/// Whether a history that begins so can only follow the shipped one: alone it would begin too late.
fn is_later(shipped: &History, start_height: u64, start: UnixTime) -> bool {
    let first = &shipped.epochs()[0];
    start_height > first.start_height && start > first.start.after(Seconds::new(FIRST_YEAR_S))
}

/// A history of its own begins within a year of the shipped one.
const FIRST_YEAR_S: f64 = 366.0 * 86_400.0;

/// The shipped epochs before one of this height, which must follow them. The last one that is shipped is open, so that it may be given again.
fn shipped_until(shipped: &History, table: &CsvFile<'_>, start_height: u64, place: Place) -> Option<Vec<Epoch>> {
    let mut epochs = shipped.epochs().to_vec();
    let open = epochs.last()?.start_height;
    let next = open + Epochs::BITCOIN.length();
    if start_height == open {
        epochs.pop();
    }
    if start_height == open || start_height == next {
        return Some(epochs);
    }
    let message =
        if start_height > next { "leaves a gap after the shipped history" } else { "overlaps the shipped history" };
    let label = format!("the shipped history ends with the epoch of height {open}");
    let help = format!(
        "begin with height {open} or {next}, or give the whole history from before 2014; `shakeout history` prints the shipped one"
    );
    table.report_at(START_HEIGHT, place, message, &label, &help);
    None
}

/// Reports an epoch that does not begin where the one before it ends.
fn follows(table: &CsvFile<'_>, before: &Opening, row: &Opening) {
    let next = before.start_height + Epochs::BITCOIN.length();
    if row.start_height == next && row.start > before.start {
        return;
    }
    let label = format!("does not follow the epoch of height {}", before.start_height);
    let help = "give every epoch once, in order, the oldest or the newest first";
    table.report_at(START_HEIGHT, row.places.0, "is not the next epoch", &label, help);
}

/// A row; `None` if it has a problem, which is then reported.
fn opening(row: &Row<'_, '_>) -> Option<Opening> {
    let optional = |column, range| match row.text(column) {
        None => Some(None),
        Some(_) => row.number(column, range).map(Some),
    };
    let (block, price, fees) = (block(row), optional(EPOCH_PRICE, PRICE), optional(EPOCH_FEES, FEES));
    let (start_height, start, nbits) = block?;
    let places = (row.place(START_HEIGHT), row.place(START));
    Some(Opening { start_height, start, nbits, price: price?, fees: fees?, places })
}

/// The first block of a row's epoch: its height, time and target. `None` if they have a problem, which is then reported.
fn block(row: &Row<'_, '_>) -> Option<(u64, UnixTime, CompactTarget)> {
    let start = row.date(START)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the range of heights")]
    let start_height = row.number(START_HEIGHT, HEIGHT)? as u64;
    if !Epochs::BITCOIN.opens(start_height) {
        row.report(START_HEIGHT, "is not the first block of an epoch", "not a multiple of 2016");
        return None;
    }
    let Some(text) = row.text(NBITS) else {
        let difficulty = row.number(DIFFICULTY_COLUMN, DIFFICULTY)?;
        return Some((start_height, start, CompactTarget::nearest(difficulty).ok()?));
    };
    match CompactTarget::parse(text) {
        Ok(nbits) => Some((start_height, start, nbits)),
        Err(form) => {
            row.report(NBITS, &format!("must be {form}"), "not a compact target");
            None
        }
    }
}

fn days_of(reading: &Reading<'_>, path: &Path) -> Option<Vec<Day>> {
    let table = open(reading, path, "<--days>", &DAYS)?;
    let mark = reading.mark();
    let mut days = Vec::new();
    table.rows(|row| {
        let Some(date) = row.date(DATE) else { return };
        let optional = |column, range| row.text(column).and_then(|_| row.number(column, range));
        let (blocks, price) = (optional(BLOCKS_COLUMN, BLOCKS), optional(DAY_PRICE, PRICE).map(UsdPerBtc::new));
        if blocks.is_none() && price.is_none() {
            row.report(DATE, "has neither blocks nor a price", "the row of this day has no data");
        }
        days.push(Day { date, blocks, price });
    });
    reading.clean_since(mark).then_some(days)
}

#[cfg(test)]
mod tests;
