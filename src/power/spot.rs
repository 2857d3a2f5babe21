//! Spot prices of power, hour by hour: the price-duration curve of a region.
//!
//! ```text
//! S(s) = P(price > s) = 1 - Phi((ln s - ln m) / sd)    for s below s_t         (lognormal body)
//!                     = q (s / s_t)^(-a)               from s_t to the cap     (Pareto tail)
//!                     = 0                              from the cap on; the rest of the tail is paid at the cap
//! with s_t where the body's S is q, so that S is continuous.
//! F(b)          = 1 - S(b)                             the share of hours in which power costs at most b: the uptime
//! A(b)          = integral of s dF above b             cost of the hours above b, per kWh of all hours
//! excess(b, k)  = integral of (s - k)+ dF above b      income from selling in the hours above b over a strike k
//! ```
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `m`, `sd` | median, standard deviation of the logarithm | USD/kWh, - |
//! | `q`, `a` | probability and index of the tail | -, - |
//! | cap | maximum price of the market | USD/kWh |
//!
//! All integrals are in closed form: the body's with the normal distribution, the tail's with powers. Known errors: hours are independent of
//! hashprice and of each other, so a storm's days of high prices are spread over the year; whole days of shortage are events of their own
//! ([`crate::mechanism::disruption::Curtailment`]). Source: the model's section 5.5; defaults for Texas are assumed, and checked against requests to
//! curtail in less than 3 % of hours (S16).

use crate::{
    declare::{USD_PER_KWH, params},
    units::PowerPrice,
};

params! {
    /// The parameters of a price-duration curve. The defaults are assumed values for Texas (A-73).
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct SpotParams {
        /// Median of the hourly price.
        median: PowerPrice => median_usd_per_kwh as USD_PER_KWH = 0.025, source("section 7.13, A"), positive(1e3), usual(0.005, 0.2, "A-73: 0.025");
        /// Standard deviation of the logarithm of the body.
        log_sd: f64 = 0.6, source("section 7.13, A"), within(0.01, 5.0), usual(0.1, 1.5, "A-73");
        /// Share of hours in the tail.
        tail_probability: f64 = 0.015, source("section 7.13, A; S16"), within(0.0, 0.5), usual(0.0005, 0.1, "A-73, S16: less than 0.03");
        /// Index of the Pareto tail: with a smaller index, peak prices are higher.
        tail_index: f64 = 1.3, source("section 7.13, A"), within(0.1, 100.0), usual(0.7, 5.0, "A-73");
        /// Maximum price allowed in the market.
        cap: PowerPrice => cap_usd_per_kwh as USD_PER_KWH = 5.0, source("section 7.13, A"), positive(1e3), usual(0.5, 20.0, "A-73: 5 in Texas");
    }
}
/// A price-duration curve with precomputed integrals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpotCurve {
    params: SpotParams,
    log_median: f64,
    /// Lower end of the tail, USD/kWh, and the remaining share of hours there.
    tail_from: f64,
    tail_probability: f64,
    /// Mean of the lognormal without the tail, USD/kWh; the share of it above the splice; and the tail's part of the mean price, USD/kWh.
    body_mean: f64,
    body_above_tail: f64,
    tail_mean: f64,
}

impl SpotCurve {
    /// The curve of these parameters: all positive, except that the tail's probability may be 0 and must be below 1.
    #[must_use]
    pub fn new(params: SpotParams) -> Self {
        let quantile = upper_quantile(params.tail_probability);
        let (median, cap) = (params.median.get(), params.cap.get());
        let splice = median * libm::exp(params.log_sd * quantile);
        let mut curve = Self {
            params,
            log_median: libm::log(median),
            tail_from: if splice < cap { splice } else { cap },
            tail_probability: 0.0,
            body_mean: 0.0,
            body_above_tail: 0.0,
            tail_mean: 0.0,
        };
        curve.tail_probability = upper_tail(curve.deviate(curve.tail_from));
        curve.integrated()
    }

    /// Computes the integrals that do not depend on a price.
    fn integrated(mut self) -> Self {
        let sd = self.params.log_sd;
        self.body_mean = libm::exp(self.log_median + 0.5 * sd * sd);
        self.body_above_tail = self.share_above(self.tail_from);
        self.tail_mean = self.tail_above(self.tail_from);
        self
    }

    /// Share of the body's mean that its hours above `b` contribute: the body's distribution shifted up by sd^2.
    fn share_above(&self, b: f64) -> f64 {
        if b > 0.0 { upper_tail(self.deviate(b) - self.params.log_sd) } else { 1.0 }
    }

    /// The same curve with every price multiplied by `factor`.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let mut scaled = *self;
        scaled.params.median *= factor;
        scaled.params.cap *= factor;
        scaled.log_median += libm::log(factor);
        scaled.tail_from *= factor;
        scaled.integrated()
    }

    /// F(b): share of hours in which power costs at most `b`.
    #[must_use]
    pub fn at_most(&self, b: PowerPrice) -> f64 {
        1.0 - self.beyond(b)
    }

    /// S(b): share of hours in which it costs more.
    #[must_use]
    pub fn beyond(&self, b: PowerPrice) -> f64 {
        let b = b.get();
        if b <= 0.0 {
            1.0
        } else if b < self.tail_from {
            upper_tail(self.deviate(b))
        } else if b < self.params.cap.get() {
            self.tail_probability * libm::pow(b / self.tail_from, -self.params.tail_index)
        } else {
            0.0
        }
    }

    /// A(b): the hours that cost more than `b`, at their prices, per kWh of all hours.
    #[must_use]
    pub fn above(&self, b: PowerPrice) -> PowerPrice {
        let b = b.get();
        PowerPrice::new(if b >= self.params.cap.get() {
            0.0
        } else if b >= self.tail_from {
            self.tail_above(b)
        } else {
            self.body_mean * (self.share_above(b) - self.body_above_tail) + self.tail_mean
        })
    }

    /// Mean price.
    #[must_use]
    pub fn mean(&self) -> PowerPrice {
        self.above(PowerPrice::ZERO)
    }

    /// Income from selling power in the hours above `b` over a strike, per kWh of all hours; hours below the strike are not sold.
    #[must_use]
    pub fn excess(&self, b: PowerPrice, strike: PowerPrice) -> PowerPrice {
        let from = if b > strike { b } else { strike };
        self.above(from) - strike * self.beyond(from)
    }

    /// Number of standard deviations by which ln b lies above its median.
    fn deviate(&self, b: f64) -> f64 {
        (libm::log(b) - self.log_median) / self.params.log_sd
    }

    /// A(b) in the tail: the integral of `s q a s_t^a s^(-a-1)` from b to the cap, and the mass at the cap.
    fn tail_above(&self, b: f64) -> f64 {
        let (index, from, cap) = (self.params.tail_index, self.tail_from, self.params.cap.get());
        let span = libm::log(cap / b);
        // (1 - (cap/b)^(1 - a)) / (a - 1), which is ln(cap/b) at a = 1.
        let slope = index - 1.0;
        let grown = if libm::fabs(slope * span) < 1e-9 { span } else { -libm::expm1(-slope * span) / slope };
        let at_b = self.tail_probability * libm::pow(b / from, -index);
        at_b * b * index * grown + at_b * libm::exp(-index * span) * cap
    }
}

/// P(Z > z) of a standard normal.
fn upper_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The z with P(Z > z) = `probability`, by bisection; beyond eight standard deviations it is eight.
fn upper_quantile(probability: f64) -> f64 {
    let (mut low, mut high) = (-8.0, 8.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if upper_tail(middle) > probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declare::usual;

    /// The integral of `value(s)` over the hours that cost more than `b`, by parts on a fine grid of ln s from the curve's S alone.
    fn integrate(curve: &SpotCurve, b: f64, cap: f64, value: impl Fn(f64) -> f64) -> f64 {
        let steps = 40_000;
        let from = libm::log(if b > 1e-9 { b } else { 1e-9 });
        let width = (libm::log(cap) - from) / f64::from(steps);
        let mut sum = 0.0;
        let beyond = |price| curve.beyond(PowerPrice::new(price));
        let mut before = beyond(libm::exp(from));
        for step in 0..steps {
            let middle = libm::exp(from + (f64::from(step) + 0.5) * width);
            // Just below the cap, so that the mass at the cap is added only in the last line.
            let next = beyond((cap * (1.0 - 1e-15)).min(libm::exp(from + f64::from(step + 1) * width)));
            sum += value(middle) * (before - next);
            before = next;
        }
        sum + value(cap) * before
    }

    #[test]
    fn closed_forms_are_the_integrals() {
        let texas = usual::<SpotParams>();
        for params in [
            texas,
            SpotParams { tail_index: 1.0, ..texas },
            SpotParams { tail_index: 0.7, tail_probability: 0.1, ..texas },
            SpotParams { tail_probability: 0.0, cap: PowerPrice::new(0.1), ..texas },
            SpotParams { cap: PowerPrice::new(0.05), ..texas },
        ] {
            let curve = SpotCurve::new(params);
            let cap = params.cap.get();
            for b in [0.0, 0.01, 0.03, 0.09, 0.2, 1.0, 4.0] {
                let at = PowerPrice::new(b);
                if b >= cap {
                    assert!(curve.above(at) == PowerPrice::ZERO && curve.beyond(at) == 0.0);
                    continue;
                }
                let above = integrate(&curve, b, cap, |s| s);
                assert!(
                    (curve.above(at).get() - above).abs() < 1e-5 * curve.mean().get(),
                    "{params:?}, A({b}): {above}"
                );
                for strike in [0.0, 0.02, 0.04] {
                    let excess = integrate(&curve, b, cap, |s| (s - strike).max(0.0));
                    let found = curve.excess(at, PowerPrice::new(strike)).get();
                    assert!(
                        (found - excess).abs() < 1e-5 * curve.mean().get(),
                        "{params:?}, over {strike} above {b}: {excess}"
                    );
                }
            }
        }
    }

    /// Half of all hours below the median; 1.5 % in the tail, which begins at 0.025 e^(0.6 * 2.1701) = 0.0919 and falls as s^-1.3.
    #[test]
    fn texas_by_hand() {
        let curve = SpotCurve::new(usual::<SpotParams>());
        let beyond = |price| curve.beyond(PowerPrice::new(price));
        assert!((curve.at_most(PowerPrice::new(0.025)) - 0.5).abs() < 1e-15);
        assert!((curve.tail_from / 0.091_93 - 1.0).abs() < 1e-3, "{}", curve.tail_from);
        assert!((beyond(curve.tail_from) - 0.015).abs() < 1e-12);
        assert!((beyond(2.0 * curve.tail_from) - 0.015 * libm::exp2(-1.3)).abs() < 1e-12);
        // Requests to curtail in less than 3 % of hours (S16) at break-evens of 100 to 200 USD/MWh (S18).
        assert!(beyond(0.1) < 0.03 && beyond(0.1) > 0.005);
        // The body's part of the mean below the splice, 0.025 e^0.18 Phi(2.1701 - 0.6) = 0.02819, and the tail's:
        // 0.015 * 0.0919 * (1.3/0.3 (1 - 54.4^-0.3)) + 5 * 0.015 * 54.4^-1.3 = 0.00459.
        assert!((curve.mean().get() - (0.028_19 + 0.004_59)).abs() < 3e-5, "{}", curve.mean());
    }

    #[test]
    fn a_scaled_curve_is_the_curve_of_scaled_prices() {
        let (curve, twice) = (SpotCurve::new(usual::<SpotParams>()), SpotCurve::new(usual::<SpotParams>()).scaled(2.0));
        for b in [0.01, 0.05, 0.2, 3.0].map(PowerPrice::new) {
            assert!((twice.beyond(b * 2.0) - curve.beyond(b)).abs() < 1e-14);
            assert!((twice.above(b * 2.0) - curve.above(b) * 2.0).get().abs() < 1e-14);
        }
    }
}
