use super::{failure::Failure, terminal};
use crate::{
    output::{folder::MANIFEST, manifest::Looked},
    study::{StudyError, manifest_of},
};
use clap::Args;
use std::path::{Path, PathBuf};

/// Check that no file of a result folder has changed since it was written.
#[derive(Debug, Args)]
pub struct Verify {
    /// Result folders
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
}

impl Verify {
    pub fn call(&self) -> Result<(), Failure> {
        let (mut damaged, mut unchecked) = (Vec::new(), Vec::new());
        for folder in &self.folders {
            let shown = folder.display().to_string();
            // One folder that cannot be checked says nothing of the others.
            match check(folder, &shown) {
                Ok((is_whole, said)) => {
                    terminal::print(&said)?;
                    damaged.extend((!is_whole).then_some(shown));
                }
                Err(error) if self.folders.len() == 1 => return Err(error.into()),
                Err(error) => {
                    terminal::print(&format!("{shown}: cannot be checked: {error}\n"))?;
                    unchecked.push(shown);
                }
            }
        }
        let said = [("damaged", damaged), ("not checked", unchecked)];
        let said = said.iter().filter(|(_, folders)| !folders.is_empty());
        let said: Vec<String> = said.map(|(what, folders)| format!("{what}: {}", folders.join(", "))).collect();
        if said.is_empty() { Ok(()) } else { Err(Failure::Disk(said.join("; "))) }
    }
}

/// Whether a folder is as it was written, and what is to be said of it.
fn check(folder: &Path, shown: &str) -> Result<(bool, String), StudyError> {
    let manifest = manifest_of(folder)?;
    let faults = manifest.faults(folder, Looked::All)?;
    if manifest.is_empty() {
        return Err(StudyError::NotWhole(format!("{shown} cannot be checked: its {MANIFEST} has no hashes")));
    }
    if faults.is_empty() {
        return Ok((true, format!("{shown}: all {} files are as they were written\n", manifest.len())));
    }
    let said = faults.iter().map(|(name, fault)| format!("{shown}: {name} {fault}\n")).collect::<Vec<_>>();
    Ok((false, said.concat()))
}
