use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::report::ReportError;

/// Writes pictures under their names into `out`, which is made if need be.
pub(super) fn write(out: &Path, pictures: &[(&str, String)]) -> Result<Vec<PathBuf>, ReportError> {
    fs::create_dir_all(out).map_err(ReportError::file(out))?;
    let write = |(name, svg): &(&str, String)| {
        let path = out.join(format!("{name}.svg"));
        fs::write(&path, svg).map_err(ReportError::file(&path))?;
        Ok(path)
    };
    pictures.iter().map(write).collect()
}
