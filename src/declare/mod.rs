//! How rows, metrics and the keys of a scenario are declared: once, with name, unit and documentation. No files and no formats.

mod cell;
mod columns;
mod key;
mod keys;
mod metrics;
pub(crate) mod number;
mod params;
mod row;
mod sheet;
mod unit;
mod unwritten;

pub use cell::{Cell, Kind, Value};
pub use columns::{Columns, NotFinite, Texts, Values};
pub use key::{Key, KeyPrior, Law, Range, Usual, shown};
pub use keys::{ClockOf, Form, KeyKind, ReadKeys, Regular, RunSpan, Scheduled};
pub(crate) use metrics::metrics;
pub use metrics::{Absent, Group, Metric, NoFall};
pub use params::{Choice, KeyValue, Kinds, Params};
pub(crate) use params::{checked, kinds, params};
pub use row::{Column, Misread, Put, Row, Take};
pub(crate) use row::{kind_of, row};
pub use sheet::Sheet;
pub use unit::{
    BTC, DAYS, EH_PER_S, J_PER_TH, MINUTES, MW, Named, SPAN_DAYS, SPAN_MONTHS, SPAN_YEARS, TH_PER_S, USD, USD_PER_BTC,
    USD_PER_KWH, USD_PER_PH_DAY, Unit, YEARS,
};
pub use unwritten::{usual, usual_with};
