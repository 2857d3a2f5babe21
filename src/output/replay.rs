//! The tables of a run, one replica at a time: what was recorded in memory, or what a folder holds.

use std::path::{Path, PathBuf};

use super::{
    csv::Recorded,
    read::{ReadError, Replicas},
    table::Table,
};
use crate::units::UnixTime;

/// A row of a replica that cannot be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row} of table `{}` in replica {replica}: {problem}", table.name())]
pub struct BadRow {
    /// The replica.
    pub replica: u64,
    /// Its table.
    pub table: Table,
    /// Counted from 0, among the rows of the replica.
    pub row: usize,
    /// What is wrong.
    pub problem: &'static str,
}

/// The tables of a folder, read one replica at a time in the order of their numbers.
#[derive(Debug)]
pub struct Replay {
    tables: Vec<(Table, Replicas)>,
    folder: PathBuf,
    /// The line on which the rows of the current replica begin, of each table.
    first_lines: Vec<u64>,
}

impl Replay {
    /// Opens those of `tables` that were written; instants will count from `start`.
    ///
    /// # Errors
    /// When one of `required` was not written, or a table lacks a column.
    pub fn open(folder: &Path, start: UnixTime, required: &[Table], tables: &[Table]) -> Result<Self, ReadError> {
        let mut open = Vec::new();
        for &table in required.iter().chain(tables.iter().filter(|table| !required.contains(table))) {
            match Replicas::open(folder, table, start) {
                Err(ReadError::Missing { .. }) if !required.contains(&table) => {}
                opened => open.push((table, opened?)),
            }
        }
        // Tables are recorded in this order.
        open.sort_by_key(|(table, _)| *table);
        Ok(Self { first_lines: vec![0; open.len()], tables: open, folder: folder.to_owned() })
    }

    /// The next replica that has rows in any table; `None` after the last.
    ///
    /// # Errors
    /// When a row is not what it should be.
    pub fn advance(&mut self) -> Result<Option<Recorded>, ReadError> {
        let mut next = None;
        for (_, rows) in &mut self.tables {
            let number = rows.next_replica()?;
            next = next.into_iter().chain(number).min();
        }
        let Some(replica) = next else { return Ok(None) };
        let mut tables = Vec::with_capacity(self.tables.len());
        for ((table, rows), first_line) in self.tables.iter_mut().zip(&mut self.first_lines) {
            *first_line = rows.line();
            tables.push((*table, rows.take(replica)?));
        }
        Ok(Some(Recorded { replica, tables }))
    }

    /// Reads no more of a table.
    pub fn forget(&mut self, table: Table) {
        if let Some(place) = self.tables.iter().position(|(known, _)| *known == table) {
            self.tables.remove(place);
            self.first_lines.remove(place);
        }
    }

    /// The error of a row of the replica that was read last, with its file and line.
    #[must_use]
    pub fn at(&self, bad: &BadRow) -> ReadError {
        let place = self.tables.iter().position(|(table, _)| *table == bad.table);
        let first = place.map_or(0, |place| self.first_lines[place]);
        let path = self.folder.join(format!("{}.csv", bad.table.name()));
        ReadError::Row { path, line: first + bad.row as u64, problem: bad.problem.to_owned() }
    }

    /// The error of a table without rows.
    #[must_use]
    pub fn empty(&self, table: Table) -> ReadError {
        ReadError::Empty { path: self.folder.join(format!("{}.csv", table.name())) }
    }
}
