use super::tree::Place;
use crate::declare::Law;

/// The parameters that are fitted to history, and how: `[calibrate]` of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// In the order of declaration; empty for the usual ones.
    pub priors: Vec<DeclaredPrior>,
    /// Names of summaries with their places; empty for the usual ones.
    pub summaries: Vec<(String, Option<Place>)>,
    /// Observed ratio of coins sold to coins mined.
    pub sold_share: Option<f64>,
    /// Particles of a generation.
    pub population: u64,
    /// Maximum number of generations, including that of the prior.
    pub generations: u64,
    /// Quantile of the distances that becomes the next tolerance.
    pub quantile: f64,
    /// Share of accepted simulations below which sampling ends.
    pub least_acceptance: f64,
    /// Number of posterior draws that are simulated again.
    pub predictive: u64,
}

/// A parameter and its prior.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredPrior {
    /// Its name in tables and charts.
    pub name: String,
    /// Its target.
    pub target: Target,
    /// Place of the target.
    pub target_at: Option<Place>,
    /// The shape of the prior.
    pub law: Law,
    /// Minimum.
    pub low: f64,
    /// Maximum.
    pub high: f64,
    /// Place of the prior.
    pub law_at: Option<Place>,
}

/// The target of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target<T = String> {
    /// The value of a key.
    Key(T),
    /// A factor on the values of all keys of this form, in which `*` stands for any one part.
    Scales(T),
}

impl Calibration {
    /// The values of a scenario without `[calibrate]`.
    pub const USUAL: Self = Self {
        priors: Vec::new(),
        summaries: Vec::new(),
        sold_share: None,
        population: 500,
        generations: 8,
        quantile: 0.5,
        least_acceptance: 0.01,
        predictive: 200,
    };
}
