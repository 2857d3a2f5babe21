//! How a table of keys is read, independently of the format in which it is written.

use super::key::Key;
use crate::units::{Days, Seconds, UnixTime};

/// The span of a run, against which dates are checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunSpan {
    /// First instant.
    pub start: UnixTime,
    /// Length.
    pub days: Days,
    /// Interval at which information is updated.
    pub step: Seconds,
    /// Whether the dates are known: the table that gives them has been read and has no problem.
    pub known: bool,
}

impl RunSpan {
    /// Last instant.
    #[must_use]
    pub fn end(&self) -> UnixTime {
        self.start.after(self.days.into())
    }
}

/// Numbers at a constant interval.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Regular {
    /// The instant from which the first holds.
    pub from: UnixTime,
    /// The interval in whole seconds.
    pub step: i64,
    /// The numbers, in the order of time.
    pub values: Vec<f64>,
}

/// How the times of a file are to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClockOf {
    /// Seconds by which the clock of the first row is ahead of UTC.
    pub ahead_s: i64,
    /// Whether it changes between standard and summer time.
    pub changes: bool,
    /// Whether the file need not cover the run, because it is repeated.
    pub repeats: bool,
}

/// A scheduled event of a scenario.
#[derive(Clone, Debug)]
pub struct Scheduled {
    /// Stable name, from `[event.NAME]`.
    pub name: String,
    /// Whether the event takes place.
    pub enabled: bool,
}

impl Scheduled {
    /// Reads the date of the event, as the time from the start of the run. If the event takes place, this must be during the run.
    pub fn at(&self, keys: &mut impl ReadKeys, key: Key) -> Seconds {
        let before = keys.problems();
        let (date, run) = (keys.date(key), keys.run());
        if self.enabled && keys.problems() == before && run.known && !(run.start..run.end()).contains(&date) {
            keys.refuse(
                "scenario::outside",
                format!("`{}` is outside the run", keys.name_of(key.name)),
                (key.name, format!("the run is from {} to {}", run.start.short(), run.end().short())),
                "move the event, lengthen the run, or switch the event off with `enabled = false`",
            );
        }
        date.since(run.start)
    }
}

/// A value that is written as a text in a form of its own.
pub trait Form: Clone {
    /// The value that a text stands for, or the form that it should have.
    ///
    /// # Errors
    /// When the text is in another form.
    fn parse(text: &str) -> Result<Self, String>;
    /// The value as it is written.
    fn write(&self) -> String;
}

/// A table of keys that is being read. Reading a key declares it.
///
/// Where a value is missing or wrong, the reader notes the problem and gives a placeholder, so that one reading finds all problems.
pub trait ReadKeys: Sized {
    /// A number that must be written.
    fn number(&mut self, key: Key) -> f64;
    /// A number.
    fn number_or(&mut self, key: Key, default: f64) -> f64;
    /// A number that may be left out.
    fn optional_number(&mut self, key: Key) -> Option<f64>;
    /// Numbers that may be left out.
    fn optional_numbers(&mut self, key: Key) -> Option<Vec<f64>>;
    /// A whole number from 0 that must be written.
    fn integer(&mut self, key: Key) -> u64;
    /// A whole number from 0.
    fn integer_or(&mut self, key: Key, default: u64) -> u64;
    /// True or false.
    fn boolean_or(&mut self, key: Key, default: bool) -> bool;
    /// A text that must be written.
    fn text(&mut self, key: Key) -> String;
    /// A text.
    fn text_or(&mut self, key: Key, default: &str) -> String;
    /// A text that may be left out.
    fn optional_text(&mut self, key: Key) -> Option<String>;
    /// A text in a form of its own.
    fn form_or<T: Form>(&mut self, key: Key, default: T) -> T;
    /// A text in a form of its own that may be left out.
    fn optional_form<T: Form>(&mut self, key: Key) -> Option<T>;
    /// A day or an instant that must be written.
    fn date(&mut self, key: Key) -> UnixTime;
    /// A day or an instant that may be left out.
    fn optional_date(&mut self, key: Key) -> Option<UnixTime>;
    /// Texts; none where nothing is written.
    fn texts(&mut self, key: Key) -> Vec<String>;
    /// One of some words, each of which stands for a value.
    fn choice_or<T: Copy + PartialEq>(&mut self, key: Key, default: T, choices: &[(&'static str, T)]) -> T;
    /// The kind that this table holds: a table named by the kind. `None` only where a problem has been noted.
    fn kind<T>(&mut self, default: Option<&'static str>, kinds: &[KeyKind<'_, Self, T>]) -> Option<T>;
    /// A table that may be left out: its keys then have their defaults.
    fn optional_table<T>(&mut self, name: &'static str, doc: &'static str, read: impl FnOnce(&mut Self) -> T) -> T;
    /// A table that is read only where it is written.
    fn table_if_written<T>(
        &mut self,
        name: &'static str,
        doc: &'static str,
        read: impl FnOnce(&mut Self) -> T,
    ) -> Option<T>;
    /// Tables whose names the user gives, in the order in which they are written.
    fn each<T>(&mut self, name: &'static str, doc: &'static str, read: &dyn Fn(&mut Self) -> T) -> Vec<T>;
    /// Steps, in order of their first numbers: (up to, value) in days. The last step has no end; it is given here with an infinite one.
    fn day_steps_or(&mut self, key: Key, default: &[(f64, f64)]) -> Vec<(Seconds, Seconds)>;
    /// Tables in a list, in the order in which they are written.
    fn tables<T>(&mut self, key: Key, read: impl Fn(&mut Self) -> T) -> Vec<T>;
    /// Dated numbers, such as `[["2018-09-20", 6493.0]]`, as (instant from the start, number); and the key `hold_last`, by which the last number may hold to
    /// the end of the run.
    fn points(&mut self, key: Key) -> Vec<(Seconds, f64)>;
    /// The same where the dated numbers may be left out; then there are none.
    fn optional_points(&mut self, key: Key) -> Vec<(Seconds, f64)>;
    /// The same from a file with a column of dates and one of numbers: the key is the file's path, `column` the names that the column of numbers may
    /// have, its own name first.
    fn series(&mut self, key: Key, column: &'static [&'static str]) -> Vec<(Seconds, f64)>;
    /// The numbers of a file with one row a day, which may be left out.
    fn daily(&mut self, key: Key, column: &'static [&'static str]) -> Option<Vec<f64>>;
    /// The numbers of a file with rows at a constant interval; `column` as for a series.
    fn regular(&mut self, key: Key, column: &'static [&'static str], clock: ClockOf) -> Regular;
    /// Names of regions in which there must be miners; this is checked when the miners have been read.
    fn regions(&mut self, key: Key) -> Vec<String>;
    /// Names of classes of which there must be miners; this is checked when the miners have been read.
    fn classes(&mut self, key: Key) -> Vec<String>;
    /// The run in which dates must lie.
    fn run(&self) -> RunSpan;
    /// Whether this is read only to find out which keys may be written.
    fn is_description(&self) -> bool;
    /// Whether a key is written.
    fn is_written(&self, key: &str) -> bool;
    /// The table's full name.
    fn name(&self) -> String;
    /// The last part of the table's name.
    fn last_name(&self) -> &str;
    /// The full name of a key of this table.
    fn name_of(&self, key: &str) -> String;
    /// Notes a problem if shares, each with its key, do not add up to 1.
    fn must_add_up(&self, what: &str, shares: &[(f64, String)], help: &str);
    /// Notes a problem if shares, each with its key, add up to more than 1.
    fn at_most_one(&self, what: &str, shares: &[(f64, String)], help: &str);
    /// Number of problems noted so far.
    fn problems(&self) -> usize;
    /// Notes a problem of a key that its declaration does not exclude: code and message, the label at its place, and the remedy.
    fn refuse(&self, code: &'static str, message: String, at: (&str, String), help: &str);

    /// A date later than `from`, as the time from the start of the run.
    fn later(&mut self, key: Key, from: Seconds) -> Seconds {
        let before = self.problems();
        let until = self.date(key).since(self.run().start);
        if self.problems() == before && self.run().known && until <= from {
            self.refuse(
                "scenario::order",
                format!("`{}` is not after `at`", self.name_of(key.name)),
                (key.name, "not after `at`".to_owned()),
                "the event begins at `at` and has its full effect at `until`",
            );
        }
        until
    }

    /// Two numbers with their defaults, of which the first must not be above the second.
    fn ordered(&mut self, (low, least): (Key, f64), (high, most): (Key, f64)) -> (f64, f64) {
        let (least, most) = (self.number_or(low, least), self.number_or(high, most));
        if least > most {
            self.refuse(
                "scenario::order",
                format!("`{}` is above `{}`", self.name_of(low.name), self.name_of(high.name)),
                (low.name, format!("above {most}")),
                "the minimum cannot be above the maximum",
            );
        }
        (least, most)
    }
}

/// A kind of table: its name, its meaning, and how its keys are read.
#[expect(missing_debug_implementations, reason = "it holds a function")]
pub struct KeyKind<'k, K, T> {
    /// Name.
    pub name: &'static str,
    /// Meaning.
    pub doc: &'static str,
    /// Reads the keys.
    pub read: &'k dyn Fn(&mut K) -> T,
}
