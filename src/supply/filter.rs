//! What an observed number of blocks says of the network's hashrate.
//!
//! One state: the logarithm of the scale by which the model's hashrate is wrong. It is not known at once what a day's blocks mean, since
//! they are few; so that a day moves the state by its innovation times a gain between 0 and 1.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | `q` | `innovation_sd` | 1 | the model's unexplained innovation: `sd^2 / 13.5` a day, with `sd` by epoch |
//! | `V` | `variance` | 1 | variance of the logarithm of the scale |
//! | `mu`, `n` | `expected`, `found` | blocks | blocks that the model expects; that were found |
//!
//! ```text
//! V += q dt;   z = (n - mu) / mu, kept within -0.6 and 1;   k = V / (V + 1/mu);   V -= k V;   correction of the logarithm: k z
//! ```
//!
//! **Source.** The variance of a Poisson number relative to its square is `1/mu`. The innovation of 0.04 an epoch was set beforehand
//! (chapter on rolling scores). An epoch took 13.5 days on the mean of 2016 to 2023.

use crate::units::Days;

/// Days of an epoch by which an innovation per epoch is turned into one per day.
const EPOCH_DAYS: f64 = 13.5;

/// Bounds of a day's innovation: an outlier moves the state no further.
const INNOVATION: (f64, f64) = (-0.6, 1.0);

/// How well the scale of the network is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockFilter {
    innovation_per_day: f64,
    variance: f64,
}

/// What an observation came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correction {
    /// Relative innovation, within its bounds.
    pub innovation: f64,
    /// Share of it that is believed.
    pub gain: f64,
}

impl Correction {
    /// By how much the logarithm of the model's hashrate is corrected.
    #[must_use]
    pub fn ln(&self) -> f64 {
        self.gain * self.innovation
    }
}

impl BlockFilter {
    /// A filter with this standard deviation of the model's innovation by epoch, which has last heard a fortnight ago.
    #[must_use]
    pub fn new(innovation_sd: f64) -> Self {
        let innovation_per_day = innovation_sd * innovation_sd / EPOCH_DAYS;
        Self { innovation_per_day, variance: 14.0 * innovation_per_day }
    }

    /// Variance of the logarithm of the scale.
    #[must_use]
    pub const fn variance(&self) -> f64 {
        self.variance
    }

    /// Time passes without an observation.
    pub fn pass(&mut self, time: Days) {
        self.variance += self.innovation_per_day * time.get();
    }

    /// `found` blocks came where `expected` were expected.
    pub fn observe(&mut self, time: Days, expected: f64, found: f64) -> Correction {
        self.pass(time);
        let innovation = ((found - expected) / expected).clamp(INNOVATION.0, INNOVATION.1);
        let gain = self.variance / (self.variance + 1.0 / expected);
        self.variance -= gain * self.variance;
        Correction { innovation, gain }
    }
}
