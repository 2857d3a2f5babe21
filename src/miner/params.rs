use crate::{
    hardware::Machine,
    power::Contract,
    units::{Efficiency, Hashrate, PowerPrice, Sats, Seconds, Usd},
};
use crate::{
    mechanism::treasury::rule::TreasuryPolicy,
    miner::loan::{Collateral, LoanTerms, Repayment},
};

/// Who mines at the start.
#[derive(Clone, Debug, PartialEq)]
pub enum PopulationParams {
    /// Drawn from classes and a fleet, anew for each replica.
    Drawn {
        /// In the order of the scenario file.
        classes: Vec<ClassParams>,
        /// In the order of the scenario file.
        fleet: Vec<FleetParams>,
        /// Shape of the gamma weights by which a firm's mix of models differs from the fleet's; large is alike.
        mix_shape: f64,
        /// Hashrate that runs at the start; installed hashrate is solved so that the start rule gives it.
        active: Hashrate,
    },
    /// Given one by one.
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
    /// Where those of its sites are that are in none of `regions`.
    pub region: String,
    /// Regions of its sites, and the share of its hashrate in each.
    pub regions: Vec<(String, f64)>,
    /// The contract under which its sites have their power, where their region has none of its own.
    pub contract: Contract,
    /// Median of the lognormal power price at the meter.
    pub power_price_median: PowerPrice,
    /// Standard deviation of its logarithm.
    pub power_price_log_sd: f64,
    /// Cash at the start, in months of running all machines.
    pub cash_months: f64,
    /// Coins at the start, in days of own production.
    pub treasury_days: f64,
    /// Debt at the start per hashrate, USD per TH/s.
    pub debt_usd_per_th: f64,
    /// Standard deviation of the logarithms of the factors by which each firm's cash, coins and debt differ from these; their mean is 1.
    pub finance_log_sd: f64,
    /// Fixed cost per installed hashrate, USD per PH/s and day, due while the firm lives.
    pub fixed_cost_usd_per_ph_day: f64,
    /// Decision rules of its lots.
    pub rules: RuleMix,
    /// How it sells its coins.
    pub treasury: TreasuryPolicy,
    /// Its debts; without any, one level loan on the terms of [`SettlementParams`].
    pub loans: Vec<LoanTerms>,
    /// Cash kept, in months of running all machines: coins are sold to restore it.
    pub cash_buffer_months: f64,
    /// Power that the sites of the start have to spare, as a share of what their machines draw.
    pub spare_capacity_share: f64,
    /// Firms that do not mine yet and enter when that pays.
    pub entrants: u32,
    /// Site that an entrant builds, MW.
    pub entrant_mw: f64,
}

/// Shares of lots by decision rule; they sum to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RuleMix {
    /// On while hashprice covers the avoidable cost.
    pub naive: f64,
    /// The same with smoothed hashprice.
    pub adaptive: f64,
    /// Waits within a band around it (real option).
    pub option: f64,
    /// Waits for the next retarget too.
    pub aware: f64,
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
    /// Of the lot.
    pub hashrate: Hashrate,
    /// Of the lot.
    pub efficiency: Efficiency,
    /// At the meter.
    pub power_price: PowerPrice,
    /// Cash of the firm; the rows of a firm add up.
    pub cash: Usd,
    /// Coins of the firm; the rows of a firm add up.
    pub coins: Sats,
    /// Debt of the firm; the rows of a firm add up.
    pub debt: Usd,
    /// Where the site is.
    pub region: Option<String>,
    /// How many identical real miners the firm stands for.
    pub weight: f64,
    /// Off below `k (1 + shutdown_margin)`.
    pub shutdown_margin: f64,
    /// On from `k (1 + restart_margin)`.
    pub restart_margin: f64,
    /// Due every day while the firm lives; the rows of a firm add up.
    pub fixed_cost_usd_per_day: f64,
    /// How the firm sells its coins.
    pub treasury: TreasuryPolicy,
}

/// How lots are operated.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationParams {
    /// Mean of the exponential delay between a crossed threshold and the switch; zero acts at once.
    pub response: Seconds,
    /// Whether miners who look ahead to the next retarget see a halving on the way to it.
    pub foresees_halvings: bool,
    /// Half-life of the adaptive rule's moving average of hashprice.
    pub adaptive_half_life: Seconds,
    /// sigma: volatility of hashprice, per square root of a day.
    pub hashprice_volatility_per_sqrt_day: f64,
    /// Median of K = K_off + K_on, USD per PH/s.
    pub switching_cost_median_usd_per_ph: f64,
    /// Standard deviation of its logarithm.
    pub switching_cost_log_sd: f64,
    /// How the option rule's thresholds are found.
    pub thresholds: Thresholds,
    /// r of the exact thresholds, 1/year.
    pub discount_per_year: f64,
    /// Expected drift of hashprice in the exact thresholds, 1/year.
    pub hashprice_drift_per_year: f64,
    /// Eco mode: energy per hash relative to full power.
    pub eco_efficiency_factor: f64,
    /// Eco mode: hashrate relative to full power.
    pub eco_hashrate_factor: f64,
    /// Time to bring a lot back, by how long it was off: (off for less than, delay), in order; the last holds beyond.
    pub restart_delays: Vec<(Seconds, Seconds)>,
}

/// How the option rule's thresholds are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thresholds {
    /// The cube-root law.
    Formula,
    /// The four equations of value matching and smooth pasting, solved.
    Exact,
}

/// When firms settle their bills and what happens if they cannot.
#[derive(Clone, Debug, PartialEq)]
pub struct SettlementParams {
    /// Days between a firm's settlements.
    pub every_days: u32,
    /// Days a payment may be late before the firm is wound up.
    pub grace_days: f64,
    /// Interest on debt, 1/year.
    pub debt_rate_per_year: f64,
    /// Added to it on principal that is overdue, 1/year.
    pub debt_default_margin_per_year: f64,
    /// Months in which debt of the start is repaid by level payments.
    pub debt_term_months: f64,
    /// Most that a miner sells per day for want of cash, as a share of the market's volume where that is known.
    pub participation_cap: f64,
}

impl SettlementParams {
    /// The loan of those who write none.
    #[must_use]
    pub const fn loan(&self) -> LoanTerms {
        LoanTerms {
            share: 1.0,
            repayment: Repayment::Level,
            rate_per_year: self.debt_rate_per_year,
            default_margin_per_year: self.debt_default_margin_per_year,
            term_months: self.debt_term_months,
            collateral: Collateral::None,
            undrawn_usd_per_th: 0.0,
        }
    }
}
