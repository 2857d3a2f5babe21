use super::{Arguments, Command, call, failure::Failure, options::Reading, terminal};
use crate::{
    output::{manifest::Manifest, shell},
    study::manifest_of,
};
use clap::{Args, Parser as _};
use std::path::PathBuf;

/// Repeat the run that made a result.
#[derive(Debug, Args)]
pub struct Rerun {
    /// A result folder, of which only manifest.json is read; or a manifest file
    #[arg(value_name = "DIR|MANIFEST")]
    from: PathBuf,
    /// New result folder
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Threads [default: all cores]; results do not depend on it
    #[arg(long, value_name = "N", value_parser = super::options::threads)]
    threads: Option<std::num::NonZeroUsize>,
    /// Replace a finished result folder
    #[arg(long)]
    force: bool,
}

impl Rerun {
    pub fn call(&self) -> Result<(), Failure> {
        let shown = self.from.display();
        let folder = if self.from.is_dir() { Some(&*self.from) } else { self.from.parent() };
        let named = self.from.is_dir() || self.from.file_name() == Some("manifest.json".as_ref());
        let Some(folder) = folder.filter(|_| named) else {
            return Err(Failure::Input(format!("{shown} is neither a result folder nor a manifest.json")));
        };
        let manifest = manifest_of(folder)?;
        let inputs = manifest.inputs().map_err(|missing| {
            Failure::Input(format!(
                "{shown} does not hold {missing}, which is too long: run its command where that file is"
            ))
        })?;
        let mut words = shell::words(manifest.command());
        words.extend(["--out".to_owned(), self.out.display().to_string()]);
        words.extend(self.threads.iter().flat_map(|threads| shell::flag("--threads", threads)));
        words.extend(self.force.then(|| "--force".to_owned()));
        let mut arguments = Arguments::try_parse_from(&words).map_err(|error| {
            Failure::Input(format!(
                "{shown} was made by a command that this version does not have:\n{}",
                error.render()
            ))
        })?;
        let reading = reading_of(&mut arguments.command)
            .ok_or_else(|| Failure::Input(format!("{shown} cannot be made by one command: {}", manifest.command())))?;
        reading.held = inputs.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().into())).collect();
        call(arguments.command)?;
        compare(&manifest, &manifest_of(&self.out)?)
    }
}

/// The files that a command reads.
fn reading_of(command: &mut Command) -> Option<&mut Reading> {
    match command {
        Command::Run(run) => Some(&mut run.scenario.changes.reading),
        Command::Sweep(sweep) => Some(&mut sweep.scenario.changes.reading),
        Command::Score(score) => Some(&mut score.changes.reading),
        Command::Calibrate(calibrate) => Some(&mut calibrate.reading),
        _ => None,
    }
}

/// Reports whether both results are identical.
fn compare(before: &Manifest, after: &Manifest) -> Result<(), Failure> {
    let other = before.other_than(after);
    if other.is_empty() {
        terminal::talk("every table is as the manifest states\n");
        return Ok(());
    }
    let builds = format!("made by {}, and now by {}", before.made_by(), after.made_by());
    Err(Failure::Disk(format!("these files differ from the original: {}; {builds}", other.join(", "))))
}
