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
    units::{Sats, UnixTime, UsdPerBtc},
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
    read_history(&files, Some(Path::new("epochs.csv")), Some(Path::new("days.csv")))
        .expect("the shipped history is read by a test")
}

/// Reads a history of the network: difficulty epochs from one file, or the shipped ones without it, and blocks and prices by day
/// from another. Columns are found by name among others.
///
/// # Errors
/// All problems of the files, each at its cell.
pub fn read_history(files: &dyn Files, epochs: Option<&Path>, days: Option<&Path>) -> Result<History, Problems> {
    let reading = Reading::new(Sources::default(), files, Path::new(""));
    let history = match epochs {
        Some(path) => epochs_of(&reading, path),
        None => Some(shipped_history()),
    };
    let history = match days {
        Some(path) => days_of(&reading, path).and_then(|days| Some(history?.with_days(&days))),
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

fn epochs_of(reading: &Reading<'_>, path: &Path) -> Option<History> {
    let table = open(reading, path, "<--history>", &EPOCHS)?;
    if !table.has(NBITS) && !table.has(DIFFICULTY_COLUMN) {
        table.report("has neither a column `nbits` nor `difficulty`", "one of the two is needed");
        return None;
    }
    let mark = reading.mark();
    let mut epochs: Vec<Epoch> = Vec::new();
    // The last row only gives the end of the epoch before it, and may have neither price nor fees.
    let mut complete = true;
    table.rows(|row| {
        if !complete {
            row.report(START, "follows an epoch without price or fees", "only the last epoch may be without them");
        }
        let before = epochs.last();
        let known = |column, of: &dyn Fn(&Epoch) -> f64, range| match (row.text(column), before) {
            (None, Some(before)) => Some(of(before)),
            _ => row.number(column, range),
        };
        complete = row.text(EPOCH_PRICE).is_some() && row.text(EPOCH_FEES).is_some();
        let price = known(EPOCH_PRICE, &|epoch| epoch.price.get(), PRICE);
        let fees = known(EPOCH_FEES, &|epoch| epoch.fees.btc(), FEES);
        let (Some((start_height, start, nbits)), Some(price), Some(fees)) = (block(row, before), price, fees) else {
            return;
        };
        epochs.push(Epoch { start_height, start, nbits, price: UsdPerBtc::new(price), fees: Sats::from_btc(fees) });
    });
    if !reading.clean_since(mark) {
        return None;
    }
    let history = History::new(epochs);
    if history.is_none() {
        table.report("has fewer than two epochs", "the last row only gives the end of the epoch before it");
    }
    history
}

/// The first block of a row's epoch: its height, time and target. `None` if they have a problem, which is then reported.
fn block(row: &Row<'_, '_>, before: Option<&Epoch>) -> Option<(u64, UnixTime, CompactTarget)> {
    let start = row.date(START)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the range of heights")]
    let start_height = row.number(START_HEIGHT, HEIGHT)? as u64;
    if !Epochs::BITCOIN.opens(start_height) {
        row.report(START_HEIGHT, "is not the first block of an epoch", "not a multiple of 2016");
        return None;
    }
    if let Some(before) = before
        && (start_height != before.start_height + Epochs::BITCOIN.length() || start <= before.start)
    {
        let label = format!("does not follow the epoch of height {}", before.start_height);
        row.report_with(START_HEIGHT, "is not the next epoch", &label, "give every epoch once, in order");
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
mod tests {
    use super::*;

    fn read(epochs: &str, days: Option<&str>) -> Result<History, String> {
        let mut held = vec![(PathBuf::from("e.csv"), Arc::from(epochs.as_bytes()))];
        held.extend(days.map(|days| (PathBuf::from("d.csv"), Arc::from(days.as_bytes()))));
        let files = Remembered::with(Disk::default(), held.into_iter().collect());
        let days = days.map(|_| Path::new("d.csv"));
        read_history(&files, Some(Path::new("e.csv")), days).map_err(|problems| problems.render(false, 200))
    }

    /// Difficulty 67,957,790,298,897.88 and 606.588 s a block: 481.178 EH/s, the value of the shared table of epochs for 26 November 2023.
    #[test]
    fn the_shipped_history_is_whole() {
        let history = shipped_history();
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

    /// The same epochs under other names, in other forms, with a difficulty in place of the target and an open end.
    #[test]
    fn user_histories_are_read_in_their_usual_formats() {
        let plain = "# from a node\nstart_height,start_time_utc,nbits,price_usd,fees_btc_per_block\n\
            2016,2020-01-01,1d00ffff,100,0.5\n4032,2020-01-15,1d00ffff,400,1\n";
        let history = read(plain, None).expect("it is read");
        let exported = "index;Height;Date;Difficulty;Close;Fees BTC per block;Pool\n\
            0;2016;01/01/2020;1;$100;0,5;x\n1;4032;01/15/2020;1;;;x\n";
        let other = read(exported, None).expect("it is read");
        assert_eq!(history.epochs()[0], other.epochs()[0]);
        assert_eq!(history.epochs()[1].start, other.epochs()[1].start);
        let days = "time,PriceUSD\n2020-01-02,90\n2020-01-03,95\n";
        let with_days = read(plain, Some(days)).expect("it is read");
        assert!((with_days.price(with_days.begins(0) + 1.5, 2).get() - 90.0).abs() < 1e-12);
        assert_eq!(with_days.blocks(18_263), None);
    }

    /// Each mistake is reported with its remedy.
    #[test]
    fn mistakes_in_a_history_are_reported_at_their_cells() {
        let head = "start_height,start_time_utc,nbits,price_usd,fees_btc_per_block\n";
        let good = "2016,2020-01-01,1703e8b3,100,0.5\n";
        for (rows, said) in [
            (good.to_owned(), "has fewer than two epochs"),
            (format!("{good}6048,2020-01-15,1703e8b3,1,1\n"), "give every epoch once, in order"),
            (format!("{good}4032,2020-01-15,zz,1,1\n"), "a compact target of eight hexadecimal digits"),
            (format!("{good}4032,yesterday,1703e8b3,1,1\n"), "write dates as"),
            (format!("{good}4033,2020-01-15,1703e8b3,1,1\n"), "not a multiple of 2016"),
            (format!("{good}4032,2020-01-15,1703e8b3,-1,1\n"), "`price_usd` in `e.csv`"),
            (format!("{good}4032,2020-01-15,1703e8b3,,1\n6048,2020-01-29,1703e8b3,1,1\n"), "only the last epoch"),
        ] {
            let told = read(&format!("{head}{rows}"), None).expect_err(&rows);
            assert!(told.contains(said), "{rows}{told}");
        }
        let told = read("height,date,price,btc_per_block\n2016,2020-01-01,1,1\n", None).expect_err("no difficulty");
        assert!(told.contains("neither a column `nbits` nor `difficulty`"), "{told}");
        let days = format!("{head}{good}4032,2020-01-15,1703e8b3,1,1\n");
        let told = read(&days, Some("date,blocks\n2020-01-01,\n")).expect_err("nothing is known of the day");
        assert!(told.contains("has neither blocks nor a price"), "{told}");
    }
}
