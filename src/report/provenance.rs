//! Where a result comes from: `manifest.json`, and the scenario's values with the origin of each.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};
use toml::de::{DeTable, DeValue};

use super::{ReportError, summary::read_json};

/// `manifest.json`. Keys that are not listed are kept in [`Self::other`] and shown as they are.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Manifest {
    /// Of the program.
    #[serde(default)]
    pub version: String,
    /// As resolved, in TOML.
    #[serde(default)]
    pub scenario: String,
    /// Of the scenario as resolved.
    #[serde(default)]
    pub scenario_sha256: String,
    /// Of all randomness.
    pub seed: u64,
    /// How many histories.
    pub replicas: u64,
    /// The files it was made from.
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// Seconds per phase: what differs between runs.
    #[serde(default)]
    pub timings: BTreeMap<String, serde_json::Value>,
    /// Origin of each value by its dotted key, if the program wrote it down.
    #[serde(default)]
    pub origins: BTreeMap<String, String>,
    /// The command that made it, if the program wrote it down.
    #[serde(default)]
    pub command: Option<String>,
    /// Whatever else stands in the file.
    #[serde(skip)]
    pub other: BTreeMap<String, String>,
}

/// A file that a run was made from.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Input {
    /// Relative to where the program ran.
    pub path: String,
    /// Of its bytes.
    #[serde(default)]
    pub sha256: String,
}

/// A value of the resolved scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ResolvedValue {
    /// Dotted: `class.public.share`.
    pub key: String,
    /// As TOML writes it.
    pub value: String,
    /// Empty where it has none or the key's name says it.
    pub unit: String,
    /// Written, inherited, defaulted...; empty if not known.
    pub origin: String,
}

impl Manifest {
    /// Reads `manifest.json` of a result folder.
    ///
    /// # Errors
    /// If it is missing or not of the expected form.
    pub fn read(folder: &Path) -> Result<Self, ReportError> {
        const KNOWN: [&str; 9] = [
            "version",
            "scenario",
            "scenario_sha256",
            "seed",
            "replicas",
            "inputs",
            "timings",
            "origins",
            "command",
        ];
        let path = folder.join("manifest.json");
        let mut manifest: Self = read_json(path.clone())?;
        let all: BTreeMap<String, serde_json::Value> = read_json(path)?;
        for (key, value) in all {
            if !KNOWN.contains(&key.as_str()) {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                manifest.other.insert(key, text);
            }
        }
        Ok(manifest)
    }

    /// The scenario's values one by one, in the order of the text; nothing if it is not TOML.
    #[must_use]
    pub fn values(&self) -> Vec<ResolvedValue> {
        let Ok(table) = DeTable::parse(&self.scenario) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        self.gather("", table.get_ref(), &mut found);
        // The table sorts its keys; its author's order says more.
        found.sort_by_key(|&(place, _)| place);
        found.into_iter().map(|(_, value)| value).collect()
    }

    fn gather(&self, prefix: &str, table: &DeTable<'_>, found: &mut Vec<(usize, ResolvedValue)>) {
        for (name, value) in table {
            let name = name.get_ref();
            let key = if prefix.is_empty() {
                name.to_string()
            } else {
                format!("{prefix}.{name}")
            };
            if let DeValue::Table(inner) = value.get_ref() {
                self.gather(&key, inner, found);
            } else {
                let origin = self.origins.get(&key).cloned().unwrap_or_default();
                let place = value.span().start;
                let value = text(value.get_ref());
                found.push((
                    place,
                    ResolvedValue {
                        key,
                        value,
                        unit: String::new(),
                        origin,
                    },
                ));
            }
        }
    }

    /// What to type to get the same bytes again.
    #[must_use]
    pub fn how_to_reproduce(&self) -> String {
        if let Some(command) = &self.command {
            return command.clone();
        }
        let is_toml = |input: &&Input| {
            Path::new(&input.path)
                .extension()
                .is_some_and(|end| end == "toml")
        };
        let scenario = self
            .inputs
            .iter()
            .find(is_toml)
            .map_or("scenario.toml", |input| &input.path);
        format!(
            "shakeout run {scenario} --seed {} --replicas {}",
            self.seed, self.replicas
        )
    }
}

fn text(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(instant) => instant.to_string(),
        DeValue::Array(values) => {
            let parts: Vec<String> = values.iter().map(|value| text(value.get_ref())).collect();
            format!("[{}]", parts.join(", "))
        }
        DeValue::Table(table) => {
            let part = |(key, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
                let key: &std::borrow::Cow<'_, str> = key.get_ref();
                format!("{key} = {}", text(value.get_ref()))
            };
            let parts: Vec<String> = table.iter().map(part).collect();
            format!("{{ {} }}", parts.join(", "))
        }
    }
}
