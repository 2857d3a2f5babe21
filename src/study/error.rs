use super::{EnsembleError, Failures, Lost, MergeError, Questions, SweepError};
use crate::{
    output::{disk::DiskError, folder::FolderError, read::ReadError},
    scenario::{Finding, Problems, Severity},
    simulation::SimulationError,
};
use std::path::PathBuf;

/// The reason why a study did not complete.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StudyError {
    /// The scenario is wrong; the error contains all its problems.
    #[error(transparent)]
    Scenario(Box<Problems>),
    /// The scenario requests an answer that cannot be given.
    #[error("an answer cannot be given: {}", .0.messages())]
    NoAnswer(Box<Questions>),
    /// There are warnings, and [`Work::deny_warnings`](super::Work::deny_warnings) treats them as errors.
    #[error("{}", warnings_denied(.0))]
    Denied(Box<Questions>),
    /// The miners cannot be created.
    #[error("{source}{}", .perhaps.as_ref().map_or_else(String::new, |cause| format!("\nperhaps because {cause}")))]
    Simulation {
        /// The reason.
        source: SimulationError,
        /// A warning on the scenario that is the probable cause.
        perhaps: Option<String>,
    },
    /// A replica could not be simulated, and the study does not continue without it.
    #[error("{name} failed: {lost}")]
    Lost {
        /// The replica.
        name: String,
        /// The reason.
        lost: Lost,
    },
    /// No replica could be simulated, so there is no result.
    #[error("none of {} {what} could be run\n{}", .failures.count, .failures.lines())]
    NoneLeft {
        /// The failures.
        failures: Failures,
        /// The kind of the items that failed: replicas, runs or histories.
        what: &'static str,
    },
    /// The design of a sweep is invalid, or one of its points cannot be run.
    #[error(transparent)]
    Sweep(SweepError),
    /// The shards of a sweep cannot be merged.
    #[error(transparent)]
    Merge(MergeError),
    /// The result folder cannot be opened, filled or finished.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A disk operation failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A table cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A file of a result differs from the file that was written.
    #[error("{} is damaged: {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The problem.
        problem: String,
    },
    /// A result is incomplete or cannot be read.
    #[error("{0}")]
    NotWhole(String),
    /// Charts or a page could not be drawn.
    #[error(transparent)]
    Draw(#[from] super::DrawError),
    /// The Parquet tables could not be written.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Parquet(#[from] crate::output::parquet::ParquetTwinError),
    /// This build does not support the format of the tables.
    #[error(transparent)]
    Format(#[from] crate::output::format::FormatError),
    /// The threads could not be started.
    #[error("cannot start {threads}threads: {source}; ask for fewer with --threads")]
    Threads {
        /// Number of threads requested, followed by a space; empty if unknown.
        threads: String,
        /// The reason.
        source: rayon::ThreadPoolBuildError,
    },
    /// The study was told to stop.
    #[error("{0}")]
    Interrupted(String),
    /// The request is invalid.
    #[error("{0}")]
    Input(String),
    /// The program has a bug.
    #[error("{0}")]
    Bug(String),
}

/// The party that is responsible for an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The program has a bug.
    Bug,
    /// The request was invalid.
    Input,
    /// The disk failed, or a result is incomplete.
    Disk,
    /// The study was told to stop.
    Interrupted,
}

fn warnings_denied(questions: &Questions) -> String {
    let (warnings, _) = questions.count();
    let warnings = if warnings == 1 { "1 warning".to_owned() } else { format!("{warnings} warnings") };
    format!("{warnings}, and --deny-warnings treats them as errors")
}

impl StudyError {
    /// The problems as data: for a scenario, each problem with its place; for another error, its message alone.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        match self {
            Self::Scenario(problems) => problems.findings(),
            Self::NoAnswer(questions) | Self::Denied(questions) => questions.findings(),
            other => vec![Finding {
                code: "study::failed",
                severity: "error",
                message: other.to_string(),
                help: String::new(),
                labels: Vec::new(),
            }],
        }
    }

    /// The party that is responsible for the error.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Simulation { source, .. } => of_simulation(source),
            Self::Lost { lost, .. } if lost.is_bug => Fault::Bug,
            Self::NoneLeft { failures, .. } if failures.bugs > 0 => Fault::Bug,
            Self::Sweep(SweepError::Interrupted) | Self::Interrupted(_) => Fault::Interrupted,
            Self::Folder(error) if !error.is_disk() => Fault::Input,
            // An incomplete merge, like a full disk, must be repaired outside the program.
            Self::Merge(error) if !matches!(error, MergeError::Mixed { .. }) => Fault::Disk,
            Self::Folder(_)
            | Self::Disk(_)
            | Self::Read(_)
            | Self::Damaged { .. }
            | Self::NotWhole(_)
            | Self::Draw(_) => Fault::Disk,
            #[cfg(feature = "parquet")]
            Self::Parquet(_) => Fault::Disk,
            Self::Bug(_) => Fault::Bug,
            Self::Scenario(_)
            | Self::NoAnswer(_)
            | Self::Denied(_)
            | Self::Lost { .. }
            | Self::NoneLeft { .. }
            | Self::Sweep(_)
            | Self::Merge(_)
            | Self::Format(_)
            | Self::Threads { .. }
            | Self::Input(_) => Fault::Input,
        }
    }
}

pub(super) const fn of_simulation(error: &SimulationError) -> Fault {
    match error {
        SimulationError::NoSuchFirm { .. } | SimulationError::Population(_) => Fault::Input,
        SimulationError::Violation(_) => Fault::Bug,
        SimulationError::Interrupted => Fault::Interrupted,
    }
}

impl From<Problems> for StudyError {
    fn from(problems: Problems) -> Self {
        Self::Scenario(Box::new(problems))
    }
}

impl From<SimulationError> for StudyError {
    fn from(source: SimulationError) -> Self {
        Self::Simulation { source, perhaps: None }
    }
}

impl From<SweepError> for StudyError {
    fn from(error: SweepError) -> Self {
        match error {
            // The problems already contain the values of the point, as `--set` shows them.
            SweepError::Point { problems, .. } => Self::Scenario(problems),
            other => Self::Sweep(other),
        }
    }
}

impl From<std::convert::Infallible> for StudyError {
    fn from(error: std::convert::Infallible) -> Self {
        match error {}
    }
}

impl<E: std::error::Error> From<EnsembleError<E>> for StudyError
where
    Self: From<E>,
{
    fn from(error: EnsembleError<E>) -> Self {
        match error {
            EnsembleError::Sink(error) => error.into(),
            EnsembleError::Lost { replica, seed, lost } => {
                Self::Lost { name: format!("replica {replica} of seed {seed}"), lost }
            }
            EnsembleError::Interrupted { .. } => Self::Interrupted(error.to_string()),
            EnsembleError::Threads { threads, source } => Self::Threads { threads: format!("{threads} "), source },
        }
    }
}

impl Questions {
    /// The error when miners cannot begin, with its probable cause: the first warning.
    pub(crate) fn cause_of(&self, source: SimulationError) -> StudyError {
        let perhaps = self.iter().find(|problem| problem.severity == Severity::Warning);
        let perhaps = perhaps.map(|cause| cause.message.clone()).filter(|_| of_simulation(&source) == Fault::Input);
        StudyError::Simulation { source, perhaps }
    }
}
