//! Dated numbers, as points in a scenario or as the rows of a file, and whether they cover the run. Rows at a constant interval are read in
//! [`regular`].

mod regular;

pub use regular::regular;

use std::path::Path;

use super::{csv_file::CsvFile, csv_header::Column, problem::Problem, section::Section, tree::Place};
use crate::{
    declare::{Key, Range, ReadKeys},
    units::{DAY_S, Seconds, UnixTime},
};

/// At most as many rows out of order are shown.
const MOST_OUT_OF_ORDER: usize = 20;

/// Remedy for rows that are not in order.
const IN_ORDER: &str = "sort the rows by date, the oldest or the newest first, each date once; an hour that stands twice is local time at the end of \
    summer time: write such times in UTC";

/// A dated number and its place.
type Dated = (UnixTime, f64, Place);

/// Points that are written under a key; none where it may be left out and is.
pub fn points(s: &mut Section<'_>, key: Key, required: bool) -> Vec<(Seconds, f64)> {
    let points = s.dated_numbers(key, required);
    let holds = hold_last(s, true);
    let written_empty = s.entry(key.name).is_some_and(|entry| entry.node.value.as_list().is_some_and(<[_]>::is_empty));
    if written_empty {
        let problem = Problem::new("scenario::empty", format!("`{}` has no points", s.name_of(key.name)));
        s.report(problem.at(s.place_of(key.name), "empty").help("a single point holds for the whole run"));
    }
    for pair in points.windows(2) {
        if pair[1].0 <= pair[0].0 {
            let problem =
                Problem::new("scenario::order", format!("the dates of `{}` are not in order", s.name_of(key.name)));
            let problem = problem.at(pair[1].2, format!("not after {}", pair[0].0.short()));
            s.report(problem.help("each date must be later than the one before"));
        }
    }
    if let Some((last, _, place)) = points.last().filter(|_| !holds) {
        reaches(s, *last, *place);
    }
    from_the_start(s, &points)
}

/// Points from the file that a key names, which must cover the run: its begin, and, unless the last number holds, its end.
pub fn series(s: &mut Section<'_>, key: Key, column: &'static [&'static str]) -> Vec<(Seconds, f64)> {
    let file = s.path_of(Key { range: Range::ANY, ..key });
    let holds = hold_last(s, false);
    let points = rows(s, key, &file, column);
    if let (Some(first), Some(last)) = (points.first(), points.last()) {
        begins(s, first);
        if !holds {
            // A day's row holds for that day, so that a run may end with the day after the last.
            reaches(s, last.0.after(Seconds::new(DAY_S)), last.2);
        }
    }
    from_the_start(s, &points)
}

/// The numbers of a file with one row a day, if a key names one.
pub fn daily(s: &mut Section<'_>, key: Key, column: &'static [&'static str]) -> Option<Vec<f64>> {
    let file = s.optional_path(Key { range: Range::ANY, ..key })?;
    let points = rows(s, key, &file, column);
    if let Some(pair) = points.windows(2).find(|pair| pair[1].0 != pair[0].0.after(Seconds::new(DAY_S))) {
        let problem = Problem::new("scenario::order", format!("`{file}` is not one row a day"));
        s.report(
            problem
                .at(pair[1].2, format!("not the day after {}", pair[0].0.short()))
                .help("a bootstrap needs daily returns without gaps"),
        );
    }
    Some(points.into_iter().map(|(_, value, _)| value).collect())
}

/// Whether the last number of a series holds to the end of the run. By default it does for points, which are written by hand, and does not for a
/// file, whose data just end.
fn hold_last(s: &mut Section<'_>, usual: bool) -> bool {
    s.boolean_or(
        Key::new(
            "hold_last",
            "Whether the last number stays constant if the dates end before the run; if false, such dates are an error.",
        )
        .source("A-07"),
        usual,
    )
}

fn from_the_start(s: &Section<'_>, points: &[Dated]) -> Vec<(Seconds, f64)> {
    let start = s.run().start;
    points.iter().map(|(date, value, _)| (date.since(start), *value)).collect()
}

/// The dates and numbers of a csv file with a column of dates and another, dates strictly increasing.
fn rows(s: &Section<'_>, key: Key, file: &str, column: &'static [&'static str]) -> Vec<Dated> {
    let points = rows_by_age(s, key, file, [Column::DATE, Column::of(column)]);
    for pair in points.windows(2).filter(|pair| pair[1].0 <= pair[0].0).take(MOST_OUT_OF_ORDER) {
        // In a file that begins with its newest row, the later of the two stands before the other.
        let (newest_first, first, second) =
            if pair[0].2.start > pair[1].2.start { (true, &pair[1], &pair[0]) } else { (false, &pair[0], &pair[1]) };
        let label = format!("not {} {}", if newest_first { "before" } else { "after" }, first.0.short());
        let problem = Problem::new("scenario::csv", format!("`{}` in `{file}` is not in order", Column::DATE.name));
        s.report(problem.at(second.2, label).help(IN_ORDER));
    }
    points
}

/// The dates and numbers of a csv file with these two columns, the oldest row first.
fn rows_by_age(s: &Section<'_>, key: Key, file: &str, columns: [Column; 2]) -> Vec<Dated> {
    let Some(entry) = s.entry(key.name) else { return Vec::new() };
    if file.is_empty() || s.is_quiet() {
        return Vec::new();
    }
    let Some(table) = CsvFile::open(s.reading, Path::new(file), entry.node.place, &columns) else { return Vec::new() };
    let mut points: Vec<Dated> = Vec::new();
    table.rows(|row| {
        let (Some(date), Some(value)) = (row.date(0), row.number(1, key.range)) else { return };
        points.push((date, value, row.place(0)));
    });
    if points.last().map(|last| last.0) < points.first().map(|first| first.0) {
        points.reverse();
    }
    if points.is_empty() && s.reading.problems.borrow().is_empty() {
        let problem = Problem::new("scenario::empty", format!("`{file}` has no rows"));
        s.report(
            problem.at(entry.node.place, "named here").help(format!("it needs rows of date and {}", columns[1].name)),
        );
    }
    points
}

fn begins(s: &Section<'_>, first: &Dated) {
    let run = s.run();
    if run.known && first.0 > run.start {
        let problem = Problem::new(
            "scenario::cover",
            format!("the run starts on {}, before this file's first date", run.start.short()),
        );
        s.report(problem.at(first.2, "first date").help("add earlier rows, or start the run later"));
    }
}

/// Reports a series that ends at `last`, before the end of the run.
fn reaches(s: &Section<'_>, last: UnixTime, place: Place) {
    let run = s.run();
    if run.known && last < run.end() {
        let message = format!("the run goes on until {}, after the last date of `{}`", run.end().short(), s.name());
        s.report(Problem::new("scenario::cover", message).at(place, "last date").help(format!(
            "add later dates, shorten `run.days`, or write `{} = true`: then the last number holds to the end",
            s.name_of("hold_last")
        )));
    }
}
