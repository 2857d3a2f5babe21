//! What charts need of `days.csv`, added replica by replica: courses of columns, and flows of coins over whole weeks.

use super::bands::Grid;
use crate::{
    declare::{Columns, Values},
    output::{replay::BadRow, table::Table},
    simulation::record::DayRecord,
    units::Sats,
};

const WEEK_S: i64 = 7 * 86_400;
/// About this number of intervals is shown of flows, each a number of whole weeks: firms settle monthly, each on its own day, and means
/// over shorter intervals would show that rhythm and nothing else.
const FLOW_INTERVALS: i64 = 30;

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

/// A column of `days.csv` whose course is kept beside those of the bands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayColumn {
    /// Its name.
    pub name: String,
    /// Whether its sum from the start is kept, and not its value.
    pub is_summed: bool,
}

/// The columns of `days.csv` from which charts have bands.
pub const BANDS: [&str; 10] = [
    "price_usd",
    "base_price_usd",
    "price_impact_share",
    "hashrate_eh_per_s",
    "difficulty",
    "hashprice_usd_per_ph_day",
    "coins_held_btc",
    "power_gw",
    "co2_kt",
    "machine_efficiency_j_per_th",
];

/// How many columns of days are summed.
const FLOWS: usize = 4;

/// What is kept of `days.csv`.
#[derive(Debug)]
pub struct Days {
    columns: Vec<DayColumn>,
    /// Column, replica, point.
    courses: Vec<Vec<Vec<f64>>>,
    /// Coins sold and issued.
    pub flows: Flows,
}

impl Days {
    /// Of no replica yet.
    #[must_use]
    pub fn over(grid: &Grid, others: &[DayColumn]) -> Self {
        let mut columns: Vec<DayColumn> =
            BANDS.iter().map(|&name| DayColumn { name: name.to_owned(), is_summed: false }).collect();
        columns.extend(others.iter().filter(|other| !BANDS.contains(&&*other.name)).cloned());
        Self { courses: vec![Vec::new(); columns.len()], columns, flows: Flows::over(grid) }
    }

    /// Adds the days of a replica.
    ///
    /// # Errors
    /// When a day is outside the days of the first replica.
    pub fn add(&mut self, replica: u64, rows: &Columns, grid: &Grid) -> Result<(), BadRow> {
        let mut cells = Vec::with_capacity(rows.len());
        for (row, day) in rows.rows::<DayRecord>().enumerate() {
            let time = rows.unix(day.time);
            let Some(cell) = grid.cell(time) else {
                let problem = "column `time_utc`: outside the days of the first replica";
                return Err(BadRow { replica, table: Table::Days, row, problem });
            };
            cells.push(cell);
            let flows = [day.sold_voluntary, day.sold_forced, day.sold_liquidation, day.issued];
            self.flows.add(time, flows.map(Sats::btc));
        }
        for (column, courses) in self.columns.iter().zip(&mut self.courses) {
            let (mut course, mut sum) = (vec![f64::NAN; grid.times.len()], 0.0);
            let values = rows.get(&column.name).into_iter().flat_map(Values::numbers);
            for (value, &cell) in values.zip(&cells) {
                // The last day of a cell stays.
                if !column.is_summed {
                    course[cell] = value;
                    continue;
                }
                if !value.is_nan() {
                    sum += value;
                }
                course[cell] = sum;
            }
            courses.push(course);
        }
        Ok(())
    }

    /// The courses of a column, by replica.
    #[must_use]
    pub fn course(&self, column: &str) -> &[Vec<f64>] {
        let place = self.columns.iter().position(|known| known.name == column);
        place.map_or(&[], |place| &self.courses[place])
    }
}

/// Sums over days and replicas of the columns of flows.
#[derive(Debug)]
pub struct Flows {
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

    /// Means over replicas.
    #[must_use]
    pub fn sales(&self) -> Sales {
        let mean = |(sum, &rows): (&f64, &f64)| if rows > 0.0 { sum / rows } else { 0.0 };
        let [voluntary, forced, liquidation, issued] =
            self.sums.each_ref().map(|sums| sums.iter().zip(&self.rows).map(mean).collect());
        Sales { ends: self.ends.clone(), weeks: self.length / WEEK_S, voluntary, forced, liquidation, issued }
    }
}

fn ceiling(dividend: i64, divisor: i64) -> i64 {
    dividend / divisor + i64::from(dividend % divisor != 0)
}
