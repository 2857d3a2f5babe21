//! The baselines of a hindcast: hashrate by a log-linear law, with the same chain, price path and estimator as the model.
//!
//! `ln H(t) = ln H_0 + a + eps ln(x(t)/x_0) + d (t - t_0)`
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `H_0`, `t_0`, `x_0` | hashrate, middle and hashprice of the last epoch before the start ([`Start`]) | EH/s, s, USD/PH/day |
//! | `x` | hashprice at the difficulty that results from the law | USD/PH/day |
//! | `a`, `eps`, `d` | intercept, elasticity, drift | -, -, 1/day |
//!
//! Constant: all three are zero. Random walk with drift (its mean): `d` is the trailing trend. Constant elasticity: in addition,
//! `eps` = 0.45.
//! Known error: hashrate follows hashprice without delay. Blocks have no noise, so the result is a point forecast.
//! Source of 0.45: Noda, Okumura, Hashimoto (log-log, October to December 2018, standard error 0.06).

use super::{SeenEpoch, Start};
use crate::{
    chain::{Arrivals, Chain, ChainEvent, ChainParams, estimate::epoch_hashrate_eh_per_s},
    random::{Purpose, stream},
    scenario::Scenario,
    units::{Hashprice, Hashrate, Seconds},
};

/// Elasticity of hashrate to hashprice.
pub const ELASTICITY: f64 = 0.45;

/// Interval at which hashrate follows hashprice, s.
const STEP: f64 = 21_600.0;

/// A log-linear law of hash supply.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Supply {
    /// The intercept `a`.
    pub intercept: f64,
    /// The elasticity `eps`.
    pub elasticity: f64,
    /// The drift `d`, 1/day.
    pub drift_per_day: f64,
}

impl Supply {
    /// Hashrate in EH/s.
    fn hashrate(&self, start: &Start, now: Seconds, hashprice: Hashprice) -> f64 {
        let days = (now - start.middle).get() / 86_400.0;
        let response =
            if self.elasticity == 0.0 { 0.0 } else { self.elasticity * libm::log(hashprice / start.hashprice) };
        start.hashrate_eh_per_s * libm::exp(self.intercept + response + self.drift_per_day * days)
    }

    /// The epochs that result from this law with the chain and the price path of a scenario.
    #[must_use]
    pub fn path(&self, scenario: &Scenario, start: &Start) -> Vec<SeenEpoch> {
        let seed = scenario.run.seed;
        let params = ChainParams { arrivals: Arrivals::Fluid, ..scenario.chain.clone() };
        let mut chain = Chain::new(&params, stream(seed, 0, Purpose::BlockArrivals, 0));
        let end = Seconds::from(scenario.run.days);
        let price = scenario.price.path(end, stream(seed, 0, Purpose::Price, 0));
        let mut epochs: Vec<SeenEpoch> = Vec::new();
        let at_first_block = chain.epochs().opens(chain.height());
        // First block of the current epoch, and the sum of hashprices over its steps.
        let mut running = at_first_block.then_some((chain.height(), Seconds::ZERO, chain.difficulty()));
        let (mut sum, mut steps) = (0.0, 0.0);
        while chain.now() < end {
            let hashprice = Hashprice::earned(chain.difficulty(), chain.reward(), price.at(chain.now()));
            sum += hashprice.get();
            steps += 1.0;
            let hashrate = Hashrate::from_eh(self.hashrate(start, chain.now(), hashprice));
            let mut begun = None;
            chain.advance(chain.now() + Seconds::new(STEP), hashrate, &mut |event| {
                if let ChainEvent::EpochStart { height, time, difficulty, work_before } = event {
                    begun = Some(((height, time, difficulty), work_before));
                }
            });
            let Some((next, work)) = begun else { continue };
            if let Some((height, start, difficulty)) = running {
                let (duration, retarget) = (next.1 - start, next.2 / difficulty);
                let hashprice = Hashprice::new(sum / steps);
                let hashrate_eh_per_s = epoch_hashrate_eh_per_s(work, duration);
                epochs.push(SeenEpoch { height, start, duration, difficulty, hashrate_eh_per_s, retarget, hashprice });
            }
            running = Some(next);
            (sum, steps) = (0.0, 0.0);
        }
        epochs
    }
}
