//! Pairs of parameters: posterior draws as dots, which show ridges.

use std::sync::Arc;

use crate::{
    figure::{
        parts::{Across, Figure, Layer, Panel, Shape, Sign},
        style,
    },
    report::calibration::{Fitted, Posterior},
};

/// A panel for each pair of parameters, over the priors of both, with their correlation in it.
pub(super) fn pairs(posterior: &Posterior) -> Figure<'_> {
    let names = &posterior.parameters;
    let (mut words, mut panels) = (Vec::new(), Vec::new());
    for (row, correlations) in posterior.correlations.iter().enumerate() {
        for (column, &correlation) in correlations.iter().enumerate().take(row) {
            words.push(format!("{} and {}: {correlation:.2}", names[column].name, names[row].name));
            panels.push(panel(&names[column], &names[row], correlation));
        }
    }
    let title = "Pairs of parameters in the posterior, and their correlations";
    let across = Across::Number { quantity: String::new(), unit: String::new() };
    let alt = format!("Correlations. {}.", words.join("; "));
    Figure { alt, is_of_pairs: true, ..Figure::new("pairs", title, across, panels) }
}

fn panel<'a>(across: &'a Fitted, up: &'a Fitted, correlation: f64) -> Panel<'a> {
    let mut draws: Vec<(f64, f64)> = across.even.iter().copied().zip(up.even.iter().copied()).collect();
    // The page needs positions in ascending order.
    draws.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
    let places: Arc<[f64]> = draws.iter().map(|draw| draw.0).collect();
    let values = draws.into_iter().map(|draw| draw.1).collect();
    let mut panel = Panel::new(&up.name, "")
        .said(&format!("{} against {}", up.name, across.name), format!("Correlation {correlation:.2}."))
        .with(Layer::new("draws of the posterior", style::HASHRATE, &places, Shape::Points(values, Sign::Dot)));
    if let (Some(x), Some(y)) = (across.truth, up.truth) {
        panel.layers.push(Layer::new("truth", style::STRESS, &[x].into(), Shape::Points(vec![y], Sign::Square)));
    }
    panel.across = Some(Across::Number { quantity: across.name.clone(), unit: String::new() });
    panel.span = Some([&across.prior, &up.prior].map(|prior| (prior.low, prior.high)));
    panel.badge = if correlation.is_finite() { format!("{correlation:.2}") } else { String::new() };
    panel
}
