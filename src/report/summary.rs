//! The headline numbers of a run, as `summary.json` holds them.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

use super::{ReportError, number::human};

/// `summary.json`. Keys that are not listed are passed over, so that a later version's file can still be read.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
pub struct Summary {
    /// Of the scenario.
    #[serde(default)]
    pub title: String,
    /// What the scenario asks.
    #[serde(default)]
    pub question: String,
    /// Headline numbers that answer it, by name; empty for the usual ones.
    #[serde(default)]
    pub answers: Vec<String>,
    /// Of all randomness.
    pub seed: u64,
    /// How many histories.
    pub replicas: u64,
    /// Of the scenario as resolved.
    #[serde(default)]
    pub scenario_sha256: String,
    /// The headline numbers, in the file's order.
    #[serde(deserialize_with = "in_file_order")]
    pub metrics: Vec<Headline>,
}

/// One headline number over replicas.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Headline {
    /// Its key.
    pub name: String,
    /// Its numbers.
    pub spread: Spread,
}

/// Unit, meaning and distribution of a headline number. A quantile is `None` where that share of replicas never gets there.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
pub struct Spread {
    /// Empty for a ratio or a count.
    #[serde(default)]
    pub unit: String,
    /// One sentence.
    #[serde(default)]
    pub doc: String,
    /// There is none if any replica is censored.
    pub mean: Option<f64>,
    /// Lower edge of the 90 % band.
    pub p05: Option<f64>,
    /// Lower edge of the 50 % band.
    pub p25: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// Upper edge of the 50 % band.
    pub p75: Option<f64>,
    /// Upper edge of the 90 % band.
    pub p95: Option<f64>,
    /// All replicas, those that never get there included.
    pub n: u64,
    /// Replicas that never get there.
    #[serde(default)]
    pub n_censored: u64,
}

impl Summary {
    /// Reads `summary.json` of a result folder.
    ///
    /// # Errors
    /// If it is missing or not of the expected form.
    pub fn read(folder: &Path) -> Result<Self, ReportError> {
        read_json(folder.join("summary.json"))
    }
}

impl Headline {
    /// What it means, without its full stop; its key where the summary does not say.
    #[must_use]
    pub fn meaning(&self) -> String {
        let doc = self.spread.doc.trim().trim_end_matches('.');
        if doc.is_empty() { self.name.replace('_', " ") } else { doc.to_owned() }
    }

    /// The median with its unit, or `never`.
    #[must_use]
    pub fn median(&self) -> String {
        self.with_unit(self.spread.p50)
    }

    /// The 90 % band in words.
    #[must_use]
    pub fn band(&self) -> String {
        match (self.spread.p05, self.spread.p95) {
            (Some(low), Some(high)) if same(low, high) => "the same in 90\u{a0}% of replicas".into(),
            (Some(low), Some(high)) => {
                format!("90\u{a0}% of replicas between {} and {}", human(low), self.with_unit(Some(high)))
            }
            (Some(low), None) => format!("90\u{a0}% of replicas from {} up, or never", self.with_unit(Some(low))),
            (None, _) => "hardly ever".into(),
        }
    }

    /// How many replicas never get there; nothing if all do.
    #[must_use]
    pub fn never(&self) -> Option<String> {
        let Spread { n, n_censored, .. } = self.spread;
        (n_censored > 0).then(|| format!("in {n_censored} of {n} replicas never"))
    }

    /// All of it in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut text = format!("{}: median {}", self.meaning(), self.median());
        if self.spread.n > 1 && self.spread.p05.is_some() {
            text.push_str(", ");
            text.push_str(&self.band());
        }
        if let Some(never) = self.never() {
            text.push_str("; ");
            text.push_str(&never);
        }
        text.push('.');
        text
    }

    fn with_unit(&self, value: Option<f64>) -> String {
        match value {
            None => "never".into(),
            Some(value) if self.spread.unit.is_empty() => human(value),
            // A no-break space keeps number and unit on one line.
            Some(value) => format!("{}\u{a0}{}", human(value), self.spread.unit),
        }
    }
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
}

/// For captions, which can do without: a folder that has no summary yet still gets charts.
pub(super) fn title_and_replicas(folder: &Path) -> Result<(String, Option<u64>), ReportError> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(default)]
        title: String,
        replicas: Option<u64>,
    }
    let path = folder.join("summary.json");
    if !path.exists() {
        return Ok((String::new(), None));
    }
    let head: Head = read_json(path)?;
    Ok((head.title, head.replicas))
}

pub(super) fn read_json<T: for<'de> Deserialize<'de>>(path: PathBuf) -> Result<T, ReportError> {
    let text = fs::read_to_string(&path).map_err(ReportError::file(&path))?;
    serde_json::from_str(&text).map_err(|source| ReportError::BadJson { path, source })
}

/// The order of the file is the author's; a map would sort the names.
fn in_file_order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Headline>, D::Error> {
    struct Entries;
    impl<'de> Visitor<'de> for Entries {
        type Value = Vec<Headline>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a table of headline numbers")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = Vec::new();
            while let Some((name, spread)) = map.next_entry()? {
                found.push(Headline { name, spread });
            }
            Ok(found)
        }
    }
    deserializer.deserialize_map(Entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headline(spread: &str) -> Headline {
        Headline { name: "days_to_full".into(), spread: serde_json::from_str(spread).unwrap() }
    }

    #[test]
    fn a_sentence_says_median_band_and_never() {
        let some = headline(
            r#"{"unit":"d","doc":"Days until it is back.","mean":null,"p05":43,"p50":126.4,"p95":null,"n":200,"n_censored":37}"#,
        );
        assert_eq!(
            some.sentence(),
            "Days until it is back: median 126\u{a0}d, 90\u{a0}% of replicas from 43.0\u{a0}d up, or never; in 37 of 200 replicas never."
        );
        let none = headline(r#"{"unit":"d","doc":"","n":200,"n_censored":200}"#);
        assert_eq!(none.sentence(), "days to full: median never; in 200 of 200 replicas never.");
        let one = headline(r#"{"mean":0.5,"p05":0.5,"p50":0.5,"p95":0.5,"n":1}"#);
        assert_eq!(one.sentence(), "days to full: median 0.500.");
    }

    #[test]
    fn metrics_keep_the_order_of_the_file() {
        let text = r#"{"seed":1,"replicas":2,"later":{"x":[1]},"metrics":{"b":{"n":2},"a":{"n":2}}}"#;
        let summary: Summary = serde_json::from_str(text).unwrap();
        let names: Vec<_> = summary.metrics.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(names, ["b", "a"]);
    }
}
