//! Wear of machines, and sites that go to another use, with numbers worked out by hand.

use crate::{
    growth::{MONTH, two_firms},
    investing::{ageing, classes},
    network::{DAY, close, run},
};
use shakeout::{
    mechanism::{other_use::params::OtherUse, wear::params::Ageing},
    units::{Days, Seconds},
};

/// A hazard of 3.65 a year breaks 1 - e^-0.01 of the machines in a day: without repair 400 EH/s become 400 e^(-0.01 d) after d days. With
/// repair in 30 days no machine is lost, and until the first return, the broken hashrate equals the loss of the other case.
#[test]
fn machines_break_and_are_repaired_if_that_pays() {
    let mut scenario = two_firms();
    scenario.ageing = Some(Ageing { failures_per_year: 3.65, repair_worth: 0.0, ..ageing() });
    let records = run(&scenario);
    for (day, record) in records.days.iter().enumerate() {
        let expected = 400.0 * libm::exp(-0.01 * f64::from(u32::try_from(day).expect("few")));
        close(&format!("EH/s on day {day}"), record.hashrate_eh_per_s, expected, 1e-4);
    }
    close("scrapped", records.metric("scrapped_share"), 1.0 - libm::exp(-0.59), 1e-4);

    scenario.ageing = Some(Ageing { failures_per_year: 3.65, ..ageing() });
    let records = run(&scenario);
    close("broken on day 29", records.days[29].broken_eh_per_s, 400.0 * (1.0 - libm::exp(-0.29)), 1e-3);
    close("scrapped", records.metric("scrapped_share") + 1.0, 1.0, 1e-12);
    let end = records.days.last().expect("a day");
    close("all there", end.hashrate_eh_per_s + end.broken_eh_per_s, 400.0, 1e-5);
    assert!(end.broken_eh_per_s < records.days[29].broken_eh_per_s * 1.01, "they come back");
}

/// 12 % a year in steps of 30 days: after n steps energy per hash is 20 * 1.12^(30 n / 365) J/TH. The initial age of machines is uniform
/// up to their life, at which they are scrapped: with a life of 30 days all are gone within 30 days.
#[test]
fn machines_drift_and_die() {
    let mut scenario = two_firms();
    scenario.ageing = Some(Ageing { drift_per_year: 0.12, ..ageing() });
    let records = run(&scenario);
    for (day, steps) in [(29, 0.0), (30, 1.0), (59, 1.0)] {
        let expected = 20.0 * libm::pow(1.12, 30.0 * steps / 365.0);
        close(&format!("J/TH on day {day}"), records.days[day].efficiency_j_per_th.expect("it runs"), expected, 1e-9);
    }
    scenario.ageing = Some(Ageing { life: Seconds::new(30.0 * DAY), ..ageing() });
    let records = run(&scenario);
    close("scrapped", records.metric("scrapped_share"), 1.0, 1e-12);
    assert!(records.days[0].hashrate_eh_per_s > 0.0 && records.days[31].hashrate_eh_per_s == 0.0);
}

/// A tenant pays 10 M USD/MW/year, far more than mining earns, and a hazard of a million converts at once. But tenants want 1,000 MW a
/// month and no sites below 3,000 MW: a (6,000 MW) gives the whole 1,000 MW, b (2,000 MW) is too small. After 20 days of building this power is lost
/// to mining, 50 PH/s per MW, and the rent exceeds the former earnings. At 0.4 M USD/MW/year no firm gives up 24 USD a day for 50 PH/s per MW, which is
/// 0.438 M.
#[test]
fn sites_go_to_tenants_as_fast_as_they_want_them() {
    let mut scenario = two_firms();
    for class in classes(&mut scenario) {
        class.spare_capacity_share = 0.0;
    }
    let without = run(&scenario);
    scenario.other_uses = vec![OtherUse {
        name: "ai".to_owned(),
        at: Seconds::ZERO,
        mw_per_month: 1000.0,
        usd_per_mw_year: 10e6,
        least_mw: 3000.0,
        hazard_per_year: 1e6,
        building: (Days::new(20.0), Days::new(20.0)),
        regions: vec![],
        classes: vec![],
    }];
    let records = run(&scenario);
    close("before", records.days[20].hashrate_eh_per_s, 400.0, 1e-6);
    assert!(records.days[22].hashrate_eh_per_s < 399.0, "{}", records.days[22].hashrate_eh_per_s);
    let end = records.days.last().expect("a day");
    let gone = 400.0 - end.hashrate_eh_per_s;
    close("50 PH/s a MW", gone, end.converted_mw * 0.05, 1e-3);
    close("released", records.metric("released_share") * 400.0, gone, 1e-3);
    close("b", records.firm("b-1").running_eh, 100.0, 1e-5);
    let wanted = 1000.0 * 60.0 / MONTH;
    assert!(end.converted_mw > 500.0 && end.converted_mw < wanted, "{} MW", end.converted_mw);
    assert!(end.cash.get() > without.days.last().expect("a day").cash.get(), "the rent is more than mining was");

    scenario.other_uses[0].usd_per_mw_year = 0.4e6;
    let days = run(&scenario).days;
    close("a firm that earns more by mining stays", days.last().expect("a day").hashrate_eh_per_s, 400.0, 1e-6);
}
