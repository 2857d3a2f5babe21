use super::{failure::Failure, options::ScenarioOptions, terminal};
use crate::{
    scenario::{explain, explained},
    simulation::PHASES,
};
use clap::Args;
use std::fmt::Write as _;

/// Show the resolved scenario.
#[derive(Debug, Args)]
pub struct Explain {
    #[command(flatten)]
    scenario: ScenarioOptions,
    /// One key, or one table, such as class.public
    key: Option<String>,
    /// Print JSON: a list of keys with value, unit, origin, documentation, source, usual range and prior
    #[arg(long)]
    json: bool,
}

impl Explain {
    pub fn call(&self) -> Result<(), Failure> {
        let resolved = self.scenario.input().load()?;
        if self.json {
            let list = explained(&resolved, self.key.as_deref())?;
            return terminal::print(&format!("{list:#}\n"));
        }
        let mut text = explain(&resolved, self.key.as_deref())?;
        if self.key.is_none() {
            text += "\nThe day, as the engine runs it:\n";
            // Writing into a string cannot fail.
            for (number, phase) in PHASES.iter().enumerate() {
                let _ = writeln!(text, "{:3}. {phase}", number + 1);
            }
        }
        terminal::print(&text)
    }
}
