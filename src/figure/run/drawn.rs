use std::sync::Arc;

use super::{Figure, Layer, Panel, Part, RunSeries, Shape, instants, style};
use crate::{
    figure::parts::{Across, Sign},
    output::uncertain::{Correlation, HangsOn},
    report::{bands::Fan, drawn::DrawnFans},
};

/// Name of the band of histories with drawn assumptions.
pub(super) const DRAWN_BAND: &str = "90\u{a0}% with drawn assumptions";

/// Maximum number of assumptions in one chart.
const MOST: usize = 12;

/// The 90 % band of histories with drawn assumptions, to be drawn below that of luck alone.
pub(super) fn drawn_band<'a>(
    run: &RunSeries,
    of: fn(&DrawnFans) -> &Fan,
    colour: plotters::style::RGBColor,
) -> Option<Layer<'a>> {
    let fan = of(run.drawn.as_ref()?);
    let area = Shape::Area(fan.p05.clone(), fan.p95.clone(), style::PALEST);
    Some(Layer::new(DRAWN_BAND, colour, &instants(&run.grid.times), area))
}

/// What the caption says of that band; nothing without drawn assumptions.
pub(super) fn drawn_note(run: &RunSeries) -> &'static str {
    if run.drawn.is_none() {
        return "";
    }
    " The outer band holds ignorance too: 90\u{a0}% of the same replicas simulated again with assumptions drawn from their priors."
}

/// How each metric of the answer depends on the drawn assumptions: a chart for each.
pub(super) fn hangs_on(run: &RunSeries) -> Vec<Figure<'_>> {
    run.hangs_on.iter().map(|one| correlations(run, one)).collect()
}

fn correlations<'a>(run: &RunSeries, one: &HangsOn) -> Figure<'a> {
    let shown = &one.correlations[..one.correlations.len().min(MOST)];
    let rows: Arc<[f64]> = (0..u32::try_from(shown.len()).unwrap_or(u32::MAX)).map(f64::from).collect();
    let each = |value: fn(&Correlation) -> f64| shown.iter().map(value).collect::<Vec<f64>>();
    let of = match one.correlations.len() {
        all if all > shown.len() => format!("The strongest {} of {all}", shown.len()),
        _ => "The".to_owned(),
    };
    let note = format!(
        "{of} partial rank correlations with the drawn assumptions (points) and their 95\u{a0}% intervals (bars), over histories with drawn assumptions. A bar \
         that crosses zero may be chance, and of assumptions without any effect one bar in twenty does not cross it."
    );
    let mut panel = Panel::new("Rank correlation", "")
        .said(&one.name, note)
        .with(Layer::new(
            "95\u{a0}% interval",
            style::NEUTRAL,
            &rows,
            Shape::Bars(each(|c| c.low), each(|c| c.high), 0.3),
        ))
        .with(Layer::new("rank correlation", style::INK, &rows, Shape::Points(each(|c| c.value), Sign::Square)));
    panel.holds.push(0.0);
    let names: Vec<String> = shown.iter().map(|correlation| correlation.name.clone()).collect();
    let words = shown.iter().map(|correlation| format!("{}: {:.2}", correlation.name, correlation.value));
    Figure {
        part: Part::HangsOn,
        alt: format!(
            "Rank correlations of {} with drawn assumptions, the strongest first. {}.",
            one.name,
            words.collect::<Vec<_>>().join("; ")
        ),
        replicas: run.replicas,
        ..Figure::new(
            format!("hangs-on-{}", one.metric.replace('_', "-")),
            format!("What it hangs on: {}", one.name),
            Across::Rows(names),
            vec![panel],
        )
    }
}
