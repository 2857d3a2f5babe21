//! All that the bytes of a result depend on.

use std::{collections::BTreeMap, fmt::Write as _, fs::File, io::Read as _, path::Path};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::disk::{At as _, DiskError};
use crate::scenario::{Role, Source};

/// All that a run's tables depend on. Two runs of one plan write the same bytes; a partial folder is only ever completed by its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Version of shakeout.
    pub version: String,
    /// Hash of the scenario as resolved.
    pub scenario_sha256: String,
    /// Seed of all randomness.
    pub seed: u64,
    /// How many histories.
    pub replicas: u64,
    /// Hash of the scenarios that are made of it at the points of a sweep; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub points_sha256: String,
    /// Hashes of the tables of numbers that the scenario names, by their paths in it. What else the scenario was read from
    /// counts only by what came of it: a comment or another path changes nothing.
    pub inputs: BTreeMap<String, String>,
    /// Flags that change what is written, by name: tables, events, format, shard, ...
    pub options: BTreeMap<String, String>,
}

impl Plan {
    /// The plan of this version of shakeout for a scenario as resolved, without input files and options.
    #[must_use]
    pub fn new(resolved_scenario: &str, seed: u64, replicas: u64) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            scenario_sha256: sha256(resolved_scenario.as_bytes()),
            seed,
            replicas,
            points_sha256: String::new(),
            inputs: BTreeMap::new(),
            options: BTreeMap::new(),
        }
    }

    /// With an option that changes what is written.
    #[must_use]
    pub fn with_option(mut self, name: &str, value: &str) -> Self {
        self.options.insert(name.to_owned(), value.to_owned());
        self
    }

    /// With the tables of numbers among these texts.
    #[must_use]
    pub fn with_tables_among<'a>(self, sources: impl IntoIterator<Item = &'a Source>) -> Self {
        let tables = sources.into_iter().filter(|source| source.role == Role::Table);
        tables.fold(self, |plan, source| plan.with_input(&source.path_in_scenario(), &sha256(source.text.as_bytes())))
    }

    /// With an input file.
    #[must_use]
    pub fn with_input(mut self, path: &str, sha256: &str) -> Self {
        self.inputs.insert(path.to_owned(), sha256.to_owned());
        self
    }

    /// Its fingerprint.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "strings and numbers can always be written as JSON")]
    pub fn sha256(&self) -> String {
        sha256(&serde_json::to_vec(self).expect("strings and numbers can be written as JSON"))
    }

    /// In what it differs from another, in words; empty if in nothing.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        let mut compare = |name: &str, here: &dyn std::fmt::Display, there: &dyn std::fmt::Display| {
            let (here, there) = (here.to_string(), there.to_string());
            if here != there {
                differences.push(format!("{name} ({there}, not {here})"));
            }
        };
        compare("version", &self.version, &other.version);
        compare("seed", &self.seed, &other.seed);
        compare("number of replicas", &self.replicas, &other.replicas);
        for (mine, theirs, what) in
            [(&self.options, &other.options, "--"), (&self.inputs, &other.inputs, "input file ")]
        {
            let names: std::collections::BTreeSet<_> = mine.keys().chain(theirs.keys()).collect();
            for name in names {
                let (here, there) = (mine.get(name).map_or("none", |v| v), theirs.get(name).map_or("none", |v| v));
                if here != there
                    && !(name == "sweep" && self.seed != other.seed && but_for_seed(here) == but_for_seed(there))
                {
                    let (here, there) = where_they_differ(here, there);
                    // What is varied, and how, is several flags and a table.
                    let shown = if name == "sweep" { "the design".to_owned() } else { format!("{what}{name}") };
                    differences.push(format!("{shown} ({there}, not {here})"));
                }
            }
        }
        // A seed or a number of replicas is part of the scenario too: only say that it changed when nothing plainer did.
        let scenarios = |plan: &Self| [plan.scenario_sha256.clone(), plan.points_sha256.clone()];
        if differences.is_empty() && scenarios(self) != scenarios(other) {
            differences.push("scenario".to_owned());
        }
        if differences.is_empty() && self != other {
            differences.push("plan".to_owned());
        }
        differences
    }
}

/// A design's text without its seed, which is the plan's and stands last.
fn but_for_seed(design: &str) -> &str {
    design.rsplit_once(",\"seed\":").map_or(design, |(rest, _)| rest)
}

/// The part of each of two texts by which they differ.
fn where_they_differ(one: &str, other: &str) -> (String, String) {
    const SHOWN: usize = 24;
    const BEFORE: usize = 12;
    let alike = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let shown = |text: &str| {
        let length = text.chars().count();
        if length <= SHOWN || alike < SHOWN {
            return text.chars().take(SHOWN).collect();
        }
        let part: String = text.chars().skip(alike - BEFORE).take(SHOWN).collect();
        format!("…{part}")
    };
    (shown(one), shown(other))
}

/// The hash of a file's bytes, in lower-case hexadecimal.
///
/// # Errors
/// When it cannot be read.
pub fn sha256_of_file(path: &Path) -> Result<String, DiskError> {
    let mut hash = RunningHash::default();
    hash.read(&mut File::open(path).at("open", path)?, u64::MAX).at("read", path)?;
    Ok(hash.so_far())
}

/// The hash of bytes that come piece by piece.
#[derive(Clone, Debug, Default)]
pub struct RunningHash(Sha256);

impl RunningHash {
    /// Takes a piece.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Takes at most this number of bytes from a file, and gives the number that it took.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&mut self, file: &mut File, most: u64) -> std::io::Result<u64> {
        let mut file = file.take(most);
        let mut buffer = vec![0; 1 << 16];
        let mut taken = 0;
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(taken),
                length => {
                    self.add(&buffer[..length]);
                    taken += length as u64;
                }
            }
        }
    }

    /// The hash of all bytes so far, in lower-case hexadecimal.
    #[must_use]
    pub fn so_far(&self) -> String {
        hexadecimal(&self.0.clone().finalize())
    }
}

/// In lower-case hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// In lower case.
#[must_use]
fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_standard_one() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_file_has_the_hash_of_its_bytes() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("long");
        let bytes: Vec<u8> = (0..200_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        std::fs::write(&path, &bytes).expect("it can be written");
        assert_eq!(sha256_of_file(&path).expect("it is read"), sha256(&bytes));
        assert!(sha256_of_file(&folder.path().join("none")).is_err());
    }

    #[test]
    fn designs_are_shown_where_they_differ() {
        let design =
            |high: &str| format!("{{\"kind\":\"grid\",\"factors\":[{{\"key\":\"power.pue\",\"high\":{high}}}]}}");
        let plan = |high: &str| Plan::new("days = 3", 7, 10).with_option("sweep", &design(high));
        assert_eq!(
            plan("1.2").differences(&plan("1.3")),
            ["the design (…e\",\"high\":1.3}]}, not …e\",\"high\":1.2}]})"]
        );
        let seeded = |seed: u64| Plan { seed, ..plan(&format!("1.2,\"seed\":{seed}")) };
        assert_eq!(seeded(7).differences(&seeded(8)), ["seed (8, not 7)"]);
    }

    #[test]
    fn every_part_of_a_plan_counts() {
        let plan = Plan::new("days = 3", 7, 10).with_option("tables", "days").with_input("price.csv", "aa");
        assert_eq!(plan.differences(&plan.clone()), Vec::<String>::new());
        let others = [
            (Plan { seed: 8, ..plan.clone() }, "seed (8, not 7)"),
            (Plan { replicas: 11, ..plan.clone() }, "number of replicas (11, not 10)"),
            (Plan { version: "0.0.1".to_owned(), ..plan.clone() }, "version (0.0.1, not 0.1.0)"),
            (Plan { scenario_sha256: sha256(b"days = 4"), ..plan.clone() }, "scenario"),
            (Plan { points_sha256: sha256(b"days = 4"), ..plan.clone() }, "scenario"),
            (plan.clone().with_option("tables", "days,epochs"), "--tables (days,epochs, not days)"),
            (plan.clone().with_input("price.csv", "bb"), "input file price.csv (bb, not aa)"),
            (plan.clone().with_input("fees.csv", "cc"), "input file fees.csv (cc, not none)"),
        ];
        for (other, difference) in others {
            assert_eq!(plan.differences(&other), [difference]);
            assert_ne!(plan.sha256(), other.sha256());
        }
    }
}
