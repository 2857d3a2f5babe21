//! The guard: a hash of every table of every shipped scenario, shortened, against `guard/hashes.txt`. It tells a change that moves files and
//! names from one that moves results. A change that means to move results says which tables move and why, and writes the hashes anew:
//! `SHAKEOUT_GUARD=write cargo test --test suite guard::`, whose difference is reviewed like code. The same runs give `guard/sentences.txt`: the
//! answer of each scenario in sentences, to be read by a person, and every sentence of every metric is held against the numbers of its summary.

use crate::scenarios::{scenarios, tables_of};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use shakeout::{
    declare::Columns,
    output::{
        summary::{Headline, RunFacts, Summary},
        table::{Table, Tables},
    },
    scenario::{Scenario, load},
    simulation::metrics::{METRICS, Metrics},
    units::UnixTime,
};
use std::{fmt::Write as _, fs, path::Path};

/// Runs are cut after this many days: long enough for prices to fall, firms to fail and machines to move.
const DAYS: f64 = 200.0;
const REPLICAS: u64 = 2;
const HASHES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/guard/hashes.txt");
const SENTENCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/guard/sentences.txt");

/// A line for each table (scenario, table, rows, and the first 16 digits of the SHA-256 of its csv text), and the answer in sentences.
fn guarded(path: &Path) -> [String; 2] {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let name = path.strip_prefix(root).expect("a shipped scenario").with_extension("");
    let name = name.display().to_string().replace('\\', "/");
    let resolved = load(path, &[], None).unwrap_or_else(|problems| panic!("{name}: {problems}"));
    let short = [format!("run.days={DAYS}")];
    let cut = if resolved.scenario.run.days.get() > DAYS { load(path, &short, None).ok() } else { None };
    let scenario = cut.unwrap_or(resolved).scenario;
    let texts = tables_of(&name, &scenario, REPLICAS);
    let mut lines = String::new();
    for (table, text) in Tables::all().iter().zip(&texts) {
        let rows = text.split(|&byte| byte == b'\n').count() - 2;
        let mut digest = String::new();
        for byte in &Sha256::digest(text)[..8] {
            write!(digest, "{byte:02x}").expect("text");
        }
        writeln!(lines, "{name} {} {rows} {digest}", table.name()).expect("text");
    }
    let place = Tables::all().iter().position(|table| table == Table::Replicas).expect("the table of metrics");
    [lines, sentences(&name, &scenario, &texts[place])]
}

/// The answer of a scenario in sentences.
fn sentences(name: &str, scenario: &Scenario, replicas: &[u8]) -> String {
    let mut metrics = Columns::of::<Metrics>(UnixTime::default());
    for row in String::from_utf8_lossy(replicas).lines().skip(1) {
        metrics.push_texts(row.split(',').skip(1)).expect("numbers");
    }
    let summary = Summary::of_columns(&metrics, 0, RunFacts::new(scenario, String::new()));
    summary.metrics.iter().for_each(|headline| its_numbers_are_those_of_the_summary(name, headline));
    let mut text = format!("{name}: {}\n", scenario.question);
    for sentence in &summary.sentences {
        writeln!(text, "- {}", sentence.text.replace('\u{a0}', " ")).expect("text");
    }
    text + "\n"
}

/// Every number in the sentence, read back with its unit and to its last printed digit, is one of the metric's numbers in the summary, or stands in
/// the words that its declaration has.
fn its_numbers_are_those_of_the_summary(name: &str, headline: &Headline) {
    let metric = METRICS.iter().find(|metric| metric.name == headline.name).expect("a metric");
    let spread = &headline.spread;
    let sentence = headline.sentence();
    let mut rest = sentence.replace('\u{a0}', " ").replace('−', "-");
    let none = spread.no_fall.as_ref();
    let own = [metric.said, metric.unsaid, none.map_or("", |none| &none.words), spread.idle.as_deref().unwrap_or("")];
    for words in own.iter().flat_map(|text| text.split("{}")).filter(|words| words.chars().any(|c| c.is_ascii_digit()))
    {
        let (first, others) = words.split_at(1);
        rest = rest.replace(words, " ").replace(&(first.to_lowercase() + others), " ");
    }
    let counts = [spread.n, spread.n_censored, none.map_or(0, |none| none.n), 90, 95, 5].map(|count| count as f64);
    let numbers = [spread.p05, spread.p50, spread.p95].into_iter().flatten();
    let known: Vec<f64> = numbers.flat_map(|number| [1.0, 100.0, 1e-6, 1e-9].map(|scale| scale * number)).collect();
    for word in rest.split(|letter: char| !"-0123456789.,".contains(letter)) {
        let word = word.trim_matches(['.', ',']).replace(',', "");
        let Ok(said) = word.parse::<f64>() else { continue };
        let decimals = word.split_once('.').map_or(0, |(_, after)| after.len());
        let zeros = if decimals > 0 { 0 } else { word.len() - word.trim_end_matches('0').len() };
        let digit: f64 = format!("1{:0<zeros$}e-{decimals}", "").parse().expect("a power of ten");
        let is_near = |known: &f64| (known - said).abs() <= 0.500_001 * digit.max(1e-9);
        assert!(
            known.iter().any(is_near) || counts.contains(&said),
            "{name}, {}: {said} in: {sentence}",
            headline.name
        );
    }
}

#[test]
fn every_table_of_every_shipped_scenario_has_the_same_bytes() {
    let of_all: Vec<[String; 2]> = scenarios().par_iter().map(|path| guarded(path)).collect();
    let [found, said] = [0, 1].map(|which| of_all.iter().map(|one| one[which].as_str()).collect::<String>());
    if std::env::var("SHAKEOUT_GUARD").is_ok_and(|what| what == "write") {
        fs::write(HASHES, found).expect("the hashes are written");
        fs::write(SENTENCES, said).expect("the sentences are written");
        return;
    }
    let kept = fs::read_to_string(HASHES).expect("the hashes are there");
    let moved: Vec<&str> = found.lines().filter(|line| !kept.lines().any(|kept| kept == *line)).collect();
    assert!(
        moved.is_empty() && found.lines().count() == kept.lines().count(),
        "results moved. If they were meant to, run `SHAKEOUT_GUARD=write cargo test --test suite guard::` and review the \
         difference.\nNow:\n{}",
        moved.join("\n")
    );
    let sentences = fs::read_to_string(SENTENCES).expect("the sentences are there");
    let new: Vec<&str> = said.lines().filter(|line| !sentences.lines().any(|kept| kept == *line)).collect();
    assert!(
        said == sentences,
        "answers are worded otherwise: write them anew in the same way, and read them:\n{}",
        new.join("\n")
    );
}
