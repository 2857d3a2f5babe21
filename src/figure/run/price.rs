use super::{
    Dash, Figure, Layer, Panel, Part, RunSeries, Weight, course_in_words, fan, fan_note, human, instants, style,
};

/// The price, and the impact of miners' sales on it.
pub(super) fn price(run: &RunSeries) -> Option<Figure<'_>> {
    let impact = &run.impact.fan;
    // Whether the run is coupled: sales move the price.
    let is_moved = impact.p05.iter().chain(&impact.p95).any(|&impact| !impact.is_nan() && impact != 0.0);
    let price =
        Panel::new("Price", "USD/BTC").of(&["price_usd", "base_price_usd"]).with(fan(run, &run.price, style::PRICE));
    let course = course_in_words(run, "price", &run.price.fan.p50, "USD/BTC");
    if !is_moved {
        return Some(Figure {
            note: fan_note(run),
            alt: format!("Price over time. {course}"),
            panels: vec![price.said("Price", "Price of a coin. Miners' sales do not move it in this run.")],
            ..Figure::over_days(run, "price", "Price", Part::Market)
        });
    }
    let base = Layer::line("without impact", style::INK, &instants(&run.grid.times), run.base_price.fan.p50.clone());
    let price = price
        .said("Price", "Price of a coin; dashed, the median of the same runs' price before miners' sales move it.")
        .with(base.drawn(Dash::Dashed, Weight::Light));
    let moved = Panel::new("Impact", "%")
        .said("Price impact of miners' sales", "Relative change of the price due to miners' sales.")
        .of(&["price_impact_share"])
        .with(fan(run, &run.impact, style::STRESS));
    let lowest = human(impact.p05.iter().copied().fold(0.0, f64::min));
    Some(Figure {
        note: fan_note(run),
        alt: format!("Two panels over time. {course} Sales move the price by {lowest} percent at worst."),
        panels: vec![price, moved],
        ..Figure::over_days(run, "price", "Price with and without the impact of sales", Part::Market)
    })
}
