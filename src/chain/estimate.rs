//! Hashrate inferred from the chain alone.
//!
//! `H = W 2^32 / (t' - t)`
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `W` | sum of the difficulties of the epoch's blocks; under Bitcoin's rule `2016 D` | - |
//! | `t`, `t'` | header times of the first block of an epoch and of the next | s |
//!
//! Known errors: the measured time runs from the second block of the epoch to the first of the next. If the difficulty
//! then moves by a factor r, H has a relative error of `(1 - r)/L`, with L the blocks of an epoch. 2016 exponential gaps have a relative
//! standard deviation of `1/sqrt(2016)`, 2.2 %, so even a constant hashrate seems to move.
//! Source: the definition of difficulty: `D 2^32` hashes per block on average.

use crate::units::{Hashrate, Seconds};

/// Blocks per epoch.
pub const EPOCH_BLOCKS: u64 = 2016;

/// Relative standard deviation of [`epoch_hashrate_eh_per_s`] when hashrate is constant: `1/sqrt(2016)`.
pub const POISSON_NOISE: f64 = 0.022_271_770_159_368_7;

/// Mean hashrate of an epoch in EH/s, from its work (the sum of the difficulties of its blocks) and the time from its first block to the first
/// of the next. Used for simulated and real blocks alike.
#[must_use]
pub fn epoch_hashrate_eh_per_s(work: f64, duration: Seconds) -> f64 {
    work * 4_294_967_296.0 / duration.get() / 1e18
}

/// Work of an epoch under Bitcoin's rule: 2016 blocks at one difficulty.
#[must_use]
pub fn epoch_work(difficulty: f64) -> f64 {
    difficulty * 2016.0
}

/// Hashrate at which blocks come every 600 s. It is the hashrate of the previous epoch unless the adjustment was clamped.
#[must_use]
pub fn scheduled_hashrate(difficulty: f64) -> Hashrate {
    Hashrate::from_eh(difficulty * 4_294_967_296.0 / 600.0 / 1e18)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The epoch from block 542304 on, consensus data: 13.44 days at 7.1526 T.
    #[test]
    fn hashrate_of_a_real_epoch() {
        let duration = crate::units::UnixTime::parse("2018-10-04T07:49:22Z").unwrap();
        let start = crate::units::UnixTime::parse("2018-09-20T21:15:39Z").unwrap();
        let seen = epoch_hashrate_eh_per_s(epoch_work(7_152_633_351_906.413), duration.since(start));
        assert!((seen - 53.3336).abs() < 1e-3, "{seen}");
        assert!((scheduled_hashrate(7_152_633_351_906.413).eh() - 51.2).abs() < 0.01);
        assert!((POISSON_NOISE * libm::sqrt(2016.0) - 1.0).abs() < 1e-12);
    }
}
