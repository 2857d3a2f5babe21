//! Fees of a block: a given path plus spikes, increased when blocks are slow.
//!
//! `F = (F0(t) + sum of spikes c_i 2^(-(t - t_i)/T_i)) (s / 600)^gamma`
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `F0` | knots, linear between, constant outside | BTC/block |
//! | `c_i`, `t_i`, `T_i` | spike: initial size, instant, half-life | BTC/block, s, s |
//! | `s` | block interval smoothed over a day: the inverse of a block rate averaged with weights `e^(-t/86400)` | s |
//! | `gamma` | elasticity; 0 switches it off | - |
//!
//! Source: the model's section 7.7 (sign from Easley, O'Hara, Basu 2019 and Huberman, Leshno, Moallemi 2021).
//! Known errors: the smoothed rate of random arrivals has a relative standard deviation of 6 %, which raises the mean fee by
//! `gamma (gamma + 1) / 2 * 0.35 %`; an interval of more than [`SLOWEST_S`] counts as [`SLOWEST_S`].

use super::params::{FeeSpike, Fees};
use crate::units::Seconds;

/// Time constant of the smoothed block rate, in seconds.
const SMOOTHING_S: f64 = 86_400.0;
/// The slowest smoothed interval that still raises fees, in seconds: a hundred times the target. Beyond it, users are assumed to leave.
const SLOWEST_S: f64 = 60_000.0;

/// State of fees: the path, the position on it, and the pace of blocks.
#[derive(Clone, Debug)]
pub(super) struct FeePath {
    knots: Vec<(f64, f64)>,
    elasticity: f64,
    spikes: Vec<FeeSpike>,
    /// The last knot not after the last requested instant. Time only moves forward, so a search is one step.
    knot: usize,
    /// Smoothed blocks per second.
    rate: f64,
}

impl Fees {
    /// Fees of a block on the given path at this instant, BTC, without spikes and without the increase by slow blocks.
    #[must_use]
    pub fn given_btc(&self, at: Seconds) -> f64 {
        FeePath::new(self, 1.0 / 600.0).path(at.get()) / 1e8
    }
}

impl FeePath {
    /// The path of `fees`, on a chain whose blocks came at `rate` per second before.
    pub(super) fn new(fees: &Fees, rate: f64) -> Self {
        let knots = fees.knots.iter().map(|&(at, btc)| (at.get(), btc)).collect();
        Self { knots, elasticity: fees.elasticity, spikes: fees.spikes.clone(), knot: 0, rate }
    }

    /// Fees of a block at `at` in satoshi, not rounded.
    #[must_use]
    pub(super) fn at(&self, at: Seconds) -> f64 {
        let at = at.get();
        let mut fees = self.path(at);
        for spike in &self.spikes {
            fees += spike.at(at) * 1e8;
        }
        fees * self.slowness()
    }

    /// Records `blocks` that came evenly during `span`.
    pub(super) fn observe(&mut self, blocks: f64, span: f64) {
        if self.elasticity != 0.0 && span > 0.0 {
            let kept = libm::exp(-span / SMOOTHING_S);
            self.rate = self.rate * kept + blocks / span * (1.0 - kept);
        }
    }

    /// Records a wait of `span` without a block, or before the block that [`Self::strike`] records.
    pub(super) fn wait(&mut self, span: f64) {
        if self.elasticity != 0.0 {
            self.rate *= libm::exp(-span / SMOOTHING_S);
        }
    }

    /// Records a block at this instant.
    pub(super) fn strike(&mut self) {
        self.rate += 1.0 / SMOOTHING_S;
    }

    /// Moves the position on the path to `now`.
    pub(super) fn seek(&mut self, now: f64) {
        while self.knots.get(self.knot + 1).is_some_and(|&(at, _)| at <= now) {
            self.knot += 1;
        }
    }

    fn path(&self, at: f64) -> f64 {
        let Some(mut low) = self.knots.get(self.knot) else { return 0.0 };
        for high in &self.knots[self.knot + 1..] {
            if at < high.0 {
                let share = ((at - low.0) / (high.0 - low.0)).max(0.0);
                return (low.1 + (high.1 - low.1) * share) * 1e8;
            }
            low = high;
        }
        low.1 * 1e8
    }

    fn slowness(&self) -> f64 {
        if self.elasticity == 0.0 {
            return 1.0;
        }
        let interval = (1.0 / self.rate).min(SLOWEST_S);
        libm::pow(interval / 600.0, self.elasticity)
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is equal here is exact")]
mod tests {
    use super::*;

    fn path(elasticity: f64) -> FeePath {
        let knots = vec![
            (Seconds::new(0.0), 0.1),
            (Seconds::new(100.0), 0.3),
            (Seconds::new(100.0), 1.0),
            (Seconds::new(300.0), 0.0),
        ];
        FeePath::new(&Fees { knots, elasticity, spikes: vec![] }, 1.0 / 600.0)
    }

    #[test]
    fn fees_are_linear_between_knots_and_constant_outside() {
        let mut fees = path(0.0);
        let at = |fees: &FeePath, t: f64| fees.at(Seconds::new(t)).round();
        for (t, sats) in [
            (-50.0, 1e7),
            (0.0, 1e7),
            (25.0, 1.5e7),
            (99.999_999, 3e7),
            (100.0, 1e8),
            (200.0, 5e7),
            (300.0, 0.0),
            (1e9, 0.0),
        ] {
            assert_eq!(at(&fees, t), sats, "at {t} s");
        }
        fees.seek(200.0);
        assert_eq!(at(&fees, 200.0), 5e7, "the same after moving on");
        assert_eq!(at(&fees, 250.0), 2.5e7);
        assert_eq!(FeePath::new(&Fees::default(), 1.0).at(Seconds::ZERO), 0.0);
    }

    #[test]
    fn slow_blocks_raise_fees_by_the_elasticity() {
        let mut fees = path(1.5);
        assert_eq!(fees.at(Seconds::ZERO).round(), 1e7, "at the usual pace");
        fees.observe(144.0 * 100.0 / 4.0, 86_400.0 * 100.0);
        assert!((fees.at(Seconds::ZERO) / 8e7 - 1.0).abs() < 1e-9, "blocks four times as slow: 4^1.5 = 8");
        // A day at the usual pace closes a share 1 - 1/e of the gap.
        fees.observe(144.0, 86_400.0);
        let rate = (0.25 - 1.0) * libm::exp(-1.0) + 1.0;
        assert!((fees.at(Seconds::ZERO) / (1e7 * libm::pow(1.0 / rate, 1.5)) - 1.0).abs() < 1e-9);
        fees.wait(1e9);
        assert!((fees.at(Seconds::ZERO) / 1e10 - 1.0).abs() < 1e-9, "never more than a hundred times as slow");
    }

    /// 1 BTC at 50 s that halves every 20 s and ends at 150 s, on a path of 0.1 to 0.3 BTC: 0.2 + 1, 0.24 + 1/2, then the path alone; at a
    /// quarter of the pace, eight times these values.
    #[test]
    fn a_spike_adds_fades_and_ends() {
        let spike = FeeSpike {
            name: "rush".to_owned(),
            at: Seconds::new(50.0),
            btc_per_block: 1.0,
            half_life: Some(Seconds::new(20.0)),
            until: Some(Seconds::new(150.0)),
        };
        let knots = vec![(Seconds::new(0.0), 0.1), (Seconds::new(100.0), 0.3)];
        let fees = Fees { knots, elasticity: 1.5, spikes: vec![spike] };
        for (rate, factor) in [(1.0 / 600.0, 1.0), (0.25 / 600.0, 8.0)] {
            let path = FeePath::new(&fees, rate);
            for (at, btc) in [(49.0, 0.198), (50.0, 1.2), (70.0, 0.74), (149.0, 0.3 + libm::exp2(-4.95)), (150.0, 0.3)]
            {
                let found = path.at(Seconds::new(at)) / 1e8;
                assert!((found / (btc * factor) - 1.0).abs() < 1e-9, "{found} BTC at {at} s");
            }
        }
        let lasting = FeeSpike { half_life: None, until: None, ..fees.spikes[0].clone() };
        assert_eq!((lasting.at(49.9), lasting.at(1e9)), (0.0, 1.0));
    }

    #[test]
    fn blocks_one_by_one_keep_the_pace_they_come_at() {
        let mut fees = path(1.0);
        for _ in 0..10_000 {
            fees.wait(1200.0);
            fees.strike();
        }
        // Just after a block the rate is half an arrival above its mean.
        assert!((fees.rate * 1200.0 - 1.0 - 600.0 / 86_400.0).abs() < 1e-4, "{}", fees.rate * 1200.0);
    }
}
