use super::{failure::Failure, options::figure_size, terminal};
use crate::report::{
    FigureSize, FigureStyle, Summary, draw_all, draw_calibration, draw_ranks, draw_sweep, latex, markdown, write_page,
    write_sweep_page,
};
use clap::Args;
use std::path::{Path, PathBuf};

/// Redraw charts and page of a result folder, or print its headline table.
#[derive(Debug, Args)]
pub struct Report {
    /// Result folders
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// Print the headline table in Markdown and write nothing
    #[arg(long, conflicts_with = "latex")]
    markdown: bool,
    /// Print the headline table in LaTeX and write nothing
    #[arg(long)]
    latex: bool,
    /// Size of charts: column (85 mm), page (170 mm) or WIDTHxHEIGHT in mm
    #[arg(long, value_name = "SIZE", default_value = "page", value_parser = figure_size)]
    figure_size: FigureSize,
    /// Charts without titles, for a journal
    #[arg(long)]
    no_titles: bool,
}

impl Report {
    pub fn call(&self) -> Result<(), Failure> {
        for folder in &self.folders {
            if !folder.join("manifest.json").is_file() {
                return Err(Failure::Input(format!(
                    "{} is not a result folder: it has no manifest.json",
                    folder.display()
                )));
            }
            if folder.join("calibration.json").is_file() {
                self.calibration(folder)?;
                continue;
            }
            let is_sweep = folder.join("sweep.csv").is_file();
            if self.markdown || self.latex {
                if is_sweep {
                    return Err(Failure::Input(format!("{} is of a sweep: its table is sweep.csv", folder.display())));
                }
                let summary = Summary::read(folder)?;
                terminal::print(&if self.latex { latex(&summary) } else { markdown(&summary) })?;
                continue;
            }
            let style = FigureStyle { size: self.figure_size, titles: !self.no_titles };
            let charts = folder.join("charts");
            let drawn = if is_sweep { draw_sweep(folder, &charts, &style) } else { draw_all(folder, &charts, &style) };
            for path in drawn? {
                terminal::talk(&format!("drew {}\n", path.display()));
            }
            let path = folder.join("report.html");
            let page = if is_sweep { write_sweep_page(folder, &path) } else { write_page(folder, &path) };
            terminal::talk(&format!("wrote {}\n", page?.display()));
        }
        Ok(())
    }

    /// A calibration has charts and no page.
    fn calibration(&self, folder: &Path) -> Result<(), Failure> {
        if self.markdown || self.latex {
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
