//! A scenario held against its history: [`ScoreCard::new`] from what was seen on the real chain ([`Reference`]) and on simulated ones
//! ([`EpochWatch`]), by the protocol of the book.
//!
//! Hashrate is inferred from difficulty and the time between first blocks, of real epochs and of simulated ones by the same
//! [`epoch_hashrate_eh_per_s`](crate::chain::estimate::epoch_hashrate_eh_per_s). Nothing here is known to the engine.

mod ablation;
mod baseline;
mod call;
mod card;
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
pub use card::{BASELINES, BaselineScore, Coverage, EpochScore, Evidence, Law, OutcomeScore, ScoreCard, Skill};
pub use hindcast::{HINDCASTS, Hindcast, episode_runs, score_card, seen_paths};
pub use observed::ObservedRow;
pub use outcomes::{OUTCOMES, Outcomes, is_no_fall};
pub use patterns::{
    EpisodeRuns, PATTERN_REPLICAS, PATTERN_RUNS, Pattern, PatternResult, PatternWatch, all as all_patterns, patterns,
};
pub use reference::{Reference, ReferenceError, Start, whole_epochs};
pub use regression::{EPISODES, Regression, least_squares, other_episodes};
pub use seen::{EpochWatch, SeenEpoch};
pub use skill::{
    BOOTSTRAP_DRAWS, PIT_BINS, block_bootstrap_se, crps, mean, pit, quantile, root_mean_square, standard_deviation,
};

pub use watch::{FailedReplica, Running, Watched, watch};

#[expect(clippy::cast_precision_loss, reason = "a number of epochs or replicas in memory, far below 2^53")]
const fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests;
