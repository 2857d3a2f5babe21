//! Ranks of the true values in their posteriors: they are uniform if the sampler is correct.

use std::sync::Arc;

use crate::{
    figure::{
        parts::{Across, Dash, Figure, Layer, Panel, Shape, Weight},
        style,
    },
    report::calibration::{Ranked, Ranks},
    study::calibrate::RANK_DRAWS,
};

/// Half of a 99 % interval, in standard deviations.
const Z: f64 = 2.575_829_303_548_901;

pub(super) fn histograms(ranks: &Ranks) -> Figure<'_> {
    let words = ranks.parameters.iter().map(|ranked| {
        let bins: Vec<String> = ranked.bins.iter().map(u64::to_string).collect();
        format!("{}: {}, p = {:.3}", ranked.name, bins.join(" "), ranked.p_value)
    });
    let alt = words.collect::<Vec<_>>().join(". ") + ".";
    let across = Across::Number { quantity: String::new(), unit: String::new() };
    let panels = ranks.parameters.iter().map(|ranked| panel(ranked, ranks.truths)).collect();
    Figure { alt, ..Figure::new("ranks", "Ranks of true values in their posteriors", across, panels) }
}

#[expect(clippy::cast_precision_loss, reason = "a number of ranks")]
fn panel(ranked: &Ranked, truths: u64) -> Panel<'_> {
    let (bins, most) = (ranked.bins.len() as f64, (RANK_DRAWS + 1) as f64);
    let expected = truths as f64 / bins;
    let half = Z * libm::sqrt(expected * (1.0 - 1.0 / bins));
    let edges: Arc<[f64]> = (0..=ranked.bins.len()).map(|edge| most * edge as f64 / bins).collect();
    let found = ranked.bins.iter().chain(ranked.bins.last()).map(|&found| found as f64).collect();
    let level = |name: &str, dash, height: f64| {
        Layer::line(name, style::INK, &[0.0, most].into(), vec![height; 2]).drawn(dash, Weight::Light)
    };
    let mut panel = Panel::new("Truths", "")
        .with(
            Layer::new(
                "true values of each rank",
                style::pale(style::HASHRATE, 40),
                &edges,
                Shape::Stack(found, false),
            )
            .in_steps(),
        )
        .with(level("even", Dash::Solid, expected))
        .with(level("99 % of uniform samples", Dash::Dashed, expected + half))
        .with(level("99 % of uniform samples", Dash::Dashed, (expected - half).max(0.0)));
    let quantity = format!("rank of {} (p = {:.3})", ranked.name, ranked.p_value);
    panel.across = Some(Across::Number { quantity, unit: String::new() });
    panel
}
