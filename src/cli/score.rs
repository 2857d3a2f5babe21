mod text;
mod validation;

use super::{
    failure::Failure,
    history::HistoryOptions,
    options::{Changes, ScenarioOptions, WorkOptions},
    run::warn,
    terminal,
};
use crate::study::{
    Failures, Input, json_of,
    rolling::score_rolling,
    score::{FailedReplica, PatternScores, SCORE, Tried, score, score_hindcasts, score_patterns},
};
use crate::{
    figure::supply::{rolling_text, write_rolling},
    output::{
        bundle::NewFolder,
        shell::{flag, line},
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

/// Compare a scenario with its observed history.
#[derive(Debug, Args)]
#[command(after_help = PROTOCOL)]
pub struct Score {
    /// The scenario file, with the table [observed]
    #[arg(required_unless_present = "bundled", conflicts_with = "bundled")]
    scenario: Option<PathBuf>,
    /// Run all bundled episodes, and print which historical patterns they reproduce, also with single mechanisms switched off
    #[arg(long, group = "bundled", conflicts_with_all = ["sets", "variant", "out"])]
    patterns: bool,
    /// Score all bundled episodes by the validation protocol, and print the tables of the book's chapter on validation
    #[arg(long, group = "bundled", conflicts_with_all = ["sets", "variant", "out", "json"])]
    validation: bool,
    /// Forecast hashrate from every epoch of 2016 to 2023 by the law of hash supply, and print the tables of the book's chapter on rolling
    /// forecasts; with --out, write scores, forecasts, tables, charts and page into a new folder
    #[arg(long, group = "bundled", conflicts_with_all = ["sets", "variant", "json"])]
    rolling: bool,
    #[command(flatten)]
    from: HistoryOptions,
    #[command(flatten)]
    pub changes: Changes,
    #[command(flatten)]
    options: WorkOptions,
}

/// Members of the ensemble of rolling forecasts, unless `--replicas` says otherwise.
const MEMBERS: u64 = 400;

impl Score {
    pub fn call(&self) -> Result<(), Failure> {
        let stop = terminal::stop_flag()?;
        let options = &self.options;
        if let Some(path) = &self.scenario {
            return self.score(path, &stop);
        }
        if self.rolling {
            let (history, on_sale) = (self.from.history()?, self.from.on_sale()?);
            let members = self.changes.replicas.unwrap_or(MEMBERS);
            let folder = options.out.as_deref().map(NewFolder::at).transpose()?;
            let found = options.work(&stop, |work| score_rolling(&history, &on_sale, members, work))?;
            terminal::print(&rolling_text(&found))?;
            if let Some(folder) = folder {
                let command = self.rolling_command(members);
                let drawing = options.output.drawing();
                let path = write_rolling(&found, &history, (members, &command), folder, &drawing)?;
                terminal::talk(&format!("results in {}\n", path.display()));
            }
            return Ok(());
        }
        let changes = self.changes.applied_to(Input::shipped("")).all_sets();
        if self.validation {
            let hindcasts = options.work(&stop, |work| score_hindcasts(&changes, work))?;
            terminal::print(&validation::hindcasts(&hindcasts.hindcasts))?;
            let patterns = options.work(&stop, |work| score_patterns(&changes, work))?;
            terminal::print(&validation::pattern_table(&patterns.patterns))?;
            return warn_of_tried(&hindcasts.tried).and(warn_of_tried(&patterns.tried));
        }
        let PatternScores { patterns, tried } = options.work(&stop, |work| score_patterns(&changes, work))?;
        if options.json {
            let text = serde_json::to_string(&patterns).map_err(|error| Failure::Bug(error.to_string()))?;
            terminal::print(&format!("{text}\n"))?;
        } else {
            terminal::print(&text::patterns(&patterns))?;
        }
        warn_of_tried(&tried)
    }

    /// The line that makes these rolling scores again.
    fn rolling_command(&self, members: u64) -> String {
        let mut words = ["shakeout", "score", "--rolling"].map(ToOwned::to_owned).to_vec();
        words.extend((members != MEMBERS).then(|| flag("--replicas", members)).into_iter().flatten());
        words.extend(self.from.words());
        line(&words)
    }

    fn score(&self, path: &Path, stop: &Arc<AtomicBool>) -> Result<(), Failure> {
        let scenario = ScenarioOptions { scenario: path.to_owned(), changes: self.changes.clone() };
        let drawing = self.options.output.drawing();
        let folder = self.options.folder(&scenario, "-score").drawn_by(&drawing);
        let found = self.options.work(stop, |work| score(&scenario.input(), folder, work))?;
        let card = json_of(&found.path, SCORE)?;
        if self.options.json {
            terminal::print(&format!("{card}\n"))?;
        } else if !self.options.quiet {
            terminal::print(&text::score(&card))?;
            terminal::talk(&format!("results in {}\n", found.path.display()));
        }
        warn(&found).and(warn_of_baseline(&card, found.total))
    }
}

fn warn_of_tried(tried: &Tried) -> Result<(), Failure> {
    terminal::warn_of(&tried.failures, tried.total, tried.what, None)
}

/// Warns of replicas without hysteresis that could not be run.
fn warn_of_baseline(card: &serde_json::Value, replicas: u64) -> Result<(), Failure> {
    let failed: Vec<FailedReplica> = serde_json::from_value(card["no_hysteresis_failed"].clone()).unwrap_or_default();
    let mut failures = Failures::default();
    for FailedReplica { replica, reason, is_bug, .. } in &failed {
        failures.add(reason, *is_bug, || format!("replica {replica}"));
    }
    terminal::warn_of(&failures, replicas, "replicas of the baseline without hysteresis", Some(SCORE))
}
