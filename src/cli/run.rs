use super::{
    failure::Failure,
    options::{RunOptions, ScenarioOptions, WorkOptions},
    terminal,
};
use crate::{
    output::{failed, summary::SUMMARY},
    report::{Extent, Summary, plain},
    study::{self, FolderOutcome},
};
use clap::Args;
use std::path::Path;

/// Simulate a scenario.
#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub scenario: ScenarioOptions,
    #[command(flatten)]
    pub options: WorkOptions,
    #[command(flatten)]
    pub own: RunOptions,
    /// Simulate each replica a second time with assumptions drawn from their priors: bands that hold ignorance beside luck, and what the answer hangs on; equivalent to --set uncertainty.enabled=true
    #[arg(long)]
    pub uncertain: bool,
    /// Print every metric, grouped by heading, not only the main ones
    #[arg(long)]
    pub all: bool,
}

impl Run {
    pub fn call(&self) -> Result<(), Failure> {
        let sets = self.uncertain.then(|| "uncertainty.enabled=true".to_owned());
        let run = study::Run::new(&self.scenario.input().sets(sets), &self.own.of_run()?)?;
        if run.resolved().reserved("sweep").is_some() {
            let text = "this scenario has a [sweep]: `shakeout sweep` runs all its points; this runs it as it stands";
            self.options.talk(text);
        }
        // This check comes before any file is written, so that a failure leaves nothing behind.
        let stop = terminal::stop_flag()?;
        let drawing = self.options.output.drawing();
        let folder = self.options.folder(&self.scenario, "").drawn_by(&drawing);
        let found = self.options.work(&stop, |work| study::Destination::fill(folder, &run, work))?;
        self.print_headline(&found.path)?;
        warn(&found)
    }

    fn print_headline(&self, folder: &Path) -> Result<(), Failure> {
        if self.options.json {
            return terminal::print(&format!("{}\n", study::json_of(folder, SUMMARY)?));
        }
        if !self.options.quiet {
            let extent = if self.all { Extent::All } else { Extent::Main };
            terminal::print(&plain(&Summary::read(folder)?, terminal::width(), extent))?;
        }
        self.options.talk(&format!("\nresults in {}", folder.display()));
        Ok(())
    }
}

/// Warns of replicas that could not be run.
pub fn warn(found: &FolderOutcome) -> Result<(), Failure> {
    terminal::warn_of(&found.failures, found.total, "replicas", Some(failed::FILE))
}
