//! Charts of rolling forecasts.

use crate::{
    figure::{
        instant::seconds,
        parts::{Across, Dash, Figure, Layer, Panel, Shape, Sign, Weight},
        style,
    },
    study::rolling::{Compared, ForecastRow, HORIZONS, PRIMARY, RollingScores},
    supply::history::History,
};
use std::sync::Arc;

/// Names of the forecasts that charts show: the laws, and one baseline of each kind.
const SHOWN: [&str; 6] = [
    "law, outages and days",
    "law, epochs alone",
    "random walk",
    "drift 52",
    "error correction",
    "with size, left out",
];

/// All charts of rolling scores. `history` is that of the scores.
pub(super) fn figures<'a>(found: &'a RollingScores, history: &History) -> Vec<Figure<'a>> {
    vec![errors(found), coverage(&found.known), ablations(found), ahead(found, history)]
}

fn across() -> Across {
    Across::Number { quantity: "Epochs ahead".to_owned(), unit: String::new() }
}

fn places() -> Arc<[f64]> {
    HORIZONS.iter().map(|horizon| f64::from(u8::try_from(*horizon).unwrap_or(u8::MAX))).collect()
}

/// A line for each of the forecasts that are shown.
fn lines<'a>(panel: Panel<'a>, found: &Compared, of: impl Fn(usize) -> Vec<f64>) -> Panel<'a> {
    let shown = SHOWN.iter().filter_map(|name| found.forecasts.iter().position(|(other, _)| other == name));
    shown.enumerate().fold(panel, |panel, (place, forecast)| {
        let weight = if place == 0 { Weight::Full } else { Weight::Light };
        let colour = style::CLASSES[place % style::CLASSES.len()];
        let line = Layer::line(&*found.forecasts[forecast].0, colour, &places(), of(forecast));
        panel.with(line.drawn(Dash::of(place), weight))
    })
}

fn errors(found: &RollingScores) -> Figure<'_> {
    let panel = |heading: &str, of: &Compared| {
        let note = format!("Root mean square error of the logarithm of hashrate, {heading}.");
        let empty = Panel::new("RMSE", "").said(&format!("Error by horizon, {heading}"), note);
        lines(empty, of, |forecast| of.forecasts[forecast].1.rmse.to_vec())
    };
    let panels = vec![panel("price known", &found.known), panel("price frozen at the origin", &found.frozen)];
    let alt = format!("Error of each forecast at {} epochs ahead.", HORIZONS.map(|h| h.to_string()).join(", "));
    Figure { alt, ..Figure::new("errors", "Error of forecasts by horizon", across(), panels) }
}

fn coverage(found: &Compared) -> Figure<'_> {
    let note = "Share of outcomes inside the 90 % band, price known. Bands that are right hold 0.9 of them.";
    let wanted = Layer::line("90 %", style::NEUTRAL, &places(), vec![0.9; HORIZONS.len()]);
    let panel =
        Panel { holds: vec![0.5, 1.0], ..Panel::new("Share of outcomes", "").said("Coverage of 90 % bands", note) };
    let panel = lines(panel, found, |forecast| found.forecasts[forecast].1.coverage.to_vec())
        .with(wanted.drawn(Dash::Dotted, Weight::Thin));
    let alt = "Share of outcomes inside the 90 % band of each forecast, by epochs ahead.".to_owned();
    Figure { alt, ..Figure::new("coverage", "Coverage of 90 % bands by horizon", across(), vec![panel]) }
}

/// The error without each mechanism at the horizon of the primary endpoint.
fn ablations(found: &RollingScores) -> Figure<'_> {
    let place = HORIZONS.iter().position(|horizon| *horizon == PRIMARY).unwrap_or(0);
    let cases: Vec<_> = found.ablations.iter().collect();
    let rows: Arc<[f64]> = (0_u32..).take(cases.len()).map(f64::from).collect();
    let values: Vec<f64> = cases.iter().map(|(_, scores)| scores.rmse[place]).collect();
    let note = format!("Root mean square error at {PRIMARY} epochs when one mechanism is removed, price known.");
    let bars = Shape::Bars(vec![0.0; cases.len()], values, 0.6);
    let panel = Panel::new("RMSE", "")
        .said(&format!("Error at {PRIMARY} epochs without one mechanism"), note.clone())
        .with(Layer::new("RMSE", style::HASHRATE, &rows, bars));
    let names = cases.iter().map(|(name, _)| (*name).to_owned()).collect();
    Figure {
        alt: note,
        ..Figure::new("ablations", "What each mechanism contributes", Across::Rows(names), vec![panel])
    }
}

/// The forecasts of the law at the horizon of the primary endpoint, with their bands, and what was observed.
fn ahead<'a>(found: &RollingScores, history: &History) -> Figure<'a> {
    let law = found.known.forecasts.first().map_or("", |(name, _)| name);
    let is_shown =
        |row: &ForecastRow<'_>| row.price == "known" && row.forecast == law && row.epochs_ahead == PRIMARY as u64;
    let rows: Vec<ForecastRow<'_>> = found.forecasts.rows::<ForecastRow<'_>>().filter(is_shown).collect();
    let middle = |row: &ForecastRow<'_>| {
        let origin = history.epochs().partition_point(|epoch| epoch.start_height < row.origin_height);
        let target = origin + PRIMARY - 1;
        seconds(history.epochs()[target].start.get()) + history.length(target).get() * 43_200.0
    };
    let times: Arc<[f64]> = rows.iter().map(middle).collect();
    let linear = |of: &dyn Fn(&ForecastRow<'_>) -> Option<f64>| -> Vec<f64> {
        rows.iter().map(|row| of(row).map_or(f64::NAN, libm::exp)).collect()
    };
    let band = Shape::Area(linear(&|row| row.ln_p05), linear(&|row| row.ln_p95), style::MOST_PALE);
    let note = format!(
        "Each forecast was made {PRIMARY} epochs before the end of its epoch, with the price known, and is drawn at the middle of the epoch that it is for."
    );
    let panel = Panel::new("Hashrate", "EH/s")
        .said(&format!("Forecasts {PRIMARY} epochs ahead, and what was observed"), note)
        .with(Layer::new("90 %", style::HASHRATE, &times, band))
        .with(Layer::line("forecast", style::HASHRATE, &times, linear(&|row| Some(row.ln_forecast))))
        .with(Layer::new(
            "observed",
            style::INK,
            &times,
            Shape::Points(linear(&|row| Some(row.ln_observed)), Sign::Dot),
        ));
    let panel = Panel { is_wide: true, ..panel };
    let alt = format!(
        "Forecasts of hashrate {PRIMARY} epochs ahead with 90 % bands, and observed hashrate, {} epochs.",
        rows.len()
    );
    let span = Across::Time(times.first().copied().unwrap_or(0.0), times.last().copied().unwrap_or(1.0));
    Figure { alt, ..Figure::new("ahead", format!("Forecasts {PRIMARY} epochs ahead"), span, vec![panel]) }
}
