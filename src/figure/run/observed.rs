use super::drawn::{drawn_band, drawn_note};
use super::{Dash, Figure, Layer, Panel, Part, RunSeries, Shape, Sign, Weight, fan, fan_note, human, instants, style};
use crate::report::bands::Fan;

/// Observed hashrate within the simulated bands.
pub(super) fn observed(run: &RunSeries) -> Option<Figure<'_>> {
    if run.observed.is_empty() {
        return None;
    }
    let (inside, all) = held(run, &run.hashrate.fan);
    let drawn = run.drawn.as_ref().map_or_else(String::new, |drawn| {
        format!(" Inside that with drawn assumptions it lies in {}.", held(run, &drawn.hashrate).0)
    });
    let hashrates = || run.observed.iter().map(|epoch| epoch.hashrate_eh_per_s);
    let note = format!(
        "Simulated: running hashrate. Observed (steps, and rings at the middles of epochs): mean of each difficulty epoch, inferred from \
         its difficulty and duration, hence with the noise of 2016 random blocks, 2.2\u{a0}%. In the middle of its epoch the observed mean \
         lies inside the 90\u{a0}% band in {inside} of {all} epochs.{drawn}"
    );
    let (start, end) = (run.grid.start, run.grid.end());
    // An epoch's mean holds until the next one starts, and the last one until its own end.
    let mut starts: Vec<i64> = run.observed.iter().map(|epoch| epoch.start.max(start)).collect();
    starts.extend(run.observed.last().map(|epoch| epoch.end.min(end)));
    let steps = hashrates().chain(run.observed.last().map(|epoch| epoch.hashrate_eh_per_s)).collect();
    let middles = run.observed.iter().filter(|epoch| (start..=end).contains(&epoch.middle()));
    let (middles, means): (Vec<i64>, Vec<f64>) = middles.map(|epoch| (epoch.middle(), epoch.hashrate_eh_per_s)).unzip();
    let line = Layer::line("observed", style::INK, &instants(&starts), steps);
    let rings = Shape::Points(means, Sign::Ring);
    let mut panel = Panel::new("Hashrate", "EH/s").said("Observed and simulated hashrate", note);
    panel.layers.extend(drawn_band(run, |drawn| &drawn.hashrate, style::HASHRATE));
    let panel = panel
        .with(fan(run, &run.hashrate, style::HASHRATE))
        .with(line.drawn(Dash::Solid, Weight::Light).in_steps())
        .with(Layer::new("middle of an epoch", style::INK, &instants(&middles), rings));
    Some(Figure {
        note: fan_note(run) + drawn_note(run),
        alt: format!(
            "Hashrate over time, observed and simulated. Observed epochs lie between {} and {} EH/s; {inside} of {all} \
             are inside the simulated 90\u{a0}% band.",
            human(hashrates().fold(f64::INFINITY, f64::min)),
            human(hashrates().fold(0.0, f64::max)),
        ),
        panels: vec![panel],
        ..Figure::over_days(run, "observed", "Observed and simulated hashrate", Part::Network)
    })
}

/// The number of epochs whose hashrate lies in the 90 % band of a fan at their middle, and the number of all epochs.
fn held(run: &RunSeries, fan: &Fan) -> (usize, usize) {
    let held = run.observed.iter().filter_map(|epoch| {
        let cell = run.grid.cell(epoch.middle())?;
        Some((fan.p05[cell]..=fan.p95[cell]).contains(&epoch.hashrate_eh_per_s))
    });
    held.fold((0, 0), |(inside, all), is_inside| (inside + usize::from(is_inside), all + 1))
}
