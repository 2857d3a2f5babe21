//! Price impact of miners' sales.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | I | [`Impact::log_price`] | 1 | ln of price over base price |
//! | q | `btc_per_day` | BTC/day | coins sold; under the square-root law, beyond those of the same seed without the shock |
//! | V | `volume_btc_per_day` | BTC/day | spot volume |
//! | `sigma_D` | `volatility_per_sqrt_day` | 1/sqrt(day) | volatility of the coin's price |
//! | Y | `y` | 1 | constant of the square-root law |
//! | c | `linear_below_share` | 1 | share of the volume below which impact is linear in q |
//! | theta | `permanent_share` | 1 | permanent share of an increment |
//! | kappa | `fall_per_btc` | 1/BTC | fall of the price per coin sold |
//!
//! - **square root**: `I_t = -Y sigma_D 1/2 sum over s <= t of g(t - s) f(q_s / V)` over the days s, with `f(r) = r / sqrt(max(|r|, c))`
//!   and `g(tau) = theta + (1 - theta) (1 + tau / day)^-1/2`. A steady sale over T days of more than c V a day then moves the price by about
//!   `Y sigma_D sqrt(Q/V)`, the square-root law for the total sold, and decays when it ends. Smaller sales move it in proportion to their size:
//!   a root has an infinite slope at zero and would magnify the randomness of blocks. The fading is kept as a sum of
//!   eight exponentials ([`MODES`]), so that a day costs the same however long the run.
//! - **linear**: a day's sale multiplies the price by `1 - kappa q`, permanently. Every coin counts, not only those beyond the paired history.
//!
//! All orders of a day are added before the law is applied: neither the seller nor the splitting of an order matters.
//!
//! **Known error.** The exponentials are within 0.4 % of the root over ten years (tested). Y, the root and its fading were measured on
//! orders that are executed within minutes to days, not on miners' programmes of weeks; sales are filled at the price before the day's own impact.
//!
//! **Sources.** Donier and Bonart, "A million metaorder analysis of market impact on the bitcoin", arXiv 1412.4503: the square
//! root. Bucci, Benzaquen, Lillo, Bouchaud, "Crossover from linear to square-root market impact", arXiv 1811.05230: linear impact of small orders.
//! Maitrier, Loeper, Bouchaud, arXiv 2502.16246: its fading.

use crate::declare::{Key, Kinds, ReadKeys, kinds};

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

/// Limit of ln P, about a factor of a thousand: beyond it no law of impact is valid.
const LARGEST: f64 = 6.9;

/// The smallest factor by which one day's linear impact can multiply the price.
const LOWEST_FACTOR: f64 = 1e-3;

kinds! {
    /// The law by which sales change the price.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub enum ImpactLaw {
        /// The price is exogenous: sales do not move it.
        none => None,
        /// A day's sale multiplies the price permanently by 1 - fall_per_btc · coins.
        linear => Linear {
            /// Relative fall of the price per coin sold.
            fall_per_btc: f64 as "1/BTC",
                within(0.0, 1.0), usual(1e-9, 0.0001, "assumed: a thousand coins a day move the price by at most a tenth");
        },
        /// The square-root law with fading: a steady sale of Q coins beyond those of the same seed without the shock moves the price by about y · volatility · sqrt(Q / volume).
        square_root => SquareRoot {
            /// Constant of the square-root law.
            y: f64 = 0.9, source("S32, R: 0.3-2"), uniform(0.3, 2.0, "S32, R"), within(0.0, 100.0), usual(0.1, 5.0, "A-43, S32: 0.3-2");
            /// Spot volume.
            volume_btc_per_day: f64 as "BTC/day", within(1.0, 1e9),
                usual(1_000.0, 5e6, "S56: volumes that exchanges report; assumed above");
            /// Volatility of the coin's price.
            volatility_per_sqrt_day: f64 as "1/sqrt(day)" = 0.035, source("D: 0.024-0.050"), uniform(0.024, 0.05, "D"), within(0.0, 10.0),
                usual(0.01, 0.1, "A-44: 0.024-0.050");
            /// Permanent share of the impact of a sale.
            permanent_share: f64 = 0.1, source("S32: 0-1"), uniform(0.0, 1.0, "S32"), within(0.0, 1.0);
            /// Daily sales, as a share of the volume, below which impact is proportional to them.
            linear_below_share: f64 = 0.001, source("S70, A: 0.0001-0.01"), log_uniform(0.0001, 0.01, "S70, assumed"), within(1e-9, 1.0),
                usual(1e-5, 0.1, "A-43: 0.0001-0.01");
        },
    }
}

/// The law, and the shock whose sales move the price.
#[derive(Clone, Debug, PartialEq)]
pub struct ImpactParams {
    /// The law of impact.
    pub law: ImpactLaw,
    /// What the paired history lacks: `price` and `event.NAME`. Empty: the path of the price and every event.
    pub shock: Vec<String>,
}

impl ImpactParams {
    /// No impact: the price is exogenous.
    pub const NONE: Self = Self { law: ImpactLaw::None, shock: Vec::new() };

    /// Reads the law and, where a history is paired with another, the shock.
    pub fn read<K: ReadKeys>(keys: &mut K) -> Self {
        let shock = |keys: &mut K, law| {
            let doc = "What the same seed is run without, to find the sales that the base price contains: `price` (the price keeps its initial \
                       level) and `event.NAME`; the price and all events if absent or empty.";
            let is_paired = matches!(law, ImpactLaw::SquareRoot { .. });
            let shock = if is_paired { keys.texts(Key::new("shock", doc).source("A-42")) } else { Vec::new() };
            Self { law, shock }
        };
        ImpactLaw::read_kind_with(keys, Some("none"), (), shock).unwrap_or(Self::NONE)
    }

    /// Whether the paired history lacks `what`: `price` or `event.NAME`.
    #[must_use]
    pub fn is_shock(&self, what: &str) -> bool {
        self.shock.is_empty() || self.shock.iter().any(|named| named == what)
    }

    /// V, BTC/day, where the law has one.
    #[must_use]
    pub const fn volume_btc_per_day(&self) -> Option<f64> {
        match self.law {
            ImpactLaw::SquareRoot { volume_btc_per_day, .. } => Some(volume_btc_per_day),
            ImpactLaw::None | ImpactLaw::Linear { .. } => None,
        }
    }
}

/// Accumulated effect of past sales on the price.
#[derive(Clone, Debug, PartialEq)]
pub struct Impact {
    law: ImpactLaw,
    /// Sum of f, decaying with each half-life.
    fading: [f64; MODES.len()],
    /// Sum of the permanent part: of f, or of ln P itself.
    lasting: f64,
}

impl Impact {
    /// The state before the first sale.
    #[must_use]
    pub const fn new(law: ImpactLaw) -> Self {
        Self { law, fading: [0.0; MODES.len()], lasting: 0.0 }
    }

    /// I: ln of price over base price.
    #[must_use]
    pub fn log_price(&self) -> f64 {
        match self.law {
            ImpactLaw::None => 0.0,
            ImpactLaw::Linear { .. } => self.lasting.clamp(-LARGEST, LARGEST),
            ImpactLaw::SquareRoot { y, volatility_per_sqrt_day, permanent_share, .. } => {
                let fading: f64 = self.fading.iter().zip(MODES).map(|(sum, (_, weight))| sum * weight).sum();
                let kept = permanent_share * self.lasting + (1.0 - permanent_share) * fading;
                (-0.5 * y * volatility_per_sqrt_day * kept).clamp(-LARGEST, LARGEST)
            }
        }
    }

    /// Price over base price; exactly 1 if sales have no impact.
    #[must_use]
    pub fn factor(&self) -> f64 {
        if self.law == ImpactLaw::None { 1.0 } else { libm::exp(self.log_price()) }
    }

    /// Records the sale of `btc_per_day` coins a day over `days`: all of them under the linear law, those beyond the paired history under
    /// the square-root law.
    pub fn sell(&mut self, btc_per_day: f64, days: f64) {
        match self.law {
            ImpactLaw::None => {}
            ImpactLaw::Linear { fall_per_btc } => {
                self.lasting += libm::log((1.0 - fall_per_btc * btc_per_day * days).max(LOWEST_FACTOR));
            }
            ImpactLaw::SquareRoot { volume_btc_per_day, linear_below_share, .. } => {
                let share = btc_per_day / volume_btc_per_day;
                let moved = share / share.abs().max(linear_below_share).sqrt() * days;
                for (sum, (half_life, _)) in self.fading.iter_mut().zip(MODES) {
                    *sum = *sum * libm::exp2(-days / half_life) + moved;
                }
                self.lasting += moved;
            }
        }
    }
}

#[cfg(test)]
mod tests;
