use super::terminal;
use crate::{
    output::{disk::DiskError, folder::FolderError, read::ReadError},
    report::ReportError,
    scenario::Problems,
    simulation::SimulationError,
    study::{EnsembleError, Failures, Fault, StudyError, SweepError},
};
use std::process::ExitCode;

/// Why a command did not do what was asked, by whose fault.
#[derive(Debug)]
pub enum Failure {
    /// Ours.
    Bug(String),
    /// The user's input.
    Input(String),
    /// A scenario's problems, to be shown in its own text.
    Scenario(Box<Problems>),
    /// The disk's, or a result that is not whole.
    Disk(String),
    /// Someone pressed Ctrl-C.
    Interrupted(String),
}

/// Warns of what could not be run, of so many histories or other things called `what`, and was left out of a result; and names the file
/// that has each of them.
///
/// # Errors
/// If any of it is a bug: the result stands, and the exit code says so.
pub fn warn_of(failures: &Failures, total: u64, what: &str, file: Option<&str>) -> Result<(), Failure> {
    let Failures { count, bugs, .. } = *failures;
    if count == 0 {
        return Ok(());
    }
    let named = file.map_or_else(String::new, |file| format!("; {file} has the seed and the reason of each"));
    let lines = failures.lines();
    terminal::talk(&format!(
        "warning: {count} of {total} {what} could not be run and are left out, so what is given is over the others{named}\n{lines}\n"
    ));
    if bugs == 0 {
        return Ok(());
    }
    Err(Failure::Bug(format!(
        "{bugs} of {total} {what} ended in a fault of shakeout, not of the scenario; please report it"
    )))
}

/// Where nothing could be run, so that there is no result.
pub fn none_left(failures: &Failures, what: &str) -> Failure {
    let Failures { count, bugs, .. } = *failures;
    let text = format!("none of {count} {what} could be run\n{}", failures.lines());
    if bugs > 0 { Failure::Bug(text) } else { Failure::Input(text) }
}

impl Failure {
    /// Says it on stderr and gives the exit code.
    pub fn tell(&self) -> ExitCode {
        let (text, code) = match self {
            Self::Bug(text) => (format!("bug: {text}\n"), 1),
            Self::Input(text) => (format!("error: {text}\n"), 2),
            Self::Scenario(problems) => {
                terminal::talk_as_it_is(&problems.render(terminal::stderr_has_colour(), terminal::width()));
                return ExitCode::from(2);
            }
            Self::Disk(text) => (format!("error: {text}\n"), 3),
            Self::Interrupted(text) => (format!("{text}\n"), 130),
        };
        terminal::talk(&text);
        ExitCode::from(code)
    }
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
