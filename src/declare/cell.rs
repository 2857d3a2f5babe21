//! The value of one table cell, and the row fields from which it is made.

use super::unit::Unit;
use crate::units::Seconds;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number from 0.
    Count,
    /// A whole number from 0, or empty.
    OptionalCount,
    /// A finite number.
    Number,
    /// A finite number, or empty.
    OptionalNumber,
    /// UTF-8 text, which may be empty.
    Text,
    /// An instant, UTC, to the second.
    Time,
    /// An instant, or empty.
    OptionalTime,
}

impl Kind {
    /// Its name in `columns.json`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count | Self::OptionalCount => "count",
            Self::Number | Self::OptionalNumber => "number",
            Self::Text => "text",
            Self::Time | Self::OptionalTime => "time",
        }
    }

    /// Whether a cell may be empty; a text is empty text.
    #[must_use]
    pub const fn is_optional(self) -> bool {
        matches!(self, Self::OptionalCount | Self::OptionalNumber | Self::OptionalTime)
    }
}

/// The value of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// The cell is empty.
    Empty,
    /// A whole number from 0.
    Count(u64),
    /// A number in the column's unit.
    Number(f64),
    /// Text.
    Text(&'a str),
    /// An instant, from the scenario's start.
    Time(Seconds),
}

/// A field of a row: how it becomes a cell of a column in the unit `U`, and how it is read back.
pub trait Cell<'a, U>: Sized {
    /// The column's kind.
    const KIND: Kind;
    /// The value of the cell.
    fn value(&self, unit: &U) -> Value<'_>;
    /// The field, if the cell's value is of this kind.
    fn read(value: Value<'a>, unit: &U) -> Option<Self>;
}

/// A field that is shown as it is, and its `Option`.
macro_rules! plain {
    ($($type:ty: $Value:ident as $shown:ty, $Kind:ident $Optional:ident;)+) => {$(
        impl Cell<'_, &'static str> for $type {
            const KIND: Kind = Kind::$Kind;
            fn value(&self, _: &&'static str) -> Value<'_> {
                Value::$Value(<$shown>::from(*self))
            }
            fn read(value: Value<'_>, _: &&'static str) -> Option<Self> {
                if let Value::$Value(value) = value { Self::try_from(value).ok() } else { None }
            }
        }

        impl Cell<'_, &'static str> for Option<$type> {
            const KIND: Kind = Kind::$Optional;
            fn value(&self, unit: &&'static str) -> Value<'_> {
                self.as_ref().map_or(Value::Empty, |value| value.value(unit))
            }
            fn read(value: Value<'_>, unit: &&'static str) -> Option<Self> {
                if value == Value::Empty { Some(None) } else { <$type>::read(value, unit).map(Some) }
            }
        }
    )+};
}

plain! {
    u64: Count as u64, Count OptionalCount;
    u32: Count as u64, Count OptionalCount;
    f64: Number as f64, Number OptionalNumber;
    Seconds: Time as Seconds, Time OptionalTime;
}

impl<'a> Cell<'a, &'static str> for &'a str {
    const KIND: Kind = Kind::Text;
    fn value(&self, _: &&'static str) -> Value<'_> {
        Value::Text(self)
    }
    fn read(value: Value<'a>, _: &&'static str) -> Option<Self> {
        if let Value::Text(text) = value { Some(text) } else { None }
    }
}

impl<Q: Copy> Cell<'_, Unit<Q>> for Q {
    const KIND: Kind = Kind::Number;
    fn value(&self, unit: &Unit<Q>) -> Value<'_> {
        Value::Number((unit.number)(*self))
    }
    fn read(value: Value<'_>, unit: &Unit<Q>) -> Option<Self> {
        if let Value::Number(number) = value { Some((unit.quantity)(number)) } else { None }
    }
}

impl<Q: Copy> Cell<'_, Unit<Q>> for Option<Q> {
    const KIND: Kind = Kind::OptionalNumber;
    fn value(&self, unit: &Unit<Q>) -> Value<'_> {
        self.map_or(Value::Empty, |quantity| Value::Number((unit.number)(quantity)))
    }
    fn read(value: Value<'_>, unit: &Unit<Q>) -> Option<Self> {
        match value {
            Value::Empty => Some(None),
            Value::Number(number) => Some(Some((unit.quantity)(number))),
            _ => None,
        }
    }
}
