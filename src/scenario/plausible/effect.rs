//! Warnings about keys that are written and have no effect. `rules.rs` has the condition of every key that matters only under one.
//!
//! Only keys that the scenario itself or a `--set` writes are examined: a scenario that extends another may switch off parts of it on purpose.

mod rules;

use super::{Seen, warning};
use rules::{RULES, Rule};
use std::collections::BTreeMap;

use crate::scenario::{Scenario, problem::Problem, resolve::ResolvedValue, tree::Value};

/// Warnings about keys that are written and change nothing: one for each rule and name.
pub fn questions(seen: &Seen<'_>) -> Vec<Problem> {
    // The keys of a table that is switched off have no effect on purpose.
    let switches =
        seen.resolved.values.iter().filter(|value| value.place.is_some() && value.value == Value::Boolean(false));
    let off: Vec<&[String]> = switches
        .filter_map(|value| value.path.split_last())
        .filter_map(|(last, table)| (last == "enabled").then_some(table))
        .collect();
    let is_own = |value: &&ResolvedValue| {
        value.place.is_some_and(|place| seen.is_own(place)) && !off.iter().any(|table| value.path.starts_with(table))
    };
    let own: Vec<&ResolvedValue> = seen.resolved.values.iter().filter(is_own).collect();
    let mut found = Vec::new();
    for rule in RULES {
        let mut matched: BTreeMap<String, Vec<&ResolvedValue>> = BTreeMap::new();
        for value in own.iter().filter(|value| !is_off(value)) {
            let Some(name) = rule.keys.iter().find_map(|pattern| star(pattern, &value.path)) else { continue };
            matched.entry(name).or_default().push(value);
        }
        for (name, values) in matched {
            if (rule.idle)(&seen.resolved.scenario, &name) {
                found.push(question(&values, rule));
            }
        }
    }
    found
}

/// Whether the value of a key that matters only under a condition has no effect in a scenario.
pub fn is_idle(scenario: &Scenario, path: &[String]) -> bool {
    let named = |rule: &Rule| rule.keys.iter().find_map(|pattern| star(pattern, path));
    RULES.iter().any(|rule| named(rule).is_some_and(|name| (rule.idle)(scenario, &name)))
}

fn question(values: &[&ResolvedValue], rule: &Rule) -> Problem {
    const NAMED: usize = 4;
    let keys: Vec<String> = values.iter().take(NAMED).map(|value| format!("`{}`", value.key())).collect();
    let (names, verb) = match (keys.as_slice(), values.len()) {
        ([one], _) => (one.clone(), "has"),
        (several, all) if all > several.len() => {
            (format!("{} and {} more", several.join(", "), all - several.len()), "have")
        }
        (several, _) => (several.join(", "), "have"),
    };
    let mut problem = warning("plausible::no_effect", format!("{names} {verb} no effect"));
    for value in values.iter().take(NAMED) {
        problem = problem.at(value.place, "no effect");
    }
    problem.help(rule.why)
}

/// Whether a value switches something off: its author knows that it has no effect. The share of a class or a model has rules of its own.
fn is_off(value: &ResolvedValue) -> bool {
    let is_share =
        matches!(&value.path[..], [table, _, key] if key == "share" && (table == "class" || table == "fleet"));
    match &value.value {
        Value::Boolean(on) => !on,
        number => number.as_number() == Some(0.0) && !is_share,
    }
}

/// The part of a key, at or below a pattern, in place of the pattern's star; empty if the pattern has none.
fn star(pattern: &str, path: &[String]) -> Option<String> {
    let mut name = String::new();
    let mut parts = path.iter();
    for wanted in pattern.split('.') {
        let part = parts.next()?;
        if wanted == "*" {
            name.clone_from(part);
        } else if wanted != part {
            return None;
        }
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::describe::describe;

    /// A key that is renamed must be renamed in the rules too, or its rule would never hold.
    #[test]
    fn every_rule_names_keys_that_there_are() {
        let shape = describe();
        for pattern in RULES.iter().flat_map(|rule| rule.keys) {
            let parts: Vec<&str> = pattern.split('.').collect();
            let (last, tables) = parts.split_last().expect("a key has parts");
            // A star stands for a name given by the user, or for any of the kinds, which then all have the rest of the key.
            let mut shapes = vec![&shape];
            for part in tables {
                shapes = shapes
                    .into_iter()
                    .flat_map(|shape| {
                        let kinds = shape.kinds.iter().flat_map(|kinds| kinds.kinds.iter().map(|(_, _, shape)| shape));
                        let of_star: Vec<_> = kinds.chain(shape.each.as_deref()).filter(|_| *part == "*").collect();
                        of_star.into_iter().chain(shape.child(part).filter(|_| *part != "*")).collect::<Vec<_>>()
                    })
                    .collect();
            }
            let is_there = shapes.iter().any(|shape| *last == "*" || shape.names().any(|name| name == *last));
            assert!(is_there, "`{pattern}` is no key");
        }
    }
}
