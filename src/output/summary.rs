//! `summary.json`: each metric over the replicas.
//!
//! A replica without the number (it never recovered, say) counts as never, which is later than any day: plus infinity in
//! the order. So a quantile may be null, and where any replica is censored there is no mean.

use std::{fmt, path::Path};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
};

use super::{
    disk::{DiskError, write_whole},
    uncertain::{DrawnAssumption, DrawnSpread, Uncertain},
};
use crate::{
    declare::{Absent, Columns, Metric, NoFall, Values},
    scenario::{Scenario, assumed_metrics, idle_metrics},
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
    /// The answer in sentences.
    #[serde(default)]
    pub sentences: Vec<Sentence>,
    /// What was drawn in each replica, and what the answer hangs on, where assumptions were drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertain: Option<Uncertain>,
    /// In the order of the file, which is that of [`METRICS`].
    #[serde(serialize_with = "by_name", deserialize_with = "in_file_order")]
    pub metrics: Vec<Headline>,
}

/// A metric in one sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// Key of the metric.
    pub metric: String,
    /// The sentence.
    pub text: String,
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
    /// The setting that its value follows from, though it varies, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumed: Option<String>,
    /// Why it is the same in every history of this scenario, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle: Option<String>,
    /// The distribution over the histories with drawn assumptions, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertain: Option<DrawnSpread>,
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

/// Values this close to the one without a fall are not told apart from it: sums of sales that cancel leave such remainders.
const CLOSE: f64 = 1e-7;

impl NothingFell {
    /// Whether a value means that nothing fell.
    #[must_use]
    pub fn is_at(&self, value: f64) -> bool {
        (value - self.value).abs() < CLOSE
    }
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
    /// Metrics that are the same in every history of the scenario, and why.
    pub idle: Vec<(&'static str, &'static str)>,
    /// Metrics whose value follows from a setting, and the setting.
    pub assumed: Vec<(&'static str, &'static str)>,
    /// The assumptions that are drawn in each replica; none without `[uncertainty]`.
    pub drawn: Vec<DrawnAssumption>,
}

impl RunFacts {
    /// What is known of a run from its scenario.
    #[must_use]
    pub fn new(scenario: &Scenario, scenario_sha256: String) -> Self {
        Self {
            title: scenario.title.clone(),
            question: scenario.question.clone(),
            answers: scenario.answers.clone(),
            scenario_sha256,
            seed: scenario.run.seed,
            idle: idle_metrics(scenario),
            assumed: assumed_metrics(scenario),
            drawn: Vec::new(),
        }
    }
}

impl Summary {
    /// Sums up the table `replicas`, beside which this number of replicas could not be run.
    #[must_use]
    pub fn of_columns(replicas: &Columns, failed: u64, facts: RunFacts) -> Self {
        let RunFacts { title, question, answers, scenario_sha256, seed, idle, assumed, drawn } = facts;
        let why = |list: &[(&str, &str)], name: &str| {
            list.iter().find(|(metric, _)| *metric == name).map(|(_, why)| (*why).to_owned())
        };
        let metrics = METRICS
            .iter()
            .map(|metric| (metric, Spread::of_columns(metric, replicas)))
            .filter(|(_, spread)| spread.n > 0)
            .map(|(metric, spread)| Headline {
                name: metric.name.to_owned(),
                spread: Spread {
                    n_failed: failed,
                    idle: why(&idle, metric.name),
                    assumed: why(&assumed, metric.name),
                    ..spread
                },
            })
            .collect();
        let found = Self {
            title,
            question,
            answers,
            scenario_sha256,
            seed,
            replicas: replicas.len() as u64,
            failed,
            quantiles: QUANTILE_DEFINITION.to_owned(),
            sentences: Vec::new(),
            uncertain: (!drawn.is_empty()).then(|| Uncertain { drawn, ..Uncertain::default() }),
            metrics,
        };
        found.restated()
    }

    /// With the distributions over the metrics of histories with drawn assumptions, the table `uncertain`.
    #[must_use]
    pub fn with_drawn(mut self, uncertain: &Columns) -> Self {
        for headline in &mut self.metrics {
            let metric = METRICS.iter().find(|metric| metric.name == headline.name);
            headline.spread.uncertain = metric.map(|metric| Spread::of_columns(metric, uncertain).into());
        }
        self.restated()
    }

    /// With sentences that state its present numbers.
    fn restated(self) -> Self {
        Self { sentences: self.in_sentences(), ..self }
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

impl From<Spread> for DrawnSpread {
    fn from(spread: Spread) -> Self {
        let Spread { p05, p25, p50, p75, p95, n, n_censored, .. } = spread;
        Self { p05, p25, p50, p75, p95, n, n_censored }
    }
}

impl Spread {
    /// Sums up a metric over the replicas of a table.
    fn of_columns(metric: &Metric, replicas: &Columns) -> Self {
        let values = values_of(replicas, metric);
        match metric.absent {
            Absent::Never => Self::of(metric, &values),
            Absent::Unmeasured => {
                let measured: Vec<_> = values.iter().flatten().copied().map(Some).collect();
                Self::of(metric, &measured)
            }
        }
    }

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
            let none = NothingFell { value, n: 0, words: words.to_owned() };
            NothingFell { n: sorted.iter().filter(|&&found| none.is_at(found)).count() as u64, ..none }
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
            idle: None,
            assumed: None,
            uncertain: None,
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
pub(crate) fn values_of(replicas: &Columns, metric: &Metric) -> Vec<Option<f64>> {
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
mod tests;
