//! Every key of a scenario has an effect: each key that a scenario can set is changed, alone, in a scenario in which it should
//! matter, and the tables must change. A new key that no scenario below uses fails this test, as does a key without effect.

use crate::network::run_replica;
use serde_json::Value as Schema;
use shakeout::scenario::{ResolvedValue, Value, load, schema};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Keys, or whole tables, that no run reads, each with its reason.
const TEXT_ONLY: &[(&str, &str)] = &[
    ("format", "the version of the language"),
    ("title", "for people"),
    ("question", "for people"),
    ("answers", "which numbers open the report"),
    ("sources", "for people"),
    ("extends", "a notation: the keys it adds are tested themselves"),
    ("variant", "a way to write: patches of other keys"),
    ("sweep", "a design over other keys"),
    ("observed", "held against a run, never read by it"),
    ("calibrate", "settings of a calibration, not read by a run"),
    ("uncertainty", "histories as written keep their bytes; `study::uncertainty` tests the drawn ones"),
    ("fleet.NAME.release", "says whether a machine may have an eco mode, which is a key of its own"),
    ("event.NAME.new_generation.release", "says whether a machine may have an eco mode, which is a key of its own"),
    ("run.replicas", "the number of rows, not their contents"),
    ("price.knots.hold_last", "whether dates may end before the run, which changes no number"),
    ("price.csv.hold_last", "whether dates may end before the run, which changes no number"),
    ("chain.fees.knots.hold_last", "whether dates may end before the run, which changes no number"),
    ("chain.fees.csv.hold_last", "whether dates may end before the run, which changes no number"),
    (
        "region.NAME.spot.csv.daylight_saving",
        "whether the clock of a file may change, which changes no number of one that has no such hour",
    ),
    ("region.NAME.spot.csv.repeats", "whether a file may be shorter than the run, which changes no number"),
    ("chain.fees.elastic.hold_last", "whether dates may end before the run, which changes no number"),
];

/// Other possible values of a text, by key; words with a fixed choice and numbers need no entry.
const OTHER_TEXTS: &[(&str, &[&str])] = &[
    ("run.start", &["'2024-03-02'"]),
    ("run.step", &["'6h'", "'block'"]),
    ("chain.nbits", &["'17034319'"]),
    ("chain.pow_limit", &["'17040000'"]),
    ("chain.fees.csv.file", &["'other-fees.csv'"]),
    ("price.csv.file", &["'other-prices.csv'"]),
    ("price.bootstrap.file", &["'other-history.csv'"]),
    ("region.NAME.spot.csv.file", &["'other-hours.csv'"]),
    ("population.csv", &["'other-miners.csv'"]),
    ("invest.payback.machine", &["'old'"]),
    ("invest.barrier.machine", &["'old'"]),
    ("event.NAME.new_generation.machine", &["'Antminer S19 XP (140Th)'"]),
    ("orders.trend.machine", &["'old'"]),
    ("orders.schedule.machine", &["'Antminer S21+ (216Th)'"]),
    ("fleet.NAME.machine", &["'Antminer S21+ (216Th)'", "'Antminer S19j Pro (100Th)'"]),
];

/// Lists of texts, and dates, by the last part of their key.
const OTHER_LISTS: &[(&str, &[&str])] = &[
    ("shock", &["['event.storm']"]),
    ("emission_by_month_kg_per_kwh", &["[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.8, 0.7, 0.6]"]),
    ("regions", &["['north']", "['south']", "['west']", "['world']", "[]"]),
    ("classes", &["['home']", "['public']", "[]"]),
    ("to", &["['east']", "['south']", "[]"]),
    ("region", &["'north'", "'south'", "'elsewhere'"]),
    ("at", &["'2024-03-20'", "'2024-04-20'"]),
    ("until", &["'2024-05-10'", "'2024-06-10'"]),
];

/// The scenarios: every file of `tests/suite/keys/` that has a `[run]` or extends one that has.
fn rich() -> Vec<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/keys");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    files.sort();
    files
}

/// A table of the schema, behind the choice between a table and the name of a kind.
fn table(node: &Schema) -> &Schema {
    node.get("anyOf").map_or(node, |choices| &choices[0])
}

/// Every key, with `NAME` for the names a user gives, and its possible values.
fn keys<'s>(node: &'s Schema, path: &str, found: &mut BTreeMap<String, &'s Schema>) {
    let node = table(node);
    let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let (properties, named) = (node.get("properties"), node.get("patternProperties"));
    if properties.is_none() && named.is_none() {
        found.insert(path.to_owned(), node);
    }
    for (name, child) in properties.and_then(Schema::as_object).into_iter().flatten() {
        keys(child, &join(name), found);
    }
    for child in named.and_then(Schema::as_object).into_iter().flat_map(|named| named.values()) {
        keys(child, &join("NAME"), found);
    }
}

/// The key of a value as [`keys`] names it.
fn pattern(schema: &Schema, path: &[String]) -> String {
    let mut node = schema;
    let mut parts = Vec::new();
    for part in path {
        node = table(node);
        let fixed = node.get("properties").and_then(|properties| properties.get(part));
        let named = || node["patternProperties"].as_object().and_then(|named| named.values().next());
        parts.push(if fixed.is_some() { part.as_str() } else { "NAME" });
        node = fixed.or_else(named).unwrap_or_else(|| panic!("{path:?} is not in the schema"));
    }
    parts.join(".")
}

/// A value as `--set` takes it, with numbers put through `change`.
fn written(value: &Value, change: &impl Fn(f64) -> f64) -> String {
    let list = |items: &[shakeout::scenario::Node]| {
        let items: Vec<String> = items.iter().map(|item| written(&item.value, change)).collect();
        format!("[{}]", items.join(", "))
    };
    match value {
        Value::Text(text) | Value::Date(text) => format!("'{text}'"),
        Value::Integer(_) => format!("{:.0}", change(value.as_number().expect("a number"))),
        Value::Float(number) if number.is_infinite() => "inf".to_owned(),
        Value::Float(number) => format!("{:?}", change(*number)),
        Value::Boolean(flag) => flag.to_string(),
        Value::List(items) => list(items),
        Value::Table(table) => {
            let entries: Vec<String> = table
                .entries
                .iter()
                .map(|entry| format!("{} = {}", entry.key, written(&entry.node.value, change)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

/// Other possible values of a value, the likeliest first.
fn others(key: &str, value: &Value, schema: &Schema) -> Vec<String> {
    let last = key.rsplit('.').next().unwrap_or(key);
    if let Some((_, texts)) = OTHER_TEXTS.iter().find(|(known, _)| *known == key) {
        return texts.iter().map(|text| (*text).to_owned()).collect();
    }
    if let Some((_, texts)) = OTHER_LISTS.iter().find(|(known, _)| *known == last) {
        return texts.iter().map(|text| (*text).to_owned()).collect();
    }
    if key.contains(".rules.") {
        // The others become 0 once one is written.
        return vec!["1.0".to_owned()];
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().filter_map(Schema::as_str).map(|word| format!("'{word}'")).collect();
    }
    match value {
        Value::Boolean(flag) => vec![(!flag).to_string()],
        Value::Integer(_) | Value::Float(_) | Value::List(_) => {
            let changes: [&dyn Fn(f64) -> f64; 7] =
                [&|v| v * 1.25, &|v| v * 0.8, &|v| v + 1.0, &|v| v + 0.2, &|v| v - 0.2, &|v| v * 3.0, &|v| v * 0.1];
            changes.iter().map(|change| written(value, change)).collect()
        }
        _ => panic!(
            "`{key}` is a text: add another value to OTHER_TEXTS, or to TEXT_ONLY the reason why no run reads it"
        ),
    }
}

/// The additional setting for shares that must add up to 1: another share of the same kind takes the difference.
fn companion(values: &[ResolvedValue], value: &ResolvedValue, other: &str) -> Option<String> {
    let now = value.value.as_number()?;
    let difference = other.parse::<f64>().ok()? - now;
    let (path, len) = (&value.path, value.path.len());
    let sibling = |candidate: &&ResolvedValue| {
        let same_shape = candidate.path.len() == len && candidate.path != *path && candidate.path[0] == path[0];
        let apart = candidate.path.iter().zip(path).filter(|(a, b)| a != b).count() == 1;
        same_shape && apart && candidate.value.as_number().is_some_and(|share| share > difference)
    };
    let shares = path[len - 1] == "share" || path[len - 2] == "rules" || path[len - 2] == "regions";
    let sibling = values.iter().filter(|_| shares).find(sibling)?;
    Some(format!("{}={:?}", sibling.key(), sibling.value.as_number()? - difference))
}

#[test]
fn every_key_changes_the_tables() {
    let schema = schema();
    let mut all = BTreeMap::new();
    keys(&schema, "", &mut all);
    let begins =
        |key: &str, table: &str| key.strip_prefix(table).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let is_text_only = |key: &str| TEXT_ONLY.iter().any(|(table, _)| begins(key, table));
    for (table, _) in TEXT_ONLY {
        assert!(all.keys().any(|key| begins(key, table)), "`{table}` is no key any more: strike it from TEXT_ONLY");
    }
    let mut matters: BTreeSet<String> = BTreeSet::new();
    let mut tried: BTreeSet<String> = BTreeSet::new();
    for path in rich() {
        let name = path.display();
        let transcript = |sets: &[String]| {
            let resolved = load(&path, sets, None).ok()?;
            Some(
                run_replica(&resolved.scenario, 0).map_or_else(|error| error.to_string(), |records| records.transcript),
            )
        };
        let base = load(&path, &[], None).unwrap_or_else(|problems| panic!("{name}: {problems}"));
        let before = run_replica(&base.scenario, 0).unwrap_or_else(|error| panic!("{name}: {error}")).transcript;
        for value in base.values.iter().filter(|value| !value.is_kind) {
            let key = pattern(&schema, &value.path);
            if matters.contains(&key) || is_text_only(&key) {
                continue;
            }
            tried.insert(key.clone());
            let changed = others(&key, &value.value, all[&key]).into_iter().any(|other| {
                let alone = vec![format!("{}={other}", value.key())];
                let with = |extra: String| [alone.clone(), vec![extra]].concat();
                let after = transcript(&alone)
                    .or_else(|| companion(&base.values, value, &other).and_then(|extra| transcript(&with(extra))));
                after.is_some_and(|after| after != before)
            });
            if changed {
                matters.insert(key);
            }
        }
    }
    let idle: Vec<_> = tried.difference(&matters).collect();
    let absent: Vec<_> =
        all.keys().filter(|key| !matters.contains(*key) && !tried.contains(*key) && !is_text_only(key)).collect();
    assert!(
        idle.is_empty() && absent.is_empty(),
        "keys that change nothing: {idle:#?}\nkeys that no scenario of tests/suite/keys/ uses: {absent:#?}\n\
         A key that is read must change a run; write it into one of these scenarios, where it does."
    );
}
