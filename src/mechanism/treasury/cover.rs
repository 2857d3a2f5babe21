//! Sources of missing cash: the pecking order.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | G | – | USD | due + buffer - cash: the shortfall, the buffer included |
//! | – | `Means::due`, `Means::buffer`, `Means::cash` | USD | bills of today, cash buffer of the firm, its cash |
//! | – | `Means::free`, `Means::most` | sat | unpledged coins, and the maximum that it may sell of them between two settlements |
//! | P | `Means::price` | USD/BTC | price of a coin |
//! | – | `Means::credit` | USD | credit it may still draw |
//! | – | `Means::stock` | USD | proceeds of the stock that it may still sell |
//! | – | `Means::machines` | USD | proceeds that its idle machines would bring |
//!
//! In this order, each as far as it goes: cash above the buffer; free coins; undrawn credit; stock; idle machines; sites; and the remaining shortfall is a
//! missed payment. Coins are sold for the bill and to restore the buffer; firms do not borrow or sell stock or machines to refill a
//! buffer, so that these sources cover the bill alone. Sites are sold whole and to a firm that wants them, not at a settlement: see the model's
//! section on consolidation.
//!
//! **Known error.** Real firms retain coins when credit is cheap, and ask shareholders first; the order is the same for all firms.
//!
//! **Source.** The order is the model's own; pecking orders of finance go back to Myers, "The capital structure puzzle", Journal of
//! Finance 39 (1984) 575–592.

use crate::units::{Sats, Usd, UsdPerBtc};

/// Means and obligations of a miner when it settles, after sales by policy.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Means {
    /// Bills that are due.
    pub due: Usd,
    /// Cash buffer.
    pub buffer: Usd,
    /// Cash.
    pub cash: Usd,
    /// Coins it may sell, satoshi.
    pub free: i64,
    /// Maximum coins that it may sell until it settles again, satoshi.
    pub most: i64,
    /// Price of a coin.
    pub price: UsdPerBtc,
    /// Credit it may draw.
    pub credit: Usd,
    /// Proceeds of the stock that it may sell.
    pub stock: Usd,
    /// Proceeds that its idle machines would bring.
    pub machines: Usd,
}

/// Amounts taken from each source.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cover {
    /// Coins sold because cash is short, satoshi.
    pub coins: i64,
    /// Credit drawn.
    pub credit: Usd,
    /// Stock sold.
    pub stock: Usd,
    /// Idle machines sold.
    pub machines: Usd,
}

/// The pecking order.
#[must_use]
pub fn cover(means: &Means) -> Cover {
    let short = means.due + means.buffer - means.cash;
    if short <= Usd::ZERO {
        return Cover::default();
    }
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and more than is held is not sold")]
    // Up to a satoshi more than needed, so that rounding leaves no bill unpaid.
    let needed = ((short.get() / means.price.get() * 1e8) as i64).saturating_add(1);
    let coins = needed.min(means.free).min(means.most).max(0);
    let missing = (means.due - means.cash - Sats::new(coins) * means.price).max(Usd::ZERO);
    let credit = missing.min(means.credit).max(Usd::ZERO);
    let stock = (missing - credit).min(means.stock).max(Usd::ZERO);
    let machines = (missing - credit - stock).min(means.machines).max(Usd::ZERO);
    Cover { coins, credit, stock, machines }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bill of 1000 USD, a buffer of 300, 200 of cash, coins at 10,000 USD.
    const MEANS: Means = Means {
        due: Usd::new(1000.0),
        buffer: Usd::new(300.0),
        cash: Usd::new(200.0),
        free: 100_000_000,
        most: i64::MAX,
        price: UsdPerBtc::new(10_000.0),
        credit: Usd::new(500.0),
        stock: Usd::new(150.0),
        machines: Usd::new(5000.0),
    };

    fn taken(coins: i64, [credit, stock, machines]: [f64; 3]) -> Cover {
        Cover { coins, credit: Usd::new(credit), stock: Usd::new(stock), machines: Usd::new(machines) }
    }

    /// 1100 USD are missing: 0.11 BTC and a satoshi. With 0.05 BTC, 300 of the bill are missing: credit. With 0.01 BTC, 700 are missing: credit of
    /// 500, stock for 150, machines for 50. No credit is drawn for the buffer.
    #[test]
    fn the_order_by_hand() {
        assert_eq!(cover(&MEANS), taken(11_000_001, [0.0; 3]));
        let coins = |free| cover(&Means { free, ..MEANS });
        assert_eq!(coins(5_000_000), taken(5_000_000, [300.0, 0.0, 0.0]));
        assert_eq!(coins(1_000_000), taken(1_000_000, [500.0, 150.0, 50.0]));
        assert_eq!(coins(2_000_000), taken(2_000_000, [500.0, 100.0, 0.0]));
        assert_eq!(coins(8_000_000), taken(8_000_000, [0.0; 3]));
        assert_eq!(cover(&Means { most: 1_000_000, ..MEANS }), coins(1_000_000));
        assert_eq!(cover(&Means { cash: Usd::new(1300.0), ..MEANS }), Cover::default());
    }

    /// Nothing is taken from an empty source, and the remaining shortfall is a missed payment of 100 USD.
    #[test]
    fn a_payment_is_missed_when_nothing_is_left() {
        let last = cover(&Means { free: 0, stock: Usd::ZERO, machines: Usd::new(200.0), ..MEANS });
        assert_eq!(last, taken(0, [500.0, 0.0, 200.0]));
        assert!(last.credit + last.machines < MEANS.due - MEANS.cash);
    }
}
