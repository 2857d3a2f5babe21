//! Parameters of the operation of lots.

use crate::{
    declare::{Choice, DAYS, ReadKeys, params},
    units::Seconds,
};

params! {
    /// Parameters of the operation of lots.
    #[derive(Clone, Debug, PartialEq)]
    pub struct OperationParams(beliefs: (f64, f64)), check {
        /// Mean of the exponential delay between the crossing of a threshold and the switch; with zero, machines switch at once.
        response: Seconds => response_days as DAYS = 3.0, source("A; S23: 1-14"), log_uniform(1.0, 14.0, "assumed; S23"),
            within(0.0, 3650.0), usual(0.05, 30.0, "A-20, S23: 1-14");
        /// Mean of the exponential delay before a restart, in place of `response_days`: machines that were switched off come back slowly; if absent, as quickly as they stop.
        restart_response: Option<Seconds> => restart_response_days as DAYS, source("A-95: 10-40"), uniform(10.0, 40.0, "A-95"),
            within(0.0, 3650.0), usual(0.05, 120.0, "A-95: 10-40");
        /// Further rise of hashprice, as a logarithm, that the option rule and the aware rule wait for before a restart.
        restart_margin: f64 = 0.0, source("A-95: 0-0.3"), uniform(0.0, 0.3, "A-95"), within(0.0, 3.0), usual(0.0, 1.0, "A-95: 0-0.3");
        /// Whether miners that look ahead to the next retarget take into account a halving that comes before it.
        foresees_halvings: bool = true, source("section 7.4, design");
        /// Half-life of the adaptive rule's moving average of hashprice.
        adaptive_half_life: Seconds => adaptive_half_life_days as DAYS = 3.0, source("section 7.4, A"), positive(3650.0),
            usual(0.25, 60.0, "A-23");
        /// Volatility of hashprice assumed by the option rule.
        hashprice_volatility_per_sqrt_day: f64 as "1/sqrt(d)" = 0.035, source("D: 0.024-0.050"), uniform(0.024, 0.05, "D"),
            within(0.0, 1.0), usual(0.01, 0.1, "A-25: 0.024-0.050");
        /// Median cost of stopping and restarting a machine.
        switching_cost_median_usd_per_ph: f64 => switching_cost_usd_per_ph as "USD/(PH/s)" = 150.0, source("A: 20-1000"),
            log_uniform(20.0, 1000.0, "assumed"), within(0.0, 1e6), usual(5.0, 3000.0, "A-24: 20-1000");
        /// Standard deviation of the logarithm of the switching cost.
        switching_cost_log_sd: f64 = 0.8, source("A: 0.3-1.2"), uniform(0.3, 1.2, "assumed"), within(0.0, 3.0),
            usual(0.0, 1.5, "A-24: 0.3-1.2");
        /// How the option rule's thresholds are found: the cube-root law, or the four equations solved.
        thresholds: Thresholds = Thresholds::Formula, source("section 7.4");
        /// Discount rate of miners, 1/year.
        discount_per_year: f64 => |_, _| beliefs.0;
        /// Expected drift of hashprice while no machine is added, 1/year.
        drift_per_year: f64 => |_, _| beliefs.1;
        /// Energy per hash in eco mode, relative to full power.
        eco_efficiency_factor: f64 = 0.861, source("S48: 0.80-0.90"), uniform(0.8, 0.9, "S48"), within(0.1, 1.0),
            usual(0.7, 1.0, "A-28, S48: 0.80-0.90");
        /// Hashrate in eco mode, relative to full power.
        eco_hashrate_factor: f64 = 0.776, source("S48: 0.65-0.85"), uniform(0.65, 0.85, "S48"), within(0.1, 1.0),
            usual(0.5, 1.0, "A-28, S48: 0.65-0.85");
        /// Time to restart a lot, by how long it was off: pairs [off for less than, delay] in order; the last entry, a delay alone, applies to longer stops.
        restart_delays: Vec<(Seconds, Seconds)> as "d", source("section 7.4, A"), within(0.0, 3650.0), usual(0.01, 365.0, "A-21")
            => |keys, key| keys.day_steps_or(key, &[(7.0, 0.25), (60.0, 2.0), (f64::INFINITY, 14.0)]);
    }
}

impl OperationParams {
    /// The exact thresholds exist only if the expected drift of hashprice is below the discount rate.
    fn check(&self, keys: &impl ReadKeys) {
        if self.thresholds == Thresholds::Exact && self.drift_per_year >= self.discount_per_year {
            keys.refuse(
                "scenario::range",
                "`expectations.drift_per_year` is not below the discount rate".to_owned(),
                ("thresholds", format!("needs a drift below {}", self.discount_per_year)),
                "a stream that outgrows its discount rate has no finite value, and the exact thresholds do not exist",
            );
        }
    }
}

/// How the thresholds of the option rule are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thresholds {
    /// The cube-root law.
    Formula,
    /// Numerical solution of the four equations of value matching and smooth pasting.
    Exact,
}

impl Choice for Thresholds {
    const CHOICES: &'static [(&'static str, Self)] = &[("formula", Self::Formula), ("exact", Self::Exact)];
}
