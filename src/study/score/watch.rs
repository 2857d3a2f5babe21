use super::super::{Ensemble, EnsembleError, Failures, Lost, ReplicaError, Sink, Work, run_ensemble};
use crate::{
    scenario::Scenario,
    simulation::{Engine, record::Observer},
    world::population::Population,
};
use serde::{Deserialize, Serialize};
use std::{convert::Infallible, num::NonZeroUsize, sync::atomic::AtomicBool};

/// How histories are run.
#[derive(Clone, Copy, Debug)]
pub struct Running<'a> {
    /// So many at once.
    pub threads: NonZeroUsize,
    /// Raised when someone asks to stop.
    pub stop: &'a AtomicBool,
    /// Whether the first that cannot be run ends it.
    pub fail_fast: bool,
}

impl<'a> Running<'a> {
    /// As the work of a study is carried out.
    #[must_use]
    pub fn of(work: &'a Work<'_>) -> Self {
        Self { threads: work.threads, stop: work.stop(), fail_fast: work.fail_fast }
    }
}

/// What was seen of the histories of a scenario.
#[derive(Clone, Debug)]
pub struct Watched<O> {
    /// Of each that was run to its end, in the order of replicas.
    pub histories: Vec<O>,
    /// Those that could not be run.
    pub failed: Vec<FailedReplica>,
}

/// A replica that could not be run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct FailedReplica {
    /// Its number.
    pub replica: u64,
    /// Of the run.
    pub seed: u64,
    /// Why.
    pub reason: String,
    /// Whether it is a bug of ours.
    pub is_bug: bool,
}

impl<O> Watched<O> {
    /// With something else made of each history.
    pub fn map<P>(self, make: impl FnMut(O) -> P) -> Watched<P> {
        Watched { histories: self.histories.into_iter().map(make).collect(), failed: self.failed }
    }

    /// Adds those that failed to a tally, as replicas of `what`.
    pub fn count(&self, what: &str, failures: &mut Failures) {
        for FailedReplica { replica, reason, is_bug, .. } in &self.failed {
            failures.add(reason, *is_bug, || format!("{what}, replica {replica}"));
        }
    }
}

/// Keeps what each replica leaves, in their order.
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

/// Runs the histories of a scenario in parallel, each watched by an observer of its own that may look at the miners first.
///
/// # Errors
/// When `stop` is raised, or with `fail_fast` a replica cannot be run.
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
