//! How rows and metrics are declared: once, with name, unit and documentation. No files and no formats.

mod metrics;

pub(crate) use metrics::metrics;
pub use metrics::{Absent, Metric, NoFall};
