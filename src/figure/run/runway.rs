use super::{Dash, Figure, Layer, Panel, Part, RunSeries, Shape, Weight, human, if_many, instants, style};
use crate::report::series::RUNWAY_CAP_DAYS;

/// How long the liquid assets of miners last.
pub(super) fn runway(run: &RunSeries) -> Option<Figure<'_>> {
    // Shorter runways are drawn as one day, since the axis is logarithmic.
    let course = |days: &f64| if *days < 1.0 { 1.0 } else { *days };
    let [tenth, half, most] = run.runway.each_ref().map(|band| band.fan.p50.iter().map(course).collect::<Vec<f64>>());
    if half.iter().all(|days| days.is_nan()) {
        return None;
    }
    let lowest =
        |values: &[f64]| human(values.iter().copied().filter(|days| !days.is_nan()).fold(RUNWAY_CAP_DAYS, f64::min));
    let alt = format!(
        "Days of runway over time. At its shortest a tenth of miners have {} days or less, half have {} days or less.",
        lowest(&run.runway[0].fan.p50),
        lowest(&run.runway[1].fan.p50)
    );
    let median = if_many(run, ", each the median over replicas");
    let note = format!(
        "Days that cash and free coins last at the present net burn: of the median miner, and between the tenth and the ninetieth percent \
         of miners{median}. Known at the ends of epochs. A runway longer than {RUNWAY_CAP_DAYS} days, or without end since no cash is \
         burnt, is drawn at {RUNWAY_CAP_DAYS}, one of less than a day at 1."
    );
    let days = instants(&run.grid.times);
    let area = Shape::Area(tenth.clone(), most, style::HALF_PALE);
    let mut panel = Panel::new("Runway", "days")
        .said("Days of runway", note)
        .with(Layer::new("80 % of miners", style::RUNWAY, &days, area))
        .with(Layer::line("median miner", style::RUNWAY, &days, half))
        .with(Layer::line("the tenth with the least", style::INK, &days, tenth).drawn(Dash::Dashed, Weight::Light));
    panel.holds.extend([1.0, RUNWAY_CAP_DAYS]);
    panel.tick_words.extend([(1.0, "≤ 1"), (RUNWAY_CAP_DAYS, "≥ 1,000")]);
    Some(Figure { alt, panels: vec![panel], ..Figure::over_days(run, "runway", "Days of runway", Part::Firms) })
}
