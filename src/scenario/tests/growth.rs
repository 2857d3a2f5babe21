use super::example::{GOOD, bad, good};
use crate::{
    hardware::Lag,
    miner::{ModelRef, Pace},
    units::Days,
};

/// The example with a piece added at its end.
fn with(more: &str) -> String {
    format!("{GOOD}\n{more}")
}

/// The messages and helps of a scenario that cannot be read.
#[track_caller]
fn said(more: &str, wanted: &[&str]) {
    let problems = bad(&with(more)).render(false, 200);
    for part in wanted {
        assert!(problems.contains(part), "`{part}` is not said:\n{problems}");
    }
}

#[test]
fn orders_name_a_part_of_the_fleet_or_a_machine() {
    let trend = "[orders.trend]\nmachine = \"s9\"\ngrowth_per_epoch = 0.03";
    let orders = good(&with(trend)).scenario.growth.orders.expect("orders");
    assert_eq!(orders.model, ModelRef::Fleet(0));
    let lag = Lag { median: Days::new(90.0), log_sd: 0.4 };
    assert_eq!(orders.pace, Pace::Trend { growth_per_epoch: 0.03, lag });

    let schedule =
        "[orders.schedule]\nmachine = \"Antminer S15 (28Th)\"\neh_per_s_per_month = [1.5, 2]\nclasses = [\"home\"]";
    let growth = good(&with(schedule)).scenario.growth;
    let orders = growth.orders.expect("orders");
    assert_eq!((orders.model, orders.classes), (ModelRef::Coming(0), vec!["home".to_owned()]));
    assert_eq!(growth.models[0].name, "Antminer S15 (28Th)");
    assert_eq!(orders.pace, Pace::Schedule(vec![1.5, 2.0]));
    assert_eq!(good(GOOD).scenario.growth.orders, None);
}

#[test]
fn mistakes_in_orders_are_told() {
    said("[orders.trend]\nmachine = \"s9\"", &["`orders.trend.growth_per_epoch` is missing"]);
    said("[orders.trend]\ngrowth_per_epoch = 0.03", &["`orders.trend.machine` is missing"]);
    said("[orders.trend]\nmachine = \"s8\"\ngrowth_per_epoch = 0.03", &["`s8` is not in the machine catalogue"]);
    said(
        "[orders.schedule]\nmachine = \"s9\"\nclasses = [\"pubic\"]\neh_per_s_per_month = [1]",
        &["`orders.schedule.classes` names `pubic`, which no miner has", "there are public, home"],
    );
    said("[orders.schedule]\nmachine = \"s9\"", &["`orders.schedule.eh_per_s_per_month` is missing", "a list such as"]);
    said("[orders.schedule]\nmachine = \"s9\"\neh_per_s_per_month = [-1]", &["must be at least 0"]);
}
