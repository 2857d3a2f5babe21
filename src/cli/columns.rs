use super::{failure::Failure, terminal};
use crate::{
    output::dictionary::{to_json, to_text},
    study::dictionary::every_table,
};
use clap::Args;

/// Describe every column of the result tables.
#[derive(Debug, Args)]
pub struct Columns {
    /// Name of one table: its file name without the extension
    table: Option<String>,
    /// Print JSON in the format of `columns.json`
    #[arg(long)]
    json: bool,
}

impl Columns {
    pub fn call(&self) -> Result<(), Failure> {
        let all = every_table();
        let names = || all.iter().map(|table| table.table.as_str()).collect::<Vec<_>>().join(", ");
        let asked: Vec<_> = match self.table.as_deref() {
            None => all.clone(),
            Some(name) => all.iter().filter(|table| table.table == name.trim_end_matches(".csv")).cloned().collect(),
        };
        if asked.is_empty() {
            let name = self.table.as_deref().unwrap_or_default();
            return Err(Failure::Input(format!("there is no table `{name}`; there are {}", names())));
        }
        if self.json {
            return terminal::print(&to_json(&asked));
        }
        terminal::print(&asked.iter().map(to_text).collect::<Vec<_>>().join("\n"))
    }
}
