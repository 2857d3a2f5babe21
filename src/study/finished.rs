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
