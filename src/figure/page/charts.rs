//! Which charts a page has, in which order, and what each is called.

use plotters::style::RGBColor;
use serde::Serialize;

use super::{
    beyond,
    history::History,
    pack::{Block, Layer, Mark, Spec},
};
use crate::figure::style;
use crate::report::{number::human, series::RunSeries};

/// What a chart says beside what its script draws.
#[derive(Debug, Serialize)]
pub(super) struct Text {
    pub(super) id: String,
    pub(super) part: &'static str,
    pub(super) title: String,
    pub(super) unit: String,
    pub(super) note: String,
    pub(super) wide: bool,
}

impl Text {
    /// Of a chart that [`KNOWN`] names.
    pub(super) fn of(id: &str, unit: &str, note: &str) -> Self {
        let found = KNOWN.iter().find(|known| known.column == id);
        let (part, title, wide) = found.map_or((REST, id, false), |known| (known.part, known.title, known.is_wide));
        Self { id: id.into(), part, title: title.into(), unit: unit.into(), note: note.into(), wide }
    }
}

/// A chart: its words, and what is drawn.
#[derive(Debug)]
pub(super) struct Drawn {
    pub(super) text: Text,
    pub(super) spec: Spec,
}

/// How a column is shown that is worth more than its name.
pub(super) struct Known {
    pub(super) column: &'static str,
    pub(super) title: &'static str,
    pub(super) part: &'static str,
    pub(super) colour: RGBColor,
    pub(super) is_stepped: bool,
    pub(super) is_wide: bool,
    /// Whether it is a day's flow, of which the sum so far is shown: single days are spikes, and not every day is drawn.
    pub(super) is_summed: bool,
}

const fn known(column: &'static str, title: &'static str, part: &'static str, colour: RGBColor) -> Known {
    Known { column, title, part, colour, is_stepped: false, is_wide: false, is_summed: false }
}

const fn so_far(column: &'static str, title: &'static str, part: &'static str, colour: RGBColor) -> Known {
    Known { is_summed: true, ..known(column, title, part, colour) }
}

const NETWORK: &str = "Network";
const FLEET: &str = "Machines and power";
const MARKET: &str = "Price and coins";
const FIRMS: &str = "Firms";
const REST: &str = "Other columns";

/// In order, part by part; a column that is not here comes last, under its own name.
pub(super) const KNOWN: [Known; 41] = [
    Known { is_wide: true, ..known("hashrate_eh_per_s", "Hashrate", NETWORK, style::HASHRATE) },
    Known { is_stepped: true, ..known("difficulty", "Difficulty", NETWORK, style::DIFFICULTY) },
    known("hashprice_usd_per_ph_day", "Hashprice", NETWORK, style::HASHPRICE),
    known("block_interval_s", "Time between blocks", NETWORK, style::DIFFICULTY),
    known("revenue_usd_per_kwh", "Hashprice per energy", NETWORK, style::HASHPRICE),
    known("underwater_share", "Hashrate under water", NETWORK, style::STRESS),
    known(beyond::BY_CLASS, "Hashrate by class of miners", NETWORK, style::NEUTRAL),
    known(beyond::MERIT_ORDER, "Merit order: what breaks even", NETWORK, style::NEUTRAL),
    known(FLEET_ON, "Machines on, by efficiency", FLEET, style::NEUTRAL),
    known(FLEET_OFF, "Machines off, by efficiency", FLEET, style::NEUTRAL),
    known(beyond::LADDER, "Restart ladder", FLEET, style::HASHPRICE),
    known(beyond::WAITING, "Off, and waiting for hashprice", FLEET, style::HASHRATE),
    known(beyond::RIGS, "Prices of machines", FLEET, style::NEUTRAL),
    known("machine_efficiency_j_per_th", "Efficiency of what runs, at the machine", FLEET, style::POWER),
    known("power_gw", "Power at the meter", FLEET, style::POWER),
    known("co2_kt", "CO2 of a day's energy", FLEET, style::EMISSIONS),
    known("on_order_eh_per_s", "Machines on order", FLEET, style::HASHRATE),
    so_far("ordered_eh_per_s", "Machines ordered so far", FLEET, style::HASHRATE),
    so_far("delivered_eh_per_s", "Machines delivered so far", FLEET, style::HASHRATE),
    so_far("scrapped_eh_per_s", "Machines scrapped so far", FLEET, style::STRESS),
    so_far("failed_eh_per_s", "Machines of failed firms so far", FLEET, style::STRESS),
    known("broken_eh_per_s", "Machines broken", FLEET, style::STRESS),
    known("converted_mw", "Power gone to other uses", FLEET, style::POWER),
    known("price_usd", "Price", MARKET, style::PRICE),
    known("price_impact_share", "Price impact of miners' sales", MARKET, style::STRESS),
    known(FLOWS, "Coins sold, by cause, and mined", MARKET, style::SOLD_VOLUNTARY),
    known("coins_held_btc", "Coins held", MARKET, style::HELD),
    known("coins_pledged_btc", "Coins pledged", MARKET, style::HELD),
    known(beyond::SURVIVAL, "Survival by class", FIRMS, style::NEUTRAL),
    known(beyond::RUNWAY, "Days of runway", FIRMS, style::RUNWAY),
    known("cash_usd", "Cash", FIRMS, style::HASHPRICE),
    known("debt_usd", "Debt", FIRMS, style::SOLD_LIQUIDATION),
    so_far("lender_loss_usd", "Lenders' losses so far", FIRMS, style::SOLD_LIQUIDATION),
    known("firms_in_arrears", "Firms in arrears", FIRMS, style::STRESS),
    known("hhi", "Concentration (Herfindahl-Hirschman)", FIRMS, style::OWNERS),
    known(beyond::LORENZ, "How hashrate is shared out at the end", FIRMS, style::OWNERS),
    known("gini", "Inequality of owners (Gini)", FIRMS, style::OWNERS),
    known("nakamoto", "Owners of more than half (Nakamoto)", FIRMS, style::OWNERS),
    known("top1_share", "The largest owner", FIRMS, style::OWNERS),
    known("top5_share", "The five largest owners", FIRMS, style::OWNERS),
    known("top10_share", "The ten largest owners", FIRMS, style::OWNERS),
];

/// Columns of `epochs.csv` that say how things stand at an epoch's end.
pub(super) const AT_EPOCH_ENDS: [&str; 6] = ["hhi", "gini", "nakamoto", "top1_share", "top5_share", "top10_share"];

/// Charts that are of no single column.
const FLEET_ON: &str = "fleet-on";
const FLEET_OFF: &str = "fleet-off";
const FLOWS: &str = "flows";

/// Columns that other charts show already, or that say the same as another.
const SHOWN_ELSEWHERE: [&str; 4] = ["base_price_usd", "blocks", "idle_hashrate_eh_per_s", "issued_btc"];

/// A factor that makes numbers short, and the unit they then have.
pub(super) fn scaled(column: &str, unit: &str, most: f64) -> (f64, String) {
    const SCALES: [(f64, &str); 3] = [(1e12, "trillion"), (1e9, "billion"), (1e6, "million")];
    let scale = SCALES.into_iter().find(|&(scale, _)| most >= scale);
    match (unit, scale) {
        ("" | "USD" | "BTC", Some((scale, word))) => (1.0 / scale, format!("{word} {unit}").trim_end().to_owned()),
        ("", None) if column.ends_with("_share") => (100.0, "%".into()),
        _ => (1.0, unit.into()),
    }
}

/// The greatest magnitude of a fan.
pub(super) fn most(history: &History) -> f64 {
    let fan = &history.fan;
    let values = fan.p95.iter().chain(&fan.p05).filter(|value| value.is_finite());
    values.fold(0.0, |most: f64, value| most.max(value.abs()))
}

/// `hashrate_eh_per_s` → `Hashrate eh per s`, for a column that nobody has named yet.
fn in_words(column: &str) -> String {
    let text = column.replace('_', " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Whether a column is shown as its sum so far.
pub(super) fn is_summed(column: &str) -> bool {
    KNOWN.iter().any(|known| known.column == column && known.is_summed)
}

/// What is to be known of a column to draw it.
pub(super) struct Shown {
    pub(super) title: String,
    pub(super) part: &'static str,
    pub(super) colour: RGBColor,
    pub(super) is_stepped: bool,
    pub(super) is_wide: bool,
}

/// The place of a chart on the page.
pub(super) fn order(id: &str) -> usize {
    KNOWN.iter().position(|known| known.column == id).unwrap_or(KNOWN.len())
}

/// How a column is shown; nothing if other charts show it.
pub(super) fn shown(column: &str) -> Option<Shown> {
    if SHOWN_ELSEWHERE.contains(&column) || column.starts_with("sold_") {
        return None;
    }
    let found = KNOWN.iter().find(|known| known.column == column);
    Some(match found {
        Some(known) => Shown {
            title: known.title.into(),
            part: known.part,
            colour: known.colour,
            is_stepped: known.is_stepped,
            is_wide: known.is_wide,
        },
        None => {
            Shown { title: in_words(column), part: REST, colour: style::NEUTRAL, is_stepped: false, is_wide: false }
        }
    })
}

/// The charts of a run, and the columns that never change with what they are.
pub(super) fn of_run(
    series: &RunSeries,
    histories: &[History],
    block: &mut Block,
) -> (Vec<Drawn>, Vec<(String, String)>) {
    let marks: Vec<Mark> =
        series.marks.shocks.iter().map(|shock| Mark { at: shock.time, label: shock.label.clone() }).collect();
    let base = histories.iter().find(|history| history.column.name == "base_price_usd");
    let mut constant = Vec::new();
    let mut fans: Vec<Drawn> = Vec::new();
    for history in histories {
        let Some(shown) = shown(&history.column.name) else { continue };
        if let Some(value) = history.constant() {
            let value = if value.is_nan() { "no value".into() } else { human(value) };
            constant.push((history.column.name.to_string(), value));
            continue;
        }
        fans.push(fan(history, &shown, marks.clone(), base));
    }
    let mut charts: Vec<Drawn> = fans;
    charts.extend(beyond::of_run(series, &marks, block));
    charts.extend(fleet(series, &marks));
    charts.push(flows(series, &marks));
    charts.sort_by_key(|drawn| order(&drawn.text.id));
    (charts, constant)
}

fn fan(history: &History, shown: &Shown, marks: Vec<Mark>, base: Option<&History>) -> Drawn {
    let column = &history.column;
    let (scale, unit) = scaled(&column.name, column.unit, most(history));
    let times = |values: &[f64]| -> Vec<f64> { values.iter().map(|value| value * scale).collect() };
    let (fan, colour) = (&history.fan, shown.colour);
    let mut layers = Vec::new();
    let varies = history.varies_over_replicas();
    if varies {
        layers.push(Layer::band("90 % of replicas", colour, 0.18, &times(&fan.p05), &times(&fan.p95)));
        layers.push(Layer::band("50 %", colour, 0.32, &times(&fan.p25), &times(&fan.p75)));
    }
    let name = if varies { "median" } else { "every replica" };
    layers.push(Layer::line(name, colour, &times(&fan.p50)));
    let sum = if is_summed(&column.name) { ", summed from the start" } else { "" };
    let mut note = format!("{}{sum}.", column.doc);
    if column.name == "price_usd"
        && let Some(base) = base
        && base.fan.p50 != fan.p50
    {
        layers.push(Layer::line("median without impact", colour, &base.fan.p50).dashed());
        note.push_str(" Broken line: the base price of the same runs.");
    }
    if shown.is_stepped {
        layers = layers.into_iter().map(Layer::stepped).collect();
    }
    let id = column.name.to_string();
    let text = Text { id: id.clone(), part: shown.part, title: shown.title.clone(), unit, note, wide: shown.is_wide };
    Drawn { text, spec: Spec { id, axis: "days", wide: shown.is_wide, zero: false, marks, layers } }
}

/// Two stacks over the same classes of efficiency: what runs, and what is off.
fn fleet(series: &RunSeries, marks: &[Mark]) -> Vec<Drawn> {
    let bins = &series.fleet.bins;
    let course = |values: &[f64]| -> Vec<f64> {
        series.grid.times.iter().map(|&time| super::history::between(&series.fleet.times, values, time)).collect()
    };
    let stack = |id: &str, note: &str, is_on: bool| {
        let layers = bins.iter().enumerate().map(|(place, bin)| {
            let values = course(if is_on { &bin.running } else { &bin.idle });
            Layer::stack(&bin.label(), style::efficiency(place, bins.len()), &values)
        });
        let spec = Spec {
            id: id.into(),
            axis: "days",
            wide: false,
            zero: true,
            marks: marks.to_vec(),
            layers: layers.collect(),
        };
        Drawn { text: Text::of(id, "EH/s", note), spec }
    };
    vec![
        stack(FLEET_ON, "Running hashrate, mean over replicas.", true),
        stack(FLEET_OFF, "Installed but idle, mean over replicas.", false),
    ]
}

fn flows(series: &RunSeries, marks: &[Mark]) -> Drawn {
    let sales = &series.sales;
    // Each instant has the mean of the interval that it lies in.
    let course = |values: &[f64]| -> Vec<f64> {
        let place = |&time: &i64| sales.ends.partition_point(|&end| end < time);
        series.grid.times.iter().map(|time| values.get(place(time)).copied().unwrap_or(f64::NAN)).collect()
    };
    let layers = vec![
        Layer::stack("sold voluntarily", style::SOLD_VOLUNTARY, &course(&sales.voluntary)).stepped(),
        Layer::stack("forced", style::SOLD_FORCED, &course(&sales.forced)).stepped(),
        Layer::stack("in liquidation", style::SOLD_LIQUIDATION, &course(&sales.liquidation)).stepped(),
        Layer::line("mined", style::INK, &course(&sales.issued)).stepped(),
    ];
    let weeks = match sales.weeks {
        1 => "Weekly means".to_owned(),
        weeks => format!("Means of {weeks} weeks"),
    };
    Drawn {
        text: Text::of(FLOWS, "BTC/day", &format!("{weeks}, averaged over replicas.")),
        spec: Spec { id: FLOWS.into(), axis: "days", wide: false, zero: true, marks: marks.to_vec(), layers },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        figure::page::history,
        output::table::Table,
        report::{fixture::Fixture, series::Limits},
    };

    #[test]
    fn every_column_is_drawn_or_said_to_be_constant_or_shown_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        Fixture { days: 60, replicas: 4 }.write(folder.path());
        let limits = Limits::default();
        let series = RunSeries::read(folder.path(), &limits).unwrap();
        let histories = history::of_days(folder.path(), &series.grid, &limits).unwrap();
        let (charts, constant) = of_run(&series, &histories, &mut Block::default());
        for column in
            Table::Days.columns().iter().filter(|column| column.name != "replica" && column.name != "time_utc")
        {
            let name = &*column.name;
            let is_drawn = charts.iter().any(|drawn| drawn.text.id == name);
            let is_constant = constant.iter().any(|(constant, _)| constant == name);
            assert_eq!(usize::from(is_drawn) + usize::from(is_constant), usize::from(shown(name).is_some()), "{name}");
        }
        assert!(constant.contains(&("debt_usd".into(), "0".into())));
        let mut parts: Vec<_> = charts.iter().map(|drawn| drawn.text.part).collect();
        parts.dedup();
        assert_eq!(parts, [NETWORK, FLEET, MARKET, FIRMS], "a part comes once");
        assert_eq!(charts[0].text.id, "hashrate_eh_per_s");
    }

    #[test]
    fn large_numbers_are_shortened_and_their_unit_says_so() {
        assert_eq!(scaled("difficulty", "", 1.5e14), (1e-12, "trillion".into()));
        assert_eq!(scaled("cash_usd", "USD", 6.2e9), (1e-9, "billion USD".into()));
        assert_eq!(scaled("underwater_share", "", 0.4), (100.0, "%".into()));
        assert_eq!(scaled("price_usd", "USD/BTC", 2e6), (1.0, "USD/BTC".into()));
    }
}
