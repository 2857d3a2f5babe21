//! Hashrate as one who sees only the chain infers it.
//!
//! `H = W 2^32 / (t' - t)`
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `W` | difficulties of the epoch's blocks, summed; under Bitcoin's rule `2016 D` | - |
//! | `t`, `t'` | header times of the first block of an epoch and of the next | s |
//!
//! Known error: the time is that of the second to the last block of the epoch and of the first of the next, so that where the difficulty
//! then moves by a factor r, H is off by `(1 - r)/L` of itself, L being the blocks of an epoch. 2016 exponential gaps have a relative spread of `1/sqrt(2016)`, 2.2 %, so that even a constant hashrate is seen to move.
//! Source: the definition of difficulty: `D 2^32` hashes a block on average.

use crate::units::{Hashrate, Seconds};

/// Blocks between two first blocks of epochs.
pub const EPOCH_BLOCKS: u64 = 2016;

/// Relative standard deviation of [`epoch_hashrate_eh_per_s`] when hashrate is constant: `1/sqrt(2016)`.
pub const POISSON_NOISE: f64 = 0.022_271_770_159_368_7;

/// Mean hashrate of an epoch in EH/s, from its work (the difficulties of its blocks, summed) and the time from its first block to that of
/// the next. The same for simulated blocks and for real ones.
#[must_use]
pub fn epoch_hashrate_eh_per_s(work: f64, duration: Seconds) -> f64 {
    work * 4_294_967_296.0 / duration.get() / 1e18
}

/// The work of an epoch of Bitcoin's rule: 2016 blocks at one difficulty.
#[must_use]
pub fn epoch_work(difficulty: f64) -> f64 {
    difficulty * 2016.0
}

/// Hashrate at which blocks come every 600 s: what the epoch before ran at, if its retarget was not clamped.
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
