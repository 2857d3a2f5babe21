//! Results in memory, written into a result folder without simulating again.

use super::{Folder, FolderOutcome, MemoryTable, OpenRun, Results, Run};
use crate::{
    declare::{Columns, Values},
    study::{Lost, StudyError, Work},
};

impl Run {
    /// The results of this run from the values of their tables, such as a caller keeps them in a form of its own.
    ///
    /// # Errors
    /// When the tables are not those that this run records.
    pub fn results_of(&self, tables: Vec<Vec<Values>>, failed: Vec<(u64, Lost)>) -> Result<Results, StudyError> {
        let start = self.resolved.scenario.run.start;
        let described = self.tables().described();
        let whole = described.len() == tables.len();
        let tables = described.into_iter().zip(tables).map(|((name, columns), values)| {
            let columns = Columns::with_values(columns, start, values)?;
            Some(MemoryTable { name, columns })
        });
        let tables = tables.collect::<Option<_>>().filter(|_| whole);
        let tables = tables.ok_or_else(|| StudyError::Input(OTHER_TABLES.to_owned()))?;
        Ok(Results { tables, failed })
    }
}

/// Tables that another version of the program has made, say.
pub(in crate::study) const OTHER_TABLES: &str = "these tables are not those that this version records; simulate again";

impl Results {
    /// Writes these results of `run` into a folder. Its tables have the bytes that simulating into the folder gives.
    ///
    /// ```
    /// use shakeout::study::{Destination as _, Folder, Input, Memory, Run, RunOptions, Work};
    ///
    /// let home = tempfile::tempdir()?;
    /// let run = Run::new(&Input::shipped("downturn").set("run.days=10").replicas(2), &RunOptions::default())?;
    /// let mut work = Work::new();
    /// let results = Memory.fill(&run, &mut work)?;
    /// let found = results.save(&run, &Folder::new(home.path().join("result")), &mut work)?;
    /// assert!(found.path.join("days.csv").is_file());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the folder contains something else, a disk operation fails, or the work is stopped.
    pub fn save(&self, run: &Run, folder: &Folder<'_>, work: &mut Work<'_>) -> Result<FolderOutcome, StudyError> {
        let total = run.replicas();
        let path = folder.path.clone();
        let Some(mut open) = OpenRun::open(run, folder, work)? else { return FolderOutcome::of(path, total) };
        open.copy(self, work)?;
        Ok(FolderOutcome { failures: open.finish(work)?, path, total })
    }
}
