//! A finished result folder: its text, its page, and its redrawn charts.

use super::{
    charts::{PAGE, charts_of, page_of},
    drawing::Drawing,
    page::{answer_in_markdown, comparison},
};
use crate::{
    output::{disk::write_whole, manifest::Manifest, redraw::Redraw},
    report::{Summary, sweep::Findings},
    study::{DrawError, Kind, StudyError, whole},
};
use std::path::{Path, PathBuf};

/// A finished result folder whose tables are as they were written.
///
/// ```no_run
/// use shakeout::figure::{Drawing, Finished};
/// use std::path::Path;
///
/// let result = Finished::open(Path::new("output/downturn"))?;
/// println!("{:?}", result.summary()?.metric("hashrate_trough_share"));
/// let drawn = result.redraw(&Drawing { png: true, ..Drawing::usual() }, &[])?;
/// println!("{} charts", drawn.charts.len());
/// # Ok::<(), shakeout::study::StudyError>(())
/// ```
#[derive(Debug)]
pub struct Finished {
    folder: PathBuf,
    kind: Kind,
    manifest: Manifest,
}

/// Files that were redrawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redrawn {
    /// Charts, as SVG and PNG.
    pub charts: Vec<PathBuf>,
    /// The page, where it was asked for.
    pub page: Option<PathBuf>,
}

impl Finished {
    /// Opens a result folder and checks it.
    ///
    /// # Errors
    /// If it is not a result, is unfinished, or a table has changed since it was written.
    pub fn open(folder: &Path) -> Result<Self, StudyError> {
        let manifest = whole(folder)?;
        Ok(Self { folder: folder.to_owned(), kind: Kind::of(folder), manifest })
    }

    /// Its metrics.
    ///
    /// # Errors
    /// When it is not the result of a run, or its summary cannot be read.
    pub fn summary(&self) -> Result<Summary, StudyError> {
        let table = match self.kind {
            Kind::Run => return Ok(Summary::read(&self.folder).map_err(DrawError::from)?),
            Kind::Sweep => "a sweep: its table is sweep.csv",
            Kind::Calibration | Kind::Ranks => "a calibration: its tables are parameters.csv or ranks.csv",
        };
        Err(StudyError::Input(format!("{} is of {table}", self.folder.display())))
    }

    /// Its answer as a list in Markdown: of a run, or of a sweep.
    ///
    /// # Errors
    /// When it is of another study, or its files cannot be read.
    pub fn answer_in_markdown(&self) -> Result<String, StudyError> {
        match self.kind {
            Kind::Sweep => Ok(Findings::read(&self.folder).map_err(DrawError::from)?.in_markdown()),
            _ => Ok(answer_in_markdown(&self.summary()?)),
        }
    }

    /// The version of the program that made it.
    #[must_use]
    pub fn version(&self) -> String {
        self.manifest.made_by()
    }

    /// Its page.
    ///
    /// # Errors
    /// When a part of the folder cannot be understood.
    pub fn page(&self) -> Result<String, StudyError> {
        Ok(page_of(self.kind, &self.folder).map_err(DrawError::from)?)
    }

    /// Draws its charts and its page anew, beside the old ones, and puts them in their places when all are there. The merit order of a
    /// run is drawn at the epochs that begin nearest to `merit_order_at`, seconds since 1970; without any, at the start, the trough and
    /// the end.
    ///
    /// # Errors
    /// When a part of the folder cannot be understood, another process draws in it, or the disk refuses.
    pub fn redraw(self, drawing: &Drawing, merit_order_at: &[i64]) -> Result<Redrawn, StudyError> {
        let redraw = Redraw::begin(&self.folder)?;
        let place = redraw.place();
        let charts = if drawing.charts {
            charts_of(self.kind, &self.folder, &place, (&drawing.style, drawing.png), merit_order_at)
                .map_err(DrawError::from)?
        } else {
            Vec::new()
        };
        let page = drawing.page.then(|| page_of(self.kind, &self.folder)).transpose().map_err(DrawError::from)?;
        if let Some(page) = &page {
            write_whole(&place.join(PAGE), page.as_bytes())?;
        }
        redraw.put_in_place(self.manifest, |name| name != PAGE)?;
        let in_place = |path: PathBuf| self.folder.join(path.strip_prefix(&place).unwrap_or(&path));
        Ok(Redrawn { charts: charts.into_iter().map(in_place).collect(), page: page.map(|_| self.folder.join(PAGE)) })
    }
}

/// One page that compares several runs, whose folders stay as they are.
///
/// # Errors
/// When a folder is not the result of a run, is not whole, or cannot be understood.
pub fn compare(folders: &[PathBuf]) -> Result<String, StudyError> {
    for folder in folders {
        let what = match Kind::of(folder) {
            Kind::Run => continue,
            Kind::Sweep => "sweep",
            Kind::Calibration | Kind::Ranks => "calibration",
        };
        let shown = folder.display();
        return Err(StudyError::Input(format!("{shown} is of a {what}: only runs are compared; report it by itself")));
    }
    for folder in folders {
        whole(folder)?;
    }
    Ok(comparison(folders).map_err(DrawError::from)?)
}
