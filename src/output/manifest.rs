//! `manifest.json`: what was run, so that it can be run again.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap as _};

use super::{
    disk::{At as _, DiskError},
    folder::FolderError,
    plan::{Plan, sha256, sha256_of_file},
};

/// What a manifest is signed with: `--force` replaces no folder without it.
pub const PROGRAM: &str = "shakeout";

/// All of it. The timings are the one thing in a result folder that differs between two runs of one plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Manifest {
    program: &'static str,
    plan_sha256: String,
    plan: Plan,
    tables: Vec<String>,
    /// Of the tables of a sweep's part, so that a merge reads no byte that the part did not write.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    table_sha256: BTreeMap<String, String>,
    scenario: String,
    origins: BTreeMap<String, String>,
    #[serde(serialize_with = "in_order")]
    timings_s: Vec<(String, f64)>,
}

impl Manifest {
    /// Of a plan and the resolved scenario it was made from.
    ///
    /// # Panics
    /// When the scenario is not the plan's.
    #[must_use]
    pub fn new(plan: &Plan, resolved_scenario: &str) -> Self {
        assert_eq!(plan.scenario_sha256, sha256(resolved_scenario.as_bytes()), "the plan is made from this scenario");
        Self {
            program: PROGRAM,
            plan_sha256: plan.sha256(),
            plan: plan.clone(),
            tables: Vec::new(),
            table_sha256: BTreeMap::new(),
            scenario: resolved_scenario.to_owned(),
            origins: BTreeMap::new(),
            timings_s: Vec::new(),
        }
    }

    /// With where each value of the scenario comes from, by its key.
    #[must_use]
    pub fn with_origins(mut self, origins: impl IntoIterator<Item = (String, String)>) -> Self {
        self.origins.extend(origins);
        self
    }

    /// That of a part, for the whole it is a part of: the same scenario and origins under the whole's plan.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn like(part: &Path, plan: &Plan) -> Result<Self, FolderError> {
        #[derive(Deserialize)]
        struct Part {
            scenario: String,
            origins: BTreeMap<String, String>,
        }
        let bytes = fs::read(part).at("read", part)?;
        let damaged = |problem: String| FolderError::Damaged { path: part.to_owned(), problem };
        let Part { scenario, origins } = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if sha256(scenario.as_bytes()) != plan.scenario_sha256 {
            return Err(damaged("its scenario is not that of its plan".to_owned()));
        }
        Ok(Self::new(plan, &scenario).with_origins(origins))
    }

    /// With the names of the table files in the folder.
    #[must_use]
    pub fn with_tables(mut self, files: impl IntoIterator<Item = String>) -> Self {
        self.tables.extend(files);
        self
    }

    /// With the hash of a table's file, which is in this folder.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn with_hash(mut self, folder: &Path, file: &str) -> Result<Self, DiskError> {
        self.table_sha256.insert(file.to_owned(), sha256_of_file(&folder.join(file))?);
        Ok(self)
    }

    /// The hashes that [`Self::with_hash`] put into a manifest, by file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn hashes(path: &Path) -> Result<BTreeMap<String, String>, FolderError> {
        #[derive(Deserialize)]
        struct Hashed {
            #[serde(default)]
            table_sha256: BTreeMap<String, String>,
        }
        let bytes = fs::read(path).at("read", path)?;
        let hashed: Hashed = serde_json::from_slice(&bytes)
            .map_err(|error| FolderError::Damaged { path: path.to_owned(), problem: error.to_string() })?;
        Ok(hashed.table_sha256)
    }

    /// With how long a phase took.
    #[must_use]
    pub fn with_timing(mut self, phase: &str, took: Duration) -> Self {
        self.timings_s.push((phase.to_owned(), took.as_secs_f64()));
        self
    }

    /// As the text of `manifest.json`, for [`PartialFolder::finish`](super::folder::PartialFolder::finish).
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "strings and numbers can always be written as JSON")]
    pub fn to_json(&self) -> Vec<u8> {
        let text = serde_json::to_string_pretty(self).expect("strings and numbers can be written as JSON");
        (text + "\n").into_bytes()
    }
}

fn in_order<S: Serializer>(timings: &[(String, f64)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(timings.len()))?;
    for (phase, seconds) in timings {
        map.serialize_entry(phase, seconds)?;
    }
    map.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_says_what_was_run() {
        let mut plan = Plan::new("title = \"Crash\"\n", 42, 200).with_option("tables", "days");
        plan.inputs.insert("price.csv".to_owned(), "aa".to_owned());
        let manifest = Manifest::new(&plan, "title = \"Crash\"\n")
            .with_tables(["days.csv".to_owned(), "days.parquet".to_owned()])
            .with_origins([("title".to_owned(), "default".to_owned())])
            .with_timing("simulate", Duration::from_millis(1_500))
            .with_timing("charts", Duration::from_millis(250));
        let text = String::from_utf8(manifest.to_json()).expect("text");
        let expected = format!(
            r#"{{
  "program": "shakeout",
  "plan_sha256": "{}",
  "plan": {{
    "version": "{}",
    "scenario_sha256": "{}",
    "seed": 42,
    "replicas": 200,
    "inputs": {{
      "price.csv": "aa"
    }},
    "options": {{
      "tables": "days"
    }}
  }},
  "tables": [
    "days.csv",
    "days.parquet"
  ],
  "scenario": "title = \"Crash\"\n",
  "origins": {{
    "title": "default"
  }},
  "timings_s": {{
    "simulate": 1.5,
    "charts": 0.25
  }}
}}
"#,
            plan.sha256(),
            env!("CARGO_PKG_VERSION"),
            plan.scenario_sha256
        );
        assert_eq!(text, expected);
    }

    #[test]
    #[should_panic(expected = "the plan is made from this scenario")]
    fn a_manifest_of_another_scenario_is_a_bug() {
        let _ = Manifest::new(&Plan::new("days = 3", 1, 1), "days = 4");
    }
}
