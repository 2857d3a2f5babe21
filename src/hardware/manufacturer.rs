//! Manufacturers: monthly capacity and list price.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | C | [`Manufacturers::capacity_eh_per_month`] | EH/s/month | capacity, `max(share H, floor)` |
//! | H | `installed_eh` | EH/s | installed hashrate of the network |
//! | u | `load` | 1 | orders of the last month over C, at most 1 |
//! | p | [`Manufacturers::list_price`] | USD/TH | list price of a machine |
//! | V | `value` | USD/TH | value of a machine to the marginal buyer, who must build a place for it |
//! | m | `markup` | 1 | asked share of V: from idle to full capacity |
//! | b | `build_cost_usd_per_kw` | USD/kW | cost of building a machine, by the power it draws |
//!
//! `p = max(b e / 1000, V (m_idle + (m_full - m_idle) u))`
//!
//! The marginal buyer determines the quantity sold. The price follows the value, as it did from 119 to 16 USD/TH between May 2021 and December 2022, but is never below cost.
//! Cost is proportional to power because boards, cases, power supplies and fans are: 1 TH/s at e J/TH draws e W.
//!
//! **Known error.** One price for all buyers, no deposits, no discounts for size. The cost of building is bounded by prices, not known. It is the
//! only dollar figure that ties a generation's price to its efficiency, so it determines how low free entry can push hashprice.
//!
//! **Sources.** Capacity: the largest growth of four epochs was 153 EH/s (2025) and 35 % (2019, 2021). Prices: hashrateindex.com,
//! newsbreak, k33.

use crate::{
    declare::{Usual, params},
    units::Efficiency,
};

/// Usual shares.
const SHARE: Usual = Usual { low: 0.005, high: 2.0, source: "A-48: 0.03-0.12 a month; 0.5-1.2 of a machine's value" };

params! {
    /// All manufacturers together.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Manufacturers {
        /// Most that manufacturers build in a month, as a share of installed hashrate.
        share_per_month: f64 => manufacturer_share_per_month = 0.08, source("D: 0.03-0.12"), uniform(0.03, 0.12, "D"),
            within(0.0, 100.0), usually(SHARE);
        /// Share of a machine's value that manufacturers ask while their lines stand idle.
        idle_markup: f64 => manufacturer_markup_idle = 0.7, source("A: 0.5-1"), within(0.0, 100.0), usually(SHARE);
        /// The same while their lines are full.
        full_markup: f64 => manufacturer_markup_full = 1.0, source("A: 0.7-1.2"), within(0.0, 100.0), usually(SHARE);
        /// What manufacturers can build in a month in any case.
        floor_eh_per_month: f64 => manufacturer_floor_eh_per_month as "EH/s" = 40.0, source("D: 10-80"), uniform(10.0, 80.0, "D"),
            within(0.0, 1e9), usual(0.01, 300.0, "A-48: 10-80");
        /// Cost of building a machine, by the power it draws; no machine is sold below.
        build_cost_usd_per_kw: f64 => manufacturer_cost_usd_per_kw as "USD/kW" = 1000.0, source("D: 500-1700"), uniform(500.0, 1700.0, "D, S9"),
            within(0.0, 1e6), usual(200.0, 4000.0, "A-49: 500-1700");
    }
}
impl Manufacturers {
    /// C at an installed hashrate, EH/s per month.
    #[must_use]
    pub fn capacity_eh_per_month(&self, installed_eh: f64) -> f64 {
        (self.share_per_month * installed_eh).max(self.floor_eh_per_month)
    }

    /// Cost of building a machine, USD/TH.
    #[must_use]
    pub fn cost_usd_per_th(&self, efficiency: Efficiency) -> f64 {
        self.build_cost_usd_per_kw * efficiency.get() / 1000.0
    }

    /// p, USD/TH: list price of a machine worth `value_usd_per_th` at capacity use `load`.
    #[must_use]
    pub fn list_price(&self, efficiency: Efficiency, value_usd_per_th: f64, load: f64) -> f64 {
        let cost = self.cost_usd_per_th(efficiency);
        let markup = self.idle_markup + (self.full_markup - self.idle_markup) * load.clamp(0.0, 1.0);
        cost.max(markup * value_usd_per_th)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAKERS: Manufacturers = Manufacturers {
        share_per_month: 0.08,
        floor_eh_per_month: 40.0,
        idle_markup: 0.7,
        full_markup: 1.0,
        build_cost_usd_per_kw: 400.0,
    };

    #[test]
    fn capacity_is_a_share_of_the_network_or_the_floor() {
        for (installed, capacity) in [(1000.0, 80.0), (100.0, 40.0)] {
            assert!((MAKERS.capacity_eh_per_month(installed) - capacity).abs() < 1e-12);
        }
    }

    /// A machine of 17.5 J/TH costs 7 USD/TH to build. At a value of 20 it is sold for 14 at idle capacity and for 20 at full capacity; at a value of 8, for 7.
    #[test]
    fn price_follows_value_and_load_but_not_below_cost() {
        let ask = |value, load| MAKERS.list_price(Efficiency::new(17.5), value, load);
        for (value, load, price) in
            [(20.0, 0.0, 14.0), (20.0, 1.0, 20.0), (20.0, 7.0, 20.0), (20.0, 0.5, 17.0), (8.0, 0.0, 7.0)]
        {
            assert!((ask(value, load) - price).abs() < 1e-12, "worth {value} at load {load}: {}", ask(value, load));
        }
    }
}
