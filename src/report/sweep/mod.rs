//! From the folder of a sweep to charts and a page.
//!
//! [`table`] reads `sweep.csv` in passes and bounded memory; which chart suits a design is decided in
//! [`super::chart::sweep`].

pub(super) mod explorer;
#[cfg(test)]
pub(super) mod fixture;
pub mod headline;
pub mod page;
mod ranking;
pub mod spread;
pub mod table;

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{FigureStyle, ReportError, chart::sweep::sweep_figure};
pub use page::{sweep_page, write_sweep_page};
use table::{Sweep, SweepLimits};

/// Draws every headline metric of the sweep in `folder` that is not the same everywhere, as `sweep-METRIC.svg` in
/// `out`, which is made if need be.
///
/// The same table gives the same bytes.
///
/// # Errors
/// If `sweep.csv` is missing or cannot be understood, or a file cannot be written.
pub fn draw_sweep(folder: &Path, out: &Path, style: &FigureStyle) -> Result<Vec<PathBuf>, ReportError> {
    let sweep = Sweep::read(folder, SweepLimits::default())?;
    fs::create_dir_all(out).map_err(ReportError::file(out))?;
    let mut paths = Vec::with_capacity(sweep.headlines.len());
    sweep.for_each(folder, |column| {
        let figure = sweep_figure(&sweep, column, style)?;
        let path = out.join(format!("{}.svg", figure.name()));
        fs::write(&path, figure.svg).map_err(ReportError::file(&path))?;
        paths.push(path);
        Ok(())
    })?;
    Ok(paths)
}
