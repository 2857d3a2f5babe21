//! Test 6, wait and see: the band of inaction, what it leaves behind after a round trip, and what waiting earns.
//!
//! **Formulas.** The half-width of the band is h = (3 K sigma^2/(8 lambda))^(1/3), so K^(1/3) sigma^(2/3) lambda^(-1/3) (Dixit, JPE 97, 1989, for small K). After hashprice has
//! fallen and returned, lots with lambda e^-h < x < lambda e^h that ran before are off: their share rises with K and is 0 at K = 0. On a geometric Brownian motion
//! a machine that pays K/2 for each switch earns most by the band of the true sigma.
//!
//! **Tolerances.** 1 part in a million of the exponents; none for signs. The engine books no payment for a switch (K stands for wear, staff and contracts), so what waiting
//! earns is found here, from the rule alone: 4,000 paths of three years from break-even, discounted by 20 % a year. The rule must earn within 0.5 % of the best belief.

use super::mean;
use crate::network::{along, drawn, machine, one_class, price_for, run_replica, run_unaudited};
use shakeout::{
    market::PriceProcess,
    mechanism::operate::rule::{Rule, RuleMix, formula_thresholds},
    random::{Draw, Purpose},
    units::{Days, Hashprice, UsdPerBtc},
    world::ClassParams,
};

#[test]
fn the_band_has_dixits_exponents() {
    let half_width = |k: f64, sigma: f64, lambda: f64| {
        let (low, high) = formula_thresholds(Hashprice::new(lambda), k, sigma);
        libm::log(high.get() / low.get()) / 2.0
    };
    let base = half_width(150.0, 0.035, 31.0);
    for (wide, exponent) in [
        (half_width(300.0, 0.035, 31.0), 1.0 / 3.0),
        (half_width(150.0, 0.07, 31.0), 2.0 / 3.0),
        (half_width(150.0, 0.035, 62.0), -1.0 / 3.0),
    ] {
        let found = libm::log2(wide / base);
        assert!((found - exponent).abs() < 1e-6, "{found} for {exponent}");
    }
}

/// Hashprice falls from 48 to 20 and returns within an epoch, so that difficulty is the same before and after. Ample cash, no delays.
#[test]
fn what_is_not_back_after_a_round_trip_rises_with_the_switching_cost() {
    let not_back = |k: f64| {
        let class = ClassParams {
            firms: 400,
            largest_share: 0.01,
            power_price_log_sd: 0.4,
            rules: RuleMix::from_iter([(Rule::Option, 1.0)]),
            ..one_class()
        };
        let mut scenario = drawn(vec![class], vec![machine("m", 30.0, 1.0, false)], 100.0, 48.0);
        scenario.operation.switching_cost_median_usd_per_ph = k;
        scenario.run.days = Days::new(13.0);
        along(&mut scenario, 100.0, &[(0.0, 48.0), (2.0, 48.0), (5.0, 20.0), (9.0, 48.0), (13.0, 48.0)]);
        let records = run_unaudited(&scenario);
        1.0 - records.days.last().expect("days").hashrate_eh_per_s / records.days[0].hashrate_eh_per_s
    };
    let shares = [0.0, 50.0, 150.0, 450.0].map(not_back);
    println!("not back at K = 0, 50, 150, 450: {shares:.3?}");
    assert!(shares[0].abs() < 1e-9, "{shares:?}");
    assert!(shares.windows(2).all(|pair| pair[1] > pair[0] + 0.01), "{shares:?}");
}

/// Mean discounted profit of a machine, USD per PH/s, by the band that belongs to a belief of sigma; 0 is the naive rule.
fn earned(believed: f64, k: f64) -> f64 {
    let (lambda, truth, days, paths) = (31.0, 0.035, 1095u64, 4_000u64);
    let (low, high) = formula_thresholds(Hashprice::new(lambda), k, believed);
    let draw = Draw::new(3, 0, Purpose::Price);
    let mut sum = 0.0;
    for path in 0..paths {
        let (mut x, mut runs) = (lambda, true);
        for day in 0..days {
            let discount = libm::exp(-0.2 * day as f64 / 365.0);
            let wants = if runs { x >= low.get() } else { x >= high.get() };
            sum +=
                discount * (f64::from(u8::from(wants)) * (x - lambda) - f64::from(u8::from(wants != runs)) * k / 2.0);
            runs = wants;
            x *= libm::exp(truth * draw.standard_normal(1, path * days + day) - truth * truth / 2.0);
        }
    }
    sum / paths as f64
}

#[test]
fn waiting_earns_most_near_the_true_volatility() {
    let k = 150.0;
    let beliefs = [0.0, 0.009, 0.0175, 0.035, 0.07, 0.14];
    let profits = beliefs.map(|believed| earned(believed, k));
    for (believed, profit) in beliefs.iter().zip(profits) {
        println!(
            "sigma believed {believed}: {profit:.0} USD per PH/s, {:+.1} % of the naive rule",
            100.0 * (profit / profits[0] - 1.0)
        );
    }
    let best = profits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    assert!(profits[3] >= profits[0], "{profits:?}");
    assert!(profits[3] >= best * 0.995, "{profits:?}");
    assert!(profits[5] < profits[3], "{profits:?}");
}

/// Mean gain by waiting in a network whose price is a random walk of the volatility that miners believe, at these costs of a switch and this belief, USD per PH/s and year.
fn gain_in_the_engine(k: f64, believed: f64) -> f64 {
    let class = ClassParams {
        firms: 40,
        largest_share: 0.1,
        power_price_log_sd: 0.3,
        rules: RuleMix::from_iter([(Rule::Option, 0.5), (Rule::Naive, 0.5)]),
        ..one_class()
    };
    let mut scenario = drawn(vec![class], vec![machine("m", 30.0, 1.0, false)], 100.0, 48.0);
    scenario.operation.switching_cost_median_usd_per_ph = k;
    scenario.operation.switching_cost_log_sd = 0.0;
    scenario.operation.hashprice_volatility_per_sqrt_day = believed;
    scenario.price.process = PriceProcess::Gbm {
        start: UsdPerBtc::new(price_for(48.0, 100.0)),
        drift_per_year: 0.0,
        volatility_per_year: 0.67,
    };
    scenario.run.days = Days::new(365.0);
    mean((0..12).map(|replica| run_replica(&scenario, replica).expect("runs").metric("waiting_gain_usd_per_ph_year")))
}

/// The metric of a run: nothing without a cost of switching, since both rules are then one, and on a random walk more, the dearer a switch is.
#[test]
fn what_waiting_earns_in_the_engine_rises_with_the_switching_cost() {
    let gains = [0.0, 50.0, 150.0, 450.0].map(|k| gain_in_the_engine(k, 0.035));
    println!("gain at K = 0, 50, 150, 450: {gains:.1?} USD/PH/year");
    assert!(gains[0].abs() < 1e-9, "{gains:?}");
    assert!(gains.windows(2).all(|pair| pair[1] > pair[0]), "{gains:?}");
    let [careless, anxious] = [0.002, 0.14].map(|believed| gain_in_the_engine(150.0, believed));
    println!("K = 150, belief 0.002 and 0.14: {careless:.1}, {anxious:.1}");
    assert!(
        careless < gains[2] && anxious < gains[2],
        "{careless} and {anxious} at wrong beliefs, {} at the true one",
        gains[2]
    );
}
