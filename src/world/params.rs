//! Parameters of the initial population.

use crate::{
    declare::{Key, KeyValue, Kinds, ReadKeys, USD_PER_KWH, Usual, params},
    hardware::Machine,
    mechanism::{
        credit::params::LoanTerms, equity::params::EquityParams, operate::rule::RuleMix,
        treasury::params::TreasuryPolicy,
    },
    power::Contract,
    units::{Efficiency, Hashrate, PowerPrice, Sats, Usd},
};

/// The initial population.
#[derive(Clone, Debug, PartialEq)]
pub enum PopulationParams {
    /// Drawn from classes and a fleet, independently for each replica.
    Drawn {
        /// Classes, in the order of the scenario file.
        classes: Vec<ClassParams>,
        /// Machine models, in the order of the scenario file.
        fleet: Vec<FleetParams>,
        /// Shape of the gamma weights by which a firm's mix of models differs from the fleet's; with a larger shape the mixes are more alike.
        mix_shape: f64,
        /// Hashrate that runs at the start; installed hashrate is solved so that the start rule gives it.
        active: Hashrate,
    },
    /// Listed one by one.
    Listed(Vec<MinerRow>),
}

params! {
    /// A class of miners: firms that draw their circumstances from the same distributions.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ClassParams {
        /// Stable name, from `[class.NAME]`.
        name: String => |keys, _| keys.last_name().to_owned();
        /// Share of installed hashrate; the classes' shares add up to 1.
        share: f64, within(0.0, 1.0);
        /// Number of agents.
        firms: u32, source("section 5"), derived("16 for public, 60 for private, 120 for host or hosted, 200 for home"), within(1.0, 1e6)
            => |keys, key| firms(keys, key);
        /// Spare power of the initial sites, as a share of the power drawn by their machines.
        spare_capacity_share: f64 = 0.0, source("A: 0-0.5"), uniform(0.0, 0.5, "assumed"), within(0.0, 100.0),
            usual(0.01, 1.0, "A-64: 0-0.5");
        /// Number of potential entrants: firms that do not mine yet. Each enters once, when entry pays (`[invest.payback]`).
        entrants: u32 = 0, source("design"), within(0.0, 1e6);
        /// Size of the site that an entrant builds.
        entrant_mw: f64 as "MW" = 20.0, source("A: 1-100"), log_uniform(1.0, 100.0, "assumed"), positive(1e6),
            usual(0.1, 500.0, "A-64: 1-100");
        /// Number of identical real miners that an agent represents.
        weight: f64 = 1.0, source("section 5, A"), within(1.0, 1e9), usual(1.0, 1e5, "assumed: home miners by thousands");
        /// Tail index of the Pareto distribution of firm sizes.
        size_tail_index: f64 = 1.2, source("section 5, A: 1.0-1.6"), uniform(1.0, 1.6, "section 5, assumed"), within(0.1, 100.0),
            usual(0.8, 3.0, "A-09: 1.0-1.6");
        /// Largest share of the network's installed hashrate that one agent may have.
        largest_share: f64 = 0.10, source("section 5, S31"), positive(1.0);
        /// Default region of its sites; with `regions`, the region of the remaining sites.
        region: String = "world";
        /// Shares of its sites by region name; they replace the shares of `[region.NAME]`.
        regions: Vec<(String, f64)> => |keys, key| regions(keys, key.doc);
        /// The power contract of its sites: one table, named by its kind; a fixed price if absent.
        contract: Contract => |keys, key| {
            let read = keys.table_if_written(key.name, key.doc, |keys| Contract::read_kind(keys, None));
            read.flatten().unwrap_or_default()
        };
        /// Median of the lognormal power price at the meter.
        power_price_median: PowerPrice => power_price_usd_per_kwh as USD_PER_KWH, positive(100.0), usually(POWER_PRICE);
        /// Standard deviation of the logarithm of the power price.
        power_price_log_sd: f64 = 0.3, source("section 5, A"), within(0.0, 3.0), usual(0.0, 0.8, "A-13; 0.16-0.63 fitted");
        /// Cash at the start, in months of running all machines.
        cash_months: f64 as "months", within(0.0, 1200.0), usual(0.1, 120.0, "A-29; 0.9-114 months at listed miners in September 2025");
        /// Coins at the start, in days of own production.
        treasury_days: f64 as "d", within(0.0, 36_500.0),
            usual(0.5, 2500.0, "A-29, S13: 7-650; the largest treasury over its production is assumed");
        /// Debt at the start per installed hashrate.
        debt_usd_per_th: f64 as "USD/(TH/s)" = 0.0, source("section 5, A"), within(0.0, 1e6), usual(0.1, 200.0, "A-29, S11, S12: 31-65");
        /// Standard deviation of the logarithm of the factors by which each firm's initial cash, coins and debt differ from the class values. The factors are drawn independently and have a mean of 1.
        finance_log_sd: f64 = 0.0, source("A"), within(0.0, 3.0), usual(0.0, 1.5, "A-29: 0-1");
        /// The same for cash alone; if absent, `finance_log_sd`.
        cash_log_sd: Option<f64>, uniform(0.5, 2.0, "S71: 1.3-1.9 among listed miners"), within(0.0, 3.0), usual(0.0, 2.5, "A-29");
        /// The same for debt alone; if absent, `finance_log_sd`.
        debt_log_sd: Option<f64>, uniform(0.0, 1.5, "assumed"), within(0.0, 3.0), usual(0.0, 2.5, "A-29");
        /// Overheads in cash per installed hashrate (staff, rent, administration), due while the firm is active.
        fixed_cost_usd_per_ph_day: f64 as "USD/(PH/s)/d" = 0.0, source("A"), uniform(0.0, 20.0, "S71: 3.8-10.4; 8-22 in 2022"), within(0.0, 1e6),
            usual(0.1, 40.0, "A-18; cash costs of listed miners were 15-34 with power in September 2025");
        /// Shares of lots by decision rule; they add up to 1. If some rules are written, the others have a share of 0.
        rules: RuleMix => |keys, key| keys.optional_table(key.name, key.doc, RuleMix::read);
        /// Its policy for selling coins.
        treasury: TreasuryPolicy => |keys, key| {
            let read = keys.optional_table(key.name, key.doc, |keys| TreasuryPolicy::read_kind(keys, Some("share")));
            read.unwrap_or(TreasuryPolicy::Hold)
        };
        /// A loan of the class by name: one table named by its collateral, as in [class.public.loan.bank.coins].
        loans: Vec<LoanTerms> => |keys, key| LoanTerms::read_all(keys, key.doc);
        /// Its programme for selling stock when cash is short, if this table is written.
        equity: Option<EquityParams> => |keys, key| keys.table_if_written(key.name, key.doc, EquityParams::read);
        /// Cash buffer, in months of running all machines; the firm sells coins to restore it.
        cash_buffer_months: f64 as "months" = 0.0, source("A"), within(0.0, 1200.0), usual(0.1, 24.0, "A-32: 0-12");
    }
}

/// Usual prices of power at the meter: from the wet season of Sichuan, through the cheapest listed miner of 2022, to households.
pub const POWER_PRICE: Usual =
    Usual { low: 0.01, high: 0.3, source: "A-12, S4, S8, S20, S29: 0.011-0.12; households pay more" };

/// The default number of agents of one of the four usual classes.
fn firms(keys: &mut impl ReadKeys, key: Key) -> u32 {
    let usual = match keys.last_name() {
        "public" => Some(16),
        "private" => Some(60),
        "host" | "hosted" => Some(120),
        "home" => Some(200),
        _ if keys.is_description() => Some(1),
        _ => None,
    };
    KeyValue::read_key(keys, key, &"", usual)
}

fn regions<K: ReadKeys>(keys: &mut K, doc: &'static str) -> Vec<(String, f64)> {
    let before = keys.problems();
    let share = Key::new("share", "Share of the class's hashrate in this region.").within(0.0, 1.0);
    let regions = keys.each("regions", doc, &|keys: &mut K| (keys.last_name().to_owned(), keys.number(share)));
    if keys.problems() == before {
        let shares: Vec<_> = regions.iter().map(|(name, share)| (*share, format!("regions.{name}.share"))).collect();
        let what = format!("the shares of `{}`", keys.name_of("regions"));
        keys.at_most_one(&what, &shares, "the remaining share is in the class's `region`");
    }
    regions
}

params! {
    /// One model in the fleet.
    #[derive(Clone, Debug, PartialEq)]
    pub struct FleetParams, check {
        /// Stable name, from `[fleet.NAME]`.
        name: String => |keys, _| keys.last_name().to_owned();
        /// Share of installed hashrate; the fleet's shares add up to 1.
        share: f64, within(0.0, 1.0);
        /// The machine.
        machine: Machine => |keys, _| Machine::read(keys, &name);
        /// Whether it can run in eco mode; only machines released from 2019 on can.
        eco: bool = false, source("section 7.3, S48");
    }
}

impl FleetParams {
    fn check(&self, keys: &impl ReadKeys) {
        self.machine.check_eco(self.eco, keys);
    }
}

/// One row of `[population] csv`: one lot of one firm.
#[derive(Clone, Debug, PartialEq)]
pub struct MinerRow {
    /// Stable name of the firm; rows of the same firm share it.
    pub firm: String,
    /// Its class.
    pub class: String,
    /// Hashrate of the lot.
    pub hashrate: Hashrate,
    /// Efficiency of the lot.
    pub efficiency: Efficiency,
    /// Power price at the meter.
    pub power_price: PowerPrice,
    /// Cash of the firm; the rows of a firm add up.
    pub cash: Usd,
    /// Coins of the firm; the rows of a firm add up.
    pub coins: Sats,
    /// Debt of the firm; the rows of a firm add up.
    pub debt: Usd,
    /// Region of the site.
    pub region: Option<String>,
    /// How many identical real miners the firm stands for.
    pub weight: f64,
    /// Off below `k (1 + shutdown_margin)`.
    pub shutdown_margin: f64,
    /// On from `k (1 + restart_margin)`.
    pub restart_margin: f64,
    /// Due every day while the firm is active; the rows of a firm add up.
    pub fixed_cost_usd_per_day: f64,
    /// The firm's policy for selling coins.
    pub treasury: TreasuryPolicy,
}
