//! The tables of the book's chapter on validation, in Markdown.

use super::text::{number, verdict};
use crate::study::score::{
    Ablation, BASELINES, Hindcast, HindcastScore, OUTCOMES, PatternResult, ScoreCard, is_no_fall,
};
use std::fmt::Write as _;

/// Scores of every hindcast of the protocol, and their outcomes. One that cannot be scored has a row that says so.
pub fn hindcasts(found: &[HindcastScore]) -> String {
    let mut scores =
        String::from("| episode | costs | epochs | RMSE | bias | CRPS | in 50 % | in 90 % | retargets: RMSE |");
    for name in BASELINES {
        let _ = write!(scores, " {} |", name.replace('_', " "));
    }
    scores.push_str(" less no hysteresis ± s.e. |\n|---|---|");
    scores.push_str(&"---:|".repeat(8 + BASELINES.len()));
    scores.push('\n');
    let mut outcomes = String::from("\n| episode | costs |");
    for (name, unit) in OUTCOMES {
        let unit = if unit.is_empty() { String::new() } else { format!(", {unit}") };
        let _ = write!(outcomes, " {}{unit} |", name.replace("_days", "").replace('_', " "));
    }
    outcomes.push_str("\n|---|---|");
    outcomes.push_str(&"---:|".repeat(OUTCOMES.len()));
    outcomes.push('\n');
    for HindcastScore { hindcast: Hindcast { episode, costs, .. }, card } in found {
        if let Some(card) = card {
            score_row(&mut scores, episode, costs, card);
            outcome_row(&mut outcomes, episode, costs, card);
        } else {
            for (table, cells) in [(&mut scores, 8 + BASELINES.len()), (&mut outcomes, OUTCOMES.len())] {
                let _ = writeln!(table, "| `{episode}` | {costs}: could not be scored |{}", " – |".repeat(cells));
            }
        }
    }
    scores + &outcomes
}

// Writing into a string cannot fail.
fn score_row(text: &mut String, episode: &str, costs: &str, card: &ScoreCard) {
    let _ = write!(
        text,
        "| `{episode}` | {costs} | {} | {:.3} | {:.3} | {:.3} | {:.2} | {:.2} | {:.3} |",
        card.scored_epochs,
        card.rmse_ln_h,
        card.bias_ln_h,
        card.crps,
        card.coverage.half,
        card.coverage.most,
        card.retarget.rmse
    );
    for name in BASELINES {
        let score = card.baselines.get(name).and_then(Option::as_ref);
        let cell = score.map_or_else(|| "–".to_owned(), |score| format!("{:.3}", score.rmse_ln_h));
        let _ = write!(text, " {cell} |");
    }
    let curve = card.baselines.get("no_hysteresis").and_then(Option::as_ref);
    let cell =
        curve.and_then(|curve| Some(format!("{:+.3} ± {:.3}", curve.model_less_baseline, curve.standard_error?)));
    let _ = writeln!(text, " {} |", cell.unwrap_or_else(|| "–".to_owned()));
}

fn outcome_row(text: &mut String, episode: &str, costs: &str, card: &ScoreCard) {
    let _ = write!(text, "| `{episode}` | {costs} |");
    for (name, unit) in OUTCOMES {
        let decimals = if unit.is_empty() { 3 } else { 1 };
        let shown = |value: Option<f64>| match value {
            None => "never".to_owned(),
            Some(value) if is_no_fall(name, value) => "no fall".to_owned(),
            Some(value) => format!("{value:.decimals$}"),
        };
        let cell = card.outcomes.get(name).map(|outcome| {
            format!(
                "{}: {} ({}, {})",
                shown(outcome.observed),
                shown(outcome.p50),
                shown(outcome.p05),
                shown(outcome.p95)
            )
        });
        let _ = write!(text, " {} |", cell.unwrap_or_default());
    }
    text.push('\n');
}

/// Patterns, bands and ablations.
pub fn pattern_table(results: &[PatternResult]) -> String {
    let ablations = Ablation::ALL.map(Ablation::name);
    let mut text = String::from("\n| id | episode | measured | observed | band | result | |");
    for name in ablations {
        let _ = write!(text, " {name} |");
    }
    text.push_str("\n|---|---|---|---:|---:|---:|---|");
    text.push_str(&"---:|".repeat(ablations.len()));
    text.push('\n');
    for row in results {
        let (pattern, (result, verdict)) = (&row.pattern, verdict(row));
        let _ = write!(
            text,
            "| {} | `{}` | {} | {} | {} to {} | {result} | {verdict} |",
            pattern.id,
            pattern.episode,
            pattern.what,
            number(Some(pattern.observed)),
            number(Some(pattern.low)),
            number(Some(pattern.high))
        );
        for name in ablations {
            let found = row.ablations.iter().find(|(ablation, _)| *ablation == name);
            let _ = write!(text, " {} |", found.map_or_else(String::new, |(_, value)| number(*value)));
        }
        text.push('\n');
    }
    text
}
