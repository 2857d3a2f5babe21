use super::{failure::Failure, options::figure_size, out_file::OutFile, terminal};
use crate::{
    figure::{Drawing, FigureSize, FigureStyle, Finished, PAGE, compare, run_names},
    report::{Extent, PaperRows, PaperRun, latex, markdown},
};
use clap::Args;
use std::path::{Path, PathBuf};

/// Redraw charts and page of a result folder, compare several on one page, or print the table of metrics.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Report {
    /// Result folder; several runs are compared on one page, and their folders stay as they are
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Where to write the page: a file such as mine.html, or a folder, in which it has its usual name [default: report.html in the result folder, comparison.html here for several]
    #[arg(long, value_name = "PATH", conflicts_with_all = ["markdown", "latex"])]
    out: Option<PathBuf>,
    /// Overwrite an existing file
    #[arg(long)]
    force: bool,
    /// Print the main metrics as a table in Markdown, several runs side by side, and write nothing
    #[arg(long, conflicts_with = "latex")]
    markdown: bool,
    /// Print the main metrics as a table in LaTeX, several runs side by side, and write nothing
    #[arg(long)]
    latex: bool,
    /// Print these rows of the table of metrics instead, in this order, such as hashrate_trough_share,days_to_95pct
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    metrics: Vec<String>,
    /// Print every metric in the table
    #[arg(long, conflicts_with = "metrics")]
    all: bool,
    /// Names of the runs in the table, one for each folder [default: the ends of their paths]
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    labels: Vec<String>,
    /// Print the answer of a run or a sweep in Markdown, one line for each metric at the top of the page, and write nothing
    #[arg(long, conflicts_with_all = ["markdown", "latex"])]
    answer: bool,
    /// Size of charts: column (85 mm), page (170 mm) or WIDTHxHEIGHT in mm
    #[arg(long, value_name = "SIZE", default_value = "page", value_parser = figure_size)]
    figure_size: FigureSize,
    /// Charts without titles, for a journal
    #[arg(long)]
    no_titles: bool,
    /// Write each chart as PNG too, 300 dots to the inch
    #[arg(long)]
    png: bool,
    /// Draw the merit order at the epochs that begin nearest to these days, at most 4 [default: start, trough and end]
    #[arg(long, value_name = "DATE,…", value_delimiter = ',', value_parser = day)]
    merit_order_at: Vec<i64>,
}

impl Report {
    pub fn call(&self) -> Result<(), Failure> {
        if self.markdown || self.latex {
            return terminal::print(&self.table()?);
        }
        if self.folders.len() > 1 && !self.answer {
            let page = compare(&self.folders)?;
            let path = self.out.as_deref().map_or_else(|| Ok(COMPARISON.into()), |out| file_of(out, COMPARISON))?;
            let out = OutFile::new(&path, self.force)?;
            let path = out.write(page)?;
            terminal::talk(&format!("wrote {}\n", path.display()));
            return Ok(());
        }
        for folder in &self.folders {
            let result = Finished::open(folder)?;
            if self.answer {
                terminal::print(&result.answer_in_markdown()?)?;
            } else {
                self.redraw(folder, result)?;
            }
        }
        Ok(())
    }

    fn redraw(&self, folder: &Path, result: Finished) -> Result<(), Failure> {
        let named = self.out.as_deref().map(|out| file_of(out, PAGE)).transpose()?;
        let out = OutFile::unless_own(named.as_ref(), folder, PAGE);
        let out = out.map(|path| OutFile::new(&path, self.force)).transpose()?;
        let elsewhere = out.as_ref().map(|_| result.page()).transpose()?;
        let style = FigureStyle { size: self.figure_size, titles: !self.no_titles };
        let drawing = Drawing { charts: true, page: out.is_none(), style, png: self.png };
        let drawn = result.redraw(&drawing, &self.merit_order_at)?;
        for path in drawn.charts {
            terminal::talk(&format!("drew {}\n", path.display()));
        }
        let written = match (&out, elsewhere) {
            (Some(out), Some(page)) => Some(out.write(page)?.to_owned()),
            _ => drawn.page,
        };
        if let Some(path) = written {
            terminal::talk(&format!("wrote {}\n", path.display()));
        }
        Ok(())
    }

    /// The table of metrics of all runs.
    fn table(&self) -> Result<String, Failure> {
        let labels = if self.labels.is_empty() { run_names(&self.folders) } else { self.labels.clone() };
        if labels.len() != self.folders.len() {
            let (found, expected) = (labels.len(), self.folders.len());
            return Err(Failure::Input(format!("--labels: there are {found} names for {expected} folders")));
        }
        let mut runs = Vec::new();
        for (folder, label) in self.folders.iter().zip(labels) {
            let result = Finished::open(folder)?;
            let summary = result.summary()?;
            let checked = summary.clone().with_metrics(&self.metrics);
            checked.map_err(|problem| Failure::Input(format!("--metrics: {problem}")))?;
            runs.push(PaperRun { label, summary, version: result.version() });
        }
        let wanted = match (self.metrics.is_empty(), self.all) {
            (false, _) => PaperRows::Named(self.metrics.clone()),
            (true, true) => PaperRows::Of(Extent::All),
            (true, false) => PaperRows::Of(Extent::Main),
        };
        Ok(if self.latex { latex(&runs, &wanted) } else { markdown(&runs, &wanted) })
    }
}

/// The page of a comparison.
const COMPARISON: &str = "comparison.html";

/// The file that a path means: one with an ending, or `usual` in a folder, which is made.
fn file_of(path: &Path, usual: &str) -> Result<PathBuf, Failure> {
    let ends_in_slash = path.as_os_str().to_string_lossy().ends_with(std::path::MAIN_SEPARATOR);
    if path.extension().is_some() && !path.is_dir() && !ends_in_slash || path.exists() && !path.is_dir() {
        return Ok(path.to_owned());
    }
    let fault = |error| Failure::Disk(format!("cannot make the folder {}: {error}", path.display()));
    std::fs::create_dir_all(path).map_err(fault)?;
    Ok(path.join(usual))
}

/// The midnight that begins a day, seconds since 1970.
fn day(text: &str) -> Result<i64, String> {
    let date: jiff::civil::Date = text.parse().map_err(|_| "give days such as 2018-12-03,2019-02-01".to_owned())?;
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).map_err(|error| error.to_string())?;
    Ok(midnight.timestamp().as_second())
}
