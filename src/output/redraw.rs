//! Files of a finished folder that are made anew, all of them at once.
//!
//! ```text
//! DIR.redraw/lock      who is making them
//!            new/      the new files, by their paths in DIR, and the manifest that knows them
//!            decided   they are whole and on the disk, and take the places of the old ones
//! ```
//!
//! Until `decided` is there, nothing in DIR has changed, and what lies beside it is thrown away by the next one. From then on
//! whoever comes next carries it out to the end, so that charts, page and manifest are all old or all new.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    disk::{At as _, DiskError, entries, read_if_there, remove, sync_folder, sync_tree, with_ending, write_whole},
    error::{FolderError, MANIFEST},
    lock::Lock,
    manifest::{Manifest, files_in},
    plan::{sha256, sha256_of_file},
};

/// What was decided.
#[derive(Debug, Serialize, Deserialize)]
struct Decided {
    /// Hashes of the manifest before and after: in a folder that has neither, it is of no use any more.
    manifests: [String; 2],
    /// Files that are gone.
    gone: BTreeSet<String>,
}

/// New files for a finished folder. Dropped before they are put in place, they are thrown away.
#[derive(Debug)]
pub struct Redraw {
    folder: PathBuf,
    beside: PathBuf,
    lock: Option<Lock>,
}

impl Redraw {
    /// Makes room for new files beside a folder, after the end of whatever was decided there before.
    ///
    /// # Errors
    /// When another process is at it, something else lies there, or the disk refuses.
    pub fn begin(folder: &Path) -> Result<Self, FolderError> {
        let folder = folder.canonicalize().at("read", folder)?;
        let beside = beside(&folder);
        fs::create_dir_all(&beside).at("create", &beside)?;
        let lock = Lock::take(&beside.join("lock"))?;
        if let Some(foreign) = entries(&beside)?.iter().find(|path| !is_ours(path)) {
            return Err(FolderError::NotAResult { path: foreign.clone() });
        }
        let redraw = Self { folder, beside, lock: Some(lock) };
        redraw.carry_out()?;
        redraw.clear()?;
        let place = redraw.place();
        fs::create_dir_all(&place).at("create", &place)?;
        Ok(redraw)
    }

    /// The folder in which the new files are written, under their paths in the result.
    #[must_use]
    pub fn place(&self) -> PathBuf {
        self.beside.join("new")
    }

    /// The result folder for which they are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Puts them in their places, and of the charts and the page that the `manifest` knows removes those that `is_gone` names
    /// and that are not there anew.
    ///
    /// # Errors
    /// When the disk refuses. What was decided by then is carried out by the next one.
    #[expect(clippy::missing_panics_doc, reason = "strings can always be written as JSON")]
    pub fn put_in_place(self, manifest: Manifest, is_gone: impl Fn(&str) -> bool) -> Result<(), FolderError> {
        let place = self.place();
        let new: BTreeSet<String> = files_in(&place)?.into_iter().collect();
        let gone: BTreeSet<String> =
            manifest.drawn().filter(|&name| is_gone(name) && !new.contains(name)).map(ToOwned::to_owned).collect();
        let mut changed: Vec<(String, Option<String>)> = gone.iter().map(|name| (name.clone(), None)).collect();
        for name in new {
            let hash = sha256_of_file(&place.join(&name))?;
            changed.push((name, Some(hash)));
        }
        let manifest = manifest.with_changed(changed).to_json();
        let before = sha256_of_file(&self.folder.join(MANIFEST))?;
        let decided = Decided { manifests: [before, sha256(&manifest)], gone };
        write_whole(&place.join(MANIFEST), &manifest)?;
        sync_tree(&place)?;
        let text = serde_json::to_vec(&decided).expect("strings can be written as JSON");
        write_whole(&self.beside.join("decided"), &text)?;
        Ok(self.carry_out()?)
    }

    fn carry_out(&self) -> Result<(), DiskError> {
        let path = self.beside.join("decided");
        let Some(text) = read_if_there(&path)? else { return Ok(()) };
        let decided = serde_json::from_slice::<Decided>(&text).ok();
        let manifest = read_if_there(&self.folder.join(MANIFEST))?.map(|bytes| sha256(&bytes));
        // The folder may be another one by now.
        let Some(decided) = decided.filter(|decided| manifest.is_some_and(|is| decided.manifests.contains(&is))) else {
            return remove(&path);
        };
        let place = self.place();
        for name in &decided.gone {
            let path = self.folder.join(name);
            if fs::symlink_metadata(&path).is_ok() {
                remove(&path)?;
            }
        }
        let mut folders = BTreeSet::from([self.folder.clone()]);
        for name in files_in(&place)?.into_iter().chain([MANIFEST.to_owned()]) {
            let (new, old) = (place.join(&name), self.folder.join(&name));
            if !new.exists() {
                continue;
            }
            if let Some(parent) = old.parent().filter(|parent| !parent.is_dir()) {
                fs::create_dir_all(parent).at("create", parent)?;
            }
            fs::rename(&new, &old).at("write", &old)?;
            folders.extend(old.parent().map(ToOwned::to_owned));
        }
        folders.iter().try_for_each(|folder| sync_folder(folder))?;
        remove(&path)
    }

    /// Throws away all but the lock.
    fn clear(&self) -> Result<(), DiskError> {
        entries(&self.beside)?.iter().filter(|path| !path.ends_with("lock")).try_for_each(|path| remove(path))
    }
}

impl Drop for Redraw {
    fn drop(&mut self) {
        // What was decided and not carried out is kept.
        if !self.beside.join("decided").exists() && self.clear().is_ok() {
            self.lock = None;
            let _ = fs::remove_dir(&self.beside);
        }
    }
}

/// Carries out what a process that was killed had decided for a finished folder. Costs nothing where there is nothing.
///
/// # Errors
/// When another process is at it, or the disk refuses.
pub fn settle(folder: &Path) -> Result<(), FolderError> {
    let is_decided = folder.canonicalize().is_ok_and(|folder| beside(&folder).join("decided").is_file());
    if is_decided { Redraw::begin(folder).map(drop) } else { Ok(()) }
}

fn beside(folder: &Path) -> PathBuf {
    with_ending(folder, ".redraw")
}

fn is_ours(path: &Path) -> bool {
    ["lock", "new", "decided", "decided.new"].iter().any(|name| path.ends_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::{manifest::Looked, plan::Plan};
    use std::collections::BTreeMap;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().expect("it has one")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }

    /// A finished folder with a table, two charts and a page.
    fn finished(home: &Path) -> PathBuf {
        let folder = home.join("run");
        for name in ["days.csv", "charts/a.svg", "charts/b.svg", "report.html"] {
            write(&folder.join(name), "old");
        }
        let manifest = Manifest::new(&Plan::new("days = 3", 1, 1), "days = 3");
        let manifest = manifest.with_files(&folder, &BTreeMap::new()).expect("it can be read");
        fs::write(folder.join(MANIFEST), manifest.to_json()).expect("it can be written");
        folder
    }

    fn texts(folder: &Path) -> BTreeMap<String, String> {
        let read = |name: String| (name.clone(), fs::read_to_string(folder.join(&name)).expect("text"));
        files_in(folder).expect("it can be read").into_iter().map(read).collect()
    }

    fn is_whole(folder: &Path) -> bool {
        Manifest::read(folder).expect("it is whole").faults(folder, Looked::All).expect("it can be read").is_empty()
    }

    fn drawn_anew(folder: &Path) -> Redraw {
        let redraw = Redraw::begin(folder).expect("nobody else is at it");
        for name in ["charts/a.svg", "charts/c.svg", "report.html"] {
            write(&redraw.place().join(name), "new");
        }
        redraw
    }

    const AFTER: [(&str, &str); 4] =
        [("charts/a.svg", "new"), ("charts/c.svg", "new"), ("days.csv", "old"), ("report.html", "new")];

    fn after() -> BTreeMap<String, String> {
        AFTER.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
    }

    #[test]
    fn all_is_old_until_all_is_new() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = finished(home.path());
        let before = texts(&folder);
        drop(drawn_anew(&folder));
        assert_eq!(texts(&folder), before);
        let manifest = Manifest::read(&folder).expect("it is whole");
        drawn_anew(&folder).put_in_place(manifest, |name| name.starts_with("charts/")).expect("it is put in place");
        assert_eq!(texts(&folder), after());
        assert!(is_whole(&folder));
        assert_eq!(entries(home.path()).expect("read").len(), 1, "nothing is left beside it");
    }

    /// Killed after each of its steps, by what it leaves: the decision, and so many files in their places.
    #[test]
    fn what_was_decided_is_carried_out_by_the_next_one() {
        let home = tempfile::tempdir().expect("a folder");
        for moved in 0..=4 {
            let folder = finished(&home.path().join(moved.to_string()));
            let (manifest, old) =
                (Manifest::read(&folder).expect("whole"), fs::read(folder.join(MANIFEST)).expect("read"));
            let redraw = drawn_anew(&folder);
            let place = redraw.place();
            let new = files_in(&place).expect("read");
            let changed =
                new.iter().map(|name| (name.clone(), Some(sha256(b"new")))).chain([("charts/b.svg".to_owned(), None)]);
            let manifest = manifest.with_changed(changed).to_json();
            fs::write(place.join(MANIFEST), &manifest).expect("written");
            let decided = Decided {
                manifests: [sha256(&old), sha256(&manifest)],
                gone: BTreeSet::from(["charts/b.svg".to_owned()]),
            };
            fs::write(redraw.beside.join("decided"), serde_json::to_vec(&decided).expect("JSON")).expect("written");
            for name in new.iter().map(String::as_str).chain([MANIFEST]).take(moved) {
                fs::rename(place.join(name), folder.join(name)).expect("moved");
            }
            drop(redraw);
            settle(&folder).expect("it is carried out");
            assert_eq!(texts(&folder), after(), "{moved} files were in their places");
            assert!(is_whole(&folder));
            assert!(!beside(&folder).exists());
        }
    }

    #[test]
    fn what_was_decided_for_another_result_is_thrown_away() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = finished(home.path());
        let before = texts(&folder);
        let redraw = drawn_anew(&folder);
        fs::write(redraw.place().join(MANIFEST), "{}").expect("written");
        let decided = Decided { manifests: [sha256(b"x"), sha256(b"{}")], gone: BTreeSet::new() };
        fs::write(redraw.beside.join("decided"), serde_json::to_vec(&decided).expect("JSON")).expect("written");
        drop(redraw);
        settle(&folder).expect("it is looked at");
        assert_eq!(texts(&folder), before);
    }

    #[test]
    fn two_processes_do_not_redraw_one_folder_and_what_is_not_ours_is_kept() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = finished(home.path());
        let redraw = drawn_anew(&folder);
        assert!(matches!(Redraw::begin(&folder), Err(FolderError::Locked(_))));
        drop(redraw);
        write(&beside(&folder).join("letter.txt"), "mine");
        assert!(Redraw::begin(&folder).is_err());
        assert_eq!(texts(&beside(&folder)).get("letter.txt").map(String::as_str), Some("mine"));
    }
}
