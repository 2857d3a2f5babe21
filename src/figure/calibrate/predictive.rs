//! Posterior predictive distribution of each episode: hashrate by epoch, with the observed hashrate.

use std::{borrow::Cow, sync::Arc};

use crate::{
    figure::{
        parts::{Across, Dash, Figure, Layer, Panel, Shape, Sign, Weight},
        style,
    },
    report::{
        bands::{Band, Fan},
        calibration::{Posterior, Predicted},
    },
};

pub(super) fn predictive(posterior: &Posterior) -> Figure<'_> {
    let words = posterior.episodes.iter().map(|episode| {
        let within = |&&(_, seen, [low, .., high]): &&(f64, f64, [f64; 5])| seen >= low && seen <= high;
        let inside = episode.epochs.iter().filter(within).count();
        format!("{}: {inside} of {} observed epochs lie within the 90 % band", episode.name, episode.epochs.len())
    });
    let alt = words.collect::<Vec<_>>().join(". ") + ".";
    let across = Across::Number { quantity: String::new(), unit: String::new() };
    let panels = posterior.episodes.iter().map(panel).collect();
    let title = "Posterior predictive and observation: hashrate by epoch";
    Figure { alt, fans_of: Some("posterior draws"), ..Figure::new("predictive", title, across, panels) }
}

fn panel(episode: &Predicted) -> Panel<'_> {
    let days: Arc<[f64]> = episode.epochs.iter().map(|(days, ..)| *days).collect();
    let seen: Vec<f64> = episode.epochs.iter().map(|(_, seen, _)| *seen).collect();
    let quantile = |which: usize| episode.epochs.iter().map(|(_, _, quantiles)| quantiles[which]).collect::<Vec<_>>();
    let [p05, p25, p50, p75, p95] = std::array::from_fn(quantile);
    let band = Band { fan: Fan { p05, p25, p50, p75, p95 }, paths: Vec::new() };
    let mut panel = Panel::new("Hashrate", "EH/s")
        .with(Layer::new("", style::HASHRATE, &days, Shape::Fan(Cow::Owned(band))))
        .with(Layer::line("observed", style::INK, &days, seen.clone()).drawn(Dash::Solid, Weight::Light))
        .with(Layer::new("", style::INK, &days, Shape::Points(seen, Sign::Diamond)));
    panel.across =
        Some(Across::Number { quantity: format!("{}: days from its start", episode.name), unit: String::new() });
    panel
}
