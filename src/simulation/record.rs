//! What a history leaves behind: plain records handed to an [`Observer`] as they arise. Output implements it.

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
    /// The headline numbers, at the end, in the order of [`METRICS`].
    fn on_metrics(&mut self, _metrics: &[Option<f64>]) {}
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
    /// Days of runway at the end that 10, 50 and 90 % of miners do not exceed; `None` is without end.
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

/// A headline number: name as in `summary.json`, unit, meaning.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Key in `summary.json` and column of `replicas.csv`.
    pub name: &'static str,
    /// Unit; empty for a ratio or a count.
    pub unit: &'static str,
    /// Its meaning, so that `{doc}: {value}` can be read.
    pub doc: &'static str,
    /// What a replica without a value means.
    pub absent: Absent,
    /// Its value where what it measures never fell, and what is said then.
    pub no_fall: Option<NoFall>,
}

/// The value of a headline number that stands for no fall at all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoFall {
    /// Exactly this.
    pub value: f64,
    /// A sentence without its full stop.
    pub words: &'static str,
}

impl Metric {
    /// The value means that nothing fell.
    const fn no_fall(self, value: f64, words: &'static str) -> Self {
        Self { no_fall: Some(NoFall { value, words }), ..self }
    }
}

/// What a replica without a value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// It never came to that: later than any day.
    Never,
    /// It could not be measured: the replica does not count.
    Unmeasured,
}

const fn metric(name: &'static str, unit: &'static str, doc: &'static str) -> Metric {
    Metric { name, unit, doc, absent: Absent::Never, no_fall: None }
}

const fn measured(name: &'static str, unit: &'static str, doc: &'static str) -> Metric {
    Metric { name, unit, doc, absent: Absent::Unmeasured, no_fall: None }
}

const NO_FALL: &str = "Hashrate never fell below its previous peak";

/// The headline numbers of a replica.
#[rustfmt::skip]
pub const METRICS: &[Metric] = &[
    metric("hashrate_trough_share", "", "Lowest epoch mean of running hashrate, as a share of the highest before it").no_fall(1.0, NO_FALL),
    metric("days_to_trough", "d", "Days from that peak to the middle of the lowest epoch").no_fall(0.0, NO_FALL),
    metric("days_to_95pct", "d", "Days from that peak until an epoch is back at 95 % of it; 0 where it never fell so far").no_fall(0.0, "Hashrate never fell below 95 % of its previous peak"),
    metric("days_to_100pct", "d", "Days from that peak until an epoch is back at all of it; 0 where it never fell").no_fall(0.0, NO_FALL),
    metric("lowest_day_share", "", "Running hashrate of the lowest day, as a share of the start"),
    metric("hashrate_end_share", "", "Running hashrate at the end, as a share of the start"),
    metric("longest_epoch_days", "d", "Longest difficulty epoch, first block to first block of the next or to the end"),
    metric("worst_retarget", "", "Largest fall of difficulty at once, as a ratio less 1; 0 where it never fell").no_fall(0.0, "Difficulty never fell"),
    metric("difficulty_end_share", "", "Difficulty at the end, as a share of the start"),
    metric("block_delay_days", "d", "How far the chain is behind a block every 600 s at the end; negative when ahead"),
    measured("hashrate_volatility_per_sqrt_day", "1/sqrt(day)", "Standard deviation of daily changes of the logarithm of running hashrate"),
    measured("block_pace_sd", "", "Standard deviation over days of the pace of blocks to be expected of hashrate and difficulty, 1 being one every 600 s"),
    metric("hashprice_low_usd_per_ph_day", "USD/PH/day", "Lowest daily hashprice"),
    metric("hashprice_end_usd_per_ph_day", "USD/PH/day", "Hashprice of the last day"),
    metric("price_impact_worst", "", "Largest fall of the price by miners' sales, as a ratio less 1; 0 where they do not move it").no_fall(0.0, "Miners' sales never lowered the price"),
    metric("price_impact_attributable", "", "Price over the same history's price without impact, less 1, on the day of the lowest price"),
    metric("price_fall_attributable_share", "", "Share of the price's fall from the start to its lowest, in logarithms, that is due to miners' sales; 0 where it never fell"),
    metric("underwater_share_max", "", "Largest daily share of running hashrate whose avoidable cost exceeds hashprice"),
    metric("underwater_loss_usd", "USD", "Avoidable cost of machines while it exceeded what they earned, less that"),
    metric("delivered_share", "", "Hashrate of machines that came from makers, as a share of what was installed at the start"),
    metric("scrapped_share", "", "Hashrate of machines that were scrapped, as a share of what was installed at the start"),
    metric("failed_share", "", "Hashrate of machines of firms that failed, gone with them, taken by lenders or sold, as a share of what was installed at the start"),
    metric("released_share", "", "Hashrate of machines whose place went to another use, as a share of what was installed at the start"),
    metric("converted_mw", "MW", "Power of sites that went from mining to another use"),
    measured("revenue_floor_usd_per_kwh", "USD/kWh", "Lowest daily revenue per energy at the machines that run"),
    measured("hashprice_trend_per_year", "1/year", "Slope of a line through the logarithm of daily hashprice"),
    measured("revenue_trend_per_year", "1/year", "Slope of a line through the logarithm of daily revenue per energy"),
    measured("idle_overhang_end", "", "Idle hashrate over running hashrate at the end"),
    measured("idle_overhang_max", "", "Largest idle hashrate that hashprice alone kept off, over running hashrate, at the ends of epochs"),
    metric("defaulted_hashrate_share", "", "Hashrate of firms that did not pay within the grace period, as a share of what was installed at the start"),
    metric("defaults", "", "Firms that did not pay within the grace period, by weight, each counted once"),
    metric("restructured", "", "Of these, firms whose creditors agreed to wait, by weight, each counted once"),
    metric("chapter11", "", "Of these, firms that went on under Chapter 11, by weight, each counted once"),
    metric("liquidated", "", "Firms that were liquidated, by weight"),
    metric("surrendered", "", "Firms of which a lender without recourse took what was pledged, in default, or after a margin call and with a loss, by weight, each counted once"),
    measured("surviving_share", "", "Share of the firms of the start that are left at the end, by weight"),
    measured("surviving_workout_share", "", "Share of the firms of the start that are left at the end and still owe creditors that agreed to wait, by weight"),
    measured("surviving_chapter11_share", "", "Share of the firms of the start that are left at the end under Chapter 11, by weight"),
    metric("lender_loss_usd", "USD", "Principal, and interest that had fallen due, that lenders gave up or lost"),
    metric("mined_btc", "BTC", "Subsidy and fees of all blocks"),
    metric("sold_voluntary_btc", "BTC", "Coins sold by policy"),
    metric("sold_forced_btc", "BTC", "Coins sold because cash was short"),
    metric("sold_liquidation_btc", "BTC", "Coins sold out of firms that failed"),
    measured("sold_involuntary_share", "", "Share of the coins sold that was sold because cash was short or out of firms that failed"),
    metric("collateral_liquidated_btc", "BTC", "Pledged coins that lenders sold"),
    metric("runway_low_days", "d", "Shortest days of runway of the median miner at the end of an epoch; never where it burns no cash"),
    measured("sold_of_mined_share", "", "Coins sold over coins mined"),
    measured("sold_of_volume_share", "", "Coins sold over coins traded, where the law of impact has a volume"),
    metric("hhi_start", "", "Herfindahl-Hirschman index of running hashrate by owner, at the start"),
    metric("hhi_end", "", "Herfindahl-Hirschman index of running hashrate by owner, at the end"),
    metric("nakamoto_start", "", "Owners that together run more than half of hashrate, at the start"),
    metric("nakamoto_end", "", "Owners that together run more than half of hashrate, at the end"),
    metric("gini_start", "", "Gini coefficient of running hashrate over owners of machines, idle ones included, at the start"),
    metric("gini_end", "", "Gini coefficient of running hashrate over owners of machines, idle ones included, at the end"),
    metric("top1_share_start", "", "Share of running hashrate of the largest owner, at the start"),
    metric("top1_share_end", "", "Share of running hashrate of the largest owner, at the end"),
    metric("top5_share_start", "", "Share of running hashrate of the five largest owners, at the start"),
    metric("top5_share_end", "", "Share of running hashrate of the five largest owners, at the end"),
    metric("top10_share_start", "", "Share of running hashrate of the ten largest owners, at the start"),
    metric("top10_share_end", "", "Share of running hashrate of the ten largest owners, at the end"),
    measured("acquisitions", "", "Firms bought by others, by weight, where they can be"),
    measured("acquired_hashrate_share", "", "Hashrate of firms bought by others, as a share of what was installed at the start"),
    measured("machines_left_share", "", "Hashrate of machines sold out of the network or as scrap, as a share of what was installed at the start"),
    measured("broker_gain_usd", "USD", "What buyers of used machines paid and sellers did not get: the broker's fees, and what he gained on machines of his own; it leaves the model"),
    measured("rig_price_elasticity_new", "", "Elasticity of the price of new machines to the 21-day mean of hashprice, from start to end"),
    measured("rig_price_elasticity_mid", "", "Elasticity of the price of the middle generation's machines to that mean"),
    measured("rig_price_elasticity_old", "", "Elasticity of the price of old machines to that mean"),
    measured("machine_efficiency_start_j_per_th", "J/TH", "Energy at the machine per hash of what runs, at the start"),
    measured("machine_efficiency_end_j_per_th", "J/TH", "Energy at the machine per hash of what runs, at the end"),
    metric("energy_twh", "TWh", "Energy at the meter"),
    metric("co2_mt", "Mt", "CO2 of that energy"),
    metric("left_twh", "TWh", "Energy that sites under contract left to others in dear hours"),
    metric("demand_response_usd", "USD", "Income from power left to others and from load that could be called off"),
    measured("block_interval_mean_s", "s", "Mean time between blocks"),
    measured("block_interval_sd_s", "s", "Standard deviation of the gaps between blocks, where each is drawn"),
    measured("block_gap_longest_s", "s", "Longest gap between blocks, where each is drawn"),
];
