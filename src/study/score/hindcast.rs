use super::{
    Ablation, EpochWatch, Reference, Regression, ScoreCard, SeenEpoch,
    card::Evidence,
    other_episodes,
    patterns::{EpisodeRuns, PatternWatch},
    watch::{Running, Watched, watch},
};
use crate::{
    scenario::{Resolved, Scenario},
    study::EnsembleError,
};
use std::convert::Infallible;

/// A hindcast of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hindcast {
    /// The shipped scenario.
    pub episode: &'static str,
    /// Variant of the scenario.
    pub variant: Option<&'static str>,
    /// The origin of its costs, and other differences.
    pub costs: &'static str,
    /// An additional change.
    pub set: Option<&'static str>,
}

const fn hindcast(episode: &'static str, variant: Option<&'static str>, costs: &'static str) -> Hindcast {
    Hindcast { episode, variant, costs, set: None }
}

/// A hindcast in which the trend before the start continues to the end, because orders never run out.
const fn trend(episode: &'static str, variant: Option<&'static str>) -> Hindcast {
    Hindcast { episode, variant, costs: "held out, trend goes on", set: Some("orders.trend.lag_days=3650") }
}

/// A hindcast in which growth and the level of power prices are as uncertain as they were at the time.
const fn uncertain(episode: &'static str) -> Hindcast {
    hindcast(episode, Some("uncertain"), "held out, uncertain")
}

/// A hindcast with costs from a calibration on the other episodes.
const fn calibrated(episode: &'static str) -> Hindcast {
    hindcast(episode, Some("calibrated"), "calibrated on the others")
}

/// The hindcasts of the protocol and of its addendum.
pub const HINDCASTS: [Hindcast; 24] = [
    hindcast("registered/2018-crash", Some("sources"), "held out"),
    hindcast("registered/2020-covid-and-halving", Some("sources"), "held out"),
    hindcast("registered/2020-wet-season", Some("sources"), "held out"),
    hindcast("registered/2021-ban", None, "held out"),
    hindcast("registered/2022-bear", None, "held out"),
    hindcast("registered/2018-crash", None, "in sample"),
    hindcast("registered/2020-covid-and-halving", None, "in sample"),
    hindcast("registered/2020-wet-season", None, "in sample"),
    trend("registered/2018-crash", Some("sources")),
    trend("registered/2020-covid-and-halving", Some("sources")),
    trend("registered/2020-wet-season", Some("sources")),
    trend("registered/2021-ban", None),
    trend("registered/2022-bear", None),
    uncertain("registered/2018-crash"),
    uncertain("registered/2020-covid-and-halving"),
    uncertain("registered/2020-wet-season"),
    uncertain("registered/2021-ban"),
    uncertain("registered/2022-bear"),
    calibrated("registered/2018-crash"),
    calibrated("registered/2020-covid-and-halving"),
    calibrated("registered/2020-wet-season"),
    calibrated("registered/2021-ban"),
    calibrated("registered/2022-bear"),
    hindcast("registered/2022-bear", Some("announced"), "held out, announced orders"),
];

/// The complete epochs of each replica.
///
/// # Errors
/// Fails like [`watch`].
pub(super) fn seen_paths(
    scenario: &Scenario,
    running: Running<'_>,
) -> Result<Watched<Vec<SeenEpoch>>, EnsembleError<Infallible>> {
    Ok(watch(scenario, running, |_| EpochWatch::default())?.map(|history| history.epochs))
}

/// Scores the epochs of the replicas that could be simulated; `None` if no observed epoch is completed in all of them. It also
/// runs the scenario without hysteresis as a baseline, and fits the regression to the other episodes.
///
/// # Errors
/// Fails like [`watch`].
pub(super) fn score_card(
    resolved: &Resolved,
    reference: &Reference,
    (simulated, failed): (&[Vec<SeenEpoch>], u64),
    running: Running<'_>,
) -> Result<Option<ScoreCard>, EnsembleError<Infallible>> {
    let scenario = &resolved.scenario;
    let curve = Ablation::NoHysteresis.applied(scenario);
    let no_hysteresis = seen_paths(curve.as_ref().unwrap_or(scenario), running)?;
    let regression = Regression::fit(&other_episodes(resolved));
    let regression = regression.as_ref();
    Ok(ScoreCard::new(&Evidence { scenario, reference, simulated, failed, no_hysteresis: &no_hysteresis, regression }))
}

/// The histories of an episode, unchanged and with each of its mechanisms switched off.
///
/// # Errors
/// Fails like [`watch`].
pub(super) fn episode_runs(
    episode: &'static str,
    scenario: &Scenario,
    running: Running<'_>,
) -> Result<EpisodeRuns, EnsembleError<Infallible>> {
    let histories = |scenario: &Scenario| watch(scenario, running, PatternWatch::new);
    let mut ablated = Vec::new();
    for ablation in Ablation::ALL {
        if let Some(changed) = ablation.applied(scenario) {
            ablated.push((ablation, histories(&changed)?));
        }
    }
    Ok(EpisodeRuns { episode, written: histories(scenario)?, ablated })
}
