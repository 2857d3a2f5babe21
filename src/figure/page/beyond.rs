//! Charts of what is no column of the tables of days and epochs: classes, machines, firms.

use super::{
    charts::{Drawn, Text},
    pack::{Axis, Block, Layer, Mark, Packed, Spec},
};
use crate::figure::{day, style};
use crate::report::{
    firms,
    number::human,
    series::{RUNWAY_CAP_DAYS, RunSeries},
    supply,
};

/// Their names in the order of the page are in [`super::charts::KNOWN`].
pub(super) const BY_CLASS: &str = "by-class";
pub(super) const SURVIVAL: &str = "survival";
pub(super) const RUNWAY: &str = "runway";
pub(super) const LADDER: &str = "restart-ladder";
pub(super) const WAITING: &str = "restartable";
pub(super) const RIGS: &str = "rigs";
pub(super) const MERIT_ORDER: &str = "merit-order";
pub(super) const LORENZ: &str = "lorenz";

fn drawn(id: &str, (unit, note): (&str, &str), axis: &'static str, marks: &[Mark], layers: Vec<Layer>) -> Drawn {
    let zero = layers.iter().all(|layer| layer.kind == "stack");
    let text = Text::of(id, unit, note);
    let spec = Spec { id: id.into(), axis, wide: text.wide, zero, marks: marks.to_vec(), layers };
    Drawn { text, spec }
}

/// The charts that the run has anything for; axes of their own go into the block.
pub(super) fn of_run(series: &RunSeries, marks: &[Mark], block: &mut Block) -> Vec<Drawn> {
    let mut charts = Vec::new();
    charts.extend(by_class(series, marks));
    charts.extend(survival(series, marks));
    charts.extend(runway(series, marks));
    charts.extend(ladder(series, marks));
    charts.extend(rigs(series, marks, block));
    charts.extend(merit_order(series, block));
    charts.extend(lorenz(series, block));
    charts
}

fn by_class(series: &RunSeries, marks: &[Mark]) -> Option<Drawn> {
    let layers: Vec<Layer> = series
        .classes
        .iter()
        .zip(style::CLASSES.iter().cycle())
        .map(|(class, &colour)| Layer::stack(&class.name.replace('_', " "), colour, &class.running))
        .collect();
    let note = "Running hashrate by class of miners, mean over replicas. Known at the ends of epochs and straight between them.";
    (!layers.is_empty()).then(|| drawn(BY_CLASS, ("EH/s", note), "days", marks, layers))
}

fn survival(series: &RunSeries, marks: &[Mark]) -> Option<Drawn> {
    let layers: Vec<Layer> = series
        .survival
        .iter()
        .zip(style::CLASSES)
        .map(|(survival, colour)| {
            let percents: Vec<f64> = survival.not_failed[1..].iter().map(|share| 100.0 * share).collect();
            Layer::line(&survival.class.replace('_', " "), colour, &percents)
        })
        .collect();
    let note = "Share of the miners of the start that have not failed, mean over replicas; each firm is counted by the miners that it stood \
                for at the start. One that is bought or gives up has not failed. Known at the ends of epochs and straight between them.";
    (!layers.is_empty()).then(|| drawn(SURVIVAL, ("% of miners", note), "days", marks, layers))
}

fn runway(series: &RunSeries, marks: &[Mark]) -> Option<Drawn> {
    let [tenth, half, most] = series.runway.each_ref().map(|band| band.fan.p50.as_slice());
    if half.iter().all(|days| days.is_nan()) {
        return None;
    }
    let layers = vec![
        Layer::band("80 % of miners", style::RUNWAY, 0.3, tenth, most),
        Layer::line("the tenth with the least", style::INK, tenth).dashed(),
        Layer::line("median miner", style::RUNWAY, half),
    ];
    let note = format!(
        "Days that cash and free coins last at the present net burn, medians over replicas; at most {RUNWAY_CAP_DAYS}, which stands \
         for no end too. Known at the ends of epochs and straight between them."
    );
    Some(drawn(RUNWAY, ("days", &note), "days", marks, layers))
}

fn ladder(series: &RunSeries, marks: &[Mark]) -> Vec<Drawn> {
    let ladder = &series.ladder;
    if !ladder.is_worth_it() {
        return Vec::new();
    }
    let [tenth, half, most] = ladder.rungs.each_ref().map(|rung| rung.fan.p50.as_slice());
    let rungs = vec![
        Layer::band("10 to 90 % of it restart", style::NEUTRAL, 0.25, tenth, most),
        Layer::line("half of it restarts", style::INK, half).dashed(),
        Layer::line("hashprice", style::HASHPRICE, &ladder.hashprice.fan.p50),
    ];
    let fan = &ladder.restartable.fan;
    let waiting = vec![
        Layer::band("90 % of replicas", style::HASHRATE, 0.18, &fan.p05, &fan.p95),
        Layer::band("50 %", style::HASHRATE, 0.32, &fan.p25, &fan.p75),
        Layer::line("median", style::HASHRATE, &fan.p50),
    ];
    let note = "Hashprice at which what is off for hashprice's sake restarts, medians over replicas.";
    let off = "Hashrate that is off, and that hashprice alone keeps off. Known at the ends of epochs and straight between them.";
    vec![
        drawn(LADDER, ("USD/PH/day", note), "days", marks, rungs),
        drawn(WAITING, ("EH/s", off), "days", marks, waiting),
    ]
}

fn rigs(series: &RunSeries, marks: &[Mark], block: &mut Block) -> Option<Drawn> {
    let rigs = &series.rigs;
    if rigs.times.len() < 2 {
        return None;
    }
    block.axes.insert(RIGS, Axis { kind: "time", label: "", x: Packed::instants(&rigs.times) });
    let count = rigs.models.len();
    let line = |(place, model): (usize, &crate::report::rigs::RigModel)| {
        let label = format!("{}, {} J/TH", model.name, human(model.efficiency));
        Layer::line(&label, style::efficiency_of_line(place, count), &model.price.p50)
    };
    let layers = rigs.models.iter().enumerate().map(line).collect();
    let note = "Price at the week's clearing, median over replicas; where nothing was traded, the best bid.";
    Some(drawn(RIGS, ("USD/(TH/s)", note), RIGS, marks, layers))
}

/// Hashrate that breaks even at or below each hashprice, up to one and a half times the highest that is shown.
fn merit_order(series: &RunSeries, block: &mut Block) -> Option<Drawn> {
    let mut shown = supply::chosen(&series.supply, &series.supply_dates);
    shown.truncate(style::DATES.len());
    let most = 1.5 * shown.iter().map(|supply| supply.hashprice).fold(0.0, f64::max);
    let all = shown.iter().flat_map(|supply| &supply.steps).map(|step| step.break_even);
    let mut prices: Vec<f64> = all.filter(|&price| price <= most).collect();
    prices.sort_by(f64::total_cmp);
    prices.dedup();
    if prices.len() < 2 {
        return None;
    }
    block.axes.insert(MERIT_ORDER, Axis { kind: "number", label: "USD/PH/day", x: Packed::new(&prices, 6) });
    let line = |(supply, colour): (&&supply::Supply, _)| {
        let below = |&price: &f64| -> f64 {
            let paid = supply.steps.iter().filter(|step| step.break_even <= price);
            paid.map(|step| step.running + step.idle).sum()
        };
        let values: Vec<f64> = prices.iter().map(below).collect();
        let label = format!("{} (hashprice {})", day(supply.time), human(supply.hashprice));
        Layer::line(&label, colour, &values).stepped()
    };
    let layers = shown.iter().zip(style::DATES).map(line).collect();
    let note = "Installed hashrate of the first replica whose avoidable cost of running is covered by a hashprice. Break-evens are \
                known within 4.5\u{a0}%; those above one and a half times the highest hashprice shown are left out.";
    Some(drawn(MERIT_ORDER, ("EH/s", note), MERIT_ORDER, &[], layers))
}

fn lorenz(series: &RunSeries, block: &mut Block) -> Option<Drawn> {
    let shares: Vec<f64> = series.lorenz_end.shares.iter().map(|share| 100.0 * share).collect();
    if shares.is_empty() {
        return None;
    }
    let miners: Vec<f64> = (0..shares.len()).map(|point| 100.0 * firms::share(point)).collect();
    block.axes.insert(LORENZ, Axis { kind: "number", label: "Smallest owners, %", x: Packed::new(&miners, 5) });
    let layers = vec![
        Layer::line("hashrate at the end", style::OWNERS, &shares),
        Layer::line("equal shares", style::NEUTRAL, &miners).dashed(),
    ];
    let note = "Cumulative share of running hashrate, smallest owners first, mean over replicas. Owners are the miners that go on and have machines, running or not.";
    Some(drawn(LORENZ, ("%", note), LORENZ, &[], layers))
}
