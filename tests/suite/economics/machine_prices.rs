//! Prices of machines: their levels at two dates of 2022, not only their elasticities.
//!
//! ```text
//! V = integral from 0 to L of e^(-r t) E max(0, x(t) - k) dt      x a Brownian motion below a barrier that falls at a (Prat and Walter, JPE 129, 2021)
//! elasticity = ln(V_1/V_2)/ln(x_1/x_2), above 1 and rising with k/x, as of any option near its strike
//! ```
//!
//! Seen: new, middle and old machines at 101, 76 and 26.5 USD/TH at a hashprice of 244 USD/PH/day, and at 14.9, 9.9 and 4.7 at 59 a year later (Hashrate
//! Index, 2022). The buyer pays 2.5 c/kWh (A-82); the machines need 30, 50 and 88 J/TH; the barrier is that of a machine of 21.5 J/TH, the best of that
//! year, at 5 c/kWh. Nothing is fitted.
//!
//! **Where the model is wrong.** A level should be within 30 % of the one that was seen. Three of six are. Old machines at the high hashprice are
//! worth 75 % too much, and new ones at the low one 59 %: the volatility of a day, believed for three years, makes an option to run worth too much. The
//! elasticity of new machines is below 1, since at the barrier a higher hashprice is not expected to last. The test holds the values that are.

use shakeout::{
    declare::usual,
    market::{
        law::{Beliefs, Law},
        outlook::{Hurdle, Outlook},
    },
    mechanism::growth::params::Expectations,
    units::{Days, Hashprice},
};
use std::sync::Arc;

/// Hashprice, years since the first date, and the prices seen then, USD/TH: new, middle, old.
const SEEN: [(f64, f64, [f64; 3]); 2] = [(244.0, 0.0, [101.04, 76.10, 26.53]), (59.0, 1.0, [14.88, 9.92, 4.72])];
const EFFICIENCIES: [f64; 3] = [30.0, 50.0, 88.0];

/// Mean time to build a place.
const BUILDING: Days = Days::new(319.6);

/// Running cost of a PH/s, USD/day: power at the meter, and 0.5 c/kWh of operation.
fn cost(j_per_th: f64, usd_per_kwh: f64) -> Hashprice {
    Hashprice::new(24.0 * j_per_th * (1.07 * usd_per_kwh + 0.005))
}

/// The usual beliefs with this volatility, and the terms on which a machine is bought.
fn usual_law(volatility_per_sqrt_day: f64) -> (Arc<Law>, Beliefs, Hurdle) {
    let expectations: Expectations = usual();
    let beliefs = Beliefs {
        discount_per_year: expectations.discount_per_year,
        decline_per_year: expectations.decline_per_year,
        drift_per_year: expectations.drift_per_year,
        volatility_per_sqrt_day,
    };
    let hurdle = Hurdle { payback: Days::new(730.5), life: expectations.life };
    (Arc::new(Law::new(beliefs, Days::new(1460.0))), beliefs, hurdle)
}

/// Cost of a PH/s of new machines, at 1,000 USD/kW and 3 % of freight, and of its place at 450 USD/kW; and the hashprice at which both pay at 5 c/kWh.
fn entry(j_per_th: f64, (law, hurdle): (&Arc<Law>, &Hurdle)) -> (f64, Hashprice) {
    let price = 1000.0 * j_per_th * 1.03 + 450.0 * j_per_th * 1.07;
    (price, Outlook::entry_hashprice(law, price, cost(j_per_th, 0.05), BUILDING, hurdle))
}

/// A coin's daily volatility, believed for years, makes entry late: hashprice at the barrier is expected to fall fast, since it can only fall. Held
/// within 2 %: a machine of 15 J/TH pays at 157 USD/PH/day, and without volatility at 88.
#[test]
fn a_days_volatility_believed_for_years_makes_entry_late() {
    for (volatility, held) in [(0.035, 157.0), (0.024, 124.2), (0.0, 88.2)] {
        let (law, _, hurdle) = usual_law(volatility);
        let (_, entry) = entry(15.0, (&law, &hurdle));
        println!("volatility {volatility}: a machine of 15 J/TH pays at {:.1} USD/PH/day", entry.get());
        assert!((entry.get() / held - 1.0).abs() < 0.02, "{entry} for {held}");
    }
}

#[test]
fn levels_of_2022_and_their_elasticities() {
    let (law, beliefs, hurdle) = usual_law(0.035);
    let best = 21.5;
    let (price, entry) = entry(best, (&law, &hurdle));
    let at_entry =
        Outlook::at_barrier(Arc::clone(&law), entry).prospect(BUILDING, BUILDING + hurdle.life).value(cost(best, 0.05));
    assert!(
        (at_entry / price - 1.0).abs() < 1e-3,
        "at the barrier a machine is worth its cost: {at_entry} for {price}"
    );
    let of = |(x, years, _): (f64, f64, [f64; 3]), usd_per_kwh: f64| {
        let barrier = entry * libm::exp(-beliefs.decline_per_year * years);
        let outlook = Outlook { hashprice: Hashprice::new(x), ..Outlook::at_barrier(Arc::clone(&law), barrier) };
        let prospect = outlook.prospect(Days::ZERO, hurdle.life);
        EFFICIENCIES.map(|j| prospect.value(cost(j, usd_per_kwh)) / 1e3)
    };
    for power in [0.025, 0.04, 0.055] {
        println!("at {power} USD/kWh: {:.1?} and {:.1?} USD/TH", of(SEEN[0], power), of(SEEN[1], power));
    }
    let values = SEEN.map(|date| of(date, 0.025));
    let mut near = 0;
    for (value, (x, _, seen)) in values.iter().zip(SEEN) {
        for (value, seen) in value.iter().zip(seen) {
            println!("hashprice {x}: {value:.1} USD/TH for {seen}");
            near += usize::from((value / seen - 1.0).abs() < 0.3);
        }
    }
    assert_eq!(near, 3, "levels within 30 %");
    for (found, held) in values.concat().iter().zip([78.4, 66.4, 46.3, 23.7, 14.8, 4.6]) {
        assert!((found / held - 1.0).abs() < 0.04, "{found} for {held}");
    }
    let elasticity = |which: usize| libm::log(values[0][which] / values[1][which]) / libm::log(244.0 / 59.0);
    let [new, mid, old] = [0, 1, 2].map(elasticity);
    println!("elasticities {new:.2}, {mid:.2}, {old:.2}");
    assert!(new < mid && mid < old && mid > 1.0 && (new - 0.84).abs() < 0.05, "{new}, {mid}, {old}");
}
