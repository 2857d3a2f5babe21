//! What lies at a result folder's place, and in the partial folder beside it.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};

use super::{
    disk::{At as _, DiskError, entries, read_if_there, remove},
    error::{FolderError, MANIFEST},
    lock::Lock,
    manifest::PROGRAM,
    plan::Plan,
    table::TableFile,
};

/// What a partial folder remembers of its beginning.
#[derive(Debug, Serialize, Deserialize)]
pub struct Begun {
    /// What is being run.
    pub plan: Plan,
    /// It was begun with `--force`: a finished result may be replaced.
    pub replaces: bool,
}

/// The part of a manifest by which a finished folder knows its plan.
#[derive(Deserialize)]
struct Finished {
    plan: Plan,
}

/// The part of a manifest by which a folder is known to be ours, of whatever version.
#[derive(Deserialize)]
struct Signed {
    program: String,
}

/// What stands where the result is to go.
pub enum Standing {
    /// Nothing, or an empty folder.
    Nothing,
    /// A result folder.
    Result,
    /// Something that is not ours.
    Foreign,
}

pub fn standing(target: &Path) -> Result<Standing, DiskError> {
    if !fs::exists(target).at("read", target)? {
        return Ok(Standing::Nothing);
    }
    if !target.is_dir() {
        return Ok(Standing::Foreign);
    }
    // Many programs have a file of that name: ours says that it is ours.
    let manifest = read_if_there(&target.join(MANIFEST))?.unwrap_or_default();
    if serde_json::from_slice::<Signed>(&manifest).is_ok_and(|manifest| manifest.program == PROGRAM) {
        return Ok(Standing::Result);
    }
    Ok(if entries(target)?.is_empty() { Standing::Nothing } else { Standing::Foreign })
}

fn parse<T: for<'a> Deserialize<'a>>(path: &Path, bytes: &[u8]) -> Result<T, FolderError> {
    serde_json::from_slice(bytes)
        .map_err(|error| FolderError::Damaged { path: path.to_owned(), problem: error.to_string() })
}

/// Whether the system can make the partial folder's result the target by a rename: it cannot from disk to disk, nor where
/// another disk is mounted.
#[cfg(unix)]
pub fn can_be_named(partial: &Path, target: &Path) -> Result<bool, DiskError> {
    use std::os::unix::fs::MetadataExt as _;
    let disk = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev()).at("read", path);
    let parent = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let made_on = disk(partial)?;
    Ok(made_on == disk(parent)? && (!target.exists() || made_on == disk(target)?))
}

/// Elsewhere it is found out in the end.
#[cfg(not(unix))]
pub fn can_be_named(_: &Path, _: &Path) -> Result<bool, DiskError> {
    Ok(true)
}

/// The plan of a finished folder.
pub fn finished_plan(target: &Path) -> Result<Plan, FolderError> {
    let path = target.join(MANIFEST);
    let bytes = fs::read(&path).at("read", &path)?;
    Ok(parse::<Finished>(&path, &bytes)?.plan)
}

/// What a partial folder says of its beginning; `None` where nothing was begun.
pub fn begun(partial: &Path) -> Result<Option<Begun>, FolderError> {
    let path = partial.join("plan.json");
    read_if_there(&path)?.map(|bytes| parse(&path, &bytes)).transpose()
}

/// Empties a partial folder for a new beginning, but for its lock. What is not known to be ours is left alone.
pub fn clear(partial: &Path, is_ours: bool) -> Result<(), FolderError> {
    let ours = ["lock", "plan.json.new"];
    let foreign = entries(partial)?.into_iter().find(|path| ours.iter().all(|name| !path.ends_with(name)));
    match foreign {
        Some(path) if !is_ours => Err(FolderError::NotAResult { path: path.parent().unwrap_or(partial).to_owned() }),
        _ => Ok(discard(partial)?),
    }
}

/// Removes all but the lock; the plan last, so that a half-emptied folder is still known to be ours.
pub fn discard(partial: &Path) -> Result<(), DiskError> {
    let (plan, others): (Vec<_>, Vec<_>) = entries(partial)?
        .into_iter()
        .filter(|path| !path.ends_with("lock"))
        .partition(|path| path.ends_with("plan.json"));
    others.iter().chain(&plan).try_for_each(|path| remove(path))
}

/// Removes what a process killed just after giving the result its name has left behind.
pub fn forget_finished(partial: &Path, plan: &Plan) -> Result<(), FolderError> {
    if !partial.is_dir() {
        return Ok(());
    }
    let is_left_over = match begun(partial)? {
        Some(begun) => begun.plan == *plan && !partial.join("result").exists(),
        // Killed when all but the lock was gone.
        None => entries(partial)?.iter().all(|path| path.ends_with("lock")),
    };
    if is_left_over {
        // The process that holds the lock is beginning something there: the finished result stays.
        let Ok(lock) = Lock::take(&partial.join("lock")) else { return Ok(()) };
        discard(partial)?;
        drop(lock);
        let _ = fs::remove_dir(partial);
    }
    Ok(())
}

/// Undoes a finish that was cut short: tables moved aside come back, and what was made from the tables goes.
pub fn take_back(partial: &Path, result: &Path, tables: &[TableFile]) -> Result<(), DiskError> {
    let names: Vec<_> = tables.iter().map(|table| format!("{}.csv", table.name)).collect();
    for name in &names {
        let (aside, place) = (partial.join(name), result.join(name));
        if aside.exists() && !place.exists() {
            fs::rename(&aside, &place).at("move", &aside)?;
        }
    }
    for path in entries(result)? {
        if names.iter().all(|name| !path.ends_with(name)) {
            remove(&path)?;
        }
    }
    Ok(())
}
