use std::{path::Path, sync::Arc};

use super::{
    load::{WHERE_FILES_ARE, read_text},
    nearest::nearest,
    problem::Problem,
    section::Reading,
    shape::{Range, shown},
    source::Role,
    tree::Place,
};
use crate::units::UnixTime;

/// A file of more bytes than this is refused before it is read.
const LARGEST: u64 = 1 << 30;
/// More rows than this are refused.
const MOST_ROWS: u64 = 5_000_000;
/// After so many problems in one file the rest is counted, not shown.
const MOST_PROBLEMS: usize = 20;

/// A column of a csv file.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    name: &'static str,
    required: bool,
}

impl Column {
    /// One that must be there.
    pub const fn required(name: &'static str) -> Self {
        Self { name, required: true }
    }

    /// One that may be.
    pub const fn optional(name: &'static str) -> Self {
        Self { name, required: false }
    }
}

/// A csv file whose header has been checked.
pub struct CsvFile<'r> {
    reading: &'r Reading<'r>,
    source: usize,
    name: String,
    text: Arc<str>,
    columns: &'r [Column],
    /// Whether other columns are passed over.
    among_others: bool,
    /// For each column, its index in the file.
    indices: Vec<Option<usize>>,
    width: usize,
}

/// A row of a csv file.
pub struct Row<'a, 'r> {
    file: &'a CsvFile<'r>,
    record: &'a csv::StringRecord,
    start: usize,
}

impl<'r> CsvFile<'r> {
    /// Opens a file, named in a scenario at `named_at`, by its path from the scenario's own folder.
    pub fn open<'a>(
        reading: &'a Reading<'a>,
        path: &Path,
        named_at: Place,
        columns: &'a [Column],
    ) -> Option<CsvFile<'a>> {
        Self::open_with(reading, path, named_at, columns, false)
    }

    /// The same of a file that may have other columns too: they are passed over.
    pub fn open_among_others<'a>(
        reading: &'a Reading<'a>,
        path: &Path,
        named_at: Place,
        columns: &'a [Column],
    ) -> Option<CsvFile<'a>> {
        Self::open_with(reading, path, named_at, columns, true)
    }

    fn open_with<'a>(
        reading: &'a Reading<'a>,
        path: &Path,
        named_at: Place,
        columns: &'a [Column],
        among_others: bool,
    ) -> Option<CsvFile<'a>> {
        let name = path.display().to_string();
        let text = match read_text(reading.files, &reading.folder.join(path), LARGEST) {
            Ok(text) => text,
            Err(why) => {
                let problem = Problem::new("scenario::file", format!("`{name}` cannot be read: {why}"));
                reading.report(problem.at(named_at, "named here").help(WHERE_FILES_ARE));
                return None;
            }
        };
        let text: Arc<str> = text.into();
        let source = reading.sources.borrow_mut().add(name.clone(), "", Role::Table, Arc::clone(&text));
        let mut file = CsvFile { reading, source, name, text, columns, among_others, indices: Vec::new(), width: 0 };
        file.header().then_some(file)
    }

    /// Finds the columns; whether all that are needed are there.
    fn header(&mut self) -> bool {
        let end = self.text.find('\n').unwrap_or(self.text.len());
        let line = Place { source: self.source, start: 0, end: self.text[..end].trim_end().len() };
        let names: Vec<String> = match reader(&self.text).headers() {
            Ok(names) => names.iter().map(str::to_owned).collect(),
            Err(_) => Vec::new(),
        };
        let mark = self.reading.mark();
        self.width = names.len();
        let known = || self.columns.iter().map(|column| column.name);
        let help = format!("the columns are {}", known().collect::<Vec<_>>().join(", "));
        for (index, name) in names.iter().enumerate() {
            let place = self.cell(0, index);
            if !known().any(|known| known == name) {
                if self.among_others {
                    continue;
                }
                let label = nearest(name, known())
                    .map_or_else(|| "unknown".to_owned(), |name| format!("did you mean `{name}`?"));
                self.reading.report(
                    Problem::new("scenario::csv", format!("`{name}` is not a column of `{}`", self.name))
                        .at(place, label)
                        .help(&help),
                );
            } else if names[..index].contains(name) {
                self.reading.report(
                    Problem::new("scenario::csv", format!("`{}` has the column `{name}` twice", self.name))
                        .at(place, "again")
                        .help(&help),
                );
            }
        }
        self.indices = known().map(|column| names.iter().position(|name| name == column)).collect();
        for (column, index) in self.columns.iter().zip(&self.indices) {
            if column.required && index.is_none() {
                let problem = Problem::new("scenario::csv", format!("`{}` has no column `{}`", self.name, column.name));
                self.reading.report(problem.at(line, "the header").help(&help));
            }
        }
        self.reading.clean_since(mark)
    }

    /// Reads every row.
    pub fn rows(&self, mut read: impl FnMut(&Row<'_, 'r>)) {
        let mark = self.reading.mark();
        self.reading.left_out.set(0);
        let mut reader = reader(&self.text);
        let mut record = csv::StringRecord::new();
        let mut count = 0_u64;
        while reader.read_record(&mut record).unwrap_or(false) {
            count += 1;
            let start = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0));
            let start = start + self.text[start..].len() - self.text[start..].trim_start_matches(['\r', '\n']).len();
            let row = Row { file: self, record: &record, start };
            if count > MOST_ROWS {
                let problem = Problem::new("scenario::csv", format!("`{}` has more than {MOST_ROWS} rows", self.name));
                self.reading.report(
                    problem.at(row.place(0), "one too many").help("let a row stand for several miners with `weight`"),
                );
                return;
            }
            if record.len() == self.width {
                read(&row);
            } else {
                let end = start + self.text[start..].find('\n').unwrap_or(self.text.len() - start);
                let place = Place { source: self.source, start, end: start + self.text[start..end].trim_end().len() };
                let problem = Problem::new(
                    "scenario::csv",
                    format!("a row of `{}` has {} cells, not {}", self.name, record.len(), self.width),
                );
                self.reading.report(
                    problem
                        .at(place, format!("{} cells", record.len()))
                        .help("every row has as many cells as the header"),
                );
            }
            self.limit(mark);
        }
        let left_out = self.reading.left_out.get();
        if left_out > 0 {
            self.reading.report(Problem::new("scenario::csv", format!("`{}` has {left_out} more problems", self.name)));
        }
    }

    /// Keeps the first problems of a file and counts the rest.
    fn limit(&self, mark: usize) {
        let mut problems = self.reading.problems.borrow_mut();
        let most = mark + MOST_PROBLEMS;
        if problems.len() > most {
            self.reading.left_out.set(self.reading.left_out.get() + problems.len() - most);
            problems.truncate(most);
        }
    }

    /// The bytes of a cell of the line that starts at `start`.
    fn cell(&self, start: usize, index: usize) -> Place {
        let line = &self.text[start..];
        let (mut quoted, mut cell, mut from, mut end) = (false, 0, 0, line.len());
        for (at, byte) in line.bytes().enumerate() {
            match byte {
                b'"' => quoted = !quoted,
                b',' if !quoted && cell == index => {
                    end = at;
                    break;
                }
                b',' if !quoted => {
                    cell += 1;
                    from = at + 1;
                }
                b'\r' | b'\n' if !quoted => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        Place { source: self.source, start: start + from, end: start + end }
    }
}

fn reader(text: &str) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes())
}

impl<'a> Row<'a, '_> {
    /// The bytes of a column's cell.
    pub fn place(&self, column: usize) -> Place {
        self.file.cell(self.start, self.file.indices[column].unwrap_or(0))
    }

    /// Says what is wrong with a column's cell.
    pub fn report(&self, column: usize, message: &str, label: &str) {
        let name = self.file.columns[column].name;
        let problem = Problem::new("scenario::csv", format!("`{name}` in `{}` {message}", self.file.name));
        self.file.reading.report(problem.at(self.place(column), label));
    }

    /// A cell's text; `None` where it is empty or the column is not there.
    pub fn text(&self, column: usize) -> Option<&'a str> {
        self.record.get(self.file.indices[column]?).filter(|text| !text.is_empty())
    }

    /// A cell's text, which must not be empty.
    pub fn name(&self, column: usize) -> Option<&'a str> {
        let text = self.text(column);
        if text.is_none() {
            self.report(column, "is empty", "empty");
        }
        text
    }

    /// A cell's number.
    pub fn number(&self, column: usize, range: Range) -> Option<f64> {
        let text = self.name(column)?;
        self.read_number(column, text, range)
    }

    /// A cell's number, or the default where the cell is empty or not there.
    pub fn number_or(&self, column: usize, range: Range, default: f64) -> Option<f64> {
        self.text(column).map_or(Some(default), |text| self.read_number(column, text, range))
    }

    fn read_number(&self, column: usize, text: &str, range: Range) -> Option<f64> {
        match text.parse::<f64>() {
            Ok(value) if !value.is_finite() => {
                self.report(column, "must be a finite number", "not finite");
                None
            }
            Ok(value) => match range.fault(value) {
                None => Some(value),
                Some(bound) => {
                    self.report(
                        column,
                        &format!("is {}, but must be {bound}", shown(value)),
                        &format!("must be {bound}"),
                    );
                    None
                }
            },
            Err(_) => {
                self.report(column, "must be a number", "not a number");
                None
            }
        }
    }

    /// A cell's date.
    pub fn date(&self, column: usize) -> Option<UnixTime> {
        let text = self.name(column)?;
        let date = UnixTime::parse(text).ok();
        if date.is_none() {
            self.report(column, "must be a date such as 2018-09-20 or 2018-09-20T12:00:00Z", "not a date");
        }
        date
    }
}
