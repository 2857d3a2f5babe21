//! What charts, page and manuscript need of a result.
//!
//! [`series`] gathers it from the replicas of a run, in bounded memory, and [`table`] prints the metrics for a manuscript.
//! Nothing here simulates or draws: [`crate::figure`] draws what is gathered here.

pub(crate) mod epochs;
pub(crate) mod error;
pub(crate) mod marks;
pub(crate) use crate::declare::number;
pub(crate) mod stack;

mod ablated;
pub mod bands;
pub mod calibration;
pub mod classes;
pub mod days;
pub mod drawn;
pub mod firms;
pub mod ladder;
pub mod observed;
pub mod plain;
pub mod provenance;
pub mod relief;
pub mod rigs;
pub mod series;
pub mod summary;
pub mod supply;
pub mod sweep;
pub mod table;

#[cfg(test)]
pub(crate) mod fixture;

pub use error::ReportError;
pub use plain::{Extent, plain};
pub use summary::Summary;
pub use table::{PaperRows, PaperRun, citation, latex, markdown};
