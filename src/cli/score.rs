use super::{
    failure::Failure,
    options::{Changes, Events, RunOptions, ScenarioOptions, WorkOptions},
    run::{Addition, Phases, Run},
    terminal,
};
use crate::{
    experiment::score::{
        Ablation, BASELINES, EPISODES, EpisodeRuns, EpochWatch, Evidence, OUTCOMES, PATTERN_REPLICAS, PatternResult,
        PatternWatch, Reference, Regression, ScoreCard, other_episodes, patterns, watch,
    },
    output::{disk::write_whole, seen::seen_epochs},
    scenario::{Resolved, Scenario, load_bundled},
};
use clap::Args;
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

/// The file of scores in a result folder.
const SCORE: &str = "score.json";

const PROTOCOL: &str = "\
Errors are of ln hashrate as inferred from difficulty and the length of epochs, of simulated blocks as of real ones; epochs are \
aligned by height. The chapter `protocol` of the book has every definition. --patterns runs the bundled episodes, needs no file, \
and writes none.";

/// Hold a scenario against its history.
#[derive(Debug, Args)]
#[command(after_help = PROTOCOL)]
pub struct Score {
    /// The scenario file, with the table [observed]
    #[arg(required_unless_present = "patterns", conflicts_with = "patterns")]
    scenario: Option<PathBuf>,
    /// Run all bundled episodes, and print which patterns of history are met, also with single mechanisms off
    #[arg(long, conflicts_with_all = ["sets", "variant"])]
    patterns: bool,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    options: WorkOptions,
}

impl Score {
    pub fn call(&self) -> Result<(), Failure> {
        let stop = terminal::stop_flag()?;
        match &self.scenario {
            Some(path) => self.score(path, &stop),
            None => self.pattern_table(&stop),
        }
    }

    fn score(&self, path: &Path, stop: &AtomicBool) -> Result<(), Failure> {
        let phases = Phases::begin();
        let run = Run {
            scenario: ScenarioOptions { scenario: path.to_owned(), changes: self.changes.clone() },
            options: self.options.clone(),
            own: RunOptions { tables: None, events: Events::Some, write_population: None },
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
        let scenario = &resolved.scenario;
        let simulated = seen_epochs(result, scenario.run.start)?;
        let curve = Ablation::NoHysteresis.applied(scenario);
        let watched =
            watch(curve.as_ref().unwrap_or(scenario), self.options.threads(), stop, |_| EpochWatch::default())?;
        let no_hysteresis: Vec<_> = watched.into_iter().map(|history| history.epochs).collect();
        let regression = Regression::fit(&other_episodes(resolved));
        let evidence = Evidence {
            scenario,
            reference,
            simulated: &simulated,
            no_hysteresis: &no_hysteresis,
            regression: regression.as_ref(),
        };
        let card = ScoreCard::new(&evidence).ok_or_else(|| {
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
            terminal::print(&as_table(&card))?;
            terminal::talk(&format!("results in {}\n", folder.display()));
        }
        Ok(())
    }

    fn pattern_table(&self, stop: &AtomicBool) -> Result<(), Failure> {
        let mut sets = self.changes.all_sets();
        if self.changes.replicas.is_none() {
            sets.push(format!("run.replicas={PATTERN_REPLICAS}"));
        }
        let mut runs = Vec::new();
        for episode in EPISODES {
            if !self.options.quiet {
                terminal::talk(&format!("{episode}\n"));
            }
            let scenario = load_bundled(episode, &sets, None)?.scenario;
            let histories = |scenario: &Scenario| watch(scenario, self.options.threads(), stop, PatternWatch::new);
            let mut ablated = Vec::new();
            for ablation in Ablation::ALL {
                if let Some(changed) = ablation.applied(&scenario) {
                    ablated.push((ablation, histories(&changed)?));
                }
            }
            runs.push(EpisodeRuns { episode, written: histories(&scenario)?, ablated });
        }
        let results = patterns(&runs);
        if self.options.json {
            let text = serde_json::to_string(&results).map_err(|error| Failure::Bug(error.to_string()))?;
            return terminal::print(&format!("{text}\n"));
        }
        terminal::print(&pattern_text(&results))
    }
}

/// A number of a score card, or a dash.
fn shown(value: &serde_json::Value, decimals: usize) -> String {
    value.as_f64().map_or_else(|| "–".to_owned(), |value| format!("{value:.decimals$}"))
}

/// The score card for a terminal.
fn as_table(card: &serde_json::Value) -> String {
    let mut text = String::new();
    let mut line = |words: std::fmt::Arguments<'_>| {
        // Writing into a string cannot fail.
        let _ = text.write_fmt(words);
        text.push('\n');
    };
    line(format_args!("{}", card["title"].as_str().unwrap_or_default()));
    line(format_args!(
        "{} epochs scored, {} replicas, seed {}; luck of blocks alone {:.3}",
        card["scored_epochs"],
        card["replicas"],
        card["seed"],
        card["poisson_noise"].as_f64().unwrap_or_default()
    ));
    if card["unscored_epochs"] != 0 {
        line(format_args!(
            "{} later epochs are not scored: not every replica completes them within `run.days`",
            card["unscored_epochs"]
        ));
    }
    line(format_args!("\n{:<26} {:>8} {:>8} {:>8} {:>8}", "", "RMSE", "CRPS", "in 50 %", "in 90 %"));
    for (name, skill, rmse) in [("ln hashrate", card, "rmse_ln_h"), ("ln retarget", &card["retarget"], "rmse")] {
        let coverage = &skill["coverage"];
        line(format_args!(
            "{name:<26} {:>8} {:>8} {:>8} {:>8}",
            shown(&skill[rmse], 3),
            shown(&skill["crps"], 3),
            shown(&coverage["50"], 2),
            shown(&coverage["90"], 2)
        ));
    }
    line(format_args!(
        "\n{:<26} {:>8} {:>8} {:>8} {:>8}",
        "baselines of ln hashrate", "RMSE", "CRPS", "model–it", "± s.e."
    ));
    for name in BASELINES {
        let baseline = &card["baselines"][name];
        line(format_args!(
            "{:<26} {:>8} {:>8} {:>8} {:>8}",
            name.replace('_', " "),
            shown(&baseline["rmse_ln_h"], 3),
            shown(&baseline["crps"], 3),
            shown(&baseline["model_less_baseline"], 3),
            shown(&baseline["standard_error"], 3)
        ));
    }
    line(format_args!("\n{:<26} {:>8} {:>8} {:>8} {:>8}", "outcomes", "observed", "5 %", "median", "95 %"));
    for (name, unit) in OUTCOMES {
        let outcome = &card["outcomes"][name];
        let decimals = if unit.is_empty() { 3 } else { 1 };
        let name = if unit.is_empty() { name.to_owned() } else { format!("{name}, {unit}") };
        line(format_args!(
            "{:<26} {:>8} {:>8} {:>8} {:>8}",
            name.replace("_days,", ",").replace('_', " "),
            shown(&outcome["observed"], decimals),
            shown(&outcome["p05"], decimals),
            shown(&outcome["p50"], decimals),
            shown(&outcome["p95"], decimals)
        ));
    }
    line(format_args!(
        "\n{:<8} {:<10} {:>8} {:>8} {:>8} {:>8} {:>6}",
        "height", "from", "observed", "5 %", "median", "95 %", "PIT"
    ));
    for epoch in card["path"].as_array().into_iter().flatten() {
        let quantiles = &epoch["quantiles_eh_per_s"];
        line(format_args!(
            "{:<8} {:<10} {:>8} {:>8} {:>8} {:>8} {:>6}",
            epoch["height"],
            epoch["start_time_utc"].as_str().unwrap_or_default().get(..10).unwrap_or_default(),
            shown(&epoch["observed_eh_per_s"], 1),
            shown(&quantiles[0], 1),
            shown(&quantiles[2], 1),
            shown(&quantiles[4], 1),
            shown(&epoch["pit"], 2)
        ));
    }
    text
}

/// The pattern table for a terminal.
fn pattern_text(results: &[PatternResult]) -> String {
    let number = |value: Option<f64>| match value {
        None => "–".to_owned(),
        Some(value) if value.abs() < 2.0 => format!("{value:.2}"),
        Some(value) => format!("{value:.1}"),
    };
    let ablations = Ablation::ALL.map(Ablation::name);
    let mut text = format!(
        "{:<4} {:<23} {:<46} {:>8} {:>15} {:>8} {:<5}",
        "", "episode", "pattern", "observed", "band", "result", ""
    );
    for name in ablations {
        let _ = write!(text, " {name:>17}");
    }
    text.push('\n');
    for row in results {
        let band = format!("{}…{}", number(Some(row.low)), number(Some(row.high)));
        let verdict = match (row.pass, row.result) {
            (Some(true), _) => "pass",
            (Some(false), _) => "miss",
            (None, _) => "",
        };
        let result = if row.pass.is_some() && row.result.is_none() { "never".to_owned() } else { number(row.result) };
        let _ = write!(
            text,
            "{:<4} {:<23} {:<46} {:>8} {band:>15} {result:>8} {verdict:<5}",
            row.id,
            row.episode,
            row.what,
            number(Some(row.observed)),
        );
        for name in ablations {
            let found = row.ablations.iter().find(|(ablation, _)| *ablation == name);
            let cell = match found {
                None => String::new(),
                Some((_, value)) => number(*value),
            };
            let _ = write!(text, " {cell:>17}");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    let met = results.iter().filter(|row| row.pass == Some(true)).count();
    let asked = results.iter().filter(|row| row.pass.is_some()).count();
    let _ =
        writeln!(text, "{met} of {asked} met; a blank in the last columns: the episode does not have the mechanism");
    text
}
