//! Columns as Arrow and `NumPy` read them: plain buffers, and which cells are empty.

use pyo3::prelude::*;
use shakeout::{
    declare::{Absent, Column as Declared, Texts, Values},
    simulation::metrics::METRICS,
    study::MemoryTable,
    units::{Seconds, UnixTime},
};
use std::{borrow::Cow, ffi::CStr};

/// A table whose buffers nobody changes any more.
#[derive(Debug)]
pub struct Frame {
    columns: Vec<Column>,
    rows: usize,
}

/// A column of it.
#[derive(Debug)]
pub struct Column {
    name: String,
    unit: Cow<'static, str>,
    definition: Cow<'static, str>,
    is_optional: bool,
    absent: Option<&'static str>,
    cells: Cells,
    /// A bit for each row, 1 where there is a value; `None` where every cell has one.
    validity: Option<Vec<u8>>,
    empty: usize,
}

#[derive(Debug)]
enum Cells {
    Counts(Vec<u64>),
    Numbers(Vec<f64>),
    /// Seconds since 1970.
    Times(Vec<i64>),
    /// Texts behind one another, and where each begins; the last is where all end.
    Texts {
        ends: Vec<i64>,
        all: String,
    },
}

/// What `NumPy` takes for an instant that is none.
const NOT_A_TIME: i64 = i64::MIN;

impl Frame {
    /// Takes the columns of a table over; those of numbers are not copied.
    pub fn of(table: MemoryTable) -> Self {
        let (rows, start) = (table.len(), table.columns.start());
        let has_metrics = matches!(table.name, "replicas" | "sweep");
        let (declared, values) = table.columns.into_parts();
        let columns = declared.into_iter().zip(values);
        Self {
            columns: columns.map(|(declared, values)| Column::of(declared, values, start, has_metrics)).collect(),
            rows,
        }
    }

    /// A table from the parts that [`Column::parts`] gave.
    pub fn of_parts(rows: usize, columns: Vec<Parts>) -> Option<Self> {
        let columns = columns.into_iter().map(|parts| Column::of_parts(rows, parts));
        Some(Self { columns: columns.collect::<Option<_>>()?, rows })
    }

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The values as the library keeps them, instants counted from `start`.
    pub fn values(&self, start: UnixTime) -> Vec<Values> {
        self.columns.iter().map(|column| column.values(start)).collect()
    }

    pub fn len(&self) -> usize {
        self.rows
    }
}

/// A column as bytes, which Python can keep: name, unit, definition, whether cells may be empty, what an empty cell means, type, cells, the text
/// of a column of texts, and the bits of its filled cells.
pub type Parts = (String, String, String, bool, Option<String>, String, Vec<u8>, Option<String>, Option<Vec<u8>>);

/// Numbers of eight bytes, the first byte of each the lowest.
fn numbers<T>(bytes: &[u8], of: impl Fn([u8; 8]) -> T) -> Vec<T> {
    bytes.as_chunks().0.iter().map(|eight| of(*eight)).collect()
}

impl Column {
    /// The column as bytes.
    pub fn parts(&self) -> Parts {
        let eight = |numbers: &mut dyn Iterator<Item = [u8; 8]>| numbers.flatten().collect();
        let (bytes, text) = match &self.cells {
            Cells::Counts(counts) => (eight(&mut counts.iter().map(|count| count.to_le_bytes())), None),
            Cells::Numbers(numbers) => (eight(&mut numbers.iter().map(|number| number.to_le_bytes())), None),
            Cells::Times(times) => (eight(&mut times.iter().map(|time| time.to_le_bytes())), None),
            Cells::Texts { ends, all } => (eight(&mut ends.iter().map(|end| end.to_le_bytes())), Some(all.clone())),
        };
        (
            self.name.clone(),
            self.unit.to_string(),
            self.definition.to_string(),
            self.is_optional,
            self.absent.map(str::to_owned),
            self.cells.kind().to_owned(),
            bytes,
            text,
            self.validity.clone(),
        )
    }

    /// The column made of these bytes; `None` if their number does not fit a column of this many rows.
    fn of_parts(rows: usize, parts: Parts) -> Option<Self> {
        let (name, unit, definition, is_optional, absent, kind, bytes, text, validity) = parts;
        let cells = match (kind.as_str(), text) {
            ("count", None) => Cells::Counts(numbers(&bytes, u64::from_le_bytes)),
            ("number", None) => Cells::Numbers(numbers(&bytes, f64::from_le_bytes)),
            ("time", None) => Cells::Times(numbers(&bytes, i64::from_le_bytes)),
            ("text", Some(all)) => Cells::Texts { ends: numbers(&bytes, i64::from_le_bytes), all },
            _ => return None,
        };
        let is_whole = match &cells {
            Cells::Texts { ends, all } => {
                let inside = |end: &i64| usize::try_from(*end).is_ok_and(|end| all.is_char_boundary(end));
                ends.len() == rows + 1 && ends.is_sorted() && ends.iter().all(inside)
            }
            _ => bytes.len() == 8 * rows,
        };
        let fits = is_whole && validity.as_ref().is_none_or(|bits| bits.len() == rows.div_ceil(8));
        let filled = |bits: &Vec<u8>| (0..rows).filter(|row| bits[row / 8] >> (row % 8) & 1 == 1).count();
        fits.then(|| Self {
            name,
            unit: unit.into(),
            definition: definition.into(),
            is_optional,
            absent: absent.and_then(|meaning| ABSENT.into_iter().find(|known| *known == meaning)),
            empty: validity.as_ref().map_or(0, |bits| rows - filled(bits)),
            cells,
            validity,
        })
    }

    fn is_filled(&self, row: usize) -> bool {
        self.validity.as_ref().is_none_or(|bits| bits[row / 8] >> (row % 8) & 1 == 1)
    }

    /// The values as the library keeps them.
    fn values(&self, start: UnixTime) -> Values {
        match &self.cells {
            Cells::Counts(counts) => Values::Counts(
                counts.iter().enumerate().map(|(row, count)| self.is_filled(row).then_some(*count)).collect(),
            ),
            Cells::Numbers(numbers) => Values::Numbers(
                numbers
                    .iter()
                    .enumerate()
                    .map(|(row, number)| if self.is_filled(row) { *number } else { f64::NAN })
                    .collect(),
            ),
            Cells::Times(times) => {
                let since = |time: i64| UnixTime::new(time).since(start).get();
                Values::Times(
                    times
                        .iter()
                        .enumerate()
                        .map(|(row, time)| if self.is_filled(row) { since(*time) } else { f64::NAN })
                        .collect(),
                )
            }
            Cells::Texts { ends, all } => {
                let mut texts = Texts::default();
                pieces(ends, all).for_each(|text| texts.push(text));
                Values::Texts(texts)
            }
        }
    }

    fn of(declared: Declared, values: Values, start: UnixTime, has_metrics: bool) -> Self {
        let metric = METRICS.iter().find(|metric| has_metrics && metric.name == declared.name);
        let absent = metric.filter(|_| declared.kind.is_optional()).map(|metric| metric.absent);
        // What stands where a cell is empty matters to NumPy alone, which has no other way to say it.
        let nothing = if absent == Some(Absent::Never) { f64::INFINITY } else { f64::NAN };
        let (cells, filled) = match values {
            Values::Counts(counts) => {
                let filled = bits(counts.iter().map(Option::is_some));
                (Cells::Counts(counts.into_iter().map(Option::unwrap_or_default).collect()), filled)
            }
            Values::Numbers(mut numbers) => {
                let filled = bits(numbers.iter().map(|number| !number.is_nan()));
                if filled.is_some() {
                    numbers.iter_mut().filter(|number| number.is_nan()).for_each(|number| *number = nothing);
                }
                (Cells::Numbers(numbers), filled)
            }
            Values::Times(times) => {
                let filled = bits(times.iter().map(|time| !time.is_nan()));
                let unix = |time: f64| if time.is_nan() { NOT_A_TIME } else { start.after(Seconds::new(time)).get() };
                (Cells::Times(times.into_iter().map(unix).collect()), filled)
            }
            Values::Texts(texts) => {
                let (all, ends) = texts.into_parts();
                let ends = std::iter::once(0).chain(ends).map(|end| i64::try_from(end).unwrap_or(i64::MAX));
                (Cells::Texts { ends: ends.collect(), all }, None)
            }
        };
        let (validity, empty) = filled.map_or((None, 0), |(bits, empty)| (Some(bits), empty));
        Self {
            name: declared.name.into_owned(),
            unit: Cow::Borrowed(declared.unit),
            definition: Cow::Borrowed(declared.doc),
            is_optional: declared.kind.is_optional(),
            absent: absent.map(|absent| ABSENT[usize::from(absent != Absent::Never)]),
            cells,
            validity,
            empty,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub const fn may_be_empty(&self) -> bool {
        self.is_optional
    }

    /// How many cells are empty.
    pub const fn empty_cells(&self) -> usize {
        self.empty
    }

    /// A bit for each row, 1 where there is a value; `None` where every cell has one.
    pub fn validity(&self) -> Option<&[u8]> {
        self.validity.as_deref()
    }

    /// The type in the words of Arrow's C data interface.
    pub const fn format(&self) -> &'static CStr {
        match self.cells {
            Cells::Counts(_) => c"L",
            Cells::Numbers(_) => c"g",
            Cells::Times(_) => c"tss:",
            Cells::Texts { .. } => c"U",
        }
    }

    /// Unit, type and definition, and what an empty cell of a metric means.
    pub fn metadata(&self) -> Vec<(&'static str, &str)> {
        let mut pairs = vec![("unit", &*self.unit), ("type", self.cells.kind()), ("definition", &*self.definition)];
        pairs.extend(self.absent.map(|absent| ("absent", absent)));
        pairs
    }

    /// Its buffers after that of [`Self::validity`], as their first bytes: values, or ends and text.
    pub fn buffers(&self) -> Vec<*const u8> {
        match &self.cells {
            Cells::Counts(values) => vec![values.as_ptr().cast()],
            Cells::Numbers(values) => vec![values.as_ptr().cast()],
            Cells::Times(values) => vec![values.as_ptr().cast()],
            Cells::Texts { ends, all } => vec![ends.as_ptr().cast(), all.as_ptr()],
        }
    }

    /// The values of numbers, counts and instants as `NumPy` calls their type, and where they begin.
    pub fn plain(&self) -> Option<(&'static str, usize)> {
        Some(match &self.cells {
            Cells::Counts(values) => ("u8", values.as_ptr().addr()),
            Cells::Numbers(values) => ("f8", values.as_ptr().addr()),
            Cells::Times(values) => ("M8[s]", values.as_ptr().addr()),
            Cells::Texts { .. } => return None,
        })
    }

    /// The texts of a column of texts; the same text one after the other is made once.
    pub fn texts<'py>(&self, py: Python<'py>) -> Option<Vec<Bound<'py, pyo3::types::PyString>>> {
        let Cells::Texts { ends, all } = &self.cells else { return None };
        let mut made: Vec<Bound<'py, pyo3::types::PyString>> = Vec::with_capacity(ends.len() - 1);
        let mut last = None;
        for text in pieces(ends, all) {
            let same = made.last().filter(|_| last == Some(text)).cloned();
            made.push(same.unwrap_or_else(|| pyo3::types::PyString::new(py, text)));
            last = Some(text);
        }
        Some(made)
    }
}

/// The meaning of an empty cell of a metric.
const ABSENT: [&str; 2] = ["never", "unmeasured"];

impl Cells {
    /// Their type, as the data dictionary calls it.
    const fn kind(&self) -> &'static str {
        match self {
            Self::Counts(_) => "count",
            Self::Numbers(_) => "number",
            Self::Times(_) => "time",
            Self::Texts { .. } => "text",
        }
    }
}

/// The texts between these ends.
fn pieces<'t>(ends: &'t [i64], all: &'t str) -> impl Iterator<Item = &'t str> {
    let place = |end: i64| usize::try_from(end).unwrap_or_default();
    ends.windows(2).map(move |pair| &all[place(pair[0])..place(pair[1])])
}

/// A bit for each cell, 1 where it is filled, the first in the lowest bit; and how many are not. `None` where all are.
fn bits(filled: impl ExactSizeIterator<Item = bool>) -> Option<(Vec<u8>, usize)> {
    let mut bits = vec![0_u8; filled.len().div_ceil(8)];
    let mut empty = 0;
    for (place, is_filled) in filled.enumerate() {
        bits[place / 8] |= u8::from(is_filled) << (place % 8);
        empty += usize::from(!is_filled);
    }
    (empty > 0).then_some((bits, empty))
}
