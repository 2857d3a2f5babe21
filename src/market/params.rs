use crate::{
    declare::{DAYS, params},
    units::{Seconds, UsdPerBtc},
};

/// The coin's price over the run, before miners' own impact.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceParams {
    /// Process that generates it.
    pub process: PriceProcess,
    /// The spacing at which it is quoted; constant in between.
    pub grid: Seconds,
    /// Sudden changes in addition, in order of time.
    pub shocks: Vec<PriceShock>,
}

/// Process of a price path. Volatilities and drifts are per year of 365 days.
#[derive(Clone, Debug, PartialEq)]
pub enum PriceProcess {
    /// Given points, log-linear in between, constant outside.
    Path {
        /// (instant from the start, price), in order of time.
        points: Vec<(Seconds, UsdPerBtc)>,
    },
    /// Geometric Brownian motion: `d ln P = (mu - sigma^2/2) dt + sigma dW`.
    Gbm {
        /// Price at the start.
        start: UsdPerBtc,
        /// mu, 1/year: the expected price grows as `e^{mu t}`.
        drift_per_year: f64,
        /// sigma, 1/sqrt(year).
        volatility_per_year: f64,
    },
    /// Merton 1976: geometric Brownian motion with jumps of lognormal size at Poisson instants, compensated so that mu keeps its meaning.
    JumpDiffusion {
        /// Price at the start.
        start: UsdPerBtc,
        /// mu, 1/year.
        drift_per_year: f64,
        /// sigma of the continuous part, 1/sqrt(year).
        volatility_per_year: f64,
        /// Number of jumps per year.
        jumps_per_year: f64,
        /// Mean of ln(1 + jump).
        jump_mean: f64,
        /// Standard deviation of ln(1 + jump).
        jump_sd: f64,
    },
    /// Stationary block bootstrap (Politis and Romano 1994) of a history's daily log returns.
    Bootstrap {
        /// Price at the start.
        start: UsdPerBtc,
        /// Daily log returns of the history.
        log_returns: Vec<f64>,
        /// Mean length of a block.
        block_days: f64,
        /// Whether the history's mean return is removed first.
        detrend: bool,
    },
}

params! {
    /// A sudden change of the price level. The caller has already read the name and the time of the event.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PriceShock(event: (String, Seconds)) {
        /// Stable name, from `[event.NAME]`.
        name: String => |_, _| event.0;
        /// Time from the start.
        at: Seconds => |_, _| event.1;
        /// Factor on the price.
        factor: f64, within(1e-3, 1e3),
            usual(0.1, 10.0, "S56: the price fell by at most 84 % from 2013 to 2023, over a year; assumed above");
        /// Half-life of the change in days; if absent, the change is permanent.
        half_life: Option<Seconds> => half_life_days as DAYS, positive(36_500.0), usual(1.0, 3650.0, "assumed");
    }
}
