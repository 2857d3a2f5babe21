//! Where a result comes from: `manifest.json`, and the scenario's values with the origin of each.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};
use toml::de::{DeTable, DeValue};

use super::{ReportError, summary::read_json};
use crate::output::{
    folder::MANIFEST,
    manifest::{Manifest, Question},
};

/// What `manifest.json` says of where a result comes from.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// Version of the program.
    pub version: String,
    /// The scenario as resolved, in TOML.
    pub scenario: String,
    /// Hash of the scenario as resolved.
    pub scenario_sha256: String,
    /// Seed of all randomness.
    pub seed: u64,
    /// How many histories.
    pub replicas: u64,
    /// What to type in the scenario's folder to get the same bytes.
    pub command: String,
    /// The files it was made from.
    pub inputs: Vec<Input>,
    /// Origin of each value by its dotted key.
    pub origins: BTreeMap<String, String>,
    /// What was questioned in the scenario.
    pub questioned: Vec<Question>,
    /// Flags that change what is written.
    pub options: BTreeMap<String, String>,
}

/// A file that a run was made from.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Input {
    /// From the scenario's folder.
    pub path: String,
    /// Hash of its bytes.
    #[serde(default)]
    pub sha256: String,
}

/// A value of the resolved scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ResolvedValue {
    /// Dotted: `class.public.share`.
    pub key: String,
    /// The value in TOML.
    pub value: String,
    /// Written, inherited, defaulted...; empty if not known.
    pub origin: String,
}

impl Provenance {
    /// Reads `manifest.json` of a result folder.
    ///
    /// # Errors
    /// If it is missing or not of the expected form.
    pub fn read(folder: &Path) -> Result<Self, ReportError> {
        let manifest: Manifest = read_json(folder.join(MANIFEST))?;
        let version = manifest.made_by();
        let Manifest { plan, scenario, command, sources, origins, questioned, .. } = manifest;
        Ok(Self {
            version,
            scenario,
            scenario_sha256: plan.scenario_sha256,
            seed: plan.seed,
            replicas: plan.replicas,
            command,
            inputs: sources.into_iter().chain(plan.inputs).map(|(path, sha256)| Input { path, sha256 }).collect(),
            origins,
            questioned,
            options: plan.options,
        })
    }

    /// A list of texts in the scenario; empty where there is none.
    #[must_use]
    pub fn texts(&self, key: &str) -> Vec<String> {
        let table = DeTable::parse(&self.scenario).ok();
        let values = table.as_ref().and_then(|table| table.get_ref().get(key)?.get_ref().as_array());
        values.into_iter().flatten().map(|value| text(value.get_ref())).collect()
    }

    /// A value of the scenario as a text; empty where there is none.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.values().into_iter().find(|value| value.key == key).map_or_else(String::new, |value| value.value)
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
            let key = if prefix.is_empty() { name.to_string() } else { format!("{prefix}.{name}") };
            if let DeValue::Table(inner) = value.get_ref() {
                self.gather(&key, inner, found);
            } else {
                let origin = self.origins.get(&key).cloned().unwrap_or_default();
                let place = value.span().start;
                let value = text(value.get_ref());
                found.push((place, ResolvedValue { key, value, origin }));
            }
        }
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
