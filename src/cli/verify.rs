use super::{failure::Failure, terminal};
use crate::{
    output::{folder::MANIFEST, manifest::Looked},
    study::manifest_of,
};
use clap::Args;
use std::path::PathBuf;

/// Check that no file of a result folder has changed since it was written.
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
