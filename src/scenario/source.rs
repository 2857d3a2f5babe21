use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::{printable::one_line, tree::Place};

/// What part a source has in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The scenario file itself.
    Scenario,
    /// A file it extends.
    Base,
    /// A `--set`.
    Set,
    /// A table of numbers it names.
    Table,
}

/// A text that a scenario was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// As messages call it.
    pub name: String,
    /// Its folder, relative to the scenario's own.
    pub folder: PathBuf,
    /// What part it has.
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
    /// Its path from the scenario's own folder: the same wherever that lies, and however the scenario's path was spelt. Of a file
    /// whose place does not depend on that folder, its name.
    #[must_use]
    pub fn path_in_scenario(&self) -> String {
        let name = Path::new(&self.name);
        let path = match self.role {
            Role::Set => return self.name.clone(),
            // What a table is called is its path from the scenario's folder.
            Role::Table => name.to_owned(),
            Role::Scenario | Role::Base => self.folder.join(name.file_name().unwrap_or(name.as_os_str())),
        };
        if path.is_absolute() {
            return path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        }
        path.display().to_string()
    }
}
/// Every text a scenario was read from, in the order of reading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Adds one and gives its index.
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

    /// Adds all of others behind its own.
    pub(super) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The one a place is in.
    #[must_use]
    pub fn of(&self, place: Place) -> &Source {
        &self.0[place.source]
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }

    /// The line a place begins at, from 1.
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

/// How files are read: the disk, or a test's own.
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

/// Files on the disk, as far as a scenario may read them: regular files, through links too, that are the scenario itself, lie below its
/// own folder or the current one, or below a folder that the user allows. What the kernel shows as files is never read.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    named: Option<PathBuf>,
    folders: Vec<PathBuf>,
}

/// Where the kernel shows what is not a file as files: processes with their environment, and the machine.
const NO_FILES: [&str; 2] = ["/proc", "/sys"];

impl Disk {
    /// For a scenario file that the user names.
    #[must_use]
    pub fn beside(scenario: &Path) -> Self {
        Self::below(scenario.parent().unwrap_or(Path::new(""))).named(scenario)
    }

    /// For a scenario that is no file, whose own folder this is.
    #[must_use]
    pub fn below(folder: &Path) -> Self {
        Self::default().allowing(folder).allowing(Path::new("."))
    }

    fn named(self, file: &Path) -> Self {
        Self { named: std::fs::canonicalize(file).ok(), ..self }
    }

    /// The same, and files below this folder; nothing more where there is no such folder.
    #[must_use]
    pub fn allowing(mut self, folder: &Path) -> Self {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        self.folders.extend(std::fs::canonicalize(folder));
        self
    }

    /// Where a file is, links followed, if it may be read.
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
        // Of a device or a pipe nobody knows the end.
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

/// Files that a caller holds in memory, such as tables of another program, before those on the disk. Each file on the disk is read
/// once: whoever reads a scenario many times reads the same one every time, though somebody may be editing it meanwhile.
#[derive(Debug)]
pub struct Remembered {
    disk: Disk,
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
        let held = held.into_iter().map(|(path, bytes)| (tidy(&path), bytes)).collect();
        Self { disk, read: Mutex::new(held) }
    }

    fn bytes(&self, path: &Path) -> std::io::Result<Arc<[u8]>> {
        let name = tidy(path);
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = read.get(&name) {
            return Ok(Arc::clone(bytes));
        }
        let bytes: Arc<[u8]> = self.disk.read(path)?.into();
        read.insert(name, Arc::clone(&bytes));
        Ok(bytes)
    }
}

impl Files for Remembered {
    fn length(&self, path: &Path) -> std::io::Result<u64> {
        let held = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let known = held.get(&tidy(path)).map(|bytes| bytes.len() as u64);
        known.map_or_else(|| self.disk.length(path), Ok)
    }

    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        self.bytes(path).map(|bytes| bytes.to_vec())
    }
}

/// A path with `.` and `..` taken out where that can be done by the letters alone.
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
