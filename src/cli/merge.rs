use super::{
    failure::Failure,
    options::MergeOptions,
    terminal::{self, Screen},
};
use crate::{
    output::failed,
    report::sweep::Findings,
    study::{Folder, Work, merge},
};
use clap::Args;
use std::path::PathBuf;

/// Put the shards of a sweep together.
#[derive(Debug, Args)]
pub struct Merge {
    /// Result folder of the sweep; its shards are in DIR.parts
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    options: MergeOptions,
}

impl Merge {
    pub fn call(&self) -> Result<(), Failure> {
        let drawing = self.options.output.drawing();
        let folder = Folder::new(&self.folder).mode(self.options.existing.mode()).drawn_by(&drawing);
        let folder = Folder { format: self.options.output.format, ..folder };
        let stop = terminal::stop_flag()?;
        let mut screen = Screen::new(false);
        let found = merge(&folder, &mut Work::new().stopped_by(&stop).watched_by(&mut screen))?;
        if self.options.output.format.has_csv() {
            terminal::print(&Findings::read(&found.path)?.plain(terminal::width()))?;
        }
        terminal::talk(&format!("\n{} runs in {}\n", found.total, found.path.display()));
        terminal::warn_of(&found.failures, found.total, "runs", Some(failed::FILE))
    }
}
