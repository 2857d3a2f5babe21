//! `summary.json`: each metric over the replicas.
//!
//! A replica without the number (it never recovered, say) counts as never, which is later than any day: plus infinity in
//! the order. So a quantile may be null, and where any replica is censored there is no mean.

use std::{fmt, path::Path};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
};

use super::disk::{DiskError, write_whole};
use crate::{
    declare::{Absent, Columns, Metric, NoFall, Values},
    simulation::metrics::METRICS,
};

/// The file of metrics in a result folder.
pub const SUMMARY: &str = "summary.json";

/// How quantiles are defined; stated in the file itself.
const QUANTILE_DEFINITION: &str = "type 7 of Hyndman and Fan (1996): linear between the order statistics around 1 + p (n - 1); \
     a replica without the number counts as never, above all others, and a quantile that depends on such a replica is null";

/// What a run found. Keys of the file that are not listed are passed over, so that a later version's can still be read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Title of the scenario.
    #[serde(default)]
    pub title: String,
    /// What the scenario asks.
    #[serde(default)]
    pub question: String,
    /// Metrics that answer it, by name; empty for the usual ones.
    #[serde(default)]
    pub answers: Vec<String>,
    /// Hash of the scenario as resolved.
    #[serde(default)]
    pub scenario_sha256: String,
    /// Seed of all randomness.
    pub seed: u64,
    /// How many histories were run to their end; the numbers are over these.
    pub replicas: u64,
    /// How many more could not be run.
    #[serde(default)]
    pub failed: u64,
    /// How quantiles are defined.
    #[serde(default)]
    pub quantiles: String,
    /// In the order of the file, which is that of [`METRICS`].
    #[serde(serialize_with = "by_name", deserialize_with = "in_file_order")]
    pub metrics: Vec<Headline>,
}

/// One metric over the replicas.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Headline {
    /// Its key.
    pub name: String,
    /// Its numbers.
    pub spread: Spread,
}

/// Distribution of a metric over replicas, with its unit and meaning. A quantile is `None` where that share of replicas never gets there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// `None` where any replica is censored.
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
    /// Replicas, those without a value included where that means never.
    pub n: u64,
    /// Replicas among these that never get there.
    #[serde(default)]
    pub n_censored: u64,
    /// Replicas beside these that could not be run.
    #[serde(default)]
    pub n_failed: u64,
    /// Empty for a ratio or a count.
    #[serde(default)]
    pub unit: String,
    /// The meaning, in one sentence.
    #[serde(default)]
    pub doc: String,
    /// Replicas in which nothing fell, of a metric that measures a fall.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_fall: Option<NothingFell>,
}

/// Replicas in which nothing fell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NothingFell {
    /// The value of the metric then.
    pub value: f64,
    /// How many replicas they are.
    pub n: u64,
    /// What is said then, without a full stop.
    pub words: String,
}

/// What a summary says of its run beside the numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFacts {
    /// Title of the scenario.
    pub title: String,
    /// What the scenario asks.
    pub question: String,
    /// The metrics that the scenario names as its answers.
    pub answers: Vec<String>,
    /// Hash of the scenario as resolved.
    pub scenario_sha256: String,
    /// Seed of all randomness.
    pub seed: u64,
}

impl Summary {
    /// Sums up the table `replicas`, beside which this number of replicas could not be run.
    #[must_use]
    pub fn of_columns(replicas: &Columns, failed: u64, facts: RunFacts) -> Self {
        let metrics = METRICS
            .iter()
            .map(|metric| (metric, values_of(replicas, metric)))
            .map(|(metric, values)| match metric.absent {
                Absent::Never => (metric, Spread::of(metric, &values)),
                Absent::Unmeasured => {
                    let measured: Vec<_> = values.iter().flatten().copied().map(Some).collect();
                    (metric, Spread::of(metric, &measured))
                }
            })
            .filter(|(_, spread)| spread.n > 0)
            .map(|(metric, spread)| Headline {
                name: metric.name.to_owned(),
                spread: Spread { n_failed: failed, ..spread },
            })
            .collect();
        let RunFacts { title, question, answers, scenario_sha256, seed } = facts;
        Self {
            title,
            question,
            answers,
            scenario_sha256,
            seed,
            replicas: replicas.len() as u64,
            failed,
            quantiles: QUANTILE_DEFINITION.to_owned(),
            metrics,
        }
    }

    /// From the text of `summary.json`.
    ///
    /// # Errors
    /// When it is not of the expected form.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The text of `summary.json`.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "strings and numbers can always be written as JSON")]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings and numbers can be written as JSON") + "\n"
    }

    /// Writes `summary.json` into a folder.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, folder: &Path) -> Result<(), DiskError> {
        write_whole(&folder.join(SUMMARY), self.to_json().as_bytes())
    }
}

impl Spread {
    /// Sums up one value per replica.
    #[must_use]
    pub fn of(metric: &Metric, values: &[Option<f64>]) -> Self {
        let mut sorted: Vec<f64> = values.iter().flatten().copied().collect();
        let n_censored = values.len() - sorted.len();
        // In the order of replicas, before sorting: the same sum as anyone gets who adds up the column.
        let mean = (n_censored == 0 && !sorted.is_empty()).then(|| sorted.iter().sum::<f64>() / count(sorted.len()));
        sorted.sort_by(f64::total_cmp);
        let at = |p| quantile(&sorted, values.len(), p);
        let no_fall = metric.no_fall.map(|NoFall { value, words }| {
            let n = sorted.iter().filter(|&&found| found.total_cmp(&value).is_eq()).count();
            NothingFell { value, n: n as u64, words: words.to_owned() }
        });
        Self {
            mean,
            p05: at(0.05),
            p25: at(0.25),
            p50: at(0.5),
            p75: at(0.75),
            p95: at(0.95),
            n: values.len() as u64,
            n_censored: n_censored as u64,
            n_failed: 0,
            unit: metric.unit.to_owned(),
            doc: metric.doc.to_owned(),
            no_fall,
        }
    }
}

/// The p-quantile of `n` values, of which only those below infinity are in `sorted`; `None` where it is infinite.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list in memory")]
fn quantile(sorted: &[f64], n: usize, p: f64) -> Option<f64> {
    let place = p * count(n.checked_sub(1)?);
    let below = place.floor();
    let fraction = place - below;
    let lower = *sorted.get(below as usize)?;
    // A quantile that falls on one value does not depend on the next.
    if fraction == 0.0 {
        return Some(lower);
    }
    let upper = *sorted.get(below as usize + 1)?;
    Some(lower + fraction * (upper - lower))
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 replicas")]
const fn count(n: usize) -> f64 {
    n as f64
}

/// The values of one metric, in the order of replicas.
fn values_of(replicas: &Columns, metric: &Metric) -> Vec<Option<f64>> {
    let numbers = replicas.get(metric.name).into_iter().flat_map(Values::numbers);
    numbers.map(|number| Some(number).filter(|number| !number.is_nan())).collect()
}

fn by_name<S: Serializer>(metrics: &[Headline], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(metrics.iter().map(|Headline { name, spread }| (name, spread)))
}

/// The order of the file is kept; a map would sort the names.
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
    use crate::{simulation::metrics::Metrics, units::UnixTime};

    fn of(values: &[Option<f64>]) -> Spread {
        Spread::of(&METRICS[1], values)
    }

    /// R: `quantile(c(15, 20, 35, 40, 50), c(.05, .25, .5, .75, .95))`; type 7 is its default.
    #[test]
    fn quantiles_are_those_of_r() {
        let summary = of(&[Some(35.0), Some(15.0), Some(50.0), Some(20.0), Some(40.0)]);
        assert_eq!(summary.mean, Some(32.0));
        assert_eq!(
            [summary.p05, summary.p25, summary.p50, summary.p75, summary.p95],
            [Some(16.0), Some(20.0), Some(35.0), Some(40.0), Some(48.0)]
        );
        assert_eq!((summary.n, summary.n_censored), (5, 0));
        let even = of(&[Some(1.0), Some(4.0), Some(2.0), Some(3.0)]);
        assert_eq!((even.p25, even.p50, even.p75), (Some(1.75), Some(2.5), Some(3.25)));
    }

    #[test]
    fn never_is_later_than_any_day() {
        let summary = of(&[Some(30.0), None, Some(10.0), Some(20.0), None]);
        assert_eq!((summary.mean, summary.n, summary.n_censored), (None, 5, 2));
        // Places 0.2, 1, 2, 3, 3.8 of 10, 20, 30, never, never.
        assert_eq!(
            [summary.p05, summary.p25, summary.p50, summary.p75, summary.p95],
            [Some(12.0), Some(20.0), Some(30.0), None, None]
        );
        // Between a day and never lies never.
        assert_eq!(of(&[Some(1.0), None]).p50, None);
        let never = of(&[None, None]);
        assert_eq!((never.mean, never.p05, never.n_censored), (None, None, 2));
        assert_eq!(of(&[Some(3.5)]).p95, Some(3.5));
    }

    /// Of four replicas two never fell; the number of them is kept, and what it means.
    #[test]
    fn replicas_without_a_fall_are_counted() {
        let summary = of(&[Some(0.0), Some(12.0), Some(0.0), None]);
        assert_eq!(summary.no_fall.map(|none| (none.value, none.n)), Some((0.0, 2)));
        assert_eq!(Spread::of(&METRICS[4], &[Some(0.0)]).no_fall, None, "the lowest day measures no fall");
    }

    #[test]
    fn the_file_keeps_its_order_and_says_null() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut replicas = Columns::of::<Metrics>(UnixTime::default());
        for (first, second) in [("0.5", "5.0"), ("0.25", "7.0"), ("0.75", "")] {
            let others = std::iter::repeat_n("1.0", METRICS.len() - 2);
            replicas.push_texts([first, second].into_iter().chain(others)).expect("they are numbers");
        }
        let facts = RunFacts {
            title: "Crash".to_owned(),
            question: "How far?".to_owned(),
            answers: vec!["days_to_trough".to_owned()],
            scenario_sha256: "ab".to_owned(),
            seed: 42,
        };
        Summary::of_columns(&replicas, 0, facts).write(folder.path()).expect("it can be written");
        let text = std::fs::read_to_string(folder.path().join("summary.json")).expect("it is there");
        let first = format!(
            r#"{{
  "title": "Crash",
  "question": "How far?",
  "answers": [
    "days_to_trough"
  ],
  "scenario_sha256": "ab",
  "seed": 42,
  "replicas": 3,
  "failed": 0,
  "quantiles": "{QUANTILE_DEFINITION}",
  "metrics": {{
    "{}": {{
      "mean": 0.5,
      "p05": 0.275,
      "p25": 0.375,
      "p50": 0.5,
      "p75": 0.625,
      "p95": 0.725,
      "n": 3,
      "n_censored": 0,
      "n_failed": 0,
      "unit": "{}",
      "doc": "{}",
      "no_fall": {{
        "value": 1.0,
        "n": 0,
        "words": "Hashrate never fell below its previous peak"
      }}
    }},
    "{}": {{
      "mean": null,
      "p05": 5.2,
      "p25": 6.0,
      "p50": 7.0,
      "p75": null,
      "p95": null,
      "n": 3,
      "n_censored": 1,
      "n_failed": 0,
"#,
            METRICS[0].name, METRICS[0].unit, METRICS[0].doc, METRICS[1].name
        );
        assert!(text.starts_with(&first), "{text}");
    }
}
