//! Charts and page of the state of the network at a date.

use super::tables::number;
use crate::{
    figure::{
        Plain, PlainTable,
        parts::{Across, Dash, Figure, Layer, Panel, Shape, Weight},
        style,
    },
    study::nowcast::{BANDS_HOLD, Band, Quantity, Told},
};
use std::sync::Arc;

/// Observed epochs before the date that the chart shows.
const BEFORE: usize = 26;

/// Machines with a smaller share of installed hashrate are not shown.
const LEAST: f64 = 0.001;

/// The charts of a state.
pub(super) fn figures<'a>(told: &Told<'_>) -> Vec<Figure<'a>> {
    vec![forecast(told), fleet(told)]
}

/// Observed hashrate before the date, and the forecast after it, by epoch.
fn forecast<'a>(told: &Told<'_>) -> Figure<'a> {
    let (history, state) = (told.rolling.history, &told.state);
    let last = state.origin.min(history.closed());
    let observed = last.saturating_sub(BEFORE)..last;
    let place = |epoch: usize| f64::from(u32::try_from(epoch).unwrap_or(u32::MAX));
    let past: Arc<[f64]> = observed.clone().map(|epoch| place(epoch + 1) - place(state.origin)).collect();
    let ahead: Arc<[f64]> = (1..=state.forecast_eh.len()).map(place).collect();
    let of = |value: &dyn Fn(&Band) -> f64| state.forecast_eh.iter().map(value).collect::<Vec<_>>();
    let band = Shape::Area(of(&|band| band.p05), of(&|band| band.p95), style::MOST_PALE);
    let note = "Difficulty epochs, counted from the date: 1 begins at it. The bands hold the randomness of blocks, orders and costs, and no uncertainty of the price.";
    let seen = observed.map(|epoch| history.hashrate_eh(epoch)).collect();
    let panel = Panel::new("Hashrate", "EH/s")
        .said("Hashrate, observed and forecast", note)
        .with(Layer::new("90 % of members", style::HASHRATE, &ahead, band))
        .with(Layer::line("median forecast", style::HASHRATE, &ahead, of(&|band| band.p50)))
        .with(Layer::line("observed", style::INK, &past, seen).drawn(Dash::Solid, Weight::Light));
    let panel = Panel { is_wide: true, ..panel };
    let across = Across::Number { quantity: "Epochs from the date".to_owned(), unit: String::new() };
    let alt = match (state.forecast_eh.first(), state.forecast_eh.last()) {
        (Some(first), Some(last)) => {
            format!("Forecast of hashrate from {} to {} EH/s (medians).", number(first.p50, 1), number(last.p50, 1))
        }
        _ => "Observed hashrate.".to_owned(),
    };
    Figure { alt, ..Figure::new("forecast", "Hashrate, observed and forecast", across, vec![panel]) }
}

/// Shares of installed and running hashrate by machine.
fn fleet<'a>(told: &Told<'_>) -> Figure<'a> {
    let kept: Vec<_> = told.state.fleet.iter().filter(|class| class.installed >= LEAST).collect();
    let rows: Arc<[f64]> = (0_u32..).take(kept.len()).map(f64::from).collect();
    let zero = vec![0.0; kept.len()];
    let installed = Shape::Bars(zero.clone(), kept.iter().map(|class| class.installed).collect(), 0.7);
    let running = Shape::Bars(zero, kept.iter().map(|class| class.running).collect(), 0.35);
    let note = "Mean shares over the members: of installed hashrate (pale) and of the hashrate that may run (dark), by energy per hash.";
    let panel = Panel::new("Share of hashrate", "")
        .said("Fleet by machine", note)
        .with(Layer::new("installed", style::pale(style::HASHRATE, style::IDLE_PALE), &rows, installed))
        .with(Layer::new("running", style::HASHRATE, &rows, running));
    let names = kept.iter().map(|class| format!("{} J/TH", number(class.j_per_th, 1))).collect();
    let alt = format!("Shares of installed and of running hashrate of {} machines.", kept.len());
    Figure { alt, ..Figure::new("fleet", "Fleet by machine", Across::Rows(names), vec![panel]) }
}

/// What the page of a state says.
pub(super) fn page(told: &Told<'_>, members: u64, command: &str) -> Plain {
    let (history, state) = (told.rolling.history, &told.state);
    let epoch = &history.epochs()[state.origin];
    Plain {
        kicker: "State of the network".to_owned(),
        title: format!("What is installed, what runs and what is on order at {}?", epoch.start),
        size: format!("{members} members, at the start of the epoch of block {}.", epoch.start_height),
        answer: answer(told),
        tables: vec![quantities(&state.quantities), forecasts(&state.forecast_eh)],
        command: command.to_owned(),
        reproduced: "The same version and history give the same bytes, with any number of threads.".to_owned(),
    }
}

fn answer(told: &Told<'_>) -> Vec<String> {
    let find =
        |name: &str| told.state.quantities.iter().find(|quantity| quantity.name == name).map(|found| found.after);
    let band = |band: Band, digits: usize| {
        format!("{} ({} to {})", number(band.p50, digits), number(band.p05, digits), number(band.p95, digits))
    };
    let mut sentences = Vec::new();
    if let (Some(running), Some(installed), Some(idle)) =
        (find("running_eh_per_s"), find("installed_eh_per_s"), find("idle_share"))
    {
        sentences.push(format!(
            "{} EH/s run of {} EH/s installed; the share that is idle is {}.",
            band(running, 1),
            band(installed, 1),
            band(idle, 3)
        ));
    }
    if let (Some(orders), Some(efficiency), Some(power)) =
        (find("on_order_eh_per_s"), find("efficiency_j_per_th"), find("power_gw"))
    {
        sentences.push(format!(
            "{} EH/s are on order. What runs takes {} J/TH and {} GW at the machine.",
            band(orders, 1),
            band(efficiency, 1),
            band(power, 2)
        ));
    }
    if let (Some(ten), Some(thirty)) = (find("stops_at_minus_10pct"), find("stops_at_minus_30pct")) {
        sentences.push(format!(
            "If hashprice falls for good by 10 %, a share of {} of running hashrate stops; by 30 %, {}.",
            band(ten, 3),
            band(thirty, 3)
        ));
    }
    let forecast = &told.state.forecast_eh;
    if let Some(last) = forecast.last().filter(|band| !band.p50.is_nan()) {
        sentences.push(format!("Forecast for epoch {} from here: {} EH/s.", forecast.len(), band(*last, 1)));
    }
    sentences.push("Each number is a median, with 90 % of the members in brackets.".to_owned());
    sentences.push(BANDS_HOLD.to_owned());
    sentences
}

fn quantities(of: &[Quantity]) -> PlainTable {
    let row = |quantity: &Quantity| {
        let digits = if quantity.after.p50 < 2.0 { 3 } else { 1 };
        let range = |band: &Band| format!("{} to {}", number(band.p05, digits), number(band.p95, digits));
        let median = number(quantity.after.p50, digits);
        let label = format!("{} ({})", quantity.doc.trim_end_matches('.'), quantity.name);
        vec![label, median, range(&quantity.after), range(&quantity.before)]
    };
    PlainTable {
        title: "State".to_owned(),
        head: ["quantity", "median", "90 %", "90 % without the data"].map(ToOwned::to_owned).to_vec(),
        rows: of.iter().map(row).collect(),
        note: "Where the band without the data is as narrow as the other, hashrate does not identify the quantity."
            .to_owned(),
    }
}

fn forecasts(of: &[Band]) -> PlainTable {
    let row = |(step, band): (usize, &Band)| {
        vec![(step + 1).to_string(), number(band.p50, 1), format!("{} to {}", number(band.p05, 1), number(band.p95, 1))]
    };
    PlainTable {
        title: "Forecast of hashrate, EH/s".to_owned(),
        head: ["epoch", "median", "90 %"].map(ToOwned::to_owned).to_vec(),
        rows: of.iter().enumerate().map(row).collect(),
        note: String::new(),
    }
}
