use super::{
    Folder, SweepTables,
    folder::{conclude, twins},
    parts::{MergeError, Parts},
};
use crate::{
    output::{
        folder::{FolderError, MANIFEST},
        manifest::Manifest,
    },
    study::{Design, FolderOutcome, Sink as _, StudyError, Work, run::open_partial},
};

/// Merges the finished shards of a sweep. The result is identical, to the byte, to the folder of the undivided sweep. The shards
/// are in a folder beside it, whose name ends in `.parts`.
///
/// ```no_run
/// use shakeout::study::{Folder, Work, merge};
///
/// let found = merge(&Folder::new("output/downturn-sweep"), &mut Work::new())?;
/// println!("{} runs", found.total);
/// # Ok::<(), shakeout::study::StudyError>(())
/// ```
///
/// # Errors
/// When a shard is missing or damaged, a disk operation fails, or the work is stopped.
pub fn merge(folder: &Folder<'_>, work: &mut Work<'_>) -> Result<FolderOutcome, StudyError> {
    let parts = Parts::find(&folder.path)?;
    let plan = &parts.plan;
    let damaged = |problem: String| FolderError::Damaged { path: parts.first().join(MANIFEST), problem };
    let option =
        |name: &str| plan.options.get(name).ok_or_else(|| damaged(format!("it is of no sweep: `{name}` is missing")));
    let design: Design = Design::from_json(option("sweep")?).map_err(|error| damaged(error.to_string()))?;
    let tables = SweepTables { epochs: option("epochs")? == "true" };
    let files = tables.files(design.factors.iter().map(|factor| factor.key.as_str()));
    let runs = design.count().map_err(|error| damaged(error.to_string()))? * plan.replicas;
    // Reading before the folder is opened ensures that a merge that is impossible leaves nothing behind.
    let mut rows = parts.read(&files)?;
    if let Some(mut partial) = open_partial(folder, plan, &files, work)? {
        let begun = partial.next();
        for run in 0..runs {
            if work.is_stopped() {
                return Err(StudyError::Interrupted(format!(
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
        let mut twins = twins(folder.format, &partial, tables, &design, plan)?;
        twins.add_csv()?;
        conclude(folder, (tables, &design), (partial, twins), manifest, plan)?;
    }
    FolderOutcome::of(folder.path.clone(), runs)
}

impl From<MergeError> for StudyError {
    fn from(error: MergeError) -> Self {
        match error {
            MergeError::Folder(error) => error.into(),
            other => Self::Merge(other),
        }
    }
}
