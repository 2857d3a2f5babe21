use super::{Destination, Run};
use crate::{
    declare::{Columns, Value, Values},
    output::{
        csv::Recorded,
        summary::{RunFacts, Summary},
        table::{Described, Table, Tables},
    },
    simulation::{Engine, metrics::Metrics},
    study::{Lost, Sink, StudyError, Work, uncertainty::summary_of},
    units::UnixTime,
};
use std::{convert::Infallible, ops::Range};

/// A destination: the tables are kept in memory, as columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory;

/// The result of a run in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// Tables in the order of [`Table::ALL`](crate::output::table::Table::ALL).
    pub tables: Vec<MemoryTable>,
    /// The replicas that could not be simulated, with the reasons.
    pub failed: Vec<(u64, Lost)>,
}

/// A table in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct MemoryTable {
    /// Its name, such as `days`.
    pub name: &'static str,
    /// Its columns, all of the same length.
    pub columns: Columns,
}

impl MemoryTable {
    /// A table without rows; instants will be counted from `start`.
    pub(in crate::study) fn described((name, columns): Described, start: UnixTime) -> Self {
        Self { name, columns: Columns::new(columns, start) }
    }

    /// The number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether it has no rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The values of the column of this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Values> {
        self.columns.get(name)
    }

    /// The rows that begin with these numbers. Rows are in the order of the replicas, and in a sweep of points and replicas.
    pub(in crate::study) fn rows_of(&self, address: &[u64]) -> Range<usize> {
        let mut rows = 0..self.len();
        for (column, wanted) in self.columns.declared().iter().zip(address) {
            let Some(Values::Counts(numbers)) = self.column(&column.name) else { return 0..0 };
            let inside = &numbers[rows.clone()];
            let begin = rows.start + inside.partition_point(|number| *number < Some(*wanted));
            let end = rows.start + inside.partition_point(|number| *number <= Some(*wanted));
            rows = begin..end;
        }
        rows
    }

    /// Some rows, without the first columns.
    pub(in crate::study) fn part(&self, rows: Range<usize>, first_column: usize) -> Columns {
        self.columns.part(rows, first_column)
    }

    /// The values of a numeric column; an empty cell is NaN.
    #[must_use]
    pub fn numbers(&self, name: &str) -> Option<&[f64]> {
        match self.column(name)? {
            Values::Numbers(values) => Some(values),
            _ => None,
        }
    }
}

impl Results {
    fn new(tables: Tables, start: UnixTime) -> Self {
        let tables = tables.described().into_iter().map(|described| MemoryTable::described(described, start));
        Self { tables: tables.collect(), failed: Vec::new() }
    }

    pub(super) fn of_one(tables: Tables, recorded: &Recorded, start: UnixTime) -> Self {
        let mut results = Self::new(tables, start);
        results.add(recorded);
        results
    }

    fn add(&mut self, recorded: &Recorded) {
        for (table, (_, columns)) in self.tables.iter_mut().zip(&recorded.tables) {
            table.columns.extend_behind(&[Value::Count(recorded.replica)], columns);
        }
    }

    /// What was recorded of a replica, taken out of these tables, each of which has the replica first.
    pub(super) fn recorded(&self, tables: Tables, replica: u64) -> Recorded {
        let part = |(table, kept): (Table, &MemoryTable)| (table, kept.part(kept.rows_of(&[replica]), 1));
        Recorded { replica, tables: tables.iter().zip(&self.tables).map(part).collect() }
    }

    /// The metrics over the replicas, as in `summary.json`.
    #[must_use]
    pub fn summary(&self, facts: RunFacts) -> Summary {
        let none = Columns::of::<Metrics>(UnixTime::default());
        let replicas = self.table(Table::Replicas.name()).map_or(&none, |table| &table.columns);
        let columns = |table: Table| self.table(table.name()).map(|table| &table.columns);
        let drawn = columns(Table::Uncertain).zip(columns(Table::Drawn));
        summary_of(replicas, drawn, self.failed.len() as u64, facts)
    }

    /// The table of this name, such as `days`.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&MemoryTable> {
        self.tables.iter().find(|table| table.name == name)
    }
}

impl Destination<Run> for Memory {
    type Found = Results;

    fn fill(self, run: &Run, work: &mut Work<'_>) -> Result<Results, StudyError> {
        let (_, engine) = run.begin(work)?;
        run.in_memory(&engine, work)
    }
}

impl Run {
    /// Simulates all replicas with an engine, which may be of another form of the scenario.
    pub(in crate::study) fn in_memory(&self, engine: &Engine<'_>, work: &mut Work<'_>) -> Result<Results, StudyError> {
        let tables = self.tables();
        let (first, count) = self.histories();
        let start = self.resolved.scenario.run.start;
        let mut kept = Kept { results: Results::new(tables, start), first, fail_fast: work.fail_fast };
        self.simulate_by(engine, 0..count, |recorded| recorded, &mut kept, work)?;
        let failed = &kept.results.failed;
        if failed.len() as u64 == count {
            return Err(super::folder::none_left(failed.iter().map(|(replica, lost)| (*replica, lost))));
        }
        Ok(kept.results)
    }
}

/// Concatenates the tables of replicas.
struct Kept {
    results: Results,
    first: u64,
    fail_fast: bool,
}

impl Sink for Kept {
    type Output = Recorded;
    type Error = Infallible;

    fn accept(&mut self, _: u64, replica: Recorded) -> Result<(), Infallible> {
        self.results.add(&replica);
        Ok(())
    }

    fn lose(&mut self, item: u64, lost: Lost) -> Result<Option<Lost>, Infallible> {
        if self.fail_fast {
            return Ok(Some(lost));
        }
        self.results.failed.push((self.first.saturating_add(item), lost));
        Ok(None)
    }
}
