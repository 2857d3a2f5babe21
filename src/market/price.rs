//! The price path of a run: a process on a grid of instants, with shocks on top.
//!
//! Draws are taken in order of time, and from the process alone: a longer horizon begins with the path of a shorter one, and a shock changes the
//! price without changing the draws. All prices are an initial level times a dimensionless number, so that a scenario in another currency unit (times
//! 2^n) has exactly the same path times 2^n.

mod bootstrap;
mod diffusion;
mod knots;

use super::{PriceParams, PriceProcess, PriceShock};
use crate::{
    random::Stream,
    units::{Seconds, UsdPerBtc},
};

/// A coin's price over a run: constant between the instants of a grid, except for shocks, which apply when they occur.
#[derive(Clone, Debug, PartialEq)]
pub struct PricePath {
    /// The spacing of the grid, which begins at the start.
    pub grid: Seconds,
    /// The price from each instant of the grid on, shocks included; the last holds for ever.
    pub values: Vec<UsdPerBtc>,
    /// (instant, price from then to the next instant of grid or shock): the shocks inside cells, in order of time.
    pub breaks: Vec<(Seconds, UsdPerBtc)>,
}

impl PricePath {
    /// The price at an instant from the start; before it, the first.
    ///
    /// When a path has no value.
    /// When a path was made with no value at all.
    #[must_use]
    pub fn at(&self, t: Seconds) -> UsdPerBtc {
        let cell = cell(t, self.grid, self.values.len());
        match self.breaks[..self.breaks.partition_point(|(at, _)| *at <= t)].last() {
            Some(&(at, price)) if self::cell(at, self.grid, self.values.len()) == cell => price,
            _ => self.values[cell],
        }
    }
}

/// The grid cell of an instant; the first extends backwards and the last forwards without limit.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is the meaning")]
fn cell(t: Seconds, grid: Seconds, cells: usize) -> usize {
    (libm::floor(t / grid) as usize).min(cells - 1)
}

/// Bounds of a price, USD/BTC: drift, jumps and shocks could exceed the range of doubles.
const LEAST_AND_MOST: (f64, f64) = (1e-250, 1e250);

fn kept(price: UsdPerBtc) -> UsdPerBtc {
    let (least, most) = LEAST_AND_MOST;
    // NaN arises when infinities meet: a jump beyond all bounds that compensates another.
    UsdPerBtc::new(if price.get().is_nan() { least } else { price.get().clamp(least, most) })
}

impl PriceParams {
    /// The path from the start to `horizon` that belongs to this random stream.
    ///
    /// # Panics
    /// When the grid's spacing is not above zero.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "cells are far fewer than 2^53")]
    pub fn path(&self, horizon: Seconds, rng: Stream) -> PricePath {
        assert!(self.grid > Seconds::ZERO, "a price grid of {}", self.grid);
        let cells = cell(horizon, self.grid, usize::MAX) + 1;
        let base = self.process.values(self.grid, cells, rng);
        let values =
            base.iter().enumerate().map(|(i, &price)| kept(price * self.factor(self.grid * i as f64))).collect();
        let mut breaks: Vec<(Seconds, UsdPerBtc)> = self
            .shocks
            .iter()
            .filter(|shock| shock.at > Seconds::ZERO)
            .map(|shock| (shock.at, kept(base[cell(shock.at, self.grid, cells)] * self.factor(shock.at))))
            .collect();
        breaks.sort_by(|(a, _), (b, _)| a.get().total_cmp(&b.get()));
        breaks.dedup_by_key(|(at, _)| *at);
        PricePath { grid: self.grid, values, breaks }
    }

    /// Combined factor of all shocks at an instant.
    fn factor(&self, t: Seconds) -> f64 {
        self.shocks.iter().map(|shock| shock.factor_at(t)).product()
    }
}

impl PriceShock {
    /// Factor of the shock at an instant: 1 before it, `factor` when it occurs, and `1 + (factor - 1) 2^(-age / half_life)` from then on.
    #[must_use]
    pub fn factor_at(&self, t: Seconds) -> f64 {
        if t < self.at {
            return 1.0;
        }
        match self.half_life {
            None => self.factor,
            Some(half_life) if half_life > Seconds::ZERO => {
                1.0 + (self.factor - 1.0) * libm::exp2(-((t - self.at) / half_life))
            }
            // A half-life of zero reverses it at once.
            Some(_) => 1.0,
        }
    }
}

impl PriceProcess {
    /// A constant price at this process's initial level.
    #[must_use]
    pub fn held_at_start(&self) -> Self {
        let start = match self {
            Self::Path { points } | Self::File { points } => knots::values(points, Seconds::ZERO, 1)[0],
            Self::Gbm { start, .. } | Self::JumpDiffusion { start, .. } | Self::Bootstrap { start, .. } => *start,
        };
        Self::Path { points: vec![(Seconds::ZERO, start)] }
    }

    /// Prices at the first `cells` instants of the grid, without shocks.
    fn values(&self, grid: Seconds, cells: usize, rng: Stream) -> Vec<UsdPerBtc> {
        match self {
            Self::Path { points } | Self::File { points } => knots::values(points, grid, cells),
            &Self::Gbm { start, drift_per_year, volatility_per_year } => {
                diffusion::values(start, drift_per_year, volatility_per_year, None, grid, cells, rng)
            }
            &Self::JumpDiffusion { start, drift_per_year, volatility_per_year, jumps_per_year, jump_mean, jump_sd } => {
                let jumps = diffusion::Jumps { per_year: jumps_per_year, mean: jump_mean, sd: jump_sd };
                diffusion::values(start, drift_per_year, volatility_per_year, Some(jumps), grid, cells, rng)
            }
            Self::Bootstrap { start, log_returns, block_days, detrend } => {
                bootstrap::values(*start, log_returns, *block_days, *detrend, grid, cells, rng)
            }
        }
    }
}

#[cfg(test)]
mod tests;
