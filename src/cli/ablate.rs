use super::{
    failure::Failure,
    options::{ScenarioOptions, threads, threads_or_usual},
    terminal::{self, Screen},
};
use crate::{
    report::{PaperRows, latex, markdown},
    study::{Work, ablate},
};
use clap::Args;
use std::num::NonZeroUsize;

/// Run a scenario without each of its mechanisms.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Ablate {
    #[command(flatten)]
    scenario: ScenarioOptions,
    /// Threads [default: SLURM_CPUS_PER_TASK, else all cores]; results do not depend on it
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = threads)]
    threads: Option<NonZeroUsize>,
    /// Print the answers as a table in Markdown
    #[arg(long, conflicts_with_all = ["latex", "json"])]
    markdown: bool,
    /// Print the answers as a table in LaTeX
    #[arg(long, conflicts_with = "json")]
    latex: bool,
    /// Print every metric of each form as one JSON object
    #[arg(long)]
    json: bool,
    /// Print only errors and warnings beside the result
    #[arg(long)]
    quiet: bool,
}

impl Ablate {
    pub fn call(&self) -> Result<(), Failure> {
        let stop = terminal::stop_flag()?;
        let mut screen = Screen::new(self.quiet);
        let mut work = Work::new().stopped_by(&stop).threads(threads_or_usual(self.threads)).watched_by(&mut screen);
        let found = ablate(&self.scenario.input(), &mut work)?;
        drop(work);
        let (runs, answers) = (found.runs(), PaperRows::Named(found.answers()));
        let text = match () {
            () if self.json => {
                let forms: Vec<_> =
                    runs.iter().map(|run| serde_json::json!({ "name": run.label, "summary": run.summary })).collect();
                format!("{}\n", serde_json::json!({ "forms": forms, "absent": found.absent }))
            }
            () if self.markdown => markdown(&runs, &answers),
            () if self.latex => latex(&runs, &answers),
            () => found.plain(terminal::width()),
        };
        terminal::print(&text)?;
        terminal::warn_of(&found.failures, found.total, "replicas", None)
    }
}
