//! What a history leaves behind: plain records handed to an [`Observer`] as they arise. Output implements it.

use crate::units::{Hashrate, Sats, Seconds, Usd};

/// Receives a history as it unfolds. The engine knows no file format.
pub trait Observer {
    /// At the end of every day.
    fn on_day(&mut self, day: &DayRecord);
    /// When a difficulty epoch ends, and at the end of the run for the one that it cuts.
    fn on_epoch(&mut self, epoch: &EpochRecord);
    /// For each epoch and bin of efficiency.
    fn on_fleet(&mut self, bin: &FleetRecord);
    /// When something happens to the chain or to a firm.
    fn on_event(&mut self, event: &EventRecord<'_>);
    /// For each firm, at the end.
    fn on_firm(&mut self, firm: &FirmRecord<'_>);
    /// The headline numbers, at the end, in the order of [`METRICS`].
    fn on_metrics(&mut self, metrics: &[Option<f64>]);
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
    pub price_impact: f64,
    /// Running hashrate, mean of the day.
    pub hashrate_eh_per_s: f64,
    /// Installed at living firms but not running, at the day's end.
    pub idle_hashrate_eh_per_s: f64,
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
    /// Cash of all living firms, as of their last settlements.
    pub cash: Usd,
    /// Debt of all firms.
    pub debt: Usd,
    /// Coins of all living firms, as of their last settlements.
    pub coins_held: Sats,
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
    /// As an observer of the chain infers it: `difficulty 2^32 2016 / duration`; `None` where the run cuts it.
    pub hashrate_eh_per_s: Option<f64>,
    /// Mean of running hashrate over the epoch's time within the run.
    pub running_hashrate_eh_per_s: f64,
    /// Time mean.
    pub price_usd: f64,
    /// Time mean.
    pub hashprice_usd_per_ph_day: f64,
    /// Running over installed, at the end.
    pub active_share: f64,
    /// All coins sold in it.
    pub sold: Sats,
    /// Of these, forced and liquidated.
    pub sold_forced: Sats,
    /// Firms (by weight) that defaulted in it.
    pub defaults: f64,
    /// Herfindahl-Hirschman index of running hashrate by owner, at the end.
    pub hhi: f64,
}

/// Hashrate on and off in one bin of efficiency at the end of an epoch.
#[derive(Clone, Copy, Debug, Default)]
pub struct FleetRecord {
    /// The epoch.
    pub epoch: u64,
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
    /// Where its sites are.
    pub region: &'a str,
    /// How many real miners it stands for.
    pub weight: f64,
    /// ok, arrears, liquidated, ...
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
    /// Mean efficiency of its machines, J/TH.
    pub efficiency_j_per_th: f64,
    /// Mean power price, USD/kWh.
    pub power_price_usd_per_kwh: f64,
    /// Name of the firm that took it over; empty if none.
    pub acquired_by: &'a str,
}

/// A headline number: name as in `summary.json`, unit, meaning.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Key in `summary.json` and column of `replicas.csv`.
    pub name: &'static str,
    /// Unit; empty for a ratio or a count.
    pub unit: &'static str,
    /// One sentence.
    pub doc: &'static str,
}

/// The headline numbers of a replica. A `None` counts as never.
pub const METRICS: &[Metric] = &[
    Metric { name: "hashrate_trough_share", unit: "", doc: "lowest epoch mean of running hashrate as a share of the highest before it" },
    Metric { name: "days_to_trough", unit: "d", doc: "from that peak to the middle of the lowest epoch" },
    Metric { name: "days_to_95pct", unit: "d", doc: "from that peak until an epoch after the trough is back at 95 % of it; 0 where it never fell so far" },
    Metric { name: "days_to_100pct", unit: "d", doc: "from that peak until an epoch after the trough is back at all of it; 0 where it never fell" },
    Metric { name: "lowest_day_share", unit: "", doc: "running hashrate of the lowest day as a share of the start" },
    Metric { name: "hashrate_end_share", unit: "", doc: "running hashrate at the end as a share of the start" },
    Metric { name: "longest_epoch_days", unit: "d", doc: "longest difficulty epoch, first block to first block of the next, or to the end of the run" },
    Metric { name: "worst_retarget", unit: "", doc: "largest fall of difficulty from one epoch to the next, as a ratio less 1; 0 where it never fell" },
    Metric { name: "difficulty_end_share", unit: "", doc: "difficulty at the end as a share of the start" },
    Metric { name: "block_delay_days", unit: "d", doc: "how far the chain is behind one block per 600 s at the end; negative when ahead" },
    Metric { name: "hashprice_low_usd_per_ph_day", unit: "USD/PH/day", doc: "lowest daily hashprice" },
    Metric { name: "hashprice_end_usd_per_ph_day", unit: "USD/PH/day", doc: "hashprice at the end" },
    Metric { name: "underwater_share_max", unit: "", doc: "largest daily share of running hashrate whose avoidable cost exceeds hashprice" },
    Metric { name: "idle_overhang_end", unit: "", doc: "installed but idle hashrate over running hashrate at the end" },
    Metric { name: "defaulted_hashrate_share", unit: "", doc: "hashrate of wound-up firms as a share of what was installed at the start" },
    Metric { name: "defaults", unit: "", doc: "firms wound up, by weight" },
    Metric { name: "lender_loss_usd", unit: "USD", doc: "debt that wound-up firms left unpaid" },
    Metric { name: "mined_btc", unit: "BTC", doc: "subsidy and fees of all blocks" },
    Metric { name: "sold_voluntary_btc", unit: "BTC", doc: "coins sold by policy" },
    Metric { name: "sold_forced_btc", unit: "BTC", doc: "coins sold because cash was short" },
    Metric { name: "sold_liquidation_btc", unit: "BTC", doc: "coins sold out of wound-up firms" },
    Metric { name: "hhi_start", unit: "", doc: "Herfindahl-Hirschman index of running hashrate by owner at the start" },
    Metric { name: "hhi_end", unit: "", doc: "the same at the end" },
    Metric { name: "nakamoto_start", unit: "", doc: "owners that together run more than half of hashrate at the start" },
    Metric { name: "nakamoto_end", unit: "", doc: "the same at the end" },
    Metric { name: "efficiency_start_j_per_th", unit: "J/TH", doc: "energy at the meter per hash of the running fleet at the start" },
    Metric { name: "efficiency_end_j_per_th", unit: "J/TH", doc: "the same at the end" },
    Metric { name: "energy_twh", unit: "TWh", doc: "energy at the meter" },
    Metric { name: "co2_mt", unit: "Mt", doc: "CO2 of that energy" },
    Metric { name: "block_interval_mean_s", unit: "s", doc: "mean gap between blocks where each is drawn, else time over blocks" },
    Metric { name: "block_interval_sd_s", unit: "s", doc: "standard deviation of the gaps between blocks; none where they are not drawn one by one" },
    Metric { name: "block_gap_longest_s", unit: "s", doc: "longest gap between blocks; none where they are not drawn one by one" },
];
