//! A page of sentences, figures and tables, for results that have neither replicas nor points.

use serde::Serialize;

use super::{
    block::Block,
    placed::{Placed, placed},
    template::render,
};
use crate::{figure::parts::Figure, report::ReportError};

/// What such a page says.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Plain {
    /// What kind of result this is, in a few words.
    pub kicker: String,
    /// The question, or what is shown.
    pub title: String,
    /// How much was computed, in a sentence.
    pub size: String,
    /// The answer, in whole sentences.
    pub answer: Vec<String>,
    /// Tables, below the figures.
    pub tables: Vec<PlainTable>,
    /// The command that makes it again.
    pub command: String,
    /// Under which conditions that command gives the same.
    pub reproduced: String,
}

/// A table of texts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PlainTable {
    /// Title.
    pub title: String,
    /// Names of its columns; the first names the rows.
    pub head: Vec<String>,
    /// Rows of cells.
    pub rows: Vec<Vec<String>>,
    /// A remark; may be empty.
    pub note: String,
}

impl PlainTable {
    /// As Markdown, without its title.
    #[must_use]
    pub fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rule = format!("|{}\n", "---|".repeat(self.head.len()));
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        let note = if self.note.is_empty() { String::new() } else { format!("\n{}\n", self.note) };
        format!("{}{rule}{rows}{note}", line(&self.head))
    }
}

/// What the template is given.
#[derive(Serialize)]
struct Content<'a> {
    #[serde(flatten)]
    page: &'a Plain,
    version: &'static str,
    charts: Vec<Placed>,
}

/// The page, with figures.
///
/// # Errors
/// If a figure cannot be drawn.
pub fn plain_page(page: &Plain, figures: &[Figure<'_>]) -> Result<String, ReportError> {
    let mut block = Block::default();
    let mut charts = Vec::new();
    for figure in figures {
        charts.extend(placed(figure, true, &mut block)?);
    }
    render("plain.html", &Content { page, version: env!("CARGO_PKG_VERSION"), charts }, &block)
}
