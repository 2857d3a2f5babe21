#[cfg(test)]
mod tests;

use super::{
    failure::Failure,
    options::{Existing, Reading, figure_size, threads, threads_or_usual},
    terminal::{self, Screen},
};
use crate::{
    figure::{Drawing, FigureSize, FigureStyle},
    output::failed,
    study::{
        CALIBRATION, Folder, Input, Work,
        calibrate::{CalibrateOptions, calibrate},
        name_of, text_of,
    },
};
use clap::Args;
use std::{
    num::NonZeroUsize,
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
};

const DECLARED: &str = "\
Parameters, their priors and the summaries that are compared are declared in [calibrate] of the first scenario; without it \
those of the model's list are fitted. Several scenarios are fitted together, by the same values. The observation is each \
scenario's [observed]; with --synthetic the engine makes it. See the chapter on calibration in the book.";

/// Fit parameters to history.
#[derive(Debug, Args)]
#[command(after_help = DECLARED)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct Calibrate {
    /// The scenario files, fitted together
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<PathBuf>,
    /// Change a value in all of them: a dotted key and a TOML value (repeatable)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Apply the patch [variant.NAME] of each
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    /// Seed of all random numbers; equivalent to --set run.seed=N
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    seed: Option<u64>,
    /// Use a simulated observation, made with these values of all parameters
    #[arg(long, value_name = "NAME=VALUE,...")]
    synthetic: Option<String>,
    /// Run simulation-based calibration instead: ranks of N true values drawn from the prior, each within the posterior of its own simulated observation
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(8..=1_000_000), conflicts_with = "synthetic")]
    sbc: Option<u64>,
    /// Result folder [default: output/NAME-calibrate of the first scenario, with --sbc output/NAME-sbc]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Threads [default: SLURM_CPUS_PER_TASK, else all cores]; results do not depend on it
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = threads)]
    threads: Option<NonZeroUsize>,
    /// Draw no charts
    #[arg(long)]
    no_charts: bool,
    /// Size of charts: column (85 mm), page (170 mm) or WIDTHxHEIGHT in mm
    #[arg(long, value_name = "SIZE", default_value = "page", value_parser = figure_size)]
    figure_size: FigureSize,
    /// Charts without titles, for a journal
    #[arg(long)]
    no_titles: bool,
    /// Print calibration.json
    #[arg(long)]
    json: bool,
    /// Check every invariant of the model on every tick (slower)
    #[arg(long)]
    audit: bool,
    /// Stop at the first history that cannot be run; otherwise it is recorded in failed.csv and its distance counts as infinite
    #[arg(long)]
    fail_fast: bool,
    /// Print only errors and warnings
    #[arg(long)]
    quiet: bool,
    /// Treat warnings about the scenarios as errors
    #[arg(long)]
    deny_warnings: bool,
    #[command(flatten)]
    existing: Existing,
    #[command(flatten)]
    pub reading: Reading,
}

impl Calibrate {
    pub fn call(&self) -> Result<(), Failure> {
        self.run(&terminal::stop_flag()?)
    }

    /// With a stop flag from outside, so that a test can raise it.
    fn run(&self, stop: &Arc<AtomicBool>) -> Result<(), Failure> {
        let style = FigureStyle { size: self.figure_size, titles: !self.no_titles };
        let drawing = Drawing { charts: !self.no_charts, page: true, style, png: false };
        let folder = Folder::new(self.folder()).mode(self.existing.mode()).drawn_by(&drawing);
        let options = CalibrateOptions { synthetic: self.synthetic.clone(), truths: self.sbc };
        let mut screen = Screen::new(self.quiet);
        let mut work = Work::new().stopped_by(stop).threads(threads_or_usual(self.threads)).watched_by(&mut screen);
        work.audit = self.audit;
        work.fail_fast = self.fail_fast;
        work.deny_warnings = self.deny_warnings;
        let found = calibrate(&self.inputs(), &options, folder, &mut work)?;
        if let Some(text) = found.text.filter(|_| !self.quiet && !self.json) {
            terminal::print(&text)?;
        }
        let path = &found.outcome.path;
        if !self.quiet {
            terminal::talk(&format!("results in {}\n", path.display()));
        }
        if self.json {
            terminal::print(&text_of(path, CALIBRATION)?)?;
        }
        terminal::warn_of(&found.outcome.failures, found.outcome.total, "histories", Some(failed::FILE))
    }

    fn inputs(&self) -> Vec<Input> {
        let of = |path: &PathBuf| {
            let input = self.reading.input(path);
            input.sets(self.sets.iter().cloned()).variant(self.variant.clone()).seed(self.seed)
        };
        self.scenarios.iter().map(of).collect()
    }

    fn folder(&self) -> PathBuf {
        self.out.clone().unwrap_or_else(|| {
            let ending = if self.sbc.is_some() { "-sbc" } else { "-calibrate" };
            PathBuf::from("output").join(name_of(&self.scenarios[0]) + ending)
        })
    }
}
