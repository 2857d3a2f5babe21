//! Rows: a table's columns, declared as the fields of a struct.

use std::borrow::Cow;

use super::cell::{Kind, Value};

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Header; ends in the unit where there is one. A sweep's columns are named by its keys.
    pub name: Cow<'static, str>,
    /// Empty for a ratio, a count, a text or an instant.
    pub unit: &'static str,
    /// Type.
    pub kind: Kind,
    /// Its meaning, without a full stop.
    pub doc: &'static str,
}

/// The row of a table, as [`row!`](crate::declare) declares it.
pub trait Row<'a>: Sized {
    /// Name of the table, and of its file without the ending.
    const TABLE: &'static str;
    /// The meaning of one row.
    const DOC: &'static str;
    /// The columns that together name a row of a replica.
    const KEY: &'static [&'static str];
    /// The columns, in order.
    fn columns() -> Vec<Column>;
    /// Writes the values into cells, in the order of the columns.
    fn put(&self, cells: &mut impl Put);
    /// Reads the values from cells, in the order of the columns.
    ///
    /// # Errors
    /// If the value of a cell does not fit its column.
    fn take(cells: &mut impl Take<'a>) -> Result<Self, Misread>;
}

/// Receives the cells of a row, one after another.
pub trait Put {
    /// The next cell.
    fn put(&mut self, value: Value<'_>);
}

/// Gives the cells of a row, one after another.
pub trait Take<'a> {
    /// The next cell, of a column of this kind.
    ///
    /// # Errors
    /// If it holds a value of another kind.
    fn take(&mut self, kind: Kind) -> Result<Value<'a>, Misread>;
}

/// The error that a cell does not fit its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misread;

/// Declares a struct as the row of a table: `pub struct Row in "table" by [key columns]`, with fields
/// `name: type => column as UNIT`.
///
/// The column has the field's name where none is given. A quantity has a [`Unit`](crate::declare::Unit); a plain number has
/// the name of its unit, or none. The documentation of struct and fields is that of table and columns everywhere; that of a
/// field ends without a full stop.
macro_rules! row {
    (
        $(#[doc = $about:literal])+
        pub struct $Row:ident $(<$life:lifetime>)? in $table:literal by [$($key:ident),*] {
            $($(#[doc = $doc:literal])+ $field:ident: $type:ty $(=> $column:ident)? $(as $unit:expr)?,)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct $Row $(<$life>)? {
            $($(#[doc = $doc])+ pub $field: $type,)+
        }

        impl<'a> $crate::declare::Row<'a> for $Row $(<$life>)? {
            const TABLE: &'static str = $table;
            const DOC: &'static str = concat!($($about),+).trim_ascii();
            const KEY: &'static [&'static str] = &[$(stringify!($key)),*];

            fn columns() -> Vec<$crate::declare::Column> {
                vec![$($crate::declare::Column {
                    name: $crate::declare::row!(@name $field $($column)?).into(),
                    unit: $crate::declare::Named::name(&$crate::declare::row!(@unit $($unit)?)),
                    kind: $crate::declare::row!(@kind $type, $crate::declare::row!(@unit $($unit)?)),
                    doc: concat!($($doc),+).trim_ascii(),
                }),+]
            }

            fn put(&self, cells: &mut impl $crate::declare::Put) {
                $(cells.put($crate::declare::Cell::value(&self.$field, &$crate::declare::row!(@unit $($unit)?)));)+
            }

            fn take(cells: &mut impl $crate::declare::Take<'a>) -> Result<Self, $crate::declare::Misread> {
                Ok(Self {$(
                    $field: {
                        let unit = $crate::declare::row!(@unit $($unit)?);
                        let value = cells.take($crate::declare::row!(@kind $type, unit))?;
                        $crate::declare::Cell::read(value, &unit).ok_or($crate::declare::Misread)?
                    },
                )+})
            }
        }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $column:ident) => { stringify!($column) };
    (@unit) => { "" };
    (@unit $unit:expr) => { $unit };
    (@kind $type:ty, $unit:expr) => { $crate::declare::kind_of::<$type, _>(&$unit) };
}

pub(crate) use row;

/// The kind of the columns of such fields in such a unit.
pub(crate) const fn kind_of<'a, T: super::Cell<'a, U>, U>(_: &U) -> Kind {
    T::KIND
}
