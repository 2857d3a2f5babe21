//! Charts of a calibration: each parameter before and after, pairs of them, what they predict, and ranks of truths.

mod marginals;
mod pairs;
mod predictive;
mod ranks;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use super::{style::FigureStyle, svg::draw, write::write};
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
    let posterior = Posterior::read(folder)?;
    let mut pictures = vec![("marginals", draw(&marginals::marginals(&posterior), style)?)];
    if posterior.parameters.len() > 1 {
        pictures.push(("pairs", pairs::draw(&posterior, style)?));
    }
    pictures.push(("predictive", draw(&predictive::predictive(&posterior), style)?));
    write(out, &pictures)
}

/// Draws the ranks in `folder` as `ranks.svg` in `out`, which is made if need be.
///
/// # Errors
/// If the folder cannot be understood, or the file cannot be written.
pub fn draw_ranks(folder: &Path, out: &Path, style: &FigureStyle) -> Result<Vec<PathBuf>, ReportError> {
    write(out, &[("ranks", draw(&ranks::histograms(&Ranks::read(folder)?), style)?)])
}
