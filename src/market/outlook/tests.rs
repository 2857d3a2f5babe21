use super::*;
use crate::{
    market::law::Beliefs,
    random::{Draw, Purpose},
};
use proptest::prelude::*;

const HURDLE: Hurdle = Hurdle { payback: Days::new(730.0), life: Days::new(1095.0) };

fn law(decline_per_year: f64, volatility_per_sqrt_day: f64) -> Arc<Law> {
    let beliefs = Beliefs { discount_per_year: 0.2, decline_per_year, drift_per_year: 0.0, volatility_per_sqrt_day };
    Arc::new(Law::new(beliefs, Days::new(1460.0)))
}

/// Without volatility and decline hashprice stays.
fn flat(hashprice: f64) -> Outlook {
    Outlook::at_barrier(law(0.0, 0.0), Hashprice::new(hashprice))
}

/// By hand: x = 50, k = 30, no decline: 20 USD a day. In 730 days 14,600 USD; a little below it pays, a little above it does not.
#[test]
fn payback_without_decline_is_price_over_margin() {
    let outlook = flat(50.0);
    let cost = Hashprice::new(30.0);
    let earned = outlook.prospect(Days::new(90.0), Days::new(820.0)).earned(cost).plain;
    assert!((earned - 14_600.0).abs() < 1e-6, "{earned}");
    let long = Hurdle { life: Days::new(1300.0), ..HURDLE };
    let bought = outlook.purchase(Days::new(90.0), &long);
    assert!(bought.is_worth(14_599.99, cost));
    assert!(!bought.is_worth(14_600.01, cost));
    let at_once = outlook.purchase(Days::ZERO, &HURDLE);
    assert!(!at_once.is_worth(1.0, Hashprice::new(50.0)), "no margin, no payback at any price");
}

/// Discounted at 20 % a year for three years, 20 USD a day are worth 20 * 365 * (1 - e^-0.6)/0.2 = 16,468 USD.
#[test]
fn value_without_decline_is_an_annuity() {
    let value = flat(50.0).prospect(Days::ZERO, HURDLE.life).value(Hashprice::new(30.0));
    assert!((value - 20.0 * 365.0 * 0.451_188_363_905_973_6 / 0.2).abs() < 1e-6, "{value}");
}

/// The reward falls to (1.5625 + 0.1)/(3.125 + 0.1) of its value; with a supply elasticity of 0.45, 1/1.45 of that fall remains in hashprice.
#[test]
fn a_halving_ahead_takes_its_share() {
    let (s, f) = (Sats::from_btc(3.125), Sats::from_btc(0.1));
    assert!((left_by_halving(s, f, 1.0) - 1.6625 / 3.225).abs() < 1e-12);
    assert!((left_by_halving(s, f, 1.0 / 1.45) - 0.633_2).abs() < 1e-4);
    assert!((left_by_halving(Sats::ZERO, Sats::ZERO, 1.0) - 1.0).abs() < 1e-15);
    let mut ahead = flat(60.0);
    ahead.halvings[0] = (Days::new(100.0), 0.5);
    // 40 USD a day for 100 days, 10 for the other 630.
    let earned = ahead.prospect(Days::ZERO, Days::new(730.0)).earned(Hashprice::new(20.0)).plain;
    assert!((earned / 10_300.0 - 1.0).abs() < 2e-3, "{earned}");
}

/// Known error of halvings, against paths: at the barrier, a year before a halving that leaves 0.65 of hashprice, the income of the two years after
/// it is overstated by 46 %; with hashprice at 40 % of the barrier, by 11 %.
#[test]
fn income_after_a_halving_is_overstated_near_the_barrier() {
    let (sigma, a, cost) = (0.035, 0.23, 20.0);
    let after = |x: f64| {
        let mut outlook =
            Outlook { hashprice: Hashprice::new(x), ..Outlook::at_barrier(law(a, sigma), Hashprice::new(100.0)) };
        outlook.halvings[0] = (Days::new(365.0), 0.65);
        outlook.prospect(Days::new(365.0), Days::new(1095.0)).earned(Hashprice::new(cost)).plain
    };
    let draw = Draw::new(1, 0, Purpose::Price);
    let by_paths = |x: f64| {
        let (paths, steps, dt) = (4000u64, 73u64, 15.0);
        let mut sum = 0.0;
        for path in 0..paths {
            let mut r = -libm::log(x / 100.0);
            for step in 0..steps {
                let at = 2 * (path * steps + step);
                let up = sigma * libm::sqrt(dt) * draw.standard_normal(1, at) - (sigma * sigma / 2.0 - a / 365.0) * dt;
                let root = libm::sqrt(up * up - 2.0 * sigma * sigma * dt * libm::log(draw.uniform(2, at)));
                let top = f64::midpoint(up, root);
                r = (r - up).max(top - up);
                let day = dt * (f64::from(u32::try_from(step).expect("few")) + 1.0);
                if (day - 360.0).abs() < 1e-9 {
                    r -= libm::log(0.65);
                }
                if day > 365.0 {
                    sum += dt * (100.0 * libm::exp(-a * day / 365.0 - r) - cost).max(0.0);
                }
            }
        }
        sum / 4000.0
    };
    let (at, far) = (after(100.0) / by_paths(100.0), after(40.0) / by_paths(40.0));
    assert!((at - 1.46).abs() < 0.06, "{at}");
    assert!((far - 1.11).abs() < 0.06, "{far}");
}

/// At the barrier of a machine it just pays: by value without a payback rule, which is the user cost without volatility and for a long life.
#[test]
fn entry_is_where_a_machine_just_pays() {
    let patient = Hurdle { payback: Days::new(1095.0), ..HURDLE };
    for (price, cost) in [(30_000.0, 24.0), (10_000.0, 12.0)] {
        let (law, cost) = (law(0.23, 0.035), Hashprice::new(cost));
        let entry = Outlook::entry_hashprice(&law, price, cost, Days::new(90.0), &patient);
        let value =
            Outlook::at_barrier(law, entry).prospect(Days::new(90.0), Days::new(90.0) + HURDLE.life).value(cost);
        assert!((value / price - 1.0).abs() < 1e-4, "{value} at {entry} for {price}");
    }
    // Machine and running cost that last three years at r = 0.2: 10,000 = (b - 12) * 365 (1 - e^-0.6)/0.2.
    let entry = Outlook::entry_hashprice(&law(0.0, 0.0), 10_000.0, Hashprice::new(12.0), Days::ZERO, &patient);
    assert!((entry.get() - 12.0 - 10_000.0 * 0.2 / 365.0 / 0.451_188_363_905_973_6).abs() < 1e-3, "{entry}");
}

proptest! {
    /// A higher hashprice, a lower cost, a later halving or a higher barrier never reduce the value by more than interpolation errs.
    #[test]
    fn worth_is_monotone(x in 10.0..100.0f64, k in 1.0..120.0f64, when in 1.0..900.0f64) {
        let law = law(0.23, 0.035);
        let (from, to) = (Days::new(30.0), Days::new(30.0) + HURDLE.life);
        let with = |x: f64, entry: f64, when| {
            let mut ahead = Outlook { hashprice: Hashprice::new(x), ..Outlook::at_barrier(Arc::clone(&law), Hashprice::new(entry)) };
            ahead.halvings[0] = (Days::new(when), 0.6);
            ahead.prospect(from, to)
        };
        let base = with(x, 100.0, when).value(Hashprice::new(k));
        for (better, cost) in
            [(with(x * 1.1, 110.0, when), k), (with(x, 110.0, when), k), (with(x, 100.0, when * 1.2), k), (with(x, 100.0, when), k * 0.9)]
        {
            prop_assert!(better.value(Hashprice::new(cost)) >= base - 0.02 * base - 50.0);
        }
    }
}
