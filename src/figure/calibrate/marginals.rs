//! Each parameter by itself: its posterior as bars, its prior as a line.

use crate::{
    figure::{
        parts::{Across, Dash, Figure, Layer, Panel, Shape, Sign, Weight},
        style,
        svg::axis::ValueAxis,
    },
    report::{
        calibration::{Fitted, Posterior},
        number::human,
    },
    study::calibrate::Prior,
};

/// Number of bars of a posterior.
const BARS: u32 = 24;
/// Points of the line of a prior.
const POINTS: u32 = 60;

pub(super) fn marginals(posterior: &Posterior) -> Figure<'_> {
    let words = posterior.parameters.iter().map(|fitted| {
        let truth = fitted.truth.map_or_else(String::new, |truth| format!(", truth {}", human(truth)));
        format!("{}: posterior median {}{truth}", fitted.name, human(fitted.median))
    });
    let (title, reach) = if posterior.reaches_data {
        ("Parameters before and after the fit", "")
    } else {
        ("Parameters before and after a fit that does not reach the data", " The fit does not reach the data.")
    };
    let alt = format!("{}.{reach}", words.collect::<Vec<_>>().join(". "));
    let across = Across::Number { quantity: String::new(), unit: String::new() };
    Figure { alt, ..Figure::new("marginals", title, across, posterior.parameters.iter().map(panel).collect()) }
}

fn panel(fitted: &Fitted) -> Panel<'_> {
    let scale = Scale::of(&fitted.prior);
    let edges = (0..=BARS).map(|bar| scale.value(f64::from(bar) / f64::from(BARS))).collect();
    let mut bars = bars(fitted, &scale);
    bars.push(bars[bars.len() - 1]);
    let line = prior_line(&fitted.prior, &scale);
    let tallest = bars.iter().chain(&line).copied().fold(0.0, f64::max);
    let middles = (0..POINTS).map(|point| scale.value((f64::from(point) + 0.5) / f64::from(POINTS))).collect();
    let posterior = style::pale(style::HASHRATE, 40);
    let mut panel = Panel::new("", "")
        .with(Layer::new("posterior", posterior, &edges, Shape::Stack(bars, false)).in_steps())
        .with(Layer::line("prior", style::NEUTRAL, &middles, line).drawn(Dash::Solid, Weight::Light));
    if let Some(truth) = fitted.truth {
        let truth = Layer::line("truth (in dashes)", style::STRESS, &[truth, truth].into(), vec![0.0, tallest]);
        panel.layers.push(truth.drawn(Dash::Dashed, Weight::Light));
    }
    let median = Shape::Points(vec![0.0], Sign::Diamond);
    panel.layers.push(Layer::new("posterior median", style::INK, &[fitted.median].into(), median));
    panel.across = Some(Across::Number { quantity: fitted.name.clone(), unit: String::new() });
    panel
}

/// Position between 0 and 1 within the support of a prior; on a logarithmic axis, equal ratios have equal distances.
struct Scale {
    low: f64,
    high: f64,
    is_log: bool,
}

impl Scale {
    fn of(&Prior { low, high, .. }: &Prior) -> Self {
        Self { low, high, is_log: ValueAxis::over([low, high], 5).is_log() }
    }

    fn value(&self, share: f64) -> f64 {
        let Self { low, high, is_log } = *self;
        if is_log { low * libm::pow(high / low, share) } else { low + (high - low) * share }
    }

    fn share(&self, value: f64) -> f64 {
        let Self { low, high, is_log } = *self;
        if is_log { libm::log(value / low) / libm::log(high / low) } else { (value - low) / (high - low) }
    }
}

/// Density along the axis, bar by bar.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place among the bars")]
fn bars(fitted: &Fitted, scale: &Scale) -> Vec<f64> {
    let mut bars = vec![0.0; BARS as usize];
    for (&value, weight) in fitted.values.iter().zip(&fitted.weights) {
        let place = (scale.share(value) * f64::from(BARS)).max(0.0) as usize;
        bars[place.min(BARS as usize - 1)] += weight * f64::from(BARS);
    }
    bars
}

/// The prior's density along the axis, by differences of its own coordinate.
fn prior_line(prior: &Prior, scale: &Scale) -> Vec<f64> {
    // The axis may be straight where the prior's coordinate is a logarithm, or the other way round.
    let coordinate = |point: u32| prior.coordinate(scale.value(f64::from(point) / f64::from(POINTS)));
    let line = (0..POINTS).map(|point| {
        let (from, to) = (coordinate(point), coordinate(point + 1));
        prior.density(f64::midpoint(from, to)) * (to - from)
    });
    let line: Vec<f64> = line.collect();
    let mean = line.iter().sum::<f64>() / f64::from(POINTS);
    line.into_iter().map(|density| density / mean).collect()
}
