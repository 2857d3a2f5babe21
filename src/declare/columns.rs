//! Columns in memory: the records of one table, or the rows read back from its file.

use super::{
    cell::{Kind, Value},
    row::{Column, Misread, Put, Row, Take},
};
use crate::units::{Seconds, UnixTime};
use std::ops::Range;

/// The rows of one table and one replica, by column.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    start: UnixTime,
    declared: Vec<Column>,
    values: Vec<Values>,
    rows: usize,
}

/// The values of one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Whole numbers; `None` where a cell is empty.
    Counts(Vec<Option<u64>>),
    /// Numbers in the column's unit; NaN where a cell is empty.
    Numbers(Vec<f64>),
    /// Texts, one after another.
    Texts(Texts),
    /// Seconds from [`Columns::start`]; NaN where a cell is empty.
    Times(Vec<f64>),
}

/// Many texts in one piece of memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    all: String,
    ends: Vec<usize>,
}

impl Texts {
    /// Appends a text.
    pub fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.ends.push(self.all.len());
    }

    /// All texts concatenated, and the byte at which each text ends.
    #[must_use]
    pub fn into_parts(self) -> (String, Vec<usize>) {
        (self.all, self.ends)
    }

    /// A text by its place; empty beyond the last.
    #[must_use]
    pub fn get(&self, place: usize) -> &str {
        let begin = place.checked_sub(1).map_or(0, |before| self.ends.get(before).copied().unwrap_or(self.all.len()));
        let end = self.ends.get(place).copied().unwrap_or(self.all.len());
        &self.all[begin..end]
    }
}

impl Columns {
    /// The empty columns of rows `R`, whose instants count from `start`.
    #[must_use]
    pub fn of<'a, R: Row<'a>>(start: UnixTime) -> Self {
        Self::new(R::columns(), start)
    }

    /// Empty columns.
    #[must_use]
    pub fn new(columns: Vec<Column>, start: UnixTime) -> Self {
        let values = columns.iter().map(|column| Values::of(column.kind)).collect();
        Self { start, declared: columns, values, rows: 0 }
    }

    /// Columns with these values; `None` unless each has the type of its column, and all are equally long.
    #[must_use]
    pub fn with_values(columns: Vec<Column>, start: UnixTime, values: Vec<Values>) -> Option<Self> {
        let rows = values.first().map_or(0, Values::len);
        let fits = columns.len() == values.len()
            && columns.iter().zip(&values).all(|(column, values)| values.len() == rows && values.are(column.kind));
        fits.then_some(Self { start, declared: columns, values, rows })
    }

    /// Some rows, without the first columns.
    #[must_use]
    pub fn part(&self, rows: Range<usize>, first_column: usize) -> Self {
        let values = self.values.iter().skip(first_column).map(|values| values.part(rows.clone()));
        let declared = self.declared.iter().skip(first_column).cloned().collect();
        Self { start: self.start, declared, values: values.collect(), rows: rows.len() }
    }

    /// The instant from which its instants count.
    #[must_use]
    pub const fn start(&self) -> UnixTime {
        self.start
    }

    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Its columns, in order.
    #[must_use]
    pub fn declared(&self) -> &[Column] {
        &self.declared
    }

    /// The values of a column; `None` where there is no such column.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Values> {
        let place = self.declared.iter().position(|column| column.name == name)?;
        self.values.get(place)
    }

    /// Its columns, and their values.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Column>, Vec<Values>) {
        (self.declared, self.values)
    }

    /// Seconds since 1970 of an instant of a row.
    #[must_use]
    pub fn unix(&self, time: Seconds) -> i64 {
        self.start.after(time).get()
    }

    /// Adds a row.
    ///
    /// # Errors
    /// The first number of the row that is NaN or infinite, and its column: then the row is added with an empty cell there.
    pub fn push<'a, R: Row<'a>>(&mut self, row: &R) -> Result<(), NotFinite> {
        let mut end = End { values: self.values.iter_mut(), place: 0, fault: None };
        row.put(&mut end);
        self.rows += 1;
        match end.fault {
            None => Ok(()),
            Some((place, value)) => Err(NotFinite { column: self.declared[place].name.to_string(), value }),
        }
    }

    /// Adds rows of other columns, with equal first cells before each row.
    ///
    /// # Panics
    /// If the number of cells differs from the number of these columns.
    pub fn extend_behind(&mut self, first: &[Value<'_>], rows: &Self) {
        self.extend_with_some(first, rows, 0..rows.rows);
    }

    /// Adds some rows of other columns, with equal first cells before each row.
    ///
    /// # Panics
    /// If the number of cells differs from the number of these columns.
    pub fn extend_with_some(&mut self, first: &[Value<'_>], rows: &Self, some: Range<usize>) {
        assert_eq!(first.len() + rows.values.len(), self.values.len(), "as many cells as columns");
        let later = rows.start.since(self.start);
        self.rows += some.len();
        for row in some {
            let cells = rows.values.iter().map(|values| match values.get(row) {
                Value::Time(time) => Value::Time(time + later),
                cell => cell,
            });
            for (values, cell) in self.values.iter_mut().zip(first.iter().copied().chain(cells)) {
                values.push(cell);
            }
        }
    }

    /// Adds the rows of another set with equal columns.
    ///
    /// # Panics
    /// If the columns differ.
    pub fn append(&mut self, others: &Self) {
        self.extend_behind(&[], others);
    }

    /// Adds a cell to each column from texts as they stand in a csv; instants are read as from [`Self::start`].
    ///
    /// # Errors
    /// The column whose text is none of its kind, and what it should be.
    pub fn push_texts<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>) -> Result<(), (usize, &'static str)> {
        for (place, (values, text)) in self.values.iter_mut().zip(texts).enumerate() {
            let is_optional = self.declared[place].kind.is_optional();
            values.push_text(text, is_optional, self.start).map_err(|expected| (place, expected))?;
        }
        self.rows += 1;
        Ok(())
    }

    /// Removes the rows, and keeps their memory.
    pub fn clear(&mut self) {
        self.rows = 0;
        self.values.iter_mut().for_each(Values::clear);
    }

    /// Writes the cells of a row into `cells`.
    pub fn put(&self, row: usize, cells: &mut impl Put) {
        for values in &self.values {
            cells.put(values.get(row));
        }
    }

    /// The rows, read as `R`.
    ///
    /// # Panics
    /// If these are not the columns of `R`.
    pub fn rows<'a, R: Row<'a>>(&'a self) -> impl Iterator<Item = R> {
        (0..self.rows).map(|row| {
            let mut cells = self.values.iter().map(|values| values.get(row));
            R::take(&mut cells).expect("these are the columns of such rows")
        })
    }
}

/// A number that no table accepts.
#[derive(Clone, Debug, PartialEq)]
pub struct NotFinite {
    /// Its column.
    pub column: String,
    /// NaN or an infinity.
    pub value: f64,
}

impl<'a, I: Iterator<Item = Value<'a>>> Take<'a> for I {
    fn take(&mut self, _: Kind) -> Result<Value<'a>, Misread> {
        self.next().ok_or(Misread)
    }
}

/// The ends of columns, to which the cells of a row are appended.
struct End<'c> {
    values: std::slice::IterMut<'c, Values>,
    place: usize,
    fault: Option<(usize, f64)>,
}

impl Put for End<'_> {
    fn put(&mut self, value: Value<'_>) {
        let number = match value {
            Value::Number(number) => Some(number),
            Value::Time(time) => Some(time.get()),
            _ => None,
        };
        if let Some(number) = number.filter(|number| !number.is_finite()) {
            self.fault.get_or_insert((self.place, number));
        }
        self.values.next().expect("a row has as many cells as its table has columns").push(value);
        self.place += 1;
    }
}

impl Values {
    const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Count | Kind::OptionalCount => Self::Counts(Vec::new()),
            Kind::Number | Kind::OptionalNumber => Self::Numbers(Vec::new()),
            Kind::Text => Self::Texts(Texts { all: String::new(), ends: Vec::new() }),
            Kind::Time | Kind::OptionalTime => Self::Times(Vec::new()),
        }
    }

    /// Whether these are values of a column of this kind.
    const fn are(&self, kind: Kind) -> bool {
        match self {
            Self::Counts(_) => matches!(kind, Kind::Count | Kind::OptionalCount),
            Self::Numbers(_) => matches!(kind, Kind::Number | Kind::OptionalNumber),
            Self::Texts(_) => matches!(kind, Kind::Text),
            Self::Times(_) => matches!(kind, Kind::Time | Kind::OptionalTime),
        }
    }

    /// Number of cells.
    const fn len(&self) -> usize {
        match self {
            Self::Counts(counts) => counts.len(),
            Self::Numbers(numbers) | Self::Times(numbers) => numbers.len(),
            Self::Texts(texts) => texts.ends.len(),
        }
    }

    /// The cells of some rows.
    fn part(&self, rows: Range<usize>) -> Self {
        match self {
            Self::Counts(counts) => Self::Counts(counts[rows].to_vec()),
            Self::Numbers(numbers) => Self::Numbers(numbers[rows].to_vec()),
            Self::Times(times) => Self::Times(times[rows].to_vec()),
            Self::Texts(texts) => {
                let mut part = Texts::default();
                rows.for_each(|row| part.push(texts.get(row)));
                Self::Texts(part)
            }
        }
    }

    /// The numbers, or the counts as numbers, with NaN for empty cells; empty for other columns.
    pub fn numbers(&self) -> impl Iterator<Item = f64> {
        let (numbers, counts): (&[f64], &[Option<u64>]) = match self {
            Self::Numbers(numbers) => (numbers, &[]),
            Self::Counts(counts) => (&[], counts),
            Self::Texts(_) | Self::Times(_) => (&[], &[]),
        };
        #[expect(clippy::cast_precision_loss, reason = "counts are below 2^53")]
        let counts = counts.iter().map(|count| count.map_or(f64::NAN, |count| count as f64));
        numbers.iter().copied().chain(counts)
    }

    /// The instants of a column of times, seconds since 1970; an empty cell has none. `of` are the columns it belongs to.
    pub fn instants(&self, of: &Columns) -> impl Iterator<Item = i64> {
        let times: &[f64] = if let Self::Times(times) = self { times } else { &[] };
        times.iter().filter(|time| !time.is_nan()).map(|&time| of.unix(Seconds::new(time)))
    }

    /// The cell of a row; empty beyond the last.
    #[must_use]
    pub fn get(&self, row: usize) -> Value<'_> {
        let number = |numbers: &[f64]| numbers.get(row).copied().filter(|number| !number.is_nan());
        match self {
            Self::Counts(counts) => counts.get(row).copied().flatten().map_or(Value::Empty, Value::Count),
            Self::Numbers(numbers) => number(numbers).map_or(Value::Empty, Value::Number),
            Self::Texts(texts) => Value::Text(texts.get(row)),
            Self::Times(times) => number(times).map_or(Value::Empty, |time| Value::Time(Seconds::new(time))),
        }
    }

    /// Adds a cell; a cell of another kind counts as empty.
    fn push(&mut self, value: Value<'_>) {
        match self {
            Self::Counts(counts) => counts.push(if let Value::Count(count) = value { Some(count) } else { None }),
            Self::Texts(texts) => texts.push(if let Value::Text(text) = value { text } else { "" }),
            // Adding zero turns -0.0, a meaningless trace of how a sum was formed, into 0.0.
            Self::Numbers(numbers) => {
                numbers.push(if let Value::Number(number) = value { number + 0.0 } else { f64::NAN });
            }
            Self::Times(times) => times.push(if let Value::Time(time) = value { time.get() } else { f64::NAN }),
        }
    }

    /// Adds a cell from its csv text; the error says what the text should be.
    fn push_text(&mut self, text: &str, is_optional: bool, start: UnixTime) -> Result<(), &'static str> {
        let is_empty = is_optional && text.is_empty();
        match self {
            Self::Texts(texts) => texts.push(text),
            Self::Counts(counts) if is_empty => counts.push(None),
            Self::Numbers(numbers) | Self::Times(numbers) if is_empty => numbers.push(f64::NAN),
            Self::Counts(counts) => counts.push(Some(text.parse().map_err(|_| "a whole number")?)),
            Self::Numbers(numbers) => {
                let number = text.parse().ok().filter(|number: &f64| number.is_finite());
                numbers.push(number.ok_or("a finite number")?);
            }
            Self::Times(times) => {
                let time = text.parse::<jiff::Timestamp>().map_err(|_| "a time like 2018-09-20T00:00:00Z")?;
                times.push(UnixTime::new(time.as_second()).since(start).get());
            }
        }
        Ok(())
    }

    fn clear(&mut self) {
        match self {
            Self::Counts(values) => values.clear(),
            Self::Numbers(values) | Self::Times(values) => values.clear(),
            Self::Texts(Texts { all, ends }) => {
                all.clear();
                ends.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declare::{BTC, row};
    use crate::units::Sats;

    row! {
        /// One row per thing.
        pub struct Thing<'a> in "things" by [name] {
            /// Its name
            name: &'a str,
            /// When it came
            came: Option<Seconds> => came_utc,
            /// What it
            /// cost
            cost: Sats => cost_btc as BTC,
            /// How heavy it is
            weight_kg: Option<f64> as "kg",
            /// Which it is
            number: u64,
        }
    }

    const THINGS: [Thing<'static>; 2] = [
        Thing {
            name: "a, b",
            came: Some(Seconds::new(60.0)),
            cost: Sats::new(150_000_000),
            weight_kg: Some(0.5),
            number: 7,
        },
        Thing { name: "", came: None, cost: Sats::new(1), weight_kg: None, number: 8 },
    ];

    #[test]
    fn a_row_declares_its_columns() {
        let columns = Thing::columns();
        let told: Vec<_> = columns.iter().map(|column| (&*column.name, column.unit, column.kind, column.doc)).collect();
        assert_eq!(
            told,
            [
                ("name", "", Kind::Text, "Its name"),
                ("came_utc", "", Kind::OptionalTime, "When it came"),
                ("cost_btc", "BTC", Kind::Number, "What it cost"),
                ("weight_kg", "kg", Kind::OptionalNumber, "How heavy it is"),
                ("number", "", Kind::Count, "Which it is"),
            ]
        );
        assert_eq!((Thing::TABLE, Thing::DOC, Thing::KEY), ("things", "One row per thing.", &["name"][..]));
    }

    #[test]
    fn rows_come_back_from_columns_and_from_texts() {
        let start = UnixTime::new(1_000);
        let mut columns = Columns::of::<Thing<'_>>(start);
        for thing in &THINGS {
            columns.push(thing).expect("all is finite");
        }
        assert_eq!(columns.rows::<Thing<'_>>().collect::<Vec<_>>(), THINGS);
        assert_eq!(columns.get("number"), Some(&Values::Counts(vec![Some(7), Some(8)])));
        let mut read = Columns::of::<Thing<'_>>(start);
        read.push_texts(["a, b", "1970-01-01T00:17:40Z", "1.5", "0.5", "7"]).expect("each is of its kind");
        read.push_texts(["", "", "1e-8", "", "8"]).expect("each is of its kind");
        assert_eq!(read.rows::<Thing<'_>>().collect::<Vec<_>>(), THINGS);
        assert_eq!(read.push_texts(["", "", "", "", "8"]), Err((2, "a finite number")));
        read.clear();
        assert!(read.is_empty() && read.rows::<Thing<'_>>().next().is_none());
    }

    #[test]
    fn a_number_that_is_not_finite_is_reported_with_its_column() {
        let mut columns = Columns::of::<Thing<'_>>(UnixTime::default());
        let fault = columns.push(&Thing { weight_kg: Some(f64::INFINITY), ..THINGS[0] }).expect_err("it is infinite");
        assert_eq!(fault, NotFinite { column: "weight_kg".to_owned(), value: f64::INFINITY });
    }
}
