//! How rows and metrics are declared: once, with name, unit and documentation. No files and no formats.

mod cell;
mod columns;
mod metrics;
mod row;
mod sheet;
mod unit;

pub use cell::{Cell, Kind, Value};
pub use columns::{Columns, NotFinite, Texts, Values};
pub(crate) use metrics::metrics;
pub use metrics::{Absent, Metric, NoFall};
pub use row::{Column, Misread, Put, Row, Take};
pub(crate) use row::{kind_of, row};
pub use sheet::Sheet;
pub use unit::{BTC, DAYS, EH_PER_S, MW, Named, TH_PER_S, USD, USD_PER_PH_DAY, Unit};
