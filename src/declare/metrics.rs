//! Metrics: one number per replica, declared as the fields of a struct.

use super::{cell::Kind, row::Column};

/// The declaration of a metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Key in `summary.json` and column of `replicas.csv`.
    pub name: &'static str,
    /// Unit; empty for a ratio or a count.
    pub unit: &'static str,
    /// Its meaning, so that `{doc}: {value}` can be read.
    pub doc: &'static str,
    /// The meaning of a replica without a value.
    pub absent: Absent,
    /// The value that means that there was no fall, for a metric that measures a fall.
    pub no_fall: Option<NoFall>,
}

/// The value of a metric that means that there was no fall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoFall {
    /// Exactly this value.
    pub value: f64,
    /// The text shown instead: a sentence without its full stop.
    pub words: &'static str,
}

/// The meaning of a replica without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// The event never happened: the replica counts as later than any day.
    Never,
    /// The metric could not be measured: the replica does not count.
    Unmeasured,
}

impl Metric {
    pub(crate) const fn new(name: &'static str, unit: &'static str, doc: &'static str) -> Self {
        Self { name, unit, doc, absent: Absent::Never, no_fall: None }
    }

    /// Its column in a table of replicas.
    pub(crate) fn column(&self) -> Column {
        Column { name: self.name.into(), unit: self.unit, kind: Kind::OptionalNumber, doc: self.doc }
    }

    pub(crate) const fn no_fall(self, value: f64, words: &'static str) -> Self {
        Self { no_fall: Some(NoFall { value, words }), ..self }
    }

    pub(crate) const fn measured(self) -> Self {
        Self { absent: Absent::Unmeasured, ..self }
    }
}

/// Declares a struct of metrics, which is the row of a table: its fields, and the list of [`Metric`]s in their order.
///
/// A field is `name: type as "unit", flags;`. The type is `f64`, or `Option<f64>` where a replica may have no value. The
/// flag `measured` says that a replica without a value does not count; `no_fall(value, words)` names the value that means
/// that nothing fell. The field's documentation is its meaning everywhere, and ends without a full stop.
macro_rules! metrics {
    ($(#[doc = $about:literal])+ pub struct $Metrics:ident in $table:literal {
        $($(#[doc = $doc:literal])+ $name:ident: $type:ty $(as $unit:literal)? $(, $flag:ident $(($($value:expr),+))?)*;)+
    }) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $Metrics {
            $($(#[doc = $doc])+ pub $name: $type,)+
        }

        impl $Metrics {
            /// The declaration of each metric, in the order of the fields.
            pub const LIST: &'static [$crate::declare::Metric] = &[$(
                $crate::declare::Metric::new(
                    stringify!($name),
                    concat!("" $(, $unit)?),
                    concat!($($doc),+).trim_ascii(),
                )$(.$flag($($($value),+)?))*,
            )+];

            /// The values, in the order of [`Self::LIST`].
            #[must_use]
            pub fn values(&self) -> [Option<f64>; Self::LIST.len()] {
                [$(self.$name.into()),+]
            }

            /// The value of the metric of this name; `None` also if there is no such metric.
            #[must_use]
            pub fn get(&self, name: &str) -> Option<f64> {
                match name {
                    $(stringify!($name) => self.$name.into(),)+
                    _ => None,
                }
            }
        }

        impl<'a> $crate::declare::Row<'a> for $Metrics {
            const TABLE: &'static str = $table;
            const DOC: &'static str = concat!($($about),+).trim_ascii();
            const KEY: &'static [&'static str] = &[];

            fn columns() -> Vec<$crate::declare::Column> {
                Self::LIST.iter().map($crate::declare::Metric::column).collect()
            }

            fn put(&self, cells: &mut impl $crate::declare::Put) {
                for value in self.values() {
                    cells.put(value.map_or($crate::declare::Value::Empty, $crate::declare::Value::Number));
                }
            }

            fn take(cells: &mut impl $crate::declare::Take<'a>) -> Result<Self, $crate::declare::Misread> {
                Ok(Self {$(
                    $name: $crate::declare::Cell::read(cells.take($crate::declare::Kind::OptionalNumber)?, &"")
                        .ok_or($crate::declare::Misread)?,
                )+})
            }
        }
    };
}

pub(crate) use metrics;
