//! A new folder of files that are made at once: it appears whole or not at all. It has no manifest, because nothing in it is resumed or redrawn.

use super::{
    disk::{At as _, DiskError, remove, sync_folder, sync_tree, with_ending, write_whole},
    error::FolderError,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A folder that is being made beside its place.
#[derive(Debug)]
pub struct NewFolder {
    path: PathBuf,
    partial: PathBuf,
}

impl NewFolder {
    /// Checks, before any work is done, that nothing lies at a path.
    ///
    /// # Errors
    /// When something does.
    pub fn at(path: &Path) -> Result<Self, FolderError> {
        if fs::symlink_metadata(path).is_ok() {
            return Err(FolderError::InTheWay { path: path.to_owned() });
        }
        Ok(Self { path: path.to_owned(), partial: with_ending(path, ".partial") })
    }

    /// Makes the folder with these files and with what `draw` puts into it, and moves it to its place.
    ///
    /// # Errors
    /// When the disk refuses, or `draw` fails.
    pub fn fill<E: From<DiskError>>(
        self,
        files: &[(&str, Vec<u8>)],
        draw: impl FnOnce(&Path) -> Result<(), E>,
    ) -> Result<PathBuf, E> {
        let Self { path, partial } = self;
        if partial.exists() {
            remove(&partial)?;
        }
        fs::create_dir_all(&partial).at("create", &partial)?;
        for (name, bytes) in files {
            write_whole(&partial.join(name), bytes)?;
        }
        draw(&partial)?;
        sync_tree(&partial)?;
        fs::rename(&partial, &path).at("create", &path)?;
        sync_folder(path.parent().unwrap_or(Path::new("")))?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_appears_whole_or_not_at_all() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("scores");
        let refused =
            |_: &Path| Err(DiskError { action: "write", path: path.clone(), source: std::io::Error::other("full") });
        let files = [("score.json", b"{}".to_vec())];
        assert!(NewFolder::at(&path).expect("nothing is there").fill(&files, refused).is_err());
        assert!(!path.exists());
        let filled = NewFolder::at(&path).expect("nothing is there").fill(&files, |_| Ok::<(), DiskError>(()));
        assert_eq!(fs::read(filled.expect("it is written").join("score.json")).expect("there"), b"{}");
        assert!(NewFolder::at(&path).is_err());
        assert_eq!(fs::read_dir(home.path()).expect("read").count(), 1, "nothing is left beside it");
    }
}
