use crate::{
    output::{disk::DiskError, folder::FolderError, read::ReadError},
    report::ReportError,
    scenario::Problems,
    simulation::SimulationError,
    study::{EnsembleError, Fault, StudyError, SweepError},
};

/// Why a command failed, by cause.
#[derive(Debug)]
pub enum Failure {
    /// A bug of shakeout.
    Bug(String),
    /// Invalid input by the user.
    Input(String),
    /// A scenario's problems, to be shown in its own text.
    Scenario(Box<Problems>),
    /// An error of the disk, or an incomplete result.
    Disk(String),
    /// An interruption, for example by Ctrl-C.
    Interrupted(String),
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::Scenario(Box::new(problems))
    }
}

impl From<StudyError> for Failure {
    fn from(error: StudyError) -> Self {
        match error {
            StudyError::Scenario(problems) => Self::Scenario(problems),
            StudyError::NoAnswer(_) => Self::Input("an answer cannot be given: see above".to_owned()),
            other => {
                let text = other.to_string();
                match other.fault() {
                    Fault::Bug => Self::Bug(text),
                    Fault::Input => Self::Input(text),
                    Fault::Disk => Self::Disk(text),
                    Fault::Interrupted => Self::Interrupted(text),
                }
            }
        }
    }
}

impl From<SweepError> for Failure {
    fn from(error: SweepError) -> Self {
        match error {
            // The values of a point stand in its problems, as `--set` shows them.
            SweepError::Point { problems, .. } => Self::Scenario(problems),
            SweepError::Interrupted => Self::Interrupted(error.to_string()),
            other => Self::Input(other.to_string()),
        }
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        if error.is_disk() { Self::Disk(error.to_string()) } else { Self::Input(error.to_string()) }
    }
}

impl From<DiskError> for Failure {
    fn from(error: DiskError) -> Self {
        Self::Disk(error.to_string())
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::Disk(error.to_string())
    }
}

#[cfg(feature = "parquet")]
impl From<crate::output::parquet::ParquetTwinError> for Failure {
    fn from(error: crate::output::parquet::ParquetTwinError) -> Self {
        Self::Disk(error.to_string())
    }
}

#[cfg(not(feature = "parquet"))]
impl From<crate::output::format::FormatError> for Failure {
    fn from(error: crate::output::format::FormatError) -> Self {
        Self::Input(error.to_string())
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        let help = miette::Diagnostic::help(&error).map_or_else(String::new, |help| format!("; {help}"));
        Self::Disk(format!("{error}{help}"))
    }
}

impl From<SimulationError> for Failure {
    fn from(error: SimulationError) -> Self {
        match error {
            SimulationError::NoSuchFirm { .. } | SimulationError::Population(_) => Self::Input(error.to_string()),
            SimulationError::Violation(error) => Self::Bug(error.to_string()),
            SimulationError::Interrupted => Self::Interrupted(error.to_string()),
        }
    }
}

impl From<std::convert::Infallible> for Failure {
    fn from(error: std::convert::Infallible) -> Self {
        match error {}
    }
}

impl<E: std::error::Error> From<EnsembleError<E>> for Failure
where
    Self: From<E>,
{
    fn from(error: EnsembleError<E>) -> Self {
        match error {
            EnsembleError::Sink(error) => error.into(),
            EnsembleError::Lost { ref lost, .. } if lost.is_bug => Self::Bug(error.to_string()),
            EnsembleError::Interrupted { .. } => Self::Interrupted(error.to_string()),
            EnsembleError::Lost { .. } | EnsembleError::Threads { .. } => Self::Input(error.to_string()),
        }
    }
}
