use super::{Dash, Figure, Layer, Panel, Part, RunSeries, Shape, Weight, human, if_many, instants, style};
use crate::report::rigs::RigModel;

/// Maximum number of lines that can be distinguished.
const MOST: usize = 8;

/// Prices of used machines.
pub(super) fn rigs(run: &RunSeries) -> Option<Figure<'_>> {
    let rigs = &run.rigs;
    if rigs.models.is_empty() {
        return None;
    }
    let shown = shown(&rigs.models);
    let left_out = match rigs.models.len() {
        all if all > MOST => format!(" {MOST} of {all} models are shown."),
        _ => String::new(),
    };
    let median = if_many(run, ", median over replicas");
    let mut prices = Panel::new("Price", "USD/(TH/s)").said(
        "Prices of machines",
        format!(
            "Price of each model at the week's clearing{median}; where nothing was traded, the best bid.{left_out}"
        ),
    );
    let weeks = instants(&rigs.times);
    for (place, model) in shown.iter().enumerate() {
        let name = format!("{}, {} J/TH", model.name, human(model.efficiency));
        let colour = style::efficiency_of_line(place, shown.len());
        let line = Layer::line(name, colour, &weeks, model.price.p50.clone());
        prices.layers.push(line.drawn(Dash::of(place), Weight::Full));
    }
    // A week's trades fill the week before the clearing.
    let starts: Vec<i64> = std::iter::once(run.grid.start).chain(rigs.times.iter().copied()).collect();
    let traded = rigs.traded_th.iter().chain(rigs.traded_th.last()).map(|th| th / 1000.0).collect();
    let mean = if_many(run, ", mean over replicas");
    let traded = Panel::new("Traded", "PH/s a week")
        .said("Machines traded", format!("Hashrate of the machines traded in a week, all models together{mean}."))
        .with(
            Layer::new(
                "traded",
                style::pale(style::NEUTRAL, style::HALF_PALE),
                &instants(&starts),
                Shape::Stack(traded, false),
            )
            .in_steps(),
        );
    let ends = shown.iter().filter_map(|model| {
        let known: Vec<f64> = model.price.p50.iter().copied().filter(|price| price.is_finite()).collect();
        let lowest = known.iter().copied().fold(f64::INFINITY, f64::min);
        let [first, lowest, last] = [*known.first()?, lowest, *known.last()?].map(human);
        Some(format!("{} from {first} to {last}, at the lowest {lowest}", model.name))
    });
    let ends = ends.collect::<Vec<_>>().join("; ");
    Some(Figure {
        alt: format!("Prices of machines over time, USD per TH/s: {ends}."),
        panels: vec![prices, traded],
        ..Figure::over_days(run, "rigs", "Prices of machines", Part::Machines)
    })
}

/// Selects models evenly along the ranking by efficiency.
fn shown(models: &[RigModel]) -> Vec<&RigModel> {
    let count = models.len().min(MOST);
    let place = |shown: usize| if count < 2 { 0 } else { shown * (models.len() - 1) / (count - 1) };
    (0..count).map(|shown| &models[place(shown)]).collect()
}
