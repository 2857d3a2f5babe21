//! The result folder: tables, summary, manifest. The one place where results touch the disk.
//!
//! [`table`] lists the tables of a run, whose columns are declared with their rows. [`csv`] keeps records as columns and formats them in the
//! worker thread. [`folder`] appends the rows in the order of replicas, so that an interrupted run can be completed to the same bytes.
//! [`summary`] and [`parquet`] are made from the columns too. [`read`] is the only reader of csv tables, and [`replay`] gives the replicas
//! of a folder as the recorder gave them.

pub mod answer;
pub mod bundle;
pub mod csv;
pub mod dictionary;
pub mod disk;
pub mod drawn;
pub mod error;
pub mod events;
pub mod failed;
pub mod failures;
pub mod folder;
pub mod format;
mod journal;
pub mod keeping;
pub mod lock;
pub mod manifest;
pub(crate) mod measure;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod plan;
pub mod population;
pub mod read;
pub mod redraw;
pub mod replay;
pub mod shell;
pub mod sink;
pub(crate) mod standing;
pub mod summary;
pub mod table;
pub mod uncertain;
