//! Tables whose rows have no struct, because the names of some of their columns are data.

use std::borrow::Cow;

use super::{cell::Kind, row::Column};

/// A table without a row struct.
#[derive(Debug)]
pub struct Sheet {
    /// Name of the table, and of its file without the ending.
    pub name: &'static str,
    /// The meaning of one row.
    pub doc: &'static str,
    /// The columns that together name a row.
    pub key: &'static [&'static str],
    /// The columns that it always has.
    pub columns: &'static [Column],
    /// The meaning of its other columns, which are named by keys or parameters.
    pub others: Option<&'static str>,
}

impl Column {
    /// A column that is declared without a row.
    #[must_use]
    pub const fn new(name: &'static str, unit: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), unit, kind, doc }
    }
}

impl Sheet {
    /// The names of the columns that it always has.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| &*column.name)
    }
}
