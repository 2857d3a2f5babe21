use std::path::Path;

use super::run::Horizon;
use crate::{
    scenario::{
        csv_file::{Column, CsvFile},
        problem::Problem,
        section::Section,
        shape::Range,
        tree::Place,
    },
    units::{Seconds, UnixTime},
};

/// A series of dated numbers in a file: the name of its column and what its numbers can be.
pub struct Series {
    /// The column beside `date`.
    pub column: &'static str,
    /// Its numbers.
    pub range: Range,
}

/// Points in seconds from the start, once it is sure that their dates are in order.
pub fn ordered(s: &Section<'_>, key: &str, points: &[(UnixTime, f64, Place)], start: UnixTime) -> Vec<(Seconds, f64)> {
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
    points.iter().map(|(date, value, _)| (date.since(start), *value)).collect()
}

/// Points from a csv file, which must cover the run if one is given.
pub fn file(s: &Section<'_>, key: &str, file: &str, series: &Series, horizon: Option<&Horizon>) -> Vec<(Seconds, f64)> {
    let points = dated(s, key, file, series);
    let start = horizon.map_or(UnixTime::new(0), Horizon::start);
    if let (Some(horizon), Some(first), Some(last)) = (horizon, points.first(), points.last()) {
        covers(s, horizon, first, last);
    }
    points.iter().map(|(date, value, _)| (date.since(start), *value)).collect()
}

/// The dates and numbers of a csv file with the columns `date` and another, dates strictly increasing.
pub fn dated(s: &Section<'_>, key: &str, file: &str, series: &Series) -> Vec<(UnixTime, f64, Place)> {
    let Some(entry) = s.entry(key) else { return Vec::new() };
    if file.is_empty() || s.is_quiet() {
        return Vec::new();
    }
    let columns = [Column::required("date"), Column::required(series.column)];
    let Some(table) = CsvFile::open(s.reading, Path::new(file), entry.node.place, &columns) else { return Vec::new() };
    let mut points: Vec<(UnixTime, f64, Place)> = Vec::new();
    table.rows(|row| {
        let (Some(date), Some(value)) = (row.date(0), row.number(1, series.range)) else { return };
        if let Some((earlier, ..)) = points.last()
            && date <= *earlier
        {
            row.report(0, "is not in order", &format!("not after {}", day(*earlier)));
            return;
        }
        points.push((date, value, row.place(0)));
    });
    if points.is_empty() && s.reading.problems.borrow().is_empty() {
        let problem = Problem::new("scenario::empty", format!("`{file}` has no rows"));
        s.report(
            problem.at(entry.node.place, "named here").help(format!("it needs rows of date and {}", series.column)),
        );
    }
    points
}

fn covers(s: &Section<'_>, horizon: &Horizon, first: &(UnixTime, f64, Place), last: &(UnixTime, f64, Place)) {
    if horizon.is_known() && first.0 > horizon.start() {
        let problem = Problem::new(
            "scenario::cover",
            format!("the run starts on {}, before this file's first date", day(horizon.start())),
        );
        s.report(problem.at(first.2, "first date").help("add earlier rows, or start the run later"));
    }
    // A day's row holds for that day, so that a run may end with the day after the last.
    let last_day = last.0.after(Seconds::new(86_400.0));
    let end = horizon.end();
    if horizon.is_known() && last_day < end {
        let problem =
            Problem::new("scenario::cover", format!("the run goes on until {}, after this file's last date", day(end)));
        s.report(
            problem
                .at(last.2, "last date")
                .help("add later rows, or shorten `run.days`; a price that stands still would pass for a forecast"),
        );
    }
}

/// A date as a message shows it: the day alone where it is midnight.
pub fn day(date: UnixTime) -> String {
    let text = date.to_string();
    text.strip_suffix("T00:00:00Z").map_or_else(|| text.clone(), str::to_owned)
}
