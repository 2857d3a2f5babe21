//! Rows of a result table, read one at a time; every complaint names file, line and column.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use csv::ByteRecord;

use super::ReportError;

/// A csv table of a result folder, open for reading the columns asked for.
pub(crate) struct Rows {
    path: PathBuf,
    reader: csv::Reader<File>,
    record: ByteRecord,
    columns: Vec<(String, usize)>,
}

impl Rows {
    /// Opens `folder/name.csv` and finds `columns` in its header. A field is later addressed by its place in `columns`.
    pub(crate) fn open(folder: &Path, name: &str, columns: &[&'static str]) -> Result<Self, ReportError> {
        let mut rows = Self::open_all(folder, name)?;
        let mut found = Vec::with_capacity(columns.len());
        for column in columns {
            match rows.columns.iter().position(|(name, _)| name == column) {
                Some(place) => found.push(((*column).to_owned(), place)),
                None => return Err(ReportError::MissingColumn { path: rows.path, column }),
            }
        }
        rows.columns = found;
        Ok(rows)
    }

    /// Opens `folder/name.csv` with all its columns, addressed by their places in the table.
    pub(crate) fn open_all(folder: &Path, name: &str) -> Result<Self, ReportError> {
        let path = folder.join(format!("{name}.csv"));
        if !path.exists() {
            let twin_exists = folder.join(format!("{name}.parquet")).exists();
            return Err(if twin_exists {
                ReportError::OnlyParquet { path }
            } else {
                ReportError::MissingTable { path }
            });
        }
        let file = File::open(&path).map_err(ReportError::file(&path))?;
        let mut reader = csv::ReaderBuilder::new().from_reader(file);
        let columns = match reader.byte_headers() {
            Ok(header) => header.iter().map(|name| String::from_utf8_lossy(name).into_owned()).zip(0..).collect(),
            Err(error) => return Err(bad_csv(&path, error)),
        };
        Ok(Self { path, reader, record: ByteRecord::new(), columns })
    }

    /// The names of the columns, in their order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    pub(crate) fn missing_column(&self, column: &'static str) -> ReportError {
        ReportError::MissingColumn { path: self.path.clone(), column }
    }

    /// Moves to the next row; false after the last.
    pub(crate) fn advance(&mut self) -> Result<bool, ReportError> {
        self.reader.read_byte_record(&mut self.record).map_err(|error| bad_csv(&self.path, error))
    }

    pub(crate) fn empty_table(&self) -> ReportError {
        ReportError::EmptyTable { path: self.path.clone() }
    }

    /// The field's text; that of a quoted field without its quotes.
    pub(crate) fn text(&self, column: usize) -> Result<&str, ReportError> {
        let bytes = self.bytes(column);
        std::str::from_utf8(bytes).map_err(|_| self.complaint(column, "text in UTF-8"))
    }

    pub(crate) fn whole(&self, column: usize) -> Result<u64, ReportError> {
        self.text(column)?.parse().map_err(|_| self.complaint(column, "a whole number"))
    }

    /// A number; an empty field means that there is none.
    pub(crate) fn number(&self, column: usize) -> Result<Option<f64>, ReportError> {
        let text = self.text(column)?;
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value)),
            _ => Err(self.complaint(column, "a finite number or nothing")),
        }
    }

    /// Seconds since 1970 of an ISO 8601 instant.
    pub(crate) fn time(&self, column: usize) -> Result<i64, ReportError> {
        self.text(column)?
            .parse::<jiff::Timestamp>()
            .map(jiff::Timestamp::as_second)
            .map_err(|_| self.complaint(column, "a time like 2018-09-20T00:00:00Z"))
    }

    /// An error at the current row.
    pub(crate) fn bad_row(&self, problem: String) -> ReportError {
        let line = self.record.position().map_or(1, csv::Position::line);
        ReportError::BadRow { path: self.path.clone(), line, problem }
    }

    fn complaint(&self, column: usize, expected: &str) -> ReportError {
        let name = &self.columns[column].0;
        let text = String::from_utf8_lossy(self.bytes(column));
        self.bad_row(format!("column `{name}`: expected {expected}, found `{text}`"))
    }

    fn bytes(&self, column: usize) -> &[u8] {
        // The reader refuses rows shorter than the header, so an absent field cannot occur; empty is the harmless reading.
        self.record.get(self.columns[column].1).unwrap_or_default()
    }
}

fn bad_csv(path: &Path, error: csv::Error) -> ReportError {
    let line = error.position().map_or(1, csv::Position::line);
    let problem = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("expected {expected_len} fields as in the header, found {len}")
        }
        _ => error.to_string(),
    };
    match error.into_kind() {
        csv::ErrorKind::Io(source) => ReportError::File { path: path.into(), source },
        _ => ReportError::BadRow { path: path.into(), line, problem },
    }
}
