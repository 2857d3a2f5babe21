//! Why a result folder cannot be begun, filled, finished or read.

use std::path::PathBuf;

use super::{disk::DiskError, lock::LockError, read::ReadError};

/// The file that makes a folder a result folder: JSON with `program` ("shakeout") and `plan`, as
/// [`Manifest`](super::manifest::Manifest) writes it.
pub const MANIFEST: &str = "manifest.json";

/// What is wrong with a file of a finished folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is in the manifest and not in the folder.
    Missing,
    /// It has other bytes.
    Changed,
    /// It is in the folder and not in the manifest.
    Added,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Missing => "is not there",
            Self::Changed => "is not as it was written",
            Self::Added => "is not in the manifest: it was added later",
        })
    }
}

/// Why a result folder cannot be begun, filled or finished.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The result is finished already.
    #[error("{} is there already; --force replaces it, --out DIR writes elsewhere", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// Something lies where a new folder is to be made.
    #[error("{} is there already; choose another folder with --out DIR, or remove it", path.display())]
    InTheWay {
        /// What is there.
        path: PathBuf,
    },
    /// `--force` on something that we did not write.
    #[error("{} is not a result folder (it has no {MANIFEST} of shakeout), so it is left alone; choose another with --out DIR", path.display())]
    NotAResult {
        /// The folder.
        path: PathBuf,
    },
    /// The result is begun already.
    #[error("an unfinished run lies in {}; --resume completes it, --force starts over", path.display())]
    Unfinished {
        /// The partial folder.
        path: PathBuf,
    },
    /// The folder is of another plan.
    #[error(
        "{} is of another run, so it cannot be resumed with this one, which differs in {}; --force starts over, --out DIR writes elsewhere",
        path.display(), differences.join(", ")
    )]
    OtherPlan {
        /// The folder.
        path: PathBuf,
        /// What differs.
        differences: Vec<String>,
    },
    /// One of its tables cannot be read back.
    #[error("{source}; --force starts over, --out DIR writes elsewhere")]
    Unreadable {
        /// What is wrong.
        #[from]
        source: ReadError,
    },
    /// A file cannot be understood.
    #[error("{} is damaged: {problem}; --force starts over, --out DIR writes elsewhere", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The result is finished, and not as it was written.
    #[error("{} is damaged: {}; --force makes it again, --out DIR writes elsewhere", path.display(), in_words(faults))]
    NotWhole {
        /// The folder.
        path: PathBuf,
        /// The files and what is wrong with them.
        faults: Vec<(String, Fault)>,
    },
    /// The path cannot be the name of a folder.
    #[error("`{}` cannot be the name of a result folder", path.display())]
    BadName {
        /// The path as given.
        path: PathBuf,
    },
    /// The result is made on another disk than its place.
    #[error(
        "{} cannot become {}, which lies on another disk; name a folder in it with --out DIR",
        partial.display(), path.display()
    )]
    OtherDisk {
        /// The folder in which the result is made.
        partial: PathBuf,
        /// The folder.
        path: PathBuf,
    },
    /// Another process writes it.
    #[error("{0}")]
    Locked(LockError),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl From<LockError> for FolderError {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Disk(error) => Self::Disk(error),
            held @ LockError::Held { .. } => Self::Locked(held),
        }
    }
}

impl FolderError {
    /// Whether the disk is at fault (exit code 3), and not what was asked for (exit code 2).
    #[must_use]
    pub const fn is_disk(&self) -> bool {
        matches!(self, Self::Disk(_) | Self::NotWhole { .. })
    }
}

/// Files and what is wrong with them, the first few one by one.
#[must_use]
pub fn in_words(faults: &[(String, Fault)]) -> String {
    const SHOWN: usize = 5;
    let mut words: Vec<String> = faults.iter().take(SHOWN).map(|(name, fault)| format!("{name} {fault}")).collect();
    if faults.len() > SHOWN {
        words.push(format!("and {} files more", faults.len() - SHOWN));
    }
    words.join(", ")
}
