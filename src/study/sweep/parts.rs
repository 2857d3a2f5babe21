//! The shards of a sweep in one shared folder, `DIR.parts`, and their merge into the tables of the whole sweep.

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

/// The option of a plan that names the shard.
pub const SHARD: &str = "shard";

/// The reason why shards cannot be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// Some shards are missing or unfinished.
    #[error(
        "{} of {parts} shards are missing in {}: {}; run them with --shard I/{parts} (--resume completes one that was begun)",
        missing.len(), folder.display(), list(missing)
    )]
    Missing {
        /// The folder of the shards.
        folder: PathBuf,
        /// Number of shards.
        parts: u64,
        /// The shards that are missing.
        missing: Vec<u64>,
    },
    /// There are no shards.
    #[error("there are no shards in {}; `shakeout sweep … --shard I/N` writes them there", folder.display())]
    None {
        /// The folder in which they are expected.
        folder: PathBuf,
    },
    /// The shards belong to different sweeps.
    #[error("{} is of another sweep than {}: it differs in {}; remove what does not belong", other.display(), first.display(), differences.join(", "))]
    Mixed {
        /// One shard.
        first: PathBuf,
        /// A shard of another sweep.
        other: PathBuf,
        /// The differences between their plans.
        differences: Vec<String>,
    },
    /// A shard has unexpected rows.
    #[error("{} is damaged: {problem}; remove its folder and run that shard again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The problem.
        problem: String,
    },
    /// A result folder cannot be read.
    #[error(transparent)]
    Folder(FolderError),
    /// A disk operation failed.
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

/// The folder of the shards of a sweep.
#[must_use]
pub fn parts_folder(target: &Path) -> PathBuf {
    with_ending(target, ".parts")
}

/// The folder of one shard.
#[must_use]
pub fn part_folder(target: &Path, shard: Shard) -> PathBuf {
    parts_folder(target).join(shard.to_string())
}

/// Finished shards, all of one sweep.
#[derive(Debug)]
pub struct Parts {
    folders: Vec<PathBuf>,
    /// The plan of the whole sweep.
    pub plan: Plan,
}

impl Parts {
    /// Finds the shards of the sweep whose result folder is `target`.
    ///
    /// # Errors
    /// When a shard is missing, or the shards do not belong together.
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

    /// The first shard, for properties that are equal in all shards.
    #[must_use]
    pub fn first(&self) -> &Path {
        &self.folders[0]
    }

    /// Opens the tables of all shards, after checking every byte of them.
    ///
    /// # Errors
    /// When a disk operation fails, or a table is unexpected or differs from the table that its shard wrote.
    pub fn read(&self, tables: &[TableFile]) -> Result<PartRows, MergeError> {
        let open = |folder: &PathBuf| {
            let manifest = Manifest::read(folder)?;
            tables.iter().map(|table| PartTable::open(folder, table, &manifest)).collect()
        };
        Ok(PartRows { parts: self.folders.iter().map(open).collect::<Result<_, MergeError>>()? })
    }
}

/// The rows of all shards, run by run.
#[derive(Debug)]
pub struct PartRows {
    parts: Vec<Vec<PartTable>>,
}

impl PartRows {
    /// The rows of the next run of its shard, in every table except the last, which has a row if the run failed. Runs must be
    /// requested in order.
    ///
    /// # Panics
    /// Never, because the number of shards fits into memory.
    ///
    /// # Errors
    /// When the rows are missing.
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

    /// Checks that no rows are left after all runs were taken.
    ///
    /// # Errors
    /// When rows are left.
    pub fn end(&mut self) -> Result<(), MergeError> {
        for table in self.parts.iter_mut().flatten() {
            if !table.line.is_empty() {
                return Err(table.damaged("it has more rows than its runs".to_owned()));
            }
        }
        Ok(())
    }
}

/// Size of the read buffer of a shard's table, bytes.
const BUFFER: usize = 1 << 15;

/// A file that is open only while it is read, because there may be more shards than files that a process may open.
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
            return Err(open.damaged("its header differs from the header of this sweep".to_owned()));
        }
        open.advance()?;
        Ok(open)
    }

    fn advance(&mut self) -> Result<(), MergeError> {
        self.line.clear();
        self.file.read_until(b'\n', &mut self.line).at("read", &self.path)?;
        Ok(())
    }

    /// All lines of a run; they begin with its point and replica.
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
