//! Charts of a sweep: a metric against one key, over two or three, or the ranking of many.

mod choices;
mod response;
mod surface;
#[cfg(test)]
mod tests;
mod tornado;
mod words;

use std::path::{Path, PathBuf};

use super::{parts::Figure, style::FigureStyle, write::write};
use crate::report::{
    ReportError,
    provenance::Provenance,
    sweep::table::{Column, Sweep, SweepLimits},
};
pub(super) use words::colour;

/// Draws the metrics that answer the question of the sweep in `folder`, and the other main ones, as `sweep-METRIC.svg` in `out`, which
/// is made if need be; not those that are equal in all runs. The same table gives the same bytes.
///
/// # Errors
/// If `sweep.csv` or the manifest is missing or cannot be understood, or a file cannot be written.
pub(crate) fn draw_sweep(folder: &Path, out: &Path, style: &FigureStyle) -> Result<Vec<PathBuf>, ReportError> {
    let sweep = Sweep::read(folder, &Provenance::read(folder)?.texts("answers"), SweepLimits::default())?;
    let mut paths = Vec::with_capacity(sweep.outcomes.len());
    sweep.for_each(folder, |column| {
        paths.extend(write(&[sweep_figure(&sweep, column)], out, style)?);
        Ok(())
    })?;
    Ok(paths)
}

/// The chart of one metric that suits the sweep's design: lines or rows over one factor, a map of the cells of two, such a map for each
/// level of a third, a ranking of more or of scattered points.
pub(super) fn sweep_figure(sweep: &Sweep, column: &Column) -> Figure<'static> {
    let mut figure = match (surface::layout(sweep), sweep.factors.as_slice()) {
        (Some(layout), _) => surface::surface(sweep, layout, column),
        (None, [factor]) if factor.is_numeric() => response::response(sweep, factor, column),
        (None, [factor]) => choices::choices(sweep, factor, column),
        (None, _) => tornado::tornado(sweep, column),
    };
    if let Some(panel) = figure.panels.first_mut() {
        let size = sentence(&sweep.size_in_words());
        panel.note = format!("{}. {} {size}.", column.outcome.metric.doc, panel.note);
        panel.is_wide = true;
    }
    figure
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
