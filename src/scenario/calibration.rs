use super::tree::Place;

/// Which parameters are fitted to history, and how: `[calibrate]` of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// In the order they are declared; empty where the usual ones are meant.
    pub priors: Vec<DeclaredPrior>,
    /// Names of summaries, each with where it is written; empty where the usual ones are meant.
    pub summaries: Vec<(String, Option<Place>)>,
    /// Coins sold over coins mined, as observed.
    pub sold_share: Option<f64>,
    /// Particles of a generation.
    pub population: u64,
    /// Most generations, that of the prior included.
    pub generations: u64,
    /// Which quantile of distances is the next tolerance.
    pub quantile: f64,
    /// Sampling ends below this share of accepted simulations.
    pub least_acceptance: f64,
    /// Posterior draws that are simulated anew.
    pub predictive: u64,
}

/// A parameter and what is believed of it before.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredPrior {
    /// Its name in tables and charts.
    pub name: String,
    /// What it sets.
    pub target: Target,
    /// Where that is written.
    pub target_at: Option<Place>,
    /// The shape of the prior.
    pub law: Law,
    /// The least value.
    pub low: f64,
    /// The greatest value.
    pub high: f64,
    /// Where the prior is written.
    pub law_at: Option<Place>,
}

/// What a parameter sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target<T = String> {
    /// The value of a key.
    Key(T),
    /// A factor on the values of all keys of this form, in which `*` stands for any one part.
    Scales(T),
}

/// The shape of a prior between its ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// The parameter is uniform.
    Uniform,
    /// Its logarithm is uniform.
    LogUniform,
    /// Normal, cut off at the ends.
    Normal {
        /// Mean before it is cut off, in the parameter's unit.
        mean: f64,
        /// Standard deviation before it is cut off, in the parameter's unit.
        sd: f64,
    },
}

impl Calibration {
    /// What holds where no `[calibrate]` is written.
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
