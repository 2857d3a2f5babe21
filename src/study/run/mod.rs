//! Runs of one scenario: [`simulate`] one replica, [`run`] all of them, into memory or into a result folder.

mod folder;
mod memory;
mod save;
mod taken;
#[cfg(test)]
mod tests;

pub use folder::{Folder, FolderOutcome, OpenRun};
pub(super) use folder::{metadata, open_partial};
pub use memory::{Memory, MemoryTable, Results};
pub(super) use save::OTHER_TABLES;
pub(super) use taken::Taken;

use super::{
    Ensemble, Input, Loader, Lost, Questions, ReplicaError, Sink, StudyError, Work, guarded,
    phases::Phases,
    run_ensemble,
    uncertainty::{Assumptions, thinned},
};
use crate::{
    declare::Columns,
    output::{
        csv::{Cell, Recorded, Recorder, Recording},
        failed,
        plan::{Plan, sha256},
        shell::flag,
        summary::RunFacts,
        table::{Table, Tables},
    },
    scenario::{Resolved, Scenario},
    simulation::{Engine, SimulationError},
};
use std::{
    ops::Range,
    sync::{Arc, atomic::AtomicBool},
};

/// Simulates one replica of a scenario and returns all its tables. It reads and writes no files.
///
/// The rows are identical to those of this replica in any [`run`] of the scenario.
///
/// ```
/// use shakeout::{simulate, study::Input};
///
/// let scenario = Input::shipped("downturn").set("run.days=20").load()?.scenario;
/// let results = simulate(&scenario, 3)?;
/// let price = results.table("days").and_then(|days| days.numbers("price_usd")).expect("a column of days");
/// assert_eq!(price.len(), 20);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When its miners cannot be created, or shakeout has a bug.
pub fn simulate(scenario: &Scenario, replica: u64) -> Result<Results, StudyError> {
    let engine = Engine::new(scenario, false)?;
    let recording = Recording::new(scenario.run.start, Tables::all()).with_all_events();
    let rows = guarded(|| recorded(&engine, &recording, replica, &AtomicBool::new(false)));
    let rows = rows.map_err(|error| match error {
        ReplicaError::Lost(lost) => {
            StudyError::Lost { name: format!("replica {replica} of seed {}", scenario.run.seed), lost }
        }
        ReplicaError::Stopped => StudyError::Interrupted("interrupted".to_owned()),
    })?;
    Ok(Results::of_one(Tables::all(), &rows, scenario.run.start))
}

/// Simulates one replica and returns its columns.
fn recorded(
    engine: &Engine<'_>,
    recording: &Recording,
    replica: u64,
    stop: &AtomicBool,
) -> Result<Recorded, ReplicaError> {
    let mut recorder = Recorder::new(recording, replica);
    engine.run(replica, &mut recorder, stop)?;
    recorder.recorded().map_err(ReplicaError::bug)
}

/// Simulates one replica with drawn assumptions, and returns the tables of [`Tables::with_drawn`].
fn recorded_with_drawn(
    assumptions: &Assumptions,
    recording: &Recording,
    audit: bool,
    replica: u64,
    stop: &AtomicBool,
) -> Result<Vec<(Table, Columns)>, ReplicaError> {
    let values = assumptions.values(replica);
    let scenario = assumptions.scenario(&values)?;
    let days: &[Table] = if recording.tables.contains(Table::Days) { &[Table::Days] } else { &[] };
    let recording = Recording::new(recording.start, Tables::of(days));
    let of_drawn = |error| match error {
        ReplicaError::Lost(lost) => {
            ReplicaError::Lost(Lost { reason: format!("with drawn assumptions: {}", lost.reason), ..lost })
        }
        ReplicaError::Stopped => ReplicaError::Stopped,
    };
    let engine = Engine::new_unless(&scenario, audit, stop).map_err(ReplicaError::from);
    let found = engine.and_then(|engine| recorded(&engine, &recording, replica, stop)).map_err(of_drawn)?;
    let renamed = |(table, columns): (Table, Columns)| match table {
        Table::Days => (Table::UncertainDays, thinned(&columns)),
        _ => (Table::Uncertain, columns),
    };
    let mut tables: Vec<_> = found.tables.into_iter().map(renamed).collect();
    tables.push((Table::Drawn, assumptions.rows(&values)));
    tables.sort_by_key(|(table, _)| *table);
    Ok(tables)
}

/// Runs all replicas of a scenario in parallel, into a destination: [`Memory`], or a result [`Folder`]. With a folder, the memory
/// needed does not grow with the number of replicas. Both destinations give identical tables.
///
/// ```
/// use shakeout::{run, study::{Input, Memory, RunOptions, Work}};
///
/// let input = Input::shipped("downturn").set("run.days=10").replicas(2);
/// let results = run(&input, &RunOptions::default(), Memory, &mut Work::new())?;
/// assert_eq!(results.table("replicas").expect("it is always there").len(), 2);
/// # Ok::<(), shakeout::study::StudyError>(())
/// ```
///
/// # Errors
/// When the scenario is wrong, no replica can be simulated, the destination refuses, or the run is told to stop.
pub fn run<D: Destination<Run>>(
    input: &Input,
    options: &RunOptions,
    destination: D,
    work: &mut Work<'_>,
) -> Result<D::Found, StudyError> {
    destination.fill(&Run::new(input, options)?, work)
}

/// The destination of the results of a study, such as a [`Run`].
pub trait Destination<Study> {
    /// The value that is returned to the caller.
    type Found;

    /// Carries out the study. A custom destination for runs calls [`Run::simulate_into`].
    ///
    /// # Errors
    /// When the study cannot be carried out, the destination refuses, or the work is stopped.
    fn fill(self, study: &Study, work: &mut Work<'_>) -> Result<Self::Found, StudyError>;
}

/// The replicas and tables of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// The tables to record.
    pub tables: Tables,
    /// The replicas for which events and the supply of hashrate are recorded.
    pub events: Events,
    /// Simulate only this replica, with its usual random numbers.
    pub replica: Option<u64>,
    /// Also record `ledger`: every movement of coins and dollars at the firm of this name.
    pub follow: Option<String>,
    /// In a folder, also write `population.csv`: the lots of machines drawn in this replica.
    pub write_population: Option<u64>,
}

/// The replicas for which events and the supply of hashrate are recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Events {
    /// The first 20 replicas.
    #[default]
    Some,
    /// All replicas.
    All,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self { tables: Tables::all(), events: Events::Some, replica: None, follow: None, write_population: None }
    }
}

impl RunOptions {
    fn all_tables(&self) -> Tables {
        if self.follow.is_some() { self.tables.with_ledger() } else { self.tables }
    }

    /// The command-line flags that request these options, except `--replica`, which is recorded only in the plan.
    fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.tables != Tables::all() {
            let names: Vec<&str> = self.tables.iter().map(Table::name).collect();
            words.extend(flag("--tables", names.join(",")));
        }
        if self.events == Events::All {
            words.extend(flag("--events", "all"));
        }
        words.extend(self.write_population.iter().flat_map(|replica| flag("--write-population", replica)));
        words.extend(self.follow.iter().flat_map(|firm| flag("--follow", firm)));
        words
    }
}

/// A run whose scenario has been read.
#[derive(Clone, Debug)]
pub struct Run {
    input: Input,
    options: RunOptions,
    resolved: Resolved,
    phases: Phases,
    /// The command that produces the result, `run` or `score`.
    command: &'static str,
    /// The assumptions that are drawn, if any.
    assumptions: Option<Assumptions>,
}

impl Run {
    /// Reads the scenario.
    ///
    /// # Errors
    /// Returns all problems of the scenario.
    pub fn new(input: &Input, options: &RunOptions) -> Result<Self, StudyError> {
        let phases = Phases::begin();
        let load: Arc<Loader<'static>> = input.loader().into();
        let resolved = load(&[], None)?;
        let assumptions = Assumptions::of(&resolved, load)?;
        Ok(Self { input: input.clone(), options: options.clone(), resolved, phases, command: "run", assumptions })
    }

    /// Marks the run as part of another study, whose command is recorded in the plan and which draws no assumptions.
    pub(super) fn part_of(mut self, command: &'static str) -> Self {
        self.command = command;
        self.assumptions = None;
        self
    }

    /// The scenario with every value known.
    #[must_use]
    pub const fn resolved(&self) -> &Resolved {
        &self.resolved
    }

    /// The facts about the run that a summary states besides the metrics.
    #[must_use]
    pub fn facts(&self) -> RunFacts {
        let facts = RunFacts::new(&self.resolved.scenario, sha256(self.resolved.canonical().as_bytes()));
        RunFacts { drawn: self.assumptions.as_ref().map_or_else(Vec::new, Assumptions::described), ..facts }
    }

    /// The tables of the run.
    pub(super) fn tables(&self) -> Tables {
        let tables = self.options.all_tables();
        if self.assumptions.is_some() { tables.with_drawn() } else { tables }
    }

    /// The warnings and notes on the scenario.
    pub(super) fn questions(&self) -> Questions {
        self.input.questions(&self.resolved)
    }

    /// The number of replicas.
    #[must_use]
    pub fn replicas(&self) -> u64 {
        self.histories().1
    }

    /// The number of the first replica, and the number of replicas.
    fn histories(&self) -> (u64, u64) {
        self.options.replica.map_or((0, self.resolved.scenario.run.replicas), |replica| (replica, 1))
    }

    /// Reports warnings and notes on the scenario, and creates the engine that all replicas share.
    fn begin(&self, work: &mut Work<'_>) -> Result<(Questions, Engine<'_>), StudyError> {
        let questions = self.questions();
        questions.tell(work)?;
        let engine = Engine::new_unless(&self.resolved.scenario, work.audit, work.stop())
            .map_err(|error| questions.cause_of(error))?
            .following(self.options.follow.clone());
        // The set of firms does not depend on the replica, so that a firm that is not there is an error of all replicas. Other errors
        // concern only one, which its own simulation finds.
        if self.options.follow.is_some()
            && let Err(error @ (SimulationError::NoSuchFirm { .. } | SimulationError::Interrupted)) =
                engine.begin_unless(0, work.stop())
        {
            return Err(error.into());
        }
        Ok((questions, engine))
    }

    /// Simulates the replicas at these positions in parallel, applies `make` to the columns of each, and passes the outputs to
    /// `sink` in order.
    ///
    /// # Errors
    /// When the sink refuses an output or does not continue without a replica, or the work is stopped.
    pub fn simulate_into<S: Sink>(
        &self,
        places: Range<u64>,
        make: impl Fn(Recorded) -> S::Output + Sync,
        sink: &mut S,
        work: &mut Work<'_>,
    ) -> Result<(), StudyError>
    where
        StudyError: From<S::Error>,
    {
        let engine = Engine::new_unless(&self.resolved.scenario, work.audit, work.stop())?;
        self.simulate_by(&engine.following(self.options.follow.clone()), places, make, sink, work)
    }

    fn simulate_by<S: Sink>(
        &self,
        engine: &Engine<'_>,
        places: Range<u64>,
        make: impl Fn(Recorded) -> S::Output + Sync,
        sink: &mut S,
        work: &mut Work<'_>,
    ) -> Result<(), StudyError>
    where
        StudyError: From<S::Error>,
    {
        let run = &self.resolved.scenario.run;
        let recording = Recording::new(run.start, self.options.all_tables());
        let is_alone = self.options.replica.is_some();
        let recording =
            if self.options.events == Events::All || is_alone { recording.with_all_events() } else { recording };
        let (first, count) = self.histories();
        work.progress(places.start, count);
        let (stop, audit) = (Arc::clone(work.stop()), work.audit);
        let ensemble = Ensemble { replicas: places, seed: run.seed, threads: work.threads };
        run_ensemble(
            &ensemble,
            |item, stop| {
                let replica = first.saturating_add(item);
                let mut found = recorded(engine, &recording, replica, stop)?;
                if let Some(assumptions) = &self.assumptions {
                    found.tables.extend(recorded_with_drawn(assumptions, &recording, audit, replica, stop)?);
                }
                Ok(make(found))
            },
            sink,
            &stop,
            &mut |done| work.progress(done + 1, count),
        )?;
        Ok(())
    }

    /// The table row of a replica that could not be simulated.
    fn lost_row(&self, item: u64, lost: &Lost) -> Vec<u8> {
        let seed = self.resolved.scenario.run.seed;
        let replica = self.histories().0.saturating_add(item);
        let mut text = Vec::new();
        failed::write_lost(&mut text, [Cell::Count(replica)], seed, lost, &self.input.flags_of(&[], seed, replica));
        text
    }

    /// Everything that determines the bytes of the result.
    fn plan(&self, folder: &Folder<'_>) -> Plan {
        let run = &self.resolved.scenario.run;
        let names: Vec<&str> = self.tables().iter().map(Table::name).collect();
        let mut plan = Plan::new(&self.resolved.canonical(), run.seed, self.histories().1)
            .with_option("tables", &names.join(","))
            .with_option("events", &format!("{:?}", self.options.events))
            .with_option("format", &format!("{:?}", folder.format));
        for (name, value) in folder.drawing.iter().flat_map(|drawing| drawing.options()) {
            plan = plan.with_option(name, &value);
        }
        if let Some(replica) = self.options.write_population {
            plan = plan.with_option("write-population", &replica.to_string());
        }
        if let Some(replica) = self.options.replica {
            plan = plan.with_option("replica", &replica.to_string());
        }
        if let Some(firm) = &self.options.follow {
            plan = plan.with_option("follow", firm);
        }
        if self.command != "run" {
            plan = plan.with_option(self.command, "true");
        }
        plan.with_tables_among(self.resolved.sources.iter())
    }
}
