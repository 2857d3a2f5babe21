//! How much stock the market buys of a firm.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | x, x_0 | `hashprice`, `opening` | USD/PH/day | hashprice now and at the start |
//! | v | `EquityParams::value_ratio` | – | market value over four years of revenue, at the start |
//! | β | `EquityParams::beta` | – | elasticity of market value to hashprice |
//! | s | `EquityParams::share_per_month` | 1/month | stock sold in a month at most, as a share of market value |
//! | f | `EquityParams::shuts_below` | – | share of the start's value below which nothing is sold |
//!
//! Market value of a PH/s is V = v · 1461 d · x_0 · (x/x_0)^β. In d days a firm can sell s · d/30.4375 · V of stock per installed PH/s, and nothing while (x/x_0)^β < f. What it
//! does not sell in that time is not sold later.
//!
//! **Source.** v is JP Morgan's for listed miners in October 2024 \[S27\]; programmes of sales at the market bound what is sold by trading volume, here by s.
//! **Known error.** Stock is not diluted: V depends neither on stock sold before nor on debts, and all firms of a class have the same V per PH/s.

use super::params::EquityParams;
use crate::units::{Days, Hashprice, MONTH_DAYS, Usd};

/// Days of revenue that market value is compared with: four years.
const FOUR_YEARS: f64 = 1461.0;

/// Proceeds of the stock that a firm with `installed_ph` of machines can sell in some days.
#[must_use]
pub fn sellable(terms: &EquityParams, installed_ph: f64, hashprice: Hashprice, opening: Hashprice, span: Days) -> Usd {
    let moved = libm::pow(hashprice.get() / opening.get(), terms.beta);
    if moved < terms.shuts_below {
        return Usd::ZERO;
    }
    let value = terms.value_ratio * FOUR_YEARS * opening.get() * moved * installed_ph;
    Usd::new(terms.share_per_month * span.get() / MONTH_DAYS * value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: EquityParams = EquityParams { value_ratio: 2.0, beta: 1.0, share_per_month: 0.05, shuts_below: 0.5 };

    fn sold(terms: &EquityParams, hashprice: f64) -> f64 {
        sellable(terms, 100.0, Hashprice::new(hashprice), Hashprice::new(50.0), Days::new(MONTH_DAYS)).get()
    }

    /// 100 PH/s at 50 USD/PH/day earn 7,305,000 USD in 1461 days; twice that is the market value, and a twentieth of it 730,500 USD. At 30 USD/PH/day three fifths of it.
    #[test]
    fn by_hand() {
        for (hashprice, usd) in [(50.0, 730_500.0), (30.0, 438_300.0), (24.9, 0.0)] {
            assert!((sold(&TERMS, hashprice) - usd).abs() < 1e-6, "{} at {hashprice}", sold(&TERMS, hashprice));
        }
    }

    /// With an elasticity of 2 market value is 0.36 of the start's at three fifths of hashprice: shut. At four fifths it is 0.64.
    #[test]
    fn a_beta_shuts_the_market_earlier() {
        let steep = EquityParams { beta: 2.0, ..TERMS };
        assert!(sold(&steep, 30.0).abs() < 1e-9);
        assert!((sold(&steep, 40.0) - 0.64 * 730_500.0).abs() < 1e-6, "{}", sold(&steep, 40.0));
    }
}
