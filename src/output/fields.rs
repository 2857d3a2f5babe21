//! The columns of each record, each beside the value it shows.

use super::table::{Column, Kind};
use crate::{
    simulation::record::{
        ClassRecord, DayRecord, EpochRecord, FirmRecord, FleetRecord, LadderRecord, LedgerRecord, RegionRecord,
        RigRecord, SupplyRecord, SurvivalRecord,
    },
    units::{Days, Hashprice, Hashrate, Sats, Seconds},
};

/// A column of the records `R`: what it is called, and how it is read off a record.
pub struct Field<R> {
    name: &'static str,
    unit: &'static str,
    doc: &'static str,
    read: Read<R>,
}

/// How a value is read off a record, which fixes its type.
pub enum Read<R> {
    /// A whole number.
    Count(fn(&R) -> u64),
    /// A whole number or nothing.
    OptionalCount(fn(&R) -> Option<u64>),
    /// A finite number.
    Number(fn(&R) -> f64),
    /// A finite number or nothing.
    OptionalNumber(fn(&R) -> Option<f64>),
    /// Text.
    Text(fn(&R) -> &str),
    /// An instant, from the scenario's start.
    Time(fn(&R) -> Seconds),
    /// An instant or nothing.
    OptionalTime(fn(&R) -> Option<Seconds>),
}

impl<R> Field<R> {
    const fn new(name: &'static str, unit: &'static str, doc: &'static str, read: Read<R>) -> Self {
        Self { name, unit, doc, read }
    }

    /// Its header.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How its value is read.
    pub const fn read(&self) -> &Read<R> {
        &self.read
    }

    /// Without the record.
    pub const fn column(&self) -> Column {
        let kind = match self.read {
            Read::Count(_) => Kind::Count,
            Read::OptionalCount(_) => Kind::OptionalCount,
            Read::Number(_) => Kind::Number,
            Read::OptionalNumber(_) => Kind::OptionalNumber,
            Read::Text(_) => Kind::Text,
            Read::Time(_) => Kind::Time,
            Read::OptionalTime(_) => Kind::OptionalTime,
        };
        Column { name: std::borrow::Cow::Borrowed(self.name), unit: self.unit, kind, doc: self.doc }
    }
}

/// A row of `events.csv`: all that happened of one kind to one firm on one day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EventRow<'a> {
    /// Number of the row in its replica, from 0.
    pub row: u64,
    /// Of the first of them.
    pub time: Seconds,
    /// Their kind.
    pub kind: &'static str,
    /// The firm; empty for the chain.
    pub firm: &'a str,
    /// Sum.
    pub hashrate: Hashrate,
    /// Sum.
    pub amount_usd: f64,
    /// Sum.
    pub amount_btc: f64,
}

/// Satoshi in BTC.
fn btc(sats: i64) -> f64 {
    Sats::new(sats).btc()
}

/// A row of `ledger.csv`.
#[derive(Clone, Copy, Debug)]
pub struct LedgerRow {
    /// Number of the row in its replica, from 0.
    pub row: u64,
    /// The movement.
    pub moved: LedgerRecord,
}

const ROW: &str = "Number of the row in its replica, from 0";

use Read::{Count, Number, OptionalCount, OptionalNumber, OptionalTime, Text, Time};

/// `epochs.csv`.
#[rustfmt::skip]
pub const EPOCHS: &[Field<EpochRecord>] = &[
    Field::new("epoch", "", "Number of the difficulty epoch, from 0 at the scenario's start", Count(|r| r.epoch)),
    Field::new("start_height", "", "Height of its first block", Count(|r| r.start_height)),
    Field::new("start_time_utc", "", "Header time of its first block", Time(|r| r.start)),
    Field::new("duration_days", "d", "First block to first block of the next epoch; empty where the run cuts it", OptionalNumber(|r| r.duration.map(|span| Days::from(span).get()))),
    Field::new("difficulty", "", "Difficulty in force", Number(|r| r.difficulty)),
    Field::new("retarget_ratio", "", "Next difficulty over this one; empty where the run cuts it", OptionalNumber(|r| r.retarget_ratio)),
    Field::new("hashrate_eh_per_s", "EH/s", "Hashrate as an observer of the chain infers it, from difficulty and duration; empty where the run cuts it", OptionalNumber(|r| r.hashrate_eh_per_s)),
    Field::new("running_hashrate_eh_per_s", "EH/s", "Hashrate that ran, time mean over the epoch's part within the run", Number(|r| r.running_hashrate_eh_per_s)),
    Field::new("price_usd", "USD/BTC", "Price of a coin, time mean", Number(|r| r.price_usd)),
    Field::new("hashprice_usd_per_ph_day", "USD/PH/day", "What a PH/s earns in a day, time mean", Number(|r| r.hashprice_usd_per_ph_day)),
    Field::new("active_share", "", "Running over installed hashrate, at the end", Number(|r| r.active_share)),
    Field::new("sold_voluntary_btc", "BTC", "Coins sold of free will", Number(|r| btc(r.sold.voluntary))),
    Field::new("sold_forced_btc", "BTC", "Coins sold because cash was short", Number(|r| btc(r.sold.forced))),
    Field::new("sold_liquidation_btc", "BTC", "Coins sold out of firms that failed", Number(|r| btc(r.sold.liquidation))),
    Field::new("defaults", "", "Firms that defaulted for the first time in the run, each counted by its weight", Number(|r| r.defaults)),
    Field::new("hhi", "", "Herfindahl-Hirschman index of running hashrate by owner, at the end", Number(|r| r.concentration.hhi)),
    Field::new("runway_p10_days", "d", "Days of runway, cash and free coins over net burn, that a tenth of miners do not exceed, at the end; empty where they burn no cash", OptionalNumber(|r| r.runway_days[0])),
    Field::new("runway_p50_days", "d", "The same of the median miner", OptionalNumber(|r| r.runway_days[1])),
    Field::new("runway_p90_days", "d", "The same that nine tenths of miners do not exceed", OptionalNumber(|r| r.runway_days[2])),
    Field::new("gini", "", "Gini coefficient of running hashrate over owners of machines, idle ones included, at the end", Number(|r| r.concentration.gini)),
    Field::new("nakamoto", "", "Largest owners that together run more than half of hashrate, at the end", Number(|r| r.concentration.nakamoto)),
    Field::new("top1_share", "", "Share of running hashrate of the largest owner, at the end", Number(|r| r.concentration.top1)),
    Field::new("top5_share", "", "Share of running hashrate of the five largest owners, at the end", Number(|r| r.concentration.top5)),
    Field::new("top10_share", "", "Share of running hashrate of the ten largest owners, at the end", Number(|r| r.concentration.top10)),
    Field::new("idle_overhang", "", "Idle hashrate that hashprice alone keeps off, over running hashrate, at the end; empty where nothing runs", OptionalNumber(|r| r.idle_overhang)),
    Field::new("sold_of_mined_share", "", "Coins sold over coins mined in it; empty where none were mined", OptionalNumber(|r| r.sold_of_mined)),
];

/// `days.csv`.
#[rustfmt::skip]
pub const DAYS: &[Field<DayRecord>] = &[
    Field::new("time_utc", "", "End of the day: 2025-01-02T00:00:00Z is the row of 1 January", Time(|r| r.time)),
    Field::new("price_usd", "USD/BTC", "Price of a coin, with the impact of miners' sales", Number(|r| r.price_usd)),
    Field::new("base_price_usd", "USD/BTC", "Price of a coin before that impact", Number(|r| r.base_price_usd)),
    Field::new("price_impact_share", "", "What the impact adds to the base price, as a ratio less 1; negative where it lowers it", Number(|r| libm::expm1(r.log_price_impact))),
    Field::new("hashrate_eh_per_s", "EH/s", "Running hashrate, mean of the day", Number(|r| r.hashrate_eh_per_s)),
    Field::new("idle_hashrate_eh_per_s", "EH/s", "Installed at living firms but off, at the day's end", Number(|r| r.idle_hashrate_eh_per_s)),
    Field::new("delivered_eh_per_s", "EH/s", "Hashrate of machines that came from makers in the day", Number(|r| r.delivered_eh_per_s)),
    Field::new("on_order_eh_per_s", "EH/s", "Ordered and not yet delivered, at the day's end", Number(|r| r.on_order_eh_per_s)),
    Field::new("ordered_eh_per_s", "EH/s", "Ordered in the day", Number(|r| r.ordered_eh_per_s)),
    Field::new("scrapped_eh_per_s", "EH/s", "Scrapped in the day: broken for good, worn out or displaced", Number(|r| r.scrapped_eh_per_s)),
    Field::new("failed_eh_per_s", "EH/s", "Hashrate of machines of firms, or members of cohorts, that failed in the day: gone with them, taken by lenders or sold", Number(|r| r.failed_eh_per_s)),
    Field::new("broken_eh_per_s", "EH/s", "Waiting for repair, at the day's end", Number(|r| r.broken_eh_per_s)),
    Field::new("converted_mw", "MW", "Power that has gone from mining to another use, by the day's end", Number(|r| r.converted_mw)),
    Field::new("machine_efficiency_j_per_th", "J/TH", "Energy at the machine per hash of what runs, at the day's end; empty where nothing does", OptionalNumber(|r| r.efficiency_j_per_th)),
    Field::new("revenue_usd_per_kwh", "USD/kWh", "Hashprice per energy of that hash at the machine, at the day's end; empty where nothing runs", OptionalNumber(|r| r.revenue_usd_per_kwh)),
    Field::new("difficulty", "", "Difficulty at the day's end", Number(|r| r.difficulty)),
    Field::new("hashprice_usd_per_ph_day", "USD/PH/day", "What a PH/s earns in a day, at the day's end", Number(|r| r.hashprice_usd_per_ph_day)),
    Field::new("block_interval_s", "s", "Length of the day per block found in it; empty where none was", OptionalNumber(|r| r.block_interval_s)),
    Field::new("blocks", "", "Blocks found in the day", Number(|r| r.blocks)),
    Field::new("power_gw", "GW", "Power drawn at the meter, mean of the day", Number(|r| r.power_gw)),
    Field::new("co2_kt", "kt", "CO2 of the day's energy, of each region at its own emission", Number(|r| r.co2_kt)),
    Field::new("underwater_share", "", "Share of running hashrate whose avoidable cost exceeds hashprice", Number(|r| r.underwater_share)),
    Field::new("issued_btc", "BTC", "Subsidy and fees paid in the day", Number(|r| r.issued.btc())),
    Field::new("sold_voluntary_btc", "BTC", "Coins sold of free will", Number(|r| r.sold_voluntary.btc())),
    Field::new("sold_forced_btc", "BTC", "Coins sold because cash was short", Number(|r| r.sold_forced.btc())),
    Field::new("sold_liquidation_btc", "BTC", "Coins sold out of firms that failed", Number(|r| r.sold_liquidation.btc())),
    Field::new("cash_usd", "USD", "Cash of all living firms: of each as of its last settlement, or of the last day while it rests", Number(|r| r.cash.get())),
    Field::new("debt_usd", "USD", "Debt of all firms", Number(|r| r.debt.get())),
    Field::new("coins_held_btc", "BTC", "Coins of all living firms: of each as of its last settlement, or of the last day while it rests", Number(|r| r.coins_held.btc())),
    Field::new("firms_in_arrears", "", "Firms in arrears", Count(|r| u64::from(r.firms_in_arrears))),
    Field::new("coins_pledged_btc", "BTC", "Of the coins held, pledged to lenders", Number(|r| r.coins_pledged.btc())),
    Field::new("lender_loss_usd", "USD", "Principal, and interest that had fallen due, that lenders gave up or lost in the day", Number(|r| r.lender_loss.get())),
];

/// `classes.csv`.
#[rustfmt::skip]
pub const fn classes<'a>() -> &'a [Field<ClassRecord<'a>>] {
    const {
        &[
            Field::new("epoch", "", "Number of the difficulty epoch at whose end this is", Count(|r| r.epoch)),
            Field::new("time_utc", "", "That instant", Time(|r| r.time)),
            Field::new("class", "", "The class", Text(|r| r.class)),
            Field::new("running_hashrate_eh_per_s", "EH/s", "Hashrate that its firms run", Number(|r| r.running.eh())),
            Field::new("mined_btc", "BTC", "Coins its firms were paid since the start, as of their last settlements", Number(|r| r.mined.btc())),
            Field::new("sold_voluntary_btc", "BTC", "Coins they sold of free will since the start", Number(|r| btc(r.sold.voluntary))),
            Field::new("sold_forced_btc", "BTC", "Coins they sold since the start because cash was short", Number(|r| btc(r.sold.forced))),
            Field::new("sold_liquidation_btc", "BTC", "Coins sold since the start out of those that failed", Number(|r| btc(r.sold.liquidation))),
            Field::new("coins_held_btc", "BTC", "Coins they hold", Number(|r| r.coins.btc())),
            Field::new("cash_usd", "USD", "Cash they have", Number(|r| r.cash.get())),
            Field::new("debt_usd", "USD", "What they owe lenders", Number(|r| r.debt.get())),
        ]
    }
}

/// `ledger.csv`.
#[rustfmt::skip]
pub const LEDGER: &[Field<LedgerRow>] = &[
    Field::new("time_utc", "", "End of the day on which it moved", Time(|r| r.moved.time)),
    Field::new("cause", "", "Why: opening, mined, sold_voluntary, sold_forced, sold_liquidation, bills, interest, principal and others; a pledge that grows or shrinks (pledged, unpledged) and debt that is given up (written_off, restructured) move nothing", Text(|r| r.moved.cause)),
    Field::new("amount_usd", "USD", "Cash that came or, where negative, went", Number(|r| r.moved.amount_usd)),
    Field::new("amount_sat", "sat", "Coins that came or, where negative, went", Number(|r| r.moved.amount_sat)),
    Field::new("cash_after_usd", "USD", "Cash after it", Number(|r| r.moved.cash_usd)),
    Field::new("coins_after_sat", "sat", "Coins after it, pledged ones included", Number(|r| r.moved.coins_sat)),
    Field::new("coins_pledged_after_sat", "sat", "Of these, pledged to lenders", Number(|r| r.moved.pledged_sat)),
    Field::new("machines_pledged_after_share", "", "Share of its machines that is pledged to lenders after it", Number(|r| r.moved.charged_share)),
    Field::new("debt_after_usd", "USD", "Principal it owes after it", Number(|r| r.moved.debt.get())),
    Field::new("row", "", ROW, Count(|r| r.row)),
];

/// `fleet.csv`.
#[rustfmt::skip]
pub const FLEET: &[Field<FleetRecord>] = &[
    Field::new("epoch", "", "Number of the difficulty epoch at whose end this is; empty at the start of the run", OptionalCount(|r| r.epoch)),
    Field::new("time_utc", "", "That instant", Time(|r| r.time)),
    Field::new("from_j_per_th", "J/TH", "The bin holds machines from this efficiency, at full power", Number(|r| r.from_j_per_th)),
    Field::new("to_j_per_th", "J/TH", "To below this efficiency; empty where there is no upper edge", OptionalNumber(|r| r.to_j_per_th)),
    Field::new("running_hashrate_eh_per_s", "EH/s", "Hashrate that runs", Number(|r| r.running.eh())),
    Field::new("idle_hashrate_eh_per_s", "EH/s", "Hashrate installed but off", Number(|r| r.idle.eh())),
];

/// `survival.csv`.
#[rustfmt::skip]
pub const fn survival<'a>() -> &'a [Field<SurvivalRecord<'a>>] {
    const {
        &[
            Field::new("time_utc", "", "That instant", Time(|r| r.time)),
            Field::new("by", "", "How firms are grouped: class, or efficiency_decile", Text(|r| r.by)),
            Field::new("group", "", "Name of the class, or number of the decile, from 1, the most efficient at the start", Text(|r| r.group)),
            Field::new("surviving_share", "", "Share of the group's miners of the start that go on, each firm counted by the miners that it stood for then", Number(|r| r.surviving_share)),
            Field::new("liquidated_share", "", "Share of them that failed and was liquidated; the rest was bought or gave up", Number(|r| r.liquidated_share)),
            Field::new("workout_share", "", "Share of them that go on, not under Chapter 11, and owe creditors that agreed to wait", Number(|r| r.workout_share)),
            Field::new("surrendered_share", "", "Share of them that go on and gave their pledge up to a lender without recourse; some may be in a workout too", Number(|r| r.surrendered_share)),
            Field::new("chapter11_share", "", "Share of them that go on under Chapter 11", Number(|r| r.chapter11_share)),
            Field::new("epoch", "", "Number of the difficulty epoch at whose end this is; empty at the start of the run", OptionalCount(|r| r.epoch)),
        ]
    }
}

/// `rigs.csv`.
#[rustfmt::skip]
pub const fn rigs<'a>() -> &'a [Field<RigRecord<'a>>] {
    const {
        &[
            Field::new("time_utc", "", "Day of the clearing", Time(|r| r.time)),
            Field::new("model", "", "Model, by its name in the scenario", Text(|r| r.model)),
            Field::new("efficiency_j_per_th", "J/TH", "Its efficiency at full power", Number(|r| r.efficiency_j_per_th)),
            Field::new("price_usd_per_th", "USD/(TH/s)", "Price; where nothing was traded, the best bid", Number(|r| r.price_usd_per_th)),
            Field::new("value_usd_per_th", "USD/(TH/s)", "What a machine is worth to a buyer outside", Number(|r| r.value_usd_per_th)),
            Field::new("traded_hashrate_th_per_s", "TH/s", "Hashrate of the machines traded at this clearing", Number(|r| r.traded.th())),
            Field::new("listed_hashrate_th_per_s", "TH/s", "Hashrate of the machines still on offer", Number(|r| r.listed.th())),
        ]
    }
}

/// `restart.csv`.
#[rustfmt::skip]
pub const RESTART: &[Field<LadderRecord>] = &[
    Field::new("epoch", "", "Number of the difficulty epoch at whose end this is", Count(|r| r.epoch)),
    Field::new("time_utc", "", "That instant", Time(|r| r.time)),
    Field::new("price_usd", "USD/BTC", "Price of a coin then; the price at which a share restarts is it times that hashprice over this", Number(|r| r.price_usd)),
    Field::new("hashprice_usd_per_ph_day", "USD/PH/day", "Hashprice then", Number(|r| r.hashprice_usd_per_ph_day)),
    Field::new("restartable_hashrate_eh_per_s", "EH/s", "Hashrate that is off, and that hashprice alone keeps off", Number(|r| r.ladder.restartable.eh())),
    Field::new("restart_10pct_usd_per_ph_day", "USD/PH/day", "Hashprice at which 10 % of it restarts; empty where there is none", OptionalNumber(|r| rung(r, 0))),
    Field::new("restart_20pct_usd_per_ph_day", "USD/PH/day", "Hashprice at which 20 % of it restarts", OptionalNumber(|r| rung(r, 1))),
    Field::new("restart_30pct_usd_per_ph_day", "USD/PH/day", "Hashprice at which 30 % of it restarts", OptionalNumber(|r| rung(r, 2))),
    Field::new("restart_40pct_usd_per_ph_day", "USD/PH/day", "Hashprice at which 40 % of it restarts", OptionalNumber(|r| rung(r, 3))),
    Field::new("restart_50pct_usd_per_ph_day", "USD/PH/day", "Hashprice at which 50 % of it restarts", OptionalNumber(|r| rung(r, 4))),
    Field::new("restart_60pct_usd_per_ph_day", "USD/PH/day", "Hashprice at which 60 % of it restarts", OptionalNumber(|r| rung(r, 5))),
    Field::new("restart_70pct_usd_per_ph_day", "USD/PH/day", "Hashprice at which 70 % of it restarts", OptionalNumber(|r| rung(r, 6))),
    Field::new("restart_80pct_usd_per_ph_day", "USD/PH/day", "Hashprice at which 80 % of it restarts", OptionalNumber(|r| rung(r, 7))),
    Field::new("restart_90pct_usd_per_ph_day", "USD/PH/day", "Hashprice at which 90 % of it restarts", OptionalNumber(|r| rung(r, 8))),
];

fn rung(record: &LadderRecord, index: usize) -> Option<f64> {
    record.ladder.rungs[index].map(Hashprice::get)
}

/// `supply.csv`.
#[rustfmt::skip]
pub const SUPPLY: &[Field<SupplyRecord>] = &[
    Field::new("epoch", "", "Number of the difficulty epoch at whose end this is; empty at the start of the run", OptionalCount(|r| r.epoch)),
    Field::new("time_utc", "", "That instant", Time(|r| r.time)),
    Field::new("hashprice_usd_per_ph_day", "USD/PH/day", "What a PH/s earns in a day at that instant", Number(|r| r.hashprice_usd_per_ph_day)),
    Field::new("from_usd_per_ph_day", "USD/PH/day", "The bin holds machines whose break-even, the avoidable cost of running, is at least this", Number(|r| r.from_usd_per_ph_day)),
    Field::new("to_usd_per_ph_day", "USD/PH/day", "And below this", Number(|r| r.to_usd_per_ph_day)),
    Field::new("running_hashrate_eh_per_s", "EH/s", "Hashrate that runs", Number(|r| r.running.eh())),
    Field::new("idle_hashrate_eh_per_s", "EH/s", "Hashrate installed but off", Number(|r| r.idle.eh())),
];

/// `events.csv`.
#[rustfmt::skip]
pub const fn events<'a>() -> &'a [Field<EventRow<'a>>] {
    const {
        &[
            Field::new("time_utc", "", "Instant of the first event of the row", Time(|r| r.time)),
            Field::new("kind", "", "What happened: shutdown, restart, default, liquidation, retarget, halving and others", Text(|r| r.kind)),
            Field::new("firm", "", "To whom; empty for an event of the chain", Text(|r| r.firm)),
            Field::new("hashrate_th_per_s", "TH/s", "Hashrate concerned, summed over the day", Number(|r| r.hashrate.th())),
            Field::new("amount_usd", "USD", "Dollars concerned, summed over the day", Number(|r| r.amount_usd)),
            Field::new("amount_btc", "BTC", "Coins concerned, summed over the day", Number(|r| r.amount_btc)),
            Field::new("row", "", ROW, Count(|r| r.row)),
        ]
    }
}

/// `regions.csv`.
#[rustfmt::skip]
pub const fn regions<'a>() -> &'a [Field<RegionRecord<'a>>] {
    const {
        &[
            Field::new("region", "", "Name of the region; empty where miners have none", Text(|r| r.region)),
            Field::new("energy_twh", "TWh", "Energy at the meter in the run", Number(|r| r.energy_twh)),
            Field::new("co2_mt", "Mt", "CO2 of that energy", Number(|r| r.co2_mt)),
            Field::new("start_hashrate_eh_per_s", "EH/s", "Running hashrate at the start", Number(|r| r.start.eh())),
            Field::new("end_hashrate_eh_per_s", "EH/s", "Running hashrate at the end", Number(|r| r.end.eh())),
        ]
    }
}

/// `firms.csv`.
#[rustfmt::skip]
pub const fn firms<'a>() -> &'a [Field<FirmRecord<'a>>] {
    const {
        &[
            Field::new("firm", "", "Stable name of the firm", Text(|r| r.firm)),
            Field::new("class", "", "Its class", Text(|r| r.class)),
            Field::new("region", "", "Where most of its hashrate runs at the end, else where most of it is installed; without machines, where its first site is", Text(|r| r.region)),
            Field::new("weight_start", "", "How many real miners it stood for at the start; 0 if it had no machines then", Number(|r| r.weight_start)),
            Field::new("weight", "", "How many real miners it stands for at the end, or did when it left", Number(|r| r.weight)),
            Field::new("state", "", "At the end: ok, workout (pays its bills, and owes creditors that agreed to wait), surrendered (pays its bills, after it gave its pledge up to a lender without recourse), arrears, chapter11, liquidating, liquidated, acquired or exited", Text(|r| r.state)),
            Field::new("exit_time_utc", "", "When it left", OptionalTime(|r| r.exit)),
            Field::new("installed_hashrate_th_per_s", "TH/s", "Hashrate it owns at the end; none where it has left", Number(|r| r.installed.th())),
            Field::new("running_hashrate_th_per_s", "TH/s", "Of this, running", Number(|r| r.running.th())),
            Field::new("cash_usd", "USD", "Cash at the end", Number(|r| r.cash.get())),
            Field::new("coins_btc", "BTC", "Coins at the end", Number(|r| r.coins.btc())),
            Field::new("debt_usd", "USD", "Debt at the end", Number(|r| r.debt.get())),
            Field::new("power_mw", "MW", "Power that it draws at the meter at the end", Number(|r| r.power.w() / 1e6)),
            Field::new("machine_efficiency_j_per_th", "J/TH", "Mean efficiency of its machines at the end, at full power and at the machine, by hashrate; empty without machines", OptionalNumber(|r| r.efficiency_j_per_th)),
            Field::new("power_price_usd_per_kwh", "USD/kWh", "Mean price of power of its machines at the end, by their load; empty without machines", OptionalNumber(|r| r.power_price_usd_per_kwh)),
            Field::new("acquired_by", "", "Firm that took it over; empty if none did", Text(|r| r.acquired_by)),
        ]
    }
}
