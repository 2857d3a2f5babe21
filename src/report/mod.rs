//! From a result folder to what people read: charts, one page, and tables for papers.
//!
//! [`series`] reads the csv tables back in bounded memory, [`chart`] draws them as SVG in one visual
//! language, [`mod@page`] puts answer, charts, scenario and provenance into one self-contained file, and
//! [`table`] prints the headline numbers for a manuscript. Nothing here simulates: all of it works on a
//! folder that `shakeout run` has left behind.

mod epochs;
mod error;
mod marks;
mod number;
mod rows;
mod stack;

pub mod calibration;
pub mod chart;
pub mod classes;
pub mod firms;
pub mod ladder;
pub mod observed;
pub mod page;
pub mod provenance;
pub mod rigs;
pub mod series;
pub mod summary;
pub mod supply;
pub mod sweep;
pub mod table;

#[cfg(test)]
mod fixture;

pub use chart::{
    calibrate::{draw_calibration, draw_ranks},
    draw_all, draw_run,
    png::write_pngs,
    style::{FigureSize, FigureStyle},
};
pub use error::ReportError;
pub use page::{answer_in_markdown, compare::comparison, page, write_page};
pub use summary::Summary;
pub use sweep::{draw_sweep, sweep_page, write_sweep_page};
pub use table::{latex, markdown, plain};
