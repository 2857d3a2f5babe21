//! The tables of the book's chapter on validation, in Markdown.

use super::super::failure::Failure;
use super::{
    Missing,
    text::{number, verdict},
};
use crate::{
    scenario::load_bundled,
    study::{
        Failures,
        score::{
            Ablation, BASELINES, HINDCASTS, Hindcast, OUTCOMES, PatternResult, Reference, Running, ScoreCard, Watched,
            is_no_fall, score_card, seen_paths,
        },
    },
};
use std::fmt::Write as _;

/// Scores of every hindcast of the protocol, and their outcomes. One that cannot be scored has a row that says so.
pub fn hindcasts(sets: &[String], running: Running<'_>) -> Result<(String, Missing), Failure> {
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
    let mut missing = Missing { failures: Failures::default(), tried: 0, what: "replicas of hindcasts" };
    for hindcast in HINDCASTS {
        let Hindcast { episode, costs, .. } = hindcast;
        if let Some(card) = scored(hindcast, sets, running, &mut missing)? {
            score_row(&mut scores, episode, costs, &card);
            outcome_row(&mut outcomes, episode, costs, &card);
        } else {
            for (table, cells) in [(&mut scores, 8 + BASELINES.len()), (&mut outcomes, OUTCOMES.len())] {
                let _ = writeln!(table, "| `{episode}` | {costs}: could not be scored |{}", " – |".repeat(cells));
            }
        }
    }
    missing.none_left()?;
    Ok((scores + &outcomes, missing))
}

/// A hindcast's scores, over the replicas that could be run; none where no epoch can be scored.
fn scored(
    hindcast: Hindcast,
    sets: &[String],
    running: Running<'_>,
    missing: &mut Missing,
) -> Result<Option<ScoreCard>, Failure> {
    let Hindcast { episode, variant, costs, set } = hindcast;
    let sets: Vec<String> = sets.iter().cloned().chain(set.map(str::to_owned)).collect();
    let resolved = load_bundled(episode, &sets, variant)?;
    let reference = Reference::new(&resolved.scenario, resolved.observed.as_ref())
        .map_err(|error| Failure::Bug(format!("{episode}: {error}")))?;
    let simulated = seen_paths(&resolved.scenario, running)?;
    let (what, replicas) = (format!("{episode}, {costs}"), resolved.scenario.run.replicas);
    missing.tried += replicas;
    simulated.count(&what, &mut missing.failures);
    let card = score_card(&resolved, &reference, (&simulated.histories, simulated.failed.len() as u64), running)?;
    if let Some(card) = &card {
        missing.tried += replicas;
        let baseline = Watched::<()> { histories: Vec::new(), failed: card.no_hysteresis_failed.clone() };
        baseline.count(&format!("{what}, no hysteresis"), &mut missing.failures);
    }
    Ok(card)
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
        let (result, verdict) = verdict(row);
        let _ = write!(
            text,
            "| {} | `{}` | {} | {} | {} to {} | {result} | {verdict} |",
            row.id,
            row.episode,
            row.what,
            number(Some(row.observed)),
            number(Some(row.low)),
            number(Some(row.high))
        );
        for name in ablations {
            let found = row.ablations.iter().find(|(ablation, _)| *ablation == name);
            let _ = write!(text, " {} |", found.map_or_else(String::new, |(_, value)| number(*value)));
        }
        text.push('\n');
    }
    text
}
