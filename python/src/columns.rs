//! Columns as Arrow and `NumPy` read them: plain buffers, and which cells are empty.

use pyo3::prelude::*;
use shakeout::{
    declare::{Absent, Column as Declared, Values},
    simulation::metrics::METRICS,
    study::MemoryTable,
    units::{Seconds, UnixTime},
};
use std::ffi::CStr;

/// A table whose buffers nobody changes any more.
#[derive(Debug)]
pub struct Frame {
    columns: Vec<Column>,
    rows: usize,
}

/// A column of it.
#[derive(Debug)]
pub struct Column {
    declared: Declared,
    absent: Option<Absent>,
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

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub fn len(&self) -> usize {
        self.rows
    }
}

impl Column {
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
        Self { declared, absent, cells, validity, empty }
    }

    pub fn name(&self) -> &str {
        &self.declared.name
    }

    pub fn may_be_empty(&self) -> bool {
        self.declared.kind.is_optional()
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
        let Declared { unit, kind, doc, .. } = &self.declared;
        let mut pairs = vec![("unit", *unit), ("type", kind.name()), ("definition", *doc)];
        pairs
            .extend(self.absent.map(|absent| ("absent", if absent == Absent::Never { "never" } else { "unmeasured" })));
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
        let place = |end: i64| usize::try_from(end).unwrap_or_default();
        let mut made: Vec<Bound<'py, pyo3::types::PyString>> = Vec::with_capacity(ends.len() - 1);
        let mut last = None;
        for pair in ends.windows(2) {
            let text = &all[place(pair[0])..place(pair[1])];
            let same = made.last().filter(|_| last == Some(text)).cloned();
            made.push(same.unwrap_or_else(|| pyo3::types::PyString::new(py, text)));
            last = Some(text);
        }
        Some(made)
    }
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
