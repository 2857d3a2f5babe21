use std::error::Error;

/// Takes finished outputs, in the order of their numbers and each once. Output implements it with a result folder.
pub trait Sink {
    /// What a worker leaves for it: formatted in the worker, so that taking it is only writing.
    type Output: Send;
    /// Why it could not be kept.
    type Error: Error;

    /// Takes the output of the next item.
    ///
    /// # Errors
    /// When it could not be kept; the queue then stops.
    fn accept(&mut self, item: u64, output: Self::Output) -> Result<(), Self::Error>;
}

/// Why a replica has no output.
#[derive(Debug, thiserror::Error)]
pub enum ReplicaError {
    /// It saw the stop flag and gave up; it is run again on resume.
    #[error("stopped before its end")]
    Stopped,
    /// It failed.
    #[error(transparent)]
    Failed(Box<dyn Error + Send + Sync>),
}

impl ReplicaError {
    /// Wraps what went wrong.
    pub fn failed(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed(source.into())
    }
}
