//! Test 9, leverage: failures grow faster than debt and than the fall of the price, and coin loans have a cliff.
//!
//! **Formulas.** With f the share of hashrate that defaults, f(0) + f(2 m) ≥ 2 f(m) in debt and in the fall. A loan on coins at a loan-to-value ratio of 0.55 that is
//! foreclosed above 0.85 survives a fall of the price by less than 1 − 0.55/0.85 = 35 %: after −30 % lenders sell about nothing, after −40 % more than ten days of issuance.
//!
//! An open market for stock lowers failures, by debt and by fall, and the forced sales of coins that a longer crisis brings; one that is never open changes nothing.
//!
//! **Sources.** Referee's test 9; the ratios of two listed miners were 0.53 and 0.61 at the end of September 2025. **Tolerance.** None.

use super::{courses, mean, shipped};

/// Mean share of hashrate that defaults in the year.
fn defaulted(sets: &[&str]) -> f64 {
    let scenario = shipped("cushion", &[&["impact=none", "class.miners.cash_months=2"], sets].concat());
    mean(courses(&scenario, 2).iter().map(|course| course.metric("defaulted_hashrate_share")))
}

#[test]
fn failures_are_convex_in_debt_and_in_the_fall() {
    let by_debt = ["0", "10", "20"].map(|debt| {
        let key = format!("class.miners.debt_usd_per_th={debt}");
        defaulted(&[&key, "event.fall.price_shock.factor=0.7"])
    });
    let by_fall =
        ["0.95", "0.725", "0.5"].map(|factor| defaulted(&[&format!("event.fall.price_shock.factor={factor}")]));
    for [none, half, full] in [by_debt, by_fall] {
        assert!(none + full >= 2.0 * half && full > none, "{by_debt:?} by debt, {by_fall:?} by fall");
    }
}

#[test]
fn coin_loans_are_sold_beyond_a_cliff() {
    let sold_days = |factor: &str| {
        let scenario = shipped(
            "cushion",
            &[
                "impact=none",
                "class.miners.treasury_days=60",
                "class.miners.debt_usd_per_th=1.6",
                "class.miners.loan.coins.coins.share=1",
                "class.miners.loan.coins.coins.repayment=bullet",
                "class.miners.loan.coins.coins.term_months=60",
                "class.miners.loan.coins.coins.call_ltv=0.85",
                // Power is cheap, so that nobody fails for another reason, and there is no cash yet with which to answer a call.
                "class.miners.power_price_usd_per_kwh=0.02",
                "class.miners.cash_months=0",
                "event.fall.price_shock.at=2025-10-02",
                &format!("event.fall.price_shock.factor={factor}"),
            ],
        );
        mean(courses(&scenario, 2).iter().map(|course| {
            course.metric("collateral_liquidated_btc") / (course.metric("mined_btc") / course.days.len() as f64)
        }))
    };
    let (less, more) = (sold_days("0.7"), sold_days("0.6"));
    assert!(less < 0.1 && more > 10.0, "{less} and {more} days of issuance");
}

#[test]
fn an_open_market_for_stock_lowers_failures_and_one_that_is_shut_changes_nothing() {
    let fallen = ["class.miners.debt_usd_per_th=20", "event.fall.price_shock.factor=0.6"];
    let with = |stock: &[&str]| defaulted(&[&fallen, stock].concat());
    let none = with(&[]);
    let open = with(&["class.miners.equity.shuts_below=0"]);
    let narrow = with(&["class.miners.equity.shuts_below=0", "class.miners.equity.share_per_month=0.005"]);
    let shut = with(&["class.miners.equity.shuts_below=2"]);
    println!(
        "hashrate in default: {none:.3} without stock, {narrow:.3} and {open:.3} with it, {shut:.3} where it is shut"
    );
    assert!(open < narrow && narrow < none, "{open}, {narrow}, {none}");
    assert!((shut - none).abs() < 1e-12, "{shut} for {none}");
}
