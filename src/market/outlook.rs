//! What miners expect of hashprice, and what a machine is worth under it.
//!
//! There is one outlook for all miners and all purposes: whether a new machine pays, what a used one is worth, whether a repair pays. Hashprice
//! follows the law of [`super::law`]: a Brownian motion below a falling barrier, the hashprice at which a new machine pays. At every halving ahead it
//! falls at once.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | x | `Outlook::hashprice` | USD/PH/day | hashprice, as far as it is known now: see below |
//! | P R | `Ahead::usd_per_day` | USD/day | reward of 144 blocks at the present price |
//! | H, O | `Ahead::known_ph` | PH/s | hashrate that runs, or would at the present hashprice; hashrate on order, less the hashrate it displaces |
//! | A | `more_ph` | PH/s | hashrate added by the orders of the same day |
//! | b | `Outlook::entry` | USD/PH/day | hashprice at which the machine on sale pays at its cost: [`Outlook::entry_hashprice`] |
//! | `f_i`, `t_i` | `Outlook::halvings` | 1, day | factor of a halving on hashprice, and the time until it |
//! | k | `cost` | USD/PH/day | total running cost: before a purchase nothing is due anyway |
//! | l | `delay` | day | until the machine runs |
//! | p | `price_usd_per_ph` | USD per PH/s | machine, with freight and installation, and its place if that must be built |
//! | L | `life` | day | assumed life of the machine |
//! | Pi | `payback` | day | required payback time |
//!
//! ```text
//! x    = min(hashprice now, 144 R P / (H + O + A))
//! E(T) = integral from l to l + T of E max(0, x(t) - k) dt                  earned within T of its first day
//! V    = integral from l to l + L of e^(-r t) E max(0, x(t) - k) dt         worth today
//! b    = the lowest x = b at which E(Pi) >= c and V >= c, with c the cost of a new machine and its place
//! ```
//!
//! **Buys iff E(Pi) >= p and V > p.** Of the machines on offer, the one with the shortest simple payback p/(x - k) is chosen.
//!
//! Running hashrate and outstanding orders are public, and so is the fact that difficulty will follow them: x is the lower of present hashprice and
//! hashprice with a block every 600 s after all deliveries. No buyer relies on a fall of difficulty due to idle machines, since these return. Firms
//! that order on the same day know of each other: together they order the amount that pays at the hashprice to which it leads.
//!
//! Where hashprice is above b, machines are scarce and sell above their cost: then the barrier is hashprice itself, at which a machine at the market's
//! price just pays.
//!
//! A halving leaves `f = ((S/2 + F)/(S + F))^s` of hashprice: the reward falls at once, then difficulty falls as machines stop, so that the share s
//! of the fall, in logarithms, remains in hashprice. With hash supply of elasticity e, s = 1/(1 + e). The barrier stays.
//!
//! **Known error.** What is earned after a halving is found as if hashprice had been lower by f from today on. This is exact while hashprice does not
//! reach the barrier; where it does, entry before the halving has already lowered hashprice, and what comes after is overstated: a year before a halving
//! by 11 % at 40 % of the barrier and by 46 % at the barrier (a test holds both). A
//! buyer expects halvings on schedule. The option to wait before buying is in the barrier alone.
//!
//! **Sources.** Required payback of 20-24 months in May 2022, 27 months in 2024; decline of 23 % a year from trough to trough 2018 to 2022 (A-52).

use super::law::{Earned, Instant, Law, Level};
use crate::units::{Days, Hashprice, Sats};
use std::sync::Arc;

/// Number of halvings considered: no machine lives beyond them.
pub const HALVINGS_AHEAD: usize = 3;

/// Miners' expectation of hashprice.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// The law below the barrier.
    pub law: Arc<Law>,
    /// x: present hashprice, as far as it is known.
    pub hashprice: Hashprice,
    /// b: hashprice at which a new machine pays.
    pub entry: Hashprice,
    /// (time until the halving, its factor on hashprice), in order.
    pub halvings: [(Days, f64); HALVINGS_AHEAD],
}

/// Public information on hashprice once difficulty has followed running hashrate and outstanding orders.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ahead {
    /// Present hashprice.
    pub spot: Hashprice,
    /// Reward of 144 blocks, USD/day.
    pub usd_per_day: f64,
    /// H + O, PH/s.
    pub known_ph: f64,
}

impl Ahead {
    /// x, with A added to the known hashrate.
    #[must_use]
    pub fn hashprice(&self, more_ph: f64) -> Hashprice {
        Hashprice::new(self.spot.get().min(self.usd_per_day / (self.known_ph + more_ph).max(0.0)))
    }
}

/// An investor's parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hurdle {
    /// Required payback time.
    pub payback: Days,
    /// Assumed life of a machine.
    pub life: Days,
}

/// Factor of a halving on hashprice: reward before and after, and the share of the fall (in logarithms) that remains.
#[must_use]
pub fn left_by_halving(subsidy: Sats, fees: Sats, share: f64) -> f64 {
    let before = subsidy.btc() + fees.btc();
    if before <= 0.0 { 1.0 } else { libm::pow((subsidy.btc() / 2.0 + fees.btc()) / before, share) }
}

impl Outlook {
    /// An outlook in which nothing is known but the law, and no halving is ahead: hashprice is at the barrier.
    #[must_use]
    pub const fn at_barrier(law: Arc<Law>, barrier: Hashprice) -> Self {
        let never = (Days::new(f64::INFINITY), 1.0);
        Self { law, hashprice: barrier, entry: barrier, halvings: [never; HALVINGS_AHEAD] }
    }

    /// What a machine earns that runs from `from` to `to`.
    #[must_use]
    pub fn prospect(&self, from: Days, to: Days) -> Prospect {
        let mut spans = [None; HALVINGS_AHEAD + 1];
        let (mut left, mut begins) = (1.0, Days::ZERO);
        let after = self.halvings.iter().copied().chain([(Days::new(f64::INFINITY), 1.0)]);
        for (span, (halving, factor)) in spans.iter_mut().zip(after) {
            let (first, last) = (from.max(begins), to.min(halving));
            // Nothing is earned until now.
            let first_placed = (first > Days::ZERO).then(|| self.law.instant(first));
            *span = (last > first).then(|| Span { left, from: first_placed, to: self.law.instant(last), level: None });
            if halving >= to {
                break;
            }
            left *= factor;
            begins = halving;
        }
        let annuity = self.law.annuity(to.get()) - self.law.annuity(from.get());
        let mut prospect = Prospect { law: Arc::clone(&self.law), entry: self.entry, annuity, spans };
        prospect.move_to(self.hashprice);
        prospect
    }

    /// What a machine earns that is bought now and runs from `delay` on, as an investor asks for it.
    #[must_use]
    pub fn purchase(&self, delay: Days, hurdle: &Hurdle) -> Purchase {
        Purchase {
            payback: self.prospect(delay, delay + hurdle.payback),
            life: self.prospect(delay, delay + hurdle.life),
        }
    }

    /// b: the lowest barrier at which a machine of this cost is worth its price when hashprice is there, by bisection to a millionth; infinite where it
    /// never is.
    #[must_use]
    pub fn entry_hashprice(
        law: &Arc<Law>,
        price_usd_per_ph: f64,
        cost: Hashprice,
        delay: Days,
        hurdle: &Hurdle,
    ) -> Hashprice {
        let mut purchase = Self::at_barrier(Arc::clone(law), Hashprice::ZERO).purchase(delay, hurdle);
        let mut pays = |barrier: f64| {
            purchase.move_to(Hashprice::new(barrier));
            purchase.is_worth(price_usd_per_ph, cost)
        };
        let mut low = cost.get();
        let mut high = (2.0 * low).max(1e-3);
        while !pays(high) {
            if high > 1e12 {
                return Hashprice::new(f64::INFINITY);
            }
            (low, high) = (high, 2.0 * high);
        }
        while high > low * (1.0 + 1e-6) {
            let middle = f64::midpoint(low, high);
            *(if pays(middle) { &mut high } else { &mut low }) = middle;
        }
        Hashprice::new(high)
    }
}

/// What a machine earns between two instants, as a function of its cost. Everything else is placed on the table of the law once.
#[derive(Clone, Debug, PartialEq)]
pub struct Prospect {
    law: Arc<Law>,
    entry: Hashprice,
    /// Value of a USD a day, USD.
    annuity: f64,
    /// The parts between halvings.
    spans: [Option<Span>; HALVINGS_AHEAD + 1],
}

/// A part of a prospect without a halving.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    /// Share of hashprice that the halvings before it leave.
    left: f64,
    from: Option<Instant>,
    to: Instant,
    level: Option<Level>,
}

impl Prospect {
    /// From now on the same at another hashprice.
    pub fn move_to(&mut self, hashprice: Hashprice) {
        let barrier = self.entry.max(hashprice);
        for span in self.spans.iter_mut().flatten() {
            span.level = self.law.level(hashprice * span.left, barrier);
        }
    }

    /// Value of a USD a day between the two instants, USD.
    #[must_use]
    pub const fn annuity(&self) -> f64 {
        self.annuity
    }

    /// Earned by a PH/s at this cost, USD.
    #[must_use]
    pub fn earned(&self, cost: Hashprice) -> Earned {
        let mut sum = Earned::default();
        for span in self.spans.iter().flatten() {
            let Some(level) = &span.level else { continue };
            let until = |instant: &Instant| self.law.earned(level, instant, cost);
            let before = span.from.as_ref().map_or(Earned::default(), until);
            let within = until(&span.to);
            sum.discounted += within.discounted - before.discounted;
            sum.plain += within.plain - before.plain;
        }
        sum
    }

    /// V: present value of what a PH/s at this cost earns, USD.
    #[must_use]
    pub fn value(&self, cost: Hashprice) -> f64 {
        self.earned(cost).discounted
    }
}

/// What an investor asks of a machine: the prospect over its payback time and over its life.
#[derive(Clone, Debug, PartialEq)]
pub struct Purchase {
    payback: Prospect,
    /// From its first day to its last.
    pub life: Prospect,
}

impl Purchase {
    /// From now on the same at another hashprice.
    pub fn move_to(&mut self, hashprice: Hashprice) {
        self.payback.move_to(hashprice);
        self.life.move_to(hashprice);
    }

    /// Whether machines at this price per PH/s and this cost are worth buying.
    #[must_use]
    pub fn is_worth(&self, price_usd_per_ph: f64, cost: Hashprice) -> bool {
        self.payback.earned(cost).plain >= price_usd_per_ph && self.life.value(cost) > price_usd_per_ph
    }
}

#[cfg(test)]
mod tests;
