//! The parts of a sweep in one shared folder, `DIR.parts`, and how they become the tables of the whole.

use std::{
    fs::{self, File},
    io::{self, BufRead as _, BufReader, Read, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use crate::{
    output::{
        csv::Rows,
        disk::{At as _, DiskError, with_ending},
        folder::{FolderError, MANIFEST},
        manifest::Manifest,
        plan::{Plan, sha256_of_file},
        standing::finished_plan,
        table::TableFile,
    },
    study::Shard,
};

/// The option of a plan that says which part it is of.
pub const SHARD: &str = "shard";

/// Why parts cannot be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// Some have not been run, or not to their end.
    #[error(
        "{} of {parts} shards are missing in {}: {}; run them with --shard I/{parts} (--resume completes one that was begun)",
        missing.len(), folder.display(), list(missing)
    )]
    Missing {
        /// Where the parts are.
        folder: PathBuf,
        /// How many there are.
        parts: u64,
        /// Which are not there.
        missing: Vec<u64>,
    },
    /// There are none.
    #[error("there are no shards in {}; `shakeout sweep … --shard I/N` writes them there", folder.display())]
    None {
        /// Where they should be.
        folder: PathBuf,
    },
    /// They are of different sweeps.
    #[error("{} is of another sweep than {}: it differs in {}; remove what does not belong", other.display(), first.display(), differences.join(", "))]
    Mixed {
        /// One.
        first: PathBuf,
        /// Another.
        other: PathBuf,
        /// In what.
        differences: Vec<String>,
    },
    /// A part has other rows than it should.
    #[error("{} is damaged: {problem}; remove its folder and run that shard again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A folder's.
    #[error(transparent)]
    Folder(FolderError),
    /// The disk's.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl From<FolderError> for MergeError {
    fn from(error: FolderError) -> Self {
        match error {
            FolderError::Damaged { path, problem } => Self::Damaged { path, problem },
            other => Self::Folder(other),
        }
    }
}

fn list(missing: &[u64]) -> String {
    const SHOWN: usize = 20;
    let mut text: Vec<String> = missing.iter().take(SHOWN).map(u64::to_string).collect();
    if missing.len() > SHOWN {
        text.push(format!("and {} more", missing.len() - SHOWN));
    }
    text.join(", ")
}

/// Where the parts of a sweep lie.
#[must_use]
pub fn parts_folder(target: &Path) -> PathBuf {
    with_ending(target, ".parts")
}

/// Where one part lies.
#[must_use]
pub fn part_folder(target: &Path, shard: Shard) -> PathBuf {
    parts_folder(target).join(shard.to_string())
}

/// Finished parts, all of one sweep.
#[derive(Debug)]
pub struct Parts {
    folders: Vec<PathBuf>,
    /// The plan of the whole.
    pub plan: Plan,
}

impl Parts {
    /// Finds the parts of the sweep that is to become `target`.
    ///
    /// # Errors
    /// When one is missing, or they do not belong together.
    pub fn find(target: &Path) -> Result<Self, MergeError> {
        let folder = parts_folder(target);
        let none = || MergeError::None { folder: folder.clone() };
        let mut found: Vec<(Shard, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&folder).map_err(|_| none())? {
            let path = entry.at("read", &folder)?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let begun = name.strip_suffix(".partial").unwrap_or(&name);
            if let Ok(shard) = Shard::parse(&begun.replace("-of-", "/")) {
                found.push((shard, folder.join(begun)));
            }
        }
        found.sort_by_key(|(shard, _)| (shard.parts, shard.part));
        found.dedup();
        let parts = found.first().ok_or_else(none)?.0.parts;
        if let Some((_, other)) = found.iter().find(|(shard, _)| shard.parts != parts) {
            let differences = vec!["number of shards".to_owned()];
            return Err(MergeError::Mixed { first: found[0].1.clone(), other: other.clone(), differences });
        }
        let folders: Vec<PathBuf> = (0..parts).map(|part| part_folder(target, Shard { part, parts })).collect();
        let missing: Vec<u64> =
            (0..parts).zip(&folders).filter(|(_, path)| !path.join(MANIFEST).is_file()).map(|(part, _)| part).collect();
        if !missing.is_empty() {
            return Err(MergeError::Missing { folder, parts, missing });
        }
        let plan_of = |folder: &Path| -> Result<Plan, MergeError> {
            let mut plan = finished_plan(folder)?;
            plan.options.remove(SHARD);
            Ok(plan)
        };
        let plan = plan_of(&folders[0])?;
        for other in &folders[1..] {
            let theirs = plan_of(other)?;
            let differences = plan.differences(&theirs);
            if !differences.is_empty() {
                return Err(MergeError::Mixed { first: folders[0].clone(), other: other.clone(), differences });
            }
        }
        Ok(Self { folders, plan })
    }

    /// The first part, for what does not depend on the part.
    #[must_use]
    pub fn first(&self) -> &Path {
        &self.folders[0]
    }

    /// Opens the tables of all parts, after a look at every byte of them.
    ///
    /// # Errors
    /// When the disk refuses, or a table is not one of these or not as its part wrote it.
    pub fn read(&self, tables: &[TableFile]) -> Result<PartRows, MergeError> {
        let open = |folder: &PathBuf| {
            let manifest = Manifest::read(folder)?;
            tables.iter().map(|table| PartTable::open(folder, table, &manifest)).collect()
        };
        Ok(PartRows { parts: self.folders.iter().map(open).collect::<Result<_, MergeError>>()? })
    }
}

/// The rows of all parts, run by run.
#[derive(Debug)]
pub struct PartRows {
    parts: Vec<Vec<PartTable>>,
}

impl PartRows {
    /// The rows of the next run of its part, in every table but the last, which has one for a run that failed; runs are asked for in order.
    ///
    /// # Panics
    /// Never: there are as many parts as fit into memory.
    ///
    /// # Errors
    /// When they are not there.
    pub fn take(&mut self, run: u64, point: u64, replica: u64) -> Result<Rows, MergeError> {
        let parts = self.parts.len() as u64;
        let part = &mut self.parts[usize::try_from(run % parts).expect("parts are in memory")];
        let prefix = format!("{point},{replica},");
        let rows = part.iter_mut().map(|table| table.take(&prefix)).collect::<Result<Vec<_>, _>>()?;
        if let Some((failed, others)) = rows.split_last() {
            let is_lost = !failed.is_empty();
            if let Some(wrong) = others.iter().position(|rows| rows.is_empty() != is_lost) {
                let problem = format!("the rows of point {point}, replica {replica} are not where they should be");
                return Err(part[wrong].damaged(problem));
            }
        }
        Ok(Rows(rows))
    }

    /// Nothing may be left when all runs were taken.
    ///
    /// # Errors
    /// When something is.
    pub fn end(&mut self) -> Result<(), MergeError> {
        for table in self.parts.iter_mut().flatten() {
            if !table.line.is_empty() {
                return Err(table.damaged("it has more rows than its runs".to_owned()));
            }
        }
        Ok(())
    }
}

/// Bytes read at once of a part's table.
const BUFFER: usize = 1 << 15;

/// A file that is open only while it is read from: there may be more parts than a process may have open files.
#[derive(Debug)]
struct Reopened {
    path: PathBuf,
    offset: u64,
}

impl Read for Reopened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.offset))?;
        let length = file.read(buffer)?;
        self.offset += length as u64;
        Ok(length)
    }
}

#[derive(Debug)]
struct PartTable {
    path: PathBuf,
    file: BufReader<Reopened>,
    /// The next line; empty at the end.
    line: Vec<u8>,
}

impl PartTable {
    fn open(folder: &Path, table: &TableFile, manifest: &Manifest) -> Result<Self, MergeError> {
        let name = format!("{}.csv", table.name);
        let path = folder.join(&name);
        let file = BufReader::with_capacity(BUFFER, Reopened { path: path.clone(), offset: 0 });
        let mut open = Self { path, file, line: Vec::new() };
        let is = if open.path.exists() { Some(sha256_of_file(&open.path)?) } else { None };
        match is {
            None => return Err(open.damaged("it is not there".to_owned())),
            Some(is) if manifest.hash_of(&name) != Some(&*is) => {
                return Err(open.damaged("it is not as it was written".to_owned()));
            }
            Some(_) => {}
        }
        open.advance()?;
        if open.line != table.header {
            return Err(open.damaged("its first line is not that of this sweep".to_owned()));
        }
        open.advance()?;
        Ok(open)
    }

    fn advance(&mut self) -> Result<(), MergeError> {
        self.line.clear();
        self.file.read_until(b'\n', &mut self.line).at("read", &self.path)?;
        Ok(())
    }

    /// All lines of a run: they begin with its point and replica.
    fn take(&mut self, prefix: &str) -> Result<Vec<u8>, MergeError> {
        let mut rows = Vec::new();
        while self.line.starts_with(prefix.as_bytes()) {
            rows.extend_from_slice(&self.line);
            self.advance()?;
        }
        Ok(rows)
    }

    fn damaged(&self, problem: String) -> MergeError {
        MergeError::Damaged { path: self.path.clone(), problem }
    }
}
