//! The results of a calibration: the tables computed from its finished samples, and `calibration.json`.

use std::{fmt::Write as _, path::Path};

use super::{
    Adjusted, Ending, Episode, Generation, History, IDENTIFIED_FROM, Law, Marginal, Parameter, Prior, Reach, SHARES,
    Sampler, adjusted, correlations, effective_size, marginals, profile,
    sheets::{CORRELATIONS, GENERATIONS, PARAMETERS, POSTERIOR, PREDICTIVE, PROFILE, SUMMARIES},
    tables::Predicted,
    weighted_quantile,
};
use crate::output::{
    csv::{Cell, header, write_row},
    disk::{DiskError, write_whole},
};
use crate::study::CALIBRATION;
use serde_json::{Value, json};

/// A finished calibration.
#[derive(Debug)]
pub struct Calibrated<'a> {
    /// The fitted parameters.
    pub parameters: &'a [Parameter],
    /// The episodes that the parameters are fitted to.
    pub episodes: &'a [Episode<'a>],
    /// The observed history of each episode.
    pub observed: &'a [History],
    /// The true parameter values if the observation was simulated; `None` for real data.
    pub truth: Option<&'a [f64]>,
    space: &'a [Prior],
    generations: &'a [Generation],
    ending: Ending,
    /// Distances of the prior draws.
    prior_distances: Vec<f64>,
    scale: Vec<Option<f64>>,
    /// Whether the simulated histories reach the data.
    pub reach: Reach,
    /// The posterior draws after the regression.
    pub draws: Adjusted,
    /// The marginal posterior of each parameter.
    pub marginals: Vec<Marginal>,
    correlations: Vec<Vec<f64>>,
}

impl<'a> Calibrated<'a> {
    /// Computes the results from the generations sampled; `None` until the prior generation is finished.
    #[must_use]
    pub fn new(
        parameters: &'a [Parameter],
        (episodes, observed): (&'a [Episode<'a>], &'a [History]),
        truth: Option<&'a [f64]>,
        sampler: &'a Sampler<'a>,
    ) -> Option<Self> {
        let (space, generations) = (sampler.space(), sampler.generations());
        let (first, last) = (generations.first()?, generations.last()?);
        let distance = sampler.distance()?;
        let draws = adjusted(last, space, distance);
        let (marginals, correlations) = (marginals(&draws, space), correlations(&draws, space));
        let prior_distances = first.particles.iter().map(|particle| distance.to(&particle.summaries)).collect();
        let reach = Reach::of(generations, distance);
        let (ending, scale) = (sampler.ending().unwrap_or(Ending::Generations), distance.scale().to_vec());
        Some(Self {
            parameters,
            episodes,
            observed,
            truth,
            space,
            generations,
            ending,
            prior_distances,
            scale,
            reach,
            draws,
            marginals,
            correlations,
        })
    }

    /// Writes every table that is computed from the samples, the predictive table from `paths`, and `calibration.json`.
    /// `begun_and_failed` holds the number of histories begun and the number of those that could not be simulated.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path, paths: &[Predicted], begun_and_failed: (u64, u64)) -> Result<(), DiskError> {
        let write = |name: &str, text: Vec<u8>| write_whole(&folder.join(name), &text);
        write("posterior.csv", self.posterior())?;
        write("generations.csv", self.generation_table())?;
        write("parameters.csv", self.parameter_table())?;
        write("correlations.csv", self.correlation_table())?;
        write("profile.csv", self.profile_table())?;
        write("summaries.csv", self.summary_table())?;
        write("predictive.csv", self.predictive_table(paths))?;
        let text =
            serde_json::to_string_pretty(&self.json(begun_and_failed)).expect("a JSON value can be written") + "\n";
        write(CALIBRATION, text.into_bytes())
    }

    fn last(&self) -> &Generation {
        self.generations.last().expect("there is a finished generation")
    }

    fn posterior(&self) -> Vec<u8> {
        let names: Vec<String> = self.parameters.iter().map(|parameter| parameter.name.clone()).collect();
        let moved = names.iter().map(|name| format!("{name}_adjusted"));
        let columns: Vec<String> = names.iter().cloned().chain(moved).collect();
        let mut text = header(POSTERIOR.names().chain(columns.iter().map(String::as_str)));
        let Adjusted { values, weights, distances } = &self.draws;
        let rows = self.last().particles.iter().zip(values).zip(weights.iter().zip(distances)).enumerate();
        for (number, ((particle, adjusted), (&weight, &distance))) in rows {
            let numbers = [weight, distance].into_iter().chain(particle.values.iter().chain(adjusted).copied());
            write_row(&mut text, std::iter::once(Cell::Count(number as u64)).chain(numbers.map(Cell::Number)));
        }
        text
    }

    fn generation_table(&self) -> Vec<u8> {
        let mut text = header(GENERATIONS.names());
        for generation in self.generations {
            let cells = [
                Cell::Count(generation.number as u64),
                Cell::Number(generation.tolerance),
                Cell::Count(generation.accepted() as u64),
                Cell::Count(generation.attempts()),
                Cell::Count(generation.failed()),
                Cell::Number(generation.acceptance()),
                Cell::Number(effective_size(&generation.weights())),
            ];
            write_row(&mut text, cells);
        }
        text
    }

    fn parameter_table(&self) -> Vec<u8> {
        let mut text = header(PARAMETERS.names());
        for (place, ((parameter, prior), marginal)) in
            self.parameters.iter().zip(self.space).zip(&self.marginals).enumerate()
        {
            let names = [Cell::Text(&parameter.name), Cell::Text(parameter.target())];
            let priors = [0.05, 0.5, 0.95].map(|share| prior.quantile(share));
            let numbers = priors.into_iter().chain([marginal.mean, marginal.sd]).chain(marginal.quantiles);
            let numbers = numbers.chain([marginal.shrinkage]).map(Cell::Number);
            let truth = self.truth.map_or(f64::NAN, |truth| truth[place]);
            let last = [Cell::Text(self.verdict(marginal)), Cell::Number(truth)];
            write_row(&mut text, names.into_iter().chain(numbers).chain(last));
        }
        text
    }

    fn correlation_table(&self) -> Vec<u8> {
        let names = self.parameters.iter().map(|parameter| parameter.name.as_str());
        let mut text = header(CORRELATIONS.names().chain(names));
        for (parameter, row) in self.parameters.iter().zip(&self.correlations) {
            let numbers = row.iter().copied().map(Cell::Number);
            write_row(&mut text, std::iter::once(Cell::Text(&parameter.name)).chain(numbers));
        }
        text
    }

    fn profile_table(&self) -> Vec<u8> {
        let mut text = header(PROFILE.names());
        let Some(first) = self.generations.first() else { return text };
        for (place, (parameter, prior)) in self.parameters.iter().zip(self.space).enumerate() {
            for part in profile(first, &self.prior_distances, place, prior) {
                let cells = [
                    Cell::Text(&parameter.name),
                    Cell::Number(part.from),
                    Cell::Number(part.to),
                    Cell::Count(part.draws as u64),
                    Cell::Number(part.distance),
                ];
                write_row(&mut text, cells);
            }
        }
        text
    }

    /// Each summary: its observed value, its scale, and its quantiles among accepted histories.
    fn summary_table(&self) -> Vec<u8> {
        let mut text = header(SUMMARIES.names());
        let weights = self.last().weights();
        let mut place = 0;
        for (episode, observed) in self.episodes.iter().zip(self.observed) {
            for (summary, target) in episode.summaries.iter().zip(episode.summarised(observed)) {
                let all = self.last().particles.iter().map(|particle| particle.summaries[place]).zip(&weights);
                // A history that could not be simulated has no summaries.
                let (values, weights): (Vec<f64>, Vec<f64>) = all.filter(|(value, _)| value.is_finite()).unzip();
                let names = [Cell::Text(&episode.name), Cell::Text(summary.name()), Cell::Text(summary.unit())];
                let quantiles = [0.05, 0.5, 0.95].map(|share| weighted_quantile(&values, &weights, share));
                let numbers = [target, self.scale[place].unwrap_or(f64::NAN)].into_iter().chain(quantiles);
                write_row(&mut text, names.into_iter().chain(numbers.map(Cell::Number)));
                place += 1;
            }
        }
        text
    }

    /// Each epoch: the observed values, and the quantiles of difficulty and hashrate among posterior draws.
    fn predictive_table(&self, paths: &[Predicted]) -> Vec<u8> {
        let mut text = header(PREDICTIVE.names());
        for (place, (episode, observed)) in self.episodes.iter().zip(self.observed).enumerate() {
            for (number, epoch) in observed.epochs.iter().enumerate() {
                let drawn: Vec<&Predicted> =
                    paths.iter().filter(|row| row.episode == place && row.epoch == number).collect();
                let equal = vec![1.0; drawn.len()];
                let quantiles = |of: fn(&Predicted) -> f64| {
                    let values: Vec<f64> = drawn.iter().map(|row| of(row)).collect();
                    SHARES.map(|share| weighted_quantile(&values, &equal, share))
                };
                let first = [Cell::Text(&episode.name), Cell::Count(number as u64), Cell::Count(drawn.len() as u64)];
                let numbers = [epoch.start_days(), epoch.difficulty]
                    .into_iter()
                    .chain(quantiles(|row| row.difficulty))
                    .chain([epoch.hashrate_eh_per_s])
                    .chain(quantiles(|row| row.hashrate_eh_per_s));
                write_row(&mut text, first.into_iter().chain(numbers.map(Cell::Number)));
            }
        }
        text
    }

    /// The contents of `calibration.json`.
    #[must_use]
    pub fn json(&self, (histories, failed): (u64, u64)) -> Value {
        let parameters: Vec<Value> = self
            .parameters
            .iter()
            .zip(self.space)
            .zip(&self.marginals)
            .enumerate()
            .map(|(place, ((parameter, prior), marginal))| {
                let [p05, p25, p50, p75, p95] = marginal.quantiles;
                json!({
                    "name": parameter.name, "sets": parameter.target(), "is_factor": parameter.is_factor(),
                    "prior": prior_json(prior),
                    "mean": marginal.mean, "sd": marginal.sd, "p05": p05, "p25": p25, "p50": p50, "p75": p75, "p95": p95,
                    "shrinkage": marginal.shrinkage, "identified": self.reach.is_reached() && marginal.shrinkage >= IDENTIFIED_FROM,
                    "verdict": self.verdict(marginal),
                    "truth": self.truth.map(|truth| truth[place]),
                })
            })
            .collect();
        let simulated: u64 = self.generations.iter().map(Generation::attempts).sum();
        let episodes: Vec<&str> = self.episodes.iter().map(|episode| episode.name.as_str()).collect();
        json!({
            "synthetic": self.truth.is_some(),
            "episodes": episodes,
            "parameters": parameters,
            "ridges": self.ridges(),
            "generations": self.generations.len(),
            "ended": self.ending.words(),
            "tolerance": Some(self.last().tolerance).filter(|tolerance| tolerance.is_finite()),
            "simulated": simulated,
            "histories": histories,
            "failed": failed,
            "reaches_data": self.reach.is_reached(),
            "nearest_distance": self.reach.nearest,
            "usual_distance": self.reach.usual,
            "effective_size": effective_size(&self.draws.weights),
        })
    }

    /// Pairs of parameters that trade off against each other: the absolute value of their correlation exceeds one half.
    fn ridges(&self) -> Vec<Value> {
        let mut ridges = Vec::new();
        for (a, row) in self.correlations.iter().enumerate() {
            for (b, &correlation) in row.iter().enumerate().take(a) {
                if libm::fabs(correlation) > 0.5 {
                    let names = [&self.parameters[b].name, &self.parameters[a].name];
                    ridges.push(json!({ "parameters": names, "correlation": correlation }));
                }
            }
        }
        ridges
    }

    /// The results as text for a terminal, one line per parameter.
    #[must_use]
    pub fn as_text(&self) -> String {
        let width = self.parameters.iter().map(|parameter| parameter.name.chars().count()).max().unwrap_or(0).max(9);
        let mut text = format!(
            "{:width$}  {:>23}  {:>10}  {:>23}  {:>9}\n",
            "parameter", "prior 5 to 95 %", "median", "posterior 5 to 95 %", "shrinkage"
        );
        for ((parameter, prior), marginal) in self.parameters.iter().zip(self.space).zip(&self.marginals) {
            let range = |low: f64, high: f64| format!("{} to {}", shown(low), shown(high));
            let [p05, _, p50, _, p95] = marginal.quantiles;
            writeln!(
                text,
                "{:width$}  {:>23}  {:>10}  {:>23}  {:>9.2}  {}",
                parameter.name,
                range(prior.quantile(0.05), prior.quantile(0.95)),
                shown(p50),
                range(p05, p95),
                marginal.shrinkage,
                self.verdict(marginal),
            )
            .expect("writing to a string cannot fail");
        }
        if !self.reach.is_reached() {
            let Reach { nearest, usual } = self.reach;
            writeln!(
                text,
                "The fit does not reach the data: the nearest history is {} deviations of the prior from the observation, where 90 % of \
                 histories of the prior have another one within {}. No value of these parameters explains what was observed.",
                shown(nearest),
                shown(usual),
            )
            .expect("writing to a string cannot fail");
        }
        text
    }

    fn verdict(&self, marginal: &Marginal) -> &'static str {
        match () {
            () if !self.reach.is_reached() => NOT_REACHED,
            () if marginal.shrinkage >= IDENTIFIED_FROM => "identified",
            () => "not identified",
        }
    }
}

/// The verdict on every parameter when no simulated history comes near the observation.
pub const NOT_REACHED: &str = "does not reach the data";

fn prior_json(prior: &Prior) -> Value {
    let (law, mean, sd) = match prior.law {
        Law::Uniform => ("uniform", None, None),
        Law::LogUniform => ("log_uniform", None, None),
        Law::Normal { mean, sd } => ("normal", Some(mean), Some(sd)),
    };
    json!({ "law": law, "low": prior.low, "high": prior.high, "mean": mean, "sd": sd })
}

/// Formats a number with four significant digits or three decimals.
fn shown(value: f64) -> String {
    let size = libm::fabs(value);
    let decimals = [(1000.0, 0), (100.0, 1), (10.0, 2)]
        .into_iter()
        .find(|&(limit, _)| size >= limit)
        .map_or(3, |(_, decimals)| decimals);
    format!("{value:.decimals$}")
}
