//! The columns of tables that no other figure shows: a figure each, of one fan, in an order of their own.

use std::borrow::Cow;

use plotters::style::RGBColor;

use crate::{
    declare::{Column, Kind},
    figure::{
        instant::seconds,
        parts::{Across, Figure, Layer, Mark, Panel, Part, Shape, instants, shortened},
        style,
    },
    output::table::Table,
    report::{
        bands::{Band, Fan, Grid},
        days::DayColumn,
        series::Gathering,
    },
};

/// How a column is shown.
#[derive(Clone, Copy)]
struct Look {
    column: &'static str,
    title: &'static str,
    part: Part,
    colour: RGBColor,
    /// Whether it is a daily flow, which is shown as a cumulative sum, because single days are spikes and not every day is drawn.
    is_summed: bool,
}

const fn look_of(column: &'static str, title: &'static str, part: Part, colour: RGBColor) -> Look {
    Look { column, title, part, colour, is_summed: false }
}

const fn so_far(column: &'static str, title: &'static str, part: Part, colour: RGBColor) -> Look {
    Look { is_summed: true, ..look_of(column, title, part, colour) }
}

/// The columns in the order of the page; other columns come last, under their own names.
const LOOKS: &[Look] = &[
    look_of("block_interval_s", "Time between blocks", Part::Network, style::DIFFICULTY),
    look_of("revenue_usd_per_kwh", "Hashprice per energy", Part::Network, style::HASHPRICE),
    look_of("co2_kg_per_kwh", "CO2 per energy of the network", Part::Network, style::EMISSIONS),
    look_of("underwater_share", "Hashrate below break-even", Part::Network, style::STRESS),
    look_of("on_order_eh_per_s", "Machines on order", Part::Machines, style::HASHRATE),
    so_far("ordered_eh_per_s", "Machines ordered so far", Part::Machines, style::HASHRATE),
    so_far("delivered_eh_per_s", "Machines delivered so far", Part::Machines, style::HASHRATE),
    so_far("scrapped_eh_per_s", "Machines scrapped so far", Part::Machines, style::STRESS),
    so_far("failed_eh_per_s", "Machines of failed firms so far", Part::Machines, style::STRESS),
    look_of("broken_eh_per_s", "Machines broken", Part::Machines, style::STRESS),
    look_of("converted_mw", "Power converted to other uses", Part::Machines, style::POWER),
    look_of("price_impact_share", "Price impact of miners' sales", Part::Market, style::STRESS),
    look_of("paired_price_usd", "Price in the same seed without the shock", Part::Market, style::PRICE),
    so_far("paired_sold_btc", "Coins sold so far without the shock", Part::Market, style::HELD),
    look_of("coins_pledged_btc", "Coins pledged", Part::Market, style::HELD),
    look_of("cash_usd", "Cash", Part::Firms, style::HASHPRICE),
    look_of("debt_usd", "Debt", Part::Firms, style::SOLD_LIQUIDATION),
    so_far("lender_loss_usd", "Lenders' losses so far", Part::Firms, style::SOLD_LIQUIDATION),
    look_of("firms_in_arrears", "Firms in arrears", Part::Firms, style::STRESS),
    look_of("gini", "Inequality of owners (Gini)", Part::Firms, style::OWNERS),
    look_of("nakamoto", "Owners of more than half (Nakamoto)", Part::Firms, style::OWNERS),
    look_of("top1_share", "The largest owner", Part::Firms, style::OWNERS),
    look_of("top10_share", "The ten largest owners", Part::Firms, style::OWNERS),
];

/// Columns that are not shown: the time between blocks says more than the number of blocks, and the fleet chart shows idle hashrate.
const NEVER_SHOWN: &[&str] = &["blocks", "idle_hashrate_eh_per_s"];

fn look(column: &str) -> Look {
    let other = look_of("", "", Part::Others, style::NEUTRAL);
    LOOKS.iter().find(|look| look.column == column).copied().unwrap_or(other)
}

/// A column over time.
#[derive(Debug)]
pub(super) struct History {
    /// Name, unit and meaning.
    pub(super) column: Column,
    /// Quantiles over replicas, and the first replicas one by one.
    band: Band,
    /// Its value, if it is constant over time and equal in all replicas; NaN if it has no value.
    pub(super) constant: Option<f64>,
}

impl History {
    fn new(courses: &[Vec<f64>], column: Column, points: usize, paths: usize) -> Self {
        let mut values = courses.iter().flatten().copied().filter(|value| !value.is_nan());
        let constant = match values.next() {
            None => Some(f64::NAN),
            Some(first) => values.all(|value| value.to_bits() == first.to_bits()).then_some(first),
        };
        let band = Band { fan: Fan::over(courses, points), paths: courses.iter().take(paths).cloned().collect() };
        Self { column, band, constant }
    }
}

/// A figure for each of `histories`, the columns of [`LOOKS`] first.
pub(super) fn figures<'a>(histories: &'a [History], grid: &Grid, marks: &[Mark], replicas: usize) -> Vec<Figure<'a>> {
    let place =
        |history: &&History| LOOKS.iter().position(|look| look.column == history.column.name).unwrap_or(LOOKS.len());
    let mut ordered: Vec<&History> = histories.iter().collect();
    ordered.sort_by_key(place);
    ordered.into_iter().map(|history| figure(history, grid, marks, replicas)).collect()
}

fn figure<'a>(history: &'a History, grid: &Grid, marks: &[Mark], replicas: usize) -> Figure<'a> {
    let (column, Look { title, part, colour, is_summed, .. }) = (&history.column, look(&history.column.name));
    let title = if title.is_empty() { in_words(&column.name) } else { title.to_owned() };
    let sum = if is_summed { ", cumulative from the start" } else { "" };
    let (factor, unit) = if column.unit.is_empty() && column.name.ends_with("_share") {
        (100.0, "%".into())
    } else {
        shortened(&history.band, column.unit)
    };
    let fan = Shape::Fan(Cow::Borrowed(&history.band));
    let panel = Panel::new(&title, &unit).said(&title, format!("{}{sum}.", column.doc));
    let panel = panel.with(Layer::new("", colour, &instants(&grid.times), fan));
    let days = Across::Time(seconds(grid.start), seconds(grid.end()));
    let panels = vec![Panel { factor, ..panel }];
    Figure { part, marks: marks.to_vec(), replicas, ..Figure::new(&*column.name, title, days, panels) }
}

/// `hashrate_eh_per_s` → `Hashrate eh per s`, for a column that nobody has named yet.
fn in_words(column: &str) -> String {
    let text = column.replace('_', " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The numeric columns of a table, except the columns in `but`.
fn numeric(table: Table, but: &[&str]) -> Vec<Column> {
    let mut columns = table.columns();
    columns.retain(|column| {
        matches!(column.kind, Kind::Count | Kind::OptionalCount | Kind::Number | Kind::OptionalNumber)
            && column.name != "replica"
            && !NEVER_SHOWN.iter().chain(but).any(|name| *name == column.name)
    });
    columns
}

/// The daily columns that may have charts on the page in addition to the charts of [`RunSeries`](crate::report::series::RunSeries).
pub fn day_columns() -> Vec<DayColumn> {
    let kept = |column: Column| DayColumn { is_summed: look(&column.name).is_summed, name: column.name.into_owned() };
    numeric(Table::Days, &[]).into_iter().map(kept).collect()
}

/// The columns of days and of the ends of epochs that none of `figures` shows.
pub(super) fn other_columns(run: &Gathering, grid: &Grid, paths: usize, figures: &[Figure<'_>]) -> Vec<History> {
    let shown: Vec<&str> =
        figures.iter().flat_map(|figure| &figure.panels).flat_map(|panel| panel.columns.iter().copied()).collect();
    histories(run, grid, paths, &shown)
}

/// The numeric columns of `days.csv` (for flows, the cumulative sum) and the columns of `epochs.csv` that hold the state at the end of an epoch,
/// except the columns in `but`.
fn histories(run: &Gathering, grid: &Grid, paths: usize, but: &[&str]) -> Vec<History> {
    let points = grid.times.len();
    let of_days =
        numeric(Table::Days, but).into_iter().map(|column| History::new(run.days(&column.name), column, points, paths));
    let of_ends = numeric(Table::Epochs, but)
        .into_iter()
        .filter_map(|column| Some(History::new(&run.epoch_ends(&column.name)?, column, points, paths)));
    of_days.chain(of_ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        figure::run,
        report::{bands::Limits, fixture::Fixture, series::RunSeries},
    };

    fn of_fixture(fixture: &Fixture, limits: &Limits, but: &[&str]) -> (RunSeries, Vec<History>) {
        let folder = tempfile::tempdir().unwrap();
        fixture.write(folder.path());
        let run = Gathering::of_folder(folder.path(), limits, &day_columns()).unwrap();
        let series = run.series(folder.path(), limits.paths).unwrap();
        let found = histories(&run, &series.grid, limits.paths, but);
        (series, found)
    }

    #[test]
    fn every_column_is_in_a_figure_or_has_one_of_its_own() {
        let (series, histories) = of_fixture(&Fixture { days: 60, replicas: 4 }, &Limits::default(), &[]);
        let figures = run::figures(&series);
        let in_figures: Vec<&str> =
            figures.iter().flat_map(|figure| &figure.panels).flat_map(|panel| panel.columns.clone()).collect();
        let known = |name: &str| histories.iter().any(|history| history.column.name == name);
        for column in Table::Days.columns().iter().filter(|one| one.name != "replica" && one.name != "time_utc") {
            assert!(known(&column.name) || NEVER_SHOWN.contains(&&*column.name), "{}", column.name);
        }
        for name in in_figures.iter().chain(LOOKS.iter().map(|look| &look.column)) {
            assert!(known(name), "{name} is the name of no column");
        }
        let looks = LOOKS.iter().filter(|look| look.column != "price_impact_share");
        assert!(looks.into_iter().all(|look| !in_figures.contains(&look.column)), "a column is shown twice");
    }

    #[test]
    fn columns_are_read_and_agree_with_the_charts() {
        let limits = Limits { points: 30, ..Limits::default() };
        let (series, found) = of_fixture(&Fixture { days: 90, replicas: 6 }, &limits, &["price_usd"]);
        let find = |name: &str| found.iter().find(|history| history.column.name == name);
        assert!(find("price_usd").is_none());
        let hashrate = find("hashrate_eh_per_s").unwrap();
        assert_eq!(hashrate.band, series.hashrate);
        assert_eq!((hashrate.column.unit, hashrate.constant), ("EH/s", None));
        assert_eq!(find("debt_usd").unwrap().constant, Some(0.0));
        // A flow is summed over all days, of which one in three is kept.
        let scrapped = &find("scrapped_eh_per_s").unwrap().band.paths;
        assert!((scrapped[4][29] - 90.0 * scrapped[4][0] / 3.0).abs() < 1e-9 && scrapped[4][0] > 0.0, "{scrapped:?}");
    }

    #[test]
    fn large_numbers_are_shortened_and_their_unit_says_so() {
        let band =
            |most: f64| Band { fan: Fan { p05: vec![0.0], p95: vec![most], ..Fan::default() }, paths: Vec::new() };
        assert_eq!(shortened(&band(1.5e14), ""), (1e-12, "trillion".into()));
        assert_eq!(shortened(&band(6.2e9), "USD"), (1e-9, "billion USD".into()));
        assert_eq!(shortened(&band(5e7), "EH/s"), (1.0, "EH/s".into()));
        assert_eq!(in_words("on_order_eh_per_s"), "On order eh per s");
    }
}
