//! Price impact of miners' sales.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | I | [`Impact::log_price`] | 1 | ln of price over base price |
//! | q | `excess` | BTC/day | coins sold, less the expected sales |
//! | V | `volume_btc_per_day` | BTC/day | spot volume |
//! | `sigma_D` | `volatility_per_sqrt_day` | 1/sqrt(day) | volatility of the coin's price |
//! | Y | `y` | 1 | constant of the square-root law |
//! | A | `amplification` | 1 | effect of leverage and sentiment; 1 is none |
//! | theta | `permanent_share` | 1 | permanent share of an increment |
//! | kappa | `fall_per_btc` | 1/BTC | fall of the price per coin sold |
//! | M | `multiplier` | 1 | relative fall per relative sale of all coins |
//!
//! - **square root**: `I_t = -A Y sigma_D 1/2 sum over s <= t of g(t - s) sgn(q_s) sqrt(|q_s| / V)` over the days s, with
//!   `g(tau) = theta + (1 - theta) (1 + tau / day)^-1/2`. A steady sale over T days then moves the price by about
//!   `Y sigma_D sqrt(Q/V)`, the square-root law for the total sold, and decays when it ends. The root is kept as a sum of
//!   eight exponentials ([`MODES`]), so that a day costs the same however long the run.
//! - **linear**: a day's sale multiplies the price by `1 - kappa q`, permanently.
//! - **multiplier**: a day's sale changes ln P by `-M q / supply`, permanently.
//!
//! All orders of a day are added before the root is taken: neither the seller nor the splitting of an order matters. Expected sales are in the base
//! price already; the expected flow is the mean flow of the last [`EXPECTATION_DAYS`] days.
//!
//! **Known error.** The exponentials are within 0.4 % of the root over ten years (tested). Y and the fading come from
//! exchange orders of 2011 to 2014, not from miners; sales are filled at the price before the day's own impact.
//!
//! **Sources.** Donier and Bonart, "A million metaorder analysis of market impact on the bitcoin", arXiv 1412.4503: the square
//! root. Maitrier, Loeper, Bouchaud, arXiv 2502.16246: its fading. Gabaix and Koijen, NBER 28967: the multiplier.

use crate::{
    chain::subsidy::issued_through,
    declare::{Choice, Kinds, Params, ReadKeys, kinds, params},
};

/// Half-lives, days, and weights of the exponentials that stand for `(1 + tau)^-1/2`: a non-negative least-squares fit of
/// relative errors over 0 to 3653 days.
pub const MODES: [(f64, f64); 8] = [
    (0.5, 0.2343),
    (2.0, 0.3249),
    (8.0, 0.2109),
    (32.0, 0.1129),
    (128.0, 0.0569),
    (512.0, 0.0299),
    (2048.0, 0.0094),
    (8192.0, 0.0185),
];

/// Mean age of the sales from which tomorrow's sales are expected, days.
pub const EXPECTATION_DAYS: f64 = 90.0;

/// Limit of ln P, about a factor of a thousand: beyond it no law of impact is valid.
const LARGEST: f64 = 6.9;

/// The smallest factor by which one day's linear impact can multiply the price.
const LOWEST_FACTOR: f64 = 1e-3;

kinds! {
    /// The law by which sales change the price; `height` is the initial height of the chain.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub enum ImpactLaw(height: u64) {
        /// The price is exogenous: sales do not move it.
        none => None,
        /// A day's sale multiplies the price permanently by 1 - fall_per_btc · coins.
        linear => Linear {
            /// Relative fall of the price per coin sold.
            fall_per_btc: f64 as "1/BTC",
                within(0.0, 1.0), usual(1e-9, 0.0001, "assumed: a thousand coins a day move the price by at most a tenth");
        },
        /// The square-root law with fading: a steady sale of Q coins moves the price by about y · volatility · sqrt(Q / volume).
        square_root => SquareRoot {
            /// Constant of the square-root law.
            y: f64 = 0.9, source("S32, R: 0.3-2"), uniform(0.3, 2.0, "S32, R"), within(0.0, 100.0), usual(0.1, 5.0, "A-43, S32: 0.3-2");
            /// Amplification of the impact by leverage and sentiment; 1 is none.
            amplification: f64 = 1.0, source("A: 1-10"), log_uniform(1.0, 10.0, "assumed"), within(0.0, 1000.0),
                usual(0.5, 20.0, "A-43: 1-10");
            /// Spot volume.
            volume_btc_per_day: f64 as "BTC/day", within(1.0, 1e9),
                usual(1_000.0, 5e6, "S56: volumes that exchanges report; assumed above");
            /// Volatility of the coin's price.
            volatility_per_sqrt_day: f64 as "1/sqrt(day)" = 0.035, source("D: 0.024-0.050"), uniform(0.024, 0.05, "D"), within(0.0, 10.0),
                usual(0.01, 0.1, "A-44: 0.024-0.050");
            /// Permanent share of the impact of a sale.
            permanent_share: f64 = 0.1, source("S32: 0-1"), uniform(0.0, 1.0, "S32"), within(0.0, 1.0);
        },
        /// Selling a share of all coins permanently lowers the logarithm of the price by multiplier times that share.
        multiplier => Multiplier {
            /// Relative fall of the price per relative sale of all coins.
            multiplier: f64 = 5.0, source("A: 1-10"), log_uniform(1.0, 10.0, "assumed"), within(0.0, 1e4), usual(0.5, 30.0, "A-45: 1-10");
            /// Total supply of coins.
            supply_btc: f64 as "BTC" = issued_through(height).btc(), derived("the coins issued up to the start"), within(1e3, 21e6),
                usual(1e6, 2.1e7, "the schedule of subsidies");
        },
    }
}
/// The part of sales that changes the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The excess over the expected flow, or the shortfall from it.
    Excess,
    /// All sales.
    Total,
}

impl Choice for Flow {
    const CHOICES: &'static [(&'static str, Self)] = &[("excess", Self::Excess), ("total", Self::Total)];
}

params! {
    /// Law and flow; the caller has already read the law.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ImpactParams(read: ImpactLaw) {
        /// The law of impact.
        law: ImpactLaw => |_, _| read;
        /// Which sales move the price: those in excess of expected sales (the mean of 90 days), or all sales.
        flow: Flow = Flow::Excess, source("section 7.9");
    }
}

impl ImpactParams {
    /// Reads the law and the flow, which stand in one table.
    pub fn read<K: ReadKeys>(keys: &mut K, height: u64) -> Self {
        let flow = |keys: &mut K, law| if law == ImpactLaw::None { Self::NONE } else { Self::read_with(keys, law) };
        ImpactLaw::read_kind_with(keys, Some("none"), height, flow).unwrap_or(Self::NONE)
    }

    /// No impact: the price is exogenous.
    pub const NONE: Self = Self { law: ImpactLaw::None, flow: Flow::Excess };

    /// V, BTC/day, where the law has one.
    #[must_use]
    pub const fn volume_btc_per_day(&self) -> Option<f64> {
        match self.law {
            ImpactLaw::SquareRoot { volume_btc_per_day, .. } => Some(volume_btc_per_day),
            ImpactLaw::None | ImpactLaw::Linear { .. } | ImpactLaw::Multiplier { .. } => None,
        }
    }
}

/// Accumulated effect of past sales on the price.
#[derive(Clone, Debug, PartialEq)]
pub struct Impact {
    params: ImpactParams,
    /// Expected flow, BTC/day.
    expected: f64,
    /// Sum of roots, decaying with each half-life.
    fading: [f64; MODES.len()],
    /// Sum of the permanent part: of roots, or of ln P itself.
    lasting: f64,
}

impl Impact {
    /// The state before the first sale; `expected` is the usual flow, BTC/day.
    #[must_use]
    pub const fn new(params: ImpactParams, expected: f64) -> Self {
        Self { params, expected, fading: [0.0; MODES.len()], lasting: 0.0 }
    }

    /// I: ln of price over base price.
    #[must_use]
    pub fn log_price(&self) -> f64 {
        match self.params.law {
            ImpactLaw::None => 0.0,
            ImpactLaw::Linear { .. } | ImpactLaw::Multiplier { .. } => self.lasting.clamp(-LARGEST, LARGEST),
            ImpactLaw::SquareRoot { y, amplification, volatility_per_sqrt_day, permanent_share, .. } => {
                let root: f64 = self.fading.iter().zip(MODES).map(|(sum, (_, weight))| sum * weight).sum();
                let kept = permanent_share * self.lasting + (1.0 - permanent_share) * root;
                (-0.5 * amplification * y * volatility_per_sqrt_day * kept).clamp(-LARGEST, LARGEST)
            }
        }
    }

    /// Price over base price; exactly 1 if sales have no impact.
    #[must_use]
    pub fn factor(&self) -> f64 {
        if self.params.law == ImpactLaw::None { 1.0 } else { libm::exp(self.log_price()) }
    }

    /// Records the sale of `sold_btc` coins over `days`.
    pub fn sell(&mut self, sold_btc: f64, days: f64) {
        if days <= 0.0 {
            return;
        }
        let rate = sold_btc / days;
        let excess = match self.params.flow {
            Flow::Excess => rate - self.expected,
            Flow::Total => rate,
        };
        self.expected += (rate - self.expected) * (1.0 - libm::exp(-days / EXPECTATION_DAYS));
        match self.params.law {
            ImpactLaw::None => {}
            ImpactLaw::Linear { fall_per_btc } => {
                self.lasting += libm::log((1.0 - fall_per_btc * excess * days).max(LOWEST_FACTOR));
            }
            ImpactLaw::Multiplier { multiplier, supply_btc } => self.lasting -= multiplier * excess * days / supply_btc,
            ImpactLaw::SquareRoot { volume_btc_per_day, .. } => {
                let root = (excess.abs() / volume_btc_per_day).sqrt().copysign(excess) * days;
                for (sum, (half_life, _)) in self.fading.iter_mut().zip(MODES) {
                    *sum = *sum * libm::exp2(-days / half_life) + root;
                }
                self.lasting += root;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: ImpactLaw = ImpactLaw::SquareRoot {
        y: 0.9,
        amplification: 1.0,
        volume_btc_per_day: 200_000.0,
        volatility_per_sqrt_day: 0.045,
        permanent_share: 0.0,
    };

    fn after(law: ImpactLaw, sales: &[f64]) -> f64 {
        let mut impact = Impact::new(ImpactParams { law, flow: Flow::Total }, 0.0);
        for &sold in sales {
            impact.sell(sold, 1.0);
        }
        impact.log_price()
    }

    fn root_after(days: usize, rest: usize, rate: f64) -> f64 {
        after(ROOT, &[vec![rate; days], vec![0.0; rest]].concat())
    }

    #[test]
    fn exponentials_stand_for_the_root_over_ten_years() {
        for day in 0..3653 {
            let tau = f64::from(day);
            let sum: f64 = MODES.iter().map(|(half_life, weight)| weight * libm::exp2(-tau / half_life)).sum();
            let error = sum * (1.0 + tau).sqrt() - 1.0;
            assert!(error.abs() < 4e-3, "{error} at {day} d");
        }
    }

    /// T11: a steady sale over T days; factors of the closed form 2.51, 4.79, 8.78 at 10, 30, 90 days.
    #[test]
    fn t11_a_steady_sale_follows_the_closed_form() {
        for (days, factor) in [(10usize, 2.5105), (30, 4.7926), (90, 8.7830)] {
            let closed = -0.9 * 0.045 * (400.0f64 / 200_000.0).sqrt() * factor;
            let found = root_after(days, 0, 400.0);
            assert!((found / closed - 1.0).abs() < 2e-3, "{days} d: {found} against {closed}");
        }
    }

    /// T11: after a sale of T days ends, the impact decays as the sum of `(1 + j)^-1/2` over the ages j, which is about `2 (sqrt(t) - sqrt(t - T))`.
    #[test]
    fn t11_impact_fades_when_the_sale_ends() {
        let ages = |from: u32, to: u32| (from..to).map(|age| 1.0 / (1.0 + f64::from(age)).sqrt()).sum::<f64>();
        for rest in [1u32, 30, 180, 720] {
            let ratio = root_after(30, rest as usize, 400.0) / root_after(30, 0, 400.0);
            let closed = ages(rest, rest + 30) / ages(0, 30);
            assert!((ratio / closed - 1.0).abs() < 5e-3, "{rest} d: {ratio} against {closed}");
            let root = 2.0 * (f64::from(rest + 30).sqrt() - f64::from(rest).sqrt()) / ages(0, 30);
            assert!(rest < 30 || (ratio / root - 1.0).abs() < 0.02, "{rest} d: {ratio} against {root}");
        }
    }

    #[test]
    fn t11_twice_the_flow_is_a_root_of_two_more() {
        let ratio = root_after(20, 5, 800.0) / root_after(20, 5, 400.0);
        assert!((ratio - std::f64::consts::SQRT_2).abs() < 1e-12, "{ratio}");
    }

    /// Model 5.8: June 2022, 357 BTC/d above expectation for 30 d in a market of 200,000 BTC/d at 4.5 % a day: -0.8 to -0.9 %.
    #[test]
    fn june_2022_is_below_one_percent() {
        let found = root_after(30, 0, 357.0);
        assert!((-0.009..=-0.008).contains(&found), "{found}");
    }

    #[test]
    fn what_is_expected_does_not_move_the_price() {
        let mut impact = Impact::new(ImpactParams { law: ROOT, flow: Flow::Excess }, 900.0);
        for _ in 0..500 {
            impact.sell(900.0, 1.0);
        }
        assert!(impact.log_price().abs() < 1e-12, "{}", impact.log_price());
        impact.sell(1800.0, 1.0);
        assert!(impact.log_price() < -1e-4, "more than expected presses");
        // Three years at the new rate, which is then expected: the remaining impact is a small part of the total flow's impact.
        for _ in 0..1000 {
            impact.sell(1800.0, 1.0);
        }
        let total = root_after(1000, 0, 1800.0);
        assert!(impact.log_price() > 0.1 * total, "{} of {total}", impact.log_price());
    }

    #[test]
    fn linear_and_multiplier_stay() {
        let linear = after(ImpactLaw::Linear { fall_per_btc: 2e-7 }, &[1e5, 0.0, 0.0]);
        assert!((linear - libm::log(0.98)).abs() < 1e-12, "{linear}");
        let multiplier = after(ImpactLaw::Multiplier { multiplier: 5.0, supply_btc: 2e7 }, &[1e5, 1e5, 0.0]);
        assert!((multiplier + 0.05).abs() < 1e-12, "{multiplier}");
        assert!(after(ImpactLaw::Linear { fall_per_btc: 1.0 }, &[1e9]).is_finite(), "no sale makes a price of nothing");
        assert_eq!(Impact::new(ImpactParams::NONE, 5.0).factor().to_bits(), 1.0f64.to_bits());
    }

    /// theta: the part of an increment that remains after a long time.
    #[test]
    fn a_permanent_share_stays() {
        let ImpactLaw::SquareRoot { y, amplification, volume_btc_per_day, volatility_per_sqrt_day, .. } = ROOT else {
            panic!("it is")
        };
        let law = ImpactLaw::SquareRoot {
            y,
            amplification,
            volume_btc_per_day,
            volatility_per_sqrt_day,
            permanent_share: 1.0,
        };
        let days = [vec![400.0; 10], vec![0.0; 1000]].concat();
        let closed = -0.5 * 0.9 * 0.045 * (400.0f64 / 200_000.0).sqrt() * 10.0;
        assert!((after(law, &days) / closed - 1.0).abs() < 1e-12);
    }
}
