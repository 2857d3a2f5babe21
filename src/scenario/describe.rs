use std::{path::Path, sync::LazyLock};

use super::{
    schema::scenario,
    section::{Reading, Section},
    shape::{Field, Shape, Spec},
    source::{Disk, Sources},
};
use crate::declare::KeyPrior;

/// What may be written in a scenario.
#[must_use]
pub fn describe() -> Shape {
    let no_files = Disk::default();
    let reading = Reading::new(Sources::default(), &no_files, Path::new(""));
    let mut section = Section::description(&reading);
    scenario(&mut section);
    section.finish()
}

/// Computed once: a sweep reads a scenario at each of its points.
pub(super) static SHAPE: LazyLock<Shape> = LazyLock::new(describe);

/// The prior that a key is declared with, by its dotted name; none where there is no such key.
#[must_use]
pub fn prior_of(key: &str) -> Option<KeyPrior> {
    let (tables, last) = key.rsplit_once('.').unwrap_or(("", key));
    let mut shape: &Shape = &SHAPE;
    for table in tables.split('.').filter(|table| !table.is_empty()) {
        shape = shape.child(table)?;
    }
    match &shape.fields.iter().find(|field| field.name == last)?.spec {
        Spec::Value(spec) => spec.key.prior,
        Spec::Table(_) => None,
    }
}

/// A key as charts and tables name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyLabel {
    /// A few words: the beginning of its meaning, with the names that the scenario gives on the way to it in brackets.
    pub name: String,
    /// Its unit; empty if it has none.
    pub unit: &'static str,
}

/// The longest beginning of a meaning that serves as a name, characters.
const LONGEST: usize = 50;

/// How charts and tables name a key. A key that is not declared is named by its last part.
#[must_use]
pub fn label_of(key: &str) -> KeyLabel {
    let (mut shape, mut field, mut given): (Option<&Shape>, Option<&Field>, Vec<&str>) =
        (Some(&SHAPE), None, Vec::new());
    for part in key.split('.') {
        field = shape.and_then(|shape| shape.fields.iter().find(|field| field.name == part));
        if shape.is_some_and(|shape| field.is_none() && !shape.is_kind(part) && shape.each.is_some()) {
            given.push(part);
        }
        shape = shape.and_then(|shape| shape.child(part));
    }
    let last = key.rsplit('.').next().unwrap_or_default();
    let unit = match field.map(|field| &field.spec) {
        Some(Spec::Value(spec)) if spec.key.unit == "d" => "days",
        Some(Spec::Value(spec)) => spec.key.unit,
        _ => "",
    };
    let meaning = field.and_then(|field| beginning(field.doc));
    let name = meaning.map_or_else(|| in_words(last, unit), str::to_owned);
    if key == "variant" {
        return KeyLabel { name: "Variant".to_owned(), unit };
    }
    if given.is_empty() {
        return KeyLabel { name, unit };
    }
    KeyLabel { name: format!("{name} ({})", given.join(", ").replace('_', " ")), unit }
}

/// The words of a meaning before its first comma, colon, semicolon, bracket or full stop; none where they are long or refer to another key.
fn beginning(meaning: &str) -> Option<&str> {
    let end = [",", ":", ";", " (", ". "].iter().filter_map(|mark| meaning.find(mark)).min().unwrap_or(meaning.len());
    let words = meaning[..end].trim_end_matches('.');
    let refers = words.contains("The same") || words.contains("the same");
    (!words.is_empty() && !refers && words.chars().count() <= LONGEST).then_some(words)
}

/// The last part of a key as words, without the unit in which it ends.
fn in_words(part: &str, unit: &str) -> String {
    let ending = format!("_{}", unit.to_lowercase().replace('/', "_per_"));
    let words = part.strip_suffix(ending.as_str()).unwrap_or(part).replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_the_beginning_of_its_meaning() {
        for (key, name, unit) in [
            ("class.listed_client.cash_months", "Cash at the start (listed client)", "months"),
            ("class.public.loan.lines.coins.rate_per_year", "Interest rate (public, lines)", "1/year"),
            ("impact.square_root.y", "Constant of the square-root law", ""),
            ("run.seed", "Seed of all random numbers", ""),
            ("class.home.rules.adaptive", "Adaptive (home)", ""),
            ("operation.response_days", "Response", "days"),
            ("variant", "Variant", ""),
        ] {
            let found = label_of(key);
            assert_eq!((found.name.as_str(), found.unit), (name, unit), "{key}");
        }
    }
}
