use super::{
    FigureSize, FigureStyle,
    charts::{PAGE, charts_of, charts_of_run, page_of},
    page::{gathering, origin::in_lines, page_of_run},
};
use crate::{
    declare::Columns,
    output::{csv::Recorded, shell::flag},
    report::{ReportError, bands::Limits, series::Gathering},
    study::{Draw, DrawError, DrawRun, Failures, Kind},
};
use std::path::Path;

/// The drawings in a result folder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawing {
    /// Charts as SVG.
    pub charts: bool,
    /// The page, `report.html`.
    pub page: bool,
    /// Size and titles of charts.
    pub style: FigureStyle,
    /// Each chart as PNG too.
    pub png: bool,
}

impl Drawing {
    /// Charts of the usual size, and the page.
    #[must_use]
    pub const fn usual() -> Self {
        Self { charts: true, page: true, style: FigureStyle { size: FigureSize::Page, titles: true }, png: false }
    }
}

impl Draw for Drawing {
    fn options(&self) -> Vec<(&'static str, String)> {
        vec![
            ("charts", self.charts.to_string()),
            ("report", self.page.to_string()),
            ("figure-size", format!("{:?}", self.style)),
            ("png", self.png.to_string()),
        ]
    }

    fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        words.extend((!self.charts).then(|| "--no-charts".to_owned()));
        words.extend((!self.page).then(|| "--no-report".to_owned()));
        words.extend(style_words(&self.style));
        words.extend(self.png.then(|| "--png".to_owned()));
        words
    }

    fn has_page(&self) -> bool {
        self.page
    }

    fn run(&self) -> Box<dyn DrawRun> {
        let limits = Limits::default();
        let gathered = if self.page { gathering() } else { Gathering::new(&limits, &[]) };
        Box::new(RunDrawing { drawing: *self, gathered })
    }

    fn charts(&self, kind: Kind, result: &Path) -> Result<(), DrawError> {
        if self.charts {
            charts_of(kind, result, result, (&self.style, self.png), &[])?;
        }
        Ok(())
    }

    fn page(&self, kind: Kind, result: &Path) -> Result<(), DrawError> {
        write_page(result, page_of(kind, result)?)
    }
}

/// Draws a run from its replicas.
#[derive(Debug)]
struct RunDrawing {
    drawing: Drawing,
    gathered: Gathering,
}

impl DrawRun for RunDrawing {
    fn add(&mut self, replica: &Recorded) -> Result<(), DrawError> {
        if self.drawing.charts || self.drawing.page {
            self.gathered.add(replica).map_err(|bad| DrawError(bad.to_string()))?;
        }
        Ok(())
    }

    fn observed(&mut self, rows: Columns) {
        self.gathered.set_observed(rows);
    }

    fn charts(&self, result: &Path) -> Result<(), DrawError> {
        let Drawing { charts, ref style, png, .. } = self.drawing;
        if charts {
            charts_of_run(&self.gathered.series(result, Limits::default().paths)?, result, (style, png))?;
        }
        Ok(())
    }

    fn page(&self, result: &Path, failures: &Failures) -> Result<(), DrawError> {
        write_page(result, page_of_run(&self.gathered, result, in_lines(failures))?)
    }
}

fn write_page(result: &Path, page: String) -> Result<(), DrawError> {
    let path = result.join(PAGE);
    Ok(std::fs::write(&path, page).map_err(ReportError::file(&path))?)
}

/// The command-line flags of a style; none for the default style.
fn style_words(style: &FigureStyle) -> Vec<String> {
    let mut words = match style.size {
        FigureSize::Page => Vec::new(),
        FigureSize::Column => flag("--figure-size", "column").to_vec(),
        FigureSize::Exact { width_mm, height_mm } => flag("--figure-size", format!("{width_mm}x{height_mm}")).to_vec(),
    };
    words.extend((!style.titles).then(|| "--no-titles".to_owned()));
    words
}

impl From<ReportError> for DrawError {
    fn from(error: ReportError) -> Self {
        let help = miette::Diagnostic::help(&error).map_or_else(String::new, |help| format!("; {help}"));
        Self(format!("{error}{help}"))
    }
}
