//! The stationary block bootstrap: a history's days in a new order, in blocks that keep their autocorrelation.
//!
//! Each day is followed by the next one in the history, or with probability 1/L by a day drawn anew, so that blocks have geometric lengths of mean L
//! days; the last day of the history is followed by its first. The path has the history's distribution of daily returns, and its autocorrelation at
//! lag k shrunk by `(1 - 1/L)^k`. The price changes at whole days, whatever the grid: interpolation within a day would reveal the day's close.
//! Source: Politis and Romano, "The stationary bootstrap", JASA 89 (1994) 1303-1313.

use crate::{
    random::Stream,
    units::{DAY_S, Seconds, UsdPerBtc},
};
use rand::RngExt;

/// Prices at the first `cells` instants of the grid; constant when the history is empty.
#[expect(clippy::cast_precision_loss, reason = "cells and days are far fewer than 2^53")]
pub(super) fn values(
    start: UsdPerBtc,
    log_returns: &[f64],
    block_days: f64,
    detrend: bool,
    grid: Seconds,
    cells: usize,
    mut rng: Stream,
) -> Vec<UsdPerBtc> {
    if log_returns.is_empty() {
        return vec![start; cells];
    }
    let mean = if detrend { log_returns.iter().sum::<f64>() / log_returns.len() as f64 } else { 0.0 };
    let mut source = None;
    let mut log = 0.0;
    let mut day = 0.0;
    let mut prices = Vec::with_capacity(cells);
    for i in 0..cells {
        let today = libm::floor(grid.get() * i as f64 / DAY_S);
        while day < today {
            let next = next_source(source, log_returns.len(), block_days, &mut rng);
            source = Some(next);
            log += log_returns[next] - mean;
            day += 1.0;
        }
        prices.push(start * libm::exp(log));
    }
    prices
}

/// The next day of the history. It always takes two draws, so that a change of the mean block length keeps the draws of later days.
#[expect(clippy::cast_precision_loss, reason = "days are far fewer than 2^53")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number from 0 to the number of days")]
fn next_source(last: Option<usize>, days: usize, block_days: f64, rng: &mut Stream) -> usize {
    let breaks = rng.random::<f64>() * block_days < 1.0;
    let anew = ((rng.random::<f64>() * days as f64) as usize).min(days - 1);
    match last {
        Some(last) if !breaks => (last + 1) % days,
        _ => anew,
    }
}
