//! Geometric Brownian motion, with or without Merton's jumps.
//!
//! | symbol | unit | meaning |
//! |---|---|---|
//! | mu | 1/year | `E[P_t] = P_0 e^(mu t)`, with jumps or without |
//! | sigma | 1/sqrt(year) | volatility of the continuous part |
//! | lambda | 1/year | jumps a year |
//! | m, s | 1 | mean and standard deviation of a jump of `ln P` |
//!
//! `ln P` grows over a cell of dt years by
//! `(mu - sigma^2/2 - lambda (e^(m + s^2/2) - 1)) dt + sigma sqrt(dt) Z + sum of N jumps`, N Poisson with mean
//! lambda dt. This is the exact law of the process at the grid's instants: no error of discretisation.
//! Source: Merton, "Option pricing when underlying stock returns are discontinuous", JFE 3 (1976) 125-144.

use crate::{
    random::{Stream, poisson, standard_normal},
    units::{Seconds, UsdPerBtc},
};

const SECONDS_PER_YEAR: f64 = 365.0 * crate::units::DAY_S;

/// The jumps of a jump diffusion.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jumps {
    /// lambda, 1/year.
    pub per_year: f64,
    /// m: mean of ln(1 + jump).
    pub mean: f64,
    /// s: standard deviation of ln(1 + jump).
    pub sd: f64,
}

/// Prices at the first `cells` instants of the grid.
pub(super) fn values(
    start: UsdPerBtc,
    drift_per_year: f64,
    volatility_per_year: f64,
    jumps: Option<Jumps>,
    grid: Seconds,
    cells: usize,
    mut rng: Stream,
) -> Vec<UsdPerBtc> {
    // Jumps have random numbers of their own, so that the continuous part does not depend on them.
    let mut jump_rng = rng.clone();
    jump_rng.set_stream(1);
    let years = grid.get() / SECONDS_PER_YEAR;
    let compensation = jumps.map_or(0.0, |jumps| jumps.per_year * libm::expm1(jumps.mean + 0.5 * jumps.sd * jumps.sd));
    let trend = (drift_per_year - 0.5 * volatility_per_year * volatility_per_year - compensation) * years;
    let sd = volatility_per_year * libm::sqrt(years);
    let mut log = 0.0;
    let mut prices = Vec::with_capacity(cells);
    for _ in 0..cells {
        prices.push(start * libm::exp(log));
        log += trend + sd * standard_normal(&mut rng);
        if let Some(jumps) = jumps {
            log += jump(jumps, years, &mut jump_rng);
        }
    }
    prices
}

/// The sum of the jumps of ln P over a number of years.
#[expect(clippy::cast_precision_loss, reason = "jumps are few")]
fn jump(jumps: Jumps, years: f64, rng: &mut Stream) -> f64 {
    match poisson(rng, jumps.per_year * years) as f64 {
        0.0 => 0.0,
        // A sum of N normals is one normal of N times the mean and the variance.
        count => count * jumps.mean + jumps.sd * libm::sqrt(count) * standard_normal(rng),
    }
}
