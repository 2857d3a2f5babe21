use super::{Destination, Run};
use crate::{
    output::{
        csv::Rows,
        table::{Column, Described, Kind, Tables},
    },
    study::{Lost, Sink, StudyError, Work},
    units::UnixTime,
};
use std::convert::Infallible;

/// A destination: the tables are kept in memory, as columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory;

/// What a run gives in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// In the order of [`Table::ALL`](crate::output::table::Table::ALL).
    pub tables: Vec<MemoryTable>,
    /// The replicas that could not be run, and why.
    pub failed: Vec<(u64, Lost)>,
}

/// A table in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct MemoryTable {
    /// Its name, such as `days`.
    pub name: &'static str,
    /// Its columns, all of the same length.
    pub columns: Vec<MemoryColumn>,
}

/// A column in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct MemoryColumn {
    /// Name, unit, type and definition.
    pub about: Column,
    /// One for each row.
    pub values: Values,
}

/// The values of a column. `None` is a cell that is empty in csv.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Whole numbers.
    Counts(Vec<Option<u64>>),
    /// Numbers.
    Numbers(Vec<Option<f64>>),
    /// Texts.
    Texts(Vec<String>),
    /// Instants.
    Times(Vec<Option<UnixTime>>),
}

impl Values {
    const fn new(kind: Kind) -> Self {
        match kind {
            Kind::Count | Kind::OptionalCount => Self::Counts(Vec::new()),
            Kind::Number | Kind::OptionalNumber => Self::Numbers(Vec::new()),
            Kind::Text => Self::Texts(Vec::new()),
            Kind::Time | Kind::OptionalTime => Self::Times(Vec::new()),
        }
    }

    fn push(&mut self, cell: &str) {
        const OURS: &str = "a recorder writes what its column holds";
        let is_empty = cell.is_empty();
        match self {
            Self::Counts(values) => values.push((!is_empty).then(|| cell.parse().expect(OURS))),
            Self::Numbers(values) => values.push((!is_empty).then(|| cell.parse().expect(OURS))),
            Self::Texts(values) => values.push(cell.to_owned()),
            Self::Times(values) => values.push((!is_empty).then(|| UnixTime::parse(cell).expect(OURS))),
        }
    }

    fn append(&mut self, others: Self) {
        match (self, others) {
            (Self::Counts(values), Self::Counts(others)) => values.extend(others),
            (Self::Numbers(values), Self::Numbers(others)) => values.extend(others),
            (Self::Texts(values), Self::Texts(others)) => values.extend(others),
            (Self::Times(values), Self::Times(others)) => values.extend(others),
            _ => unreachable!("a column has one type"),
        }
    }

    /// The value in this row, as csv has it before it is quoted.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn in_csv(&self, row: usize) -> String {
        match self {
            Self::Counts(values) => values[row].map_or_else(String::new, |value| value.to_string()),
            Self::Numbers(values) => {
                values[row].map_or_else(String::new, |value| ryu::Buffer::new().format(value).to_owned())
            }
            Self::Texts(values) => values[row].clone(),
            Self::Times(values) => values[row].map_or_else(String::new, |value| value.to_string()),
        }
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Counts(values) => values.len(),
            Self::Numbers(values) => values.len(),
            Self::Texts(values) => values.len(),
            Self::Times(values) => values.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl MemoryTable {
    /// Without rows.
    pub(in crate::study) fn described((name, columns): Described) -> Self {
        let empty = |about: Column| MemoryColumn { values: Values::new(about.kind), about };
        Self { name, columns: columns.into_iter().map(empty).collect() }
    }

    /// How many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// Whether it has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The column of this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&MemoryColumn> {
        self.columns.iter().find(|column| column.about.name == name)
    }

    /// The values of a column of numbers.
    #[must_use]
    pub fn numbers(&self, name: &str) -> Option<&[Option<f64>]> {
        match &self.column(name)?.values {
            Values::Numbers(values) => Some(values),
            _ => None,
        }
    }

    pub(in crate::study) fn read(&mut self, text: &[u8]) {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
        let mut row = csv::StringRecord::new();
        while reader.read_record(&mut row).expect("a recorder writes csv") {
            for (column, cell) in self.columns.iter_mut().zip(&row) {
                column.values.push(cell);
            }
        }
    }

    pub(in crate::study) fn append(&mut self, others: Self) {
        for (column, other) in self.columns.iter_mut().zip(others.columns) {
            column.values.append(other.values);
        }
    }
}

impl Results {
    fn new(tables: Tables) -> Self {
        Self { tables: tables.described().into_iter().map(MemoryTable::described).collect(), failed: Vec::new() }
    }

    pub(super) fn of_one(tables: Tables, Rows(rows): &Rows) -> Self {
        let mut results = Self::new(tables);
        for (table, text) in results.tables.iter_mut().zip(rows) {
            table.read(text);
        }
        results
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
        let tables = run.options.all_tables();
        let (first, count) = run.histories();
        let mut kept = Kept { results: Results::new(tables), first, fail_fast: work.fail_fast };
        run.simulate_by(&engine, 0..count, |rows| Results::of_one(tables, &rows), &mut kept, work)?;
        let failed = &kept.results.failed;
        if failed.len() as u64 == count {
            return Err(super::folder::none_left(failed.iter().map(|(replica, lost)| (*replica, lost))));
        }
        Ok(kept.results)
    }
}

/// Puts the tables of replicas behind one another.
struct Kept {
    results: Results,
    first: u64,
    fail_fast: bool,
}

impl Sink for Kept {
    type Output = Results;
    type Error = Infallible;

    fn accept(&mut self, _: u64, replica: Results) -> Result<(), Infallible> {
        for (table, other) in self.results.tables.iter_mut().zip(replica.tables) {
            table.append(other);
        }
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
