use crate::simulation::SimulationError;
use std::{
    any::Any,
    error::Error,
    panic::{AssertUnwindSafe, catch_unwind},
};

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

    /// Takes note that the next item could not be run, and gives it back where that ends the queue: so does a sink that has no
    /// place for it.
    ///
    /// # Errors
    /// When it could not be kept; the queue then stops.
    fn lose(&mut self, item: u64, lost: Lost) -> Result<Option<Lost>, Self::Error> {
        let _ = item;
        Ok(Some(lost))
    }
}

/// Why there is no output of an item.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Lost {
    /// In words.
    pub reason: String,
    /// Whether it is a bug of ours: a panic, or books that do not balance. Otherwise what was asked for cannot be simulated.
    pub is_bug: bool,
    /// Which of its histories failed, where an item has several.
    pub history: Option<Box<HistoryAddress>>,
}

/// What is needed to simulate one history again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryAddress {
    /// The scenario's name.
    pub episode: String,
    /// Of the run.
    pub seed: u64,
    /// Number of the history.
    pub replica: u64,
    /// What is set in the scenario, as `KEY=VALUE`.
    pub sets: Vec<String>,
}

/// Why a replica has no output.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplicaError {
    /// It saw the stop flag and gave up; it is run again on resume.
    #[error("stopped before its end")]
    Stopped,
    /// It could not be run.
    #[error(transparent)]
    Lost(#[from] Lost),
}

impl ReplicaError {
    /// What was asked for cannot be simulated.
    #[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
    pub fn failed(source: impl ToString) -> Self {
        Self::Lost(Lost { reason: source.to_string(), is_bug: false, history: None })
    }

    /// Ours.
    #[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
    pub fn bug(source: impl ToString) -> Self {
        Self::Lost(Lost { reason: source.to_string(), is_bug: true, history: None })
    }

    /// With the history that failed.
    #[must_use]
    pub fn at(self, address: impl FnOnce() -> HistoryAddress) -> Self {
        match self {
            Self::Lost(lost) => Self::Lost(Lost { history: Some(Box::new(address())), ..lost }),
            Self::Stopped => Self::Stopped,
        }
    }
}

impl From<SimulationError> for ReplicaError {
    fn from(error: SimulationError) -> Self {
        match error {
            SimulationError::Interrupted => Self::Stopped,
            SimulationError::Violation(_) => Self::bug(error),
            SimulationError::Population(_) | SimulationError::NoSuchFirm { .. } => Self::failed(error),
        }
    }
}

/// Runs something, and takes a panic for a bug by which this one item is lost.
///
/// # Errors
/// As it has them.
pub fn guarded<O>(run: impl FnOnce() -> Result<O, ReplicaError>) -> Result<O, ReplicaError> {
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|payload| Err(ReplicaError::bug(format!("panicked: {}", message_of(payload.as_ref())))))
}

pub(super) fn message_of(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_owned())
}
