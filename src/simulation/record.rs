//! Records of a history: plain records that are passed to an [`Observer`] as they arise. The output modules implement it.

use super::metrics::Metrics;
use crate::{
    declare::{BTC, DAYS, EH_PER_S, MW, TH_PER_S, USD, USD_PER_PH_DAY, row},
    units::{Hashprice, Hashrate, Power, Sats, Seconds, Usd},
};

/// Receives a history as it unfolds. The engine knows no file format.
pub trait Observer {
    /// Whether anything is recorded. A history that another one only compares itself with is not.
    fn wants_records(&self) -> bool {
        true
    }
    /// At the end of every day.
    fn on_day(&mut self, _day: &DayRecord) {}
    /// When a difficulty epoch ends, and at the end of the run for the unfinished epoch.
    fn on_epoch(&mut self, _epoch: &EpochRecord) {}
    /// Whether the network's state at the start of each epoch is recorded: concentration in [`Self::on_epoch`], and [`Self::on_fleet`],
    /// [`Self::on_survival`], [`Self::on_ladder`], [`Self::on_class`]. This visits every firm and lot.
    fn wants_states(&self) -> bool {
        false
    }
    /// For each bin of efficiency with machines in it, when an epoch begins and at the end.
    fn on_fleet(&mut self, _bin: &FleetRecord) {}
    /// Whether [`Self::on_supply`] is to be called, which visits every lot.
    fn wants_supply(&self) -> bool {
        false
    }
    /// For each bin of break-even with machines in it, when an epoch begins and at the end.
    fn on_supply(&mut self, _bin: &SupplyRecord) {}
    /// When something happens to the chain or to a firm.
    fn on_event(&mut self, _event: &EventRecord<'_>) {}
    /// For each group of firms, when an epoch begins and at the end.
    fn on_survival(&mut self, _group: &SurvivalRecord<'_>) {}
    /// The restart ladder, when an epoch begins and at the end.
    fn on_ladder(&mut self, _ladder: &LadderRecord) {}
    /// For each model of machine, at every clearing of their market.
    fn on_rigs(&mut self, _model: &RigRecord<'_>) {}
    /// For each firm, at the end.
    fn on_firm(&mut self, _firm: &FirmRecord<'_>) {}
    /// For each class, when an epoch ends and at the end.
    fn on_class(&mut self, _class: &ClassRecord<'_>) {}
    /// When coins or dollars move at the followed firm.
    fn on_ledger(&mut self, _entry: &LedgerRecord<'static>) {}
    /// For each region, at the end.
    fn on_region(&mut self, _region: &RegionRecord<'_>) {}
    /// The metrics, at the end.
    fn on_metrics(&mut self, _metrics: &Metrics) {}
}

row! {
    /// One row per replica and day.
    pub struct DayRecord in "days" by [time_utc] {
        /// End of the day: 2025-01-02T00:00:00Z is the row of 1 January
        time: Seconds => time_utc,
        /// Price of a coin, with the impact of miners' sales
        price_usd: f64 as "USD/BTC",
        /// Price of a coin before that impact
        base_price_usd: f64 as "USD/BTC",
        /// What the impact adds to the base price, as a ratio less 1; negative where it lowers it
        price_impact: f64 => price_impact_share,
        /// Running hashrate, mean of the day
        hashrate_eh_per_s: f64 as "EH/s",
        /// Installed at living firms but off, at the day's end
        idle_hashrate_eh_per_s: f64 as "EH/s",
        /// Hashrate of machines that came from manufacturers in the day
        delivered_eh_per_s: f64 as "EH/s",
        /// Ordered and not yet delivered, at the day's end
        on_order_eh_per_s: f64 as "EH/s",
        /// Ordered in the day
        ordered_eh_per_s: f64 as "EH/s",
        /// Scrapped in the day: broken for good, worn out or displaced
        scrapped_eh_per_s: f64 as "EH/s",
        /// Hashrate of machines of firms, or members of cohorts, that failed in the day: gone with them, taken by lenders or sold
        failed_eh_per_s: f64 as "EH/s",
        /// Waiting for repair, at the day's end
        broken_eh_per_s: f64 as "EH/s",
        /// Power that has gone from mining to another use, by the day's end
        converted_mw: f64 as "MW",
        /// Energy at the machine per hash of what runs, at the day's end; empty where nothing does
        efficiency_j_per_th: Option<f64> => machine_efficiency_j_per_th as "J/TH",
        /// Hashprice per energy of that hash at the machine, at the day's end; empty where nothing runs
        revenue_usd_per_kwh: Option<f64> as "USD/kWh",
        /// Difficulty at the day's end
        difficulty: f64,
        /// What a PH/s earns in a day, at the day's end
        hashprice_usd_per_ph_day: f64 as "USD/PH/day",
        /// Length of the day per block found in it; empty where none was
        block_interval_s: Option<f64> as "s",
        /// Blocks found in the day
        blocks: f64,
        /// Power drawn at the meter, mean of the day
        power_gw: f64 as "GW",
        /// CO2 of the day's energy, of each region at its own emission
        co2_kt: f64 as "kt",
        /// CO2 per kWh of the day's energy, of the whole network; empty where nothing ran
        co2_kg_per_kwh: Option<f64> as "kg/kWh",
        /// Share of running hashrate whose avoidable cost exceeds hashprice
        underwater_share: f64,
        /// Subsidy and fees paid in the day
        issued: Sats => issued_btc as BTC,
        /// Coins sold of free will
        sold_voluntary: Sats => sold_voluntary_btc as BTC,
        /// Coins sold because cash was short
        sold_forced: Sats => sold_forced_btc as BTC,
        /// Coins sold out of firms that failed
        sold_liquidation: Sats => sold_liquidation_btc as BTC,
        /// Cash of all living firms: of each as of its last settlement, or of the last day while it rests
        cash: Usd => cash_usd as USD,
        /// Debt of all firms
        debt: Usd => debt_usd as USD,
        /// Coins of all living firms: of each as of its last settlement, or of the last day while it rests
        coins_held: Sats => coins_held_btc as BTC,
        /// Firms in arrears
        firms_in_arrears: u32,
        /// Of the coins held, pledged to lenders
        coins_pledged: Sats => coins_pledged_btc as BTC,
        /// Principal, and interest that had fallen due, that lenders gave up or lost in the day
        lender_loss: Usd => lender_loss_usd as USD,
        /// Price of a coin in the same seed without the shock; empty where the law of impact compares no two histories
        paired_price_usd: Option<f64> as "USD/BTC",
        /// Coins sold in the day in the same seed without the shock; empty where the law of impact compares no two histories
        paired_sold: Option<Sats> => paired_sold_btc as BTC,
    }
}

row! {
    /// One row per replica and difficulty epoch.
    pub struct EpochRecord in "epochs" by [epoch] {
        /// Number of the difficulty epoch, from 0 at the scenario's start
        epoch: u64,
        /// Height of its first block
        start_height: u64,
        /// Header time of its first block
        start: Seconds => start_time_utc,
        /// First block to first block of the next epoch; empty where the run cuts it
        duration: Option<Seconds> => duration_days as DAYS,
        /// Difficulty in force
        difficulty: f64,
        /// Next difficulty over this one; empty where the run cuts it
        retarget_ratio: Option<f64>,
        /// Hashrate as an observer of the chain infers it, from difficulty and duration; empty where the run cuts it
        hashrate_eh_per_s: Option<f64> as "EH/s",
        /// Hashrate that ran, time mean over the epoch's part within the run
        running_hashrate_eh_per_s: f64 as "EH/s",
        /// Price of a coin, time mean
        price_usd: f64 as "USD/BTC",
        /// What a PH/s earns in a day, time mean
        hashprice_usd_per_ph_day: f64 as "USD/PH/day",
        /// Running over installed hashrate, at the end
        active_share: f64,
        /// Coins sold of free will
        sold_voluntary: Sats => sold_voluntary_btc as BTC,
        /// Coins sold because cash was short
        sold_forced: Sats => sold_forced_btc as BTC,
        /// Coins sold out of firms that failed
        sold_liquidation: Sats => sold_liquidation_btc as BTC,
        /// Firms that defaulted for the first time in the run, each counted by its weight
        defaults: f64,
        /// Herfindahl-Hirschman index of running hashrate by owner, at the end
        hhi: f64,
        /// Days of runway, cash and free coins over net burn, that a tenth of miners do not exceed, at the end; empty where they burn no cash
        runway_p10_days: Option<f64> as "d",
        /// The same of the median miner
        runway_p50_days: Option<f64> as "d",
        /// The same that nine tenths of miners do not exceed
        runway_p90_days: Option<f64> as "d",
        /// Gini coefficient of running hashrate over owners of machines, idle ones included, at the end
        gini: f64,
        /// Largest owners that together run more than half of hashrate, at the end
        nakamoto: f64,
        /// Share of running hashrate of the largest owner, at the end
        top1_share: f64,
        /// Share of running hashrate of the five largest owners, at the end
        top5_share: f64,
        /// Share of running hashrate of the ten largest owners, at the end
        top10_share: f64,
        /// Idle hashrate that hashprice alone keeps off, over running hashrate, at the end; empty where nothing runs
        idle_overhang: Option<f64>,
        /// Coins sold over coins mined in it; empty where none were mined
        sold_of_mined: Option<f64> => sold_of_mined_share,
    }
}

row! {
    /// One row per replica, epoch and group of firms: how many of the start are left, by class and by tenths of hashrate in the order of efficiency and of power price.
    pub struct SurvivalRecord<'a> in "survival" by [epoch, by, group] {
        /// That instant
        time: Seconds => time_utc,
        /// How firms are grouped: class, efficiency_decile, or power_price_decile
        by: &'a str,
        /// Name of the class, or number of the decile, from 1: a tenth of the hashrate of the start, the most efficient or the cheapest power first
        group: &'a str,
        /// Share of the group's miners of the start that go on, each firm counted by the miners that it stood for then
        surviving_share: f64,
        /// Share of them that failed and was liquidated; the rest was bought or gave up
        liquidated_share: f64,
        /// Share of them that go on, not under Chapter 11, and owe creditors that agreed to wait
        workout_share: f64,
        /// Share of them that go on and gave their pledge up to a lender without recourse; some may be in a workout too
        surrendered_share: f64,
        /// Share of them that go on under Chapter 11
        chapter11_share: f64,
        /// Number of the difficulty epoch at whose end this is; empty at the start of the run
        epoch: Option<u64>,
        /// Share of the group's hashrate of the start whose owners go on
        surviving_hashrate_share: f64,
        /// Hashrate that the group's firms run, over the hashrate that they had at the start
        running_share: f64,
    }
}

row! {
    /// One row per replica, weekly clearing of the market of machines, and model; none without such a market.
    pub struct RigRecord<'a> in "rigs" by [time_utc, model] {
        /// Day of the clearing
        time: Seconds => time_utc,
        /// Model, by its name in the scenario
        model: &'a str,
        /// Its efficiency at full power
        efficiency_j_per_th: f64 as "J/TH",
        /// Price; where nothing was traded, the best bid
        price_usd_per_th: f64 as "USD/(TH/s)",
        /// What a machine is worth to a buyer outside
        value_usd_per_th: f64 as "USD/(TH/s)",
        /// Hashrate of the machines traded at this clearing
        traded: Hashrate => traded_hashrate_th_per_s as TH_PER_S,
        /// Hashrate of the machines still on offer
        listed: Hashrate => listed_hashrate_th_per_s as TH_PER_S,
    }
}

row! {
    /// One row per replica and epoch: the hashprice at which idle machines come back.
    pub struct LadderRecord in "restart" by [epoch] {
        /// Number of the difficulty epoch at whose end this is
        epoch: u64,
        /// That instant
        time: Seconds => time_utc,
        /// Price of a coin then; the price at which a share restarts is it times that hashprice over this
        price_usd: f64 as "USD/BTC",
        /// Hashprice then
        hashprice_usd_per_ph_day: f64 as "USD/PH/day",
        /// Hashrate that is off, and that hashprice alone keeps off
        restartable: Hashrate => restartable_hashrate_eh_per_s as EH_PER_S,
        /// Hashprice at which 10 % of it restarts; empty where there is none
        restart_10pct: Option<Hashprice> => restart_10pct_usd_per_ph_day as USD_PER_PH_DAY,
        /// Hashprice at which 20 % of it restarts
        restart_20pct: Option<Hashprice> => restart_20pct_usd_per_ph_day as USD_PER_PH_DAY,
        /// Hashprice at which 30 % of it restarts
        restart_30pct: Option<Hashprice> => restart_30pct_usd_per_ph_day as USD_PER_PH_DAY,
        /// Hashprice at which 40 % of it restarts
        restart_40pct: Option<Hashprice> => restart_40pct_usd_per_ph_day as USD_PER_PH_DAY,
        /// Hashprice at which 50 % of it restarts
        restart_50pct: Option<Hashprice> => restart_50pct_usd_per_ph_day as USD_PER_PH_DAY,
        /// Hashprice at which 60 % of it restarts
        restart_60pct: Option<Hashprice> => restart_60pct_usd_per_ph_day as USD_PER_PH_DAY,
        /// Hashprice at which 70 % of it restarts
        restart_70pct: Option<Hashprice> => restart_70pct_usd_per_ph_day as USD_PER_PH_DAY,
        /// Hashprice at which 80 % of it restarts
        restart_80pct: Option<Hashprice> => restart_80pct_usd_per_ph_day as USD_PER_PH_DAY,
        /// Hashprice at which 90 % of it restarts
        restart_90pct: Option<Hashprice> => restart_90pct_usd_per_ph_day as USD_PER_PH_DAY,
    }
}

row! {
    /// One row per replica, epoch and bin of machine efficiency.
    pub struct FleetRecord in "fleet" by [epoch, from_j_per_th] {
        /// Number of the difficulty epoch at whose end this is; empty at the start of the run
        epoch: Option<u64>,
        /// That instant
        time: Seconds => time_utc,
        /// The bin holds machines from this efficiency, at full power
        from_j_per_th: f64 as "J/TH",
        /// To below this efficiency; empty where there is no upper edge
        to_j_per_th: Option<f64> as "J/TH",
        /// Hashrate that runs
        running: Hashrate => running_hashrate_eh_per_s as EH_PER_S,
        /// Hashrate installed but off
        idle: Hashrate => idle_hashrate_eh_per_s as EH_PER_S,
    }
}

row! {
    /// One row per replica, epoch and bin of break-even: the merit order of hashrate; the first 20 replicas unless all events are asked for.
    pub struct SupplyRecord in "supply" by [epoch, from_usd_per_ph_day] {
        /// Number of the difficulty epoch at whose end this is; empty at the start of the run
        epoch: Option<u64>,
        /// That instant
        time: Seconds => time_utc,
        /// What a PH/s earns in a day at that instant
        hashprice_usd_per_ph_day: f64 as "USD/PH/day",
        /// The bin holds machines whose break-even, the avoidable cost of running, is at least this
        from_usd_per_ph_day: f64 as "USD/PH/day",
        /// And below this
        to_usd_per_ph_day: f64 as "USD/PH/day",
        /// Hashrate that runs
        running: Hashrate => running_hashrate_eh_per_s as EH_PER_S,
        /// Hashrate installed but off
        idle: Hashrate => idle_hashrate_eh_per_s as EH_PER_S,
    }
}

/// Events of one firm on one day, by kind; chain events name no firm.
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

row! {
    /// One row per replica and firm, at the end of the run.
    pub struct FirmRecord<'a> in "firms" by [firm] {
        /// Stable name of the firm
        firm: &'a str,
        /// Its class
        class: &'a str,
        /// Where most of its hashrate runs at the end, else where most of it is installed; without machines, where its first site is
        region: &'a str,
        /// How many real miners it stood for at the start; 0 if it had no machines then
        weight_start: f64,
        /// How many real miners it stands for at the end, or did when it left
        weight: f64,
        /// At the end: ok, workout (pays its bills, and owes creditors that agreed to wait), surrendered (pays its bills, after it gave its pledge up to a lender without recourse), arrears, chapter11, liquidating, liquidated, acquired or exited
        state: &'a str,
        /// When it left
        exit: Option<Seconds> => exit_time_utc,
        /// Hashrate it owns at the end; none where it has left
        installed: Hashrate => installed_hashrate_th_per_s as TH_PER_S,
        /// Of this, running
        running: Hashrate => running_hashrate_th_per_s as TH_PER_S,
        /// Cash at the end
        cash: Usd => cash_usd as USD,
        /// Coins at the end
        coins: Sats => coins_btc as BTC,
        /// Debt at the end
        debt: Usd => debt_usd as USD,
        /// Power that it draws at the meter at the end
        power: Power => power_mw as MW,
        /// Mean efficiency of its machines at the end, at full power and at the machine, by hashrate; empty without machines
        efficiency_j_per_th: Option<f64> => machine_efficiency_j_per_th as "J/TH",
        /// Mean price of power of its machines at the end, by their load; empty without machines
        power_price_usd_per_kwh: Option<f64> as "USD/kWh",
        /// Firm that took it over; empty if none did
        acquired_by: &'a str,
    }
}

row! {
    /// One row per replica, difficulty epoch and class: coins, cash and debt of its firms.
    pub struct ClassRecord<'a> in "classes" by [epoch, class] {
        /// Number of the difficulty epoch at whose end this is
        epoch: u64,
        /// That instant
        time: Seconds => time_utc,
        /// The class
        class: &'a str,
        /// Hashrate that its firms run
        running: Hashrate => running_hashrate_eh_per_s as EH_PER_S,
        /// Coins its firms were paid since the start, as of their last settlements
        mined: Sats => mined_btc as BTC,
        /// Coins they sold of free will since the start
        sold_voluntary: Sats => sold_voluntary_btc as BTC,
        /// Coins they sold since the start because cash was short
        sold_forced: Sats => sold_forced_btc as BTC,
        /// Coins sold since the start out of those that failed
        sold_liquidation: Sats => sold_liquidation_btc as BTC,
        /// Coins they hold
        coins: Sats => coins_held_btc as BTC,
        /// Cash they have
        cash: Usd => cash_usd as USD,
        /// What they owe lenders
        debt: Usd => debt_usd as USD,
    }
}

row! {
    /// With `--follow FIRM`: one row per replica and movement of coins or dollars at that firm, in order; the first is what it begins with. The rows add up to its balances.
    pub struct LedgerRecord<'a> in "ledger" by [row] {
        /// End of the day on which it moved
        time: Seconds => time_utc,
        /// Why: opening, mined, sold_voluntary, sold_forced, sold_liquidation, bills, interest, principal and others; a pledge that grows or shrinks (pledged, unpledged) and debt that is given up (written_off, restructured) move nothing
        cause: &'a str,
        /// Cash that came or, where negative, went
        amount_usd: f64 as "USD",
        /// Coins that came or, where negative, went
        amount_sat: f64 as "sat",
        /// Cash after it
        cash_usd: f64 => cash_after_usd as "USD",
        /// Coins after it, pledged ones included
        coins_sat: f64 => coins_after_sat as "sat",
        /// Of these, pledged to lenders
        pledged_sat: f64 => coins_pledged_after_sat as "sat",
        /// Share of its machines that is pledged to lenders after it
        charged_share: f64 => machines_pledged_after_share,
        /// Principal it owes after it
        debt: Usd => debt_after_usd as USD,
        /// Number of the row in its replica, from 0
        row: u64,
    }
}

row! {
    /// One row per replica and region: energy and CO2 of the run, hashrate at its ends.
    pub struct RegionRecord<'a> in "regions" by [region] {
        /// Name of the region; empty where miners have none
        region: &'a str,
        /// Energy at the meter in the run
        energy_twh: f64 as "TWh",
        /// CO2 of that energy
        co2_mt: f64 as "Mt",
        /// Running hashrate at the start
        start: Hashrate => start_hashrate_eh_per_s as EH_PER_S,
        /// Running hashrate at the end
        end: Hashrate => end_hashrate_eh_per_s as EH_PER_S,
    }
}
