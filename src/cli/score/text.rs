//! Scores and patterns for a terminal.

use crate::study::score::{Ablation, BASELINES, OUTCOMES, PatternResult, is_no_fall};
use std::fmt::Write as _;

/// A number of a score card, or a dash.
fn shown(value: &serde_json::Value, decimals: usize) -> String {
    value.as_f64().map_or_else(|| "–".to_owned(), |value| format!("{value:.decimals$}"))
}

/// The score card for a terminal.
pub fn score(card: &serde_json::Value) -> String {
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
        let shown = |value: &serde_json::Value| match value.as_f64() {
            Some(number) if is_no_fall(name, number) => "no fall".to_owned(),
            _ => shown(value, decimals),
        };
        let label = if unit.is_empty() { name.to_owned() } else { format!("{name}, {unit}") };
        line(format_args!(
            "{:<26} {:>8} {:>8} {:>8} {:>8}",
            label.replace("_days,", ",").replace('_', " "),
            shown(&outcome["observed"]),
            shown(&outcome["p05"]),
            shown(&outcome["p50"]),
            shown(&outcome["p95"])
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

/// A measure of a pattern, or a dash.
pub fn number(value: Option<f64>) -> String {
    match value {
        None => "–".to_owned(),
        Some(value) if value.abs() < 2.0 => format!("{value:.2}"),
        Some(value) => format!("{value:.1}"),
    }
}

/// The result of a pattern, and the verdict.
pub fn verdict(row: &PatternResult) -> (String, &'static str) {
    match (row.pass, row.result) {
        (None, _) => ("–".to_owned(), "not measured"),
        (Some(false), None) => ("never".to_owned(), "miss"),
        (Some(false), result) => (number(result), "miss"),
        (Some(true), result) => (number(result), "pass"),
    }
}

/// The pattern table for a terminal.
pub fn patterns(results: &[PatternResult]) -> String {
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
        let pattern = &row.pattern;
        let band = format!("{}…{}", number(Some(pattern.low)), number(Some(pattern.high)));
        let (result, verdict) = verdict(row);
        let _ = write!(
            text,
            "{:<4} {:<23} {:<46} {:>8} {band:>15} {result:>8} {verdict:<5}",
            pattern.id,
            pattern.episode,
            pattern.what,
            number(Some(pattern.observed)),
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
