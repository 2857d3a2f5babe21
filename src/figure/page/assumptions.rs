//! Which assumptions of the book a scenario's values rest on.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::report::provenance::ResolvedValue;

const CHAPTER: &str = include_str!("../../book/assumptions.md");

/// An assumption, as the book has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Assumption {
    /// Its number: A-20.
    pub(super) id: &'static str,
    /// What is assumed, with the default.
    pub(super) text: String,
    /// The reason.
    pub(super) why: String,
    /// Its kind of evidence: sourced, assumed, derived...
    pub(super) tag: String,
    #[serde(skip)]
    names: Vec<&'static str>,
}

/// A value of the scenario, with the assumptions that concern it.
#[derive(Debug, Serialize)]
pub(super) struct Cited {
    #[serde(flatten)]
    pub(super) value: ResolvedValue,
    pub(super) assumptions: Vec<&'static str>,
}

/// All assumptions of the book.
pub(super) fn assumptions() -> Vec<Assumption> {
    let row = |line: &'static str| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
        let &[id, text, why, tag, place] = cells.as_slice() else { return None };
        id.strip_prefix("A-")?;
        let code = |text: &'static str| text.split('`').skip(1).step_by(2);
        Some(Assumption {
            id,
            text: without_marks(text),
            why: without_marks(why),
            tag: without_marks(tag),
            names: code(text).chain(code(place)).collect(),
        })
    };
    CHAPTER.lines().filter_map(row).collect()
}

fn without_marks(text: &str) -> String {
    text.replace(['`', '*'], "")
}

/// The values with the assumptions that name them, and those assumptions in order.
pub(super) fn cite(values: Vec<ResolvedValue>) -> (Vec<Cited>, Vec<Assumption>) {
    let all = assumptions();
    let mut used = BTreeSet::new();
    let cited = values
        .into_iter()
        .map(|value| {
            let assumptions: Vec<&'static str> = concerning(&all, &value.key);
            used.extend(assumptions.iter().copied());
            Cited { value, assumptions }
        })
        .collect();
    (cited, all.into_iter().filter(|assumption| used.contains(assumption.id)).collect())
}

/// The assumptions that name the whole key; if there are none, the assumptions that name its last part.
fn concerning(all: &[Assumption], key: &str) -> Vec<&'static str> {
    let by = |is_named: &dyn Fn(&str) -> bool| -> Vec<&'static str> {
        all.iter().filter(|one| one.names.iter().any(|name| is_named(name))).map(|one| one.id).collect()
    };
    let whole = by(&|name| matches(name, key));
    if !whole.is_empty() {
        return whole;
    }
    let last = key.rsplit('.').next().unwrap_or(key);
    by(&|name| name == last)
}

/// Whether a pattern such as `class.NAME.firms` matches `class.home.firms`. A part in capitals matches any name, and a star matches the rest.
fn matches(pattern: &str, key: &str) -> bool {
    let (mut patterns, mut keys) = (pattern.split('.'), key.split('.'));
    if !pattern.contains('.') {
        return false;
    }
    loop {
        match (patterns.next(), keys.next()) {
            (None, None) => return true,
            (Some(pattern), Some(_))
                if !pattern.is_empty() && pattern.bytes().all(|letter| letter.is_ascii_uppercase()) => {}
            (Some(pattern), Some(key)) if pattern == key => {}
            // `eco_*` is a family of keys; a star alone would match every key of its table.
            (Some(pattern), Some(key)) => {
                let family = pattern.strip_suffix('*').filter(|family| !family.is_empty());
                return family.is_some_and(|family| key.starts_with(family)) && keys.next().is_none();
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_cites_the_rows_that_name_it() {
        let all = assumptions();
        assert!(all.len() >= 45 && all[0].id == "A-01", "{}", all.len());
        for (key, ids) in [
            ("operation.response_days", vec!["A-20"]),
            ("class.home.firms", vec!["A-08"]),
            ("class.home.rules.naive", vec!["A-22"]),
            ("operation.eco_hashrate_factor", vec!["A-28"]),
            ("power.pue", vec!["A-14"]),
            ("class.public.cash_months", vec!["A-29"]),
            ("event.ban.curtailment.share", vec!["A-41"]),
            ("title", vec![]),
        ] {
            assert_eq!(concerning(&all, key), ids, "{key}");
        }
    }

    #[test]
    fn patterns_name_whole_keys() {
        assert!(matches("class.NAME.firms", "class.home.firms"));
        assert!(!matches("class.NAME.firms", "class.home.weight") && !matches("class.NAME", "class.home.firms"));
        assert!(matches("settlement.debt_*", "settlement.debt_rate_per_year") && !matches("class.NAME.*", "class.a.b"));
    }
}
