//! Compares a scenario with its history: [`score()`] for one scenario, [`score_patterns`] and [`score_hindcasts`] for the shipped
//! episodes. A [`ScoreCard`] is computed from the observed chain ([`Reference`]) and from simulated chains ([`EpochWatch`]), by
//! the protocol of the book.
//!
//! Hashrate is inferred from difficulty and the time between first blocks, for observed and simulated epochs with the same
//! [`epoch_hashrate_eh_per_s`](crate::chain::estimate::epoch_hashrate_eh_per_s). The engine does not use this module.

mod ablation;
mod baseline;
mod call;
mod card;
mod episodes;
mod hindcast;
mod observed;
mod outcomes;
mod patterns;
mod reference;
mod regression;
mod seen;
mod skill;
mod watch;

pub use ablation::Ablation;
pub use baseline::{ELASTICITY, Supply};
pub use call::{SCORE, Scoring, score};
pub use card::{BASELINES, BaselineScore, Coverage, EpochScore, Law, OutcomeScore, ScoreCard, Skill};
pub use episodes::{HindcastScore, HindcastScores, PatternScores, Tried, score_hindcasts, score_patterns};
pub use hindcast::{HINDCASTS, Hindcast};
pub use observed::ObservedRow;
pub use outcomes::{OUTCOMES, Outcomes, is_no_fall};
pub use patterns::{PATTERN_REPLICAS, PATTERN_RUNS, Pattern, PatternResult, all as all_patterns};
pub use reference::{Reference, ReferenceError, Start, whole_epochs};
pub use regression::{EPISODES, Regression, least_squares, other_episodes};
pub use seen::{EpochWatch, SeenEpoch, seen_epochs};
pub use skill::{
    BOOTSTRAP_DRAWS, PIT_BINS, block_bootstrap_se, crps, mean, pit, quantile, root_mean_square, standard_deviation,
};

pub use watch::FailedReplica;

#[cfg(test)]
mod tests;
