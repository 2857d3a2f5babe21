//! The market of machines as a weekly double auction at one price per model.
//!
//! Asks are filled from the lowest, bids from the highest, while an ask does not exceed the bid; all trades have one price, the middle between the
//! highest ask and the lowest bid that trade:
//!
//! ```text
//! Q = the largest quantity that can be traded with ask ≤ bid
//! p = (max accepted ask + min accepted bid) / 2
//! ```
//!
//! In addition to miners, there are buyers outside the network, with power at 2 to 3 c/kWh. They pay at most the value of a machine there, `p_out`,
//! and the lower the price, the more they buy:
//!
//! ```text
//! D(p) = Q0 (p / p_out)^(−2)    for p ≤ p_out, else 0
//! ```
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | Q0 | `units_at_value` | machines a week | quantity bought at full value |
//! | `p_out` | `value_usd_per_th` | USD/(TH/s) | value to outside buyers |
//!
//! The curve enters as a ladder of bids, four per halving of the price; at its lower end are scrap dealers, who take any number.
//!
//! **Known error.** The cap at `p_out` is our assumption: without it, the first of a few machines would sell at many times its value. A rung of the
//! ladder is 19 % wide, which limits the precision of prices set by outside buyers. An auction has no memory except its unsold asks.
//!
//! **Sources.** Uniform-price double auction with the midpoint: Wilson, "Incentive efficiency of double auctions", Econometrica
//! 53 (1985) 1101-1115. Outside demand and its elasticity of -2: assumed (A).

use crate::declare::params;

params! {
    /// Parameters of outside buyers and of asks.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct AuctionParams {
        /// Weekly purchases by outside buyers, when the price equals the value of a machine to them, as a share of the initial number of machines of the model.
        outside_share_per_week: f64 = 0.002, source("A: 0.0005-0.01"), log_uniform(0.0005, 0.01, "assumed"), within(0.0, 1.0),
            usual(0.0001, 0.05, "A-84: 0.0005-0.01");
        /// Weekly reduction of the ask for an unsold machine, as a share.
        ask_fall_per_week: f64 = 0.10, source("section 7.18, A"), within(0.0, 1.0), usual(0.01, 0.5, "A-84");
    }
}
/// An ask or a bid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Order {
    /// Identifier of the agent, assigned by the caller.
    pub agent: u32,
    /// Key by which equal orders are ranked.
    pub key: u64,
    /// Machines wanted or offered.
    pub units: u64,
    /// Lowest price asked, or highest price bid, USD/(TH/s).
    pub usd_per_th: f64,
    /// Machines traded.
    pub filled: u64,
}

impl Order {
    /// An order that is not filled yet.
    #[must_use]
    pub const fn new(agent: u32, key: u64, units: u64, usd_per_th: f64) -> Self {
        Self { agent, key, units, usd_per_th, filled: 0 }
    }

    const fn left(&self) -> u64 {
        self.units - self.filled
    }
}

/// Result of an auction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Clearing {
    /// Price, USD/(TH/s); `None` if nothing was traded.
    pub usd_per_th: Option<f64>,
    /// Machines traded.
    pub units: u64,
}

/// Clears one model. Sorts both sides and writes the filled quantities into the orders.
pub fn clear(asks: &mut [Order], bids: &mut [Order]) -> Clearing {
    if asks.is_empty() {
        return Clearing::default();
    }
    asks.sort_by(|a, b| a.usd_per_th.total_cmp(&b.usd_per_th).then(a.key.cmp(&b.key)));
    bids.sort_by(|a, b| b.usd_per_th.total_cmp(&a.usd_per_th).then(a.key.cmp(&b.key)));
    let (mut ask, mut bid) = (0, 0);
    let mut clearing = Clearing::default();
    while ask < asks.len() && bid < bids.len() && asks[ask].usd_per_th <= bids[bid].usd_per_th {
        let units = asks[ask].left().min(bids[bid].left());
        if units > 0 {
            asks[ask].filled += units;
            bids[bid].filled += units;
            clearing.units += units;
            clearing.usd_per_th = Some(f64::midpoint(asks[ask].usd_per_th, bids[bid].usd_per_th));
        }
        if asks[ask].left() == 0 {
            ask += 1;
        }
        if bid < bids.len() && bids[bid].left() == 0 {
            bid += 1;
        }
    }
    clearing
}

/// Transaction costs and power of a machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// Hashrate, TH/s.
    pub th: f64,
    /// Power at the meter, mW.
    pub power_mw: u64,
    /// Freight, USD.
    pub freight_usd: f64,
}

/// Maximum number of machines for a buyer: limited by its money at its own bid, and by its spare power.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
pub fn affordable(unit: &Unit, bid_usd_per_th: f64, budget_usd: f64, spare_mw: u64) -> u64 {
    let cost = unit.th * bid_usd_per_th + unit.freight_usd;
    if !(bid_usd_per_th > 0.0 && budget_usd > 0.0 && cost > 0.0) {
        return 0;
    }
    let room = spare_mw.checked_div(unit.power_mw).unwrap_or(u64::MAX);
    ((budget_usd / cost * (1.0 - 1e-12)) as u64).min(room)
}

/// Outside buyers' marginal price for a number of machines in a week: the inverse of D.
#[must_use]
pub fn inverse_demand_usd_per_th(value_usd_per_th: f64, units_at_value: f64, units: f64) -> f64 {
    if units <= units_at_value { value_usd_per_th } else { value_usd_per_th * (units_at_value / units).sqrt() }
}

/// Number of rungs per halving of the price.
const RUNGS: f64 = 4.0;

/// Appends the bids of outside buyers, and below them the bids of scrap dealers.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "machines are counted below 2^53, and `as` saturates"
)]
pub fn outside(
    bids: &mut Vec<Order>,
    value_usd_per_th: f64,
    units_at_value: f64,
    scrap_usd_per_th: f64,
    agents: [u32; 2],
) {
    let mut rung = 0.0;
    let mut taken = 0;
    loop {
        let fall = libm::exp2(-rung / RUNGS);
        let price = value_usd_per_th * fall;
        if price <= scrap_usd_per_th {
            break;
        }
        let demand = (units_at_value / (fall * fall)).min(1e15) as u64;
        if demand > taken {
            bids.push(Order::new(agents[0], u64::MAX - 1, demand - taken, price));
            taken = demand;
        }
        rung += 1.0;
    }
    bids.push(Order::new(agents[1], u64::MAX, u64::MAX / 4, scrap_usd_per_th));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn orders(given: &[(u64, f64)]) -> Vec<Order> {
        let order = |(index, &(units, price)): (usize, &(u64, f64))| {
            let agent = u32::try_from(index).expect("few");
            Order::new(agent, u64::from(agent), units, price)
        };
        given.iter().enumerate().map(order).collect()
    }

    /// By hand: of asks 2, 3, 5 and bids 6, 4, 1, one machine each, two are traded, between 3 and 4.
    #[test]
    fn by_hand() {
        let (mut asks, mut bids) = (orders(&[(1, 5.0), (1, 2.0), (1, 3.0)]), orders(&[(1, 4.0), (1, 1.0), (1, 6.0)]));
        assert_eq!(clear(&mut asks, &mut bids), Clearing { usd_per_th: Some(3.5), units: 2 });
        assert_eq!(asks.iter().map(|ask| (ask.agent, ask.filled)).collect::<Vec<_>>(), [(1, 1), (2, 1), (0, 0)]);
    }

    #[test]
    fn nobody_trades_at_a_loss() {
        assert_eq!(clear(&mut orders(&[(5, 10.0)]), &mut orders(&[(5, 9.9)])), Clearing::default());
        assert_eq!(clear(&mut orders(&[]), &mut orders(&[(5, 9.9)])), Clearing::default());
        assert_eq!(clear(&mut orders(&[(0, 1.0)]), &mut orders(&[(5, 9.9)])), Clearing::default());
    }

    /// A glut of n times the quantity that outside buyers take at full value sells at about `p_out / sqrt(n)`, to a rung of the ladder.
    #[test]
    fn a_glut_presses_the_price_by_the_root() {
        for glut in [1.0f64, 4.0, 16.0, 100.0] {
            let mut bids = Vec::new();
            outside(&mut bids, 20.0, 1000.0, 0.5, [7, 8]);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
            let offered = (1000.0 * glut) as u64;
            let mut asks = orders(&[(offered, 0.5)]);
            let clearing = clear(&mut asks, &mut bids);
            assert_eq!(clearing.units, offered);
            // The middle between scrap, the lowest ask, and the last bid.
            let last = clearing.usd_per_th.expect("all is sold") * 2.0 - 0.5;
            let root = 20.0 / glut.sqrt();
            assert!((last / root - 1.0).abs() < 0.2, "{last} for {root} at {glut}");
        }
    }

    #[test]
    fn demand_and_its_inverse_agree() {
        for units in [10.0, 1000.0, 4000.0, 1e6] {
            let price = inverse_demand_usd_per_th(20.0, 1000.0, units);
            let demand = 1000.0 / ((price / 20.0) * (price / 20.0));
            assert!((demand - f64::max(units, 1000.0)).abs() < 1e-6 * demand, "{units}: {price}");
        }
    }

    /// Machines without other bids go to scrap dealers, whatever the number.
    #[test]
    fn scrap_dealers_take_any_number() {
        let mut bids = Vec::new();
        outside(&mut bids, 0.3, 1000.0, 0.5, [7, 8]);
        let mut asks = orders(&[(1_000_000_000, 0.5)]);
        assert_eq!(clear(&mut asks, &mut bids), Clearing { usd_per_th: Some(0.5), units: 1_000_000_000 });
        assert!(bids.iter().all(|bid| bid.agent == 8), "worth no more outside than as scrap");
    }

    proptest! {
        /// T15: the price is the middle between the highest ask and the lowest bid that traded; no seller receives less than the ask, and no buyer
        /// pays more than the bid; quantities sold and bought are equal; no possible trade is left.
        #[test]
        fn t15_one_price_between_asks_and_bids(
            asks in prop::collection::vec((0u64..50, 0.0f64..100.0), 0..40),
            bids in prop::collection::vec((0u64..50, 0.0f64..100.0), 0..40),
        ) {
            let (mut asks, mut bids) = (orders(&asks), orders(&bids));
            let clearing = clear(&mut asks, &mut bids);
            let sold: u64 = asks.iter().map(|ask| ask.filled).sum();
            let bought: u64 = bids.iter().map(|bid| bid.filled).sum();
            prop_assert_eq!((sold, bought), (clearing.units, clearing.units));
            prop_assert!(asks.iter().chain(&bids).all(|order| order.filled <= order.units));
            let traded = |orders: &[Order]| -> Vec<f64> {
                orders.iter().filter(|order| order.filled > 0).map(|order| order.usd_per_th).collect()
            };
            let high_ask = traded(&asks).into_iter().fold(f64::NEG_INFINITY, f64::max);
            let low_bid = traded(&bids).into_iter().fold(f64::INFINITY, f64::min);
            prop_assert_eq!(clearing.usd_per_th.is_some(), sold > 0);
            if let Some(price) = clearing.usd_per_th {
                prop_assert!(high_ask <= price && price <= low_bid);
                prop_assert!((price - f64::midpoint(high_ask, low_bid)).abs() < 1e-12);
            }
            let open = |orders: &[Order]| -> Vec<f64> {
                orders.iter().filter(|order| order.left() > 0).map(|order| order.usd_per_th).collect()
            };
            let low_open_ask = open(&asks).into_iter().fold(f64::INFINITY, f64::min);
            let high_open_bid = open(&bids).into_iter().fold(f64::NEG_INFINITY, f64::max);
            prop_assert!(low_open_ask > high_open_bid);
        }

        /// T15: a buyer that pays its own bid for the maximum number has neither overspent nor overloaded its site; the order of bids does not
        /// matter.
        #[test]
        fn t15_no_budget_and_no_site_is_overrun(
            th in 10.0f64..400.0, power_mw in 1_000_000u64..6_000_000, freight in 0.0f64..500.0,
            bid in 0.0f64..200.0, budget in 0.0f64..1e9, spare in 0u64..1_000_000_000_000,
        ) {
            let unit = Unit { th, power_mw, freight_usd: freight };
            let units = affordable(&unit, bid, budget, spare);
            #[expect(clippy::cast_precision_loss, reason = "small")]
            let paid = units as f64 * (th * bid + freight);
            prop_assert!(paid <= budget, "{} of {}", paid, budget);
            prop_assert!(units * power_mw <= spare);
        }

        /// The sequence of asks and bids in the input does not matter.
        #[test]
        fn order_does_not_matter(
            asks in prop::collection::vec((1u64..50, 0.0f64..100.0), 1..20),
            bids in prop::collection::vec((1u64..50, 0.0f64..100.0), 1..20),
        ) {
            let (mut forward, mut backward) = (orders(&asks), orders(&asks));
            backward.reverse();
            let (mut bids, mut sdib) = (orders(&bids), orders(&bids));
            sdib.reverse();
            prop_assert_eq!(clear(&mut forward, &mut bids), clear(&mut backward, &mut sdib));
            prop_assert_eq!(forward, backward);
        }
    }
}
