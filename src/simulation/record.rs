//! What a history leaves behind: plain records handed to an [`Observer`] as they arise. Output implements it.

use super::metrics::Metrics;
use crate::{
    miner::{concentration::Concentration, ladder::Ladder, ledger::Sold},
    units::{Hashrate, Power, Sats, Seconds, Usd},
};

/// Receives a history as it unfolds. The engine knows no file format.
pub trait Observer {
    /// At the end of every day.
    fn on_day(&mut self, _day: &DayRecord) {}
    /// When a difficulty epoch ends, and at the end of the run for the one that it cuts.
    fn on_epoch(&mut self, _epoch: &EpochRecord) {}
    /// Whether the network's state at the start of each epoch is told: concentration in [`Self::on_epoch`], and [`Self::on_fleet`],
    /// [`Self::on_survival`], [`Self::on_ladder`], [`Self::on_class`]. For it every firm and lot is visited.
    fn wants_states(&self) -> bool {
        false
    }
    /// For each bin of efficiency with machines in it, when an epoch begins and at the end.
    fn on_fleet(&mut self, _bin: &FleetRecord) {}
    /// Whether [`Self::on_supply`] is to be called: for it every lot is visited.
    fn wants_supply(&self) -> bool {
        false
    }
    /// For each bin of break-even with machines in it, when an epoch begins and at the end.
    fn on_supply(&mut self, _bin: &SupplyRecord) {}
    /// When something happens to the chain or to a firm.
    fn on_event(&mut self, _event: &EventRecord<'_>) {}
    /// Of each group of firms, when an epoch begins and at the end.
    fn on_survival(&mut self, _group: &SurvivalRecord<'_>) {}
    /// When an epoch begins and at the end.
    fn on_ladder(&mut self, _ladder: &LadderRecord) {}
    /// For each model of machine, at every clearing of their market.
    fn on_rigs(&mut self, _model: &RigRecord<'_>) {}
    /// For each firm, at the end.
    fn on_firm(&mut self, _firm: &FirmRecord<'_>) {}
    /// For each class, when an epoch ends and at the end.
    fn on_class(&mut self, _class: &ClassRecord<'_>) {}
    /// When coins or dollars move at the firm that is followed.
    fn on_ledger(&mut self, _entry: &LedgerRecord) {}
    /// For each region, at the end.
    fn on_region(&mut self, _region: &RegionRecord<'_>) {}
    /// The metrics, at the end.
    fn on_metrics(&mut self, _metrics: &Metrics) {}
}

/// A row of `days.csv`.
#[derive(Clone, Debug, Default)]
pub struct DayRecord {
    /// End of the day, from the start.
    pub time: Seconds,
    /// USD/BTC, with impact.
    pub price_usd: f64,
    /// USD/BTC, before impact.
    pub base_price_usd: f64,
    /// ln(price / base price).
    pub log_price_impact: f64,
    /// Running hashrate, mean of the day.
    pub hashrate_eh_per_s: f64,
    /// Installed at living firms but not running, at the day's end.
    pub idle_hashrate_eh_per_s: f64,
    /// Of machines that came from makers in the day.
    pub delivered_eh_per_s: f64,
    /// Ordered and not yet delivered, at the day's end.
    pub on_order_eh_per_s: f64,
    /// Ordered in the day.
    pub ordered_eh_per_s: f64,
    /// Scrapped in the day: broken for good, worn out, displaced.
    pub scrapped_eh_per_s: f64,
    /// Of firms, or members of cohorts, that failed in the day: gone with them, taken by lenders or up for sale.
    pub failed_eh_per_s: f64,
    /// Waiting for repair, at the day's end.
    pub broken_eh_per_s: f64,
    /// Power that has gone to another use by the day's end.
    pub converted_mw: f64,
    /// Energy per hash of the running machines at full load, at the machine, at the day's end; `None` where none runs.
    pub efficiency_j_per_th: Option<f64>,
    /// Hashprice over the energy that hash takes, `x / (24 e)`, at the day's end; `None` where nothing runs.
    pub revenue_usd_per_kwh: Option<f64>,
    /// At the day's end.
    pub difficulty: f64,
    /// At the day's end.
    pub hashprice_usd_per_ph_day: f64,
    /// Seconds of the day per block found in it; `None` where none was.
    pub block_interval_s: Option<f64>,
    /// Blocks found in the day.
    pub blocks: f64,
    /// At the meter, mean of the day.
    pub power_gw: f64,
    /// CO2 of the day's energy, kt.
    pub co2_kt: f64,
    /// Share of running hashrate whose avoidable cost exceeds hashprice.
    pub underwater_share: f64,
    /// Subsidy and fees paid in the day.
    pub issued: Sats,
    /// Sold of free will in the day.
    pub sold_voluntary: Sats,
    /// Sold in the day because cash was short.
    pub sold_forced: Sats,
    /// Sold in the day out of insolvent firms.
    pub sold_liquidation: Sats,
    /// Cash of all living firms: of each as of its last settlement, or of the last day while it rests.
    pub cash: Usd,
    /// Debt of all firms.
    pub debt: Usd,
    /// Coins of all living firms: of each as of its last settlement, or of the last day while it rests.
    pub coins_held: Sats,
    /// Of these, pledged to lenders.
    pub coins_pledged: Sats,
    /// Debt that lenders gave up or lost in the day.
    pub lender_loss: Usd,
    /// Firms in arrears.
    pub firms_in_arrears: u32,
}

/// A row of `epochs.csv`.
#[derive(Clone, Debug, Default)]
pub struct EpochRecord {
    /// Counted from the scenario's start, from 0.
    pub epoch: u64,
    /// Height of its first block.
    pub start_height: u64,
    /// Header time of its first block, from the scenario's start (negative where it began before).
    pub start: Seconds,
    /// First block to first block of the next; `None` where the run cuts it.
    pub duration: Option<Seconds>,
    /// In force.
    pub difficulty: f64,
    /// Next over this; `None` where the run cuts it.
    pub retarget_ratio: Option<f64>,
    /// As an observer of the chain infers it, from the work of its blocks and its duration; `None` where the run cuts it.
    pub hashrate_eh_per_s: Option<f64>,
    /// Mean of running hashrate over the epoch's time within the run.
    pub running_hashrate_eh_per_s: f64,
    /// Time mean.
    pub price_usd: f64,
    /// Time mean.
    pub hashprice_usd_per_ph_day: f64,
    /// Running over installed, at the end.
    pub active_share: f64,
    /// Coins sold in it, by cause.
    pub sold: Sold,
    /// Firms (by weight) that defaulted in it for the first time in the run.
    pub defaults: f64,
    /// Days of runway at the end that 10, 50 and 90 % of miners do not exceed; `None` is without end, or where the observer wants no
    /// states.
    pub runway_days: [Option<f64>; 3],
    /// Of running hashrate by owner, at the end; zeros where the observer does not want it.
    pub concentration: Concentration,
    /// Idle hashrate that hashprice alone keeps off, over running hashrate, at the end; `None` where nothing runs.
    pub idle_overhang: Option<f64>,
    /// Coins sold in it over coins mined in it; `None` where none were mined.
    pub sold_of_mined: Option<f64>,
}

/// A row of `survival.csv`: how much of a group of firms is left.
#[derive(Clone, Copy, Debug)]
pub struct SurvivalRecord<'a> {
    /// The epoch that ends then; `None` at the start of the run.
    pub epoch: Option<u64>,
    /// Instant, from the start.
    pub time: Seconds,
    /// `class` or `efficiency_decile`.
    pub by: &'static str,
    /// Name of the class, or the number of the decile, from 1, the most efficient.
    pub group: &'a str,
    /// Share of the miners of the start that go on, each firm by the miners that it stood for then.
    pub surviving_share: f64,
    /// Share that failed: was liquidated.
    pub liquidated_share: f64,
    /// Share of them that go on, not under Chapter 11, and still owe creditors that agreed to wait.
    pub workout_share: f64,
    /// Share of them that go on and gave their pledge up to a lender without recourse.
    pub surrendered_share: f64,
    /// Share of them that go on and are under Chapter 11.
    pub chapter11_share: f64,
}

/// A row of `rigs.csv`: a model of machine at a weekly clearing.
#[derive(Clone, Copy, Debug)]
pub struct RigRecord<'a> {
    /// Instant, from the start.
    pub time: Seconds,
    /// Name of the model.
    pub model: &'a str,
    /// Its efficiency at full power, J/TH.
    pub efficiency_j_per_th: f64,
    /// Price, USD/(TH/s); where nothing was traded, the best bid.
    pub price_usd_per_th: f64,
    /// What it is worth to a buyer outside, USD/(TH/s).
    pub value_usd_per_th: f64,
    /// Traded at this clearing.
    pub traded: Hashrate,
    /// Still on offer.
    pub listed: Hashrate,
}

/// A row of `restart.csv`: at which hashprice idle machines come back.
#[derive(Clone, Copy, Debug)]
pub struct LadderRecord {
    /// The epoch that ends then.
    pub epoch: u64,
    /// Instant, from the start.
    pub time: Seconds,
    /// Price of a coin then, USD/BTC.
    pub price_usd: f64,
    /// Hashprice then, USD/PH/day.
    pub hashprice_usd_per_ph_day: f64,
    /// The ladder.
    pub ladder: Ladder,
}

/// Hashrate on and off in one bin of efficiency: at the start, at the first block of each epoch, and at the end.
#[derive(Clone, Copy, Debug, Default)]
pub struct FleetRecord {
    /// The epoch that ends then; `None` at the start of the run.
    pub epoch: Option<u64>,
    /// Instant, from the start.
    pub time: Seconds,
    /// The bin holds machines from this efficiency, J/TH at full power...
    pub from_j_per_th: f64,
    /// ...to below this one; `None` has no upper edge.
    pub to_j_per_th: Option<f64>,
    /// Running.
    pub running: Hashrate,
    /// Installed but off.
    pub idle: Hashrate,
}

/// A row of `supply.csv`: hashrate on and off in one bin of break-even, at the instants of [`FleetRecord`].
#[derive(Clone, Copy, Debug, Default)]
pub struct SupplyRecord {
    /// The epoch that ends then; `None` at the start of the run.
    pub epoch: Option<u64>,
    /// Instant, from the start.
    pub time: Seconds,
    /// Hashprice of that instant, USD/PH/day.
    pub hashprice_usd_per_ph_day: f64,
    /// The bin holds machines whose avoidable cost is at least this, USD/PH/day...
    pub from_usd_per_ph_day: f64,
    /// ...and below this.
    pub to_usd_per_ph_day: f64,
    /// Running.
    pub running: Hashrate,
    /// Installed but off.
    pub idle: Hashrate,
}

/// A row of `events.csv`: what happened to one firm on one day, by kind; chain events name no firm.
#[derive(Clone, Copy, Debug)]
pub struct EventRecord<'a> {
    /// Instant, from the start.
    pub time: Seconds,
    /// shutdown, restart, default, liquidation, retarget, halving, ...
    pub kind: &'static str,
    /// Name of the firm; empty for the chain.
    pub firm: &'a str,
    /// Hashrate concerned.
    pub hashrate: Hashrate,
    /// Dollars concerned.
    pub amount_usd: f64,
    /// Coins concerned.
    pub amount_btc: f64,
}

/// A row of `firms.csv`.
#[derive(Clone, Copy, Debug)]
pub struct FirmRecord<'a> {
    /// Stable name.
    pub firm: &'a str,
    /// Its class.
    pub class: &'a str,
    /// Where most of its machines stand at the end; of a firm without machines, where its first site is.
    pub region: &'a str,
    /// How many real miners it stood for at the start; 0 if it had no machines then.
    pub weight_start: f64,
    /// How many real miners it stands for at the end, or did when it left.
    pub weight: f64,
    /// ok, workout, surrendered, arrears, chapter11, liquidating, liquidated, acquired or exited.
    pub state: &'static str,
    /// When it left, if it did.
    pub exit: Option<Seconds>,
    /// Installed.
    pub installed: Hashrate,
    /// Running at the end.
    pub running: Hashrate,
    /// Cash at the end.
    pub cash: Usd,
    /// Coins at the end.
    pub coins: Sats,
    /// Debt at the end.
    pub debt: Usd,
    /// Power at the meter at the end, mW.
    pub power: Power,
    /// Mean full-power efficiency of its machines at the end, by hashrate, at the machine, J/TH; `None` without any.
    pub efficiency_j_per_th: Option<f64>,
    /// Mean power price of its machines at the end, by load, USD/kWh; `None` without machines.
    pub power_price_usd_per_kwh: Option<f64>,
    /// Name of the firm that took it over; empty if none.
    pub acquired_by: &'a str,
}

/// A row of `classes.csv`: the money of a class's firms when an epoch ends.
#[derive(Clone, Copy, Debug)]
pub struct ClassRecord<'a> {
    /// The epoch that ends then.
    pub epoch: u64,
    /// Instant, from the start.
    pub time: Seconds,
    /// Its name.
    pub class: &'a str,
    /// Running.
    pub running: Hashrate,
    /// Paid out by the pool since the start.
    pub mined: Sats,
    /// Sold since the start, by cause.
    pub sold: Sold,
    /// Held.
    pub coins: Sats,
    /// Cash.
    pub cash: Usd,
    /// Debt.
    pub debt: Usd,
}

/// A row of `ledger.csv`: coins or dollars moved at the firm that is followed.
#[derive(Clone, Copy, Debug)]
pub struct LedgerRecord {
    /// End of the day on which they moved, from the start.
    pub time: Seconds,
    /// Why.
    pub cause: &'static str,
    /// Cash that came or, where negative, went.
    pub amount_usd: f64,
    /// Coins that came or, where negative, went, satoshi.
    pub amount_sat: f64,
    /// Cash after it, USD.
    pub cash_usd: f64,
    /// Coins after it, satoshi.
    pub coins_sat: f64,
    /// Of these, pledged to lenders.
    pub pledged_sat: f64,
    /// Share of its machines that is pledged to lenders after it.
    pub charged_share: f64,
    /// Principal owed after it.
    pub debt: Usd,
}

/// A row of `regions.csv`.
#[derive(Clone, Copy, Debug)]
pub struct RegionRecord<'a> {
    /// Its name; empty where miners have none.
    pub region: &'a str,
    /// Energy at the meter in the run, TWh.
    pub energy_twh: f64,
    /// CO2 of that energy, Mt.
    pub co2_mt: f64,
    /// Running at the start.
    pub start: Hashrate,
    /// Running at the end.
    pub end: Hashrate,
}
