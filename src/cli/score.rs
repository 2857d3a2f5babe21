mod rolling;
mod text;
mod validation;

use super::{
    failure::{Failure, none_left, warn_of},
    history::HistoryOptions,
    options::{Changes, ScenarioOptions, WorkOptions},
    run::warn,
    terminal,
};
use crate::{
    scenario::load_bundled,
    study::{
        Failures, Input,
        rolling::{AHEAD, Rolling},
        score::{
            FailedReplica, PATTERN_REPLICAS, PATTERN_RUNS, PatternResult, Running, SCORE, episode_runs, patterns, score,
        },
    },
};
use clap::Args;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};

const PROTOCOL: &str = "\
Errors are of ln hashrate as inferred from difficulty and the length of epochs, of simulated blocks as of real ones; epochs are \
aligned by height. The chapter `protocol` of the book has every definition. --patterns and --validation run the bundled episodes, \
need no file, and write none.";

/// Hold a scenario against its history.
#[derive(Debug, Args)]
#[command(after_help = PROTOCOL)]
pub struct Score {
    /// The scenario file, with the table [observed]
    #[arg(required_unless_present = "bundled", conflicts_with = "bundled")]
    scenario: Option<PathBuf>,
    /// Run all bundled episodes, and print which patterns of history are met, also with single mechanisms off
    #[arg(long, group = "bundled", conflicts_with_all = ["sets", "variant", "out"])]
    patterns: bool,
    /// Score all bundled episodes as the protocol has it, and print the tables of the book's chapter on validation
    #[arg(long, group = "bundled", conflicts_with_all = ["sets", "variant", "out", "json"])]
    validation: bool,
    /// Forecast hashrate from every epoch of 2016 to 2023 by the law of hash supply, and print the tables of the book's chapter on rolling
    /// forecasts
    #[arg(long, group = "bundled", conflicts_with_all = ["sets", "variant", "out", "json"])]
    rolling: bool,
    #[command(flatten)]
    from: HistoryOptions,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    options: WorkOptions,
}

impl Score {
    fn print_rolling(&self) -> Result<(), Failure> {
        let (history, on_sale) = (self.from.history()?, self.from.on_sale()?);
        let forecasts = Rolling { history: &history, on_sale: &on_sale };
        forecasts.check().map_err(Failure::Input)?;
        if forecasts.first_scored() + AHEAD > history.closed() {
            return Err(Failure::Input(
                "the history ends before 26 epochs after January 2016: nothing can be scored".to_owned(),
            ));
        }
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.options.threads().get())
            .build()
            .map_err(|error| Failure::Input(format!("cannot start threads: {error}")))?;
        let members = self.changes.replicas.unwrap_or(rolling::MEMBERS);
        let text = pool.install(|| rolling::tables(&forecasts, members));
        terminal::print(&text)
    }

    pub fn call(&self) -> Result<(), Failure> {
        let stop = terminal::stop_flag()?;
        match &self.scenario {
            Some(path) => self.score(path, &stop),
            None if self.rolling => self.print_rolling(),
            None if self.validation => {
                let (text, failed) = validation::hindcasts(&self.bundled_sets(), self.running(&stop))?;
                terminal::print(&text)?;
                let (results, unmeasured) = self.patterns(&stop)?;
                terminal::print(&validation::pattern_table(&results))?;
                failed.warn().and(unmeasured.warn())
            }
            None => self.print_patterns(&stop),
        }
    }

    fn running<'a>(&self, stop: &'a AtomicBool) -> Running<'a> {
        Running { threads: self.options.threads(), stop, fail_fast: self.options.fail_fast }
    }

    fn score(&self, path: &Path, stop: &Arc<AtomicBool>) -> Result<(), Failure> {
        let scenario = ScenarioOptions { scenario: path.to_owned(), changes: self.changes.clone() };
        let drawing = self.options.output.drawing();
        let folder = self.options.folder(&scenario, "-score").drawn_by(&drawing);
        let found = self.options.work(stop, |work| score(&scenario.input(), folder, work))?;
        let card = read_card(&found.path)?;
        self.print(&found.path, &card)?;
        warn(&found).and(warn_of_baseline(&card, found.total))
    }

    fn print(&self, folder: &Path, card: &serde_json::Value) -> Result<(), Failure> {
        if self.options.json {
            return terminal::print(&format!("{card}\n"));
        }
        if !self.options.quiet {
            terminal::print(&text::score(card))?;
            terminal::talk(&format!("results in {}\n", folder.display()));
        }
        Ok(())
    }

    /// What is set in every bundled episode.
    fn bundled_sets(&self) -> Vec<String> {
        let mut sets = self.changes.applied_to(Input::shipped("")).all_sets();
        if self.changes.replicas.is_none() {
            sets.push(format!("run.replicas={PATTERN_REPLICAS}"));
        }
        sets
    }

    fn patterns(&self, stop: &AtomicBool) -> Result<(Vec<PatternResult>, Missing), Failure> {
        let mut runs = Vec::new();
        let mut missing =
            Missing { failures: Failures::default(), tried: 0, what: "replicas of the episodes of patterns" };
        for (episode, variant) in PATTERN_RUNS {
            let scenario = load_bundled(episode, &self.bundled_sets(), variant)?.scenario;
            let run = episode_runs(episode, &scenario, self.running(stop))?;
            missing.tried += run.count(&mut missing.failures);
            runs.push(run);
        }
        missing.none_left()?;
        Ok((patterns(&runs), missing))
    }

    fn print_patterns(&self, stop: &AtomicBool) -> Result<(), Failure> {
        let (results, missing) = self.patterns(stop)?;
        if self.options.json {
            let text = serde_json::to_string(&results).map_err(|error| Failure::Bug(error.to_string()))?;
            terminal::print(&format!("{text}\n"))?;
        } else {
            terminal::print(&text::patterns(&results))?;
        }
        missing.warn()
    }
}

/// What could not be run, of how many, where no file is written.
struct Missing {
    failures: Failures,
    tried: u64,
    what: &'static str,
}

impl Missing {
    fn warn(&self) -> Result<(), Failure> {
        warn_of(&self.failures, self.tried, self.what, None)
    }

    fn none_left(&self) -> Result<(), Failure> {
        if self.failures.count == self.tried { Err(none_left(&self.failures, self.what)) } else { Ok(()) }
    }
}

fn read_card(folder: &Path) -> Result<serde_json::Value, Failure> {
    let path = folder.join(SCORE);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Failure::Disk(format!("cannot read {}: {error}", path.display())))?;
    serde_json::from_str(&text).map_err(|error| Failure::Disk(format!("{} is damaged: {error}", path.display())))
}

/// Warns of replicas without hysteresis that could not be run.
fn warn_of_baseline(card: &serde_json::Value, replicas: u64) -> Result<(), Failure> {
    let failed: Vec<FailedReplica> = serde_json::from_value(card["no_hysteresis_failed"].clone()).unwrap_or_default();
    let mut failures = Failures::default();
    for FailedReplica { replica, reason, is_bug, .. } in &failed {
        failures.add(reason, *is_bug, || format!("replica {replica}"));
    }
    warn_of(&failures, replicas, "replicas of the baseline without hysteresis", Some(SCORE))
}
