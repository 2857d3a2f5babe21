use super::drawn::{drawn_band, drawn_note};
use super::{
    Dash, Figure, Layer, Panel, Part, RunSeries, Shape, Weight, course_in_words, fan, fan_note, instants, style,
};

/// Maximum number of single replicas drawn.
const PATHS: usize = 5;

/// How far hashrate falls and when it comes back.
pub(super) fn recovery(run: &RunSeries) -> Option<Figure<'_>> {
    let several = run.hashrate.paths.len().min(PATHS);
    let paths =
        if several > 1 { format!(" Thin lines: the first {several} replicas one by one.") } else { String::new() };
    let note = "Running hashrate of the network. Ticks at the foot: retargets of the first replica, tall where difficulty fell.";
    let mut panel = Panel::new("Hashrate", "EH/s").said("Hashrate", note).of(&["hashrate_eh_per_s"]);
    panel.is_wide = true;
    panel.retargets.clone_from(&run.marks.retargets);
    panel.layers.extend(drawn_band(run, |drawn| &drawn.hashrate, style::HASHRATE));
    panel.layers.push(fan(run, &run.hashrate, style::HASHRATE));
    let days = instants(&run.grid.times);
    for path in run.hashrate.paths.iter().take(if several > 1 { several } else { 0 }) {
        let shape = Shape::Line(path.clone(), Dash::Solid, Weight::Thin);
        let line = Layer::new("single replicas", style::pale(style::HASHRATE, 15), &days, shape);
        panel.layers.push(Layer { is_paper_only: true, ..line });
    }
    Some(Figure {
        note: format!("{}{}{paths}", fan_note(run), drawn_note(run)),
        alt: format!("Hashrate over time. {}", course_in_words(run, "hashrate", &run.hashrate.fan.p50, "EH/s")),
        panels: vec![panel],
        ..Figure::over_days(run, "recovery", "Fall and recovery of hashrate", Part::Network)
    })
}
