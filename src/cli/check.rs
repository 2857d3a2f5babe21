use super::{
    failure::Failure,
    options::ScenarioOptions,
    terminal::{self, Screen},
};
use crate::study::{Questions, Work, check, checked_json};
use clap::Args;

/// Find every problem of a scenario at once.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    scenario: ScenarioOptions,
    /// Treat warnings about the scenario as errors
    #[arg(long)]
    deny_warnings: bool,
    /// Print JSON: every problem with its code, place, message and help, or the estimate if there is no problem
    #[arg(long)]
    json: bool,
}

impl Check {
    pub fn call(&self) -> Result<(), Failure> {
        let mut screen = Screen::new(false);
        let mut work = Work::new().watched_by(&mut screen);
        work.deny_warnings = self.deny_warnings;
        let found = check(&self.scenario.input(), &mut work);
        if self.json {
            terminal::print(&format!("{:#}\n", checked_json(&found)))?;
            return found.map(drop).map_err(Failure::from);
        }
        let checked = found?;
        let estimate = checked.estimate;
        let text = format!(
            "{}: no problems{}\n{} firms, {} lots, {} steps, {} replicas\nabout {} on one core, {} of memory and {} more a thread, {} of csv\n",
            self.scenario.scenario.display(),
            questioned(&checked.questions),
            estimate.firms,
            estimate.lots,
            estimate.steps,
            checked.replicas,
            duration(estimate.seconds),
            bytes(estimate.program),
            bytes(estimate.memory),
            bytes(estimate.disk),
        );
        terminal::print(&text)
    }
}

/// How many warnings and notes there are, as the end of "no problems".
fn questioned(questions: &Questions) -> String {
    let counted = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        many => Some(format!("{many} {one}s")),
    };
    let (warnings, notes) = questions.count();
    let parts = counted(warnings, "warning").into_iter().chain(counted(notes, "note"));
    parts.fold(String::new(), |text, part| text + ", " + &part)
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => "a second".to_owned(),
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.0} h", s / 3600.0),
    }
}

fn bytes(bytes: f64) -> String {
    match bytes {
        b if b < 1e6 => format!("{:.0} kB", b / 1e3),
        b if b < 1e9 => format!("{:.0} MB", b / 1e6),
        b => format!("{:.1} GB", b / 1e9),
    }
}
