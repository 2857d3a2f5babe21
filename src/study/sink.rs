use crate::{
    output::sink::{HistoryAddress, Lost},
    simulation::SimulationError,
};
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

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
