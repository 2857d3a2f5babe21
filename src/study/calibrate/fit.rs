use super::{
    Declared, Episode, FailedAttempt, History, Parameter, Prior, Setter, Settings, Summary, declared, named_values,
    observed_history,
};
use crate::{
    output::{
        csv::Cell,
        disk::DiskError,
        failed::write_lost_history,
        manifest::Manifest,
        plan::{Plan, sha256},
        shell::{flag, line},
    },
    random::{Purpose, name_hash, stream},
    scenario::{Resolved, Role},
    study::{
        Destination, Folder, FolderOutcome, HistoryAddress, Input, Loader, Lost, Questions, QueueError, ReplicaError,
        StudyError, Work,
    },
};
use rand::RngExt as _;
use std::{path::Path, sync::atomic::AtomicBool};

/// Fits parameters to the `[observed]` histories of all scenarios by approximate Bayesian computation. The parameters are those
/// that the first scenario declares in `[calibrate]`, or the default ones. With [`Memory`](crate::study::Memory) the result is a
/// [`Posterior`](super::Posterior); with a result [`Folder`] it is written as tables.
///
/// ```no_run
/// use shakeout::{calibrate, study::{CalibrateOptions, Input, Memory, Work}};
///
/// let inputs = [Input::shipped("2018-crash"), Input::shipped("2020-covid-and-halving")];
/// let posterior = calibrate(&inputs, &CalibrateOptions::default(), Memory, &mut Work::new())?;
/// for (name, marginal) in posterior.names.iter().zip(&posterior.marginals) {
///     println!("{name}: {marginal:?}");
/// }
/// # Ok::<(), shakeout::study::StudyError>(())
/// ```
///
/// # Errors
/// When a scenario is wrong or has no history, no prior draw can be simulated, the destination refuses, or the work is stopped.
pub fn calibrate<D: Destination<Fitting>>(
    inputs: &[Input],
    options: &CalibrateOptions,
    destination: D,
    work: &mut Work<'_>,
) -> Result<D::Found, StudyError> {
    destination.fill(&Fitting::new(inputs, options), work)
}

/// Options for calibrations to simulated observations instead of the observed history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalibrateOptions {
    /// Simulate the observation, with these values of all parameters: `NAME=VALUE,...`.
    pub synthetic: Option<String>,
    /// Run simulation-based calibration with this number of true parameter vectors drawn from the prior; each is ranked among the
    /// posterior draws for its own simulated observation. This requires a result folder.
    pub truths: Option<u64>,
}

/// A calibration of one or several scenarios together.
#[derive(Clone, Debug)]
pub struct Fitting {
    pub(super) inputs: Vec<Input>,
    pub(super) options: CalibrateOptions,
}

/// The result of a calibration into a folder.
#[derive(Clone, Debug)]
pub struct FittedFolder {
    /// The folder, and the histories that could not be simulated.
    pub outcome: FolderOutcome,
    /// The results as a text table; `None` if the folder was already finished.
    pub text: Option<String>,
}

/// The parameters, data and settings of a fit.
pub(super) struct Fit<'a> {
    pub parameters: Vec<Parameter>,
    pub space: Vec<Prior>,
    pub episodes: Vec<Episode<'a>>,
    pub observed: Vec<History>,
    pub truth: Option<Vec<f64>>,
    pub settings: Settings,
    pub predictive: u64,
    scenarios: Vec<Resolved>,
}

impl Fitting {
    /// A calibration of these scenarios; no file is read yet.
    #[must_use]
    pub fn new(inputs: &[Input], options: &CalibrateOptions) -> Self {
        Self { inputs: inputs.to_vec(), options: options.clone() }
    }

    pub(super) fn loaders(&self) -> Vec<Box<Loader<'static>>> {
        self.inputs.iter().map(Input::loader).collect()
    }

    pub(super) fn fit<'a>(
        &self,
        loaders: &'a [Box<Loader<'static>>],
        work: &mut Work<'_>,
    ) -> Result<Fit<'a>, StudyError> {
        let scenarios: Vec<Resolved> = loaders.iter().map(|load| load(&[], None)).collect::<Result<_, _>>()?;
        let mut questions = Questions::default();
        for scenario in &scenarios {
            questions.add(scenario.questions());
        }
        questions.tell(work)?;
        let first = scenarios.first().ok_or_else(|| StudyError::Input("there is no scenario to fit".to_owned()))?;
        let calibration = first.calibration.clone().unwrap_or_default();
        let Declared { parameters, summaries, setter } = declared(first, &*loaders[0])?;
        let space: Vec<Prior> = parameters.iter().map(|parameter| parameter.prior).collect();
        let mut own = Some(setter);
        let mut episodes = Vec::new();
        for ((input, scenario), load) in self.inputs.iter().zip(&scenarios).zip(loaders) {
            let setter = match own.take() {
                Some(setter) => setter,
                None => Setter::new(&parameters, scenario, &**load, first)?,
            };
            let name = input.name();
            if episodes.iter().any(|episode: &Episode<'_>| episode.name == name) {
                return Err(StudyError::Input(format!("two scenarios are called `{name}`; rename one of them")));
            }
            episodes.push(Episode::new(name, scenario, setter, &**load, work.audit));
        }
        let truth = self.options.synthetic.as_ref().map(|text| named_values(&parameters, text));
        let truth = truth.transpose().map_err(|error| StudyError::Input(format!("--synthetic: {error}")))?;
        let seed = first.scenario.run.seed;
        let observed = match &truth {
            Some(truth) => {
                synthetic(&episodes, truth, seed, work.stop()).map_err(|error| error_of(error, "the truth"))?
            }
            // Each truth has its own observation. Until then the history at the middle of the prior stands for it, so that no
            // summary is missing.
            None if self.options.truths.is_some() => {
                let middle: Vec<f64> = space.iter().map(|prior| prior.quantile(0.5)).collect();
                synthetic(&episodes, &middle, seed, work.stop())
                    .map_err(|error| error_of(error, "the middle of the prior"))?
            }
            None => self.observed(&scenarios)?,
        };
        let episodes: Vec<Episode<'a>> = episodes
            .into_iter()
            .zip(&observed)
            .map(|(episode, history)| compared(episode, &summaries, history, work))
            .collect::<Result<_, _>>()?;
        let settings = Settings {
            population: usize::try_from(calibration.population).unwrap_or(usize::MAX),
            quantile: calibration.quantile,
            generations: usize::try_from(calibration.generations).unwrap_or(usize::MAX),
            least_acceptance: calibration.least_acceptance,
            seed,
        };
        let predictive = calibration.predictive;
        Ok(Fit { parameters, space, episodes, observed, truth, settings, predictive, scenarios })
    }

    fn observed(&self, scenarios: &[Resolved]) -> Result<Vec<History>, StudyError> {
        let of = |(input, scenario): (&Input, &Resolved)| {
            let shown = input.shown();
            observed_history(scenario).map_err(|error| StudyError::Input(format!("{shown}: {error}")))?.ok_or_else(|| {
                StudyError::Input(format!(
                    "{shown} has no `[observed]`, so there is nothing to fit; write one, or let the engine make the observation \
                     with --synthetic NAME=VALUE,..."
                ))
            })
        };
        self.inputs.iter().zip(scenarios).map(of).collect()
    }

    /// Everything that determines the bytes of the result, and the scenarios it is made from.
    pub(super) fn plan(&self, fit: &Fit<'_>, folder: &Folder<'_>) -> (Plan, String) {
        let canonical: String = fit.scenarios.iter().map(Resolved::canonical).collect::<Vec<_>>().join("\n");
        // Only the file names, because paths differ between machines.
        let names: Vec<String> = self.inputs.iter().map(Input::file_name).collect();
        let CalibrateOptions { synthetic, truths } = &self.options;
        let mut plan = Plan::new(&canonical, fit.settings.seed, fit.settings.population as u64)
            .with_option("calibrate", &names.join(" "))
            .with_option("observation", &sha256(format!("{:?}", fit.observed).as_bytes()))
            .with_option("synthetic", synthetic.as_deref().unwrap_or("none"))
            .with_option("sbc", &truths.map_or_else(|| "none".to_owned(), |truths| truths.to_string()));
        let drawn = folder.drawing.iter().flat_map(|drawing| drawing.options());
        // A calibration has no HTML page, and its charts are always SVG.
        for (name, value) in drawn.filter(|(name, _)| ["charts", "figure-size"].contains(name)) {
            plan = plan.with_option(name, &value);
        }
        for (name, scenario) in names.iter().zip(&fit.scenarios) {
            for source in scenario.sources.iter().filter(|source| source.role == Role::Table) {
                plan =
                    plan.with_input(&format!("{name}: {}", source.path_in_scenario()), &sha256(source.text.as_bytes()));
            }
        }
        (plan, canonical)
    }

    /// The table rows of failed histories of particles; `of` is a prefix of the stage in each row.
    pub(super) fn failed_rows(&self, of: &str, failed: &[FailedAttempt]) -> Vec<u8> {
        let mut text = Vec::new();
        for FailedAttempt { generation, particle, attempt, lost } in failed {
            let stage = format!("{of}generation {generation}");
            let first = [Cell::Text(&stage), Cell::Count(*particle), Cell::Count(*attempt)];
            text.extend(self.failed_row(first, lost));
        }
        text
    }

    /// The table row of a history that failed.
    pub(super) fn failed_row(&self, first: [Cell<'_>; 3], lost: &Lost) -> Vec<u8> {
        let mut text = Vec::new();
        let flags = |at: &HistoryAddress| self.inputs[0].flags_of(&at.sets, at.seed, at.replica);
        write_lost_history(&mut text, first, lost, flags);
        text
    }

    /// The command line that reproduces the same bytes when typed in the folder of the scenarios.
    pub(super) fn line(&self, folder: &Folder<'_>) -> String {
        let mut words = ["shakeout", "calibrate"].map(str::to_owned).to_vec();
        words.extend(self.inputs.iter().map(Input::file_name));
        words.extend(self.inputs[0].change_words());
        words.extend(self.options.synthetic.iter().flat_map(|values| flag("--synthetic", values)));
        words.extend(self.options.truths.iter().flat_map(|truths| flag("--sbc", truths)));
        words.extend(folder.drawing.iter().flat_map(|drawing| drawing.words()));
        line(&words)
    }
}

fn compared<'a>(
    episode: Episode<'a>,
    summaries: &[Summary],
    observed: &History,
    work: &mut Work<'_>,
) -> Result<Episode<'a>, StudyError> {
    let episode = episode.compared(summaries, observed);
    let missing = summaries.iter().filter(|summary| !episode.summaries.contains(summary));
    let missing: Vec<&str> = missing.map(|summary| summary.name()).collect();
    if episode.summaries.is_empty() {
        return Err(StudyError::Input(format!(
            "no summary can be computed from the history of `{}` ({}): the history or the run is too short",
            episode.name,
            missing.join(", ")
        )));
    }
    if !missing.is_empty() {
        work.say(&format!(
            "note: these summaries cannot be computed from the history of `{}`: {}",
            episode.name,
            missing.join(", ")
        ));
    }
    Ok(episode)
}

impl Fit<'_> {
    /// A manifest that also lists the files of all scenarios.
    pub fn with_files(&self, manifest: Manifest) -> Manifest {
        self.scenarios.iter().fold(manifest, |manifest, scenario| manifest.with_files_among(scenario.sources.iter()))
    }

    /// Simulates every episode with these parameter values. Each episode has its own random numbers.
    pub fn histories(&self, values: &[f64], replica: u64, stop: &AtomicBool) -> Result<Vec<History>, ReplicaError> {
        histories(&self.episodes, values, replica, stop)
    }

    /// The summaries of all episodes, concatenated.
    fn simulate(&self, values: &[f64], replica: u64, stop: &AtomicBool) -> Result<Vec<f64>, ReplicaError> {
        Ok(self.summarised(&self.histories(values, replica, stop)?))
    }

    pub fn summarised(&self, histories: &[History]) -> Vec<f64> {
        self.episodes.iter().zip(histories).flat_map(|(episode, history)| episode.summarised(history)).collect()
    }

    /// The simulation function that the sampler expects.
    pub fn simulator(&self) -> impl Fn(&[f64], u64, &AtomicBool) -> Result<Vec<f64>, ReplicaError> + Sync {
        |values, replica, stop| self.simulate(values, replica, stop)
    }
}

/// Simulates every episode. The name of the episode enters the random numbers, because otherwise firms with the same name would
/// get the same draws in every episode.
pub(super) fn histories(
    episodes: &[Episode<'_>],
    values: &[f64],
    replica: u64,
    stop: &AtomicBool,
) -> Result<Vec<History>, ReplicaError> {
    let of = |episode: &Episode<'_>| episode.simulate(values, replica ^ name_hash(&episode.name), stop);
    episodes.iter().map(of).collect()
}

/// Simulates an observation at the true parameter values, with random numbers that no particle uses.
fn synthetic(
    episodes: &[Episode<'_>],
    truth: &[f64],
    seed: u64,
    stop: &AtomicBool,
) -> Result<Vec<History>, ReplicaError> {
    let replica = stream(seed, u64::MAX, Purpose::Calibration, name_hash("truth")).random();
    histories(episodes, truth, replica, stop)
}

/// The error when histories could not be simulated at `what`.
fn error_of(error: ReplicaError, what: &str) -> StudyError {
    match error {
        ReplicaError::Stopped => StudyError::Interrupted("interrupted before anything was sampled".to_owned()),
        ReplicaError::Lost(lost) => StudyError::Lost { name: what.to_owned(), lost },
    }
}

/// The error of a queue of simulations that fill the folder `partial`, if there is one.
pub(super) fn error_in_queue(
    error: QueueError<DiskError>,
    partial: Option<&Path>,
    name: impl Fn(u64) -> String,
) -> StudyError {
    match error {
        QueueError::Lost { item, lost } => StudyError::Lost { name: name(item), lost },
        QueueError::Sink(error) => error.into(),
        QueueError::Interrupted { next } => StudyError::Interrupted(match partial {
            Some(partial) => format!(
                "interrupted at {}; what is finished lies in {}, and --resume goes on from there",
                name(next),
                partial.display()
            ),
            None => format!("interrupted at {}", name(next)),
        }),
        QueueError::Threads(source) => StudyError::Threads { threads: String::new(), source },
    }
}
