use std::collections::BTreeMap;

use super::{
    ELASTICITY, FailedReplica, OUTCOMES, Outcomes, PIT_BINS, Reference, Regression, SeenEpoch, Supply,
    block_bootstrap_se, crps, mean, pit, quantile, root_mean_square, skill::count, watch::Watched,
};
use crate::{
    chain::estimate::POISSON_NOISE,
    random::{Purpose, name_hash, stream},
    scenario::Scenario,
};
use serde::Serialize;

/// The baselines, in the order in which they are reported.
pub const BASELINES: [&str; 5] =
    ["constant", "random_walk_with_drift", "constant_elasticity", "no_hysteresis", "regression"];

/// The data from which a score is computed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<'a> {
    /// The scenario that was simulated.
    pub scenario: &'a Scenario,
    /// The observed history.
    pub reference: &'a Reference,
    /// Complete epochs of each replica that could be simulated.
    pub simulated: &'a [Vec<SeenEpoch>],
    /// Number of replicas that could not be simulated.
    pub failed: u64,
    /// Epochs of the scenario without hysteresis.
    pub no_hysteresis: &'a Watched<Vec<SeenEpoch>>,
    /// The regression on the other episodes, if there are any.
    pub regression: Option<&'a Regression>,
}

/// The scores of a scenario compared with its history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoreCard {
    /// Title of the scenario.
    pub title: String,
    /// Seed of the run.
    pub seed: u64,
    /// Number of replicas simulated to the end.
    pub replicas: usize,
    /// Number of replicas that could not be simulated.
    pub failed: u64,
    /// Replicas of the baseline without hysteresis that could not be simulated; the baseline uses the others.
    pub no_hysteresis_failed: Vec<FailedReplica>,
    /// Number of epochs scored: the epochs after the start that every replica completes.
    pub scored_epochs: usize,
    /// Number of observed epochs that not every replica completes.
    pub unscored_epochs: usize,
    /// Relative standard deviation of an epoch's hashrate caused by the randomness of blocks alone.
    pub poisson_noise: f64,
    /// Root mean square, over epochs, of the error: mean ln hashrate over replicas, minus the observation.
    pub rmse_ln_h: f64,
    /// Mean of that error.
    pub bias_ln_h: f64,
    /// Mean continuous ranked probability score of ln hashrate.
    pub crps: f64,
    /// Coverage of the bands of ln hashrate.
    pub coverage: Coverage,
    /// Histogram of PIT values of ln hashrate, in ten bins from 0 to 1.
    pub pit: [usize; PIT_BINS],
    /// Scores of the logarithm of the next difficulty over this one.
    pub retarget: Skill,
    /// Summary statistics of the episode.
    pub outcomes: BTreeMap<&'static str, OutcomeScore>,
    /// Scores of the baselines, by name from [`BASELINES`]; none if a baseline cannot be computed.
    pub baselines: BTreeMap<&'static str, Option<BaselineScore>>,
    /// Scores of each epoch.
    pub path: Vec<EpochScore>,
}

/// Scores of a forecast, over all scored epochs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Skill {
    /// Root mean square of the error: mean over replicas, minus the observation.
    pub rmse: f64,
    /// Mean of that error.
    pub bias: f64,
    /// Mean continuous ranked probability score.
    pub crps: f64,
    /// Share of observations within bands.
    pub coverage: Coverage,
    /// Histogram of PIT values, in ten bins from 0 to 1.
    pub pit: [usize; PIT_BINS],
}

/// Share of observations within the bands of the ensemble.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Coverage {
    /// Between the quantiles 25 % and 75 %.
    #[serde(rename = "50")]
    pub half: f64,
    /// Between the quantiles 5 % and 95 %.
    #[serde(rename = "90")]
    pub most: f64,
}

/// An outcome and its observed value. A quantile is none if the outcome is never reached in that share of replicas.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OutcomeScore {
    /// Unit; empty for a ratio.
    pub unit: &'static str,
    /// Observed value; none if it was never reached.
    pub observed: Option<f64>,
    /// 5 % quantile over replicas.
    pub p05: Option<f64>,
    /// Median over replicas.
    pub p50: Option<f64>,
    /// 95 % quantile over replicas.
    pub p95: Option<f64>,
}

/// Errors of a baseline for ln hashrate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BaselineScore {
    /// Root mean square error.
    pub rmse_ln_h: f64,
    /// Mean CRPS; for a point forecast it is the mean absolute error.
    pub crps: f64,
    /// RMSE of the model minus RMSE of the baseline: negative if the model is better.
    pub model_less_baseline: f64,
    /// Standard error of that difference, by a moving-block bootstrap over epochs.
    pub standard_error: Option<f64>,
    /// The law of the baseline, if it is log-linear.
    pub law: Option<Law>,
}

/// A log-linear law, with the data on which it was fitted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Law {
    /// Intercept of ln(H/H_0).
    pub intercept: f64,
    /// Elasticity to x/x_0.
    pub elasticity: f64,
    /// Drift, 1/day.
    pub drift_per_day: f64,
    /// The episodes on which it was fitted; empty if it was not fitted.
    pub fitted_on: Vec<String>,
}

/// Scores of one epoch.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EpochScore {
    /// Height of its first block.
    pub height: u64,
    /// Observed header time of its first block.
    pub start_time_utc: String,
    /// Observed hashrate, inferred from the chain, EH/s.
    pub observed_eh_per_s: f64,
    /// Exponential of the mean over replicas of ln hashrate, EH/s.
    pub mean_eh_per_s: f64,
    /// Quantiles over replicas at 5, 25, 50, 75 and 95 %, EH/s.
    pub quantiles_eh_per_s: [f64; 5],
    /// Mean ln hashrate over replicas, minus the observation.
    pub error_ln_h: f64,
    /// CRPS of ln hashrate.
    pub crps: f64,
    /// PIT value of ln hashrate.
    pub pit: f64,
    /// Observed next difficulty over this one.
    pub observed_retarget: f64,
    /// Exponential of the mean over replicas of the logarithm of the next difficulty over this one.
    pub mean_retarget: f64,
    /// Median difficulty over replicas.
    pub median_difficulty: f64,
    /// Hashrate of the baselines, EH/s.
    pub baselines_eh_per_s: BTreeMap<&'static str, f64>,
}

const SHARES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// The sorted values of the replicas in one epoch.
struct Ensemble {
    sorted: Vec<f64>,
    observed: f64,
}

impl Ensemble {
    fn error(&self) -> f64 {
        mean(&self.sorted) - self.observed
    }

    fn is_within(&self, low: f64, high: f64) -> bool {
        (quantile(&self.sorted, low)..=quantile(&self.sorted, high)).contains(&self.observed)
    }
}

impl Skill {
    fn of(epochs: &[Ensemble]) -> Self {
        let errors: Vec<f64> = epochs.iter().map(Ensemble::error).collect();
        let scores: Vec<f64> = epochs.iter().map(|epoch| crps(&epoch.sorted, epoch.observed)).collect();
        let within =
            |low, high| count(epochs.iter().filter(|epoch| epoch.is_within(low, high)).count()) / count(epochs.len());
        let mut bins = [0; PIT_BINS];
        for epoch in epochs {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 10")]
            let bin = (pit(&epoch.sorted, epoch.observed) * count(PIT_BINS)) as usize;
            bins[bin.min(PIT_BINS - 1)] += 1;
        }
        Self {
            rmse: root_mean_square(&errors),
            bias: mean(&errors),
            crps: mean(&scores),
            coverage: Coverage { half: within(0.25, 0.75), most: within(0.05, 0.95) },
            pit: bins,
        }
    }
}

/// The epoch of each path at a height; `None` if a path has no such epoch.
fn at_height(paths: &[Vec<SeenEpoch>], height: u64) -> Option<Vec<SeenEpoch>> {
    let found = |path: &Vec<SeenEpoch>| path.iter().find(|epoch| epoch.height == height).copied();
    (!paths.is_empty()).then(|| paths.iter().map(found).collect())?
}

fn ensembles(paths: &[Vec<SeenEpoch>], scored: &[SeenEpoch], value: fn(&SeenEpoch) -> f64) -> Option<Vec<Ensemble>> {
    let at = |real: &SeenEpoch| {
        let mut sorted: Vec<f64> = at_height(paths, real.height)?.iter().map(value).collect();
        sorted.sort_by(f64::total_cmp);
        Some(Ensemble { sorted, observed: value(real) })
    };
    scored.iter().map(at).collect()
}

impl ScoreCard {
    /// Scores a run; `None` if no observed epoch is completed in every replica.
    pub(super) fn new(evidence: &Evidence<'_>) -> Option<Self> {
        let Evidence { scenario, reference, simulated, .. } = *evidence;
        let all = &reference.epochs;
        let scored: Vec<SeenEpoch> =
            all.iter().take_while(|epoch| at_height(simulated, epoch.height).is_some()).copied().collect();
        if scored.is_empty() {
            return None;
        }
        let hashrates = ensembles(simulated, &scored, SeenEpoch::ln_hashrate)?;
        let retargets = ensembles(simulated, &scored, |epoch| libm::log(epoch.retarget))?;
        let errors: Vec<f64> = hashrates.iter().map(Ensemble::error).collect();
        let mut baselines = BTreeMap::new();
        let mut forecasts = BTreeMap::new();
        for name in BASELINES {
            let (paths, law) = baseline(name, evidence);
            let found = ensembles(&paths, &scored, SeenEpoch::ln_hashrate);
            baselines.insert(name, found.as_ref().map(|found| against(name, &errors, found, law, scenario.run.seed)));
            if let Some(found) = found {
                forecasts.insert(name, found.iter().map(|epoch| libm::exp(mean(&epoch.sorted))).collect::<Vec<_>>());
            }
        }
        let path = (0..scored.len()).map(|place| {
            let (real, hashrate) = (&scored[place], &hashrates[place]);
            let mut difficulties: Vec<f64> =
                at_height(simulated, real.height).unwrap_or_default().iter().map(|epoch| epoch.difficulty).collect();
            difficulties.sort_by(f64::total_cmp);
            EpochScore {
                height: real.height,
                start_time_utc: scenario.chain.start.after(real.start).to_string(),
                observed_eh_per_s: real.hashrate_eh_per_s,
                mean_eh_per_s: libm::exp(mean(&hashrate.sorted)),
                quantiles_eh_per_s: SHARES.map(|share| libm::exp(quantile(&hashrate.sorted, share))),
                error_ln_h: hashrate.error(),
                crps: crps(&hashrate.sorted, hashrate.observed),
                pit: pit(&hashrate.sorted, hashrate.observed),
                observed_retarget: real.retarget,
                mean_retarget: libm::exp(mean(&retargets[place].sorted)),
                median_difficulty: quantile(&difficulties, 0.5),
                baselines_eh_per_s: forecasts.iter().map(|(name, values)| (*name, values[place])).collect(),
            }
        });
        let skill = Skill::of(&hashrates);
        Some(Self {
            title: scenario.title.clone(),
            seed: scenario.run.seed,
            replicas: simulated.len(),
            failed: evidence.failed,
            no_hysteresis_failed: evidence.no_hysteresis.failed.clone(),
            scored_epochs: scored.len(),
            unscored_epochs: all.len() - scored.len(),
            poisson_noise: POISSON_NOISE,
            rmse_ln_h: skill.rmse,
            bias_ln_h: skill.bias,
            crps: skill.crps,
            coverage: skill.coverage,
            pit: skill.pit,
            retarget: Skill::of(&retargets),
            outcomes: outcomes(simulated, &scored),
            path: path.collect(),
            baselines,
        })
    }
}

/// The paths of a baseline, and its law.
fn baseline(name: &str, evidence: &Evidence<'_>) -> (Vec<Vec<SeenEpoch>>, Option<Law>) {
    let start = &evidence.reference.start;
    let drift = start.drift_per_day;
    let (supply, fitted_on) = match name {
        "constant" => (Some(Supply::default()), Vec::new()),
        "random_walk_with_drift" => {
            (drift.map(|drift_per_day| Supply { drift_per_day, ..Supply::default() }), Vec::new())
        }
        "constant_elasticity" => (
            drift.map(|drift_per_day| Supply { drift_per_day, elasticity: ELASTICITY, ..Supply::default() }),
            Vec::new(),
        ),
        "regression" => {
            evidence.regression.map_or_else(|| (None, Vec::new()), |fit| (Some(fit.supply), fit.episodes.clone()))
        }
        _ => return (evidence.no_hysteresis.histories.clone(), None),
    };
    let Some(supply) = supply else { return (Vec::new(), None) };
    let Supply { intercept, elasticity, drift_per_day } = supply;
    (vec![supply.path(evidence.scenario, start)], Some(Law { intercept, elasticity, drift_per_day, fitted_on }))
}

fn against(name: &str, errors: &[f64], found: &[Ensemble], law: Option<Law>, seed: u64) -> BaselineScore {
    let others: Vec<f64> = found.iter().map(Ensemble::error).collect();
    let scores: Vec<f64> = found.iter().map(|epoch| crps(&epoch.sorted, epoch.observed)).collect();
    let mut random = stream(seed, 0, Purpose::Bootstrap, name_hash(name));
    BaselineScore {
        rmse_ln_h: root_mean_square(&others),
        crps: mean(&scores),
        model_less_baseline: root_mean_square(errors) - root_mean_square(&others),
        standard_error: block_bootstrap_se(errors, &others, &mut random),
        law,
    }
}

fn outcomes(simulated: &[Vec<SeenEpoch>], scored: &[SeenEpoch]) -> BTreeMap<&'static str, OutcomeScore> {
    let first = scored.first().map_or(0, |epoch| epoch.height);
    let last = scored.last().map_or(0, |epoch| epoch.height);
    let of = |path: &[SeenEpoch]| {
        let path: Vec<SeenEpoch> =
            path.iter().filter(|epoch| (first..=last).contains(&epoch.height)).copied().collect();
        Outcomes::of(&path)
    };
    let Some(observed) = of(scored) else { return BTreeMap::new() };
    let replicas: Vec<Outcomes> = simulated.iter().filter_map(|path| of(path)).collect();
    let score = |place: usize| {
        // An event that never occurs counts as later than any day.
        let mut values: Vec<f64> =
            replicas.iter().map(|outcomes| outcomes.values()[place].unwrap_or(f64::INFINITY)).collect();
        values.sort_by(f64::total_cmp);
        let at = |share| Some(quantile(&values, share)).filter(|value| value.is_finite());
        let (name, unit) = OUTCOMES[place];
        let observed = observed.values()[place];
        (name, OutcomeScore { unit, observed, p05: at(0.05), p50: at(0.5), p95: at(0.95) })
    };
    (0..OUTCOMES.len()).map(score).collect()
}
