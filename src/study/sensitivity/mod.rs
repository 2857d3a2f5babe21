//! Sensitivity analysis: estimators of the importance of factors from the results of a [`Design`](super::Design)'s points, each a
//! pure function.
//!
//! | design | function | columns as `SALib` names them |
//! |---|---|---|
//! | morris | [`morris`] | mu, `mu_star`, sigma, `mu_star_conf` |
//! | sobol | [`sobol`] | S1, `S1_conf`, ST, `ST_conf` |
//! | sobol-second-order | [`sobol`], [`sobol_pairs`] | the same, and S2, `S2_conf` of pairs |
//! | grid | [`level_means`] | (`SALib` has none) |
//! | latin-hypercube, list | [`prcc`] | (`SALib` has none) |
//! | any, with replicas | [`seed_shares`] | S1 and ST of the seed |
//!
//! Results are means over replicas, which share their random numbers across points. As a function of the factors they are
//! therefore as smooth as a single replica, and noise between points does not blur the indices. [`seed_shares`] measures how much
//! the choice of seeds matters.

use super::estimate::{count, mean, standard_deviation};
pub use super::{
    estimate::{EstimateError, is_constant},
    prcc::{Prcc, hangs_on, points_needed, prcc},
};

mod analysis;
mod bootstrap;
mod cells;
mod level_means;
mod morris;
mod runs;
mod seed_shares;
pub(super) mod sheet;
mod sobol;

pub(super) use analysis::write_ranking;
pub use analysis::{Analysis, RANKING, Ranking, Row, WIDEST, sensitivity};
pub use bootstrap::RESAMPLES;
pub use cells::PAIR;
pub use level_means::{LevelMeans, level_means};
pub use morris::{MorrisIndex, morris};
use runs::Runs;
pub use seed_shares::{SeedShares, seed_shares};
pub use sobol::{SobolIndex, WithWidth, sobol, sobol_pairs};

#[cfg(test)]
mod tests;
