//! Charts of a calibration: each parameter before and after, pairs of them, what they predict, and ranks of truths.

mod marginals;
mod page;
mod pairs;
mod predictive;
mod ranks;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use super::{parts::Figure, style::FigureStyle, write::write};
pub(super) use page::{posterior_page, ranks_page};

use crate::report::{
    ReportError,
    calibration::{Posterior, Ranks},
};

/// Draws the posterior in `folder` as `marginals.svg`, `pairs.svg` (of two parameters or more) and `predictive.svg` in `out`,
/// which is made if need be.
///
/// The same tables give the same bytes.
///
/// # Errors
/// If a table is missing or cannot be understood, or a file cannot be written.
pub fn draw_calibration(folder: &Path, out: &Path, style: &FigureStyle) -> Result<Vec<PathBuf>, ReportError> {
    write(&figures(&Posterior::read(folder)?), out, style)
}

/// Every chart of a posterior; pairs only of two parameters or more.
pub(super) fn figures(posterior: &Posterior) -> Vec<Figure<'_>> {
    let mut figures = vec![marginals::marginals(posterior)];
    figures.extend((posterior.parameters.len() > 1).then(|| pairs::pairs(posterior)));
    figures.push(predictive::predictive(posterior));
    figures
}

/// Draws the ranks in `folder` as `ranks.svg` in `out`, which is made if need be.
///
/// # Errors
/// If the folder cannot be understood, or the file cannot be written.
pub fn draw_ranks(folder: &Path, out: &Path, style: &FigureStyle) -> Result<Vec<PathBuf>, ReportError> {
    write(&[ranks::histograms(&Ranks::read(folder)?)], out, style)
}
