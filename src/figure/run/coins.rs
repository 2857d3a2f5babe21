use super::{
    Dash, Figure, Layer, Panel, Part, RunSeries, Shape, Weight, course_in_words, fan, fan_note, human, if_many,
    instants, style,
};
use crate::figure::parts::shortened;

/// Coins that miners sell, and coins that they hold.
pub(super) fn coins(run: &RunSeries) -> Option<Figure<'_>> {
    let sales = &run.sales;
    let weeks = match sales.weeks {
        1 => "weekly means".to_owned(),
        weeks => format!("means of {weeks} weeks"),
    };
    // An interval's mean stands where the interval begins and holds until the next; the last one stands at the end too.
    let starts: Vec<i64> = std::iter::once(run.grid.start).chain(sales.ends.iter().copied()).collect();
    let places = instants(&starts);
    let course = |values: &[f64]| -> Vec<f64> { values.iter().chain(values.last()).copied().collect() };
    let sold = |name: &str, colour, values: &[f64]| {
        Layer::new(name, colour, &places, Shape::Stack(course(values), false)).in_steps()
    };
    let flow = Panel::new("Flow", "BTC/day")
        .said(
            "Coins sold, by cause, and mined",
            format!(
                "Coins sold a day by cause, {weeks}{}, beside the coins that blocks paid out (thin line).",
                if_many(run, " over replicas")
            ),
        )
        .of(&["sold_voluntary_btc", "sold_forced_btc", "sold_liquidation_btc", "issued_btc"])
        .with(sold("sold voluntarily", style::SOLD_VOLUNTARY, &sales.voluntary))
        .with(sold("forced", style::SOLD_FORCED, &sales.forced))
        .with(sold("in liquidation", style::SOLD_LIQUIDATION, &sales.liquidation))
        .with(
            Layer::line("mined", style::INK, &places, course(&sales.issued))
                .drawn(Dash::Solid, Weight::Light)
                .in_steps(),
        );
    let (factor, unit) = shortened(&run.coins_held, "BTC");
    let mut held = Panel::new("Held", &unit)
        .said("Coins held", "Coins in miners' treasuries.")
        .of(&["coins_held_btc"])
        .with(fan(run, &run.coins_held, style::HELD));
    held.factor = factor;
    let most = |values: &[f64]| human(values.iter().copied().fold(0.0, f64::max));
    Some(Figure {
        note: fan_note(run),
        alt: format!(
            "Two panels over time. Coins sold a day at most: voluntarily {} BTC, forced {} BTC, in liquidation {} BTC. {}",
            most(&sales.voluntary),
            most(&sales.forced),
            most(&sales.liquidation),
            course_in_words(run, "treasury", &run.coins_held.fan.p50, "BTC"),
        ),
        panels: vec![flow, held],
        ..Figure::over_days(run, "coins", "Coins sold and held by miners", Part::Market)
    })
}
