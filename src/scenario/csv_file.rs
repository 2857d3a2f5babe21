use std::{borrow::Cow, path::Path, sync::Arc};

use super::{
    csv_cell::{self, First},
    csv_header::{self, Column, Found},
    printable::{brief, one_line},
    problem::Problem,
    section::Reading,
    source::{Role, WHERE_FILES_ARE, read_text},
    tree::Place,
};
use crate::{
    declare::{Range, shown},
    units::UnixTime,
};

/// A file of more bytes than this is refused before it is read.
const LARGEST: u64 = 1 << 30;
/// More rows than this are refused.
const MOST_ROWS: u64 = 5_000_000;
/// Maximum number of problems shown per file; further problems are only counted.
const MOST_PROBLEMS: usize = 20;

/// More columns than this are a mistake.
const MOST_COLUMNS: usize = 1000;

/// A csv file whose header has been checked. Columns are found by name, and columns that are not requested are ignored.
pub struct CsvFile<'r> {
    reading: &'r Reading<'r>,
    source: usize,
    name: String,
    text: Arc<str>,
    columns: &'r [Column],
    /// The separator of its cells.
    delimiter: u8,
    /// For each column, its index in the file.
    indices: Vec<Option<usize>>,
    width: usize,
    /// What comes first in dates with slashes, in the first column asked for.
    first: Option<First>,
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
        let (delimiter, _) = plain_reader(&text);
        let mut file =
            CsvFile { reading, source, name, text, columns, delimiter, indices: Vec::new(), width: 0, first: None };
        if !file.find_columns() {
            return None;
        }
        file.first = file.what_comes_first();
        Some(file)
    }

    /// Whether a column that may be missing is there.
    pub fn has(&self, column: usize) -> bool {
        self.indices[column].is_some()
    }

    /// Reports a problem of the whole file, at its header.
    pub fn report(&self, message: &str, label: &str) {
        let problem = Problem::new("scenario::csv", format!("`{}` {message}", self.name));
        self.reading.report(problem.at(self.header_place(), label));
    }

    /// Reports a problem of a column's cell at a place, with a remedy.
    pub fn report_at(&self, column: usize, place: Place, message: &str, label: &str, help: &str) {
        let name = self.columns[column].name;
        let problem = Problem::new("scenario::csv", format!("`{name}` in `{}` {message}", self.name));
        self.reading.report(problem.at(place, label).help(help));
    }

    fn header_place(&self) -> Place {
        let (start, end) = header(&self.text);
        Place { source: self.source, start, end }
    }

    /// Finds the columns, and returns whether all required columns exist.
    fn find_columns(&mut self) -> bool {
        let line = self.header_place();
        let columns = 1 + self.text[line.start..line.end].bytes().filter(|&byte| byte == self.delimiter).count();
        if columns > MOST_COLUMNS {
            let message = format!("`{}` has {columns} columns, more than {MOST_COLUMNS}", self.name);
            let problem = Problem::new("scenario::csv", message).at(line, "the header");
            self.reading.report(problem.help("remove unused columns"));
            return false;
        }
        let names: Vec<String> = match self.reader().headers() {
            Ok(names) => names.iter().map(str::to_owned).collect(),
            Err(_) => Vec::new(),
        };
        let mark = self.reading.mark();
        self.width = names.len();
        let wanted: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        let help = format!("the columns are {}; others are ignored", wanted.join(", "));
        let report = |message: String, place: Place, label: String| {
            self.reading.report(Problem::new("scenario::csv", message).at(place, label).help(&help));
        };
        let mut indices = Vec::new();
        for (column, found) in self.columns.iter().zip(csv_header::find(self.columns, &names)) {
            let wanted = column.name;
            indices.push(if let Found::At(index) = found { Some(index) } else { None });
            match found {
                Found::Several(several) => {
                    let (first, again) = (several[0], several[1]);
                    let message = format!("two columns of `{}` could be `{wanted}`", self.name);
                    let problem = Problem::new("scenario::csv", message).at(self.cell(line.start, first), "one");
                    let help = format!("call the one that is meant `{wanted}`, and no other");
                    self.reading.report(problem.at(self.cell(line.start, again), "another").help(help));
                }
                Found::Misspelt(index) => {
                    let message = format!("`{}` has no column `{wanted}`, but `{}`", self.name, brief(&names[index]));
                    report(message, self.cell(line.start, index), format!("did you mean `{wanted}`?"));
                }
                Found::Nowhere if column.required => {
                    report(format!("`{}` has no column `{wanted}`", self.name), line, "the header".to_owned());
                }
                Found::At(_) | Found::Nowhere => {}
            }
        }
        self.indices = indices;
        self.reading.clean_since(mark)
    }

    fn reader(&self) -> csv::Reader<&[u8]> {
        plain_reader(&self.text).1.flexible(true).from_reader(self.text.as_bytes())
    }

    /// What comes first in the dates of the first column asked for, where they are written with slashes.
    fn what_comes_first(&self) -> Option<First> {
        let index = self.indices.first().copied().flatten()?;
        let mut reader = self.reader();
        let dates = reader.records().map_while(|record| Some(record.ok()?.get(index)?.to_owned()));
        csv_cell::what_comes_first(dates.take_while(|date| date.contains('/')))
    }

    /// Reads every row.
    pub fn rows(&self, mut read: impl FnMut(&Row<'_, 'r>)) {
        let mark = self.reading.mark();
        self.reading.left_out.set(0);
        let mut reader = self.reader();
        let mut record = csv::StringRecord::new();
        let mut count = 0_u64;
        while reader.read_record(&mut record).unwrap_or(false) {
            count += 1;
            let start = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0));
            let start = start + self.text[start..].len() - self.text[start..].trim_start_matches(['\r', '\n']).len();
            if record.iter().any(|cell| matches!(one_line(cell), Cow::Owned(_))) {
                record = record.iter().map(one_line).collect();
            }
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
        let (start, end) = cell_at(&self.text, self.delimiter, start, index);
        Place { source: self.source, start, end }
    }
}

/// The beginning and end of a cell of the line that starts at `start`.
pub fn cell_at(text: &str, delimiter: u8, start: usize, index: usize) -> (usize, usize) {
    let line = &text[start..];
    let (mut quoted, mut cell, mut from, mut end) = (false, 0, 0, line.len());
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            _ if byte == delimiter && !quoted && cell == index => {
                end = at;
                break;
            }
            _ if byte == delimiter && !quoted => {
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
    (start + from, start + end)
}

/// The separator of a csv text, and a reader that skips comments and the blanks around cells.
pub fn plain_reader(text: &str) -> (u8, csv::ReaderBuilder) {
    let (start, end) = header(text);
    let delimiter = csv_header::delimiter(&text[start..end]);
    let mut builder = csv::ReaderBuilder::new();
    builder.comment(Some(b'#')).trim(csv::Trim::All).delimiter(delimiter);
    (delimiter, builder)
}

/// The beginning and end of the header: the first line that is not a comment.
fn header(text: &str) -> (usize, usize) {
    let mut start = 0;
    while text[start..].starts_with('#') {
        start += text[start..].find('\n').map_or(text.len() - start, |end| end + 1);
    }
    let end = start + text[start..].find(['\r', '\n']).unwrap_or(text.len() - start);
    (start, start + text[start..end].trim_end().len())
}

impl<'a> Row<'a, '_> {
    /// The bytes of a column's cell.
    pub fn place(&self, column: usize) -> Place {
        self.file.cell(self.start, self.file.indices[column].unwrap_or(0))
    }

    /// Reports a problem of a column's cell.
    pub fn report(&self, column: usize, message: &str, label: &str) {
        self.report_with(column, message, label, "");
    }

    /// Reports a problem of a column's cell, with a remedy.
    pub fn report_with(&self, column: usize, message: &str, label: &str, help: &str) {
        self.file.report_at(column, self.place(column), message, label, help);
    }

    /// A cell's text; `None` where it is empty or the column does not exist.
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
        match csv_cell::number(text, self.file.delimiter != b',') {
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
            Err(label) => {
                self.report_with(column, "must be a number", label, csv_cell::NUMBERS);
                None
            }
        }
    }

    /// A cell's date.
    pub fn date(&self, column: usize) -> Option<UnixTime> {
        let text = self.name(column)?;
        let date = csv_cell::date(text, self.file.first);
        if date.is_none() {
            self.report_with(
                column,
                "must be a date from 1970 to 2199",
                "not a date that can be read",
                csv_cell::DATES,
            );
        }
        date
    }
}
