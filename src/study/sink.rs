use crate::{
    output::sink::{HistoryAddress, Lost},
    simulation::SimulationError,
};
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// The reason why a replica has no output.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplicaError {
    /// The replica was stopped; it is simulated again when the study is resumed.
    #[error("stopped before its end")]
    Stopped,
    /// The replica could not be simulated.
    #[error(transparent)]
    Lost(#[from] Lost),
}

impl ReplicaError {
    /// The request cannot be simulated.
    #[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
    pub fn failed(source: impl ToString) -> Self {
        Self::Lost(Lost { reason: source.to_string(), is_bug: false, history: None })
    }

    /// The program has a bug.
    #[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
    pub fn bug(source: impl ToString) -> Self {
        Self::Lost(Lost { reason: source.to_string(), is_bug: true, history: None })
    }

    /// Adds the address of the history that failed.
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

/// Runs a function; a panic is treated as a bug that loses only this item.
///
/// # Errors
/// Returns the errors of the function.
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
