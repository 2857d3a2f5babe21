//! `manifest.json`: what was run, so that it can be run again; and the hash of every file, so that damage is noticed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{
    disk::{At as _, DiskError, entries, read_if_there},
    error::{Fault, FolderError, MANIFEST},
    plan::{Plan, sha256, sha256_of_file},
};
use crate::scenario::{Role, Source, printable};

/// What a manifest is signed with: `--force` replaces no folder without it.
pub const PROGRAM: &str = "shakeout";

/// A longer file is not kept in a manifest, only its hash.
const LONGEST_INPUT: usize = 4 << 20;

/// Something that was questioned in the scenario: a warning or a note.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Stable name of its sort.
    pub code: String,
    /// `warning` or `note`.
    pub severity: String,
    /// What is to be questioned.
    pub message: String,
    /// The value, or the beginning of it, as it is written; empty where it is not.
    pub written: String,
    /// Range, source and what follows.
    pub help: String,
}

/// All of it. The timings are the one thing in a result folder that differs between two runs of one plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub(crate) program: String,
    plan_sha256: String,
    pub(crate) plan: Plan,
    /// What to type in the scenario's folder to get the same bytes.
    #[serde(default)]
    pub(crate) command: String,
    tables: Vec<String>,
    pub(crate) scenario: String,
    /// The files that the scenario was read from, by their paths from its folder: hashes of their bytes.
    #[serde(default)]
    pub(crate) sources: BTreeMap<String, String>,
    /// The build of the program; see [`BUILD`](crate::BUILD).
    #[serde(default)]
    pub(crate) build: String,
    /// The texts of all files that it was made from, by their paths from the scenario's folder, so that it can be run again from this
    /// manifest alone. Long tables are left out.
    #[serde(default)]
    pub(crate) inputs: BTreeMap<String, String>,
    pub(crate) origins: BTreeMap<String, String>,
    /// What was questioned in the scenario.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) questioned: Vec<Question>,
    /// Hashes of all other files in the folder, by their paths in it; without those of [`Self::drawn`].
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// Hashes of what `shakeout report` draws anew: the charts and the page.
    #[serde(default)]
    drawn: BTreeMap<String, String>,
    /// Hash of this manifest without its timings.
    #[serde(default, rename = "manifest_sha256")]
    own_sha256: String,
    timings_s: BTreeMap<String, f64>,
}

/// The files of a folder that are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// All, also for such as were added.
    All,
    /// The csv tables and JSON files, from which the rest can be made anew.
    Tables,
}

/// Whether `shakeout report` draws this file of a result folder anew.
fn is_drawn(name: &str) -> bool {
    name == "report.html" || name.starts_with("charts/")
}

impl Manifest {
    /// The manifest of a plan and the resolved scenario that the plan was made from.
    ///
    /// # Panics
    /// When the scenario is not the plan's.
    #[must_use]
    pub fn new(plan: &Plan, resolved_scenario: &str) -> Self {
        assert_eq!(plan.scenario_sha256, sha256(resolved_scenario.as_bytes()), "the plan is made from this scenario");
        Self {
            program: PROGRAM.to_owned(),
            plan_sha256: plan.sha256(),
            plan: plan.clone(),
            command: String::new(),
            tables: Vec::new(),
            scenario: resolved_scenario.to_owned(),
            sources: BTreeMap::new(),
            build: crate::BUILD.to_owned(),
            inputs: BTreeMap::new(),
            origins: BTreeMap::new(),
            questioned: Vec::new(),
            files: BTreeMap::new(),
            drawn: BTreeMap::new(),
            own_sha256: String::new(),
            timings_s: BTreeMap::new(),
        }
    }

    /// With what to type to get the same bytes, after what is there of it already.
    #[must_use]
    pub fn with_command(mut self, words: &str) -> Self {
        if !self.command.is_empty() && !words.is_empty() {
            self.command.push(' ');
        }
        self.command.push_str(words);
        self
    }

    /// With a file that it was made from, by its path from the scenario's folder.
    #[must_use]
    pub fn with_source(mut self, path: &str, role: Role, text: &str) -> Self {
        if matches!(role, Role::Scenario | Role::Base) {
            self.sources.insert(path.to_owned(), sha256(text.as_bytes()));
        }
        if role != Role::Set && text.len() <= LONGEST_INPUT {
            self.inputs.insert(path.to_owned(), text.to_owned());
        }
        self
    }

    /// With the files among these texts.
    #[must_use]
    pub fn with_files_among<'a>(self, sources: impl IntoIterator<Item = &'a Source>) -> Self {
        let files = sources.into_iter();
        files.fold(self, |manifest, source| manifest.with_source(&source.path_in_scenario(), source.role, &source.text))
    }

    /// The files that it was made from, by their paths from the scenario's folder.
    ///
    /// # Errors
    /// The path of one that is too long to be kept.
    pub fn inputs(&self) -> Result<&BTreeMap<String, String>, &str> {
        let kept =
            |path: &&String| self.inputs.contains_key(path.rsplit_once(": ").map_or(path.as_str(), |(_, path)| path));
        match self.sources.keys().chain(self.plan.inputs.keys()).find(|path| !kept(path)) {
            Some(missing) => Err(missing),
            None => Ok(&self.inputs),
        }
    }

    /// The files whose bytes differ from those of another result, the page and the charts left out: they name the build.
    #[must_use]
    pub fn other_than(&self, other: &Self) -> Vec<String> {
        let names: std::collections::BTreeSet<_> = self.files.keys().chain(other.files.keys()).collect();
        names.into_iter().filter(|name| self.files.get(*name) != other.files.get(*name)).cloned().collect()
    }

    /// With where each value of the scenario comes from, by its key.
    #[must_use]
    pub fn with_origins(mut self, origins: impl IntoIterator<Item = (String, String)>) -> Self {
        self.origins.extend(origins);
        self
    }

    /// With what was questioned in the scenario.
    #[must_use]
    pub fn with_questions(mut self, questions: Vec<Question>) -> Self {
        self.questioned = questions;
        self
    }

    /// The manifest of a part, for the whole that it is a part of: the same scenario and origins under the whole's plan.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn like(part: &Path, plan: &Plan) -> Result<Self, FolderError> {
        let Self { command, scenario, sources, inputs, origins, questioned, .. } = Self::read(part)?;
        if sha256(scenario.as_bytes()) != plan.scenario_sha256 {
            let problem = "its scenario is not that of its plan".to_owned();
            return Err(FolderError::Damaged { path: part.join(MANIFEST), problem });
        }
        Ok(Self { command, sources, inputs, origins, questioned, ..Self::new(plan, &scenario) })
    }

    /// What to type in the scenario's folder to get the same bytes.
    #[must_use]
    pub fn command(&self) -> &str {
        &self.command
    }

    /// The version and the build of the program that made it.
    #[must_use]
    pub fn made_by(&self) -> String {
        match self.build.as_str() {
            "" => self.plan.version.clone(),
            build => format!("{} ({build})", self.plan.version),
        }
    }

    /// With the names of the table files in the folder.
    #[must_use]
    pub fn with_tables(mut self, files: impl IntoIterator<Item = String>) -> Self {
        self.tables.extend(files);
        self
    }

    /// With how long a phase took.
    #[must_use]
    pub fn with_timing(mut self, phase: &str, took: Duration) -> Self {
        self.timings_s.insert(phase.to_owned(), took.as_secs_f64());
        self
    }

    /// With the hashes of all files in a folder; those of some may be `known` already, by name.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn with_files(mut self, folder: &Path, known: &BTreeMap<String, String>) -> Result<Self, DiskError> {
        self.files.clear();
        self.drawn.clear();
        for name in files_in(folder)? {
            let hash = known.get(&name).map_or_else(|| sha256_of_file(&folder.join(&name)), |hash| Ok(hash.clone()))?;
            self.put(name, hash);
        }
        Ok(self)
    }

    /// With other hashes of these files; one without a hash is gone.
    #[must_use]
    pub fn with_changed(mut self, changed: impl IntoIterator<Item = (String, Option<String>)>) -> Self {
        for (name, hash) in changed {
            self.files.remove(&name);
            self.drawn.remove(&name);
            if let Some(hash) = hash {
                self.put(name, hash);
            }
        }
        self
    }

    fn put(&mut self, name: String, hash: String) {
        let files = if is_drawn(&name) { &mut self.drawn } else { &mut self.files };
        files.insert(name, hash);
    }

    /// The hash of a file that is no chart and no page.
    #[must_use]
    pub fn hash_of(&self, file: &str) -> Option<&str> {
        self.files.get(file).map(String::as_str)
    }

    /// The charts and the page that it knows of, by their paths in the folder.
    pub fn drawn(&self) -> impl Iterator<Item = &str> {
        self.drawn.keys().map(String::as_str)
    }

    /// How many files it knows of.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len() + self.drawn.len()
    }

    /// Whether it knows of none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the manifest of a finished folder, which must be whole.
    ///
    /// # Errors
    /// When there is none, or it is not as it was written.
    pub fn read(folder: &Path) -> Result<Self, FolderError> {
        let path = folder.join(MANIFEST);
        let damaged = |problem: String| FolderError::Damaged { path: path.clone(), problem };
        let bytes = read_if_there(&path)?.ok_or_else(|| FolderError::NotAResult { path: folder.to_owned() })?;
        let manifest: Self = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        // One without hashes is of an earlier version: nothing is known of its files.
        let has_hashes = !(manifest.is_empty() && manifest.own_sha256.is_empty());
        if has_hashes && manifest.own_sha256 != manifest.own_hash() {
            return Err(damaged(Fault::Changed.to_string()));
        }
        Ok(manifest)
    }

    /// What is wrong with the files of a folder, in the order of their names.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn faults(&self, folder: &Path, looked: Looked) -> Result<Vec<(String, Fault)>, DiskError> {
        let is_looked_at = |name: &str| {
            let has_ending = |ending| Path::new(name).extension().is_some_and(|end| end == ending);
            looked == Looked::All || !is_drawn(name) && (has_ending("csv") || has_ending("json"))
        };
        let mut faults = BTreeMap::new();
        for (name, hash) in self.files.iter().chain(&self.drawn).filter(|(name, _)| is_looked_at(name)) {
            let path = folder.join(name);
            if !fs::metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
                faults.insert(name.clone(), Fault::Missing);
            } else if sha256_of_file(&path)? != *hash {
                faults.insert(name.clone(), Fault::Changed);
            }
        }
        if looked == Looked::All {
            for name in files_in(folder)? {
                if !self.files.contains_key(&name) && !self.drawn.contains_key(&name) {
                    faults.insert(name, Fault::Added);
                }
            }
        }
        Ok(faults.into_iter().collect())
    }

    /// The text of `manifest.json`.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "strings and numbers can always be written as JSON")]
    pub fn to_json(&self) -> Vec<u8> {
        let manifest = Self { own_sha256: self.own_hash(), ..self.clone() };
        let text = serde_json::to_string_pretty(&manifest).expect("strings and numbers can be written as JSON");
        (escaped(&text) + "\n").into_bytes()
    }

    fn own_hash(&self) -> String {
        let bare = Self { own_sha256: String::new(), timings_s: BTreeMap::new(), ..self.clone() };
        sha256(&serde_json::to_vec(&bare).expect("strings and numbers can be written as JSON"))
    }
}

fn is_printable(character: char) -> bool {
    let mut bytes = [0; 4];
    let text: &str = character.encode_utf8(&mut bytes);
    printable(text) == text
}

/// JSON in which characters that would act on a terminal are written by their number: the files that a manifest holds may have any.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if character == '\n' || (' '..='~').contains(&character) || is_printable(character) {
            escaped.push(character);
        } else {
            escaped.extend(character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    escaped
}

/// Every file of a folder except its manifest, by its path in the folder with slashes, in order.
pub(super) fn files_in(folder: &Path) -> Result<Vec<String>, DiskError> {
    let mut names = Vec::new();
    let mut open: Vec<(PathBuf, String)> = vec![(folder.to_owned(), String::new())];
    while let Some((path, prefix)) = open.pop() {
        for entry in entries(&path)? {
            let name = format!("{prefix}{}", entry.file_name().unwrap_or_default().to_string_lossy());
            let metadata = fs::symlink_metadata(&entry).at("read", &entry)?;
            if metadata.is_dir() {
                open.push((entry, name + "/"));
            } else if name != MANIFEST {
                names.push(name);
            }
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests;
