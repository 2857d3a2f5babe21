use std::{error::Error, num::NonZeroUsize, ops::Range, sync::atomic::AtomicBool};

use super::{Lost, QueueError, QueueReport, ReplicaError, Sink, run_queue};

/// The replicas to run, and how to run them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ensemble {
    /// Numbers of the replicas. When a run is resumed, the range starts at the first replica not yet written.
    pub replicas: Range<u64>,
    /// Seed of the run. Error messages use it with the replica number to identify the history that failed.
    pub seed: u64,
    /// Number of replicas that run at once.
    pub threads: NonZeroUsize,
}

/// The reason why an ensemble ended early. The sink has received all replicas before the one named.
#[derive(Debug, thiserror::Error)]
pub enum EnsembleError<E: Error> {
    /// A replica could not be simulated, and the sink does not continue without it.
    #[error("replica {replica} of seed {seed} failed: {lost}")]
    Lost {
        /// Number of the replica.
        replica: u64,
        /// Seed of the run.
        seed: u64,
        /// The reason.
        lost: Lost,
    },
    /// The sink could not store the output.
    #[error(transparent)]
    Sink(E),
    /// The ensemble was told to stop.
    #[error("interrupted: {next} replicas are written")]
    Interrupted {
        /// The first replica not written.
        next: u64,
    },
    /// The threads could not be started.
    #[error("cannot start {threads} threads: {source}; ask for fewer with --threads")]
    Threads {
        /// Number of threads requested.
        threads: NonZeroUsize,
        /// The reason.
        source: rayon::ThreadPoolBuildError,
    },
}

/// Runs replicas in parallel and passes their outputs to `sink` in order. The output is identical to the byte for any number of
/// threads.
///
/// # Errors
/// When the sink refuses an output or does not continue without a replica (the lowest such replica is named), or `stop` is set
/// before the end.
pub fn run_ensemble<S, F>(
    ensemble: &Ensemble,
    run_one: F,
    sink: &mut S,
    stop: &AtomicBool,
    progress: &mut dyn FnMut(u64),
) -> Result<QueueReport, EnsembleError<S::Error>>
where
    S: Sink,
    F: Fn(u64, &AtomicBool) -> Result<S::Output, ReplicaError> + Sync,
{
    let &Ensemble { ref replicas, seed, threads } = ensemble;
    run_queue(replicas.clone(), threads, run_one, sink, stop, progress).map_err(|error| match error {
        QueueError::Lost { item, lost } => EnsembleError::Lost { replica: item, seed, lost },
        QueueError::Sink(source) => EnsembleError::Sink(source),
        QueueError::Interrupted { next } => EnsembleError::Interrupted { next },
        QueueError::Threads(source) => EnsembleError::Threads { threads, source },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Numbers(Vec<u64>);

    #[derive(Debug, thiserror::Error)]
    #[error("the disk is full")]
    struct Full;

    impl Sink for Numbers {
        type Output = u64;
        type Error = Full;
        fn accept(&mut self, item: u64, output: u64) -> Result<(), Full> {
            if item == 7 {
                return Err(Full);
            }
            self.0.push(output);
            Ok(())
        }
    }

    fn run(fails_at: u64, panics_at: u64) -> (Vec<u64>, String) {
        let ensemble = Ensemble { replicas: 0..9, seed: 42, threads: NonZeroUsize::new(2).expect("two is not zero") };
        let mut sink = Numbers::default();
        let outcome = run_ensemble(
            &ensemble,
            |replica, _| {
                assert!(replica != panics_at, "hashrate is negative");
                if replica == fails_at { Err(ReplicaError::failed("no price on day 3")) } else { Ok(replica * 10) }
            },
            &mut sink,
            &AtomicBool::new(false),
            &mut |_| (),
        );
        (sink.0, outcome.expect_err("something fails in each case").to_string())
    }

    #[test]
    fn an_error_names_replica_and_seed() {
        assert_eq!(run(3, 99), (vec![0, 10, 20], "replica 3 of seed 42 failed: no price on day 3".to_owned()));
        assert_eq!(run(99, 2), (vec![0, 10], "replica 2 of seed 42 failed: panicked: hashrate is negative".to_owned()));
    }

    #[test]
    fn a_run_ends_when_its_sink_refuses_an_output() {
        assert_eq!(run(99, 99), (vec![0, 10, 20, 30, 40, 50, 60], "the disk is full".to_owned()));
    }
}
