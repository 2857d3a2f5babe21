use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{parts::Figure, style::FigureStyle, svg::draw};
use crate::report::ReportError;

/// Draws figures into files in `out`, which is made if need be: `NAME.svg` each.
pub(super) fn write(figures: &[Figure<'_>], out: &Path, style: &FigureStyle) -> Result<Vec<PathBuf>, ReportError> {
    fs::create_dir_all(out).map_err(ReportError::file(out))?;
    let write = |figure: &Figure<'_>| {
        let path = out.join(format!("{}.svg", figure.name));
        fs::write(&path, draw(figure, style)?).map_err(ReportError::file(&path))?;
        Ok(path)
    };
    figures.iter().map(write).collect()
}
