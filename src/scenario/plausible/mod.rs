//! Probable mistakes in a scenario that can be run: numbers outside their usual range; a chain, a price and miners that do not fit together; settings
//! without effect; metrics that the run cannot give.
//!
//! Each is a [`Problem`] that is a warning or a note; an answer that no run can give is an error. `check` and the commands that run show them, the page has them under "What was
//! questioned", and `--deny-warnings` takes the warnings for errors.

mod answer;
mod effect;
mod history;
mod holes;
mod names;
mod start;
mod usual;

pub use answer::{assumed_metrics, idle_metrics};
use std::collections::BTreeMap;

use super::{
    problem::{Problem, Problems},
    resolve::{Resolved, ResolvedValue},
    source::Role,
    tree::Place,
};

impl Resolved {
    /// Its probable mistakes: errors first, then warnings, then notes.
    #[must_use]
    pub fn questions(&self) -> Problems {
        let seen = Seen::new(self);
        let mut found = usual::unusual(&seen);
        found.extend(history::questions(&seen));
        found.extend(holes::questions(&seen));
        found.extend(start::questions(&seen));
        found.extend(names::questions(&seen));
        found.extend(effect::questions(&seen));
        found.extend(answer::questions(self));
        found.sort_by_key(|problem| problem.severity);
        Problems::new(found, self.sources.clone())
    }

    /// Whether one of its values has no effect, as the warnings about such keys have it.
    #[must_use]
    pub fn is_idle(&self, value: &ResolvedValue) -> bool {
        effect::is_idle(&self.scenario, &value.path)
    }
}

/// A resolved scenario with its values by their keys.
struct Seen<'r> {
    resolved: &'r Resolved,
    by_key: BTreeMap<String, &'r ResolvedValue>,
}

impl<'r> Seen<'r> {
    fn new(resolved: &'r Resolved) -> Self {
        let values = resolved.values.iter().filter(|value| !value.is_kind);
        Self { resolved, by_key: values.map(|value| (value.key(), value)).collect() }
    }

    /// The value of a key, if it has one.
    fn value(&self, key: &str) -> Option<&'r ResolvedValue> {
        self.by_key.get(key).copied()
    }

    /// The place of a key, if it is written.
    fn place(&self, key: &str) -> Option<Place> {
        self.value(key).and_then(|value| value.place)
    }

    /// Whether this scenario writes the key, rather than a scenario that it extends.
    fn is_own(&self, place: Place) -> bool {
        !matches!(self.resolved.sources.of(place).role, Role::Base)
    }
}

/// A number rounded for a message.
fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

/// A share as a message shows it.
fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// A warning about a setting.
fn warning(code: &'static str, message: impl Into<String>) -> Problem {
    Problem::warning(code, message)
}
