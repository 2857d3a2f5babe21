//! File operations whose errors name the file and a way out.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// The disk refused.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {source}{}", path.display(), remedy(source))]
pub struct DiskError {
    /// What was tried: "write", "create", ...
    pub action: &'static str,
    /// On which file or folder.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

fn remedy(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; free some space, then go on with --resume",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; choose a folder that you may write to with --out"
        }
        io::ErrorKind::NotADirectory => "; a part of the path is a file; choose another folder with --out",
        _ => "; when this is mended, go on with --resume",
    }
}

/// Adds the file to what the system says.
pub trait At<T> {
    /// As a [`DiskError`].
    ///
    /// # Errors
    /// The same as it wraps.
    fn at(self, action: &'static str, path: &Path) -> Result<T, DiskError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, DiskError> {
        self.map_err(|source| DiskError { action, path: path.to_owned(), source })
    }
}

/// Writes a file whole and on the disk, or not at all.
///
/// # Errors
/// When the disk refuses.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    let aside = with_ending(path, ".new");
    write_aside(File::create(&aside), &aside, path, bytes)
}

/// As [`write_whole`], in a folder that has files of others: none of theirs is taken for the file aside. A device or a pipe is written to as it is.
///
/// # Errors
/// When the disk refuses.
pub fn write_among_others(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    let path = followed(path)?;
    if fs::metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
        let mut stream = OpenOptions::new().write(true).open(&path).at("open", &path)?;
        return stream.write_all(bytes).at("write", &path);
    }
    // Its own file aside for each process; one that a killed process of the same number left behind is of no use to anyone.
    let aside = with_ending(&path, &format!(".{}.shakeout-new", std::process::id()));
    write_aside(File::create(&aside), &aside, &path, bytes)
}

fn write_aside(file: io::Result<File>, aside: &Path, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    let mut file = file.at("create", aside)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).at("write", aside);
    let placed = written.and_then(|()| fs::rename(aside, path).at("write", path));
    if placed.is_err() {
        // Half a file is of no use, and on a full disk in the way.
        let _ = fs::remove_file(aside);
    }
    placed.and_then(|()| path.parent().map_or(Ok(()), sync_folder))
}

/// Links followed in turn before they are taken for a circle; as many as Linux follows.
const MOST_LINKS: usize = 40;

/// The path that is reached when links at its end are followed, whether or not something is there.
///
/// # Errors
/// When the links lead in a circle or cannot be read.
pub fn followed(path: &Path) -> Result<PathBuf, DiskError> {
    // Without a slash at the end, which would stand for what the link leads to.
    let mut place: PathBuf = path.components().collect();
    for _ in 0..MOST_LINKS {
        if !fs::symlink_metadata(&place).is_ok_and(|metadata| metadata.is_symlink()) {
            return Ok(place);
        }
        let leads_to = fs::read_link(&place).at("follow", &place)?;
        place = place.parent().unwrap_or(Path::new("")).join(leads_to).components().collect();
    }
    Err(io::Error::other("its links lead in a circle")).at("follow", path)
}

/// Makes the names in a folder last: without it a crash of the machine may forget a rename.
///
/// # Errors
/// When the disk refuses.
pub fn sync_folder(path: &Path) -> Result<(), DiskError> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    File::open(path).and_then(|folder| folder.sync_all()).at("write", path)
}

/// Puts everything in a folder on the disk.
///
/// # Errors
/// When the disk refuses.
pub fn sync_tree(path: &Path) -> Result<(), DiskError> {
    for entry in entries(path)? {
        if entry.is_dir() {
            sync_tree(&entry)?;
        } else {
            File::open(&entry).and_then(|file| file.sync_all()).at("write", &entry)?;
        }
    }
    sync_folder(path)
}

/// What lies in a folder, by name; nothing where there is no such folder.
///
/// # Errors
/// When the folder cannot be read.
pub fn entries(path: &Path) -> Result<Vec<PathBuf>, DiskError> {
    let listing = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listing => listing.at("read", path)?,
    };
    let mut paths =
        listing.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().at("read", path)?;
    paths.sort();
    Ok(paths)
}

/// Removes a file, or a folder with all that is in it; a link, but not what it points to.
///
/// # Errors
/// When the disk refuses.
pub fn remove(path: &Path) -> Result<(), DiskError> {
    let is_folder = fs::symlink_metadata(path).at("remove", path)?.is_dir();
    if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) }.at("remove", path)
}

/// What a file holds; `None` where there is none.
///
/// # Errors
/// When it cannot be read.
pub fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, DiskError> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        bytes => bytes.at("read", path).map(Some),
    }
}

/// The path with more at the end of its last name.
#[must_use]
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}
