mod rolling;
mod text;
mod validation;

use super::{
    failure::Failure,
    history::HistoryOptions,
    options::{Changes, Events, RunOptions, ScenarioOptions, WorkOptions},
    run::{Addition, Phases, Run},
    terminal,
};
use crate::{
    experiment::rolling::Rolling,
    experiment::score::{PATTERN_REPLICAS, PATTERN_RUNS, PatternResult, Reference, episode_runs, patterns, score_card},
    output::{disk::write_whole, observed::write_observed, seen::seen_epochs},
    scenario::{Resolved, load_bundled},
};
use clap::Args;
use std::{
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

/// The file of scores in a result folder.
const SCORE: &str = "score.json";

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
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.options.threads().get())
            .build()
            .map_err(|error| Failure::Input(format!("cannot start threads: {error}")))?;
        let members = self.changes.replicas.unwrap_or(rolling::MEMBERS);
        let text = pool.install(|| rolling::tables(&Rolling { history: &history, on_sale: &on_sale }, members));
        terminal::print(&text)
    }

    pub fn call(&self) -> Result<(), Failure> {
        let stop = terminal::stop_flag()?;
        match &self.scenario {
            Some(path) => self.score(path, &stop),
            None if self.rolling => self.print_rolling(),
            None if self.validation => {
                terminal::print(&validation::hindcasts(&self.bundled_sets(), self.options.threads(), &stop)?)?;
                terminal::print(&validation::pattern_table(&self.patterns(&stop)?))
            }
            None => self.print_patterns(&stop),
        }
    }

    fn score(&self, path: &Path, stop: &AtomicBool) -> Result<(), Failure> {
        let phases = Phases::begin();
        let run = Run {
            scenario: ScenarioOptions { scenario: path.to_owned(), changes: self.changes.clone() },
            options: self.options.clone(),
            own: RunOptions { tables: None, events: Events::Some, write_population: None, follow: None },
        };
        let resolved = run.scenario.load()?;
        let reference = Reference::new(&resolved.scenario, resolved.observed.as_ref())
            .map_err(|error| Failure::Input(format!("{}: {error}", path.display())))?;
        let folder = self.options.folder(&run.scenario, "-score");
        let addition = Addition { name: "score", make: &|result| self.add_score(result, &resolved, &reference, stop) };
        run.fill(&resolved, &folder, stop, Some(&addition), phases)?;
        self.print(&folder)
    }

    /// Makes `score.json` beside the finished tables of the run.
    fn add_score(
        &self,
        result: &Path,
        resolved: &Resolved,
        reference: &Reference,
        stop: &AtomicBool,
    ) -> Result<(), Failure> {
        let start = resolved.scenario.run.start;
        write_observed(&reference.epochs, start, result)?;
        let simulated = seen_epochs(result, start)?;
        let card = score_card(resolved, reference, &simulated, self.options.threads(), stop)?.ok_or_else(|| {
            Failure::Input(
                "no observed epoch is completed by every replica: lengthen `run.days`, or begin `[observed]` earlier"
                    .to_owned(),
            )
        })?;
        let text = serde_json::to_string_pretty(&card).map_err(|error| Failure::Bug(error.to_string()))?;
        Ok(write_whole(&result.join(SCORE), (text + "\n").as_bytes())?)
    }

    fn print(&self, folder: &Path) -> Result<(), Failure> {
        let path = folder.join(SCORE);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Failure::Disk(format!("cannot read {}: {error}", path.display())))?;
        let card: serde_json::Value = serde_json::from_str(&text)
            .map_err(|error| Failure::Disk(format!("{} is damaged: {error}", path.display())))?;
        if self.options.json {
            return terminal::print(&format!("{card}\n"));
        }
        if !self.options.quiet {
            terminal::print(&text::score(&card))?;
            terminal::talk(&format!("results in {}\n", folder.display()));
        }
        Ok(())
    }

    /// What is set in every bundled episode.
    fn bundled_sets(&self) -> Vec<String> {
        let mut sets = self.changes.all_sets();
        if self.changes.replicas.is_none() {
            sets.push(format!("run.replicas={PATTERN_REPLICAS}"));
        }
        sets
    }

    fn patterns(&self, stop: &AtomicBool) -> Result<Vec<PatternResult>, Failure> {
        let mut runs = Vec::new();
        for (episode, variant) in PATTERN_RUNS {
            let scenario = load_bundled(episode, &self.bundled_sets(), variant)?.scenario;
            runs.push(episode_runs(episode, &scenario, self.options.threads(), stop)?);
        }
        Ok(patterns(&runs))
    }

    fn print_patterns(&self, stop: &AtomicBool) -> Result<(), Failure> {
        let results = self.patterns(stop)?;
        if self.options.json {
            let text = serde_json::to_string(&results).map_err(|error| Failure::Bug(error.to_string()))?;
            return terminal::print(&format!("{text}\n"));
        }
        terminal::print(&text::patterns(&results))
    }
}
