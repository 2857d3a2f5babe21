//! What `summary.json` says of drawn assumptions: which they are, the distribution of each metric, and what the answer hangs on.

use serde::{Deserialize, Serialize};

/// What a run with `[uncertainty]` has drawn and found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Uncertain {
    /// The assumptions that are drawn in each replica.
    pub drawn: Vec<DrawnAssumption>,
    /// How many replicas it takes to rank them, where there are too few.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed: Option<u64>,
    /// By metric of the answer, how it depends on each.
    #[serde(default)]
    pub hangs_on: Vec<HangsOn>,
}

/// An assumption that is drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawnAssumption {
    /// Its name for readers.
    pub name: String,
    /// The key that is set, or the pattern of the keys that are multiplied.
    pub key: String,
    /// Its distribution in words.
    pub prior: String,
    /// Where the distribution comes from.
    pub source: String,
}

/// How one metric depends on the drawn assumptions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HangsOn {
    /// Key of the metric.
    pub metric: String,
    /// Its name for readers.
    pub name: String,
    /// The one that it depends on most, in one sentence.
    pub text: String,
    /// The strongest first.
    pub correlations: Vec<Correlation>,
}

/// The partial rank correlation of a metric with an assumption, the other drawn ones held fixed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// Name of the assumption for readers.
    pub name: String,
    /// Its key or pattern.
    pub key: String,
    /// The coefficient, from -1 to 1.
    pub value: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end of its 95 % interval.
    pub high: f64,
}

/// Distribution of a metric over replicas with drawn assumptions: luck and ignorance together. A quantile is `None` where that share of replicas never
/// gets there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DrawnSpread {
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
    pub n_censored: u64,
}
