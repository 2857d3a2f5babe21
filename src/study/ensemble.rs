use std::{error::Error, num::NonZeroUsize, ops::Range, sync::atomic::AtomicBool};

use super::{Lost, QueueError, QueueReport, ReplicaError, Sink, run_queue};

/// Which replicas to run, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ensemble {
    /// Their numbers. Starts at the first one not yet written when a run is resumed.
    pub replicas: Range<u64>,
    /// The run's seed, for messages: with a replica's number it says which history failed.
    pub seed: u64,
    /// How many run at once.
    pub threads: NonZeroUsize,
}

/// Why an ensemble ended early. All replicas before the one named are with the sink.
#[derive(Debug, thiserror::Error)]
pub enum EnsembleError<E: Error> {
    /// A replica could not be run, and the sink does not go on without it.
    #[error("replica {replica} of seed {seed} failed: {lost}")]
    Lost {
        /// Its number.
        replica: u64,
        /// The run's seed.
        seed: u64,
        /// Why.
        lost: Lost,
    },
    /// Its output could not be kept.
    #[error(transparent)]
    Sink(E),
    /// It was told to stop.
    #[error("interrupted: {next} replicas are written")]
    Interrupted {
        /// The first replica not written.
        next: u64,
    },
    /// No threads.
    #[error("cannot start {threads} threads: {source}; ask for fewer with --threads")]
    Threads {
        /// How many were asked for.
        threads: NonZeroUsize,
        /// Why.
        source: rayon::ThreadPoolBuildError,
    },
}

/// Runs replicas in parallel and gives their outputs to `sink` in order: the same bytes for any number of threads.
///
/// # Errors
/// When the sink refuses or does not go on without a replica (the lowest such is named), or `stop` is set before the end.
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
    fn a_refusing_sink_ends_the_run() {
        assert_eq!(run(99, 99), (vec![0, 10, 20, 30, 40, 50, 60], "the disk is full".to_owned()));
    }
}
