//! Numbers of a file with rows at a constant interval, such as hourly prices: the file's clock, and rows that are missing.

use super::{Dated, MOST_OUT_OF_ORDER, rows_by_age};
use crate::{
    declare::{ClockOf, Key, Range, ReadKeys, Regular},
    scenario::{csv_header::Column, problem::Problem, section::Section},
    units::UnixTime,
};

/// Seconds by which clocks change.
const CHANGE: i64 = 3600;
/// The longest interval that is read: a day.
const LONGEST: i64 = 86_400;

/// The numbers of a file with rows at a constant interval, which must cover the run unless they are repeated.
pub fn regular(s: &mut Section<'_>, key: Key, column: &'static [&'static str], clock: ClockOf) -> Regular {
    let file = s.path_of(Key { range: Range::ANY, ..key });
    let mut rows = rows_by_age(s, key, &file, [Column::HOUR, Column::of(column)]);
    if rows.is_empty() {
        // An hour at no price, so that whoever reads it needs no special case; the problem has been noted.
        return Regular { from: UnixTime::default(), step: CHANGE, values: vec![0.0] };
    }
    let step = interval(&rows);
    if (1..=LONGEST).contains(&step) {
        set_to_utc(s, &file, &mut rows, step, clock);
        if !clock.repeats {
            covers(s, &rows, step);
        }
    } else {
        let problem = Problem::new("scenario::order", format!("`{file}` has no interval of its own"));
        let help =
            "it needs at least two rows, one per hour, quarter of an hour, or other constant interval of at most a day";
        s.report(problem.at(rows[0].2, "the first row").help(help));
    }
    let from = rows[0].0;
    Regular { from, step: step.max(1), values: rows.into_iter().map(|(_, value, _)| value).collect() }
}

/// The interval between most rows, in seconds.
fn interval(rows: &[Dated]) -> i64 {
    let mut apart: Vec<i64> = rows.windows(2).map(|pair| pair[1].0.get() - pair[0].0.get()).collect();
    apart.sort_unstable();
    apart.get(apart.len() / 2).copied().unwrap_or(0)
}

/// Sets the times of rows to UTC, and reports rows that do not follow the one before after an interval. Where the clock changes, it goes forward and back
/// by an hour in turn.
fn set_to_utc(s: &Section<'_>, file: &str, rows: &mut [Dated], step: i64, clock: ClockOf) {
    let mut ahead = clock.ahead_s;
    let mut forward = None;
    let mut before = rows[0].0.get() - step;
    let mut reported = 0;
    for (time, _, place) in rows {
        let written = time.get();
        let late = written - before - step;
        let goes_forward = late > 0;
        if clock.changes && late.abs() == CHANGE && forward != Some(goes_forward) {
            forward = Some(goes_forward);
            ahead += late;
        } else if late != 0 && reported < MOST_OUT_OF_ORDER {
            reported += 1;
            let problem =
                Problem::new("scenario::order", format!("a row of `{file}` does not follow the one before it"));
            let label = format!("{}, where {} is due", time.short(), UnixTime::new(before + step).short());
            let help = "every interval has its row, in the order of time: add the missing row, or remove the second one; if clocks change in this file, \
                write `daylight_saving = true` and `utc_offset_hours`, the offset of its first row";
            s.report(problem.at(*place, label).help(help));
        }
        before = written;
        *time = UnixTime::new(written - ahead);
    }
}

/// Reports rows that begin after the run or end before it.
fn covers(s: &Section<'_>, rows: &[Dated], step: i64) {
    let run = s.run();
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return };
    let help = "add rows, move the run, or write `repeats = true`: then the file begins again where it ends";
    let report = |message: String, (time, _, place): &Dated| {
        s.report(Problem::new("scenario::cover", message).at(*place, time.short()).help(help));
    };
    if run.known && first.0 > run.start {
        report(format!("the run starts on {}, before this file's first row", run.start.short()), first);
    }
    let ends = UnixTime::new(last.0.get() + step);
    if run.known && ends < run.end() {
        report(format!("the run goes on until {}, and this file ends on {}", run.end().short(), ends.short()), last);
    }
}
