use super::super::{Ensemble, EnsembleError, ReplicaError, Sink, run_ensemble};
use crate::{
    miner::population::Population,
    scenario::Scenario,
    simulation::{Engine, SimulationError, record::Observer},
};
use std::{convert::Infallible, num::NonZeroUsize, sync::atomic::AtomicBool};

/// Keeps what each replica leaves, in their order.
struct Kept<T>(Vec<T>);

impl<T: Send> Sink for Kept<T> {
    type Output = T;
    type Error = Infallible;

    fn accept(&mut self, _: u64, output: T) -> Result<(), Infallible> {
        self.0.push(output);
        Ok(())
    }
}

/// Runs the histories of a scenario in parallel, each watched by an observer of its own that may look at the miners first, and
/// gives the observers in the order of replicas.
///
/// # Errors
/// When a replica fails or panics, or `stop` is raised.
pub fn watch<O: Observer + Send>(
    scenario: &Scenario,
    threads: NonZeroUsize,
    stop: &AtomicBool,
    observer: impl Fn(&Population) -> O + Sync,
) -> Result<Vec<O>, EnsembleError<Infallible>> {
    let ensemble = Ensemble { replicas: 0..scenario.run.replicas, seed: scenario.run.seed, threads };
    let failed = |error: SimulationError| match error {
        SimulationError::Interrupted => ReplicaError::Stopped,
        other => ReplicaError::failed(other),
    };
    let broken =
        |source: SimulationError| EnsembleError::Failed { replica: 0, seed: ensemble.seed, source: source.into() };
    let engine = Engine::new(scenario, false).map_err(broken)?;
    let mut kept = Kept(Vec::new());
    run_ensemble(
        &ensemble,
        |replica, stop| {
            let mut observer = observer(&*engine.population_unless(replica, stop).map_err(failed)?);
            engine.run(replica, &mut observer, stop).map_err(failed)?;
            Ok(observer)
        },
        &mut kept,
        stop,
        &mut |_| (),
    )?;
    Ok(kept.0)
}
