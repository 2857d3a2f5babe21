//! Instants of blocks. While hashrate `H` is constant, the block rate is `H 10^6 / (D 2^32)` (H in MH/s), constant between difficulty
//! adjustments.

use super::event::{ChainEvent, Mined};
use super::params::Arrivals;
use super::running::{Chain, count};
use crate::{
    random::{beta, exponential, poisson},
    units::{Hashrate, Seconds},
};

impl Chain {
    /// Runs the chain to `until` with constant `hashrate`, and records epochs, difficulty adjustments and halvings in `log` as they occur.
    ///
    /// Each call has its own stream, so the number of draws in one does not affect the next.
    pub fn advance(&mut self, until: Seconds, hashrate: Hashrate, log: &mut impl FnMut(ChainEvent)) -> Mined {
        self.tick += 1;
        self.rng.set_stream(self.tick);
        self.rng.set_word_pos(0);
        let (from, until) = (self.now, until.get());
        let mut mined = Mined::default();
        while self.now < until {
            let (rate, left) = (self.block_rate(hashrate), until - self.now);
            let more = if rate <= 0.0 {
                self.idle(left)
            } else if self.arrivals == Arrivals::Fluid {
                self.accrue(self.blocks_to_stop(), rate, left, &mut mined, log)
            } else {
                self.draw(rate, left, &mut mined, log)
            };
            if !more {
                // Exactly at the intended end, whatever the rounding of the partial sums.
                self.move_to(until);
            }
        }
        mined.elapsed = Seconds::new(self.now - from);
        mined
    }

    /// Runs the chain to its next block, or for `at_most` if that comes first. Random gaps are exponential under both `poisson` and `exact`.
    /// A block that does not come in time is drawn anew in the next call at its hashrate, since the exponential distribution has no memory.
    ///
    /// `at_most` is finite. Draws are taken in sequence.
    pub fn advance_block(&mut self, at_most: Seconds, hashrate: Hashrate, log: &mut impl FnMut(ChainEvent)) -> Mined {
        let from = self.now;
        let mut mined = Mined::default();
        let rate = self.block_rate(hashrate);
        let at_most = at_most.get();
        let block = if rate <= 0.0 {
            self.idle(at_most)
        } else if self.arrivals == Arrivals::Fluid {
            self.accrue(1, rate, at_most, &mut mined, log)
        } else {
            self.draw_one(rate, at_most, &mut mined, log)
        };
        if !block {
            self.move_to(from + at_most);
        }
        mined.elapsed = Seconds::new(self.now - from);
        mined
    }

    /// Lets time pass without a block and lowers the smoothed block rate of fees. Like the methods below, returns whether a block ended the span early.
    fn idle(&mut self, span: f64) -> bool {
        self.fees.wait(span);
        self.move_to(self.now + span);
        false
    }

    /// Fluid arrivals: blocks accrue to the `stop`-th from the tip, or during all of `left`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most the blocks of an epoch, not below 0"
    )]
    fn accrue(&mut self, stop: u64, rate: f64, left: f64, mined: &mut Mined, log: &mut impl FnMut(ChainEvent)) -> bool {
        let needed = count(stop) - self.fraction;
        if needed <= rate * left {
            let span = (needed / rate).min(left);
            mined.expected_blocks += needed;
            self.connect_bulk(stop - 1, 1.0, span, mined);
            self.settle_block(self.now, log);
            true
        } else {
            let reached = self.fraction + rate * left;
            // Rounding up to the stop would skip it: one whole block is left, which the next call completes at once.
            let whole = (reached as u64).min(stop - 1);
            mined.expected_blocks += rate * left;
            self.connect_bulk(whole, reached - count(whole), left, mined);
            false
        }
    }

    /// Random arrivals to the next block whose instant matters, or during all of `left`.
    fn draw(&mut self, rate: f64, left: f64, mined: &mut Mined, log: &mut impl FnMut(ChainEvent)) -> bool {
        let stop = self.blocks_to_stop();
        if stop == 1 || self.arrivals == Arrivals::Exact {
            return self.draw_one(rate, left, mined, log);
        }
        let blocks = poisson(&mut self.rng, rate * left);
        if blocks < stop {
            mined.expected_blocks += rate * left;
            self.connect_bulk(blocks, 0.0, left, mined);
            false
        } else {
            // Given their number, arrivals are uniform in time: the k-th of n is at Beta(k, n - k + 1). Later blocks have
            // another target and are drawn anew.
            let span = left * beta(&mut self.rng, count(stop), count(blocks - stop + 1));
            mined.expected_blocks += rate * span;
            self.connect_bulk(stop - 1, 0.0, span, mined);
            self.connect(self.now, mined, log);
            true
        }
    }

    /// One exponential gap, if it ends within `left`.
    fn draw_one(&mut self, rate: f64, left: f64, mined: &mut Mined, log: &mut impl FnMut(ChainEvent)) -> bool {
        let gap = exponential(&mut self.rng) / rate;
        if gap <= left {
            mined.expected_blocks += rate * gap;
            self.connect(self.now + gap, mined, log);
            true
        } else {
            mined.expected_blocks += rate * left;
            self.idle(left)
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is equal here is exact")]
mod tests;
