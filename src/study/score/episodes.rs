//! Scores over the shipped episodes. They read and write no files.

use super::{
    HINDCASTS, Hindcast, PATTERN_REPLICAS, PATTERN_RUNS, PatternResult, Reference, ScoreCard,
    hindcast::{episode_runs, score_card, seen_paths},
    patterns::pattern_results,
    watch::{Running, Watched},
};
use crate::{
    scenario::load_bundled,
    study::{Failures, StudyError, Work},
};

/// The number of replicas that were tried, and the replicas that could not be simulated and are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Replicas that could not be simulated.
    pub failures: Failures,
    /// Number of all replicas that were tried.
    pub total: u64,
    /// Description of the replicas.
    pub what: &'static str,
}

impl Tried {
    fn new(what: &'static str) -> Self {
        Self { failures: Failures::default(), total: 0, what }
    }

    /// # Errors
    /// When nothing could be run.
    fn or_none_left(self) -> Result<Self, StudyError> {
        if self.failures.count < self.total {
            return Ok(self);
        }
        Err(StudyError::NoneLeft { failures: self.failures, what: self.what })
    }
}

/// The patterns of history, and whether the model reproduces them.
#[derive(Clone, Debug, PartialEq)]
pub struct PatternScores {
    /// Every pattern, in the order of the protocol.
    pub patterns: Vec<PatternResult>,
    /// The replicas from which they were computed.
    pub tried: Tried,
}

/// A hindcast of the protocol, with its scores.
#[derive(Clone, Debug, PartialEq)]
pub struct HindcastScore {
    /// The hindcast.
    pub hindcast: Hindcast,
    /// Scores over the replicas that could be simulated; none if no epoch can be scored.
    pub card: Option<ScoreCard>,
}

/// Every hindcast of the protocol.
#[derive(Clone, Debug, PartialEq)]
pub struct HindcastScores {
    /// The hindcasts, in the order of the protocol.
    pub hindcasts: Vec<HindcastScore>,
    /// The replicas from which they were computed, including the replicas without hysteresis.
    pub tried: Tried,
}

/// Runs every shipped episode, unchanged and with single mechanisms switched off, and reports which patterns of history the model
/// reproduces.
///
/// `changes` apply to every episode, each as `KEY=VALUE`. Each episode has 100 replicas unless a change sets `run.replicas`.
///
/// ```no_run
/// use shakeout::study::{Work, score::score_patterns};
///
/// let found = score_patterns(&["run.replicas=20".to_owned()], &mut Work::new())?;
/// let met = found.patterns.iter().filter(|result| result.pass == Some(true)).count();
/// println!("{met} of {} patterns are met", found.patterns.len());
/// # Ok::<(), shakeout::study::StudyError>(())
/// ```
///
/// # Errors
/// When a change is wrong, no replica can be simulated, or the work is stopped.
pub fn score_patterns(changes: &[String], work: &mut Work<'_>) -> Result<PatternScores, StudyError> {
    let (changes, running) = (with_replicas(changes), Running::of(work));
    let mut tried = Tried::new("replicas of the episodes of patterns");
    let mut runs = Vec::new();
    for episode in PATTERN_RUNS {
        let scenario = load_bundled(episode, &changes, None)?.scenario;
        let run = episode_runs(episode, &scenario, running)?;
        tried.total += run.count(&mut tried.failures);
        runs.push(run);
    }
    Ok(PatternScores { patterns: pattern_results(&runs), tried: tried.or_none_left()? })
}

/// Scores every hindcast of the protocol. `changes` are as in [`score_patterns`].
///
/// ```no_run
/// use shakeout::study::{Work, score::score_hindcasts};
///
/// for found in score_hindcasts(&[], &mut Work::new())?.hindcasts {
///     if let Some(card) = found.card {
///         println!("{}, {}: {:.3}", found.hindcast.episode, found.hindcast.costs, card.rmse_ln_h);
///     }
/// }
/// # Ok::<(), shakeout::study::StudyError>(())
/// ```
///
/// # Errors
/// When a change is wrong, no replica can be simulated, or the work is stopped.
pub fn score_hindcasts(changes: &[String], work: &mut Work<'_>) -> Result<HindcastScores, StudyError> {
    let (changes, running) = (with_replicas(changes), Running::of(work));
    let mut tried = Tried::new("replicas of hindcasts");
    let mut hindcasts = Vec::with_capacity(HINDCASTS.len());
    for hindcast in HINDCASTS {
        let card = scored(hindcast, &changes, running, &mut tried)?;
        hindcasts.push(HindcastScore { hindcast, card });
    }
    Ok(HindcastScores { hindcasts, tried: tried.or_none_left()? })
}

fn with_replicas(changes: &[String]) -> Vec<String> {
    let mut all = changes.to_vec();
    if !changes.iter().any(|change| change.split('=').next().is_some_and(|key| key.trim() == "run.replicas")) {
        all.push(format!("run.replicas={PATTERN_REPLICAS}"));
    }
    all
}

fn scored(
    hindcast: Hindcast,
    changes: &[String],
    running: Running<'_>,
    tried: &mut Tried,
) -> Result<Option<ScoreCard>, StudyError> {
    let Hindcast { episode, variant, costs, set } = hindcast;
    let changes: Vec<String> = changes.iter().cloned().chain(set.map(str::to_owned)).collect();
    let resolved = load_bundled(episode, &changes, variant)?;
    let reference = Reference::new(&resolved.scenario, resolved.observed.as_ref())
        .map_err(|error| StudyError::Bug(format!("{episode}: {error}")))?;
    let simulated = seen_paths(&resolved.scenario, running)?;
    let (what, replicas) = (format!("{episode}, {costs}"), resolved.scenario.run.replicas);
    tried.total += replicas;
    simulated.count(&what, &mut tried.failures);
    let card = score_card(&resolved, &reference, (&simulated.histories, simulated.failed.len() as u64), running)?;
    if let Some(card) = &card {
        tried.total += replicas;
        let baseline = Watched::<()> { histories: Vec::new(), failed: card.no_hysteresis_failed.clone() };
        baseline.count(&format!("{what}, no hysteresis"), &mut tried.failures);
    }
    Ok(card)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn episodes_have_a_hundred_replicas_unless_a_change_says_otherwise() {
        let of = |changes: &[&str]| with_replicas(&changes.iter().map(|&change| change.to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["run.seed=3"]), ["run.seed=3", "run.replicas=100"]);
        assert_eq!(of(&["run.replicas = 4"]), ["run.replicas = 4"]);
    }
}
