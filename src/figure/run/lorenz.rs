use super::{Arc, Dash, Figure, Layer, Panel, Part, RunSeries, Weight, human, if_many, style};
use crate::report::firms::{LORENZ_POINTS, share};

/// Distribution of hashrate among miners.
pub(super) fn lorenz(run: &RunSeries) -> Option<Figure<'_>> {
    let shares = &run.lorenz_end.shares;
    if shares.is_empty() {
        return None;
    }
    let note = format!(
        "Lorenz curve at the end{}: cumulative share of running hashrate, smallest owners first. Owners are the miners that go on and have \
         machines, running or not, the same that the Gini coefficient counts; an agent may stand for many. The further the curve lies \
         below the dashed line of equal shares, the more unequal they are.",
        if_many(run, ", mean over replicas")
    );
    let owners: Arc<[f64]> = (0..shares.len()).map(|point| 100.0 * share(point)).collect();
    let equal = Layer::line("equal shares", style::NEUTRAL, &Arc::from([0.0, 100.0]), vec![0.0, 1.0]);
    let mut panel = Panel::new("Share of hashrate", "%")
        .said("Distribution of hashrate at the end", note)
        .with(equal.drawn(Dash::Dashed, Weight::Light))
        .with(Layer::line("hashrate at the end", style::OWNERS, &owners, shares.clone()));
    panel.factor = 100.0;
    let at = |percent: usize| human(100.0 * shares.get(percent).copied().unwrap_or(f64::NAN));
    let names = ("lorenz", "Distribution of hashrate at the end", Part::Firms);
    Some(Figure {
        alt: format!(
            "Lorenz curve. The smallest half of owners run {} percent of hashrate, the smallest 90 percent {} percent.",
            at(LORENZ_POINTS / 2),
            at(LORENZ_POINTS * 9 / 10)
        ),
        panels: vec![panel],
        ..Figure::over(run, names, "Smallest owners", "% of all")
    })
}
