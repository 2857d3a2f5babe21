use super::Failures;
use crate::{declare::Columns, output::csv::Recorded};
use std::path::Path;

/// The file that says what a calibration found.
pub const CALIBRATION: &str = "calibration.json";

/// Draws charts and pages into a result folder while it is finished. Studies know no charts: with the feature `charts`,
/// [`figure::Drawing`](crate::figure::Drawing) draws those that the command line draws.
pub trait Draw {
    /// What the bytes of the folder depend on, by name.
    fn options(&self) -> Vec<(&'static str, String)>;

    /// The flags of the command line that ask for the same.
    fn words(&self) -> Vec<String>;

    /// Whether there is to be a page.
    fn has_page(&self) -> bool;

    /// What takes the replicas of a run as they end, to draw its charts and its page.
    fn run(&self) -> Box<dyn DrawRun>;

    /// Draws the charts of the finished tables of another study into their folder.
    ///
    /// # Errors
    /// When a table cannot be read or a chart cannot be written.
    fn charts(&self, kind: Kind, result: &Path) -> Result<(), DrawError>;

    /// Makes the page of finished tables, in their folder. Asked for only where [`Draw::has_page`].
    ///
    /// # Errors
    /// When a table cannot be read or the page cannot be written.
    fn page(&self, kind: Kind, result: &Path) -> Result<(), DrawError>;
}

/// Draws charts and page of a run from its replicas, so that no table is read back.
pub trait DrawRun: std::fmt::Debug {
    /// Takes the next replica.
    ///
    /// # Errors
    /// When it does not agree with the first one.
    fn add(&mut self, replica: &Recorded) -> Result<(), DrawError>;

    /// Takes the history that the run is held against, in the rows of `observed.csv`.
    fn observed(&mut self, rows: Columns);

    /// Draws the charts into the folder of the run, where its summary is.
    ///
    /// # Errors
    /// When a chart cannot be written.
    fn charts(&self, result: &Path) -> Result<(), DrawError>;

    /// Makes the page, in the folder of the run, where its summary and manifest are; `failures` are the replicas that could not be run. Asked
    /// for only where [`Draw::has_page`].
    ///
    /// # Errors
    /// When the page cannot be written.
    fn page(&self, result: &Path, failures: &Failures) -> Result<(), DrawError>;
}

/// What a result folder is the result of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A run.
    Run,
    /// A sweep.
    Sweep,
    /// A calibration: a posterior.
    Calibration,
    /// Simulation-based calibration: ranks of known truths.
    Ranks,
}

impl Kind {
    /// That of a finished folder.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        if folder.join(CALIBRATION).is_file() {
            if folder.join("ranks.csv").is_file() { Self::Ranks } else { Self::Calibration }
        } else if folder.join("sweep.csv").is_file() {
            Self::Sweep
        } else {
            Self::Run
        }
    }
}

/// Why something could not be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DrawError(pub String);
