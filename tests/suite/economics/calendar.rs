//! Test 2, calendar: how often firms settle does not change the impact of what they sell.
//!
//! **Formula.** An order is executed evenly until the firm's next settlement, so a flow that is settled every 1, 7 or 30 days reaches the market at the same
//! rate, and I agrees from two intervals after the shock on. **Source.** Finding F1 of the referee: −0.18, −0.26 and −0.36 % in a market where nothing happened.
//! **Tolerance.** 10 % of the impact at daily settlement.

use super::{courses, mean, shipped};

/// Mean impact from 60 days after the fall to the end of the year, by days between settlements.
fn impacts(sets: &[&str]) -> [f64; 3] {
    ["settlement.every_days=1", "settlement.every_days=7", "settlement.every_days=30"].map(|every| {
        let scenario = shipped("cushion", &[sets, &[every]].concat());
        mean(courses(&scenario, 2).iter().map(|course| mean(course.days[91..].iter().map(|day| day.price_impact))))
    })
}

#[test]
fn impact_does_not_depend_on_how_often_firms_settle() {
    let found = impacts(&[
        "class.miners.treasury=cover",
        "class.miners.cash_months=12",
        "event.fall.price_shock.factor=0.7",
        "impact.square_root.volume_btc_per_day=20000",
    ]);
    assert!(found[0] < -1e-3, "{found:?}");
    for other in &found[1..] {
        assert!((other / found[0] - 1.0).abs() < 0.1, "{found:?}");
    }
}
