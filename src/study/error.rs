use super::{EnsembleError, Failures, Lost, MergeError, Questions, SweepError};
use crate::{
    output::{disk::DiskError, folder::FolderError, read::ReadError},
    scenario::{Finding, Problems, Severity},
    simulation::SimulationError,
};
use std::path::PathBuf;

/// Why a study did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StudyError {
    /// The scenario is wrong; all its problems are here.
    #[error(transparent)]
    Scenario(Box<Problems>),
    /// The scenario asks for an answer that cannot be given.
    #[error("an answer cannot be given: {}", .0.messages())]
    NoAnswer(Box<Questions>),
    /// There are warnings, and [`Work::deny_warnings`](super::Work::deny_warnings) takes them for errors.
    #[error("{}", warnings_denied(.0))]
    Denied(Box<Questions>),
    /// The miners cannot be made.
    #[error("{source}{}", .perhaps.as_ref().map_or_else(String::new, |cause| format!("\nperhaps because {cause}")))]
    Simulation {
        /// Why.
        source: SimulationError,
        /// A warning on the scenario that has probably led to it.
        perhaps: Option<String>,
    },
    /// A replica could not be run, and the study does not go on without it.
    #[error("{name} failed: {lost}")]
    Lost {
        /// Which replica.
        name: String,
        /// Why.
        lost: Lost,
    },
    /// Nothing could be run, so that there is no result.
    #[error("none of {} {what} could be run\n{}", .failures.count, .failures.lines())]
    NoneLeft {
        /// What failed.
        failures: Failures,
        /// What they are: replicas, runs, histories.
        what: &'static str,
    },
    /// The design of a sweep, or one of its points, cannot be run.
    #[error(transparent)]
    Sweep(SweepError),
    /// The shards of a sweep cannot be put together.
    #[error(transparent)]
    Merge(MergeError),
    /// The result folder cannot be begun, filled or finished.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A table cannot be read back.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A file of a result is not as it was written.
    #[error("{} is damaged: {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A result is not whole, or cannot be read.
    #[error("{0}")]
    NotWhole(String),
    /// Charts or a page could not be drawn.
    #[error(transparent)]
    Draw(#[from] super::DrawError),
    /// The Parquet tables could not be made.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Parquet(#[from] crate::output::parquet::ParquetTwinError),
    /// The form of the tables is not built in.
    #[error(transparent)]
    Format(#[from] crate::output::format::FormatError),
    /// The threads could not be started.
    #[error("cannot start {threads}threads: {source}; ask for fewer with --threads")]
    Threads {
        /// How many were asked for, with a space behind; empty where that is not known.
        threads: String,
        /// Why.
        source: rayon::ThreadPoolBuildError,
    },
    /// The study was told to stop.
    #[error("{0}")]
    Interrupted(String),
    /// What was asked for cannot be done.
    #[error("{0}")]
    Input(String),
    /// The program is at fault.
    #[error("{0}")]
    Bug(String),
}

/// Whose fault an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The program's.
    Bug,
    /// What was asked for.
    Input,
    /// The disk's, or a result's that is not whole.
    Disk,
    /// Nobody's: the study was told to stop.
    Interrupted,
}

fn warnings_denied(questions: &Questions) -> String {
    let (warnings, _) = questions.count();
    let warnings = if warnings == 1 { "1 warning".to_owned() } else { format!("{warnings} warnings") };
    format!("{warnings}, and --deny-warnings takes them for errors")
}

impl StudyError {
    /// What is wrong, as data: the problems of a scenario, each with its place; of another error its message alone.
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

    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Simulation { source, .. } => of_simulation(source),
            Self::Lost { lost, .. } if lost.is_bug => Fault::Bug,
            Self::NoneLeft { failures, .. } if failures.bugs > 0 => Fault::Bug,
            Self::Sweep(SweepError::Interrupted) | Self::Interrupted(_) => Fault::Interrupted,
            Self::Folder(error) if !error.is_disk() => Fault::Input,
            // An incomplete merge is, like a full disk, something to be mended outside.
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
            // The values of a point stand in its problems, as `--set` shows them.
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
    /// Why miners cannot begin, with what has probably led to it: the first warning.
    pub(crate) fn cause_of(&self, source: SimulationError) -> StudyError {
        let perhaps = self.iter().find(|problem| problem.severity == Severity::Warning);
        let perhaps = perhaps.map(|cause| cause.message.clone()).filter(|_| of_simulation(&source) == Fault::Input);
        StudyError::Simulation { source, perhaps }
    }
}
