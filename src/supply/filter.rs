//! Correction of the network's hashrate by observed numbers of blocks.
//!
//! The only state is the logarithm of the factor by which the model's hashrate is wrong. The few blocks of a day carry little
//! information, so a day moves the state by its innovation times a gain between 0 and 1.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | `q` | `innovation_sd` | 1 | the model's unexplained innovation: `sd^2 / 13.5` per day, with `sd` per epoch |
//! | `V` | `variance` | 1 | variance of the logarithm of the factor |
//! | `mu`, `n` | `expected`, `found` | blocks | blocks expected by the model; blocks found |
//!
//! ```text
//! V += q dt;   z = (n - mu) / mu, kept within -0.6 and 1;   k = V / (V + 1/mu);   V -= k V;   correction of the logarithm: k z
//! ```
//!
//! **Source.** The relative variance of a Poisson number is `1/mu`. The innovation of 0.04 per epoch was set beforehand
//! (chapter on rolling forecasts). An epoch took 13.5 days on average in 2016 to 2023.

use crate::units::Days;

/// Days per epoch, which converts an innovation per epoch into one per day.
const EPOCH_DAYS: f64 = 13.5;

/// Bounds of a day's innovation, which limit the effect of outliers.
const INNOVATION: (f64, f64) = (-0.6, 1.0);

/// Uncertainty of the network's hashrate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockFilter {
    innovation_per_day: f64,
    variance: f64,
}

/// Result of an observation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correction {
    /// Relative innovation, within its bounds.
    pub innovation: f64,
    /// Share of it that is applied.
    pub gain: f64,
}

impl Correction {
    /// Correction of the logarithm of the model's hashrate.
    #[must_use]
    pub fn ln(&self) -> f64 {
        self.gain * self.innovation
    }
}

impl BlockFilter {
    /// A filter with this standard deviation of the model's innovation per epoch, with its last observation a fortnight ago.
    #[must_use]
    pub fn new(innovation_sd: f64) -> Self {
        let innovation_per_day = innovation_sd * innovation_sd / EPOCH_DAYS;
        Self { innovation_per_day, variance: 14.0 * innovation_per_day }
    }

    /// Variance of the logarithm of the factor.
    #[must_use]
    pub const fn variance(&self) -> f64 {
        self.variance
    }

    /// Lets time pass without an observation.
    pub fn pass(&mut self, time: Days) {
        self.variance += self.innovation_per_day * time.get();
    }

    /// Processes `found` blocks where the model expected `expected`.
    pub fn observe(&mut self, time: Days, expected: f64, found: f64) -> Correction {
        self.pass(time);
        let innovation = ((found - expected) / expected).clamp(INNOVATION.0, INNOVATION.1);
        let gain = self.variance / (self.variance + 1.0 / expected);
        self.variance -= gain * self.variance;
        Correction { innovation, gain }
    }
}
