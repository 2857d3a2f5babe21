//! `failed.csv`: what could not be run, why, and how to run it again. It is filled with the other tables and in their order, so that it
//! too has the same bytes for any number of threads or interruptions; it is always csv, and empty where nothing failed.

use std::path::Path;

use super::{
    csv::{Cell, header, write_row},
    failures::Failures,
    read::{ReadError, Reader},
    sink::{HistoryAddress, Lost},
    table::TableFile,
};
use crate::declare::{Column, Kind, Sheet};

/// Name of the table.
pub const NAME: &str = "failed";

/// Its file.
pub const FILE: &str = "failed.csv";

/// First columns of a run.
pub const RUN: &[&str] = &["replica"];

/// First columns of a sweep.
pub const SWEEP: &[&str] = &["point", "replica"];

/// First columns of a calibration. Stage: `generation 2`, `prediction`, or `truth 7` with what of it failed; particle: its number within the
/// stage, or that of the draw; attempt: which of the particle's histories, from 0; the history's scenario and number.
pub const CALIBRATION: &[&str] = &["stage", "particle", "attempt", "episode", "replica"];

const LAST: [&str; 4] = ["seed", "cause", "reason", "flags"];

/// The table with the first columns of every kind of experiment.
pub const SHEET: Sheet = Sheet {
    name: NAME,
    doc: "One row per history that could not be run: where in the experiment, why, and how to run it again. Always csv, and empty where nothing failed.",
    key: &["point", "replica", "stage", "particle", "attempt", "episode"],
    columns: &[
        Column::new("point", "", Kind::OptionalCount, "Of a sweep: number of the design's point, from 0"),
        Column::new("replica", "", Kind::OptionalCount, "Number of the history, from 0"),
        Column::new(
            "stage",
            "",
            Kind::Text,
            "Of a calibration: `generation 2`, `prediction`, or `truth 7` with what of it failed",
        ),
        Column::new(
            "particle",
            "",
            Kind::OptionalCount,
            "Of a calibration: number of the particle within the stage, or of the draw",
        ),
        Column::new("attempt", "", Kind::OptionalCount, "Of a calibration: which of the particle's histories, from 0"),
        Column::new("episode", "", Kind::Text, "Of a calibration: the history's scenario"),
        Column::new("seed", "", Kind::OptionalCount, "Seed of the run"),
        Column::new(
            "cause",
            "",
            Kind::Text,
            "What failed; `scenario`: what was asked for cannot be simulated; `bug`: shakeout broke down, please report it",
        ),
        Column::new("reason", "", Kind::Text, "In words"),
        Column::new("flags", "", Kind::Text, "Options with which `shakeout run SCENARIO` runs this one history again"),
    ],
    others: None,
};

const BUG: &str = "bug";

/// The table with these first columns.
#[must_use]
pub fn file(first: &[&str]) -> TableFile {
    TableFile { name: NAME.to_owned(), header: header(first.iter().copied().chain(LAST)) }
}

/// Puts a row at the end of its text; `flags` run the history again.
pub fn write_lost<'a>(
    text: &mut Vec<u8>,
    first: impl IntoIterator<Item = Cell<'a>>,
    seed: u64,
    lost: &Lost,
    flags: &str,
) {
    write(text, first.into_iter().chain([Cell::Count(seed)]).collect(), lost, flags);
}

fn write(text: &mut Vec<u8>, first: Vec<Cell<'_>>, lost: &Lost, flags: &str) {
    let cause = if lost.is_bug { BUG } else { "scenario" };
    let (reason, flags) = (in_one_line(&lost.reason), in_one_line(flags));
    let ending = [Cell::Text(cause), Cell::Text(&reason), Cell::Text(&flags)];
    write_row(text, first.into_iter().chain(ending));
}

/// Puts the row of a history of a calibration at the end of the text: `first` says where it was tried, and `flags` what runs the history at this address again.
pub fn write_lost_history<'a>(
    text: &mut Vec<u8>,
    first: [Cell<'a>; 3],
    lost: &'a Lost,
    flags: impl FnOnce(&HistoryAddress) -> String,
) {
    let [stage, particle, attempt] = first;
    let (episode, replica, seed, flags) = lost.history.as_ref().map_or_else(
        || (Cell::Text(""), Cell::Text(""), Cell::Text(""), String::new()),
        |at| (Cell::Text(&at.episode), Cell::Count(at.replica), Cell::Count(at.seed), flags(at)),
    );
    write(text, vec![stage, particle, attempt, episode, replica, seed], lost, &flags);
}

/// A row is a line of the file, by which the parts of a sweep are put together.
pub(crate) fn in_one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

/// What a folder's table comes to; nothing where there is none.
///
/// # Errors
/// When it is damaged.
pub fn read_failures(folder: &Path) -> Result<Failures, ReadError> {
    let mut found = Failures::default();
    let mut rows = match Reader::open_all(folder, NAME) {
        Err(ReadError::Missing { .. }) => return Ok(found),
        rows => rows?,
    };
    let names: Vec<String> = rows.names().map(str::to_owned).collect();
    let place = |rows: &Reader, wanted: &str| {
        names.iter().position(|name| name == wanted).ok_or_else(|| rows.no_column(wanted))
    };
    let (seed, cause, reason) = (place(&rows, "seed")?, place(&rows, "cause")?, place(&rows, "reason")?);
    while rows.advance()? {
        found.add(rows.text(reason), rows.text(cause) == BUG, || {
            let address = names.iter().zip(0..seed).map(|(name, place)| (name, rows.text(place)));
            let known = address.filter(|(_, value)| !value.is_empty());
            known.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(reason: &str, is_bug: bool) -> Lost {
        Lost { reason: reason.to_owned(), is_bug, history: None }
    }

    #[test]
    fn what_is_written_is_read_and_counted() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(read_failures(folder.path()).expect("there is none"), Failures::default());
        let mut text = file(SWEEP).header;
        for (point, reason, is_bug) in
            [(1, "no lot\n \"a, b\" runs\n", false), (1, "panicked: x", true), (2, "no lot; \"a, b\" runs", false)]
        {
            write_lost(&mut text, [Cell::Count(point), Cell::Count(7)], 42, &lost(reason, is_bug), "--seed 42");
        }
        std::fs::write(folder.path().join(FILE), &text).expect("it is written");
        let found = read_failures(folder.path()).expect("it is read");
        assert_eq!((found.count, found.bugs), (3, 1));
        assert_eq!(
            found.lines(),
            "  point 1, replica 7: no lot; \"a, b\" runs (2 times)\n  point 1, replica 7: panicked: x"
        );
        let shown = String::from_utf8(text).expect("text");
        assert!(shown.starts_with("point,replica,seed,cause,reason,flags\n1,7,42,scenario,\"no lot; "), "{shown}");
    }
}
