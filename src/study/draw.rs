use super::Failures;
use crate::{declare::Columns, output::csv::Recorded};
use std::path::Path;

/// The file with the results of a calibration.
pub const CALIBRATION: &str = "calibration.json";

/// Draws charts and pages into a result folder that is being finished. Studies do not depend on charts: with the feature `charts`,
/// [`figure::Drawing`](crate::figure::Drawing) draws the charts of the command line.
pub trait Draw {
    /// The options that affect the bytes of the folder, by name.
    fn options(&self) -> Vec<(&'static str, String)>;

    /// The command-line flags that request these options.
    fn words(&self) -> Vec<String>;

    /// Whether a page is drawn.
    fn has_page(&self) -> bool;

    /// Returns the object that collects the replicas of a run as they end and draws its charts and its page.
    fn run(&self) -> Box<dyn DrawRun>;

    /// Draws the charts of the finished tables of a study other than a run into their folder.
    ///
    /// # Errors
    /// When a table cannot be read or a chart cannot be written.
    fn charts(&self, kind: Kind, result: &Path) -> Result<(), DrawError>;

    /// Draws the page of finished tables into their folder. It is called only if [`Draw::has_page`] is true.
    ///
    /// # Errors
    /// When a table cannot be read or the page cannot be written.
    fn page(&self, kind: Kind, result: &Path) -> Result<(), DrawError>;
}

/// Draws the charts and the page of a run from its replicas in memory, so that no table is read back.
pub trait DrawRun: std::fmt::Debug {
    /// Adds the next replica.
    ///
    /// # Errors
    /// When the replica is inconsistent with the first one.
    fn add(&mut self, replica: &Recorded) -> Result<(), DrawError>;

    /// Adds the observed history that the run is compared with, as rows of `observed.csv`.
    fn observed(&mut self, rows: Columns);

    /// Draws the charts into the folder of the run, which already contains the summary.
    ///
    /// # Errors
    /// When a chart cannot be written.
    fn charts(&self, result: &Path) -> Result<(), DrawError>;

    /// Draws the page into the folder of the run, which already contains the summary and the manifest; `failures` are the
    /// replicas that could not be simulated. It is called only if [`Draw::has_page`] is true.
    ///
    /// # Errors
    /// When the page cannot be written.
    fn page(&self, result: &Path, failures: &Failures) -> Result<(), DrawError>;
}

/// The kind of study in a result folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A run.
    Run,
    /// A sweep.
    Sweep,
    /// A calibration with a posterior.
    Calibration,
    /// Simulation-based calibration with ranks of known truths.
    Ranks,
}

impl Kind {
    /// The kind of a finished folder.
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

/// The reason why a chart or page could not be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DrawError(pub String);
