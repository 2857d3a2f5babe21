use super::{failure::Failure, terminal};
use crate::output::{
    disk::with_ending,
    folder::{FolderError, MANIFEST, in_words},
    manifest::{Looked, Manifest},
    redraw::settle,
};
use clap::Args;
use std::path::{Path, PathBuf};

/// Check that every file of a result folder is as it was written.
#[derive(Debug, Args)]
pub struct Verify {
    /// Result folders
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
}

impl Verify {
    pub fn call(&self) -> Result<(), Failure> {
        let mut damaged = Vec::new();
        for folder in &self.folders {
            let manifest = manifest_of(folder)?;
            let faults = manifest.faults(folder, Looked::All)?;
            let shown = folder.display();
            for (name, fault) in &faults {
                terminal::print(&format!("{shown}: {name} {fault}\n"))?;
            }
            if manifest.is_empty() {
                return Err(Failure::Disk(format!("{shown} cannot be checked: its {MANIFEST} has no hashes")));
            }
            if faults.is_empty() {
                terminal::print(&format!("{shown}: all {} files are as they were written\n", manifest.len()))?;
            } else {
                damaged.push(shown.to_string());
            }
        }
        if damaged.is_empty() { Ok(()) } else { Err(Failure::Disk(format!("damaged: {}", damaged.join(", ")))) }
    }
}

/// The manifest of a finished folder whose tables must be as they were written.
pub fn whole(folder: &Path) -> Result<Manifest, Failure> {
    let manifest = manifest_of(folder)?;
    let faults = manifest.faults(folder, Looked::Tables)?;
    if faults.is_empty() {
        return Ok(manifest);
    }
    let shown = folder.display();
    Err(Failure::Disk(format!("{shown} is damaged: {}; make it again, with --force in its place", in_words(&faults))))
}

/// The manifest of a finished folder, after the end of whatever was being drawn anew in it.
fn manifest_of(folder: &Path) -> Result<Manifest, Failure> {
    let shown = folder.display();
    let of = || {
        settle(folder)?;
        Manifest::read(folder)
    };
    of().map_err(|error| match error {
        FolderError::NotAResult { .. } if with_ending(folder, ".partial").is_dir() => {
            Failure::Disk(format!("{shown} is unfinished; complete it with --resume"))
        }
        FolderError::NotAResult { .. } => {
            Failure::Input(format!("{shown} is not a result folder: it has no {MANIFEST}"))
        }
        FolderError::Damaged { path, problem } => {
            Failure::Disk(format!("{} is damaged: {problem}; make the result again", path.display()))
        }
        other => other.into(),
    })
}
