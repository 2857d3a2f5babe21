use super::tree::Place;
use crate::declare::{Law, params, usual};

params! {
    /// The parameters that are fitted to history, and how: `[calibrate]` of a scenario.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Calibration {
        /// Number of particles per generation.
        population: u64 = 500, source("design"), within(20.0, 1e6);
        /// Maximum number of generations; the first is drawn from the prior.
        generations: u64 = 8, source("design"), within(1.0, 100.0);
        /// Quantile of one generation's distances that becomes the tolerance of the next.
        quantile: f64 = 0.5, source("design"), within(0.05, 0.95);
        /// Minimum acceptance rate: sampling ends when the accepted share of simulations falls below it.
        least_acceptance: f64 = 0.01, source("design"), within(1e-5, 0.9);
        /// Number of posterior draws that are simulated again for the posterior predictive.
        predictive: u64 = 200, source("design"), within(1.0, 1e6);
        /// Observed ratio of coins sold to coins mined, with which the summary `sold_share` is compared.
        sold_share: Option<f64> => sold_share_observed, within(0.0, 1000.0);
        /// Names of summaries with their places; empty for the usual ones.
        summaries: Vec<(String, Option<Place>)> => |_, _| Vec::new();
        /// In the order of declaration; empty for the usual ones.
        priors: Vec<DeclaredPrior> => |_, _| Vec::new();
    }
}

impl Default for Calibration {
    fn default() -> Self {
        usual()
    }
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

/// The message if a key has no prior.
#[must_use]
pub fn no_prior(key: &str) -> String {
    format!(
        "`{key}` is declared without a prior, so its range must be given; `shakeout explain` shows the priors of keys"
    )
}
