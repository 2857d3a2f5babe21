//! Sweeps: every point of a design with every replica, into memory or into a result folder, undivided or in shards.

mod folder;
mod listed;
mod memory;
mod merge;
mod parts;
mod save;
mod slurm;
pub(super) mod tables;
#[cfg(test)]
mod tests;

pub use folder::OpenSweep;
pub use listed::Listed;
pub use memory::SweepResults;
pub use merge::merge;
pub use parts::MergeError;
pub use slurm::JobArray;
use tables::SweepTables;

use super::{
    Design, DesignKind, Destination, Experiment, Factor, Folder, Input, Inputs, Levels, Lost, Questions, QueueError,
    ReplicaError, Shard, Sink, StudyError, SweepError, Work, run_queue, written_design,
};
use crate::{
    output::{
        csv::{Cell, Recorded, Recorder, Recording},
        failed,
        plan::{Plan, sha256},
        shell::flag,
    },
    scenario::{KeyPrior, Law, Resolved, Role, no_prior, prior_of},
};
use std::{ops::Range, sync::Arc};

/// Runs a designed experiment: every point of a design with all replicas, where each replica has the same random numbers at every
/// point. With [`Memory`](super::Memory) the result is one table of metrics by point and replica; a result [`Folder`] has the
/// same table.
///
/// ```
/// use shakeout::{study::{Input, Memory, SweepOptions, Work}, sweep};
///
/// let input = Input::shipped("downturn").set("run.days=5").replicas(2);
/// let options = SweepOptions { vary: vec!["power.pue=1.0,1.1,1.2".to_owned()], ..SweepOptions::default() };
/// let results = sweep(&input, &options, Memory, &mut Work::new())?;
/// assert_eq!(results.sweep.len(), 3 * 2);
/// # Ok::<(), shakeout::study::StudyError>(())
/// ```
///
/// # Errors
/// When the scenario, the design or one of its points is wrong, no run can be simulated, the destination refuses, or the work is
/// stopped.
pub fn sweep<D: Destination<Sweep>>(
    input: &Input,
    options: &SweepOptions,
    destination: D,
    work: &mut Work<'_>,
) -> Result<D::Found, StudyError> {
    destination.fill(&Sweep::new(input, options, work)?, work)
}

/// The design of a sweep. Options that are not given are read from the scenario's table `[sweep]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SweepOptions {
    /// The factors, as `KEY=V1,V2,...`, `KEY=LOW..HIGH:N` or `KEY=LOW..HIGH:N:log`, or as `KEY` alone for the range of its prior. If the list is empty,
    /// the factors of `[sweep]` are used.
    pub vary: Vec<String>,
    /// Kind of the design.
    pub design: Option<DesignKind>,
    /// Size of the design: number of points, base samples or trajectories.
    pub points: Option<u32>,
    /// Whether the epochs of every run are recorded.
    pub epochs: bool,
    /// Points listed explicitly, instead of the options above.
    pub listed: Option<Listed>,
    /// The part of the sweep to run; `None` for the whole sweep.
    pub shard: Option<Shard>,
}

impl SweepOptions {
    /// The command-line flags that request this design.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.vary.iter().flat_map(|vary| flag("--vary", vary)).collect();
        words.extend(self.design.iter().flat_map(|design| flag("--design", design.name())));
        words.extend(self.points.iter().flat_map(|points| flag("--points", points)));
        words.extend(self.listed.iter().flat_map(|listed| flag("--design-file", &listed.file)));
        words.extend(self.epochs.then(|| "--epochs".to_owned()));
        words
    }
}

/// A sweep whose points have all been read and checked.
#[derive(Debug)]
pub struct Sweep {
    input: Input,
    options: SweepOptions,
    base: Resolved,
    experiment: Experiment<'static>,
    inputs: Inputs,
    questions: Questions,
}

impl Sweep {
    /// Reads the scenario and each point of the design once, so that mistakes are found before anything is simulated.
    ///
    /// # Errors
    /// When the scenario, the design or one of its points is wrong, or the work is stopped.
    pub fn new(input: &Input, options: &SweepOptions, work: &mut Work<'_>) -> Result<Self, StudyError> {
        let load = input.loader();
        let base = load(&[], None)?;
        let experiment = Experiment::new(design(options, &base)?, base.scenario.run.replicas, input.loader())?;
        let inputs = experiment.check(work.threads, work.stop()).map_err(|error| match (error, &options.listed) {
            (SweepError::Point { point, values, problems }, Some(listed)) => {
                SweepError::Point { point, values, problems: Box::new(listed.locate(point, *problems)) }
            }
            (error, _) => error,
        })?;
        let mut questions = Questions::of(&base);
        questions.add_design(&base, &experiment.design().factors, &*load);
        questions.tell(work)?;
        Ok(Self { input: input.clone(), options: options.clone(), base, experiment, inputs, questions })
    }

    /// The design of the sweep.
    #[must_use]
    pub fn design(&self) -> &Design {
        self.experiment.design()
    }

    /// The files that the points were read from, by their paths from the scenario's folder, with their texts.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Arc<str>)> {
        self.inputs.texts.iter().map(|(path, (_, text))| (path.as_str(), text))
    }

    /// The number of points.
    #[must_use]
    pub const fn points(&self) -> u64 {
        self.experiment.points()
    }

    /// The number of replicas of each point.
    #[must_use]
    pub const fn replicas(&self) -> u64 {
        self.base.scenario.run.replicas
    }

    /// The total number of runs.
    #[must_use]
    pub const fn runs(&self) -> u64 {
        self.experiment.runs()
    }

    const fn tables(&self) -> SweepTables {
        SweepTables { epochs: self.options.epochs }
    }

    fn shard(&self) -> Shard {
        self.options.shard.unwrap_or(Shard::WHOLE)
    }

    /// The positions of the runs in this shard.
    fn places(&self) -> Range<u64> {
        self.shard().positions(self.runs())
    }

    /// Everything that determines the bytes of the result.
    fn plan(&self) -> Plan {
        let run = &self.base.scenario.run;
        let mut plan = Plan::new(&self.base.canonical(), run.seed, run.replicas)
            .with_option("sweep", &self.design().to_json())
            .with_option("epochs", &self.options.epochs.to_string());
        plan.points_sha256.clone_from(&self.inputs.points_sha256);
        for (path, (_, text)) in self.inputs.texts.iter().filter(|(_, (role, _))| *role == Role::Table) {
            plan = plan.with_input(path, &sha256(text.as_bytes()));
        }
        if let Some(shard) = self.options.shard { plan.with_option(parts::SHARD, &shard.to_string()) } else { plan }
    }

    /// Simulates the runs at these positions in parallel, and passes to `sink`, in order, the output of `make` for each run.
    /// `make` receives the point, its values, and the recorded tables.
    fn simulate_into<S: Sink>(
        &self,
        places: Range<u64>,
        make: impl Fn(u64, &[String], &Recorded) -> S::Output + Sync,
        sink: &mut S,
        work: &mut Work<'_>,
    ) -> Result<(), SweepEnd<S::Error>> {
        let (shard, tables, experiment, audit) = (self.shard(), self.tables(), &self.experiment, work.audit);
        let total = self.places().end;
        work.progress(places.start, total);
        let stop = Arc::clone(work.stop());
        let outcome = run_queue(
            places,
            work.threads,
            |place, stop| {
                let (point, replica) = experiment.split(shard.run(place));
                let prepared = experiment.prepared(point).map_err(ReplicaError::failed)?;
                let recording = Recording::new(prepared.scenario().run.start, tables.recorded());
                let mut recorder = Recorder::new(&recording, replica);
                prepared.engine(audit).run(replica, &mut recorder, stop)?;
                let run = recorder.recorded().map_err(ReplicaError::bug)?;
                Ok(make(point, &experiment.values(point), &run))
            },
            sink,
            &stop,
            &mut |done| work.progress(done + 1, total),
        );
        outcome.map(|_| ()).map_err(|error| match error {
            QueueError::Lost { item, lost } => {
                let (point, replica) = experiment.split(shard.run(item));
                SweepEnd::Study(StudyError::Lost { name: format!("replica {replica} of point {point}"), lost })
            }
            QueueError::Sink(error) => SweepEnd::Sink(error),
            QueueError::Interrupted { next } => SweepEnd::Interrupted { next },
            QueueError::Threads(source) => SweepEnd::Study(StudyError::Threads { threads: String::new(), source }),
        })
    }

    /// The table row of a run that could not be simulated.
    fn lost_row(&self, place: u64, lost: &Lost) -> Vec<u8> {
        let (point, replica) = self.experiment.split(self.shard().run(place));
        let (sets, variant) = self.experiment.settings(point);
        // If the design varies the seed, the point has its own seed.
        let own = sets.iter().find_map(|set| set.strip_prefix("run.seed=")?.parse().ok());
        let seed = own.unwrap_or(self.design().seed);
        let mut text = Vec::new();
        let first = [Cell::Count(point), Cell::Count(replica)];
        let flags = self.input.or_variant(variant).flags_of(&sets, seed, replica);
        failed::write_lost(&mut text, first, seed, lost, &flags);
        text
    }
}

/// The reason why the runs of a sweep ended early.
enum SweepEnd<E> {
    Study(StudyError),
    Sink(E),
    Interrupted { next: u64 },
}

/// The design: as requested, otherwise as in the scenario's `[sweep]`.
fn design(options: &SweepOptions, base: &Resolved) -> Result<Design, StudyError> {
    let seed = base.scenario.run.seed;
    if let Some(Listed { keys, points, .. }) = &options.listed {
        let design = Design::list(keys.clone(), points, seed);
        return design.map_err(|error| SweepError::Design(error).into());
    }
    let written = written_design(base)?;
    let factors = if options.vary.is_empty() {
        written.factors
    } else {
        options.vary.iter().map(|text| factor(text)).collect::<Result<_, _>>()?
    };
    if factors.is_empty() {
        return Err(StudyError::Input(
            "nothing is varied: give --vary KEY=V1,V2 or a [sweep] table in the scenario".to_owned(),
        ));
    }
    let kind = options.design.or(written.kind).unwrap_or(DesignKind::Grid);
    // The size in `[sweep]` applies only to the kind of design that `[sweep]` names.
    let own_size = written.size.filter(|_| options.design.is_none() || options.design == written.kind);
    Ok(Design { kind, factors, size: options.points.or(own_size), seed, rows: Vec::new() })
}

/// The factor as written, or over the range of the prior if only a key is given.
fn factor(text: &str) -> Result<Factor, StudyError> {
    if text.contains('=') || text.trim().is_empty() {
        return Factor::parse(text).map_err(|error| StudyError::Input(format!("--vary: {error}")));
    }
    let key = text.trim().to_owned();
    let KeyPrior { law, low, high, .. } = prior_of(&key).ok_or_else(|| {
        StudyError::Input(format!("--vary: {}: write --vary {key}=LOW..HIGH or {key}=V1,V2", no_prior(&key)))
    })?;
    Ok(Factor { key, levels: Levels::Range { low, high, steps: None, log: law == Law::LogUniform } })
}
