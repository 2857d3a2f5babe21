//! Row numbers as types, and columns that are indexed by them: a firm's number cannot be used to look up a site.

use std::{
    fmt,
    marker::PhantomData,
    num::NonZero,
    ops::{Deref, DerefMut, Index, IndexMut},
};

/// The number of a row in one table.
pub trait Id: Copy + Ord + fmt::Debug {
    /// The id of a row.
    ///
    /// # Panics
    /// With more rows than the id can count.
    fn of(row: usize) -> Self;

    /// The row, counted from 0.
    fn row(self) -> usize;
}

/// Defines the id of one table. It is stored as the row plus one, so that an `Option` of it takes no more memory.
macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $whole:ty) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(NonZero<$whole>);

        impl Id for $name {
            fn of(row: usize) -> Self {
                let place = <$whole>::try_from(row + 1).ok().and_then(NonZero::new);
                Self(place.expect(concat!("rows are counted in ", stringify!($whole))))
            }

            fn row(self) -> usize {
                self.0.get() as usize - 1
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.row())
            }
        }
    };
}

id!(
    /// A firm.
    FirmId,
    u32
);
id!(
    /// A site.
    SiteId,
    u32
);
id!(
    /// A lot of machines.
    LotId,
    u32
);
id!(
    /// A loan.
    LoanId,
    u32
);
id!(
    /// A class of miners.
    ClassId,
    u32
);
id!(
    /// A machine model.
    ModelId,
    u16
);
id!(
    /// A region.
    RegionId,
    u16
);

impl LotId {
    /// The boost of this eco mode: the next row.
    #[must_use]
    pub fn boost(self) -> Self {
        Self::of(self.row() + 1)
    }

    /// The eco mode of this boost: the row before.
    #[must_use]
    pub fn eco(self) -> Self {
        Self::of(self.row() - 1)
    }
}

/// The ids of a table with this many rows.
pub fn ids<I: Id>(rows: usize) -> impl DoubleEndedIterator<Item = I> + ExactSizeIterator + Clone {
    (0..rows).map(I::of)
}

/// One value for each row of a table.
#[derive(Clone, PartialEq)]
pub struct Column<I, T> {
    rows: Vec<T>,
    of: PhantomData<fn(I)>,
}

impl<I: Id, T> Column<I, T> {
    /// A column without rows.
    #[must_use]
    pub const fn new() -> Self {
        Self { rows: Vec::new(), of: PhantomData }
    }

    /// The same value in each of so many rows.
    #[must_use]
    pub fn filled(value: T, rows: usize) -> Self
    where
        T: Clone,
    {
        vec![value; rows].into()
    }

    /// Appends a row.
    pub fn push(&mut self, value: T) -> I {
        self.rows.push(value);
        I::of(self.rows.len() - 1)
    }

    /// The value of a row, if the column has it.
    #[must_use]
    pub fn get(&self, id: I) -> Option<&T> {
        self.rows.get(id.row())
    }

    /// The value of a row, to be changed, if the column has it.
    pub fn get_mut(&mut self, id: I) -> Option<&mut T> {
        self.rows.get_mut(id.row())
    }

    /// All ids.
    #[must_use]
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = I> + ExactSizeIterator + Clone + use<I, T> {
        ids(self.rows.len())
    }

    /// All ids with their values.
    #[must_use]
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (I, &T)> + ExactSizeIterator {
        self.rows.iter().enumerate().map(|(row, value)| (I::of(row), value))
    }

    /// Extends the column with `value` until it has at least so many rows.
    pub fn reach(&mut self, rows: usize, value: T)
    where
        T: Clone,
    {
        if self.rows.len() < rows {
            self.rows.resize(rows, value);
        }
    }
}

impl<I, T> Default for Column<I, T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<I, T> From<Vec<T>> for Column<I, T> {
    fn from(rows: Vec<T>) -> Self {
        Self { rows, of: PhantomData }
    }
}

impl<I, T> FromIterator<T> for Column<I, T> {
    fn from_iter<C: IntoIterator<Item = T>>(rows: C) -> Self {
        Vec::from_iter(rows).into()
    }
}

impl<I, T> Extend<T> for Column<I, T> {
    fn extend<C: IntoIterator<Item = T>>(&mut self, rows: C) {
        self.rows.extend(rows);
    }
}

impl<'a, I, T> IntoIterator for &'a Column<I, T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter()
    }
}

impl<'a, I, T> IntoIterator for &'a mut Column<I, T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter_mut()
    }
}

impl<I: Id, T> Index<I> for Column<I, T> {
    type Output = T;
    fn index(&self, id: I) -> &T {
        &self.rows[id.row()]
    }
}

impl<I: Id, T> IndexMut<I> for Column<I, T> {
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.rows[id.row()]
    }
}

impl<I, T> Deref for Column<I, T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.rows
    }
}

impl<I, T> DerefMut for Column<I, T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.rows
    }
}

impl<I, T: fmt::Debug> fmt::Debug for Column<I, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_optional_id_takes_no_more_memory() {
        assert_eq!(size_of::<Option<FirmId>>(), 4);
        assert_eq!(size_of::<Option<ModelId>>(), 2);
    }

    #[test]
    fn a_pushed_row_is_found_by_its_id() {
        let mut column: Column<LotId, char> = Column::new();
        let ids = ['a', 'b'].map(|value| column.push(value));
        assert_eq!(ids.map(|id| column[id]), ['a', 'b']);
        assert_eq!((ids[0].boost(), ids[1].eco()), (ids[1], ids[0]));
        assert!(column.ids().eq(ids));
        assert_eq!(column.get(ids[1].boost()), None);
    }
}
