//! Calibration: fits parameters to observed history by approximate Bayesian computation. All random numbers are addressed, so
//! results are reproducible.
//!
//! [`Sampler`] draws generations of parameters whose simulated histories come closer and closer to the observed one
//! ([`Distance`]). [`adjusted`] corrects the last generation by regression. [`marginals`], [`correlations`] and [`profile`]
//! describe the posterior. [`RankTest`] tests whether the whole procedure is calibrated. None of these depends on the model that
//! is simulated.

mod adjust;
mod calibrated;
mod declared;
mod distance;
mod episode;
mod fit;
mod kernel;
mod observed;
mod parameters;
mod posterior;
mod prior;
mod rank;
mod ranks;
mod reach;
mod sample;
pub(super) mod sheets;
mod smc;
mod solve;
mod summaries;
mod tables;

pub use crate::scenario::Law;
pub use adjust::{Adjusted, adjusted};
pub use declared::{Declared, declared, refused};
pub use distance::Distance;
pub use episode::Episode;
pub use fit::{CalibrateOptions, FittedFolder, Fitting, calibrate};
pub use observed::observed_history;
pub use parameters::{Parameter, Setter, named_values};
pub use posterior::{
    IDENTIFIED_FROM, Marginal, PROFILE_PARTS, ProfilePart, SHARES, choose, correlations, marginals, profile,
    weighted_quantile,
};
pub use prior::Prior;
pub use ranks::{DRAWS as RANK_DRAWS, RankTest, upper_gamma};
pub use reach::Reach;
pub use sample::Posterior;
pub use smc::{
    Ending, FailedAttempt, Generation, Outcome, Particle, Proposal, SampleError, Sampler, Settings, Simulator,
    effective_size,
};
pub use summaries::{History, Summary};

#[expect(clippy::cast_precision_loss, reason = "a number of values in memory, far below 2^53")]
const fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests;
