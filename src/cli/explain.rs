use super::{failure::Failure, options::ScenarioOptions, terminal};
use crate::{scenario::explain, simulation::PHASES};
use clap::Args;
use std::fmt::Write as _;

/// Show the resolved scenario.
#[derive(Debug, Args)]
pub struct Explain {
    #[command(flatten)]
    scenario: ScenarioOptions,
    /// One key, or one part, such as class.public
    key: Option<String>,
}

impl Explain {
    pub fn call(&self) -> Result<(), Failure> {
        let resolved = self.scenario.input().load()?;
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
