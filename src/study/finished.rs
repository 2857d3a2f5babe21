use super::StudyError;
use crate::output::{
    disk::with_ending,
    folder::{FolderError, MANIFEST, in_words},
    manifest::{Looked, Manifest},
    redraw::settle,
};
use std::path::Path;

/// Reads the manifest of a finished result folder, after completing a redraw of its charts that was interrupted.
///
/// # Errors
/// When the folder is not a result, is unfinished, or its manifest is damaged.
pub fn manifest_of(folder: &Path) -> Result<Manifest, StudyError> {
    let shown = folder.display();
    let of = || {
        settle(folder)?;
        Manifest::read(folder)
    };
    of().map_err(|error| match error {
        FolderError::NotAResult { .. } if with_ending(folder, ".partial").is_dir() => {
            StudyError::NotWhole(format!("{shown} is unfinished; complete it with --resume"))
        }
        FolderError::NotAResult { .. } => {
            StudyError::Input(format!("{shown} is not a result folder: it has no {MANIFEST}"))
        }
        FolderError::Damaged { path, problem } => {
            StudyError::NotWhole(format!("{} is damaged: {problem}; make the result again", path.display()))
        }
        other => other.into(),
    })
}

/// Reads the manifest, and checks that the tables are as they were written.
///
/// # Errors
/// Fails like [`manifest_of`], and when a table differs from the table that was written.
pub fn whole(folder: &Path) -> Result<Manifest, StudyError> {
    let manifest = manifest_of(folder)?;
    let faults = manifest.faults(folder, Looked::Tables)?;
    if faults.is_empty() {
        return Ok(manifest);
    }
    let shown = folder.display();
    let faults = in_words(&faults);
    Err(StudyError::NotWhole(format!("{shown} is damaged: {faults}; create it again; --force replaces it")))
}

/// Reads a text file of a finished result folder, such as [`CALIBRATION`](super::CALIBRATION).
///
/// # Errors
/// When the file cannot be read.
#[cfg(feature = "cli")]
pub fn text_of(folder: &Path, file: &str) -> Result<String, StudyError> {
    let path = folder.join(file);
    std::fs::read_to_string(&path)
        .map_err(|error| StudyError::NotWhole(format!("cannot read {}: {error}", path.display())))
}

/// Reads a JSON file of a finished result folder, such as [`SUMMARY`](crate::output::summary::SUMMARY).
///
/// # Errors
/// When the file cannot be read or is not JSON.
#[cfg(feature = "cli")]
pub fn json_of(folder: &Path, file: &str) -> Result<serde_json::Value, StudyError> {
    let text = text_of(folder, file)?;
    serde_json::from_str(&text)
        .map_err(|error| StudyError::Damaged { path: folder.join(file), problem: error.to_string() })
}
