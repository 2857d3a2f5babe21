//! Test 10, selection: who is left, how concentrated they are, and what a sudden stop does to the chain.
//!
//! **Formulas.** Within a class, survival by hashrate falls with the price of power and with energy per hash: Spearman's rank correlation over tenths of hashrate
//! is below −0.8, with a spread of power prices (0.15) that does not drown that of machines; with the scenario's 0.35 it is −0.84 over energy per hash in twelve replicas. For the same draw of miners, the Herfindahl-Hirschman index is higher after a longer downturn. If a share s of hashrate stops at the first
//! block of an epoch and stays off, the epoch lasts 14/(1 − s) days, difficulty then falls by s, and the chain is 14 s/(1 − s) days late: 25.5 and 11.5 days at
//! s = 0.45, as after the ban of 2021.
//!
//! **Sources.** Referee's test 10; the arithmetic of Bitcoin's retarget. **Tolerances.** As stated for ranks; for the index, in the mean over paired seeds; 0.1 % for the
//! chain, of which 0.05 % are the 2015 gaps that Bitcoin counts for 2016.

use super::{Course, courses, mean, shipped};
use crate::network::{close, network, row, run};
use shakeout::units::Days;

/// Ranks of these values, equal ones sharing the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let below = |value: f64| values.iter().filter(|&&other| other < value).count() as f64;
    let equal = |value: f64| values.iter().filter(|&&other| other == value).count() as f64;
    values.iter().map(|&value| below(value) + 0.5 * (equal(value) - 1.0)).collect()
}

/// Spearman's rank correlation with the order in which the values stand.
fn spearman(values: &[f64]) -> f64 {
    let (x, y) = (ranks(&(0..values.len()).map(|place| place as f64).collect::<Vec<_>>()), ranks(values));
    let middle = (values.len() - 1) as f64 / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum::<f64>();
    product(&x, &y) / (product(&x, &x) * product(&y, &y)).sqrt()
}

/// Mean share of hashrate whose owners go on at the end, by tenths of one order.
fn left(courses: &[Course], by: &str) -> Vec<f64> {
    let tenth = |decile: usize| {
        let rows = courses.iter().flat_map(|course| &course.survival);
        mean(rows.filter(|row| row.by == by && row.group == decile.to_string()).map(|row| row.hashrate_share))
    };
    (1..=10).map(tenth).collect()
}

#[test]
fn survival_by_hashrate_falls_with_power_price_and_with_energy_per_hash() {
    let sets = ["impact=none", "class.miners.cash_months=1", "class.miners.power_price_log_sd=0.15"];
    let courses = courses(&shipped("cushion", &sets), 12);
    for by in ["power_price_decile", "efficiency_decile"] {
        let left = left(&courses, by);
        assert!(spearman(&left) < -0.8, "{by}: {} of {left:?}", spearman(&left));
    }
}

#[test]
fn a_longer_downturn_concentrates_the_same_miners_more() {
    let hhi = |days: &str| {
        let scenario = shipped("cushion", &["impact=none", "class.miners.cash_months=1", days]);
        courses(&scenario, 4).iter().map(|course| course.metric("hhi_end")).collect::<Vec<_>>()
    };
    let (short, long) = (hhi("run.days=90"), hhi("run.days=365"));
    let more = mean(short.iter().zip(&long).map(|(short, long)| long / short - 1.0));
    assert!(more > 0.0, "{more}: {short:?} {long:?}");
}

#[test]
fn a_sudden_stop_stretches_the_epoch_and_is_relieved_by_the_retarget() {
    let share = 0.45;
    let mut scenario = network(vec![row("stays", 55.0, 10.0), row("stops", 45.0, 200.0)], 100.0, 48.0);
    scenario.run.days = Days::new(80.0);
    let records = run(&scenario);
    let epoch = records.epoch_days()[0];
    close("epoch", epoch, 14.0 / (1.0 - share), 1e-3);
    close("retarget", records.metric("worst_retarget"), -share, 2e-3);
    close("delay", records.metric("block_delay_days"), 14.0 * share / (1.0 - share), 1e-2);
}
