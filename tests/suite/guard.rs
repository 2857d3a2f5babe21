//! The guard: a hash of every table of every shipped scenario, shortened, against `guard/hashes.txt`. It tells a change that moves files and
//! names from one that moves results. A change that means to move results says which tables move and why, and writes the hashes anew:
//! `SHAKEOUT_GUARD=write cargo test --test suite guard::`, whose difference is reviewed like code.

use crate::scenarios::{scenarios, tables_of};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use shakeout::{output::table::Tables, scenario::load};
use std::{fmt::Write as _, fs, path::Path};

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
