use super::{failure::Failure, options::figure_size, out_file::OutFile, terminal};
use crate::{
    figure::{
        FigureSize, FigureStyle, answer_in_markdown, comparison, draw_calibration, draw_ranks, draw_run, draw_sweep,
        page, sweep_page, write_pngs,
    },
    output::{disk::write_whole, manifest::Manifest, redraw::Redraw},
    report::{
        Summary, latex, markdown,
        series::{Limits, RunSeries},
    },
    study::whole,
};
use clap::Args;
use std::path::{Path, PathBuf};

/// The page in a result folder.
const PAGE: &str = "report.html";

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
    /// Write over a file that is there already
    #[arg(long)]
    force: bool,
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
        if is_comparison {
            return self.compare();
        }
        for folder in &self.folders {
            let manifest = whole(folder)?;
            let kind = Kind::of(folder);
            if self.prints() {
                let table = match kind {
                    Kind::Run => {
                        terminal::print(&self.in_words(Summary::read(folder)?)?)?;
                        continue;
                    }
                    Kind::Sweep => "a sweep: its table is sweep.csv",
                    Kind::Calibration => "a calibration: its tables are parameters.csv or ranks.csv",
                };
                return Err(Failure::Input(format!("{} is of {table}", folder.display())));
            }
            self.redraw(folder, kind, manifest)?;
        }
        Ok(())
    }

    /// Draws charts and page anew, beside the old ones, and puts them in their places when all are whole.
    fn redraw(&self, folder: &Path, kind: Kind, manifest: Manifest) -> Result<(), Failure> {
        let out = OutFile::unless_own(self.out.as_ref(), folder, PAGE);
        let out = out.map(|path| OutFile::new(&path, self.force)).transpose()?;
        if out.is_some() && kind == Kind::Calibration {
            return Err(Failure::Input(format!("{} is of a calibration, which has no page", folder.display())));
        }
        let redraw = Redraw::begin(folder)?;
        let place = redraw.place();
        let style = FigureStyle { size: self.figure_size, titles: !self.no_titles };
        let mut drawn = self.draw(folder, kind, &place.join("charts"), &style)?;
        if self.png {
            drawn.extend(write_pngs(&drawn)?);
        }
        let page = match kind {
            Kind::Run => Some(page(folder)?),
            Kind::Sweep => Some(sweep_page(folder)?),
            Kind::Calibration => None,
        };
        let mut written = None;
        if let Some(page) = page {
            written = Some(if let Some(out) = &out {
                out.write(&page)?.to_owned()
            } else {
                write_whole(&place.join(PAGE), page.as_bytes())?;
                folder.join(PAGE)
            });
        }
        redraw.put_in_place(manifest, |name| name != PAGE)?;
        for path in drawn {
            let path = path.strip_prefix(&place).unwrap_or(&path);
            terminal::talk(&format!("drew {}\n", folder.join(path).display()));
        }
        if let Some(path) = written {
            terminal::talk(&format!("wrote {}\n", path.display()));
        }
        Ok(())
    }

    fn draw(&self, folder: &Path, kind: Kind, charts: &Path, style: &FigureStyle) -> Result<Vec<PathBuf>, Failure> {
        Ok(match kind {
            Kind::Run => {
                let mut series = RunSeries::read(folder, &Limits::default())?;
                series.supply_dates.clone_from(&self.merit_order_at);
                draw_run(&series, charts, style)?
            }
            Kind::Sweep => draw_sweep(folder, charts, style)?,
            Kind::Calibration if folder.join("ranks.csv").is_file() => draw_ranks(folder, charts, style)?,
            Kind::Calibration => draw_calibration(folder, charts, style)?,
        })
    }

    /// One page of several runs, whose folders stay as they are.
    fn compare(&self) -> Result<(), Failure> {
        for folder in &self.folders {
            let what = match Kind::of(folder) {
                Kind::Run => continue,
                Kind::Sweep => "sweep",
                Kind::Calibration => "calibration",
            };
            let shown = folder.display();
            return Err(Failure::Input(format!("{shown} is of a {what}: only runs are compared; report it by itself")));
        }
        let out = OutFile::new(self.out.as_deref().unwrap_or(Path::new("comparison.html")), self.force)?;
        for folder in &self.folders {
            whole(folder)?;
        }
        let path = out.write(&comparison(&self.folders)?)?;
        terminal::talk(&format!("wrote {}\n", path.display()));
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
}

/// What a result folder is the result of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Run,
    Sweep,
    Calibration,
}

impl Kind {
    fn of(folder: &Path) -> Self {
        if folder.join("calibration.json").is_file() {
            Self::Calibration
        } else if folder.join("sweep.csv").is_file() {
            Self::Sweep
        } else {
            Self::Run
        }
    }
}

/// The midnight that begins a day, seconds since 1970.
fn day(text: &str) -> Result<i64, String> {
    let date: jiff::civil::Date = text.parse().map_err(|_| "give days such as 2018-12-03,2019-02-01".to_owned())?;
    let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).map_err(|error| error.to_string())?;
    Ok(midnight.timestamp().as_second())
}
