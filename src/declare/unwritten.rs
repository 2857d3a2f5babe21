use super::{
    key::Key,
    keys::{ClockOf, Form, KeyKind, ReadKeys, Regular, RunSpan},
    params::Params,
};
use crate::units::{Days, Seconds, UnixTime};

/// The parameters of a table in which nothing is written.
///
/// # Panics
/// Where a key must be written.
#[must_use]
pub fn usual<P: Params<Given = ()>>() -> P {
    P::read(&mut Unwritten)
}

/// As [`usual`], for parameters that are given a part.
///
/// # Panics
/// Where a key must be written.
#[must_use]
pub fn usual_with<P: Params>(given: P::Given) -> P {
    P::read_with(&mut Unwritten, given)
}

/// A table in which nothing is written: every key has its default.
struct Unwritten;

fn must_be_written(key: Key) -> ! {
    panic!("`{}` has no default", key.name)
}

impl ReadKeys for Unwritten {
    fn number(&mut self, key: Key) -> f64 {
        must_be_written(key)
    }

    fn number_or(&mut self, _: Key, default: f64) -> f64 {
        default
    }

    fn optional_number(&mut self, _: Key) -> Option<f64> {
        None
    }

    fn optional_numbers(&mut self, _: Key) -> Option<Vec<f64>> {
        None
    }

    fn integer(&mut self, key: Key) -> u64 {
        must_be_written(key)
    }

    fn integer_or(&mut self, _: Key, default: u64) -> u64 {
        default
    }

    fn boolean_or(&mut self, _: Key, default: bool) -> bool {
        default
    }

    fn text(&mut self, key: Key) -> String {
        must_be_written(key)
    }

    fn text_or(&mut self, _: Key, default: &str) -> String {
        default.to_owned()
    }

    fn optional_text(&mut self, _: Key) -> Option<String> {
        None
    }

    fn form_or<T: Form>(&mut self, _: Key, default: T) -> T {
        default
    }

    fn optional_form<T: Form>(&mut self, _: Key) -> Option<T> {
        None
    }

    fn date(&mut self, key: Key) -> UnixTime {
        must_be_written(key)
    }

    fn optional_date(&mut self, _: Key) -> Option<UnixTime> {
        None
    }

    fn texts(&mut self, _: Key) -> Vec<String> {
        Vec::new()
    }

    fn choice_or<T: Copy + PartialEq>(&mut self, _: Key, default: T, _: &[(&'static str, T)]) -> T {
        default
    }

    fn kind<T>(&mut self, default: Option<&'static str>, kinds: &[KeyKind<'_, Self, T>]) -> Option<T> {
        kinds.iter().find(|kind| Some(kind.name) == default).map(|kind| (kind.read)(self))
    }

    fn optional_table<T>(&mut self, _: &'static str, _: &'static str, read: impl FnOnce(&mut Self) -> T) -> T {
        read(self)
    }

    fn table_if_written<T>(&mut self, _: &'static str, _: &'static str, _: impl FnOnce(&mut Self) -> T) -> Option<T> {
        None
    }

    fn each<T>(&mut self, _: &'static str, _: &'static str, _: &dyn Fn(&mut Self) -> T) -> Vec<T> {
        Vec::new()
    }

    fn day_steps_or(&mut self, _: Key, default: &[(f64, f64)]) -> Vec<(Seconds, Seconds)> {
        default.iter().map(|(to, value)| (Days::new(*to).into(), Days::new(*value).into())).collect()
    }

    fn tables<T>(&mut self, _: Key, _: impl Fn(&mut Self) -> T) -> Vec<T> {
        Vec::new()
    }

    fn points(&mut self, key: Key) -> Vec<(Seconds, f64)> {
        must_be_written(key)
    }

    fn optional_points(&mut self, _: Key) -> Vec<(Seconds, f64)> {
        Vec::new()
    }

    fn series(&mut self, key: Key, _: &'static [&'static str]) -> Vec<(Seconds, f64)> {
        must_be_written(key)
    }

    fn daily(&mut self, _: Key, _: &'static [&'static str]) -> Option<Vec<f64>> {
        None
    }

    fn regular(&mut self, key: Key, _: &'static [&'static str], _: ClockOf) -> Regular {
        must_be_written(key)
    }

    fn regions(&mut self, _: Key) -> Vec<String> {
        Vec::new()
    }

    fn classes(&mut self, _: Key) -> Vec<String> {
        Vec::new()
    }

    fn run(&self) -> RunSpan {
        RunSpan::default()
    }

    fn is_description(&self) -> bool {
        false
    }

    fn is_written(&self, _: &str) -> bool {
        false
    }

    fn name(&self) -> String {
        String::new()
    }

    fn last_name(&self) -> &'static str {
        ""
    }

    fn name_of(&self, key: &str) -> String {
        key.to_owned()
    }

    fn must_add_up(&self, _: &str, _: &[(f64, String)], _: &str) {}

    fn at_most_one(&self, _: &str, _: &[(f64, String)], _: &str) {}

    fn problems(&self) -> usize {
        0
    }

    fn refuse(&self, _: &'static str, message: String, _: (&str, String), _: &str) {
        panic!("the defaults are refused: {message}")
    }
}
