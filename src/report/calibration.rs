//! A calibration's folder, read back for its charts.

use std::{fs, path::Path};

use serde::Deserialize;

use super::ReportError;
use crate::{
    output::read::Reader,
    study::{
        CALIBRATION,
        calibrate::{Law, Prior},
    },
};

/// Draws that a chart of pairs shows.
const SHOWN: usize = 200;

/// What a posterior's charts are made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior {
    /// In the order of the calibration.
    pub parameters: Vec<Fitted>,
    /// Of each pair, by row and column.
    pub correlations: Vec<Vec<f64>>,
    /// Whether any history comes near the observation; if not, the parameters say nothing of it.
    pub reaches_data: bool,
    /// The scenarios that were fitted together.
    pub episodes: Vec<Predicted>,
    /// Number of simulated histories.
    pub simulated: u64,
    /// Distances of the nearest history from the observation, and of the usual history of the prior from another one, in deviations of the prior.
    pub distances: Option<(f64, f64)>,
}

/// A parameter before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// Its name.
    pub name: String,
    /// Before.
    pub prior: Prior,
    /// The value the observation was made at, if the engine made it.
    pub truth: Option<f64>,
    /// Draws of the posterior.
    pub values: Vec<f64>,
    /// They sum to 1.
    pub weights: Vec<f64>,
    /// Draws that count the same.
    pub even: Vec<f64>,
    /// Posterior median.
    pub median: f64,
    /// The 5 and 95 % quantiles of the posterior.
    pub band: (f64, f64),
    /// By how much the data narrow the prior: 1 minus the ratio of standard deviations.
    pub shrinkage: f64,
    /// The verdict: identified, not identified, or that the fit does not reach the data.
    pub verdict: String,
}

/// An episode as observed and as predicted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Predicted {
    /// Its name.
    pub name: String,
    /// Of each epoch: its first block, days from the start; hashrate observed; the 5, 25, 50, 75 and 95 % quantiles of it
    /// among posterior draws, in EH/s.
    pub epochs: Vec<(f64, f64, [f64; 5])>,
}

/// Ranks of truths, for their chart.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Ranks {
    /// How many truths.
    pub truths: u64,
    /// Of each parameter.
    pub parameters: Vec<Ranked>,
}

/// The ranks of one parameter.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Ranked {
    /// Its name.
    pub name: String,
    /// Ranks in bins of equal width.
    pub bins: Vec<u64>,
    /// How often uniform ranks would be further from even.
    pub p_value: f64,
}

#[derive(Deserialize)]
struct Json {
    parameters: Vec<JsonParameter>,
    #[serde(default = "yes")]
    reaches_data: bool,
    #[serde(default)]
    histories: u64,
    nearest_distance: Option<f64>,
    usual_distance: Option<f64>,
}

/// Folders of earlier versions do not say.
const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
struct JsonParameter {
    name: String,
    prior: JsonPrior,
    p05: f64,
    p50: f64,
    p95: f64,
    shrinkage: f64,
    verdict: String,
    truth: Option<f64>,
}

#[derive(Deserialize)]
struct JsonPrior {
    law: String,
    low: f64,
    high: f64,
    mean: Option<f64>,
    sd: Option<f64>,
}

impl JsonPrior {
    fn prior(&self) -> Prior {
        let law = match (self.law.as_str(), self.mean.zip(self.sd)) {
            ("log_uniform", _) => Law::LogUniform,
            ("normal", Some((mean, sd))) => Law::Normal { mean, sd },
            _ => Law::Uniform,
        };
        Prior { law, low: self.low, high: self.high }
    }
}

fn json<T: for<'de> Deserialize<'de>>(folder: &Path) -> Result<T, ReportError> {
    let path = folder.join(CALIBRATION);
    let text = fs::read(&path).map_err(ReportError::file(&path))?;
    serde_json::from_slice(&text).map_err(|source| ReportError::BadJson { path, source })
}

impl Ranks {
    /// From the folder of a simulation-based calibration.
    ///
    /// # Errors
    /// If `calibration.json` is missing or cannot be understood.
    pub fn read(folder: &Path) -> Result<Self, ReportError> {
        json(folder)
    }
}

impl Posterior {
    /// From a calibration's folder.
    ///
    /// # Errors
    /// If a part of the folder is missing or cannot be understood.
    pub fn read(folder: &Path) -> Result<Self, ReportError> {
        let Json { parameters, reaches_data, histories, nearest_distance, usual_distance } = json(folder)?;
        let mut rows = Reader::open_all(folder, "posterior")?;
        // Draw, weight and distance stand first, then the values, then the adjusted ones.
        let first = 3 + parameters.len();
        let (mut weights, mut values) = (Vec::new(), vec![Vec::new(); parameters.len()]);
        while rows.advance()? {
            weights.push(rows.number(1)?.unwrap_or(0.0));
            for (place, values) in values.iter_mut().enumerate() {
                values.push(required(&rows, first + place)?);
            }
        }
        let chosen = evenly(&weights);
        let parameters = parameters
            .into_iter()
            .zip(values)
            .map(|(parameter, values)| Fitted {
                prior: parameter.prior.prior(),
                name: parameter.name,
                truth: parameter.truth,
                median: parameter.p50,
                band: (parameter.p05, parameter.p95),
                shrinkage: parameter.shrinkage,
                verdict: parameter.verdict,
                even: chosen.iter().map(|&draw| values[draw]).collect(),
                weights: weights.clone(),
                values,
            })
            .collect();
        Ok(Self {
            parameters,
            correlations: correlations(folder)?,
            reaches_data,
            episodes: episodes(folder)?,
            simulated: histories,
            distances: nearest_distance.zip(usual_distance),
        })
    }
}

fn required(rows: &Reader, column: usize) -> Result<f64, ReportError> {
    Ok(rows.number(column)?.ok_or_else(|| rows.bad_row("a number is missing"))?)
}

/// Draws chosen as often as their weights say, evenly spread over them.
fn evenly(weights: &[f64]) -> Vec<usize> {
    let total: f64 = weights.iter().sum();
    let mut chosen = Vec::with_capacity(SHOWN);
    let (mut sum, mut next) = (0.0, 0.5);
    let shown = f64::from(u32::try_from(SHOWN).unwrap_or(u32::MAX));
    for (draw, weight) in weights.iter().enumerate() {
        sum += weight / total * shown;
        while next <= sum {
            chosen.push(draw);
            next += 1.0;
        }
    }
    chosen
}

fn correlations(folder: &Path) -> Result<Vec<Vec<f64>>, ReportError> {
    let mut rows = Reader::open_all(folder, "correlations")?;
    let count = rows.names().count();
    let mut found = Vec::new();
    while rows.advance()? {
        let row: Result<Vec<f64>, ReportError> =
            (1..count).map(|place| Ok(rows.number(place)?.unwrap_or(f64::NAN))).collect();
        found.push(row?);
    }
    Ok(found)
}

const PREDICTIVE: [&str; 8] = [
    "episode",
    "start_days",
    "observed_hashrate_eh_per_s",
    "hashrate_eh_per_s_p05",
    "hashrate_eh_per_s_p25",
    "hashrate_eh_per_s_p50",
    "hashrate_eh_per_s_p75",
    "hashrate_eh_per_s_p95",
];

fn episodes(folder: &Path) -> Result<Vec<Predicted>, ReportError> {
    let mut rows = Reader::open(folder, "predictive", PREDICTIVE)?;
    let mut episodes: Vec<Predicted> = Vec::new();
    while rows.advance()? {
        let name = rows.text(0);
        if episodes.last().is_none_or(|episode| episode.name != name) {
            episodes.push(Predicted { name: name.to_owned(), epochs: Vec::new() });
        }
        let mut quantiles = [f64::NAN; 5];
        for (place, quantile) in quantiles.iter_mut().enumerate() {
            *quantile = rows.number(3 + place)?.unwrap_or(f64::NAN);
        }
        let epoch = (required(&rows, 1)?, required(&rows, 2)?, quantiles);
        if let Some(episode) = episodes.last_mut() {
            episode.epochs.push(epoch);
        }
    }
    Ok(episodes)
}
