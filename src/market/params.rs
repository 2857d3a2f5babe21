use crate::units::{Seconds, UsdPerBtc};

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

/// A sudden change of the price level.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceShock {
    /// Stable name, from `[event.NAME]`.
    pub name: String,
    /// Time from the start.
    pub at: Seconds,
    /// The price is multiplied by this from then on.
    pub factor: f64,
    /// Half-life of the change; `None`: permanent.
    pub half_life: Option<Seconds>,
}
