//! Random scenarios, read and run with every invariant checked. Any input is either refused with a reason or runs. No input may
//! cause a panic, break an invariant, or write a number that is not finite, which the program would report as its own bug (exit code 1).
//!
//! Each case changes a scenario of `scenarios/` or `keys/` in one to four places: a key takes an ordinary, an extreme or
//! an invalid value, a missing key is added, or bytes of the text are damaged. The seed and the number of
//! cases can be set:
//!
//! ```sh
//! SHAKEOUT_FUZZ_SEED=7 SHAKEOUT_FUZZ_CASES=10000 cargo test --test fuzz -- --nocapture
//! ```
//!
//! A failure prints the scenario and the changes that reproduce it.

use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::Value as Schema;
use shakeout::{
    output::{
        csv::{Recorder, Recording},
        table::Tables,
    },
    scenario::{Resolved, Value, load_str, schema},
    simulation::{Engine, SimulationError},
    world::PopulationParams,
};
use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

/// Number of cases in a normal test run; the environment can ask for more.
const CASES: u64 = 150;

/// Lengths to which a base is cut: the first one that still contains all events. A longer scenario is left out.
const DAYS: [u32; 4] = [8, 30, 75, 150];

/// Largest product of days and firms of a case, so that it takes milliseconds.
const FIRM_DAYS: f64 = 40_000.0;

/// Numbers that break arithmetic, as written in TOML.
const EXTREMES: &[&str] = &[
    "0",
    "-0.0",
    "1",
    "-1",
    "0.5",
    "0.999999999999",
    "1e-9",
    "1e-300",
    "5e-324",
    "1e9",
    "1e15",
    "1e18",
    "1e300",
    "1.7976931348623157e308",
    "inf",
    "-inf",
    "nan",
    "4294967295",
    "18446744073709551615",
    "-9223372036854775808",
];

/// Values of a type that the key does not have.
const NONSENSE: &[&str] =
    &["''", "'x'", "true", "[]", "[1]", "[[1, 2]]", "{}", "2024-02-30", "'2024-01-01'", "{ a = 1 }"];

fn environment(name: &str, otherwise: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a whole number")))
}

/// A scenario from which cases start.
struct Base {
    path: PathBuf,
    text: String,
    /// Overrides that cut it to a few days and one replica.
    cut: Vec<String>,
    /// The scenario after the cut.
    resolved: Resolved,
}

fn bases() -> Vec<Base> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = ["scenarios", "tests/suite/keys"]
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).expect("the folder is there"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    files.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("text");
        let (cut, resolved) = DAYS.iter().find_map(|days| {
            let cut = vec![format!("run.days={days}"), "run.replicas=1".to_owned()];
            let resolved = read_case(&path, &text, &cut).ok()?;
            Some((cut, resolved))
        })?;
        Some(Base { path, text, cut, resolved })
    };
    files.into_iter().filter_map(read).collect()
}

fn read_case(path: &Path, text: &str, sets: &[String]) -> Result<Resolved, shakeout::scenario::Problems> {
    load_str(&path.display().to_string(), text, path.parent().expect("a file has a folder"), sets, None)
}

/// All keys of the schema, with `NAME` where a user chooses a name.
fn keys(node: &Schema, path: &str, found: &mut Vec<String>) {
    let node = node.get("anyOf").map_or(node, |choices| &choices[0]);
    let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let children = |of: &str| node.get(of).and_then(Schema::as_object).into_iter().flatten();
    if children("properties").next().is_none() && children("patternProperties").next().is_none() {
        found.push(path.to_owned());
    }
    for (name, child) in children("properties") {
        keys(child, &join(name), found);
    }
    for (_, child) in children("patternProperties") {
        keys(child, &join("NAME"), found);
    }
}

/// A number close to another, or far from it.
fn number(random: &mut ChaCha8Rng, now: f64) -> String {
    match random.random_range(0..16) {
        0 => EXTREMES[random.random_range(0..EXTREMES.len())].to_owned(),
        1 => format!("{:?}", now * libm::exp(random.random_range(-25.0..25.0))),
        2 => format!("{:.0}", now * libm::exp(random.random_range(-3.0..3.0))),
        3 => format!("{:?}", random.random_range(0.0..1.0)),
        _ => format!("{:?}", now * libm::exp(random.random_range(-1.5..1.5))),
    }
}

fn other(random: &mut ChaCha8Rng, value: &Value) -> String {
    if random.random_range(0..60) == 0 {
        return NONSENSE[random.random_range(0..NONSENSE.len())].to_owned();
    }
    match value {
        Value::Boolean(flag) => (!flag).to_string(),
        Value::Integer(_) | Value::Float(_) => number(random, value.as_number().expect("a number")),
        Value::Text(text) | Value::Date(text) => format!("'{text}'"),
        Value::List(items) => {
            let mut items: Vec<String> = items.iter().map(|item| other(random, &item.value)).collect();
            if !items.is_empty() && random.random_range(0..4) == 0 {
                items.remove(random.random_range(0..items.len()));
            }
            format!("[{}]", items.join(", "))
        }
        Value::Table(_) => "{}".to_owned(),
    }
}

/// A text with some of its bytes or lines changed.
fn damaged(random: &mut ChaCha8Rng, text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let (from, to) = (random.random_range(0..lines.len()), random.random_range(0..lines.len()));
    match random.random_range(0..4) {
        0 => drop(lines.remove(from)),
        1 => lines.insert(to, lines[from]),
        2 => lines.swap(from, to),
        _ => {
            let mut bytes = text.as_bytes().to_vec();
            let at = random.random_range(0..bytes.len());
            bytes[at] = u8::try_from(random.next_u32() % 128).expect("below 128");
            return String::from_utf8_lossy(&bytes).into_owned();
        }
    }
    lines.join("\n")
}

/// Result of a case: the program's fault, or how far the case came.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Refused,
    Ran,
    CannotRun,
    TooLarge,
    Fault(String),
}

fn outcome(path: &Path, text: &str, sets: &[String]) -> Outcome {
    let run = || {
        let Ok(resolved) = read_case(path, text, sets) else { return Outcome::Refused };
        let scenario = &resolved.scenario;
        let firms: u64 = match &scenario.population {
            PopulationParams::Drawn { classes, .. } => classes.iter().map(|class| u64::from(class.firms)).sum(),
            PopulationParams::Listed(rows) => rows.len() as u64,
        };
        #[expect(clippy::cast_precision_loss, reason = "a number of firms")]
        if scenario.run.days.get() * firms as f64 > FIRM_DAYS {
            return Outcome::TooLarge;
        }
        let stop = AtomicBool::new(false);
        let recording = Recording::new(scenario.run.start, Tables::all()).with_all_events();
        let mut recorder = Recorder::new(&recording, 0);
        let ran = Engine::new(scenario, true).and_then(|engine| engine.run(0, &mut recorder, &stop));
        match ran.map(|()| recorder.finish()) {
            Ok(Ok(_)) => Outcome::Ran,
            Ok(Err(error)) => Outcome::Fault(error.to_string()),
            Err(SimulationError::Violation(violation)) => Outcome::Fault(violation.to_string()),
            Err(_) => Outcome::CannotRun,
        }
    };
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        Outcome::Fault(format!("panicked: {}", text.unwrap_or("without words")))
    })
}

#[test]
fn whatever_is_written_is_refused_or_runs() {
    let (seed, cases) = (environment("SHAKEOUT_FUZZ_SEED", 1), environment("SHAKEOUT_FUZZ_CASES", CASES));
    let bases = bases();
    let mut all = Vec::new();
    keys(&schema(), "", &mut all);
    let mut tally = [0_u64; 4];
    let mut faults = Vec::new();
    for case in 0..cases {
        let mut random = ChaCha8Rng::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(case));
        let Base { path, text: whole, cut, resolved } = &bases[random.random_range(0..bases.len())];
        let (mut text, mut sets) = (whole.clone(), cut.clone());
        for _ in 0..random.random_range(1..5) {
            match random.random_range(0..40) {
                0 => text = damaged(&mut random, &text),
                1..=4 => {
                    let key = &all[random.random_range(0..all.len())];
                    let now = random.random_range(0.0..10.0);
                    let value = if random.random_range(0..3) == 0 {
                        NONSENSE[random.random_range(0..NONSENSE.len())].to_owned()
                    } else {
                        number(&mut random, now)
                    };
                    // An existing name of the scenario, if it has one at this place.
                    let head = key.split_once("NAME").map_or("", |(head, _)| head);
                    let mut known = resolved.values.iter().map(shakeout::scenario::ResolvedValue::key);
                    let known = known.find_map(|known| known.strip_prefix(head).map(str::to_owned));
                    let name = known.and_then(|rest| rest.split('.').next().map(str::to_owned));
                    sets.push(format!("{}={value}", key.replace("NAME", name.as_deref().unwrap_or("extra"))));
                }
                _ => {
                    let value = &resolved.values[random.random_range(0..resolved.values.len())];
                    // Shares must add up to one, so nearly every change of a single share is refused.
                    let is_share = value.path.last().is_some_and(|last| last == "share");
                    if !value.is_kind && (!is_share || random.random_range(0..8) == 0) {
                        sets.push(format!("{}={}", value.key(), other(&mut random, &value.value)));
                    }
                }
            }
        }
        match outcome(path, &text, &sets) {
            Outcome::Refused => tally[0] += 1,
            Outcome::Ran => tally[1] += 1,
            Outcome::CannotRun => tally[2] += 1,
            Outcome::TooLarge => tally[3] += 1,
            Outcome::Fault(fault) => {
                let damage = if text == *whole { "" } else { ", its text damaged" };
                faults.push(format!(
                    "case {case}: {}{damage}, --set {}: {fault}",
                    path.display(),
                    sets.join(" --set ")
                ));
            }
        }
    }
    let [refused, ran, cannot, large] = tally;
    println!(
        "seed {seed}, {cases} cases: {ran} ran, {refused} refused, {cannot} could not run, {large} too large, {} faults",
        faults.len()
    );
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    // If all cases were refused, or none, they would test nothing.
    assert!(ran > cases / 20 && refused > cases / 20, "{ran} ran and {refused} were refused of {cases}");
}

/// The schema of a key, and the key's name with `NAME` for the names that a user gives.
fn described<'s>(schema: &'s Schema, path: &[String]) -> Option<(String, &'s Schema)> {
    let mut node = schema;
    let mut parts = Vec::new();
    for part in path {
        node = node.get("anyOf").map_or(node, |choices| &choices[0]);
        let fixed = node.get("properties").and_then(|properties| properties.get(part));
        let named = || node.get("patternProperties")?.as_object()?.values().next();
        parts.push(if fixed.is_some() { part.as_str() } else { "NAME" });
        node = fixed.or_else(named)?;
    }
    Some((parts.join("."), node))
}

/// The ends of a number's range, and numbers next to them.
fn ends(node: &Schema) -> Vec<f64> {
    let bound = |name: &str| node.get(name).and_then(Schema::as_f64);
    let low = bound("minimum").or(bound("exclusiveMinimum"));
    let high = bound("maximum").or(bound("exclusiveMaximum"));
    let mut ends: Vec<f64> = low.into_iter().chain(high).collect();
    if low == Some(0.0) {
        ends.extend([5e-324, 1e-300, 1e-30, 1e-15, 1e-9, 1e-6, 1e-3]);
    }
    ends.extend(high.map(|high| high * 0.999_999));
    ends
}

/// Every number of every key at the ends of its range, one at a time: it is refused, cannot begin, or runs with all invariants kept.
#[test]
fn every_number_may_be_at_the_ends_of_its_range() {
    let schema = schema();
    let mut tried = std::collections::BTreeSet::new();
    let mut faults = Vec::new();
    // Lengths and counts determine the run time of a case, and their ends test nothing else.
    let skipped = ["run.days", "run.replicas", "run.seed", "class.NAME.firms", "class.NAME.entrants"];
    for Base { path, text, cut, resolved } in bases() {
        for value in resolved.values.iter().filter(|value| matches!(value.value, Value::Float(_) | Value::Integer(_))) {
            let Some((key, node)) = described(&schema, &value.path) else { continue };
            if skipped.contains(&key.as_str()) || !tried.insert((key.clone(), path.parent().map(Path::to_owned))) {
                continue;
            }
            for end in ends(node) {
                let written =
                    if matches!(value.value, Value::Integer(_)) { format!("{end:.0}") } else { format!("{end:?}") };
                let sets = [&cut[..], &[format!("{}={written}", value.key())]].concat();
                if let Outcome::Fault(fault) = outcome(&path, &text, &sets) {
                    faults.push(format!("{} --set {}: {fault}", path.display(), sets.join(" --set ")));
                }
            }
        }
    }
    println!("{} keys", tried.len());
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(tried.len() > 200, "{} keys", tried.len());
}
