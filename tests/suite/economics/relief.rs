//! Test 4, relief: how much of a fall of the price difficulty gives back is the elasticity of hash supply.
//!
//! **Formula.** Hash supply H = c x^e and the epoch rule D' = H(x) with x proportional to P/D. At rest ln(D/D_0) = e ln(x/x_0): of each per cent of net fall of hashprice,
//! difficulty gives e per cent. From one epoch to the next the distance of ln D from rest is multiplied by -e: it dies out below 1, is a cycle of two epochs
//! at 1, and grows above 1 until the supply curve ends.
//!
//! **Source.** The fixed point and slope of the map D' = H(P/D) (chapter on difficulty, T7). **Tolerance.** 0.02 in the elasticity and in the factor, of the steps between 1,500 lots;
//! 0.3 to 0.6 for `downturn-simple`, the referee's range: 0.45 was found between epochs of 2018 to 2022 \[S2\].

use super::{courses, mean, shipped};
use crate::network::{Records, network, row, run_unaudited, shock};
use shakeout::{
    scenario::Step,
    units::{Days, Seconds},
};

/// Lots whose costs are spread so that hashrate is 100 EH/s at 48 USD/PH/day and grows as a power of hashprice from 8 to 288; the price falls by 40 % on day 1.
fn after_the_fall(elasticity: f64) -> Records {
    let (lots, lowest, highest) = (1_500, 8.0, 288.0f64);
    let supply = |x: f64| 100.0 * libm::pow(x / 48.0, elasticity);
    let cost = |lot: i32| lowest * libm::pow(highest / lowest, f64::from(lot) / f64::from(lots));
    let lot = |number: i32| {
        let (from, to) = (cost(number), cost(number + 1));
        row(&format!("lot-{number}"), supply(to) - supply(from), libm::sqrt(from * to))
    };
    let base = row("base", supply(lowest), 1.0);
    let mut scenario = network((0..lots).map(lot).chain([base]).collect(), 100.0, 48.0);
    scenario.run.days = Days::new(170.0);
    scenario.run.step = Step::Every(Seconds::new(3600.0));
    shock(&mut scenario, 0.0, 0.6);
    run_unaudited(&scenario)
}

/// Logarithm of difficulty of each epoch over the first one's.
fn difficulties(records: &Records) -> Vec<f64> {
    let first = records.epochs[0].difficulty;
    records.epochs.iter().map(|epoch| libm::log(epoch.difficulty / first)).collect()
}

#[test]
fn relief_over_net_fall_is_the_elasticity_of_supply() {
    for elasticity in [0.3, 0.45, 0.6] {
        let records = after_the_fall(elasticity);
        let relief = difficulties(&records)[10];
        let net = libm::log(records.days.last().expect("days").hashprice_usd_per_ph_day / 48.0);
        println!("elasticity {elasticity}: relief {relief:.3} of a net fall of {net:.3}, {:.3}", relief / net);
        assert!((relief / net - elasticity).abs() < 0.02, "{} for {elasticity}", relief / net);
        // At rest e/(1 + e) of the fall of the price is given back.
        let rest = elasticity / (1.0 + elasticity) * libm::log(0.6);
        assert!((relief - rest).abs() < 0.01, "{relief} for {rest}");
    }
}

#[test]
fn the_epoch_rule_cycles_towards_one_and_diverges_above() {
    for elasticity in [0.6, 0.95, 1.2] {
        let found = difficulties(&after_the_fall(elasticity));
        let rest = elasticity / (1.0 + elasticity) * libm::log(0.6);
        let away: Vec<f64> = found[1..5].iter().map(|difficulty| difficulty - rest).collect();
        for pair in away.windows(2).take(2) {
            let factor = pair[1] / pair[0];
            println!("elasticity {elasticity}: from one epoch to the next the distance is multiplied by {factor:.3}");
            assert!((factor + elasticity).abs() < 0.06, "{factor} for {elasticity}: {away:?}");
        }
    }
}

/// In `downturn-simple` miners differ in power price, machine and rule, and the supply curve is not a power; its elasticity over the fall is in the referee's range.
#[test]
fn downturn_simple_has_an_elasticity_in_the_range() {
    let elasticity = mean(courses(&shipped("downturn-simple", &["run.days=400"]), 2).iter().map(|course| {
        let (first, last) = (&course.days[0], course.days.last().expect("days"));
        libm::log(last.hashrate_eh_per_s / first.hashrate_eh_per_s)
            / libm::log(last.hashprice_usd_per_ph_day / first.hashprice_usd_per_ph_day)
    }));
    println!("downturn-simple: {elasticity:.3}");
    assert!((0.3..0.6).contains(&elasticity), "{elasticity}");
}
