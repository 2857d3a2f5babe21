//! Investment decision: whether a miner buys machines, and how many.
//!
//! A buyer looks ahead: hashprice falls as the network's machines improve, and at every halving; the machine earns the margin above its running cost
//! from the day of delivery, and stops when the margin is gone.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | x | `Outlook::hashprice` | USD/PH/day | hashprice, as far as it is known now: see below |
//! | P R | `Ahead::usd_per_day` | USD/day | reward of 144 blocks at the present price |
//! | H, O | `Ahead::known_ph` | PH/s | hashrate that runs, or would at the present hashprice; hashrate on order, less the hashrate it displaces |
//! | A | `more_ph` | PH/s | hashrate added by the orders of the same day |
//! | a | `Outlook::decline_per_year` | 1/year | rate at which it is expected to fall |
//! | `f_i`, `t_i` | `Outlook::halvings` | 1, day | factor of a halving on hashprice, and the time until it |
//! | k | `cost` | USD/PH/day | total running cost: before a purchase nothing is due anyway |
//! | l | `delay` | day | until the machine runs |
//! | p | `price_usd_per_ph` | USD per PH/s | machine, with freight and installation, and its place if that must be built |
//! | r | `discount_per_year` | 1/year | discount rate |
//! | L | `life` | day | assumed life of the machine |
//! | Pi | `payback` | day | required payback time |
//!
//! ```text
//! x    = min(hashprice now, 144 R P / (H + O + A))
//! x(t) = x e^(-a t / 365) prod_{t_i <= t} f_i
//! E(T) = integral from l to l + T of max(0, x(t) - k) dt                    earned within T of its first day
//! V    = integral from l to l + L of e^(-r t / 365) max(0, x(t) - k) dt     worth today
//! ```
//!
//! **Buys iff E(Pi) >= p and V > p.** Of the machines on offer, the one with the shortest simple payback p/(x - k) is chosen.
//!
//! Running hashrate and outstanding orders are public, and so is the fact that difficulty will follow them: x is the lower of present hashprice and
//! hashprice with a block every 600 s after all deliveries. No buyer relies on a fall of difficulty due to idle machines, since these return. Firms
//! that order on the same day know of each other: together they order the amount that pays at the hashprice to which it leads.
//!
//! A halving leaves `f = ((S/2 + F)/(S + F))^s` of hashprice: the reward falls at once, then difficulty falls as machines stop, so that the share s
//! of the fall, in logarithms, remains in hashprice. With hash supply of elasticity e, s = 1/(1 + e).
//!
//! **Known error.** The price is assumed to be a martingale and volatility is left out: the option to wait, and the option to switch off and on
//! again, have no value here. A buyer expects halvings on schedule.
//!
//! **Sources.** Required payback of 20-24 months in May 2022, 27 months in 2024; decline of 23 % a year from trough to trough 2018 to 2022 (A-52). E
//! and V are in closed form between halvings (tests compare them with sums).

use crate::units::{Days, Hashprice, Sats, YEAR_DAYS};

/// Number of halvings considered: no machine lives beyond them.
pub const HALVINGS_AHEAD: usize = 3;

/// Miners' expectation of hashprice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    /// x: present hashprice, as far as it is known.
    pub hashprice: Hashprice,
    /// Rate of decline, 1/year; at least 0.
    pub decline_per_year: f64,
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
    /// Discount rate, 1/year.
    pub discount_per_year: f64,
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
    /// x(t): expected hashprice after the time `ahead`.
    #[must_use]
    pub fn at(&self, ahead: Days) -> Hashprice {
        let passed = self.halvings.iter().filter(|(when, _)| *when <= ahead);
        let left = passed.fold(1.0, |left, (_, factor)| left * factor);
        self.hashprice * (left * libm::exp(-self.decline_per_year * ahead.get() / YEAR_DAYS))
    }

    /// Integral of `e^(-r t / 365) max(0, x(t) - k)` over the days from `from` to `to`, USD per PH/s.
    #[must_use]
    pub fn earned(&self, cost: Hashprice, from: Days, to: Days, discount_per_year: f64) -> f64 {
        let (a, r) = (self.decline_per_year / YEAR_DAYS, discount_per_year / YEAR_DAYS);
        let mut sum = 0.0;
        let mut begins = from.get();
        let ends = self.halvings.iter().map(|(when, _)| when.get()).filter(|when| *when > from.get());
        for end in ends.chain([f64::INFINITY]) {
            let end = end.min(to.get());
            if end <= begins {
                break;
            }
            let x = self.at(Days::new(begins)).get();
            let k = cost.get();
            if x > k {
                // The machine stops where x meets k.
                let runs = if a > 0.0 && k > 0.0 { (libm::log(x / k) / a).min(end - begins) } else { end - begins };
                sum += libm::exp(-r * begins) * (x * annuity(r + a, runs) - k * annuity(r, runs));
            }
            begins = end;
        }
        sum
    }

    /// V: present value of a PH/s at this cost for an owner whose machine runs from `delay` on, USD.
    #[must_use]
    pub fn value(&self, cost: Hashprice, delay: Days, hurdle: &Hurdle) -> f64 {
        self.earned(cost, delay, delay + hurdle.life, hurdle.discount_per_year)
    }

    /// Whether machines at this price per PH/s, running from `delay` on at this cost, are worth buying.
    #[must_use]
    pub fn is_worth(&self, price_usd_per_ph: f64, cost: Hashprice, delay: Days, hurdle: &Hurdle) -> bool {
        self.earned(cost, delay, delay + hurdle.payback, 0.0) >= price_usd_per_ph
            && self.value(cost, delay, hurdle) > price_usd_per_ph
    }
}

/// Integral of `e^(-rate t)` over a span.
fn annuity(rate: f64, span: f64) -> f64 {
    if rate == 0.0 { span } else { -libm::expm1(-rate * span) / rate }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NEVER: (Days, f64) = (Days::new(f64::INFINITY), 1.0);
    const HURDLE: Hurdle = Hurdle { payback: Days::new(730.0), discount_per_year: 0.2, life: Days::new(1095.0) };

    fn outlook(hashprice: f64, decline_per_year: f64) -> Outlook {
        Outlook { hashprice: Hashprice::new(hashprice), decline_per_year, halvings: [NEVER; HALVINGS_AHEAD] }
    }

    /// By hand: x = 50, k = 30, no decline: 20 USD a day. In 730 days 14,600 USD; at 14,600 it pays, a cent above it does not.
    #[test]
    fn payback_without_decline_is_price_over_margin() {
        let flat = outlook(50.0, 0.0);
        let hurdle = Hurdle { discount_per_year: 0.0, ..HURDLE };
        assert!((flat.earned(Hashprice::new(30.0), Days::new(90.0), Days::new(820.0), 0.0) - 14_600.0).abs() < 1e-9);
        assert!(flat.is_worth(14_600.0, Hashprice::new(30.0), Days::new(90.0), &hurdle));
        assert!(!flat.is_worth(14_600.01, Hashprice::new(30.0), Days::new(90.0), &hurdle));
        assert!(!flat.is_worth(1.0, Hashprice::new(50.0), Days::ZERO, &hurdle), "no margin, no payback at any price");
    }

    /// Discounted at 20 % a year for three years, 20 USD a day are worth 20 * 365 * (1 - e^-0.6)/0.2 = 16,468 USD.
    #[test]
    fn value_without_decline_is_an_annuity() {
        let value = outlook(50.0, 0.0).value(Hashprice::new(30.0), Days::ZERO, &HURDLE);
        assert!((value - 20.0 * 365.0 * 0.451_188_363_905_973_6 / 0.2).abs() < 1e-6, "{value}");
        assert!(!outlook(50.0, 0.0).is_worth(
            value,
            Hashprice::new(30.0),
            Days::ZERO,
            &Hurdle { payback: Days::new(1e4), ..HURDLE }
        ));
    }

    /// The reward falls to (1.5625 + 0.1)/(3.125 + 0.1) of its value; with a supply elasticity of 0.45, 1/1.45 of that fall remains in hashprice.
    #[test]
    fn a_halving_ahead_takes_its_share() {
        let (s, f) = (Sats::from_btc(3.125), Sats::from_btc(0.1));
        assert!((left_by_halving(s, f, 1.0) - 1.6625 / 3.225).abs() < 1e-12);
        assert!((left_by_halving(s, f, 1.0 / 1.45) - 0.633_2).abs() < 1e-4);
        assert!((left_by_halving(Sats::ZERO, Sats::ZERO, 1.0) - 1.0).abs() < 1e-15);
        let mut ahead = outlook(60.0, 0.0);
        ahead.halvings[0] = (Days::new(100.0), 0.5);
        // 40 USD a day for 100 days, 10 for the other 630.
        assert!((ahead.earned(Hashprice::new(20.0), Days::ZERO, Days::new(730.0), 0.0) - 10_300.0).abs() < 1e-9);
        assert!(outlook(60.0, 0.0).is_worth(12_000.0, Hashprice::new(20.0), Days::ZERO, &HURDLE));
        assert!(!ahead.is_worth(12_000.0, Hashprice::new(20.0), Days::ZERO, &HURDLE), "the halving changes the mind");
    }

    proptest! {
        /// The closed form is the sum over days.
        #[test]
        fn closed_form_is_the_sum(
            x in 10.0..200.0f64, a in 0.0..0.8f64, k in 0.0..120.0f64, from in 0.0..200.0f64, span in 1.0..1200.0f64,
            r in 0.0..0.4f64, first in 1.0..900.0f64, left in 0.3..1.0f64,
        ) {
            let mut ahead = outlook(x, a);
            ahead.halvings[0] = (Days::new(first), left);
            ahead.halvings[1] = (Days::new(first + 1400.0), left);
            let closed = ahead.earned(Hashprice::new(k), Days::new(from), Days::new(from + span), r);
            let steps = 20_000;
            let dt = span / f64::from(steps);
            let sum: f64 = (0..steps).map(|i| {
                let t = from + (f64::from(i) + 0.5) * dt;
                libm::exp(-r * t / 365.0) * (ahead.at(Days::new(t)).get() - k).max(0.0) * dt
            }).sum();
            // A step may contain a halving.
            prop_assert!((closed - sum).abs() <= 1e-3 * sum.max(1.0) + 2.0 * dt * x, "{closed} against {sum}");
        }

        /// A higher hashprice, a lower cost, a later halving or a slower decline never reduce the value.
        #[test]
        fn worth_is_monotone(x in 10.0..200.0f64, a in 0.0..0.5f64, k in 1.0..120.0f64, when in 1.0..900.0f64) {
            let with = |x, a, when| {
                let mut ahead = outlook(x, a);
                ahead.halvings[0] = (Days::new(when), 0.6);
                ahead
            };
            let base = with(x, a, when).value(Hashprice::new(k), Days::new(30.0), &HURDLE);
            for (better, cost) in [(with(x * 1.1, a, when), k), (with(x, a * 0.9, when), k), (with(x, a, when * 1.2), k), (with(x, a, when), k * 0.9)] {
                prop_assert!(better.value(Hashprice::new(cost), Days::new(30.0), &HURDLE) >= base - 1e-9);
            }
        }
    }
}
