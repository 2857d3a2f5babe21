use std::{
    collections::BTreeMap,
    io::Read as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::{printable::one_line, tree::Place};

/// The role of a source in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The scenario file itself.
    Scenario,
    /// A file that it extends.
    Base,
    /// A `--set`.
    Set,
    /// A table of numbers that it names.
    Table,
}

/// A text from which a scenario is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Its name in messages.
    pub name: String,
    /// Its folder, relative to the scenario's own.
    pub folder: PathBuf,
    /// Its role.
    pub role: Role,
    /// Its bytes, which are UTF-8.
    pub text: Arc<str>,
    /// Where its lines end.
    line_ends: Arc<[usize]>,
}

impl Source {
    /// The line at a byte, from 1.
    #[must_use]
    pub fn line(&self, byte: usize) -> usize {
        1 + self.line_ends.partition_point(|&end| end < byte)
    }
}

impl Source {
    /// Its path from the scenario's own folder, which does not depend on where that folder lies or how its path was written. For a file
    /// outside the folder, its name.
    #[must_use]
    pub fn path_in_scenario(&self) -> String {
        let name = Path::new(&self.name);
        let path = match self.role {
            Role::Set => return self.name.clone(),
            // The name of a table is its path from the scenario's folder.
            Role::Table => name.to_owned(),
            Role::Scenario | Role::Base => self.folder.join(name.file_name().unwrap_or(name.as_os_str())),
        };
        if path.is_absolute() {
            return path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        }
        path.display().to_string()
    }
}
/// Every text from which a scenario is read, in the order of reading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Adds a text and returns its index.
    pub fn add(
        &mut self,
        name: impl Into<String>,
        folder: impl Into<PathBuf>,
        role: Role,
        text: impl Into<Arc<str>>,
    ) -> usize {
        let name = one_line(&name.into()).into_owned();
        let text: Arc<str> = text.into();
        let line_ends = text.match_indices('\n').map(|(at, _)| at).collect();
        self.0.push(Source { name, folder: folder.into(), role, text, line_ends });
        self.0.len() - 1
    }

    /// Appends all texts of `others`.
    pub(super) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The indices of the texts that were typed and have this name.
    pub(super) fn typed(&self, name: &str) -> impl Iterator<Item = usize> {
        let all = self.0.iter().enumerate();
        all.filter(move |(_, source)| source.role == Role::Set && source.name == name).map(|(index, _)| index)
    }

    /// Gives other names to what was typed, which is in no file.
    pub(super) fn rename_typed(&mut self, name: impl Fn(&str) -> String) {
        self.0.iter_mut().filter(|source| source.role == Role::Set).for_each(|source| source.name = name(&source.name));
    }

    /// The text of a place.
    #[must_use]
    pub fn of(&self, place: Place) -> &Source {
        &self.0[place.source]
    }

    /// All texts.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }

    /// The line at which a place begins, from 1.
    #[must_use]
    pub fn line(&self, place: Place) -> usize {
        self.of(place).line(place.start)
    }

    /// The bytes at a place.
    #[must_use]
    pub fn bytes(&self, place: Place) -> &str {
        self.of(place).text.get(place.start..place.end).unwrap_or("")
    }
}

/// How files are read: from the disk, or from memory.
pub trait Files {
    /// The length of a file in bytes.
    ///
    /// # Errors
    /// When the file cannot be reached.
    fn length(&self, path: &Path) -> std::io::Result<u64>;
    /// A file's bytes.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>>;
}

/// The files on the disk that a scenario may read: regular files, also through links, that are the scenario itself or lie below its own folder, the
/// current folder or a folder that the user allows. Kernel interfaces such as `/proc` are never read.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    named: Option<PathBuf>,
    folders: Vec<PathBuf>,
}

/// Folders in which the kernel shows processes, their environment and devices as files.
const NO_FILES: [&str; 2] = ["/proc", "/sys"];

impl Disk {
    /// The files allowed to a scenario file that the user names.
    #[must_use]
    pub fn beside(scenario: &Path) -> Self {
        Self::below(scenario.parent().unwrap_or(Path::new(""))).named(scenario)
    }

    /// The files allowed to a scenario that is not a file, whose own folder this is.
    #[must_use]
    pub fn below(folder: &Path) -> Self {
        Self::default().allowing(folder).allowing(Path::new("."))
    }

    fn named(self, file: &Path) -> Self {
        Self { named: std::fs::canonicalize(file).ok(), ..self }
    }

    /// Also allows files below this folder, if it exists.
    #[must_use]
    pub fn allowing(mut self, folder: &Path) -> Self {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        self.folders.extend(std::fs::canonicalize(folder));
        self
    }

    /// The path of a file with links followed, if the file may be read.
    fn place(&self, path: &Path) -> std::io::Result<PathBuf> {
        let refused = |why: &str| Err(std::io::Error::other(why));
        let place = std::fs::canonicalize(path)?;
        if NO_FILES.iter().any(|folder| place.starts_with(folder)) {
            return refused("it is part of the system and no file of data");
        }
        let is_named = self.named.as_ref() == Some(&place);
        if !is_named && !self.folders.iter().any(|folder| place.starts_with(folder)) {
            return refused("it lies outside the folders whose files this scenario may read");
        }
        let metadata = std::fs::metadata(&place)?;
        if metadata.is_dir() {
            return refused("it is a folder");
        }
        // A device or a pipe may have no end.
        if !metadata.is_file() {
            return refused("it is no regular file");
        }
        Ok(place)
    }
}

impl Files for Disk {
    fn length(&self, path: &Path) -> std::io::Result<u64> {
        std::fs::metadata(self.place(path)?).map(|metadata| metadata.len())
    }

    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        std::fs::read(self.place(path)?)
    }
}

/// Files that a caller holds in memory, such as tables of another program, which take precedence over files on the disk. Each file on the disk is
/// read once, so that every reading of a scenario sees the same text even if the file is edited meanwhile.
#[derive(Debug)]
pub struct Remembered {
    disk: Disk,
    /// The names of the files that the caller holds.
    given: Vec<String>,
    read: Mutex<BTreeMap<PathBuf, Arc<[u8]>>>,
}

impl Remembered {
    /// Files on this disk.
    #[must_use]
    pub fn of(disk: Disk) -> Self {
        Self::with(disk, BTreeMap::new())
    }

    /// Files on this disk, and these in memory, by their paths as they are read.
    #[must_use]
    pub fn with(disk: Disk, held: BTreeMap<PathBuf, Arc<[u8]>>) -> Self {
        let held: BTreeMap<_, _> = held.into_iter().map(|(path, bytes)| (tidy(&path), bytes)).collect();
        let given = held.keys().map(|path| path.display().to_string()).collect();
        Self { disk, given, read: Mutex::new(held) }
    }

    /// Why a file is not there, where the caller holds others.
    fn not_there(&self, error: std::io::Error) -> std::io::Error {
        if error.kind() != std::io::ErrorKind::NotFound || self.given.is_empty() {
            return error;
        }
        let given = self.given.join("`, `");
        std::io::Error::other(format!(
            "there is no such file on the disk, nor among those in memory, which are `{given}`"
        ))
    }

    fn bytes(&self, path: &Path) -> std::io::Result<Arc<[u8]>> {
        let name = tidy(path);
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = held(&read, &name) {
            return Ok(Arc::clone(bytes));
        }
        let bytes: Arc<[u8]> = self.disk.read(path).map_err(|error| self.not_there(error))?.into();
        read.insert(name, Arc::clone(&bytes));
        Ok(bytes)
    }
}

/// A file in memory. One that is named by its whole path is held by its last part, since it lies elsewhere on another machine.
fn held<'a>(files: &'a BTreeMap<PathBuf, Arc<[u8]>>, path: &Path) -> Option<&'a Arc<[u8]>> {
    let by_name = || path.is_absolute().then(|| files.get(Path::new(path.file_name()?))).flatten();
    files.get(path).or_else(by_name)
}

impl Files for Remembered {
    fn length(&self, path: &Path) -> std::io::Result<u64> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let known = held(&read, &tidy(path)).map(|bytes| bytes.len() as u64);
        known.map_or_else(|| self.disk.length(path).map_err(|error| self.not_there(error)), Ok)
    }

    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        self.bytes(path).map(|bytes| bytes.to_vec())
    }
}

/// A path without `.` and `..`, as far as they can be removed without reading the disk.
#[must_use]
pub fn tidy(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut tidied = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(tidied.components().next_back(), Some(Component::Normal(_))) => {
                tidied.pop();
            }
            other => tidied.push(other),
        }
    }
    tidied
}

/// Said where a file cannot be read.
pub const WHERE_FILES_ARE: &str = "paths are relative to the folder of the file that names them; a scenario reads regular files \
    below its own folder and the current one, and below any that is named with `--allow DIR`";

/// How a file begins that is compressed by gzip.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A file's text, unpacked where it is compressed by gzip; or why there is none.
pub fn read_text(files: &dyn Files, path: &Path, most: u64) -> Result<String, String> {
    let length = files.length(path).map_err(|error| why(&error))?;
    if length > most {
        return Err(format!("it has {length} bytes, more than the {most} allowed"));
    }
    unpacked(files.read(path).map_err(|error| why(&error))?, most)
}

/// The text of a file of these bytes, unpacked where it is compressed by gzip.
///
/// # Errors
/// Why it is no text.
pub fn unpacked(mut bytes: Vec<u8>, most: u64) -> Result<String, String> {
    if bytes.starts_with(&GZIP) {
        let mut unpacked = Vec::new();
        let packed = flate2::read::MultiGzDecoder::new(bytes.as_slice());
        packed.take(most + 1).read_to_end(&mut unpacked).map_err(|error| format!("it cannot be unpacked: {error}"))?;
        if unpacked.len() as u64 > most {
            return Err(format!("unpacked it has more than the {most} bytes allowed"));
        }
        bytes = unpacked;
    }
    let text = String::from_utf8(bytes)
        .map_err(|error| format!("byte {} is not UTF-8 text", error.utf8_error().valid_up_to()))?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

fn why(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "reading it is not permitted".to_owned(),
        _ => error.to_string(),
    }
}
