//! Parameters of the initial population.

use crate::{
    hardware::Machine,
    mechanism::{credit::loan::LoanTerms, operate::rule::RuleMix, treasury::rule::TreasuryPolicy},
    power::Contract,
    units::{Efficiency, Hashrate, PowerPrice, Sats, Usd},
};

/// The initial population.
#[derive(Clone, Debug, PartialEq)]
pub enum PopulationParams {
    /// Drawn from classes and a fleet, anew for each replica.
    Drawn {
        /// Classes, in the order of the scenario file.
        classes: Vec<ClassParams>,
        /// Machine models, in the order of the scenario file.
        fleet: Vec<FleetParams>,
        /// Shape of the gamma weights by which a firm's mix of models differs from the fleet's; the larger, the more alike.
        mix_shape: f64,
        /// Hashrate that runs at the start; installed hashrate is solved so that the start rule gives it.
        active: Hashrate,
    },
    /// Listed one by one.
    Listed(Vec<MinerRow>),
}

/// A class of miners: firms that draw their circumstances from the same distributions.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassParams {
    /// Stable name, from `[class.NAME]`.
    pub name: String,
    /// Share of installed hashrate.
    pub share: f64,
    /// Number of agents.
    pub firms: u32,
    /// How many identical real miners an agent stands for.
    pub weight: f64,
    /// Tail index of the Pareto distribution of firm sizes.
    pub size_tail_index: f64,
    /// Largest share of the network's installed hashrate one agent may have.
    pub largest_share: f64,
    /// Default region of its sites.
    pub region: String,
    /// Regions of its sites, and the share of its hashrate in each.
    pub regions: Vec<(String, f64)>,
    /// Power contract of its sites, if their region has none of its own.
    pub contract: Contract,
    /// Median of the lognormal power price at the meter.
    pub power_price_median: PowerPrice,
    /// Standard deviation of its logarithm.
    pub power_price_log_sd: f64,
    /// Cash at the start, in months of the cost of running all machines.
    pub cash_months: f64,
    /// Coins at the start, in days of own production.
    pub treasury_days: f64,
    /// Debt at the start per hashrate, USD per TH/s.
    pub debt_usd_per_th: f64,
    /// Standard deviation of the logarithms of the factors by which each firm's cash, coins and debt differ from these; the mean factor is 1.
    pub finance_log_sd: f64,
    /// Fixed cost per installed hashrate, USD per PH/s and day, due while the firm is active.
    pub fixed_cost_usd_per_ph_day: f64,
    /// Decision rules of its lots.
    pub rules: RuleMix,
    /// How it sells its coins.
    pub treasury: TreasuryPolicy,
    /// Its debts; if empty, one amortising loan on the terms of [`SettlementParams`](crate::mechanism::treasury::params::SettlementParams).
    pub loans: Vec<LoanTerms>,
    /// Cash buffer, in months of the cost of running all machines: coins are sold to restore it.
    pub cash_buffer_months: f64,
    /// Spare power of the initial sites, as a share of their machines' demand.
    pub spare_capacity_share: f64,
    /// Number of firms that do not mine yet and enter when that pays.
    pub entrants: u32,
    /// Power of the site that an entrant builds, MW.
    pub entrant_mw: f64,
}

/// One model in the fleet.
#[derive(Clone, Debug, PartialEq)]
pub struct FleetParams {
    /// Stable name, from `[fleet.NAME]`.
    pub name: String,
    /// The machine.
    pub machine: Machine,
    /// Share of installed hashrate.
    pub share: f64,
    /// Whether it can run in eco mode.
    pub eco: bool,
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
    /// How the firm sells its coins.
    pub treasury: TreasuryPolicy,
}
