use super::{
    FigureSize, FigureStyle,
    charts::{PAGE, charts_of, page_of},
};
use crate::{
    output::shell::flag,
    report::ReportError,
    study::{Draw, DrawError, Kind},
};
use std::path::Path;

/// What is drawn into a result folder.
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

    fn charts(&self, kind: Kind, result: &Path) -> Result<(), DrawError> {
        if self.charts {
            charts_of(kind, result, result, (&self.style, self.png), &[])?;
        }
        Ok(())
    }

    fn page(&self, kind: Kind, result: &Path) -> Result<(), DrawError> {
        if let Some(page) = page_of(kind, result)? {
            let path = result.join(PAGE);
            std::fs::write(&path, page).map_err(ReportError::file(&path))?;
        }
        Ok(())
    }
}

/// The flags of a style; of the usual one none.
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
