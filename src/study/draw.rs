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

    /// Draws the charts of finished tables into their folder.
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
