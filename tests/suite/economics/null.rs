//! Test 1, null: where nothing happens, sales have no impact.
//!
//! **Formula.** At a flat price and without a shock, q equals the flow of the paired history, so I = 0 and nothing is attributed. Close to nothing, after a fall
//! of the price by 0.1 %, the mean of |I| stays below 0.05 %: a law whose slope at zero is infinite magnifies the randomness of blocks.
//!
//! **Source.** Finding F1 of the referee: a law of the root of sold less expected coins lowered a flat price by 0.36 % in the median, as much as a price that fell
//! by 40 %. **Tolerance.** None for the first; 0.05 % for the second.

use super::{courses, mean, shipped};

#[test]
fn a_flat_price_without_a_shock_is_not_moved() {
    for course in courses(&shipped("cushion", &["event.fall.enabled=false"]), 2) {
        assert!(course.days.iter().any(|day| day.sold_voluntary.get() + day.sold_forced.get() > 0), "coins are sold");
        assert!(course.days.iter().all(|day| day.price_impact == 0.0 && day.paired_price_usd == Some(day.price_usd)));
        for metric in
            ["price_impact_worst", "price_impact_attributable", "price_fall_attributable_share", "excess_sold_btc"]
        {
            assert_eq!(course.metric(metric), 0.0, "{metric}");
        }
    }
}

#[test]
fn a_fall_of_nearly_nothing_has_nearly_no_impact() {
    let small = shipped("cushion", &["event.fall.price_shock.factor=0.999"]);
    let impact =
        mean(courses(&small, 2).iter().map(|course| mean(course.days.iter().map(|day| day.price_impact.abs()))));
    assert!(impact > 0.0 && impact < 5e-4, "mean impact {impact}");
}
