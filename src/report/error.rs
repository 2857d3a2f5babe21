use crate::output::{disk::DiskError, read::ReadError};
use std::{io, path::PathBuf};

/// Why a report could not be made. Each names the file, and the line where there is one.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum ReportError {
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A table of the result folder is not there.
    #[error("{}: no such table", path.display())]
    #[diagnostic(help("is this a finished result folder? `shakeout run` writes one"))]
    MissingTable {
        /// Where it should be.
        path: PathBuf,
    },
    /// The table is there, but only as Parquet, which reports do not read yet.
    #[error("{}: there is only its Parquet twin, which reports cannot read yet", path.display())]
    #[diagnostic(help("run again with `--format csv` or `--format both`"))]
    OnlyParquet {
        /// Where the csv should be.
        path: PathBuf,
    },
    /// A table is not what it should be.
    #[error(transparent)]
    Unreadable(ReadError),
    /// `summary.json` or `manifest.json` is not what it should be.
    #[error("{}: {source}", path.display())]
    BadJson {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// A figure size that cannot be understood or drawn.
    #[error("figure size `{text}`: {problem}")]
    #[diagnostic(help("write `column`, `page`, `170x95mm` or `640x400px`"))]
    BadFigureSize {
        /// The size as given.
        text: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The drawing backend or the page's template failed: a bug of ours.
    #[error("could not draw {what}: {problem}")]
    Drawing {
        /// Figure or page.
        what: String,
        /// What the library said.
        problem: String,
    },
}

impl From<DiskError> for ReportError {
    fn from(DiskError { path, source, .. }: DiskError) -> Self {
        Self::File { path, source }
    }
}

impl ReportError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

impl From<ReadError> for ReportError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Missing { path } => Self::MissingTable { path },
            ReadError::OnlyParquet { path } => Self::OnlyParquet { path },
            other => Self::Unreadable(other),
        }
    }
}
