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
    /// The heading under which it stands.
    pub group: Group,
    /// Short name, read under the heading.
    pub label: &'static str,
    /// The sentence that states it, without its full stop; `{}` is the place of the number and its unit.
    pub said: &'static str,
    /// The sentence for replicas that never get there; empty where there are none.
    pub unsaid: &'static str,
    /// Whether readers see it in percent.
    pub is_percent: bool,
    /// Whether it is one of the few that stand in the short table.
    pub is_main: bool,
}

/// The headings under which metrics stand, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// How far it falls and when it returns.
    Hashrate,
    /// Retargets, and the pace of blocks.
    Difficulty,
    /// Hashprice, and machines below break-even.
    Revenue,
    /// Defaults, survival and lenders.
    Firms,
    /// Coins sold, and what sales do to the price.
    Coins,
    /// Machines that come, go and change hands.
    Machines,
    /// Concentration of hashrate.
    Owners,
    /// Energy, its emissions and its resale.
    Energy,
}

impl Group {
    /// All of them, in order.
    pub const ALL: [Self; 8] = [
        Self::Hashrate,
        Self::Difficulty,
        Self::Revenue,
        Self::Firms,
        Self::Coins,
        Self::Machines,
        Self::Owners,
        Self::Energy,
    ];

    /// The heading.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Hashrate => "Hashrate",
            Self::Difficulty => "Difficulty and blocks",
            Self::Revenue => "Hashprice and revenue",
            Self::Firms => "Firms and lenders",
            Self::Coins => "Coins and price",
            Self::Machines => "Machines",
            Self::Owners => "Owners",
            Self::Energy => "Energy",
        }
    }
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
        let (absent, no_fall, group) = (Absent::Never, None, Group::Hashrate);
        Self {
            name,
            unit,
            doc,
            absent,
            no_fall,
            group,
            label: "",
            said: "",
            unsaid: "",
            is_percent: false,
            is_main: false,
        }
    }

    pub(crate) const fn called(self, group: Group, label: &'static str) -> Self {
        Self { group, label, ..self }
    }

    pub(crate) const fn said(self, said: &'static str) -> Self {
        Self { said, ..self }
    }

    pub(crate) const fn unsaid(self, unsaid: &'static str) -> Self {
        Self { unsaid, ..self }
    }

    pub(crate) const fn percent(self) -> Self {
        Self { is_percent: true, ..self }
    }

    pub(crate) const fn main(self) -> Self {
        Self { is_main: true, ..self }
    }

    /// Heading and short name, for a chart.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{}: {}", self.group.heading(), self.label)
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
/// that nothing fell. `called(group, label)` gives its heading and short name, `said(sentence)` the sentence that states it, `unsaid(sentence)` the
/// one for replicas that never get there, `percent` shows it in percent, and `main` puts it into the short table. The field's documentation is its
/// meaning everywhere, and ends without a full stop.
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
