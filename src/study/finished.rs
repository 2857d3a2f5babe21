use super::StudyError;
use crate::output::{
    disk::with_ending,
    folder::{FolderError, MANIFEST, in_words},
    manifest::{Looked, Manifest},
    redraw::settle,
};
use std::path::Path;

/// The manifest of a finished result folder, after the end of whatever was being drawn anew in it.
///
/// # Errors
/// When the folder is no result, is unfinished, or its manifest is not as it was written.
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

/// The same of a folder whose tables must be as they were written.
///
/// # Errors
/// Also when a table is not as it was written.
pub fn whole(folder: &Path) -> Result<Manifest, StudyError> {
    let manifest = manifest_of(folder)?;
    let faults = manifest.faults(folder, Looked::Tables)?;
    if faults.is_empty() {
        return Ok(manifest);
    }
    let shown = folder.display();
    let faults = in_words(&faults);
    Err(StudyError::NotWhole(format!("{shown} is damaged: {faults}; make it again, with --force in its place")))
}

/// The text of a file in a finished result folder, such as [`CALIBRATION`](super::CALIBRATION).
///
/// # Errors
/// When it cannot be read.
#[cfg(feature = "cli")]
pub fn text_of(folder: &Path, file: &str) -> Result<String, StudyError> {
    let path = folder.join(file);
    std::fs::read_to_string(&path)
        .map_err(|error| StudyError::NotWhole(format!("cannot read {}: {error}", path.display())))
}

/// The same of a file of JSON, such as [`SUMMARY`](crate::output::summary::SUMMARY).
///
/// # Errors
/// Also when it is not JSON.
#[cfg(feature = "cli")]
pub fn json_of(folder: &Path, file: &str) -> Result<serde_json::Value, StudyError> {
    let text = text_of(folder, file)?;
    serde_json::from_str(&text)
        .map_err(|error| StudyError::Damaged { path: folder.join(file), problem: error.to_string() })
}
