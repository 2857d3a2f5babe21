//! Orders of new machines that follow from revenue.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | I/K | [`OrderLaw::growth_per_year`] | 1/year | orders of all miners, as a share of installed hashrate |
//! | m | [`earned_cents`] | c/kWh | revenue per kWh of the best machine on sale, as buyers remember it |
//! | m0, w | `midpoint_cents`, `width` | c/kWh, 1 | revenue at which orders are half their largest, and width of the logistic |
//! | `g_max` | `growth_max_per_year` | 1/year | largest growth, for a network of 5 GW |
//! | P, rho | `size_exponent` | GW, 1 | power of the installed machines, and the exponent by which growth falls with it |
//!
//! `I/K = g_max (P / 5 GW)^-rho / (1 + exp(-(ln m - ln m0) / w))`
//!
//! **Sources.** `g_max`, `m0` and `w` were guessed before any run; rho was chosen with knowledge of 2016 to 2023 (chapter on rolling
//! forecasts, section 2). **Known error.** Buyers look at revenue and not at the price of machines, which follows revenue.

use crate::{
    declare::{params, usual},
    units::{Efficiency, Hashprice},
};

/// Power of the network to which the largest growth refers, GW.
const REFERENCE_GW: f64 = 5.0;

params! {
    /// The law by which orders follow revenue.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct OrderLaw {
        /// Largest growth of orders, as a share of installed hashrate, for a network that draws 5 GW.
        growth_max_per_year: f64 as "1/year" = 2.0, source("A-94: 1.4-2.8"), uniform(1.4, 2.8, "A-94"), within(0.0, 100.0), usual(0.2, 10.0, "A-94");
        /// Revenue per kWh of the best machine on sale at which orders are half their largest.
        midpoint_cents: f64 => half_at_cents_per_kwh as "c/kWh" = 24.5, source("A-94: 18-35"), uniform(18.0, 35.0, "A-94"), positive(1e6), usual(5.0, 100.0, "A-94");
        /// Width of the logistic, in logarithms of that revenue.
        width: f64 => logistic_width = 0.6, source("A-94: 0.4-0.9"), uniform(0.4, 0.9, "A-94"), positive(100.0), usual(0.1, 3.0, "A-94");
        /// Exponent by which growth falls with the power of the network.
        size_exponent: f64 = 0.4, source("A-94: 0.3-0.5"), uniform(0.3, 0.5, "A-94"), within(0.0, 3.0), usual(0.1, 1.0, "A-94");
    }
}

impl Default for OrderLaw {
    fn default() -> Self {
        usual()
    }
}

impl OrderLaw {
    /// I/K at the logarithm of m and at a network power of `installed_gw`, 1/year.
    #[must_use]
    pub fn growth_per_year(&self, ln_earned_cents: f64, installed_gw: f64) -> f64 {
        let steps = (ln_earned_cents - libm::log(self.midpoint_cents)) / self.width;
        let size = libm::pow(installed_gw / REFERENCE_GW, -self.size_exponent);
        self.growth_max_per_year * size / (1.0 + libm::exp(-steps))
    }
}

/// Revenue per kWh at a hashprice of a machine of this efficiency, c/kWh: a PH/s at e J/TH uses 24 e kWh a day.
#[must_use]
pub fn earned_cents(hashprice: Hashprice, efficiency: Efficiency) -> f64 {
    100.0 * hashprice.get() / (24.0 * efficiency.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At m0 and 5 GW orders are half of 2 a year; at 20 GW they are 4^-0.4 = 0.574 times that; far above m0 they are `g_max`.
    #[test]
    fn orders_follow_revenue_and_fall_with_size() {
        let law = OrderLaw::default();
        let middle = libm::log(24.5);
        assert!((law.growth_per_year(middle, 5.0) - 1.0).abs() < 1e-12);
        assert!((law.growth_per_year(middle, 20.0) - 0.574_349_177_498_517_5).abs() < 1e-12);
        assert!((law.growth_per_year(middle + 100.0, 5.0) - 2.0).abs() < 1e-12);
        // One width below the middle: 2 / (1 + e).
        assert!((law.growth_per_year(middle - 0.6, 5.0) - 2.0 / (1.0 + std::f64::consts::E)).abs() < 1e-12);
    }

    /// 60 USD/PH/day in a machine of 25 J/TH: 600 kWh a day earn 60 USD, 10 c each.
    #[test]
    fn revenue_of_a_kilowatt_hour_by_hand() {
        assert!((earned_cents(Hashprice::new(60.0), Efficiency::new(25.0)) - 10.0).abs() < 1e-12);
    }
}
