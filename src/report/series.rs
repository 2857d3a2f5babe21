//! The tables of a result folder, read back into what charts need.
//!
//! Memory is bounded whatever the size of the run: at most [`Limits::points`] instants times
//! [`Limits::replicas`] replicas are kept of a column; sums over replicas are kept as sums.

use std::path::Path;

use super::{
    ReportError,
    bands::{Band, Fan, Grid, Limits},
    classes,
    classes::ClassCourse,
    epochs,
    firms::{self, Lorenz, Survival},
    ladder::Ladder,
    marks::Marks,
    observed::{self, ObservedEpoch},
    rigs::Rigs,
    stack::FleetStack,
    summary,
    supply::{self, Supply},
};
use crate::{
    output::read::{Replica, Replicas},
    simulation::record::DayRecord,
    units::{Sats, UnixTime},
};

const WEEK_S: i64 = 7 * 86_400;
/// Flows are means of whole weeks, of as many that about so many intervals remain: firms settle monthly, each on its own
/// day, and finer means would show that rhythm and nothing else.
const FLOW_INTERVALS: i64 = 30;

/// A longer runway, or one without end, counts as this, d.
pub const RUNWAY_CAP_DAYS: f64 = 1000.0;

/// Coins per day by cause: means over replicas and over each [`Sales::ends`] interval.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sales {
    /// Ends of the intervals, seconds since 1970; the first begins at [`Grid::start`].
    pub ends: Vec<i64>,
    /// Whole weeks in an interval; the last one may be up to twice as long.
    pub weeks: i64,
    /// BTC a day sold of free will.
    pub voluntary: Vec<f64>,
    /// BTC a day sold because cash was short.
    pub forced: Vec<f64>,
    /// BTC a day sold out of insolvent firms.
    pub liquidation: Vec<f64>,
    /// BTC a day paid out by blocks.
    pub issued: Vec<f64>,
}

/// All that the charts of one run show.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSeries {
    /// Title of the scenario; empty if the folder does not say.
    pub title: String,
    /// The time axis.
    pub grid: Grid,
    /// USD/BTC, as miners' sales leave it.
    pub price: Band,
    /// USD/BTC, without their impact.
    pub base_price: Band,
    /// What their impact adds to the price, %.
    pub impact: Band,
    /// EH/s, running.
    pub hashrate: Band,
    /// Difficulty in force.
    pub difficulty: Band,
    /// USD/PH/day.
    pub hashprice: Band,
    /// BTC in the hands of miners.
    pub coins_held: Band,
    /// GW at the meter.
    pub power: Band,
    /// kt of CO2 a day.
    pub co2: Band,
    /// BTC/day by cause.
    pub sales: Sales,
    /// EH/s by efficiency, on and off.
    pub fleet: FleetStack,
    /// Energy at the machine per hash of what runs, J/TH.
    pub efficiency: Band,
    /// Herfindahl-Hirschman index of running hashrate by owner.
    pub hhi: Band,
    /// Share of running hashrate of the five largest owners, %; NaN where the tables do not say.
    pub top5: Band,
    /// Days of runway that 10, 50 and 90 % of miners do not exceed, at most [`RUNWAY_CAP_DAYS`]; NaN where the tables do not say.
    pub runway: [Band; 3],
    /// Who has not failed, by class; empty where `survival.csv` was not written.
    pub survival: Vec<Survival>,
    /// How running hashrate is shared out at the end; empty where `firms.csv` was not written.
    pub lorenz_end: Lorenz,
    /// Running hashrate by class; empty where `classes.csv` was not written.
    pub classes: Vec<ClassCourse>,
    /// Hashrate by break-even of the first replica, at the starts of epochs and at the end.
    pub supply: Vec<Supply>,
    /// What waits for a better hashprice; empty where `restart.csv` was not written.
    pub ladder: Ladder,
    /// Prices of machines; empty where `rigs.csv` was not written or nothing is traded.
    pub rigs: Rigs,
    /// Instants at which the merit order is drawn, seconds since 1970; without any, at the start, the trough and the end.
    pub supply_dates: Vec<i64>,
    /// Retargets and shocks of the first replica.
    pub marks: Marks,
    /// What happened, where the folder has it.
    pub observed: Vec<ObservedEpoch>,
    /// Replicas in the fans.
    pub replicas: usize,
    /// Replicas of the run, if the folder says so.
    pub replicas_run: Option<u64>,
}

impl RunSeries {
    /// Reads the tables of `folder`.
    ///
    /// # Errors
    /// If a table is missing or a row of it cannot be read.
    pub fn read(folder: &Path, limits: &Limits) -> Result<Self, ReportError> {
        let (title, replicas_run) = summary::title_and_replicas(folder)?;
        let grid = Grid::over(&first_replicas_days(folder)?, limits.points);
        let days = Days::read(folder, &grid, limits)?;
        let marks = Marks::read(folder, &grid)?;
        let fleet = FleetStack::read(folder, &grid.times, limits.replicas)?;
        let band = |histories: &[Vec<f64>]| Band {
            fan: Fan::over(histories, grid.times.len()),
            paths: histories.iter().take(limits.paths).cloned().collect(),
        };
        let ends = |columns: &[&str], empty| epochs::at_ends(folder, &grid, limits.replicas, (columns, empty));
        let mut shares = ends(&["hhi", "top5_share"], f64::NAN)?;
        for share in shares[1].iter_mut().flatten() {
            *share *= 100.0;
        }
        let [hhi, top5] = shares.as_slice() else { unreachable!("as many columns as asked for") };
        let mut runways = ends(&["runway_p10_days", "runway_p50_days", "runway_p90_days"], RUNWAY_CAP_DAYS)?;
        for days in runways.iter_mut().flatten().flatten() {
            // Not `min`, which would make a number of NaN.
            if *days > RUNWAY_CAP_DAYS {
                *days = RUNWAY_CAP_DAYS;
            }
        }
        let runway = std::array::from_fn(|place| band(&runways[place]));
        let [price, base_price, impact, hashrate, difficulty, hashprice, coins_held, power, co2, efficiency] =
            days.columns.each_ref().map(|histories| band(histories));
        Ok(Self {
            title,
            price,
            base_price,
            impact,
            hashrate,
            difficulty,
            hashprice,
            coins_held,
            power,
            co2,
            sales: days.flows.into_sales(),
            replicas: days.replicas,
            replicas_run,
            fleet,
            marks,
            efficiency,
            hhi: band(hhi),
            top5: band(top5),
            runway,
            survival: firms::survival(folder, &grid, limits.replicas)?,
            lorenz_end: firms::lorenz_at_the_end(folder, limits.replicas)?,
            supply: supply::read(folder)?,
            classes: classes::read(folder, &grid, limits.replicas)?,
            ladder: Ladder::read(folder, &grid, limits.replicas)?,
            rigs: Rigs::read(folder, limits.replicas)?,
            supply_dates: Vec::new(),
            observed: observed::of_folder(folder, (grid.start, grid.end()))?,
            grid,
        })
    }
}

pub(crate) fn first_replicas_days(folder: &Path) -> Result<Vec<i64>, ReportError> {
    let mut table = Replicas::open::<DayRecord>(folder, UnixTime::default())?;
    let Some(first) = table.advance()? else { return Err(table.empty_table().into()) };
    let mut days: Vec<i64> = Vec::with_capacity(first.columns.len());
    for (row, day) in first.columns.rows::<DayRecord>().enumerate() {
        let time = first.columns.unix(day.time);
        if days.last().is_some_and(|&before| time <= before) {
            return Err(first.bad_row(row, "column `time_utc`: this day is not after the one before").into());
        }
        days.push(time);
    }
    Ok(days)
}

/// How many columns of days have their distribution over replicas kept.
const FANS: usize = 10;
/// How many columns of days are summed.
const FLOWS: usize = 4;

/// What one pass over `days.csv` keeps.
struct Days {
    /// Column, replica, point.
    columns: [Vec<Vec<f64>>; FANS],
    flows: Flows,
    replicas: usize,
}

impl Days {
    fn read(folder: &Path, grid: &Grid, limits: &Limits) -> Result<Self, ReportError> {
        let mut table = Replicas::open::<DayRecord>(folder, UnixTime::default())?;
        let mut days = Self { columns: Default::default(), flows: Flows::over(grid), replicas: 0 };
        while days.replicas < limits.replicas
            && let Some(replica) = table.advance()?
        {
            days.add(&replica, grid)?;
        }
        Ok(days)
    }

    fn add(&mut self, replica: &Replica<'_>, grid: &Grid) -> Result<(), ReportError> {
        self.replicas += 1;
        let mut histories = [(); FANS].map(|()| vec![f64::NAN; grid.times.len()]);
        for (row, day) in replica.columns.rows::<DayRecord>().enumerate() {
            let time = replica.columns.unix(day.time);
            let Some(cell) = grid.cell(time) else {
                return Err(replica.bad_row(row, "column `time_utc`: outside the days of the first replica").into());
            };
            let values = [
                day.price_usd,
                day.base_price_usd,
                100.0 * day.price_impact,
                day.hashrate_eh_per_s,
                day.difficulty,
                day.hashprice_usd_per_ph_day,
                day.coins_held.btc(),
                day.power_gw,
                day.co2_kt,
                day.efficiency_j_per_th.unwrap_or(f64::NAN),
            ];
            for (history, value) in histories.iter_mut().zip(values) {
                history[cell] = value;
            }
            let flows = [day.sold_voluntary, day.sold_forced, day.sold_liquidation, day.issued];
            self.flows.add(time, flows.map(Sats::btc));
        }
        for (column, history) in self.columns.iter_mut().zip(histories) {
            column.push(history);
        }
        Ok(())
    }
}

/// Sums over days and replicas of the columns of flows.
struct Flows {
    start: i64,
    length: i64,
    ends: Vec<i64>,
    sums: [Vec<f64>; FLOWS],
    rows: Vec<f64>,
}

impl Flows {
    fn over(grid: &Grid) -> Self {
        let span = grid.end() - grid.start;
        let weeks = ceiling(ceiling(span, WEEK_S), FLOW_INTERVALS).max(1);
        let length = weeks * WEEK_S;
        // A rest that is no whole interval belongs to the last one: a mean of two days would stand out.
        let mut ends: Vec<i64> = (1..=(span / length).max(1)).map(|interval| grid.start + interval * length).collect();
        if let Some(last) = ends.last_mut() {
            *last = grid.end();
        }
        let zeros = vec![0.0; ends.len()];
        Self { start: grid.start, length, sums: std::array::from_fn(|_| zeros.clone()), rows: zeros, ends }
    }

    fn add(&mut self, time: i64, flows: [f64; FLOWS]) {
        // A row's time is the end of its day, so a day that ends with the interval still belongs to it.
        let interval = usize::try_from((time - 1 - self.start) / self.length).unwrap_or_default();
        let interval = interval.min(self.ends.len() - 1);
        for (sums, flow) in self.sums.iter_mut().zip(flows) {
            sums[interval] += flow;
        }
        self.rows[interval] += 1.0;
    }

    fn into_sales(self) -> Sales {
        let rows = self.rows;
        let [voluntary, forced, liquidation, issued] = self
            .sums
            .map(|sums| sums.iter().zip(&rows).map(|(sum, &rows)| if rows > 0.0 { sum / rows } else { 0.0 }).collect());
        Sales { ends: self.ends, weeks: self.length / WEEK_S, voluntary, forced, liquidation, issued }
    }
}

fn ceiling(dividend: i64, divisor: i64) -> i64 {
    dividend / divisor + i64::from(dividend % divisor != 0)
}

#[cfg(test)]
#[path = "series_tests.rs"]
mod tests;
