mod posterior;
mod ranks;
#[cfg(test)]
mod tests;

use super::{
    failure::Failure,
    options::{Changes, Existing, Reading, figure_size, file_name, style_words, threads, threads_or_usual},
    terminal,
};
use crate::{
    figure::{FigureSize, FigureStyle},
    output::{
        calibrate::Cell,
        disk::DiskError,
        failed::write_lost_history,
        plan::{Plan, sha256},
        shell::{flag, line},
    },
    random::{Purpose, name_hash, stream},
    scenario::{Calibration, Remembered, Resolved, Role, load_with},
    study::{
        HistoryAddress, Loader, Lost, Questions, QueueError, ReplicaError, Work,
        calibrate::{
            Declared, Episode, FailedAttempt, History, Parameter, Prior, Setter, Settings, Summary, declared,
            named_values, observed_history,
        },
    },
};
use clap::Args;
use rand::RngExt as _;
use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

const DECLARED: &str = "\
Parameters, their priors and the summaries that are compared are declared in [calibrate] of the first scenario; without it \
those of the model's list are fitted. Several scenarios are fitted together, by the same values. The observation is each \
scenario's [observed]; with --synthetic the engine makes it. See the chapter on calibration in the book.";

/// Fit parameters to history.
#[derive(Debug, Args)]
#[command(after_help = DECLARED)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct Calibrate {
    /// The scenario files, fitted together
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<PathBuf>,
    /// Change a value in all of them: a dotted key and a TOML value (repeatable)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Apply the patch [variant.NAME] of each
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    /// Seed of all randomness: the same as --set run.seed=N
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    seed: Option<u64>,
    /// Let the engine make the observation, at these values of all parameters
    #[arg(long, value_name = "NAME=VALUE,...")]
    synthetic: Option<String>,
    /// Simulation-based calibration instead: ranks of N truths drawn from the prior, each among the posterior of its own observation
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(8..=1_000_000), conflicts_with = "synthetic")]
    sbc: Option<u64>,
    /// Result folder [default: output/NAME-calibrate of the first scenario, with --sbc output/NAME-sbc]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Threads [default: SLURM_CPUS_PER_TASK, else all cores]; results do not depend on it
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = threads)]
    threads: Option<NonZeroUsize>,
    /// Draw no charts
    #[arg(long)]
    no_charts: bool,
    /// Size of charts: column (85 mm), page (170 mm) or WIDTHxHEIGHT in mm
    #[arg(long, value_name = "SIZE", default_value = "page", value_parser = figure_size)]
    figure_size: FigureSize,
    /// Charts without titles, for a journal
    #[arg(long)]
    no_titles: bool,
    /// Print calibration.json
    #[arg(long)]
    json: bool,
    /// Check every invariant of the model on every tick (slower)
    #[arg(long)]
    audit: bool,
    /// End at the first history that cannot be run; otherwise it is noted in failed.csv and counts as infinitely far
    #[arg(long)]
    fail_fast: bool,
    /// Say nothing but errors and warnings
    #[arg(long)]
    quiet: bool,
    /// Take what is questioned in the scenarios for errors
    #[arg(long)]
    deny_warnings: bool,
    #[command(flatten)]
    existing: Existing,
    #[command(flatten)]
    reading: Reading,
}

/// What is fitted, to what, and how.
struct Fit<'a> {
    parameters: Vec<Parameter>,
    space: Vec<Prior>,
    episodes: Vec<Episode<'a>>,
    observed: Vec<History>,
    truth: Option<Vec<f64>>,
    settings: Settings,
    predictive: u64,
    canonical: String,
    plan: Plan,
}

impl Calibrate {
    pub fn call(&self) -> Result<(), Failure> {
        let stop = terminal::stop_flag()?;
        self.run(&stop)
    }

    /// With a stop flag from outside, so that a test can raise it.
    fn run(&self, stop: &AtomicBool) -> Result<(), Failure> {
        let mut all_sets = self.sets.clone();
        all_sets.extend(self.seed.map(|seed| format!("run.seed={seed}")));
        let loaders: Vec<Box<Loader<'_>>> = self
            .scenarios
            .iter()
            .map(|path| {
                let files = Remembered::of(self.reading.disk(path));
                let (sets, own) = (all_sets.clone(), self.variant.as_deref());
                let load = move |more: &[String], variant: Option<&str>| {
                    load_with(&files, path, &[sets.as_slice(), more].concat(), variant.or(own))
                };
                Box::new(load) as Box<Loader<'_>>
            })
            .collect();
        let fit = self.fit(&loaders, stop)?;
        let folder = self.out.clone().unwrap_or_else(|| {
            let mut name = self.scenarios[0].file_stem().unwrap_or_default().to_owned();
            name.push(if self.sbc.is_some() { "-sbc" } else { "-calibrate" });
            PathBuf::from("output").join(name)
        });
        match self.sbc {
            Some(truths) => self.rank(&fit, truths, &folder, stop),
            None => self.sample(&fit, &folder, stop),
        }
    }

    fn fit<'a>(&self, loaders: &'a [Box<Loader<'a>>], stop: &AtomicBool) -> Result<Fit<'a>, Failure> {
        let scenarios: Vec<Resolved> = loaders.iter().map(|load| load(&[], None)).collect::<Result<_, _>>()?;
        let mut questions = Questions::default();
        for scenario in &scenarios {
            questions.add(scenario.questions());
        }
        let mut screen = terminal::Screen::new(self.quiet);
        let mut work = Work::new().watched_by(&mut screen);
        work.deny_warnings = self.deny_warnings;
        questions.tell(&mut work)?;
        let first = &scenarios[0];
        let calibration = first.calibration.clone().unwrap_or(Calibration::USUAL);
        let Declared { parameters, summaries, setter } = declared(first, loaders[0].as_ref())?;
        let space: Vec<Prior> = parameters.iter().map(|parameter| parameter.prior).collect();
        let mut own = Some(setter);
        let mut episodes = Vec::new();
        for ((path, scenario), load) in self.scenarios.iter().zip(&scenarios).zip(loaders) {
            let setter = match own.take() {
                Some(setter) => setter,
                None => Setter::new(&parameters, scenario, load.as_ref(), first)?,
            };
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if episodes.iter().any(|episode: &Episode<'_>| episode.name == name) {
                return Err(Failure::Input(format!("two scenarios are called `{name}`; rename one of them")));
            }
            episodes.push(Episode::new(name, scenario, setter, load.as_ref(), self.audit));
        }
        let truth = self.synthetic.as_ref().map(|text| named_values(&parameters, text));
        let truth = truth.transpose().map_err(|error| Failure::Input(format!("--synthetic: {error}")))?;
        let seed = first.scenario.run.seed;
        let observed = match &truth {
            Some(truth) => synthetic(&episodes, truth, seed, stop).map_err(|error| failure_of(error, "the truth"))?,
            // Each truth of its own; until then nothing is missing.
            None if self.sbc.is_some() => {
                let middle: Vec<f64> = space.iter().map(|prior| prior.quantile(0.5)).collect();
                synthetic(&episodes, &middle, seed, stop)
                    .map_err(|error| failure_of(error, "the middle of the prior"))?
            }
            None => self.observed(&scenarios)?,
        };
        let episodes: Vec<Episode<'a>> = episodes
            .into_iter()
            .zip(&observed)
            .map(|(episode, history)| self.compared(episode, &summaries, history))
            .collect::<Result<_, _>>()?;
        let settings = Settings {
            population: usize::try_from(calibration.population).unwrap_or(usize::MAX),
            quantile: calibration.quantile,
            generations: usize::try_from(calibration.generations).unwrap_or(usize::MAX),
            least_acceptance: calibration.least_acceptance,
            seed,
        };
        let canonical: String = scenarios.iter().map(Resolved::canonical).collect::<Vec<_>>().join("\n");
        let plan = self.plan(&scenarios, &canonical, &observed, settings);
        let predictive = calibration.predictive;
        Ok(Fit { parameters, space, episodes, observed, truth, settings, predictive, canonical, plan })
    }

    fn compared<'a>(
        &self,
        episode: Episode<'a>,
        summaries: &[Summary],
        observed: &History,
    ) -> Result<Episode<'a>, Failure> {
        let episode = episode.compared(summaries, observed);
        let missing: Vec<&str> = summaries
            .iter()
            .filter(|summary| !episode.summaries.contains(summary))
            .map(|summary| summary.name())
            .collect();
        if episode.summaries.is_empty() {
            return Err(Failure::Input(format!(
                "the history of `{}` shows none of the summaries ({}): it is too short, or the run is",
                episode.name,
                missing.join(", ")
            )));
        }
        if !missing.is_empty() {
            self.talk(&format!("note: the history of `{}` does not show {}", episode.name, missing.join(", ")));
        }
        Ok(episode)
    }

    fn observed(&self, scenarios: &[Resolved]) -> Result<Vec<History>, Failure> {
        let of = |(path, scenario): (&PathBuf, &Resolved)| {
            let shown = path.display();
            observed_history(scenario).map_err(|error| Failure::Input(format!("{shown}: {error}")))?.ok_or_else(|| {
                Failure::Input(format!(
                    "{shown} has no `[observed]`, so there is nothing to fit; write one, or let the engine make the observation \
                     with --synthetic NAME=VALUE,..."
                ))
            })
        };
        self.scenarios.iter().zip(scenarios).map(of).collect()
    }

    /// All that the bytes of the result depend on.
    fn plan(&self, scenarios: &[Resolved], canonical: &str, observed: &[History], settings: Settings) -> Plan {
        // Their names alone: their paths are another on each machine.
        let names: Vec<String> = self.scenarios.iter().map(|path| file_name(path)).collect();
        let mut plan = Plan::new(canonical, settings.seed, settings.population as u64)
            .with_option("calibrate", &names.join(" "))
            .with_option("observation", &sha256(format!("{observed:?}").as_bytes()))
            .with_option("synthetic", self.synthetic.as_deref().unwrap_or("none"))
            .with_option("sbc", &self.sbc.map_or_else(|| "none".to_owned(), |truths| truths.to_string()))
            .with_option("charts", &format!("{}", !self.no_charts))
            .with_option("figure-size", &format!("{:?}", self.style()));
        for (name, scenario) in names.iter().zip(scenarios) {
            for source in scenario.sources.iter().filter(|source| source.role == Role::Table) {
                plan =
                    plan.with_input(&format!("{name}: {}", source.path_in_scenario()), &sha256(source.text.as_bytes()));
            }
        }
        plan
    }

    /// The rows of failed histories of particles; `of` is put before their stage.
    fn failed_rows(&self, of: &str, failed: &[FailedAttempt]) -> Vec<u8> {
        let mut text = Vec::new();
        for FailedAttempt { generation, particle, attempt, lost } in failed {
            let stage = format!("{of}generation {generation}");
            let first = [Cell::Text(&stage), Cell::Count(*particle), Cell::Count(*attempt)];
            text.extend(self.failed_row(first, lost));
        }
        text
    }

    /// The row of a history that failed.
    fn failed_row(&self, first: [Cell<'_>; 3], lost: &Lost) -> Vec<u8> {
        let (sets, variant, reading) = (self.sets.clone(), self.variant.clone(), self.reading.clone());
        let changes = Changes { sets, variant, seed: self.seed, replicas: None, reading };
        let mut text = Vec::new();
        let flags = |at: &HistoryAddress| changes.flags_of(&at.sets, at.seed, at.replica);
        write_lost_history(&mut text, first, lost, flags);
        text
    }

    /// What to type in the scenarios' folder to get the same bytes.
    fn line(&self) -> String {
        let mut words = ["shakeout", "calibrate"].map(str::to_owned).to_vec();
        words.extend(self.scenarios.iter().map(|path| file_name(path)));
        words.extend(self.sets.iter().flat_map(|set| flag("--set", set)));
        words.extend(self.variant.iter().flat_map(|name| flag("--variant", name)));
        words.extend(self.seed.iter().flat_map(|seed| flag("--seed", seed)));
        words.extend(self.synthetic.iter().flat_map(|values| flag("--synthetic", values)));
        words.extend(self.sbc.iter().flat_map(|truths| flag("--sbc", truths)));
        words.extend(self.no_charts.then(|| "--no-charts".to_owned()));
        words.extend(style_words(&self.style()));
        line(&words)
    }

    fn style(&self) -> FigureStyle {
        FigureStyle { size: self.figure_size, titles: !self.no_titles }
    }

    fn threads(&self) -> NonZeroUsize {
        threads_or_usual(self.threads)
    }

    fn talk(&self, text: &str) {
        if !self.quiet {
            terminal::talk(&format!("{text}\n"));
        }
    }
}

impl Fit<'_> {
    /// Simulates every episode at these values, each with a part of the random numbers of its own.
    fn histories(&self, values: &[f64], replica: u64, stop: &AtomicBool) -> Result<Vec<History>, ReplicaError> {
        histories(&self.episodes, values, replica, stop)
    }

    /// The summaries of all episodes, one after the other.
    fn simulate(&self, values: &[f64], replica: u64, stop: &AtomicBool) -> Result<Vec<f64>, ReplicaError> {
        Ok(self.summarised(&self.histories(values, replica, stop)?))
    }

    fn summarised(&self, histories: &[History]) -> Vec<f64> {
        self.episodes.iter().zip(histories).flat_map(|(episode, history)| episode.summarised(history)).collect()
    }

    /// As the sampler wants it.
    fn simulator(&self) -> impl Fn(&[f64], u64, &AtomicBool) -> Result<Vec<f64>, ReplicaError> + Sync {
        |values, replica, stop| self.simulate(values, replica, stop)
    }
}

/// The same replica in different episodes has the same firms where they have the same names: those are worlds of their own.
fn histories(
    episodes: &[Episode<'_>],
    values: &[f64],
    replica: u64,
    stop: &AtomicBool,
) -> Result<Vec<History>, ReplicaError> {
    let of = |episode: &Episode<'_>| episode.simulate(values, replica ^ name_hash(&episode.name), stop);
    episodes.iter().map(of).collect()
}

/// An observation that the engine makes at a truth, with random numbers that no particle has.
fn synthetic(
    episodes: &[Episode<'_>],
    truth: &[f64],
    seed: u64,
    stop: &AtomicBool,
) -> Result<Vec<History>, ReplicaError> {
    let replica = stream(seed, u64::MAX, Purpose::Calibration, name_hash("truth")).random();
    histories(episodes, truth, replica, stop)
}

/// What failed while histories were simulated at `what`.
fn failure_of(error: ReplicaError, what: &str) -> Failure {
    match error {
        ReplicaError::Stopped => Failure::Interrupted("interrupted before anything was sampled".to_owned()),
        ReplicaError::Lost(lost) => failed(&lost, what),
    }
}

fn failed(lost: &Lost, what: &str) -> Failure {
    let text = format!("{what} failed: {lost}");
    if lost.is_bug { Failure::Bug(text) } else { Failure::Input(text) }
}

/// The same for a queue of them.
fn failure_in_queue(error: QueueError<DiskError>, partial: &Path, name: impl Fn(u64) -> String) -> Failure {
    match error {
        QueueError::Lost { item, lost } => failed(&lost, &name(item)),
        QueueError::Sink(error) => error.into(),
        QueueError::Interrupted { next } => Failure::Interrupted(format!(
            "interrupted at {}; what is finished lies in {}, and --resume goes on from there",
            name(next),
            partial.display()
        )),
        QueueError::Threads(error) => {
            Failure::Input(format!("cannot start threads: {error}; ask for fewer with --threads"))
        }
    }
}
