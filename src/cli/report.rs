use super::{failure::Failure, options::figure_size, terminal};
use crate::report::{FigureSize, FigureStyle, Summary, draw_all, latex, markdown, write_page};
use clap::Args;
use std::path::PathBuf;

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
            if self.markdown || self.latex {
                let summary = Summary::read(folder)?;
                terminal::print(&if self.latex { latex(&summary) } else { markdown(&summary) })?;
                continue;
            }
            let style = FigureStyle { size: self.figure_size, titles: !self.no_titles };
            for path in draw_all(folder, &folder.join("charts"), &style)? {
                terminal::talk(&format!("drew {}\n", path.display()));
            }
            let page = write_page(folder, &folder.join("report.html"))?;
            terminal::talk(&format!("wrote {}\n", page.display()));
        }
        Ok(())
    }
}
