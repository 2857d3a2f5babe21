use super::{
    failure::{Failure, spare_results},
    options::figure_size,
    terminal,
};
use crate::report::{
    FigureSize, FigureStyle, Summary, answer_in_markdown, draw_calibration, draw_ranks, draw_run, draw_sweep, latex,
    markdown,
    series::{Limits, RunSeries},
    write_comparison, write_page, write_pngs, write_sweep_page,
};
use clap::Args;
use std::path::{Path, PathBuf};

/// Redraw charts and page of a result folder, compare several on one page, or print the headline table.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Report {
    /// Result folder; several runs are compared on one page, and their folders stay as they are
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Where to write the page [default: report.html in the folder, comparison.html here for several]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["markdown", "latex"])]
    out: Option<PathBuf>,
    /// Print the headline table in Markdown and write nothing
    #[arg(long, conflicts_with = "latex")]
    markdown: bool,
    /// Print the headline table in LaTeX and write nothing
    #[arg(long)]
    latex: bool,
    /// Of the headline table print these rows, in this order, such as hashrate_trough_share,days_to_95pct
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    metrics: Vec<String>,
    /// Print the answer in Markdown, a line for each number that opens the page, and write nothing
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
        let is_comparison = self.folders.len() > 1 && !self.prints();
        for folder in &self.folders {
            if !folder.join("manifest.json").is_file() {
                return Err(Failure::Input(format!(
                    "{} is not a result folder: it has no manifest.json",
                    folder.display()
                )));
            }
            let is_calibration = folder.join("calibration.json").is_file();
            let is_sweep = folder.join("sweep.csv").is_file();
            if is_comparison {
                if is_sweep || is_calibration {
                    let what = if is_sweep { "sweep" } else { "calibration" };
                    let shown = folder.display();
                    return Err(Failure::Input(format!(
                        "{shown} is of a {what}: only runs are compared; report it by itself"
                    )));
                }
                continue;
            }
            if is_calibration {
                self.calibration(folder)?;
                continue;
            }
            if self.prints() {
                if is_sweep {
                    return Err(Failure::Input(format!("{} is of a sweep: its table is sweep.csv", folder.display())));
                }
                terminal::print(&self.in_words(Summary::read(folder)?)?)?;
                continue;
            }
            let style = FigureStyle { size: self.figure_size, titles: !self.no_titles };
            let charts = folder.join("charts");
            let mut drawn = if is_sweep {
                draw_sweep(folder, &charts, &style)?
            } else {
                let mut series = RunSeries::read(folder, &Limits::default())?;
                series.supply_dates.clone_from(&self.merit_order_at);
                draw_run(&series, &charts, &style)?
            };
            if self.png {
                drawn.extend(write_pngs(&drawn)?);
            }
            for path in drawn {
                terminal::talk(&format!("drew {}\n", path.display()));
            }
            let path = self.out.clone().unwrap_or_else(|| folder.join("report.html"));
            spare_results(&path, "report.html")?;
            let page = if is_sweep { write_sweep_page(folder, &path) } else { write_page(folder, &path) };
            terminal::talk(&format!("wrote {}\n", page?.display()));
        }
        if is_comparison {
            let path = self.out.clone().unwrap_or_else(|| PathBuf::from("comparison.html"));
            spare_results(&path, "comparison.html")?;
            terminal::talk(&format!("wrote {}\n", write_comparison(&self.folders, &path)?.display()));
        }
        Ok(())
    }

    /// Whether words are wanted, and no files.
    fn prints(&self) -> bool {
        self.markdown || self.latex || self.answer
    }

    /// A run's answer, or its headline table.
    fn in_words(&self, mut summary: Summary) -> Result<String, Failure> {
        if self.answer {
            return Ok(answer_in_markdown(&summary));
        }
        if !self.metrics.is_empty() {
            let names = || summary.metrics.iter().map(|headline| headline.name.as_str()).collect::<Vec<_>>().join(", ");
            let find = |name: &String| {
                let found = summary.metrics.iter().find(|headline| headline.name == *name).cloned();
                found.ok_or_else(|| Failure::Input(format!("--metrics: there is no `{name}`; there are {}", names())))
            };
            summary.metrics = self.metrics.iter().map(find).collect::<Result<_, _>>()?;
        }
        Ok(if self.latex { latex(&summary) } else { markdown(&summary) })
    }

    /// A calibration has charts and no page.
    fn calibration(&self, folder: &Path) -> Result<(), Failure> {
        if self.prints() {
            let shown = folder.display();
            return Err(Failure::Input(format!(
                "{shown} is of a calibration: its tables are parameters.csv or ranks.csv"
            )));
        }
        let style = FigureStyle { size: self.figure_size, titles: !self.no_titles };
        let draw = if folder.join("ranks.csv").is_file() { draw_ranks } else { draw_calibration };
        for path in draw(folder, &folder.join("charts"), &style)? {
            terminal::talk(&format!("drew {}\n", path.display()));
        }
        Ok(())
    }
}

/// The midnight that begins a day, seconds since 1970.
fn day(text: &str) -> Result<i64, String> {
    let date: jiff::civil::Date = text.parse().map_err(|_| "give days such as 2018-12-03,2019-02-01".to_owned())?;
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).map_err(|error| error.to_string())?;
    Ok(midnight.timestamp().as_second())
}
