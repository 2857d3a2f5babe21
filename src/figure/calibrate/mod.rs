//! Charts of a calibration: each parameter before and after, pairs of them, what they predict, and ranks of truths.

mod cell;
mod marginals;
mod pairs;
mod predictive;
mod ranks;
#[cfg(test)]
mod tests;

use std::{
    fs,
    path::{Path, PathBuf},
};

use plotters::backend::DrawingBackend;

use super::{
    style::{FigureSize, FigureStyle},
    svg::canvas::{self, Canvas},
};
use crate::report::{
    ReportError,
    calibration::{Posterior, Ranks},
};

/// A chart of a calibration.
trait CalibrationChart {
    fn name(&self) -> &'static str;
    fn title(&self) -> &'static str;
    /// What it shows, for those who cannot see it.
    fn alt(&self) -> String;
    /// The height that it wants at this width and size of letters, mm.
    fn height(&self, width: f64, font: f64) -> f64;
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError>;
}

/// Draws the posterior in `folder` as `marginals.svg`, `pairs.svg` (of two parameters or more) and `predictive.svg` in `out`,
/// which is made if need be.
///
/// The same tables give the same bytes.
///
/// # Errors
/// If a table is missing or cannot be understood, or a file cannot be written.
pub fn draw_calibration(folder: &Path, out: &Path, style: &FigureStyle) -> Result<Vec<PathBuf>, ReportError> {
    let posterior = Posterior::read(folder)?;
    let mut figures = vec![drawn(&marginals::Marginals(&posterior), style)?];
    if posterior.parameters.len() > 1 {
        figures.push(drawn(&pairs::Pairs(&posterior), style)?);
    }
    figures.push(drawn(&predictive::Predictive(&posterior), style)?);
    write(out, figures)
}

/// Draws the ranks in `folder` as `ranks.svg` in `out`, which is made if need be.
///
/// # Errors
/// If the folder cannot be understood, or the file cannot be written.
pub fn draw_ranks(folder: &Path, out: &Path, style: &FigureStyle) -> Result<Vec<PathBuf>, ReportError> {
    write(out, vec![drawn(&ranks::RankHistograms(&Ranks::read(folder)?), style)?])
}

fn write(out: &Path, figures: Vec<(&'static str, String)>) -> Result<Vec<PathBuf>, ReportError> {
    fs::create_dir_all(out).map_err(ReportError::file(out))?;
    let write = |(name, svg): (&str, String)| {
        let path = out.join(format!("{name}.svg"));
        fs::write(&path, svg).map_err(ReportError::file(&path))?;
        Ok(path)
    };
    figures.into_iter().map(write).collect()
}

/// Name and picture.
fn drawn<C: CalibrationChart>(chart: &C, style: &FigureStyle) -> Result<(&'static str, String), ReportError> {
    let (width, given) = style.size.millimetres(1);
    let font = FigureSize::font_mm(width);
    let above = if style.titles { 1.9 * font } else { 0.0 };
    let height = match style.size {
        FigureSize::Exact { .. } => given,
        FigureSize::Column | FigureSize::Page => (chart.height(width, font) + above).ceil().clamp(40.0, 1000.0),
    };
    let title = style.titles.then(|| chart.title());
    let svg = canvas::svg(chart.name(), &chart.alt(), (width, height), font, |canvas| chart.draw(canvas, title))?;
    Ok((chart.name(), svg))
}
