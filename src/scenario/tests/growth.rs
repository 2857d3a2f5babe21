use super::example::{GOOD, bad, good};
use crate::{
    hardware::Lag,
    mechanism::growth::params::{Invest, ModelRef, Offer, Orders, Pace},
    units::{Days, Seconds},
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
    let outstanding = |orders: Option<Orders>| match orders {
        Some(Orders::Outstanding(orders)) => orders,
        other => panic!("{other:?}"),
    };
    let orders = outstanding(good(&with(trend)).scenario.growth.orders);
    assert_eq!(orders.model, ModelRef::Fleet(0));
    let lag = Lag { median: Days::new(90.0), log_sd: 0.4 };
    assert_eq!(orders.pace, Pace::Trend { growth_per_epoch: 0.03, standard_error: 0.0, lag });

    let schedule =
        "[orders.schedule]\nmachine = \"Antminer S15 (28Th)\"\neh_per_s_per_month = [1.5, 2]\nclasses = [\"home\"]";
    let growth = good(&with(schedule)).scenario.growth;
    let orders = outstanding(growth.orders);
    assert_eq!((orders.model, orders.classes), (ModelRef::Coming(0), vec!["home".to_owned()]));
    assert_eq!(growth.models[0].name, "Antminer S15 (28Th)");
    assert_eq!(orders.pace, Pace::Schedule(vec![1.5, 2.0]));
    assert_eq!(good(GOOD).scenario.growth.orders, None);
}

/// From September 2018 on the S9i, the S15 of December 2018 and the S17 of May 2019 were the best on sale, each from its date on.
#[test]
fn a_rule_buys_the_best_machine_on_sale() {
    let resolved = good(&with("[orders.rule]\non_order_eh_per_s = 3").replace("days = 50", "days = 400"));
    let growth = resolved.scenario.growth;
    let Some(Orders::Rule(rule)) = growth.orders else { panic!("no rule") };
    assert_eq!(rule.on_order_eh, Some(3.0));
    assert_eq!(rule.offers[0].from, Seconds::ZERO);
    assert!(rule.offers.windows(2).all(|pair| pair[0].until == pair[1].from), "{:?}", rule.offers);
    let named = |offer: &Offer| match offer.model {
        ModelRef::Coming(model) => growth.models[model].machine.efficiency.get(),
        ModelRef::Fleet(part) => panic!("part {part} of the fleet"),
    };
    let efficiencies: Vec<f64> = rule.offers.iter().map(named).collect();
    assert!(efficiencies.windows(2).all(|pair| pair[1] < 0.97 * pair[0]), "{efficiencies:?}");
}

#[test]
fn mistakes_in_orders_are_told() {
    said("[orders.trend]\nmachine = \"s9\"", &["`orders.trend.growth_per_epoch` is missing"]);
    said("[orders.trend]\ngrowth_per_epoch = 0.03", &["`orders.trend.machine` is missing"]);
    said("[orders.trend]\nmachine = \"s8\"\ngrowth_per_epoch = 0.03", &["`s8` is not in the machine catalogue"]);
    said(
        "[orders.schedule]\nmachine = \"s9\"\nclasses = [\"pubic\"]\neh_per_s_per_month = [1]",
        &["`orders.schedule.classes` names `pubic`, which no miner has", "there are home, public"],
    );
    said("[orders.schedule]\nmachine = \"s9\"", &["`orders.schedule.eh_per_s_per_month` is missing", "a list such as"]);
    said("[orders.schedule]\nmachine = \"s9\"\neh_per_s_per_month = [-1]", &["must be at least 0"]);
}

/// Nobody moves to where mining is banned; and steps and costs that no machine has are refused before anything is counted by them.
#[test]
fn bounds_that_keep_a_run_sound() {
    let ban = "[event.ban.regional_ban]\nat = \"2018-11-01\"\nregions = [\"world\"]\nto = [\"world\"]";
    said(ban, &["machines leave `world` and go there", "name other regions"]);
    said("[region.world]\nemission_by_month_kg_per_kwh = [0.1, 0.2]", &["has 2 numbers, not 12", "January first"]);
    let queue = "[region.north]\nshare = 0.5\n[event.ban.regional_ban]\nat = \"2018-11-01\"\nregions = [\"north\"]\nqueues = true";
    said(
        queue,
        &[
            "`event.ban.regional_ban.queues` has machines wait for places that nobody brings",
            "add `[orders]` or `[invest]`",
        ],
    );
    said(
        "[invest.payback]\nmachine = \"s9\"\nfrontier_step_months = 1e-9",
        &["`invest.payback.frontier_step_months`", "0.1"],
    );
    said("[ageing]\ndrift_step_days = 1e-18", &["`ageing.drift_step_days`", "0.01"]);
    said("[orders.schedule]\nmachine = \"s9\"\neh_per_s_per_month = [1e6]", &["10000"]);
}

#[test]
fn what_is_on_sale_is_the_machine_its_followers_and_those_of_events() {
    let text = "[invest.payback]\nmachine = \"own\"\nprice_usd_per_th = 20\nfrontier_step_months = 3\n\n\
                [event.leap.new_generation]\nat = \"2018-11-01\"\nhashrate_th_per_s = 50\nefficiency_j_per_th = 40\nprice_usd_per_th = 90";
    let growth = good(&with(text)).scenario.growth;
    let Invest::Payback(params) = growth.invest else { panic!("{:?}", growth.invest) };
    let from: Vec<f64> = params.offers.iter().map(|offer| Days::from(offer.from).get()).collect();
    // Three months are 91.3 days; the event is on day 42 of the run of 180.
    assert_eq!(from.len(), 3, "{from:?}");
    assert!((from[1] - 42.0).abs() < 1e-9 && (from[2] - 91.3125).abs() < 1e-9, "{from:?}");
    let prices: Vec<Option<f64>> = params.offers.iter().map(|offer| offer.price_usd_per_th).collect();
    assert_eq!(prices, [Some(20.0), Some(90.0), None]);
    let names: Vec<&str> = growth.models.iter().map(|model| model.name.as_str()).collect();
    assert_eq!(names, ["own +1", "leap"]);
    // 20 % a year over a quarter of a year from 60 J/TH.
    assert!((growth.models[0].machine.efficiency.get() - 60.0 * 0.8_f64.sqrt().sqrt()).abs() < 0.05);
    assert_eq!(good(GOOD).scenario.growth.invest, Invest::None);
}

#[test]
fn mistakes_in_investment_and_wear_are_told() {
    said("[invest.payback]", &["`invest.payback.machine` is missing"]);
    said(
        "[invest.payback]\nmachine = \"s9\"\nsite_months_least = 13",
        &["`invest.payback.site_months_least` is above `invest.payback.site_months_most`", "above 12"],
    );
    let on_credit = "[invest.payback]\nmachine = \"s9\"\n[invest.payback.loan]";
    said(on_credit, &["`invest.payback.loan` lends on machines that no market values", "write `[rigs.reduced]`"]);
    said(
        &format!("[rigs.auction]\n{on_credit}\nloan_to_value = 1.2\ncall_ltv = 2\nliquidation_ltv = 3"),
        &["`invest.payback.loan.loan_to_value` is not below 1", "a buyer pays a part of the price himself"],
    );
    let barrier = "[invest.barrier]\nmachine = \"s9\"\ndecline_per_year = 0.2\ndiscount_per_year = 0.1\n\
                   growth_per_year = 0.1\nvolatility_per_year = 0.5\ncost_usd_per_ph = 1000";
    said(barrier, &["`invest.barrier.growth_per_year` is not below the discount rate", "there is no barrier"]);
    said(
        "[ageing.model.s8]\nfailures_per_year = 0.2",
        &["`ageing.model.s8` names no part of the fleet", "there are s9, own"],
    );
    said(
        "[event.ai.other_use]\nat = \"2018-11-01\"\nclasses = [\"pubic\"]",
        &["`event.ai.other_use.classes` names `pubic`"],
    );
}

#[test]
fn wear_is_off_until_it_is_written() {
    assert_eq!(good(GOOD).scenario.ageing, None);
    let ageing = good(&with("[ageing]\n[ageing.model.own]\nfailures_per_year = 0.25")).scenario.ageing;
    let ageing = ageing.expect("wear");
    let year = Days::new(365.0);
    assert!(ageing.failure("own", year) > 0.2 && ageing.failure("s9", year) < 0.05);
}
