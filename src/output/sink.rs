//! Where the outputs of a queue go, and what is known of an item that has none.

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
    /// The history that failed, where an item has several.
    pub history: Option<Box<HistoryAddress>>,
}

/// What is needed to simulate one history again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryAddress {
    /// The scenario's name.
    pub episode: String,
    /// Seed of the run.
    pub seed: u64,
    /// Number of the history.
    pub replica: u64,
    /// What is set in the scenario, as `KEY=VALUE`.
    pub sets: Vec<String>,
}
