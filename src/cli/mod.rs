//! The command line: one file per subcommand. Results go to stdout, messages to stderr.

mod ablate;
mod calibrate;
mod check;
mod columns;
mod explain;
mod failure;
mod hardware;
mod history;
mod init;
mod merge;
mod nowcast;
mod options;
mod out_file;
mod report;
mod rerun;
mod run;
mod score;
mod sensitivity;
mod shipped_history;
mod sweep;
mod terminal;
mod verify;

use clap::{CommandFactory as _, Parser, Subcommand};
use failure::Failure;
use std::process::ExitCode;

/// Simulates how a proof-of-work network regulates itself and shakes out its miners.
#[derive(Debug, Parser)]
#[command(name = "shakeout", version = concat!(env!("CARGO_PKG_VERSION"), " (", env!("SHAKEOUT_BUILD"), ")"), max_term_width = 100, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Simulate a scenario, all replicas in parallel, and write a result folder
    Run(run::Run),
    /// Run a designed experiment over any keys of a scenario
    Sweep(sweep::Sweep),
    /// Check that all shards of a sweep are there, and write the tables of the unsharded run
    Merge(merge::Merge),
    /// Fit declared parameters to history: their posterior, and what it predicts
    Calibrate(calibrate::Calibrate),
    /// Find every problem of a scenario without running it, and estimate time, memory and disk space
    Check(check::Check),
    /// Show the resolved scenario: each value, its unit and where it comes from; and the day as the engine runs it
    Explain(explain::Explain),
    /// Redraw the charts and the page of a result folder, or print its table of metrics
    Report(report::Report),
    /// Run a scenario and compare it with its observed history and with baselines; --patterns covers all episodes
    Score(score::Score),
    /// Estimate the state of the network at a date (installed, idle and ordered hashrate, fleet, hashrate near shutdown), and forecast hashrate from there
    Nowcast(nowcast::Nowcast),
    /// Check that no file of a result folder has changed since it was written
    Verify(verify::Verify),
    /// Repeat the run of a result folder from its manifest alone, and compare every file
    Rerun(rerun::Rerun),
    /// Run a scenario as it stands and without each of its mechanisms, and compare its answers
    Ablate(ablate::Ablate),
    /// Rank the factors of a finished sweep: Morris, Sobol', one at a time, and the seed's share of variance
    Sensitivity(sensitivity::Sensitivity),
    /// Print the JSON Schema of scenario files
    Schema,
    /// Describe each column of the result tables: name, unit, type, meaning
    Columns(columns::Columns),
    /// List the machine catalogue
    Hardware(hardware::Hardware),
    /// Print the shipped history of difficulty epochs, or of blocks by day, as csv
    History(shipped_history::History),
    /// Copy a bundled scenario to start from; without a name, list them
    Init(init::Init),
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// Parses, calls, and maps the error to an exit code: 0 success, 1 a bug of shakeout, 2 invalid input, 3 a disk error, 130 interrupted.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let text = error.render().to_string();
            // The message contains what was typed. If that contains control characters, the message is printed without colours.
            if let std::borrow::Cow::Owned(shown) = crate::scenario::printable(&text) {
                terminal::talk(&shown);
                return ExitCode::from(2);
            }
            error.exit()
        }
    };
    match call(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => terminal::tell(&failure),
    }
}

fn call(command: Command) -> Result<(), Failure> {
    match command {
        Command::Run(run) => run.call(),
        Command::Sweep(sweep) => sweep.call(),
        Command::Merge(merge) => merge.call(),
        Command::Nowcast(nowcast) => nowcast.call(),
        Command::Calibrate(calibrate) => calibrate.call(),
        Command::Check(check) => check.call(),
        Command::Explain(explain) => explain.call(),
        Command::Report(report) => report.call(),
        Command::Score(score) => score.call(),
        Command::Ablate(ablate) => ablate.call(),
        Command::Sensitivity(sensitivity) => sensitivity.call(),
        Command::Verify(verify) => verify.call(),
        Command::Rerun(rerun) => rerun.call(),
        Command::Schema => {
            let schema = serde_json::to_string_pretty(&crate::scenario::schema()).expect("a JSON value can be written");
            terminal::print(&(schema + "\n"))
        }
        Command::Columns(columns) => columns.call(),
        Command::Hardware(hardware) => hardware.call(),
        Command::History(history) => history.call(),
        Command::Init(init) => init.call(),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "shakeout", &mut script);
            terminal::print(&String::from_utf8_lossy(&script))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
