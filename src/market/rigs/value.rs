//! Value of a machine to its owner: a strip of options to run, one per day.
//!
//! On each future day the owner may run the machine and earn hashprice less avoidable cost, or leave it off. So
//!
//! ```text
//! V = Σ_{t=1..T} e^(−rt) · (F N(d1) − λ N(d2)),    F = x e^(−at)
//! d1 = ln(F/λ)/(σ√t) + σ√t/2,    d2 = d1 − σ√t
//! ```
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | V | [`ValueCurve::usd_per_th`] | USD/(TH/s) | value of a machine per hashrate |
//! | x | `hashprice` | USD/PH/day | spot hashprice |
//! | lambda | `cost` | USD/PH/day | avoidable cost of running it |
//! | r, a | `discount_per_year`, `decline_per_year` | 1/year | discount rate; decline of hashprice that the market expects |
//! | sigma | `volatility_per_sqrt_day` | 1/sqrt(day) | volatility of hashprice |
//! | T | `horizon_days` | day | remaining life that is valued |
//!
//! V is homogeneous in (x, lambda), so one curve of V/lambda over ln(x/lambda) serves every machine: [`ValueCurve`] stores values and slopes at 81
//! nodes and interpolates by cubics.
//!
//! **Known error.** The sum over days is taken as an integral from half a day to T and a half, by 48 midpoints in the root of time, and with the
//! cubics stays within 0.1 % of the sum (tested). Hashprice is assumed to be a geometric Brownian motion: no retarget, no halving, no switching cost.
//! The machine does not wear out before T, and has no value after.
//!
//! **Sources.** Yaish and Zohar, "Pricing ASICs for cryptocurrency mining" \[S41\]: the strip. Black, "The pricing of commodity
//! contracts", J. Financial Economics 3 (1976) 167-179: the term.

use crate::{declare::params, units::Hashprice};

/// Nodes of the curve per unit of ln(x/lambda), and its range on both sides.
const NODES_PER_UNIT: f64 = 10.0;
const REACH: f64 = 4.0;
const NODES: usize = 81;

/// Midpoints of the integral over time.
const MIDPOINTS: u32 = 48;

params! {
    /// Valuation parameters of a buyer or an owner.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ValueParams(volatility: f64) {
        /// Discount rate for the future income of a machine.
        discount_per_year: f64 as "1/year" = 0.20, source("section 7.18, A: 0.10-0.40"), uniform(0.1, 0.4, "section 7.18, assumed"),
            within(0.0, 10.0), usual(0.03, 0.6, "A-81: 0.10-0.40");
        /// Rate at which hashprice is expected to fall.
        decline_per_year: f64 => hashprice_decline_per_year as "1/year" = 0.23, source("D: 0.10-0.45"), uniform(0.1, 0.45, "D"),
            within(-1.0, 10.0), usual(-0.5, 0.8, "A-81: 0.10-0.45");
        /// sigma, 1/sqrt(day).
        volatility_per_sqrt_day: f64 => |_, _| volatility;
        /// Remaining life of a machine in its valuation.
        horizon_days: f64 as "d" = 1095.0, source("section 7.18"), within(1.0, 3650.0), usual(180.0, 2500.0, "A-81; S3: five years");
    }
}
/// V/lambda over ln(x/lambda).
#[derive(Clone, Debug, PartialEq)]
pub struct ValueCurve {
    /// (value, its slope in the logarithm) at each node.
    nodes: Vec<(f64, f64)>,
    /// Revenue of a machine that always runs, in days of present hashprice, discounted.
    revenue_days: f64,
    /// Present value of a constant daily sum, in days of it.
    annuity_days: f64,
    /// e^REACH: the ratio of hashprice to cost at which the curve ends.
    highest_ratio: f64,
}

impl ValueCurve {
    /// Computes the curve.
    #[must_use]
    pub fn new(params: &ValueParams) -> Self {
        let days = Days::new(params);
        let nodes = (0..NODES).map(|node| {
            #[expect(clippy::cast_precision_loss, reason = "81 nodes")]
            let moneyness = libm::exp(node as f64 / NODES_PER_UNIT - REACH);
            days.fold((0.0, 0.0), |(value, slope), day| {
                let (term, delta) = call(moneyness * day.fall, 1.0, params.volatility_per_sqrt_day * day.at.sqrt());
                (value + day.weight * term, slope + day.weight * delta * moneyness * day.fall)
            })
        });
        Self {
            nodes: nodes.collect(),
            highest_ratio: libm::exp(REACH),
            revenue_days: days.fold(0.0, |sum, day| sum + day.weight * day.fall),
            annuity_days: days.fold(0.0, |sum, day| sum + day.weight),
        }
    }

    /// V: value per hashrate of a machine with this avoidable cost, USD/(TH/s).
    #[must_use]
    pub fn usd_per_th(&self, hashprice: Hashprice, cost: Hashprice) -> f64 {
        let (x, lambda) = (hashprice.get(), cost.get());
        if lambda <= 0.0 || x >= lambda * self.highest_ratio {
            // It never stops: discounted revenue less discounted cost.
            return (x * self.revenue_days - lambda * self.annuity_days) / 1e3;
        }
        let place = (libm::log(x / lambda) + REACH) * NODES_PER_UNIT;
        if place <= 0.0 {
            // Far below break-even the value falls exponentially; it is zero at a hashprice of zero.
            return self.nodes[0].0 * libm::exp(place) * lambda / 1e3;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the curve")]
        let node = (place as usize).min(NODES - 2);
        #[expect(clippy::cast_precision_loss, reason = "81 nodes")]
        let u = place - node as f64;
        let ((v0, s0), (v1, s1)) = (self.nodes[node], self.nodes[node + 1]);
        let (s0, s1) = (s0 / NODES_PER_UNIT, s1 / NODES_PER_UNIT);
        let cubic = v0 + u * (s0 + u * (3.0 * (v1 - v0) - 2.0 * s0 - s1 + u * (2.0 * (v0 - v1) + s0 + s1)));
        cubic * lambda / 1e3
    }

    /// Present value of a sum due every day until the horizon, in days of it.
    #[must_use]
    pub const fn annuity_days(&self) -> f64 {
        self.annuity_days
    }
}

/// A day of the strip, or the days that a midpoint stands for.
#[derive(Clone, Copy)]
struct Day {
    /// Time from now, days.
    at: f64,
    /// Number of days that it stands for, discounted.
    weight: f64,
    /// Forward hashprice over spot.
    fall: f64,
}

struct Days(Vec<Day>);

impl Days {
    fn new(params: &ValueParams) -> Self {
        let step = 1.0 / f64::from(MIDPOINTS);
        let days = (0..MIDPOINTS).map(|index| {
            let u = (f64::from(index) + 0.5) * step;
            let at = 0.5 + params.horizon_days * u * u;
            let years = at / 365.0;
            Day {
                at,
                weight: libm::exp(-params.discount_per_year * years) * 2.0 * params.horizon_days * u * step,
                fall: libm::exp(-params.decline_per_year * years),
            }
        });
        Self(days.collect())
    }

    fn fold<T>(&self, start: T, add: impl FnMut(T, &Day) -> T) -> T {
        self.0.iter().fold(start, add)
    }
}

/// Black's call on a forward, undiscounted, and its delta. Without volatility it has its intrinsic value.
fn call(forward: f64, strike: f64, spread: f64) -> (f64, f64) {
    if spread <= 0.0 {
        return if forward > strike { (forward - strike, 1.0) } else { (0.0, 0.0) };
    }
    let d1 = libm::log(forward / strike) / spread + spread / 2.0;
    let delta = normal_cdf(d1);
    ((forward * delta - strike * normal_cdf(d1 - spread)).max(0.0), delta)
}

/// The standard normal distribution function.
fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draw, Purpose};

    const USUAL: ValueParams = ValueParams {
        discount_per_year: 0.20,
        decline_per_year: 0.23,
        volatility_per_sqrt_day: 0.035,
        horizon_days: 1095.0,
    };

    fn value(params: &ValueParams, x: f64, lambda: f64) -> f64 {
        ValueCurve::new(params).usd_per_th(Hashprice::new(x), Hashprice::new(lambda))
    }

    /// The sum in the model's form, term by term.
    fn by_days(params: &ValueParams, x: f64, lambda: f64) -> f64 {
        let mut sum = 0.0;
        let mut day = 1.0;
        while day <= params.horizon_days {
            let forward = x * libm::exp(-params.decline_per_year * day / 365.0);
            let (term, _) = call(forward, lambda, params.volatility_per_sqrt_day * day.sqrt());
            sum += libm::exp(-params.discount_per_year * day / 365.0) * term / 1e3;
            day += 1.0;
        }
        sum
    }

    #[test]
    fn curve_is_within_a_thousandth_of_the_daily_sum() {
        for volatility in [0.01, 0.024, 0.035, 0.05] {
            for horizon in [365.0, 1095.0] {
                let params = ValueParams { volatility_per_sqrt_day: volatility, horizon_days: horizon, ..USUAL };
                for x in [12.0, 20.0, 28.0, 31.0, 33.3, 47.0, 80.0, 250.0, 3000.0] {
                    let (curve, sum) = (value(&params, x, 31.0), by_days(&params, x, 31.0));
                    let slack = 1e-3 * sum + 1e-3;
                    assert!((curve - sum).abs() < slack, "x {x}, sigma {volatility}, T {horizon}: {curve} for {sum}");
                }
            }
        }
    }

    /// A term of the strip agrees with Monte Carlo: mean of (F e^(sZ − s²/2) − K)+ within four standard errors.
    #[test]
    fn a_term_is_the_mean_over_the_lognormal() {
        let draw = Draw::new(1, 0, Purpose::Price);
        for (forward, strike, spread) in [(40.0, 31.0, 0.3), (31.0, 31.0, 0.9), (15.0, 31.0, 0.6)] {
            let n = 200_000u64;
            let (mut sum, mut squares) = (0.0, 0.0);
            for index in 0..n {
                let z = draw.standard_normal(7, index);
                let pay = (forward * libm::exp(spread * z - spread * spread / 2.0) - strike).max(0.0);
                sum += pay;
                squares += pay * pay;
            }
            #[expect(clippy::cast_precision_loss, reason = "small")]
            let n = n as f64;
            let (mean, square) = (sum / n, squares / n);
            let error = ((square - mean * mean) / n).sqrt();
            let (term, _) = call(forward, strike, spread);
            assert!((term - mean).abs() < 4.0 * error, "{term} for {mean} ± {error}");
        }
    }

    #[test]
    fn without_volatility_it_is_intrinsic() {
        let params = ValueParams { volatility_per_sqrt_day: 0.0, ..USUAL };
        // Above break-even until e^(−at) brings x down to lambda.
        let end = (libm::log(45.0 / 31.0) / USUAL.decline_per_year * 365.0).floor();
        let mut closed = 0.0;
        let mut day = 1.0;
        while day <= end {
            let years = day / 365.0;
            closed += libm::exp(-0.2 * years) * (45.0 * libm::exp(-0.23 * years) - 31.0) / 1e3;
            day += 1.0;
        }
        let found = value(&params, 45.0, 31.0);
        assert!((found / closed - 1.0).abs() < 5e-3, "{found} for {closed}");
        assert!(
            value(&params, 20.0, 31.0).abs() < 1e-3,
            "a machine that is permanently below break-even is worth nothing"
        );
    }

    /// Far in the money it is the discounted margin: x (1 − e^(−(r+a)T))/(r+a) − lambda (1 − e^(−rT))/r, to half a day.
    #[test]
    fn far_in_the_money_it_is_the_discounted_margin() {
        let (r, fall) = (0.2f64 / 365.0, 0.43 / 365.0);
        let annuity = |rate: f64| (1.0 - libm::exp(-rate * 1095.0)) / rate;
        for (x, lambda) in [(1e4, 31.0), (5e3, 20.0), (100.0, 0.0)] {
            let closed = (x * annuity(fall) - lambda * annuity(r)) / 1e3;
            let found = value(&USUAL, x, lambda);
            assert!((found / closed - 1.0).abs() < 2e-3, "{found} for {closed}");
        }
    }

    #[test]
    fn volatility_hashprice_and_life_add_value_and_cost_takes_it() {
        let curve = ValueCurve::new(&USUAL);
        let at = |x: f64, lambda: f64| curve.usd_per_th(Hashprice::new(x), Hashprice::new(lambda));
        let mut before = 0.0;
        for step in 1..400 {
            let x = 0.5 * f64::from(step);
            let here = at(x, 31.0);
            assert!(here > before, "falls at {x}");
            assert!(here < at(x, 30.0), "dearer power is worth more at {x}");
            before = here;
        }
        assert!(at(0.0, 31.0).abs() < 1e-12 && at(0.0, 0.0).abs() < 1e-12);
        let calm = ValueParams { volatility_per_sqrt_day: 0.02, ..USUAL };
        let short = ValueParams { horizon_days: 365.0, ..USUAL };
        for x in [20.0, 31.0, 60.0] {
            assert!(at(x, 31.0) > value(&calm, x, 31.0));
            assert!(at(x, 31.0) > value(&short, x, 31.0));
        }
    }
}
