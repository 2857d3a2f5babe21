//! When a lot of machines runs, stops and restarts.
//!
//! A lot compares the revenue of its hashrate with the cost of running it. Stopping and starting cost money too, and hashprice fluctuates, so that it
//! is optimal to wait on both sides of break-even: the real-option rule, the default.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | x | `View::x` | USD/PH/day | spot hashprice, daily revenue of a PH/s |
//! | `x_e` | `View::x_smooth` | USD/PH/day | its moving average, see [`smoothed`] |
//! | x' | `View::x_next` | USD/PH/day | hashprice expected after the next retarget, x/phi |
//! | tau | `View::days_to_retarget` | day | until that retarget |
//! | phi | [`expected_retarget`] | 1 | expected ratio of the next difficulty to this one |
//! | lambda | `lambda` | USD/PH/day | avoidable cost: the part of the cost of running that ends with it |
//! | k | `cost` | USD/PH/day | avoidable cost of a lot whose whole cost is avoidable |
//! | `x_L`, `x_H` | `low`, `high` | USD/PH/day | hashprice at which a running lot stops, an idle one starts |
//! | K | `switching_cost_usd_per_ph` | USD per PH/s | cost of stopping and starting once, `K_off` + `K_on` |
//! | sigma | `volatility_per_sqrt_day` | 1/sqrt(day) | volatility of hashprice |
//! | h | [`band_half_width`] | 1 | half of the band, in logarithms |
//!
//! The rules:
//! - **naive**: on iff x >= lambda.
//! - **adaptive**: on iff `x_e` >= lambda.
//! - **option**: a running lot stays on iff x >= `x_L`, an idle one starts iff x >= `x_H`, with `x_L = lambda e^-h`,
//!   `x_H = lambda e^h`, **`h = (3 sigma^2 K / (4 lambda))^(1/3)`**; or with the exact thresholds
//!   ([`exact_thresholds`]); or with the margins of a population file ([`margin_thresholds`]).
//! - **aware** of the next retarget: a running lot below break-even (x < lambda)
//!   - that expects relief (x' >= lambda) stays on iff the loss until then does not exceed the cost of a stop and a start: (lambda - x) tau <= K;
//!   - that expects none (x' < lambda) stays on iff x' >= `x_L`.
//!
//!   An idle lot starts iff x >= `x_H`, or x' >= `x_H` and x >= lambda.
//!
//! **Deviation.** The model's text has for the aware rule "stay on iff x' >= lambda and (lambda - x) tau <= K; else stay on iff x' >= `x_L`". There
//! the first condition implies the second, since `x_L` <= lambda: the loss of waiting would never be decisive. In the reading above it is. Without a
//! retarget ahead (tau = 0, x' = x) this is the option rule.
//!
//! **Known error.** The cube-root law is the leading term for small K. Against the exact thresholds at r = 20 %/year,
//! mu = 0, sigma = 3.5 %, lambda = 31 and K from 100 to 1000, both of its thresholds are 0.3 to 1.7 % too low
//! (tested: within 3 %).
//! Both assume that hashprice is a geometric Brownian motion, without retargets or halvings.
//!
//! **Sources.** Dixit, "Entry and exit decisions under uncertainty", JPE 97 (1989) 620-638: the four equations.
//! Dixit, "Analytical approximations in models of hysteresis", RES 58 (1991) 141-151: the cube-root law.
//! Dixit and Pindyck, *Investment under Uncertainty* (1994), chapters 6 and 7.

mod exact;

pub use exact::{NoThresholds, exact_thresholds};

use crate::{
    declare::{Key, Params, ReadKeys},
    mechanism::operate::params::{OperationParams, Thresholds},
    units::{Days, Hashprice, Seconds},
};

/// Blocks at the target spacing by which an epoch's pace so far is shrunk: those of a day.
const PRIOR_BLOCKS: f64 = 144.0;

/// Information on the market when lots decide: the same frozen view for all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Spot hashprice.
    pub x: Hashprice,
    /// Moving average of hashprice.
    pub x_smooth: Hashprice,
    /// Hashprice expected after the next retarget; spot hashprice if difficulty changes with every block.
    pub x_next: Hashprice,
    /// Time until the next retarget; zero if difficulty changes with every block.
    pub days_to_retarget: Days,
}

/// The value whose move can change a lot's decision. It decides which lots are asked when the market moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Spot hashprice.
    Spot,
    /// The moving average of hashprice; both thresholds are equal.
    Smooth,
    /// Spot hashprice and that expected after the next retarget.
    Retarget,
}

/// Declares the decision rules: for each its meaning, the variant, its name in `[class.NAME.rules]`, the usual share of lots that follow it, and the
/// signal that it watches. The keys of a class, their docs and defaults follow.
macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $rule:ident $name:literal $usual:literal watches $signal:ident,)+) => {
        /// Decision rule of a lot.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Rule {
            $($(#[doc = $doc])+ $rule,)+
        }

        impl Rule {
            /// All rules, in the order in which their shares are drawn from.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$rule),+];

            /// The usual share of each rule, in words.
            pub const USUAL: &str = concat!(
                "the usual share where no rule is written (", $($name, " ", stringify!($usual), ", ",)+ "1 in all), else 0"
            );

            /// The name in a scenario.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$rule => $name,)+
                }
            }

            /// The meaning.
            #[must_use]
            pub fn doc(self) -> &'static str {
                match self {
                    $(Self::$rule => concat!($($doc),+).trim_start(),)+
                }
            }

            /// The share of lots that follow it in a class that names no rule.
            #[must_use]
            pub const fn usual(self) -> f64 {
                match self {
                    $(Self::$rule => $usual,)+
                }
            }

            /// The signal that it watches.
            #[must_use]
            pub const fn watches(self) -> Signal {
                match self {
                    $(Self::$rule => Signal::$signal,)+
                }
            }
        }
    };
}

rules! {
    /// Share of lots that run while hashprice covers the avoidable cost.
    Naive "naive" 0.15 watches Spot,
    /// Share that does the same with smoothed hashprice.
    Adaptive "adaptive" 0.15 watches Smooth,
    /// Share that waits within a band around it (real option).
    Option "option" 0.40 watches Spot,
    /// Share that waits for the next retarget too.
    Aware "aware" 0.30 watches Retarget,
}

impl Rule {
    /// The thresholds at which lots with this avoidable cost stop and start; `band` finds those of a band of inaction.
    ///
    /// # Errors
    /// Where `band` finds none.
    pub fn thresholds<E>(
        self,
        lambda: Hashprice,
        band: impl FnOnce() -> Result<(Hashprice, Hashprice), E>,
    ) -> Result<(Hashprice, Hashprice), E> {
        match self {
            Self::Naive | Self::Adaptive => Ok((lambda, lambda)),
            Self::Option | Self::Aware => band(),
        }
    }

    /// Whether its thresholds are those of a band of inaction, which depend on the switching cost.
    #[must_use]
    pub fn has_band(self) -> bool {
        self.thresholds(Hashprice::ZERO, || Err(())).is_err()
    }
}

/// Shares of lots by decision rule; they add up to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RuleMix([f64; Rule::ALL.len()]);

impl RuleMix {
    /// The usual shares.
    #[must_use]
    pub fn usual() -> Self {
        Rule::ALL.into_iter().map(|rule| (rule, rule.usual())).collect()
    }

    /// The share of a rule.
    #[must_use]
    pub fn share(&self, rule: Rule) -> f64 {
        self.0[rule as usize]
    }

    /// The rule of a lot, by a uniform draw. Where rounding leaves the sum below the draw, it is the last rule with a share.
    #[must_use]
    pub fn draw(&self, uniform: f64) -> Rule {
        let mut edge = 0.0;
        let mut last = Rule::ALL[0];
        for rule in Rule::ALL.into_iter().filter(|&rule| self.share(rule) > 0.0) {
            edge += self.share(rule);
            last = rule;
            if uniform < edge {
                break;
            }
        }
        last
    }
}

impl FromIterator<(Rule, f64)> for RuleMix {
    /// The mix of these shares; no lot follows the other rules.
    fn from_iter<I: IntoIterator<Item = (Rule, f64)>>(shares: I) -> Self {
        let mut mix = Self([0.0; Rule::ALL.len()]);
        for (rule, share) in shares {
            mix.0[rule as usize] = share;
        }
        mix
    }
}

impl Params for RuleMix {
    type Given = ();

    fn read_with<K: ReadKeys>(keys: &mut K, (): ()) -> Self {
        let before = keys.problems();
        let any = Rule::ALL.into_iter().any(|rule| keys.is_written(rule.name()));
        let read = |rule: Rule| {
            let key = Key::new(rule.name(), rule.doc()).source("section 7.4, A").derived(Rule::USUAL).within(0.0, 1.0);
            (rule, keys.number_or(key, if any { 0.0 } else { rule.usual() }))
        };
        let mix: Self = Rule::ALL.into_iter().map(read).collect();
        if keys.problems() == before {
            let shares = Rule::ALL.map(|rule| (mix.share(rule), rule.name().to_owned()));
            let what = format!("the rules of `{}`", keys.name());
            keys.must_add_up(&what, &shares, "a rule's share is the fraction of the class's lots that follow it");
        }
        mix
    }
}

/// Whether a lot that is `running` (or not) wants to run from now on. `low` and `high` are its thresholds, with
/// low <= lambda <= high for the aware rule; the naive and the adaptive rule do without them.
#[must_use]
pub fn wants_to_run(
    rule: Rule,
    running: bool,
    lambda: Hashprice,
    low: Hashprice,
    high: Hashprice,
    switching_cost_usd_per_ph: f64,
    view: &View,
) -> bool {
    let &View { x, x_smooth, x_next, days_to_retarget } = view;
    match (rule, running) {
        (Rule::Naive, _) => x >= lambda,
        (Rule::Adaptive, _) => x_smooth >= lambda,
        (Rule::Option, true) => x >= low,
        (Rule::Option, false) => x >= high,
        (Rule::Aware, true) if x >= lambda => true,
        (Rule::Aware, true) if x_next >= lambda => {
            (lambda - x).get() * days_to_retarget.get() <= switching_cost_usd_per_ph
        }
        (Rule::Aware, true) => x_next >= low,
        (Rule::Aware, false) => x >= high || (x_next >= high && x >= lambda),
    }
}

/// The thresholds (`x_L`, `x_H`) of the option and the aware rule, computed as the operation's parameters specify. K is split equally between
/// stopping and starting; the margin of a restart raises `x_H`.
///
/// # Errors
/// Those of [`exact_thresholds`]; the formula has none.
pub fn thresholds(
    lambda: Hashprice,
    switching_cost_usd_per_ph: f64,
    operation: &OperationParams,
) -> Result<(Hashprice, Hashprice), NoThresholds> {
    let volatility_per_sqrt_day = operation.hashprice_volatility_per_sqrt_day;
    let (low, high) = match operation.thresholds {
        Thresholds::Formula => formula_thresholds(lambda, switching_cost_usd_per_ph, volatility_per_sqrt_day),
        Thresholds::Exact => exact_thresholds(
            lambda,
            volatility_per_sqrt_day,
            operation.discount_per_year,
            operation.drift_per_year,
            switching_cost_usd_per_ph / 2.0,
            switching_cost_usd_per_ph / 2.0,
        )?,
    };
    Ok((low, high * libm::exp(operation.restart_margin)))
}

/// (`x_L`, `x_H`) by the cube-root law.
#[must_use]
pub fn formula_thresholds(
    lambda: Hashprice,
    switching_cost_usd_per_ph: f64,
    volatility_per_sqrt_day: f64,
) -> (Hashprice, Hashprice) {
    let h = band_half_width(volatility_per_sqrt_day, switching_cost_usd_per_ph, lambda);
    (lambda * libm::exp(-h), lambda * libm::exp(h))
}

/// (`x_L`, `x_H`) of a population file's row: off below `k (1 + shutdown_margin)`, on from `k (1 + restart_margin)`.
#[must_use]
pub fn margin_thresholds(cost: Hashprice, shutdown_margin: f64, restart_margin: f64) -> (Hashprice, Hashprice) {
    (cost * (1.0 + shutdown_margin), cost * (1.0 + restart_margin))
}

/// h, half the width of the band in logarithms of hashprice: the cube-root law. Zero for a lot whose running costs nothing: it never stops.
#[must_use]
pub fn band_half_width(volatility_per_sqrt_day: f64, switching_cost_usd_per_ph: f64, lambda: Hashprice) -> f64 {
    if lambda <= Hashprice::ZERO {
        return 0.0;
    }
    let variance = volatility_per_sqrt_day * volatility_per_sqrt_day;
    libm::cbrt(0.75 * variance * switching_cost_usd_per_ph / lambda.get())
}

/// `x_e`: the moving average after hashprice was `x` for a while, `x + (x_e - x) 2^(-elapsed / half_life)`. Exact while x is constant, so that it
/// does not depend on the division of time into steps. A half-life of zero has no memory.
#[must_use]
pub fn smoothed(before: Hashprice, x: Hashprice, elapsed: Days, half_life: Days) -> Hashprice {
    if half_life <= Days::ZERO {
        return x;
    }
    x + (before - x) * libm::exp2(-(elapsed / half_life))
}

/// phi: expected ratio of the next difficulty to this one, from the epoch's `blocks` in `elapsed`: their pace `rho = spacing blocks / elapsed`,
/// shrunk towards 1 by a day's blocks at the target spacing, `(B rho + 144) / (B + 144)`. It is 1 while nothing is known.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "an epoch has few blocks")]
pub fn expected_retarget(blocks: u64, elapsed: Seconds, target_spacing: Seconds) -> f64 {
    if elapsed <= Seconds::ZERO {
        return 1.0;
    }
    let blocks = blocks as f64;
    let pace = target_spacing * blocks / elapsed;
    (blocks * pace + PRIOR_BLOCKS) / (blocks + PRIOR_BLOCKS)
}

#[cfg(test)]
mod tests;
