//! The metrics of a run, as `summary.json` holds them, in words.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{
    ReportError,
    number::{grouped, human},
};

use crate::output::summary::SUMMARY;
pub use crate::output::summary::{Headline, NothingFell, Spread, Summary};
use crate::output::uncertain::Uncertain;

/// What stands in the place of a number where nothing fell.
const NO_FALL: &str = "no fall";

impl Spread {
    /// A quantile as tables have it: the number, `never`, or `no fall`.
    #[must_use]
    pub fn shown(&self, quantile: Option<f64>) -> String {
        self.in_words(quantile).map_or_else(|| quantile.map_or_else(String::new, human), str::to_owned)
    }

    /// What stands in the place of a quantile that is no number to read.
    pub(crate) fn in_words(&self, quantile: Option<f64>) -> Option<&'static str> {
        match quantile {
            None => Some("never"),
            Some(value) => self.no_fall.as_ref().and_then(|none| none.is_at(value).then_some(NO_FALL)),
        }
    }
}

impl Summary {
    /// Reads `summary.json` of a result folder.
    ///
    /// # Errors
    /// If it is missing or not of the expected form.
    pub fn read(folder: &Path) -> Result<Self, ReportError> {
        read_json(folder.join(SUMMARY))
    }

    /// Only the metrics of these names, in their order; all of them where no name is given.
    ///
    /// # Errors
    /// When there is no metric of a name: says which, and which there are.
    pub fn with_metrics(mut self, names: &[String]) -> Result<Self, String> {
        if names.is_empty() {
            return Ok(self);
        }
        let known = || self.metrics.iter().map(|headline| headline.name.as_str()).collect::<Vec<_>>().join(", ");
        let find = |name: &String| {
            let found = self.metrics.iter().find(|headline| headline.name == *name).cloned();
            found.ok_or_else(|| format!("there is no `{name}`; there are {}", known()))
        };
        self.metrics = names.iter().map(find).collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// What its reader must know of replicas that could not be run; nothing where all were.
    #[must_use]
    pub fn failures(&self) -> Option<String> {
        let count = |number: u64| grouped(f64::from(u32::try_from(number).unwrap_or(u32::MAX)), 0);
        let asked = self.replicas + self.failed;
        (self.failed > 0).then(|| {
            format!(
                "{} of {} replicas could not be run and are left out: all numbers are over the other {}. failed.csv has the seed and \
                 the reason of each.",
                count(self.failed),
                count(asked),
                count(self.replicas)
            )
        })
    }
}

/// What charts need of a summary.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Head {
    #[serde(default)]
    pub(crate) title: String,
    pub(crate) replicas: Option<u64>,
    #[serde(default)]
    pub(crate) uncertain: Uncertain,
}

/// For captions, which can do without: a folder that has no summary yet still gets charts.
pub(crate) fn head(folder: &Path) -> Result<Head, ReportError> {
    let path = folder.join(SUMMARY);
    if path.exists() { read_json(path) } else { Ok(Head::default()) }
}

pub(crate) fn read_json<T: for<'de> Deserialize<'de>>(path: PathBuf) -> Result<T, ReportError> {
    let text = fs::read_to_string(&path).map_err(ReportError::file(&path))?;
    serde_json::from_str(&text).map_err(|source| ReportError::BadJson { path, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_keep_the_order_of_the_file() {
        let text = r#"{"seed":1,"replicas":2,"later":{"x":[1]},"metrics":{"b":{"n":2},"a":{"n":2}}}"#;
        let summary: Summary = serde_json::from_str(text).unwrap();
        let names: Vec<_> = summary.metrics.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(names, ["b", "a"]);
    }
}
