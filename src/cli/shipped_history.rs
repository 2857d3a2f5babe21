use super::{failure::Failure, terminal};
use crate::scenario::shipped_history_csv;
use clap::Args;

/// Print the shipped history of difficulty epochs, in the form that --history reads.
#[derive(Debug, Args)]
pub struct History {
    /// Print the shipped blocks by day instead, in the form that --days reads
    #[arg(long)]
    days: bool,
}

impl History {
    pub fn call(&self) -> Result<(), Failure> {
        terminal::print(&shipped_history_csv(self.days))
    }
}
