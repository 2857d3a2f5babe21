//! Given points, log-linear in between, constant outside.

use crate::units::{Seconds, UsdPerBtc};

/// Prices at the first `cells` instants of the grid. Between (t0, P0) and (t1, P1) it is
/// `P0 (P1/P0)^((t - t0)/(t1 - t0))`; of two points at one instant, the later holds from there on.
///
/// # Panics
/// When there is no point.
#[expect(clippy::cast_precision_loss, reason = "cells are far fewer than 2^53")]
pub(super) fn values(points: &[(Seconds, UsdPerBtc)], grid: Seconds, cells: usize) -> Vec<UsdPerBtc> {
    assert!(!points.is_empty(), "a price path without points");
    (0..cells).map(|i| price(points, grid * i as f64)).collect()
}

fn price(points: &[(Seconds, UsdPerBtc)], t: Seconds) -> UsdPerBtc {
    let passed = points.partition_point(|(at, _)| *at <= t);
    match (points[..passed].last(), points.get(passed)) {
        (Some(&(from, low)), Some(&(to, high))) => low * libm::exp((t - from) / (to - from) * libm::log(high / low)),
        (Some(&(_, price)), None) | (None, Some(&(_, price))) => price,
        (None, None) => unreachable!("there is a point, before or after"),
    }
}
