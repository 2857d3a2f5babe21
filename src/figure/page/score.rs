//! What `shakeout score` leaves in a result folder: the history in the fan, errors beside baselines, outcomes.

use std::{borrow::Cow, collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use super::{
    block::Block,
    placed::{Placed, placed},
};
use crate::{
    figure::{
        parts::{Across, Dash, Figure, Layer, Panel, Shape, Weight, instants},
        style,
    },
    report::{
        ReportError,
        bands::{Band, Fan},
        number::human,
        summary::read_json,
    },
    study::score::is_no_fall,
};

/// The parts of `score.json` that a page shows.
#[derive(Deserialize)]
struct Card {
    replicas: usize,
    scored_epochs: u64,
    unscored_epochs: u64,
    poisson_noise: f64,
    rmse_ln_h: f64,
    bias_ln_h: f64,
    crps: f64,
    coverage: BTreeMap<String, f64>,
    outcomes: BTreeMap<String, Outcome>,
    baselines: BTreeMap<String, Option<Baseline>>,
    path: Vec<Epoch>,
}

#[derive(Deserialize)]
struct Outcome {
    unit: String,
    observed: Option<f64>,
    p05: Option<f64>,
    p50: Option<f64>,
    p95: Option<f64>,
}

#[derive(Deserialize)]
struct Baseline {
    rmse_ln_h: f64,
    crps: f64,
    #[serde(rename = "model_less_baseline")]
    model_less_it: f64,
    standard_error: Option<f64>,
}

#[derive(Deserialize)]
struct Epoch {
    start_time_utc: String,
    observed_eh_per_s: f64,
    quantiles_eh_per_s: [f64; 5],
}

/// The section of the page, in words.
#[derive(Serialize)]
pub(super) struct Score {
    sentence: String,
    /// Name, RMSE, CRPS, model less it, standard error; the model first.
    errors: Vec<[String; 5]>,
    /// Name, unit, observed, 5 %, median, 95 %.
    outcomes: Vec<[String; 6]>,
    pub(super) chart: Option<Placed>,
}

/// Reads `score.json`, if the folder has one, and puts its chart into the block.
pub(super) fn read(folder: &Path, block: &mut Block) -> Result<Option<Score>, ReportError> {
    let path = folder.join("score.json");
    if !path.is_file() {
        return Ok(None);
    }
    let card: Card = read_json(path)?;
    let mut score = Score {
        sentence: sentence(&card),
        errors: vec![["model".into(), human(card.rmse_ln_h), human(card.crps), "–".into(), "–".into()]],
        outcomes: card.outcomes.iter().map(|(name, outcome)| row(name, outcome)).collect(),
        chart: None,
    };
    // The nearest rival first.
    let mut rivals: Vec<_> = card.baselines.iter().filter_map(|(name, found)| Some((name, found.as_ref()?))).collect();
    rivals.sort_by(|a, b| a.1.rmse_ln_h.total_cmp(&b.1.rmse_ln_h));
    score.errors.extend(rivals.into_iter().map(|(name, baseline)| {
        [
            name.replace('_', " "),
            human(baseline.rmse_ln_h),
            human(baseline.crps),
            human(baseline.model_less_it),
            baseline.standard_error.map_or_else(|| "–".into(), human),
        ]
    }));
    if let Some(figure) = figure(&card) {
        score.chart = placed(&figure, true, block)?.pop();
    }
    Ok(Some(score))
}

fn sentence(card: &Card) -> String {
    let percent = |band: &str| card.coverage.get(band).map_or_else(|| "?".into(), |share| human(100.0 * share));
    let off = libm::expm1(card.bias_ln_h);
    let unscored = match card.unscored_epochs {
        0 => String::new(),
        number => format!(" {number} later epochs are not scored: not every replica completes them."),
    };
    format!(
        "Over {} epochs, simulated hashrate is on average {}\u{a0}% {} what was observed; the root mean square error of its \
         logarithm is {}, of which the luck of blocks explains {}. The 90\u{a0}% band holds {}\u{a0}% of the epochs, the \
         50\u{a0}% band {}\u{a0}%.{unscored}",
        card.scored_epochs,
        human(100.0 * off.abs()),
        if off < 0.0 { "below" } else { "above" },
        human(card.rmse_ln_h),
        human(card.poisson_noise),
        percent("90"),
        percent("50"),
    )
}

fn row(name: &str, outcome: &Outcome) -> [String; 6] {
    let number = |value: Option<f64>| match value {
        None => "never".into(),
        Some(value) if is_no_fall(name, value) => "no fall".into(),
        Some(value) => human(value),
    };
    let words = name.trim_end_matches("_days").replace('_', " ").replace("pct", "\u{a0}%");
    [
        words,
        outcome.unit.clone(),
        number(outcome.observed),
        number(outcome.p05),
        number(outcome.p50),
        number(outcome.p95),
    ]
}

fn figure(card: &Card) -> Option<Figure<'static>> {
    let start = |epoch: &Epoch| epoch.start_time_utc.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_second).ok();
    let times: Vec<i64> = card.path.iter().filter_map(start).collect();
    if times.len() < 2 || times.len() < card.path.len() {
        return None;
    }
    let epochs = instants(&times);
    let quantile = |which: usize| card.path.iter().map(|epoch| epoch.quantiles_eh_per_s[which]).collect::<Vec<_>>();
    let [p05, p25, p50, p75, p95] = std::array::from_fn(quantile);
    let band = Band { fan: Fan { p05, p25, p50, p75, p95 }, paths: Vec::new() };
    let observed = card.path.iter().map(|epoch| epoch.observed_eh_per_s).collect();
    let title = "Observed history and simulated bands";
    let panel = Panel::new("Hashrate", "EH/s")
        .said(
            title,
            "Hashrate by epoch, inferred from difficulty and duration alike; epochs are those of the same height, at the time at which \
             the real one began.",
        )
        .with(Layer::new("", style::HASHRATE, &epochs, Shape::Fan(Cow::Owned(band))))
        .with(Layer::line("observed", style::INK, &epochs, observed).drawn(Dash::Solid, Weight::Light));
    let span = Across::Time(epochs[0], epochs[epochs.len() - 1]);
    let panels = vec![Panel { is_wide: true, ..panel }];
    Some(Figure { alt: sentence(card), replicas: card.replicas, ..Figure::new("score", title, span, panels) })
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;

    use super::*;

    pub(in crate::figure::page) const CARD: &str = r#"{"title":"2018 crash","seed":42,"replicas":8,"scored_epochs":3,"unscored_epochs":1,
"poisson_noise":0.022,"rmse_ln_h":0.083,"bias_ln_h":-0.051293,"crps":0.051,"coverage":{"50":0.333,"90":0.667},"pit":[1,0,0,0,1,0,0,0,0,1],
"retarget":{"rmse":0.05,"bias":0,"crps":0.03,"coverage":{"50":0.5,"90":1},"pit":[0,0,0,0,0,0,0,0,0,0]},
"outcomes":{"trough_share":{"unit":"","observed":0.685,"p05":0.75,"p50":0.8,"p95":0.84},"days_to_95pct":{"unit":"d","observed":null,"p05":150,"p50":232,"p95":null}},
"baselines":{"constant":{"rmse_ln_h":0.2,"crps":0.18,"model_less_baseline":-0.117,"standard_error":0.03,"law":null},"regression":null,
"no_hysteresis":{"rmse_ln_h":0.06,"crps":0.04,"model_less_baseline":0.023,"standard_error":null,"law":null}},
"path":[{"height":542304,"start_time_utc":"2018-09-24T00:00:00Z","observed_eh_per_s":53.3,"quantiles_eh_per_s":[50,51,52,53,54]},
{"height":544320,"start_time_utc":"2018-10-08T00:00:00Z","observed_eh_per_s":51,"quantiles_eh_per_s":[49,50,51,52,53]},
{"height":546336,"start_time_utc":"2018-10-23T00:00:00Z","observed_eh_per_s":36.5,"quantiles_eh_per_s":[40,41,42,43,44]}]}"#;

    #[test]
    fn a_score_is_shown_with_its_baselines_and_its_chart() {
        let folder = tempfile::tempdir().unwrap();
        let mut block = Block::default();
        assert!(read(folder.path(), &mut block).unwrap().is_none());
        fs::write(folder.path().join("score.json"), CARD).unwrap();
        let score = read(folder.path(), &mut block).unwrap().unwrap();
        assert!(
            score.sentence.starts_with("Over 3 epochs, simulated hashrate is on average 5.00\u{a0}% below"),
            "{}",
            score.sentence
        );
        let names: Vec<_> = score.errors.iter().map(|row| &*row[0]).collect();
        assert_eq!(names, ["model", "no hysteresis", "constant"]);
        assert_eq!(score.outcomes[0], ["days to 95\u{a0}%", "d", "never", "150", "232", "never"]);
        assert_eq!((score.chart.is_some(), block.to_json().matches("\"kind\":").count()), (true, 1 + 4));
    }
}
