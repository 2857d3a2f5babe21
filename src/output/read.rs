//! The one reader of csv tables: for resuming, and for reports of a folder that is there.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use csv::StringRecord;

use super::table::Table;
use crate::{
    declare::{Columns, Row},
    units::UnixTime,
};

/// A table that cannot be read back.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not csv, or not to be opened.
    #[error("cannot read {}: {source}", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: csv::Error,
    },
    /// There is no such file.
    #[error("{}: no such table", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The table is there, but as Parquet alone.
    #[error("{}: there is only its Parquet twin, which cannot be read back", path.display())]
    OnlyParquet {
        /// Where the csv should be.
        path: PathBuf,
    },
    /// A column is missing.
    #[error("{}:1: there is no column `{column}`", path.display())]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
    },
    /// A row is not what it should be.
    #[error("{}:{line}: {problem}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// Counted from 1, the header included.
        line: u64,
        /// What is wrong, with the offending text.
        problem: String,
    },
    /// There is a header and no row.
    #[error("{}: the table has no rows", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// A csv table, open for reading the columns asked for, row by row.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    rows: csv::Reader<File>,
    record: StringRecord,
    columns: Vec<(String, usize)>,
}

impl Reader {
    /// Opens `folder/name.csv` and finds `columns` in its header. A field is later addressed by its place in `columns`.
    ///
    /// # Errors
    /// When there is no such table, or no such column.
    pub fn open<C: AsRef<str>>(
        folder: &Path,
        name: &str,
        columns: impl IntoIterator<Item = C>,
    ) -> Result<Self, ReadError> {
        let mut rows = Self::open_all(folder, name)?;
        let mut found = Vec::new();
        for column in columns {
            let column = column.as_ref();
            match rows.columns.iter().find(|(name, _)| name == column) {
                Some(known) => found.push(known.clone()),
                None => return Err(rows.no_column(column)),
            }
        }
        rows.columns = found;
        Ok(rows)
    }

    /// Opens `folder/name.csv` with all its columns, addressed by their places in the table.
    ///
    /// # Errors
    /// When there is no such table.
    pub fn open_all(folder: &Path, name: &str) -> Result<Self, ReadError> {
        let path = folder.join(format!("{name}.csv"));
        if !path.exists() {
            let has_twin = folder.join(format!("{name}.parquet")).exists();
            return Err(if has_twin { ReadError::OnlyParquet { path } } else { ReadError::Missing { path } });
        }
        let failed = |source| ReadError::Csv { path: path.clone(), source };
        let mut reader = csv::Reader::from_path(&path).map_err(failed)?;
        let columns = match reader.headers() {
            Ok(header) => header.iter().map(str::to_owned).zip(0..).collect(),
            Err(error) => return Err(bad_csv(&path, error)),
        };
        Ok(Self { path, rows: reader, record: StringRecord::new(), columns })
    }

    /// The names of the columns, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// The error that it has no such column.
    #[must_use]
    pub fn no_column(&self, column: &str) -> ReadError {
        ReadError::NoColumn { path: self.path.clone(), column: column.to_owned() }
    }

    /// Moves to the next row; false after the last.
    ///
    /// # Errors
    /// When the row has more or fewer fields than the header, or the disk fails.
    pub fn advance(&mut self) -> Result<bool, ReadError> {
        self.rows.read_record(&mut self.record).map_err(|error| bad_csv(&self.path, error))
    }

    /// The error that it has no rows.
    #[must_use]
    pub fn empty_table(&self) -> ReadError {
        ReadError::Empty { path: self.path.clone() }
    }

    /// The field's text; that of a quoted field without its quotes.
    #[must_use]
    pub fn text(&self, column: usize) -> &str {
        // The reader refuses rows shorter than the header, so an absent field cannot occur; empty is the harmless reading.
        self.record.get(self.columns[column].1).unwrap_or_default()
    }

    /// A whole number.
    ///
    /// # Errors
    /// When it is none.
    pub fn whole(&self, column: usize) -> Result<u64, ReadError> {
        self.text(column).parse().map_err(|_| self.complaint(column, "a whole number"))
    }

    /// A number; an empty field means that there is none.
    ///
    /// # Errors
    /// When it is neither empty nor a finite number.
    pub fn number(&self, column: usize) -> Result<Option<f64>, ReadError> {
        match self.text(column) {
            "" => Ok(None),
            text => match text.parse::<f64>() {
                Ok(value) if value.is_finite() => Ok(Some(value)),
                _ => Err(self.complaint(column, "a finite number or nothing")),
            },
        }
    }

    /// Seconds since 1970 of an ISO 8601 instant.
    ///
    /// # Errors
    /// When it is none.
    pub fn time(&self, column: usize) -> Result<i64, ReadError> {
        self.text(column)
            .parse::<jiff::Timestamp>()
            .map(jiff::Timestamp::as_second)
            .map_err(|_| self.complaint(column, "a time like 2018-09-20T00:00:00Z"))
    }

    /// An error at the current row.
    #[must_use]
    pub fn bad_row(&self, problem: impl Into<String>) -> ReadError {
        ReadError::Row { path: self.path.clone(), line: self.line(), problem: problem.into() }
    }

    /// Adds the current row to columns, the first of which is the one at this place.
    pub(super) fn push_to(&self, columns: &mut Columns, first: usize) -> Result<(), ReadError> {
        let texts = (first..self.columns.len()).map(|column| self.text(column));
        columns.push_texts(texts).map_err(|(place, expected)| self.complaint(first + place, expected))
    }

    fn line(&self) -> u64 {
        self.record.position().map_or(1, csv::Position::line)
    }

    fn complaint(&self, column: usize, expected: &str) -> ReadError {
        self.bad_row(format!("column `{}`: expected {expected}, found `{}`", self.columns[column].0, self.text(column)))
    }
}

fn bad_csv(path: &Path, error: csv::Error) -> ReadError {
    let line = error.position().map_or(1, csv::Position::line);
    let problem = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("expected {expected_len} fields as in the header, found {len}")
        }
        csv::ErrorKind::Io(_) => return ReadError::Csv { path: path.into(), source: error },
        _ => error.to_string(),
    };
    ReadError::Row { path: path.into(), line, problem }
}

/// A table of replicas, read one replica at a time: the rows of a replica stand together.
#[derive(Debug)]
pub struct Replicas {
    reader: Reader,
    empty: Columns,
    /// The number of the replica at whose first row the reader stands; `None` before the first row and after the last.
    stands_at: Option<u64>,
    has_begun: bool,
}

impl Replicas {
    /// Opens a table; its instants will count from `start`.
    ///
    /// # Errors
    /// When there is no such table, or it lacks a column.
    pub fn open(folder: &Path, table: Table, start: UnixTime) -> Result<Self, ReadError> {
        let mut columns = table.columns();
        let reader = Reader::open(folder, table.name(), columns.iter().map(|column| &*column.name))?;
        let empty = Columns::new(columns.split_off(1), start);
        Ok(Self { reader, empty, stands_at: None, has_begun: false })
    }

    /// The number of the next replica; `None` after the last.
    ///
    /// # Errors
    /// When its first row is not what it should be.
    pub fn next_replica(&mut self) -> Result<Option<u64>, ReadError> {
        if !std::mem::replace(&mut self.has_begun, true) {
            self.move_on()?;
        }
        Ok(self.stands_at)
    }

    /// The rows of this replica, none where the next one is another.
    ///
    /// # Errors
    /// When a row of it is not what it should be.
    pub fn take(&mut self, replica: u64) -> Result<Columns, ReadError> {
        let mut columns = self.empty.clone();
        while self.next_replica()? == Some(replica) {
            self.reader.push_to(&mut columns, 1)?;
            self.move_on()?;
        }
        Ok(columns)
    }

    /// The line at which it stands, counted from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.reader.line()
    }

    fn move_on(&mut self) -> Result<(), ReadError> {
        self.stands_at = if self.reader.advance()? { Some(self.reader.whole(0)?) } else { None };
        Ok(())
    }
}

/// A table that is no table of replicas: all its rows, and its name for complaints.
///
/// # Errors
/// When there is no such table, or it is not what it should be.
pub fn whole<R: Row<'static>>(folder: &Path, start: UnixTime) -> Result<Whole, ReadError> {
    let mut columns = Columns::of::<R>(start);
    let names: Vec<String> = columns.declared().iter().map(|column| column.name.to_string()).collect();
    let mut rows = Reader::open(folder, R::TABLE, names)?;
    while rows.advance()? {
        rows.push_to(&mut columns, 0)?;
    }
    Ok(Whole { columns, path: rows.path })
}

/// All rows of a table.
#[derive(Debug)]
pub struct Whole {
    columns: Columns,
    path: PathBuf,
}

impl Whole {
    /// Its columns, for keeps.
    #[must_use]
    pub fn into_columns(self) -> Columns {
        self.columns
    }

    /// Its columns.
    #[must_use]
    pub const fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The error of a row, counted from 0.
    #[must_use]
    pub fn bad_row(&self, row: usize, problem: impl Into<String>) -> ReadError {
        ReadError::Row { path: self.path.clone(), line: 2 + row as u64, problem: problem.into() }
    }
}
