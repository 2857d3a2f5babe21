//! Charts and pages of what [`crate::report`] has read.
//!
//! A chart is described once, as a [`Figure`]: panels, layers, events and words. [`svg`] draws it for paper and [`png`] makes a bitmap of
//! that; [`uplot`] hands it to the page's script. So a new chart of a run is a file in `run/` with a function that makes its `Figure`, and
//! a line in [`run::figures`]; it is then in `charts/` and on the page, on the screen and in print. A chart that needs another shape than
//! those of [`Shape`] touches `parts.rs`, `svg/layers.rs` and `uplot.rs` too.

mod drawing;
mod instant;
mod parts;
mod svg;

pub mod calibrate;
pub mod page;
pub mod png;
pub mod run;
pub mod style;
pub mod sweep;
pub mod uplot;

#[cfg(test)]
mod tests;

use std::{
    fs,
    path::{Path, PathBuf},
};

pub use calibrate::{draw_calibration, draw_ranks};
pub use drawing::Drawing;
pub use page::{
    answer_in_markdown,
    compare::comparison,
    page,
    sweep::{sweep_page, write_sweep_page},
    write_page,
};
pub use parts::{Across, Course, Dash, Figure, Layer, Mark, Panel, Part, Shape, Sign, Weight};
pub use png::write_pngs;
pub use style::{FigureSize, FigureStyle};
pub use svg::draw;
pub use sweep::draw_sweep;

use crate::report::{
    ReportError,
    series::{Limits, RunSeries},
};

/// Draws every chart of the run in `folder` into files in `out`, which is made if need be.
///
/// The same tables give the same bytes.
///
/// # Errors
/// If a table of `folder` is missing or cannot be understood, or a file cannot be written.
pub fn draw_all(folder: &Path, out: &Path, style: &FigureStyle) -> Result<Vec<PathBuf>, ReportError> {
    draw_run(&RunSeries::read(folder, &Limits::default())?, out, style)
}

/// As [`draw_all`], of what has been read, and perhaps changed, already.
///
/// # Errors
/// If a file cannot be written, or the figures are too small for their parts.
pub fn draw_run(series: &RunSeries, out: &Path, style: &FigureStyle) -> Result<Vec<PathBuf>, ReportError> {
    let figures = run::figures(series);
    let drawn = figures.iter().map(|figure| Ok((figure.name.as_str(), draw(figure, style)?)));
    write(out, &drawn.collect::<Result<Vec<_>, ReportError>>()?)
}

/// Writes pictures under their names into `out`, which is made if need be.
fn write(out: &Path, pictures: &[(&str, String)]) -> Result<Vec<PathBuf>, ReportError> {
    fs::create_dir_all(out).map_err(ReportError::file(out))?;
    let write = |(name, svg): &(&str, String)| {
        let path = out.join(format!("{name}.svg"));
        fs::write(&path, svg).map_err(ReportError::file(&path))?;
        Ok(path)
    };
    pictures.iter().map(write).collect()
}
