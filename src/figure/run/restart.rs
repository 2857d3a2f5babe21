use super::{Dash, Figure, Layer, Panel, Part, RunSeries, Shape, Weight, day, fan, human, if_many, instants, style};
use crate::report::ladder::Ladder;

/// Hashprice at which idle machines restart, and the hashrate that waits for it.
pub(super) fn restart_ladder(run: &RunSeries) -> Option<Figure<'_>> {
    let ladder = &run.ladder;
    if !ladder.is_worth_it() {
        return None;
    }
    let days = instants(&run.grid.times);
    let [tenth, half, most] = ladder.rungs.each_ref().map(|rung| rung.fan.p50.clone());
    let medians = if_many(run, ", medians over replicas");
    let rungs = Panel::new("Hashprice", "USD/PH/day")
        .said(
            "Hashprice at which idle machines restart",
            format!(
                "Hashprice, and the hashprice at which the first tenth, half and nine tenths of the idle hashrate restart{medians}."
            ),
        )
        .with(Layer::new(
            "10 to 90 % restart",
            style::NEUTRAL,
            &days,
            Shape::Area(tenth, most, style::MOST_PALE),
        ))
        .with(Layer::line("half restart", style::INK, &days, half).drawn(Dash::Dashed, Weight::Light))
        .with(Layer::line("hashprice", style::HASHPRICE, &days, ladder.hashprice.fan.p50.clone()));
    let mut off = Panel::new("Off", "EH/s")
        .said(
            "Idle hashrate, and the part waiting for hashprice",
            "Idle hashrate, and the part of it that is idle only because hashprice is too low. Known at the ends of epochs and drawn straight between them.",
        )
        .with(Layer { name: "off".into(), ..fan(run, &ladder.restartable, style::HASHRATE) });
    off.holds.push(0.0);
    Some(Figure {
        alt: in_words(run, ladder),
        panels: vec![rungs, off],
        ..Figure::over_days(run, "restart-ladder", "Hashprice at which idle machines restart", Part::Machines)
    })
}

fn in_words(run: &RunSeries, ladder: &Ladder) -> String {
    let waiting = ladder.restartable.fan.p50.iter().copied().filter(|value| !value.is_nan()).fold(0.0, f64::max);
    let [first, half, most] = ladder.rungs.each_ref().map(|rung| &rung.fan.p50);
    // The last instant at which some hashrate waits.
    let last = half.iter().rposition(|hashprice| hashprice.is_finite());
    let rungs = last.map_or_else(String::new, |last| {
        let at = |values: &[f64]| human(values[last]);
        format!(
            " On {} hashprice is {} USD/PH/day, and a tenth of what waits restarts at {}, half at {}, nine tenths at {}.",
            day(run.grid.times[last]),
            at(&ladder.hashprice.fan.p50),
            at(first),
            at(half),
            at(most),
        )
    });
    format!("Two panels over time. At most {} EH/s wait for a better hashprice.{rungs}", human(waiting))
}
