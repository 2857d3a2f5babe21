//! The law of hashprice that miners believe in, and what a machine earns under it.
//!
//! Hashprice follows the reward, which nobody can forecast, until entry stops it: anyone may buy a new machine, so hashprice does not rise above the
//! level at which a new machine just pays, and that level falls as machines improve. So the logarithm of hashprice is a Brownian motion that is
//! reflected at a falling barrier (Prat and Walter). Running, buying and valuing a machine all use this law.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | x | `hashprice` | USD/PH/day | hashprice now |
//! | b | `barrier` | USD/PH/day | the barrier now; x is at most b |
//! | lambda | `cost` | USD/PH/day | cost that ends when the machine stops |
//! | alpha, sigma | `drift_per_year`, `volatility_per_sqrt_day` | 1/year, 1/sqrt(day) | drift and volatility of hashprice below the barrier |
//! | a | `decline_per_year` | 1/year | rate at which the barrier falls |
//! | r | `discount_per_year` | 1/year | discount rate |
//! | R | – | 1 | distance from the barrier in logarithms, `ln(b e^(-a t)/x(t))`; `R_0` now |
//! | C(T) | [`Law::until`] | USD per PH/s | earned within T by a machine that runs whenever that pays |
//!
//! ```text
//! C(T) = integral from 0 to T of e^(-r t) E max(0, x(t) - lambda) dt
//!
//! R is a Brownian motion reflected at 0, of drift m = sigma^2/2 - alpha - a, so with s = sigma sqrt(t) and c = R_0 + m t
//!   P(R_t <= y) = N((y - c)/s) - e^(2 m y/sigma^2) N((-y - c)/s)                                          (Harrison)
//! With k = lambda/(b e^(-a t)) and q = -ln k
//!   E max(0, x(t) - lambda) = b e^(-a t) integral from k to 1 of P(e^-R > u) du
//!                           = b e^(-a t) integral from 0 to q of e^-y P(R_t <= y) dy
//! and, by parts, with e = 2 (alpha + a)/sigma^2, since e^-y e^(2 m y/sigma^2) = e^(-e y):
//!   integral of e^-y N((y - c)/s)     = N(-c/s) - e^-q N((q - c)/s) + e^(-c + s^2/2) [N((q - c + s^2)/s) - N((-c + s^2)/s)]
//!   integral of e^(-e y) N((-y - c)/s) = (1/e) {N(-c/s) - e^(-e q) N((-q - c)/s)
//!                                                - e^(e c + e^2 s^2/2) [N((q + c + e s^2)/s) - N((c + e s^2)/s)]}
//! ```
//!
//! Without a barrier (b to infinity) this is Black's call, and C the strip of daily options of Yaish and Zohar. A machine whose cost is not below the
//! barrier never runs. C is homogeneous in (x, b, lambda), so C/b is a function of x/b, lambda/x and T. [`Law`] computes it once for all and
//! interpolates, linearly in the three quantities themselves and in the annuity of T, so that a machine that always runs has its exact value.
//!
//! **Known error.** Interpolation and quadrature stay within 2 % of the closed form's daily sum, or half a day of the barrier's revenue (tested). The
//! barrier does not know halvings; see [`super::outlook`]. Switching costs are not part of a machine's value.
//!
//! **Sources.** Prat and Walter, "An equilibrium model of the market for bitcoin mining", JPE 129 (2021): the law. Harrison, *Brownian Motion and
//! Stochastic Flow Systems* (1985), section 3.6: the distribution of a reflected Brownian motion. Yaish and Zohar, "Pricing ASICs for
//! cryptocurrency mining" \[S41\]: a machine as a strip of options. A test compares the closed form with paths of the reflected process.

use crate::units::{Days, Hashprice, YEAR_DAYS};

/// Nodes of x/b, uniform in its logarithm down to `LOWEST`, and of time, uniform in its root.
const HASHPRICES: usize = 31;
const TIMES: usize = 17;
const LOWEST: f64 = -4.0;
/// Nodes of lambda/x: dense at 1, where a machine stops; a machine of the last earns nothing at any hashprice of the table.
const COSTS: [f64; 26] = [
    0.0, 0.15, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.87, 0.94, 1.0, 1.06, 1.13, 1.2, 1.3, 1.4, 1.6, 1.8, 2.1, 2.5, 3.0, 4.0,
    6.0, 10.0, 20.0, 55.0,
];

/// What miners believe about hashprice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beliefs {
    /// r, 1/year.
    pub discount_per_year: f64,
    /// a, 1/year.
    pub decline_per_year: f64,
    /// alpha, 1/year.
    pub drift_per_year: f64,
    /// sigma, 1/sqrt(day).
    pub volatility_per_sqrt_day: f64,
}

/// What a PH/s earns in a span, USD.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Earned {
    /// Discounted to now.
    pub discounted: f64,
    /// As it comes in.
    pub plain: f64,
}

/// C/b over x/b, lambda/x and time.
#[derive(Clone, Debug, PartialEq)]
pub struct Law {
    beliefs: Beliefs,
    /// x/b at its nodes, rising to 1.
    hashprices: Vec<f64>,
    /// Instants of the nodes of time, days, and the annuities until then.
    times: Vec<f64>,
    annuities: Vec<f64>,
    /// C/b, days: discounted and plain, by hashprice, cost over hashprice, and time.
    earned: Vec<[f64; 2]>,
}

impl Law {
    /// The law of these beliefs, for spans that end within `reach`.
    #[must_use]
    pub fn new(beliefs: Beliefs, reach: Days) -> Self {
        let share = |node: usize, nodes: usize| ratio(node) / ratio(nodes - 1);
        let hashprices: Vec<f64> =
            (0..HASHPRICES).map(|node| libm::exp(LOWEST * (1.0 - share(node, HASHPRICES)))).collect();
        let times: Vec<f64> = (0..TIMES).map(|node| reach.get() * share(node, TIMES) * share(node, TIMES)).collect();
        let mut law = Self { beliefs, hashprices, times, annuities: Vec::new(), earned: Vec::new() };
        law.annuities = law.times.iter().map(|&time| law.annuity(time)).collect();
        law.earned.reserve(HASHPRICES * COSTS.len() * TIMES);
        for &x in &law.hashprices {
            for cost in COSTS {
                let mut sum = [0.0; 2];
                law.earned.push(sum);
                for (span, annuities) in law.times.windows(2).zip(law.annuities.windows(2)) {
                    let mean = beliefs.expected(x, cost * x, 0.5 * (span[0] + span[1]));
                    sum[0] += mean * (annuities[1] - annuities[0]);
                    sum[1] += mean * (span[1] - span[0]);
                    law.earned.push(sum);
                }
            }
        }
        law
    }

    /// The beliefs.
    #[must_use]
    pub const fn beliefs(&self) -> &Beliefs {
        &self.beliefs
    }

    /// Value of a USD a day for this number of days.
    #[must_use]
    pub fn annuity(&self, days: f64) -> f64 {
        let rate = self.beliefs.discount_per_year / YEAR_DAYS;
        if rate == 0.0 { days } else { -libm::expm1(-rate * days) / rate }
    }

    /// C(T): earned from now until `until`.
    #[must_use]
    pub fn until(&self, hashprice: Hashprice, barrier: Hashprice, cost: Hashprice, until: Days) -> Earned {
        self.level(hashprice, barrier)
            .map_or(Earned::default(), |level| self.earned(&level, &self.instant(until), cost))
    }

    /// Places hashprice and its barrier on the table, for machines of any cost; `None` where nothing is earned.
    #[must_use]
    pub fn level(&self, hashprice: Hashprice, barrier: Hashprice) -> Option<Level> {
        let (x, barrier) = (hashprice.get(), barrier.get().max(hashprice.get()));
        // Far below the barrier the law has no scale but x.
        let scale = barrier.min(x / self.hashprices[0]);
        let (node, share) = place(&self.hashprices, x / scale);
        (x > 0.0).then_some(Level { x, barrier, scale, node, share })
    }

    /// Places an instant on the table, for any hashprice and machines of any cost.
    #[must_use]
    pub fn instant(&self, until: Days) -> Instant {
        let (node, plain) = place(&self.times, until.get());
        let (before, after) = (self.annuities[node], self.annuities[node + 1]);
        let discounted = (self.annuity(until.get().min(self.times[node + 1])) - before) / (after - before);
        Instant { node, shares: [discounted, plain] }
    }

    /// Earned from now until an instant by a machine of this cost.
    #[must_use]
    pub fn earned(&self, level: &Level, until: &Instant, cost: Hashprice) -> Earned {
        let lambda = cost.get().max(0.0);
        if lambda >= level.barrier {
            return Earned::default();
        }
        let (j, v) = place_cost(lambda / level.x);
        let (i, u) = (level.node, level.share);
        let mut sum = [0.0; 2];
        for (place_x, share_x) in [(i, 1.0 - u), (i + 1, u)] {
            for (place_c, share_c) in [(j, 1.0 - v), (j + 1, v)] {
                let row = (place_x * COSTS.len() + place_c) * TIMES + until.node;
                let (before, after) = (self.earned[row], self.earned[row + 1]);
                for kind in 0..2 {
                    let within = before[kind] + (after[kind] - before[kind]) * until.shares[kind];
                    sum[kind] += share_x * share_c * within;
                }
            }
        }
        Earned { discounted: sum[0] * level.scale, plain: sum[1] * level.scale }
    }
}

/// Hashprice below its barrier, as [`Law::level`] has placed it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    x: f64,
    barrier: f64,
    /// The barrier that the table is taken for.
    scale: f64,
    node: usize,
    share: f64,
}

/// An instant, as [`Law::instant`] has placed it: the node before it, and its shares of the way to the next, in the annuity and in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instant {
    node: usize,
    shares: [f64; 2],
}

/// The node below a value, at most the last but one, and the share of the way to the next.
fn place(nodes: &[f64], value: f64) -> (usize, f64) {
    between(nodes, nodes.partition_point(|node| *node <= value).clamp(1, nodes.len() - 1) - 1, value)
}

/// As [`place`], among the costs. Most costs are below 4 times hashprice, and are looked up.
fn place_cost(value: f64) -> (usize, f64) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and `as` saturates")]
    let Some(&below) = COSTS_BELOW.get((value * STEPS) as usize) else { return place(&COSTS, value) };
    let below = usize::from(below);
    between(&COSTS, below + usize::from(COSTS[below + 1] <= value), value)
}

/// Steps of the look-up for each unit of the cost: no step holds two nodes.
const STEPS: f64 = 32.0;
/// The last node at or below the beginning of each step, up to 4.
const COSTS_BELOW: [u8; 128] = {
    let mut below = [0; 128];
    let (mut step, mut start, mut node) = (0, 0.0, 0u8);
    while step < below.len() {
        while COSTS[node as usize + 1] * STEPS <= start {
            node += 1;
        }
        below[step] = node;
        (step, start) = (step + 1, start + 1.0);
    }
    below
};

fn between(nodes: &[f64], node: usize, value: f64) -> (usize, f64) {
    (node, ((value - nodes[node]) / (nodes[node + 1] - nodes[node])).clamp(0.0, 1.0))
}

/// A small number of nodes.
#[expect(clippy::cast_precision_loss, reason = "a few nodes")]
const fn ratio(nodes: usize) -> f64 {
    nodes as f64
}

impl Beliefs {
    /// E max(0, x(t) - lambda) after `days`, in units of the barrier now, as are `x` and `lambda`.
    #[must_use]
    #[expect(clippy::many_single_char_names, reason = "symbols of the head")]
    pub fn expected(&self, x: f64, lambda: f64, days: f64) -> f64 {
        let (alpha, a) = (self.drift_per_year / YEAR_DAYS, self.decline_per_year / YEAR_DAYS);
        let sigma = self.volatility_per_sqrt_day;
        let barrier = libm::exp(-a * days);
        if lambda >= barrier {
            return 0.0;
        }
        if sigma <= 0.0 || days <= 0.0 {
            return ((x * libm::exp(alpha * days)).min(barrier) - lambda).max(0.0);
        }
        let (variance, s) = (sigma * sigma, sigma * libm::sqrt(days));
        let drift = variance / 2.0 - alpha - a;
        let c = drift * days - libm::log(x);
        let e = 2.0 * (alpha + a) / variance;
        // A machine that costs nothing runs at any hashprice: beyond ten standard deviations nothing changes any more.
        let q = (-libm::log(lambda / barrier)).min(libm::fabs(c) + 10.0 * s + 40.0);
        let free = tail(0.0, c / s) - tail(-q, (c - q) / s) + tail(-c + s * s / 2.0, (c - s * s - q) / s)
            - tail(-c + s * s / 2.0, (c - s * s) / s);
        let returned = if libm::fabs(e) < 1e-6 {
            // The limit e to 0: the integral of N((-y - c)/s).
            s * (first_moment(c / s) - first_moment((q + c) / s))
        } else {
            let shift = e * c + e * e * s * s / 2.0;
            let far = tail(shift, (c + e * s * s) / s) - tail(shift, (q + c + e * s * s) / s);
            (tail(0.0, c / s) - tail(-e * q, (q + c) / s) - far) / e
        };
        (barrier * (free - returned)).max(0.0)
    }
}

/// `e^exponent` times the upper tail of the standard normal distribution at z.
fn tail(exponent: f64, z: f64) -> f64 {
    if z < 8.0 {
        return libm::exp(exponent) * 0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2);
    }
    // Mills' ratio: the factor may be beyond the range of doubles where the product is not.
    let y = 1.0 / (z * z);
    let ratio = (1.0 - y * (1.0 - y * (3.0 - 15.0 * y))) / z;
    libm::exp(exponent - z * z / 2.0) * ratio / libm::sqrt(2.0 * std::f64::consts::PI)
}

/// The integral of the upper tail of the standard normal distribution from z on.
fn first_moment(z: f64) -> f64 {
    libm::exp(-z * z / 2.0) / libm::sqrt(2.0 * std::f64::consts::PI) - z * tail(0.0, z)
}

#[cfg(test)]
mod tests;
