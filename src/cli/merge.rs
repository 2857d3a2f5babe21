use super::{
    failure::{Failure, warn_of},
    options::MergeOptions,
    sweep::Finish,
    terminal,
};
use crate::{
    output::{
        failed::{self, read_failures},
        folder::{FolderError, MANIFEST, Opened, PartialFolder},
        manifest::Manifest,
        parts::{MergeError, Parts},
        sweep::SweepTables,
    },
    study::{Design, Sink as _},
};
use clap::Args;
use std::{path::PathBuf, sync::atomic::Ordering};

/// Put the shards of a sweep together.
#[derive(Debug, Args)]
pub struct Merge {
    /// Result folder of the sweep; its shards are in DIR.parts
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    options: MergeOptions,
}

impl Merge {
    pub fn call(&self) -> Result<(), Failure> {
        let parts = Parts::find(&self.folder)?;
        let plan = &parts.plan;
        let damaged =
            |problem: String| Failure::from(FolderError::Damaged { path: parts.first().join(MANIFEST), problem });
        let option = |name: &str| {
            plan.options.get(name).ok_or_else(|| damaged(format!("it is of no sweep: `{name}` is missing")))
        };
        let design: Design = Design::from_json(option("sweep")?).map_err(|error| damaged(error.to_string()))?;
        let tables = SweepTables { epochs: option("epochs")? == "true" };
        let files = tables.files(design.factors.iter().map(|factor| factor.key.as_str()));
        let points = design.count().map_err(|error| damaged(error.to_string()))?;
        // Before anything is begun, so that nothing is left of a merge that cannot be.
        let mut rows = parts.read(&files)?;
        let Opened::Partial(mut partial) =
            PartialFolder::open(&self.folder, plan, self.options.existing.mode(), &files)?
        else {
            terminal::talk(&format!("{} is finished: nothing to do\n", self.folder.display()));
            return warn_of(&read_failures(&self.folder)?, points * plan.replicas, "runs", Some(failed::FILE));
        };
        terminal::note_damage(&partial);
        let stop = terminal::stop_flag()?;
        let begun = partial.next();
        for run in 0..points * plan.replicas {
            if stop.load(Ordering::Relaxed) {
                return Err(Failure::Interrupted(format!(
                    "interrupted: {} runs are merged in {}; --resume goes on from there",
                    run.max(begun),
                    partial.partial().display()
                )));
            }
            let taken = rows.take(run, run / plan.replicas, run % plan.replicas)?;
            if run >= begun {
                partial.accept(run, taken)?;
            }
        }
        rows.end()?;
        let manifest = Manifest::like(parts.first(), plan)?;
        let finish = Finish { tables, design: &design, output: &self.options.output };
        finish.conclude(partial, manifest, plan)?;
        terminal::talk(&format!("{points} points x {} replicas in {}\n", plan.replicas, self.folder.display()));
        warn_of(&read_failures(&self.folder)?, points * plan.replicas, "runs", Some(failed::FILE))
    }
}

impl From<MergeError> for Failure {
    fn from(error: MergeError) -> Self {
        match error {
            MergeError::Folder(error) => error.into(),
            MergeError::Mixed { .. } => Self::Input(error.to_string()),
            // An incomplete merge is, like a full disk, something to be mended outside.
            other => Self::Disk(other.to_string()),
        }
    }
}
