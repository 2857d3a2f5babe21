//! Where a result comes from: `manifest.json`, and the scenario's values with the origin of each.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value as Json;
use toml::de::{DeTable, DeValue};

use super::{ReportError, summary::read_json};

/// `manifest.json`. What stands in its `plan` is read as if it stood beside it; keys that are not listed are
/// kept in [`Self::other`] and shown as they are.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// Of the program.
    pub version: String,
    /// As resolved, in TOML.
    pub scenario: String,
    /// Of the scenario as resolved.
    pub scenario_sha256: String,
    /// Of all randomness.
    pub seed: u64,
    /// How many histories.
    pub replicas: u64,
    /// The files it was made from.
    pub inputs: Vec<Input>,
    /// Seconds per phase: what differs between runs.
    pub timings: BTreeMap<String, Json>,
    /// Origin of each value by its dotted key, if the program wrote it down.
    pub origins: BTreeMap<String, String>,
    /// The command that made it, if the program wrote it down.
    pub command: Option<String>,
    /// Whatever else stands in the file.
    pub other: BTreeMap<String, String>,
}

/// A file that a run was made from.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Input {
    /// As the scenario names it.
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
        let path = folder.join("manifest.json");
        let mut all: BTreeMap<String, Json> = read_json(path.clone())?;
        if let Some(Json::Object(plan)) = all.remove("plan") {
            all.extend(plan);
        }
        Self::from_keys(all).map_err(|source| ReportError::BadJson { path, source })
    }

    fn from_keys(mut all: BTreeMap<String, Json>) -> Result<Self, serde_json::Error> {
        let mut take = |key: &str| all.remove(key);
        let mut manifest = Self {
            version: read(take("version"))?,
            scenario: read(take("scenario"))?,
            scenario_sha256: read(take("scenario_sha256"))?,
            seed: read(take("seed"))?,
            replicas: read(take("replicas"))?,
            inputs: match take("inputs") {
                Some(Json::Object(hashes)) => hashes
                    .into_iter()
                    .map(|(path, sha256)| {
                        Ok(Input {
                            path,
                            sha256: read(Some(sha256))?,
                        })
                    })
                    .collect::<Result<_, serde_json::Error>>()?,
                list => read(list)?,
            },
            timings: read(take("timings_s").or_else(|| take("timings")))?,
            origins: read(take("origins"))?,
            command: read(take("command"))?,
            other: BTreeMap::new(),
        };
        for (key, value) in all {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            manifest.other.insert(key, text);
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

/// What is absent is empty: a page is better than none.
fn read<T: DeserializeOwned + Default>(value: Option<Json>) -> Result<T, serde_json::Error> {
    value.map_or_else(|| Ok(T::default()), serde_json::from_value)
}

fn text(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.to_string(),
        // Hexadecimal digits without their mark would be read as another number.
        DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| number.as_str().to_owned(), |number| number.to_string()),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(text: &str) -> Result<Manifest, ReportError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("manifest.json"), text).unwrap();
        Manifest::read(folder.path())
    }

    #[test]
    fn facts_are_found_inside_and_beside_the_plan() {
        let nested = r#"{"program":"x","plan":{"seed":3,"replicas":9,"inputs":{"a.toml":"ab"}},"timings_s":{"run":1.5}}"#;
        let flat = r#"{"program":"x","seed":3,"replicas":9,"inputs":[{"path":"a.toml","sha256":"ab"}],"timings":{"run":1.5}}"#;
        for text in [nested, flat] {
            let found = manifest(text).unwrap();
            assert_eq!((found.seed, found.replicas), (3, 9));
            assert_eq!(
                found.inputs,
                [Input {
                    path: "a.toml".into(),
                    sha256: "ab".into()
                }]
            );
            assert_eq!(found.timings["run"], 1.5);
            assert_eq!(found.other["program"], "x");
            assert_eq!(
                found.how_to_reproduce(),
                "shakeout run a.toml --seed 3 --replicas 9"
            );
        }
        let error = manifest(r#"{"plan":{"seed":"three"}}"#)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("manifest.json: invalid type: string"),
            "{error}"
        );
    }

    #[test]
    fn values_keep_the_order_of_the_text() {
        let scenario = "title = \"t\"\n[run]\nseed = 1\ndays = 0x10\n[class.b]\nshare = [0.5, 1]\n[class.a]\nx = { y = 2, z = true }\n";
        let found = Manifest {
            scenario: scenario.into(),
            ..Manifest::default()
        }
        .values();
        let lines: Vec<_> = found
            .iter()
            .map(|v| format!("{}={}", v.key, v.value))
            .collect();
        let expected = [
            "title=t",
            "run.seed=1",
            "run.days=16",
            "class.b.share=[0.5, 1]",
            "class.a.x.y=2",
            "class.a.x.z=true",
        ];
        assert_eq!(lines, expected);
    }
}
