//! The charts and the page of each kind of result.

use std::path::{Path, PathBuf};

use super::{
    calibrate::{draw_calibration, draw_ranks, posterior_page, ranks_page},
    page::{run_page, sweep_page},
    png::write_pngs,
    run,
    style::FigureStyle,
    sweep::draw_sweep,
    write::write,
};
use crate::{
    report::{ReportError, bands::Limits, series::RunSeries},
    study::Kind,
};

/// The page in a result folder.
pub const PAGE: &str = "report.html";

/// Draws the charts of the tables in `folder` below `place`, as SVG and perhaps as PNG too.
pub(super) fn charts_of(
    kind: Kind,
    folder: &Path,
    place: &Path,
    (style, png): (&FigureStyle, bool),
    merit_order_at: &[i64],
) -> Result<Vec<PathBuf>, ReportError> {
    let out = place.join("charts");
    let mut drawn = match kind {
        Kind::Run => {
            let mut series = RunSeries::read(folder, &Limits::default())?;
            series.supply_dates = merit_order_at.to_vec();
            return charts_of_run(&series, place, (style, png));
        }
        Kind::Sweep => draw_sweep(folder, &out, style)?,
        Kind::Calibration => draw_calibration(folder, &out, style)?,
        Kind::Ranks => draw_ranks(folder, &out, style)?,
    };
    if png {
        drawn.extend(write_pngs(&drawn)?);
    }
    Ok(drawn)
}

/// Draws the charts of a run below `place`, as SVG and perhaps as PNG too.
pub(super) fn charts_of_run(
    series: &RunSeries,
    place: &Path,
    (style, png): (&FigureStyle, bool),
) -> Result<Vec<PathBuf>, ReportError> {
    let mut drawn = draw_run(series, &place.join("charts"), style)?;
    if png {
        drawn.extend(write_pngs(&drawn)?);
    }
    Ok(drawn)
}

/// The page of the tables in `folder`.
pub(super) fn page_of(kind: Kind, folder: &Path) -> Result<String, ReportError> {
    match kind {
        Kind::Run => run_page(folder),
        Kind::Sweep => sweep_page(folder),
        Kind::Calibration => posterior_page(folder),
        Kind::Ranks => ranks_page(folder),
    }
}

/// Draws every chart of a run into files in `out`, which is made if need be. The same tables give the same bytes.
pub(super) fn draw_run(series: &RunSeries, out: &Path, style: &FigureStyle) -> Result<Vec<PathBuf>, ReportError> {
    write(&run::figures(series), out, style)
}
