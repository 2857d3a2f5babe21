//! The guard: a hash of every table of every shipped scenario, shortened, against `guard/hashes.txt`. It tells a change that moves files and
//! names from one that moves results. A change that means to move results says which tables move and why, and writes the hashes anew:
//! `SHAKEOUT_GUARD=write cargo test --test suite guard::`, whose difference is reviewed like code.

use crate::scenarios::scenarios;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use shakeout::{
    output::{
        csv::{Recorder, Recording},
        table::{Table, Tables},
    },
    scenario::load,
    simulation::Engine,
};
use std::{fmt::Write as _, fs, path::Path, sync::atomic::AtomicBool};

/// Runs are cut after this many days: long enough for prices to fall, firms to fail and machines to move.
const DAYS: f64 = 200.0;
const REPLICAS: u64 = 2;
const HASHES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/guard/hashes.txt");

/// A line for each table: scenario, table, rows, and the first 16 digits of the SHA-256 of its csv text.
fn hashes_of(path: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let name = path.strip_prefix(root).expect("a shipped scenario").with_extension("");
    let name = name.display().to_string().replace('\\', "/");
    let resolved = load(path, &[], None).unwrap_or_else(|problems| panic!("{name}: {problems}"));
    let short = [format!("run.days={DAYS}")];
    let cut = if resolved.scenario.run.days.get() > DAYS { load(path, &short, None).ok() } else { None };
    let scenario = cut.unwrap_or(resolved).scenario;
    let recording = Recording::new(scenario.run.start, Tables::all());
    let engine = Engine::new(&scenario, false).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut texts: Vec<Vec<u8>> = Tables::all().iter().map(Table::header).collect();
    for replica in 0..REPLICAS {
        let mut recorder = Recorder::new(&recording, replica);
        engine
            .run(replica, &mut recorder, &AtomicBool::new(false))
            .unwrap_or_else(|error| panic!("{name}, replica {replica}: {error}"));
        let rows = recorder.finish().unwrap_or_else(|error| panic!("{name}, replica {replica}: {error}"));
        for (text, rows) in texts.iter_mut().zip(rows.0) {
            text.extend(rows);
        }
    }
    let mut lines = String::new();
    for (table, text) in Tables::all().iter().zip(&texts) {
        let rows = text.split(|&byte| byte == b'\n').count() - 2;
        let mut digest = String::new();
        for byte in &Sha256::digest(text)[..8] {
            write!(digest, "{byte:02x}").expect("text");
        }
        writeln!(lines, "{name} {} {rows} {digest}", table.name()).expect("text");
    }
    lines
}

#[test]
fn every_table_of_every_shipped_scenario_has_the_same_bytes() {
    let found: String = scenarios().par_iter().map(|path| hashes_of(path)).collect::<Vec<_>>().concat();
    if std::env::var("SHAKEOUT_GUARD").is_ok_and(|what| what == "write") {
        fs::write(HASHES, found).expect("the hashes are written");
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
}
