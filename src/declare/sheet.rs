//! Tables whose rows have no struct, since what they are made of names some of their columns.

use std::borrow::Cow;

use super::{cell::Kind, row::Column};

/// Such a table.
#[derive(Debug)]
pub struct Sheet {
    /// Name of the table, and of its file without the ending.
    pub name: &'static str,
    /// What one row is.
    pub doc: &'static str,
    /// The columns that together name a row.
    pub key: &'static [&'static str],
    /// The columns that it always has.
    pub columns: &'static [Column],
    /// What its other columns mean, which are named by keys or parameters.
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
