use std::path::Path;

use super::run::Horizon;
use crate::{
    declare::{Key, Range, ReadKeys},
    scenario::{csv_file::CsvFile, csv_header::Column, problem::Problem, section::Section, tree::Place},
    units::{Seconds, UnixTime},
};

/// A series of dated numbers in a file: its column and the allowed numbers.
pub struct Series {
    /// The column beside `date`.
    pub column: Column,
    /// Allowed numbers.
    pub range: Range,
}

/// At most as many rows out of order are shown.
const MOST_OUT_OF_ORDER: usize = 20;

/// Remedy for rows that are not in order.
const IN_ORDER: &str = "sort the rows by date, the oldest or the newest first, each date once; an hour that stands twice is local time at the end of \
    summer time: write such times in UTC";

/// Whether the last number of a series holds to the end of the run. By default it does for points, which are written by hand, and does not for a
/// file, whose data just end.
pub fn hold_last(s: &mut Section<'_>, usual: bool) -> bool {
    s.boolean_or(
        Key::new(
            "hold_last",
            "Whether the last number stays constant if the dates end before the run; if false, such dates are an error.",
        )
        .source("A-07"),
        usual,
    )
}

/// Points in seconds from the start. Reports dates that are not in order, and, unless the last number holds, dates that end before the run.
pub fn ordered(
    s: &Section<'_>,
    key: &str,
    points: &[(UnixTime, f64, Place)],
    horizon: &Horizon,
    holds: bool,
) -> Vec<(Seconds, f64)> {
    let written_empty = s.entry(key).is_some_and(|entry| entry.node.value.as_list().is_some_and(<[_]>::is_empty));
    if written_empty {
        let problem = Problem::new("scenario::empty", format!("`{}` has no points", s.name_of(key)));
        s.report(problem.at(s.place_of(key), "empty").help("a single point holds for the whole run"));
    }
    for pair in points.windows(2) {
        if pair[1].0 <= pair[0].0 {
            let problem =
                Problem::new("scenario::order", format!("the dates of `{}` are not in order", s.name_of(key)));
            let problem = problem.at(pair[1].2, format!("not after {}", day(pair[0].0)));
            s.report(problem.help("each date must be later than the one before"));
        }
    }
    if let Some((last, _, place)) = points.last().filter(|_| !holds) {
        reaches(s, horizon, *last, *place);
    }
    points.iter().map(|(date, value, _)| (date.since(horizon.start()), *value)).collect()
}

/// Points from a csv file, which must cover the run: its begin, and, unless the last number holds, its end.
pub fn file(
    s: &Section<'_>,
    key: &str,
    file: &str,
    series: &Series,
    horizon: &Horizon,
    holds: bool,
) -> Vec<(Seconds, f64)> {
    let points = dated(s, key, file, series);
    if let (Some(first), Some(last)) = (points.first(), points.last()) {
        begins(s, horizon, first);
        if !holds {
            // A day's row holds for that day, so that a run may end with the day after the last.
            reaches(s, horizon, last.0.after(Seconds::new(86_400.0)), last.2);
        }
    }
    points.iter().map(|(date, value, _)| (date.since(horizon.start()), *value)).collect()
}

/// The dates and numbers of a csv file with the columns `date` and another, dates strictly increasing.
pub fn dated(s: &Section<'_>, key: &str, file: &str, series: &Series) -> Vec<(UnixTime, f64, Place)> {
    let Some(entry) = s.entry(key) else { return Vec::new() };
    if file.is_empty() || s.is_quiet() {
        return Vec::new();
    }
    let columns = [Column::DATE, series.column];
    let Some(table) = CsvFile::open(s.reading, Path::new(file), entry.node.place, &columns) else { return Vec::new() };
    let mut points: Vec<(UnixTime, f64, Place)> = Vec::new();
    table.rows(|row| {
        let (Some(date), Some(value)) = (row.date(0), row.number(1, series.range)) else { return };
        points.push((date, value, row.place(0)));
    });
    let newest_first = points.last().map(|last| last.0) < points.first().map(|first| first.0);
    let is_off = |pair: &&[(UnixTime, f64, Place)]| {
        let (before, after) = (pair[0].0, pair[1].0);
        if newest_first { after >= before } else { after <= before }
    };
    for pair in points.windows(2).filter(is_off).take(MOST_OUT_OF_ORDER) {
        let label = format!("not {} {}", if newest_first { "before" } else { "after" }, day(pair[0].0));
        let problem = Problem::new("scenario::csv", format!("`{}` in `{file}` is not in order", columns[0].name));
        s.report(problem.at(pair[1].2, label).help(IN_ORDER));
    }
    if newest_first {
        points.reverse();
    }
    if points.is_empty() && s.reading.problems.borrow().is_empty() {
        let problem = Problem::new("scenario::empty", format!("`{file}` has no rows"));
        s.report(
            problem
                .at(entry.node.place, "named here")
                .help(format!("it needs rows of date and {}", series.column.name)),
        );
    }
    points
}

fn begins(s: &Section<'_>, horizon: &Horizon, first: &(UnixTime, f64, Place)) {
    if horizon.is_known() && first.0 > horizon.start() {
        let problem = Problem::new(
            "scenario::cover",
            format!("the run starts on {}, before this file's first date", day(horizon.start())),
        );
        s.report(problem.at(first.2, "first date").help("add earlier rows, or start the run later"));
    }
}

/// Reports a series that ends at `last`, before the end of the run.
fn reaches(s: &Section<'_>, horizon: &Horizon, last: UnixTime, place: Place) {
    if horizon.is_known() && last < horizon.end() {
        let message = format!("the run goes on until {}, after the last date of `{}`", day(horizon.end()), s.name());
        s.report(Problem::new("scenario::cover", message).at(place, "last date").help(format!(
            "add later dates, shorten `run.days`, or write `{} = true`: then the last number holds to the end",
            s.name_of("hold_last")
        )));
    }
}

/// A date as a message shows it: only the day if it is midnight.
pub fn day(date: UnixTime) -> String {
    let text = date.to_string();
    text.strip_suffix("T00:00:00Z").map_or_else(|| text.clone(), str::to_owned)
}
