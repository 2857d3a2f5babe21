//! The result folder, which appears only when it is whole.
//!
//! ```text
//! DIR.partial/plan.json   what is being run: only the same plan may complete it
//!             lock        who is writing
//!             journal     how far the tables are known to be on the disk
//!             result/     becomes DIR by a rename
//! ```
//!
//! Rows are appended in replica order. About once a second the tables are put on the disk, and only then a mark in the
//! journal says how long they are, and by their hashes what is in them. On resume the tables are read and cut to the last
//! mark up to which they are as they were written, so that what follows is written as if nothing had happened.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{
    csv::Rows,
    dictionary::{TableDoc, write_dictionary},
    disk::{At as _, DiskError, followed, sync_folder, sync_tree, with_ending, write_whole},
    failed,
    journal::{Journal, Mark, Written},
    lock::Lock,
    manifest::{Looked, Manifest},
    plan::{Plan, RunningHash},
    sink::Sink,
    standing::{
        Begun, Standing, begun, can_be_named, clear, discard, finished_plan, forget_finished, standing, take_back,
    },
    table::TableFile,
};

pub use super::error::{Fault, FolderError, MANIFEST, in_words};

/// How often rows are put on the disk for good. What is lost by a crash is run again.
const MARK_EVERY: Duration = Duration::from_secs(1);

/// What to do about what is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nothing must be there.
    New,
    /// `--force`: start over, and replace a finished result in the end.
    Replace,
    /// `--resume`: complete what is unfinished, start where there is nothing, do nothing where it is finished.
    Resume,
}

/// What became of the folder asked for.
#[derive(Debug)]
pub enum Opened {
    /// It is finished, by the same plan: there is nothing to do.
    Finished,
    /// To be filled, from [`PartialFolder::next`] on.
    Partial(Box<PartialFolder>),
}

/// A result folder in the making. Dropped, it keeps what was accepted, to be resumed.
#[derive(Debug)]
pub struct PartialFolder {
    target: PathBuf,
    partial: PathBuf,
    replaces: bool,
    tables: Vec<OpenTable>,
    journal: Journal,
    next: u64,
    /// Some of what was written before was not as a mark says, and is made again.
    was_damaged: bool,
    marked: Mark,
    marked_at: Instant,
    mark_every: Duration,
    /// A write failed: what lies after the last mark is not to be trusted.
    broken: bool,
    // Last, so that it is given back after all else.
    _lock: Lock,
}

#[derive(Debug)]
struct OpenTable {
    path: PathBuf,
    file: File,
    /// Bytes that are known to be as they were written.
    length: u64,
    hash: RunningHash,
}

impl PartialFolder {
    /// Opens the folder that will become `target`.
    ///
    /// # Errors
    /// When something else is there, another process has it, or the disk refuses.
    #[expect(clippy::missing_panics_doc, reason = "strings and numbers can always be written as JSON")]
    pub fn open(target: &Path, plan: &Plan, mode: Mode, tables: &[TableFile]) -> Result<Opened, FolderError> {
        if target.file_name().is_none() {
            return Err(FolderError::BadName { path: target.to_owned() });
        }
        // A link stands for what it leads to: there the result gets its name, and beside it it is made.
        let target = &followed(target)?;
        let partial = with_ending(target, ".partial");
        if Self::is_finished(target, plan, mode)? {
            return Ok(Opened::Finished);
        }
        fs::create_dir_all(&partial).at("create", &partial)?;
        if !can_be_named(&partial, target)? {
            let _ = fs::remove_dir(&partial);
            return Err(FolderError::OtherDisk { partial, path: target.to_owned() });
        }
        let lock = Lock::take(&partial.join("lock"))?;
        let earlier = match begun(&partial) {
            // Of no use, but ours to start over.
            Err(FolderError::Damaged { .. }) if mode == Mode::Replace && partial.join("journal").is_file() => {
                discard(&partial)?;
                None
            }
            earlier => earlier?,
        };
        let replaces = match (earlier, mode) {
            (Some(_), Mode::New) => return Err(FolderError::Unfinished { path: partial }),
            (Some(begun), Mode::Resume) => {
                let differences = begun.plan.differences(plan);
                if !differences.is_empty() {
                    return Err(FolderError::OtherPlan { path: partial, differences });
                }
                begun.replaces
            }
            (begun, _) => {
                clear(&partial, begun.is_some())?;
                let begun = Begun { plan: plan.clone(), replaces: mode == Mode::Replace };
                let text = serde_json::to_vec_pretty(&begun).expect("a plan can be written as JSON");
                write_whole(&partial.join("plan.json"), &text)?;
                begun.replaces
            }
        };
        Self::open_tables(target, partial, replaces, plan, tables, lock).map(|folder| Opened::Partial(Box::new(folder)))
    }

    /// Whether what stands at `target` is finished, by the same plan and as it was written. Says at once, before anything is
    /// made, what [`Self::open`] would refuse for what stands there.
    ///
    /// # Errors
    /// When something else is there, or it cannot be read.
    pub fn is_finished(target: &Path, plan: &Plan, mode: Mode) -> Result<bool, FolderError> {
        let target = &followed(target)?;
        let differences = match (standing(target)?, mode) {
            (Standing::Nothing, _) | (Standing::Result, Mode::Replace) => return Ok(false),
            (Standing::Foreign, _) => return Err(FolderError::NotAResult { path: target.to_owned() }),
            (Standing::Result, Mode::New) => return Err(FolderError::Exists { path: target.to_owned() }),
            (Standing::Result, Mode::Resume) => finished_plan(target)?.differences(plan),
        };
        if differences.is_empty() {
            let faults = match Manifest::read(target) {
                Ok(manifest) => manifest.faults(target, Looked::Tables)?,
                Err(FolderError::Damaged { .. }) => vec![(MANIFEST.to_owned(), Fault::Changed)],
                Err(other) => return Err(other),
            };
            if faults.is_empty() {
                forget_finished(&with_ending(target, ".partial"), plan)?;
                return Ok(true);
            }
            return Err(FolderError::NotWhole { path: target.to_owned(), faults });
        }
        // Another result stands there: only a run begun with `--force` may be resumed beside it.
        if begun(&with_ending(target, ".partial"))?.is_some_and(|begun| begun.replaces) {
            return Ok(false);
        }
        Err(FolderError::OtherPlan { path: target.to_owned(), differences })
    }

    fn open_tables(
        target: &Path,
        partial: PathBuf,
        replaces: bool,
        plan: &Plan,
        tables: &[TableFile],
        lock: Lock,
    ) -> Result<Self, FolderError> {
        let result = partial.join("result");
        fs::create_dir_all(&result).at("create", &result)?;
        take_back(&partial, &result, tables)?;
        let mut open = Vec::new();
        for table in tables {
            let path = result.join(format!("{}.csv", table.name));
            let file =
                OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path).at("open", &path)?;
            open.push(OpenTable { path, file, length: 0, hash: RunningHash::default() });
        }
        let known =
            |open: &[OpenTable]| open.iter().map(|table| (table.length, table.hash.clone())).collect::<Vec<_>>();
        let (mut good, mut was_damaged) = (known(&open), false);
        let are_as_written = |mark: &Mark| {
            let is = mark.tables.len() == open.len()
                && open
                    .iter_mut()
                    .zip(&mark.tables)
                    .try_fold(true, |is, (table, written)| Ok::<_, DiskError>(is && table.read_up_to(written)?))?;
            if is {
                good = known(&open);
            }
            was_damaged = !is;
            Ok(is)
        };
        let (journal, mark) = Journal::open(&partial.join("journal"), &plan.sha256(), are_as_written)?;
        for ((table, description), (length, hash)) in open.iter_mut().zip(tables).zip(good) {
            table.cut(length, hash)?;
            if length == 0 {
                table.append(&description.header)?;
            }
        }
        let marked = mark.unwrap_or_default();
        sync_folder(&result)?;
        sync_folder(&partial)?;
        let next = marked.next;
        Ok(Self {
            target: target.to_owned(),
            partial,
            replaces,
            tables: open,
            journal,
            next,
            was_damaged,
            marked,
            marked_at: now(),
            mark_every: MARK_EVERY,
            broken: false,
            _lock: lock,
        })
    }

    /// Puts rows on the disk for good this often; by default every second.
    pub const fn mark_every(&mut self, interval: Duration) {
        self.mark_every = interval;
    }

    /// The first item that is still to be written.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// Whether some of what was written before was spoilt since, and is to be made again from [`Self::next`] on.
    #[must_use]
    pub const fn was_damaged(&self) -> bool {
        self.was_damaged
    }

    /// The folder in which the result is made: charts and other files are written here after the last item.
    #[must_use]
    pub fn result(&self) -> PathBuf {
        self.partial.join("result")
    }

    /// The folder of the unfinished work.
    #[must_use]
    pub fn partial(&self) -> &Path {
        &self.partial
    }

    /// How many tables are filled.
    #[must_use]
    pub const fn table_count(&self) -> usize {
        self.tables.len()
    }

    /// Forgets all that was done: there is nothing to be completed.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn abandon(mut self) -> Result<(), DiskError> {
        self.broken = true;
        self.tables.clear();
        discard(&self.partial)?;
        let partial = self.partial.clone();
        drop(self);
        // The folder of results, such as `output`, may have been made for this one: it stays if there is anything in it.
        for empty in partial.ancestors().take(2) {
            let _ = fs::remove_dir(empty);
        }
        Ok(())
    }

    /// Puts what was accepted on the disk for good.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn mark(&mut self) -> Result<(), DiskError> {
        let mark = Mark { next: self.next, tables: self.tables.iter().map(OpenTable::written).collect() };
        if mark != self.marked {
            for table in &self.tables {
                table.file.sync_data().at("write", &table.path)?;
            }
            self.journal.add(&mark)?;
            self.marked = mark;
        }
        self.marked_at = now();
        Ok(())
    }

    /// Writes what `known` says of the tables that are there, puts the hash of every file into the manifest, and gives the result its name.
    /// With `with_csv` false the csv tables are left out of it, but for that of failures.
    ///
    /// # Errors
    /// When the disk refuses, or a result has appeared under that name meanwhile. What is done can be resumed.
    #[expect(clippy::missing_panics_doc, reason = "a table is always a file")]
    pub fn finish(mut self, manifest: Manifest, with_csv: bool, known: &[TableDoc]) -> Result<(), FolderError> {
        self.mark()?;
        // From here on the mark stands, whatever happens.
        self.broken = true;
        let result = self.result();
        write_dictionary(&result, with_csv, known)?;
        let mut known = BTreeMap::new();
        for table in &self.tables {
            let name = table.path.file_name().expect("a table is a file");
            if !with_csv && !table.path.ends_with(failed::FILE) {
                let aside = self.partial.join(name);
                fs::rename(&table.path, &aside).at("move", &table.path)?;
            }
            known.insert(name.to_string_lossy().into_owned(), table.hash.so_far());
        }
        write_whole(&result.join(MANIFEST), &manifest.with_files(&result, &known)?.to_json())?;
        // Some systems do not move a folder in which a file is open.
        self.tables.clear();
        sync_tree(&result)?;
        match standing(&self.target)? {
            Standing::Nothing => {}
            Standing::Result if self.replaces => {
                let replaced = self.partial.join("replaced");
                fs::rename(&self.target, &replaced).at("move", &self.target)?;
            }
            Standing::Result | Standing::Foreign => return Err(FolderError::Exists { path: self.target.clone() }),
        }
        fs::rename(&result, &self.target).at("name", &self.target)?;
        sync_folder(self.target.parent().unwrap_or(Path::new(".")))?;
        // The result is whole and in its place; what is left behind is only in the way.
        discard(&self.partial)?;
        let partial = self.partial.clone();
        drop(self);
        let _ = fs::remove_dir(partial);
        Ok(())
    }
}

impl Drop for PartialFolder {
    fn drop(&mut self) {
        if !self.broken {
            // If this fails, the last mark stands, and what came after it is run again.
            let _ = self.mark();
        }
    }
}

impl Sink for PartialFolder {
    type Output = Rows;
    type Error = DiskError;

    fn accept(&mut self, item: u64, rows: Rows) -> Result<(), DiskError> {
        assert_eq!(item, self.next, "items come in order");
        assert_eq!(rows.0.len(), self.tables.len(), "rows for each table");
        self.broken = true;
        for (table, rows) in self.tables.iter_mut().zip(&rows.0) {
            table.append(rows)?;
        }
        self.next += 1;
        if self.marked_at.elapsed() >= self.mark_every {
            self.mark()?;
        }
        self.broken = false;
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "how often rows are put on the disk changes no byte of them")]
fn now() -> Instant {
    Instant::now()
}

impl OpenTable {
    fn append(&mut self, rows: &[u8]) -> Result<(), DiskError> {
        self.file.write_all(rows).at("write", &self.path)?;
        self.length += rows.len() as u64;
        self.hash.add(rows);
        Ok(())
    }

    fn written(&self) -> Written {
        Written { length: self.length, sha256: self.hash.so_far() }
    }

    /// Reads on to where a mark says that the table ended; whether it is as the mark says.
    fn read_up_to(&mut self, written: &Written) -> Result<bool, DiskError> {
        let more = written.length.saturating_sub(self.length);
        self.length += self.hash.read(&mut self.file, more).at("read", &self.path)?;
        Ok(self.written() == *written)
    }

    /// Cuts it to the bytes whose hash this is.
    fn cut(&mut self, length: u64, hash: RunningHash) -> Result<(), DiskError> {
        self.file.set_len(length).at("write", &self.path)?;
        self.file.seek(SeekFrom::Start(length)).at("write", &self.path)?;
        (self.length, self.hash) = (length, hash);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
