//! Machines forced off: how many, when, and how they restart.

use crate::network::{DAY, Records, banded, close, motley, network, restart_delays, row, rows, run, shock, varied};
use shakeout::{
    mechanism::disruption::Curtailment,
    scenario::{Scenario, Step},
    units::{Days, Seconds},
    world::MinerRow,
};

/// A hundred equal firms of 1 EH/s far above break-even, half of them in the north; no frictions.
fn hundred() -> Scenario {
    let firms = (0..100).map(|i| MinerRow {
        region: Some(if i % 2 == 0 { "north" } else { "south" }.to_owned()),
        ..row(&format!("firm {i}"), 1.0, 20.0)
    });
    let mut scenario = network(firms.collect(), 100.0, 48.0);
    scenario.run.days = Days::new(13.0);
    scenario
}

fn curtail(scenario: &mut Scenario, from: f64, days: Option<f64>, share: f64) -> &mut Curtailment {
    scenario.curtailments.push(Curtailment {
        name: format!("cut {}", scenario.curtailments.len()),
        at: Seconds::new(from * DAY),
        until: days.map(|days| Seconds::new((from + days) * DAY)),
        share,
        regions: vec![],
        classes: vec![],
    });
    scenario.curtailments.last_mut().expect("just pushed")
}

/// Daily means of running hashrate are `levels`: pairs of (days, EH/s).
#[track_caller]
fn runs_at(records: &Records, levels: &[(usize, f64)]) {
    let expected: Vec<f64> = levels.iter().flat_map(|&(days, eh)| vec![eh; days]).collect();
    let found = records.hashrates();
    assert_eq!(found.len(), expected.len());
    for (day, (found, expected)) in found.iter().zip(expected).enumerate() {
        close(&format!("EH/s on day {day}"), *found, expected, 1e-12);
    }
}

#[test]
fn exactly_the_share_goes_and_comes_back() {
    let mut scenario = hundred();
    curtail(&mut scenario, 3.0, Some(5.0), 0.45);
    let records = run(&scenario);
    runs_at(&records, &[(3, 100.0), (5, 55.0), (5, 100.0)]);
    assert_eq!((records.when("curtailment", ""), records.when("curtailment_end", "")), (vec![3.0], vec![8.0]));
}

#[test]
fn for_good_is_for_good() {
    let mut scenario = hundred();
    curtail(&mut scenario, 3.0, None, 1.0);
    runs_at(&run(&scenario), &[(3, 100.0), (10, 0.0)]);
}

/// Five days idle: a lot takes a quarter of a day to restart, which a daily step rounds to one day.
#[test]
fn machines_come_back_as_from_any_stop() {
    let mut scenario = hundred();
    scenario.operation.restart_delays = restart_delays();
    curtail(&mut scenario, 3.0, Some(5.0), 0.45);
    runs_at(&run(&scenario), &[(3, 100.0), (6, 55.0), (4, 100.0)]);
}

/// A cut at a third of a day and an end at two thirds of another split those days exactly: the wait for a block is interrupted there.
#[test]
fn decisions_at_every_block_are_cut_at_the_instant() {
    let mut scenario = hundred();
    scenario.run.step = Step::Block;
    curtail(&mut scenario, 3.25, Some(5.5), 0.45);
    runs_at(
        &run(&scenario),
        &[(3, 100.0), (1, 0.25 * 100.0 + 0.75 * 55.0), (4, 55.0), (1, 0.75 * 55.0 + 0.25 * 100.0), (4, 100.0)],
    );
}

/// All of the north is forced off, whatever the order of firms in the file.
#[test]
fn a_region_goes_alone() {
    let mut scenario = hundred();
    curtail(&mut scenario, 3.0, None, 1.0).regions = vec!["north".to_owned()];
    let stopped = |records: &Records| -> Vec<String> {
        let mut stopped: Vec<String> =
            records.events.iter().filter(|event| event.kind == "shutdown").map(|event| event.firm.clone()).collect();
        stopped.sort();
        stopped
    };
    let records = run(&scenario);
    runs_at(&records, &[(3, 100.0), (10, 50.0)]);
    assert!(stopped(&records).iter().all(|firm| firm[5..].parse::<u32>().expect("a number") % 2 == 0));
    scenario.curtailments[0].share = 0.3;
    let records = run(&scenario);
    runs_at(&records, &[(3, 100.0), (10, 85.0)]);
    rows(&mut scenario).reverse();
    assert_eq!(stopped(&records), stopped(&run(&scenario)));
}

#[test]
fn a_class_goes_alone() {
    let mut scenario = hundred();
    for miner in &mut rows(&mut scenario)[..20] {
        miner.class = "home".to_owned();
    }
    curtail(&mut scenario, 3.0, None, 0.5).classes = vec!["home".to_owned()];
    runs_at(&run(&scenario), &[(3, 100.0), (10, 90.0)]);
}

/// Half of the north, then all of it: each lot runs again when the last curtailment that holds it ends.
#[test]
fn two_at_a_time() {
    let mut scenario = hundred();
    curtail(&mut scenario, 2.0, Some(4.0), 0.5).regions = vec!["north".to_owned()];
    curtail(&mut scenario, 4.0, Some(4.0), 1.0).regions = vec!["north".to_owned()];
    runs_at(&run(&scenario), &[(2, 100.0), (2, 75.0), (4, 50.0), (5, 100.0)]);
}

/// Idle machines that are forced off do not restart at a high hashprice; the others do.
#[test]
fn idle_lots_are_kept_from_coming_back() {
    let mut scenario = hundred();
    shock(&mut scenario, 1.0, 0.4);
    shock(&mut scenario, 5.0, 2.5);
    curtail(&mut scenario, 3.0, Some(7.0), 1.0).regions = vec!["south".to_owned()];
    runs_at(&run(&scenario), &[(1, 100.0), (4, 0.0), (5, 50.0), (3, 100.0)]);
}

/// Every rule, eco modes, delays, failing firms: the books balance with machines forced off repeatedly.
#[test]
fn audited_with_every_friction() {
    for (mut scenario, firm_fails) in [(varied(), false), (motley(), true)] {
        curtail(&mut scenario, 10.0, Some(20.0), 0.45);
        curtail(&mut scenario, 15.0, Some(60.0), 0.3);
        curtail(&mut scenario, 100.0, None, 0.2);
        let records = run(&scenario);
        assert_eq!(records.when("curtailment", ""), vec![10.0, 15.0, 100.0]);
        assert!(!firm_fails || records.events.iter().any(|event| event.kind == "default"), "no firm failed");
    }
}

/// 100 EH/s that stop below `24 e^-0.3` = 17.8 run at 20 from day 2 to the end of day 7: 10^5 PH/s lose 4 USD a day each.
#[test]
fn losses_below_break_even() {
    let mut scenario = network(vec![banded("a", 100.0, 24.0, 0.3)], 100.0, 48.0);
    scenario.run.days = Days::new(7.0);
    shock(&mut scenario, 2.0, 20.0 / 48.0);
    close("loss", run(&scenario).metric("underwater_loss_usd"), 5.0 * 4.0 * 1e5, 1e-3);
}
