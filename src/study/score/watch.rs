use super::super::{Ensemble, EnsembleError, Failures, Lost, ReplicaError, Sink, Work, run_ensemble};
use crate::{
    scenario::Scenario,
    simulation::{Engine, record::Observer},
    world::population::Population,
};
use serde::{Deserialize, Serialize};
use std::{convert::Infallible, num::NonZeroUsize, sync::atomic::AtomicBool};

/// Settings for running histories.
#[derive(Clone, Copy, Debug)]
pub struct Running<'a> {
    /// Number of histories that run at once.
    pub threads: NonZeroUsize,
    /// Flag that is raised to stop.
    pub stop: &'a AtomicBool,
    /// Whether the first replica that cannot be simulated ends the work.
    pub fail_fast: bool,
}

impl<'a> Running<'a> {
    /// The settings of a study's work.
    #[must_use]
    pub fn of(work: &'a Work<'_>) -> Self {
        Self { threads: work.threads, stop: work.stop(), fail_fast: work.fail_fast }
    }
}

/// The observers of the histories of a scenario.
#[derive(Clone, Debug)]
pub struct Watched<O> {
    /// One observer per replica simulated to its end, in the order of replicas.
    pub histories: Vec<O>,
    /// Replicas that could not be simulated.
    pub failed: Vec<FailedReplica>,
}

/// A replica that could not be simulated.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct FailedReplica {
    /// Number of the replica.
    pub replica: u64,
    /// Seed of the run.
    pub seed: u64,
    /// The reason.
    pub reason: String,
    /// Whether the reason is a bug in the program.
    pub is_bug: bool,
}

impl<O> Watched<O> {
    /// Applies a function to each observer.
    pub fn map<P>(self, make: impl FnMut(O) -> P) -> Watched<P> {
        Watched { histories: self.histories.into_iter().map(make).collect(), failed: self.failed }
    }

    /// Adds the failed replicas to a tally, as replicas of `what`.
    pub fn count(&self, what: &str, failures: &mut Failures) {
        for FailedReplica { replica, reason, is_bug, .. } in &self.failed {
            failures.add(reason, *is_bug, || format!("{what}, replica {replica}"));
        }
    }
}

/// Keeps the output of each replica, in order.
struct Kept<O> {
    watched: Watched<O>,
    seed: u64,
    fail_fast: bool,
}

impl<O: Send> Sink for Kept<O> {
    type Output = O;
    type Error = Infallible;

    fn accept(&mut self, _: u64, output: O) -> Result<(), Infallible> {
        self.watched.histories.push(output);
        Ok(())
    }

    fn lose(&mut self, replica: u64, lost: Lost) -> Result<Option<Lost>, Infallible> {
        if self.fail_fast {
            return Ok(Some(lost));
        }
        let Lost { reason, is_bug, .. } = lost;
        self.watched.failed.push(FailedReplica { replica, seed: self.seed, reason, is_bug });
        Ok(None)
    }
}

/// Simulates the replicas of a scenario in parallel, each with its own observer. An observer is created from the initial
/// population of miners.
///
/// # Errors
/// When `stop` is raised, or with `fail_fast` a replica cannot be simulated.
pub fn watch<O: Observer + Send>(
    scenario: &Scenario,
    running: Running<'_>,
    observer: impl Fn(&Population) -> O + Sync,
) -> Result<Watched<O>, EnsembleError<Infallible>> {
    let Running { threads, stop, fail_fast } = running;
    let seed = scenario.run.seed;
    let ensemble = Ensemble { replicas: 0..scenario.run.replicas, seed, threads };
    let engine = Engine::new(scenario, false);
    let mut kept = Kept { watched: Watched { histories: Vec::new(), failed: Vec::new() }, seed, fail_fast };
    run_ensemble(
        &ensemble,
        |replica, stop| {
            let engine = engine.as_ref().map_err(|error| ReplicaError::from(error.clone()))?;
            let mut observer = observer(&*engine.population_unless(replica, stop)?);
            engine.run(replica, &mut observer, stop)?;
            Ok(observer)
        },
        &mut kept,
        stop,
        &mut |_| (),
    )?;
    Ok(kept.watched)
}
