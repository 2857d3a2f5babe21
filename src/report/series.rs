//! What the charts of a run show, made of its replicas one by one.
//!
//! Memory is bounded whatever the size of the run: at most [`Limits::points`] instants times
//! [`Limits::replicas`] replicas are kept of a column; sums over replicas are kept as sums.

use std::path::Path;

use super::{
    ReportError,
    bands::{Band, Fan, Grid, Limits},
    classes::{self, ClassCourse},
    days::{BANDS, DayColumn, Days, Sales},
    drawn::{self, DrawnFans},
    epochs::{Courses, Groups},
    firms::{self, Lorenz, LorenzSum, Survival, TenthSum, Tenths},
    ladder::{self, Ladder},
    marks::{Marks, Retarget, Shock, retargets, shocks},
    observed::{self, ObservedEpoch},
    relief::{Relief, relief},
    rigs::{RigSum, Rigs},
    stack::{FleetStack, FleetSum},
    summary::{self, Head},
    supply::{self, Supply},
};
use crate::{
    declare::Columns,
    output::{
        csv::Recorded,
        replay::{BadRow, Replay},
        table::Table,
        uncertain::HangsOn,
    },
    simulation::{metrics::Metrics, record::DayRecord},
    units::UnixTime,
};

/// A longer runway, or one without end, counts as this, d.
pub const RUNWAY_CAP_DAYS: f64 = 1000.0;

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
    /// What is left at the end of each tenth of hashrate, in the order of power prices and of efficiency; empty likewise.
    pub tenths: [Tenths; 2],
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
    /// The deepest fall of difficulty in each replica, where it falls.
    pub reliefs: Vec<Option<Relief>>,
    /// By replica, % of the hashrate installed at the start that defaulted for bills, interest and principal.
    pub causes: Vec<Vec<f64>>,
    /// What histories with drawn assumptions show, where there are any.
    pub drawn: Option<DrawnFans>,
    /// What the answer hangs on, where assumptions were drawn.
    pub hangs_on: Vec<HangsOn>,
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
        Gathering::of_folder(folder, limits, &[])?.series(folder, limits.paths)
    }
}

/// The columns of `epochs.csv` whose courses are kept.
const ENDS: [&str; 9] = [
    "hhi",
    "gini",
    "nakamoto",
    "top1_share",
    "top5_share",
    "top10_share",
    "runway_p10_days",
    "runway_p50_days",
    "runway_p90_days",
];

/// What charts and page of a run need of its replicas, which are added one by one: as they end, or as they are read from a folder.
#[derive(Debug)]
pub struct Gathering {
    limits: Limits,
    others: Vec<DayColumn>,
    found: Option<Found>,
    observed: Option<Columns>,
}

#[derive(Debug)]
struct Found {
    grid: Grid,
    replicas: usize,
    days: Days,
    ends: Courses,
    drawn: Option<Courses>,
    fleet: FleetSum,
    retargets: Option<Vec<Retarget>>,
    shocks: Option<Vec<Shock>>,
    survival: Groups,
    tenths: [TenthSum; 2],
    lorenz: LorenzSum,
    classes: Groups,
    ladder: Courses,
    has_ladder: bool,
    supply: Option<Vec<Supply>>,
    rigs: RigSum,
    troughs: Vec<Option<f64>>,
    causes: Vec<Vec<f64>>,
    reliefs: Vec<Option<Relief>>,
}

impl Gathering {
    /// Of no replica yet. The columns `others` of days are kept for [`Self::days`].
    #[must_use]
    pub fn new(limits: &Limits, others: &[DayColumn]) -> Self {
        Self { limits: *limits, others: others.to_vec(), found: None, observed: None }
    }

    /// Of the replicas in a folder.
    ///
    /// # Errors
    /// If a table is missing or a row of it cannot be read.
    pub fn of_folder(folder: &Path, limits: &Limits, others: &[DayColumn]) -> Result<Self, ReportError> {
        const REQUIRED: [Table; 3] = [Table::Days, Table::Epochs, Table::Fleet];
        const OF_THE_FIRST: [Table; 2] = [Table::Events, Table::Supply];
        const OPTIONAL: [Table; 9] = [
            Table::Events,
            Table::Supply,
            Table::Survival,
            Table::Restart,
            Table::Rigs,
            Table::Firms,
            Table::Classes,
            Table::Replicas,
            Table::UncertainDays,
        ];
        let mut gathering = Self::new(limits, others);
        let mut replay = Replay::open(folder, UnixTime::default(), &REQUIRED, &OPTIONAL)?;
        while !gathering.is_full()
            && let Some(replica) = replay.advance()?
        {
            gathering.add(&replica).map_err(|bad| replay.at(&bad))?;
            for table in OF_THE_FIRST {
                if replica.table(table).is_some_and(|rows| !rows.is_empty()) {
                    replay.forget(table);
                }
            }
        }
        match &gathering.found {
            None => return Err(replay.empty(Table::Days).into()),
            Some(found) if found.fleet.is_empty() => return Err(replay.empty(Table::Fleet).into()),
            Some(_) => {}
        }
        gathering.observed = observed::of_folder(folder)?;
        Ok(gathering)
    }

    /// Whether it takes no more replicas.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.found.as_ref().is_some_and(|found| found.replicas >= self.limits.replicas)
    }

    /// Adds the next replica. Beyond the limit it is passed over.
    ///
    /// # Errors
    /// When a row of it does not agree with those of the first replica.
    pub fn add(&mut self, replica: &Recorded) -> Result<(), BadRow> {
        if self.is_full() {
            return Ok(());
        }
        let rows = |table| replica.table(table).filter(|rows| !rows.is_empty());
        let Some(days) = rows(Table::Days) else { return Ok(()) };
        if self.found.is_none() {
            let grid = Grid::over(&instants(replica.replica, days)?, self.limits.points);
            self.found = Some(Found::on(grid, &self.others));
        }
        let Some(found) = &mut self.found else { return Ok(()) };
        let grid = &found.grid;
        found.replicas += 1;
        found.days.add(replica.replica, days, grid)?;
        if let Some(epochs) = rows(Table::Epochs) {
            found.ends.add_at_ends(epochs, grid);
            found.retargets.get_or_insert_with(|| retargets(epochs, grid));
            found.reliefs.push(relief(epochs));
        }
        if let Some(fleet) = rows(Table::Fleet) {
            found.fleet.add(fleet);
        }
        if let Some(events) = rows(Table::Events) {
            found.shocks.get_or_insert_with(|| shocks(events, grid));
        }
        if let Some(survival) = rows(Table::Survival) {
            firms::add_survival(&mut found.survival, survival);
            for (tenths, by) in found.tenths.iter_mut().zip(["power_price_decile", "efficiency_decile"]) {
                tenths.add(survival, by);
            }
        }
        if let Some(firms) = rows(Table::Firms) {
            found.lorenz.add_firms(firms);
        }
        if let Some(classes) = rows(Table::Classes) {
            classes::add(&mut found.classes, classes);
        }
        if let Some(days) = rows(Table::UncertainDays) {
            found.drawn.get_or_insert_with(|| Courses::of(&drawn::COLUMNS)).add_at_instants(days);
        }
        if let Some(ladder) = rows(Table::Restart) {
            found.has_ladder = true;
            found.ladder.add_at_instants(ladder);
        }
        if let Some(bins) = rows(Table::Supply) {
            found.supply.get_or_insert_with(|| supply::of(bins));
        }
        if let Some(rigs) = rows(Table::Rigs) {
            found.rigs.add(replica.replica, rigs)?;
        }
        if let Some(metrics) = rows(Table::Replicas) {
            found.troughs.extend(metrics.rows::<Metrics>().map(|metrics| metrics.get(TROUGH)));
            let share = |metrics: &Metrics, name| 100.0 * metrics.get(name).unwrap_or_default();
            let causes = metrics.rows::<Metrics>().map(|metrics| CAUSES.map(|name| share(&metrics, name)).to_vec());
            found.causes.extend(causes);
        }
        Ok(())
    }

    /// Adds the history that the run is held against, in the rows of `observed.csv`.
    pub fn set_observed(&mut self, rows: Columns) {
        self.observed = Some(rows);
    }

    /// The series of charts, each with this number of single histories; `folder` has the summary.
    ///
    /// # Errors
    /// If there is no replica, or the summary cannot be read.
    pub fn series(&self, folder: &Path, paths: usize) -> Result<RunSeries, ReportError> {
        let Head { title, replicas: replicas_run, uncertain } = summary::head(folder)?;
        let found = self.found()?;
        let grid = &found.grid;
        let band = |histories: &[Vec<f64>]| Band {
            fan: Fan::over(histories, grid.times.len()),
            paths: histories.iter().take(paths).cloned().collect(),
        };
        let share = |histories: &[Vec<f64>]| -> Vec<Vec<f64>> {
            let in_percent = |history: &Vec<f64>| history.iter().map(|value| 100.0 * value).collect();
            histories.iter().map(in_percent).collect()
        };
        let runway = |column: &str| {
            let mut days = found.ends.on_grid(column, RUNWAY_CAP_DAYS, grid);
            for days in days.iter_mut().flatten() {
                // Not `min`, which would make a number of NaN.
                if *days > RUNWAY_CAP_DAYS {
                    *days = RUNWAY_CAP_DAYS;
                }
            }
            band(&days)
        };
        let [price, base_price, impact, hashrate, difficulty, hashprice, coins_held, power, co2, efficiency] =
            BANDS.map(|column| found.days.course(column));
        let ladder = if found.has_ladder { Ladder::of(&found.ladder, grid) } else { Ladder::default() };
        let observed = self.observed.iter().flat_map(observed::epochs);
        Ok(RunSeries {
            title,
            price: band(price),
            base_price: band(base_price),
            impact: band(&share(impact)),
            hashrate: band(hashrate),
            difficulty: band(difficulty),
            hashprice: band(hashprice),
            coins_held: band(coins_held),
            power: band(power),
            co2: band(co2),
            sales: found.days.flows.sales(),
            replicas: found.replicas,
            replicas_run,
            fleet: found.fleet.stack(),
            marks: Marks {
                retargets: found.retargets.clone().unwrap_or_default(),
                shocks: found.shocks.clone().unwrap_or_default(),
            },
            efficiency: band(efficiency),
            hhi: band(&found.ends.on_grid("hhi", f64::NAN, grid)),
            top5: band(&share(&found.ends.on_grid("top5_share", f64::NAN, grid))),
            runway: ["runway_p10_days", "runway_p50_days", "runway_p90_days"].map(runway),
            survival: firms::survival(&found.survival, grid),
            tenths: found.tenths.each_ref().map(TenthSum::mean),
            lorenz_end: found.lorenz.mean(),
            supply: found.supply.clone().unwrap_or_default(),
            classes: classes::courses(&found.classes, grid),
            ladder,
            rigs: found.rigs.rigs(),
            supply_dates: Vec::new(),
            causes: found.causes.clone(),
            drawn: found.drawn.as_ref().map(|drawn| DrawnFans::of(drawn, grid)),
            hangs_on: uncertain.hangs_on,
            reliefs: found.reliefs.clone(),
            observed: observed.filter(|epoch| epoch.start < grid.end() && epoch.end > grid.start).collect(),
            grid: grid.clone(),
        })
    }

    /// The course of a column of `days.csv` in each replica: of those of [`RunSeries`], or one that was asked for; none of another.
    #[must_use]
    pub fn days(&self, column: &str) -> &[Vec<f64>] {
        self.found.as_ref().map_or(&[], |found| found.days.course(column))
    }

    /// The course of a column of `epochs.csv` that tells how things stand at the end of an epoch, straight between these; `None` of
    /// another column.
    #[must_use]
    pub fn epoch_ends(&self, column: &str) -> Option<Vec<Vec<f64>>> {
        let found = self.found.as_ref()?;
        ENDS[..6].contains(&column).then(|| found.ends.on_grid(column, f64::NAN, &found.grid))
    }

    /// How deep hashrate fell in each replica; empty where the metrics were not written.
    #[must_use]
    pub fn troughs(&self) -> &[Option<f64>] {
        self.found.as_ref().map_or(&[], |found| &found.troughs)
    }

    fn found(&self) -> Result<&Found, ReportError> {
        self.found.as_ref().ok_or_else(|| ReportError::Drawing {
            what: "the run".to_owned(),
            problem: "there is no replica".to_owned(),
        })
    }
}

impl Found {
    fn on(grid: Grid, others: &[DayColumn]) -> Self {
        Self {
            replicas: 0,
            days: Days::over(&grid, others),
            ends: Courses::of(&ENDS),
            drawn: None,
            fleet: FleetSum::at(&grid.times),
            retargets: None,
            shocks: None,
            survival: Groups::default(),
            tenths: Default::default(),
            lorenz: LorenzSum::default(),
            classes: Groups::default(),
            ladder: Courses::of(&ladder::COLUMNS),
            has_ladder: false,
            supply: None,
            rigs: RigSum::default(),
            troughs: Vec::new(),
            causes: Vec::new(),
            reliefs: Vec::new(),
            grid,
        }
    }
}

/// The ends of the days of a replica.
fn instants(replica: u64, rows: &Columns) -> Result<Vec<i64>, BadRow> {
    let mut days: Vec<i64> = Vec::with_capacity(rows.len());
    for (row, day) in rows.rows::<DayRecord>().enumerate() {
        let time = rows.unix(day.time);
        if days.last().is_some_and(|&before| time <= before) {
            let problem = "column `time_utc`: this day is not after the one before";
            return Err(BadRow { replica, table: Table::Days, row, problem });
        }
        days.push(time);
    }
    Ok(days)
}

/// The metrics of what firms that defaulted could not pay.
const CAUSES: [&str; 3] =
    ["defaulted_for_bills_share", "defaulted_for_interest_share", "defaulted_for_principal_share"];

/// The metric by which replicas are picked on the page.
const TROUGH: &str = "hashrate_trough_share";

#[cfg(test)]
mod tests;
