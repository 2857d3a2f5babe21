use super::{Dash, Figure, Layer, Panel, Part, RunSeries, Weight, human, if_many, instants, style::CLASSES};
use crate::report::firms::Survival;

/// Which classes of miners fail, and when.
pub(super) fn survival(run: &RunSeries) -> Option<Figure<'_>> {
    if run.survival.is_empty() {
        return None;
    }
    let shown = shown(&run.survival);
    let replicas = if_many(run, ", mean over replicas");
    let nobody = if run.survival.iter().all(|survival| survival.at_the_end() >= 1.0) {
        " No miner fails here, so all lines coincide."
    } else {
        ""
    };
    let left_out = match run.survival.len().saturating_sub(CLASSES.len()) {
        0 => String::new(),
        some => format!(" {some} of {} classes, those that fail least, are left out.", run.survival.len()),
    };
    let mut panel = Panel::new("Not failed", "% of miners").said(
        "Survival by class",
        format!(
            "Share of the miners of the start that have not failed{replicas}: each firm is counted by the miners that it stood for at the \
             start. A firm, or a part of a cohort, that is liquidated has failed; one that is bought or gives up has not. Known at the ends \
             of epochs and drawn straight between them.{nobody}{left_out}"
        ),
    );
    panel.factor = 100.0;
    // If few miners fail, the axis keeps a minimum range, so that noise does not look large.
    panel.holds.extend([90.0, 100.0]);
    let times: Vec<i64> = std::iter::once(run.grid.start).chain(run.grid.times.iter().copied()).collect();
    let places = instants(&times);
    let mut ends = Vec::new();
    for (place, survival) in shown {
        let name = survival.class.replace('_', " ");
        ends.push(format!("{name} {} percent", human(100.0 * survival.at_the_end())));
        let line = Layer::line(name, CLASSES[place % CLASSES.len()], &places, survival.not_failed.clone());
        panel.layers.push(line.drawn(Dash::of(place), Weight::Full));
    }
    let ends = ends.join(", ");
    Some(Figure {
        alt: format!("Share of miners not failed over time, by class. At the end: {ends}."),
        panels: vec![panel],
        ..Figure::over_days(run, "survival", "Survival by class", Part::Firms)
    })
}

/// There are only so many colours: the classes with the most failures are shown.
fn shown(classes: &[Survival]) -> Vec<(usize, &Survival)> {
    let mut places: Vec<(usize, &Survival)> = classes.iter().enumerate().collect();
    places.sort_by(|one, other| one.1.at_the_end().total_cmp(&other.1.at_the_end()));
    places.truncate(CLASSES.len());
    places.sort_by_key(|&(place, _)| place);
    places
}
