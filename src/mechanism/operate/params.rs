//! Parameters of the operation of lots.

use crate::units::Seconds;

/// Parameters of the operation of lots.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationParams {
    /// Mean of the exponential delay between a crossed threshold and the switch; with zero, lots switch at once.
    pub response: Seconds,
    /// Whether miners that take the next retarget into account foresee a halving before it.
    pub foresees_halvings: bool,
    /// Half-life of the adaptive rule's moving average of hashprice.
    pub adaptive_half_life: Seconds,
    /// sigma: volatility of hashprice, per square root of a day.
    pub hashprice_volatility_per_sqrt_day: f64,
    /// Median of K = K_off + K_on, USD per PH/s.
    pub switching_cost_median_usd_per_ph: f64,
    /// Standard deviation of its logarithm.
    pub switching_cost_log_sd: f64,
    /// How the thresholds of the option rule are computed.
    pub thresholds: Thresholds,
    /// r of the exact thresholds, 1/year.
    pub discount_per_year: f64,
    /// Expected drift of hashprice in the exact thresholds, 1/year.
    pub hashprice_drift_per_year: f64,
    /// Eco mode: energy per hash relative to full power.
    pub eco_efficiency_factor: f64,
    /// Eco mode: hashrate relative to full power.
    pub eco_hashrate_factor: f64,
    /// Time to restart a lot, by its idle time: (off for less than, delay), in order; the last holds beyond.
    pub restart_delays: Vec<(Seconds, Seconds)>,
}

/// How the thresholds of the option rule are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thresholds {
    /// The cube-root law.
    Formula,
    /// Numerical solution of the four equations of value matching and smooth pasting.
    Exact,
}
