//! Prices of machines as a reduced form: they follow hashprice with a lag.
//!
//! ```text
//! ln p*  =  ln p_ref + ε ln(x_21d / x_ref)          target of the price
//! ln p   ←  ln p* + (ln p − ln p*) 2^(−Δt/half-life)     and never below scrap
//! ```
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | p, `p_ref` | `price`, `reference_usd_per_th` | USD/(TH/s) | price now, and at the start |
//! | epsilon | `elasticity` | 1 | of the price to hashprice, by generation |
//! | `x_21d`, `x_ref` | [`Trailing`] | USD/PH/day | mean hashprice at the ends of 21 days, which equals initial hashprice before the start; and hashprice at the start |
//!
//! **Known error.** Here the elasticity is an input and no result. Supply of machines and failures have no effect. Elasticities are two-point ratios
//! over 2022, one year of falling prices.
//!
//! **Sources.** Hashrate Index, "As ASIC prices shrunk in 2022" \[S9\]: 101.04 to 14.88, 76.10 to 9.92 and 26.53 to 4.72 USD/TH
//! while hashprice fell from 244 to 59 USD/PH/day. Lag of 2 to 4 weeks \[S10\].

use crate::{
    declare::{Key, ReadKeys, params},
    units::Hashprice,
};

/// Days over which hashprice is averaged.
const TRAILING_DAYS: usize = 21;

params! {
    /// Parameters by generation: new, mid, old.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ReducedParams {
        /// epsilon.
        elasticity: [f64; 3] => |keys, _| elasticities(keys);
        /// `p_ref`, USD/(TH/s); if absent, the value at the start to a buyer at the outside power price.
        reference_usd_per_th: [Option<f64>; 3] => |keys, _| references(keys);
        /// Half-life of the gap between the price and its target, which follows from hashprice.
        half_life_days: f64 as "d" = 14.0, source("S10: 7-35"), uniform(7.0, 35.0, "S10"), positive(3650.0),
            usual(2.0, 120.0, "A-83, S10: 7-35");
    }
}

fn elasticities(keys: &mut impl ReadKeys) -> [f64; 3] {
    [
        ("elasticity_new", "Elasticity of the price of new machines to hashprice.", 1.36),
        ("elasticity_mid", "Elasticity of the price of machines of the middle generation to hashprice.", 1.44),
        ("elasticity_old", "Elasticity of the price of old machines to hashprice.", 1.22),
    ]
    .map(|(name, doc, default)| {
        let key = Key::new(name, doc).source("D from S9: ±0.3").within(0.0, 10.0).usual(0.3, 3.0, "A-83, S9: 0.9-1.7");
        keys.number_or(key, default)
    })
}

fn references(keys: &mut impl ReadKeys) -> [Option<f64>; 3] {
    [
        (
            "price_new_usd_per_th",
            "Price of new machines at the start; without it what they are worth to a buyer outside.",
        ),
        (
            "price_mid_usd_per_th",
            "Price of the middle generation at the start; without it what they are worth to a buyer outside.",
        ),
        (
            "price_old_usd_per_th",
            "Price of old machines at the start; without it what they are worth to a buyer outside.",
        ),
    ]
    .map(|(name, doc)| {
        let key = Key::new(name, doc).unit("USD/(TH/s)").positive(1e6);
        keys.optional_number(key.usual(0.1, 200.0, "A-48, S9, S10: 15-119 new, less used"))
    })
}
/// Target of the price.
#[must_use]
pub fn target_usd_per_th(reference_usd_per_th: f64, elasticity: f64, trailing: Hashprice, start: Hashprice) -> f64 {
    reference_usd_per_th * libm::pow(trailing / start, elasticity)
}

/// The price after some days of adjustment to its target, not below scrap.
#[must_use]
pub fn adjusted_usd_per_th(price: f64, target: f64, days: f64, half_life_days: f64, scrap: f64) -> f64 {
    let left = libm::exp2(-days / half_life_days);
    (target.max(scrap) * libm::pow(price / target.max(scrap), left)).max(scrap)
}

/// The mean hashprice of the last [`TRAILING_DAYS`] days; before the start, hashprice is assumed constant.
#[derive(Clone, Debug, PartialEq)]
pub struct Trailing {
    days: [f64; TRAILING_DAYS],
    next: usize,
}

impl Trailing {
    /// The state at the start.
    #[must_use]
    pub const fn new(start: Hashprice) -> Self {
        Self { days: [start.get(); TRAILING_DAYS], next: 0 }
    }

    /// Adds a day.
    pub const fn push(&mut self, day: Hashprice) {
        self.days[self.next] = day.get();
        self.next = (self.next + 1) % TRAILING_DAYS;
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> Hashprice {
        #[expect(clippy::cast_precision_loss, reason = "21")]
        let days = TRAILING_DAYS as f64;
        Hashprice::new(self.days.iter().sum::<f64>() / days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reproduces the year from which the elasticities were derived: 101.04 to 14.88 USD/TH while hashprice fell from 244 to 59.
    #[test]
    fn the_fall_of_2022_comes_back() {
        for (reference, elasticity, seen) in [(101.04, 1.36, 14.88), (76.10, 1.44, 9.92), (26.53, 1.22, 4.72)] {
            let target = target_usd_per_th(reference, elasticity, Hashprice::new(59.0), Hashprice::new(244.0));
            assert!((target / seen - 1.0).abs() < 0.02, "{target} for {seen}");
        }
    }

    /// Half of the distance, in logarithms, after a half-life; one step and many give the same result.
    #[test]
    fn the_way_is_halved_in_a_half_life() {
        let once = adjusted_usd_per_th(100.0, 25.0, 14.0, 14.0, 0.5);
        assert!((once - 50.0).abs() < 1e-9, "{once}");
        let mut many = 100.0;
        for _ in 0..14 {
            many = adjusted_usd_per_th(many, 25.0, 1.0, 14.0, 0.5);
        }
        assert!((many - once).abs() < 1e-9, "{many}");
    }

    #[test]
    fn scrap_is_the_floor() {
        let mut price = 3.0;
        for _ in 0..100 {
            price = adjusted_usd_per_th(price, 1e-6, 7.0, 14.0, 0.5);
        }
        assert!((price - 0.5).abs() < 1e-9, "{price}");
        assert!(adjusted_usd_per_th(3.0, 0.0, 7.0, 14.0, 0.5).is_finite());
    }

    #[test]
    fn trailing_mean_forgets_after_21_days() {
        let mut trailing = Trailing::new(Hashprice::new(100.0));
        for day in 1..=21u32 {
            trailing.push(Hashprice::new(58.0));
            let mean = (f64::from(21 - day) * 100.0 + f64::from(day) * 58.0) / 21.0;
            assert!((trailing.mean().get() - mean).abs() < 1e-9);
        }
        assert!((trailing.mean().get() - 58.0).abs() < 1e-9);
    }
}
