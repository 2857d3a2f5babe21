//! Delivery of machines on order, with numbers worked out by hand.

use crate::{
    investing::classes,
    network::{Records, close, drawn, machine, one_class, run, shock, varied},
};
use shakeout::{
    hardware::{Lag, OrderLaw},
    mechanism::{
        growth::{
            instalments::Instalments,
            params::{ModelRef, Offer, OrderRule, Orders, OrdersParams, Pace},
        },
        treasury::params::TreasuryPolicy,
    },
    random::{Purpose, stream},
    scenario::Scenario,
    units::{Days, Seconds},
    world::ClassParams,
};

pub const MONTH: f64 = 365.25 / 12.0;

/// Two firms, a of 300 EH/s and b of 100, with machines of 20 J/TH at 5 c/kWh (24 USD/PH/day) at a hashprice of 48.
pub fn two_firms() -> Scenario {
    let class = |name: &str, share| ClassParams { name: name.to_owned(), share, ..one_class() };
    let mut scenario =
        drawn(vec![class("a", 0.75), class("b", 0.25)], vec![machine("m", 20.0, 1.0, false)], 400.0, 48.0);
    scenario.run.days = Days::new(60.0);
    scenario
}

pub fn order(scenario: &mut Scenario, pace: Pace, classes: &[&str]) {
    let classes = classes.iter().map(|&class| class.to_owned()).collect();
    scenario.growth.orders =
        Some(Orders::Outstanding(OrdersParams { model: ModelRef::Fleet(0), pace, classes, instalments: None }));
}

/// Orders that follow from revenue, of the machine of the fleet.
fn rule() -> OrderRule {
    let forever = Seconds::new(f64::INFINITY);
    let offer = Offer { model: ModelRef::Fleet(0), from: Seconds::ZERO, until: forever, price_usd_per_th: None };
    OrderRule {
        offers: vec![offer],
        law: OrderLaw::default(),
        memory: Days::new(20.0),
        lag: Days::new(90.0),
        on_order_eh: Some(0.0),
        price_usd_per_th: None,
        reserve_buffers: 1.5,
    }
}

fn following(rule: OrderRule) -> Scenario {
    let mut scenario = two_firms();
    scenario.growth.orders = Some(Orders::Rule(rule));
    scenario
}

/// The orders of all firms are those of the law, computed here from the days' installed hashrate and hashprice: 400 EH/s of 20 J/TH draw 8 GW,
/// and 48 USD/PH/day earn 10 c/kWh. Machines are whole, and a firm's order of a day is of the hashrate of that day, hence the tolerance of 1 %.
#[test]
fn orders_of_all_firms_are_those_of_the_law() {
    for shocked in [None, Some(0.6), Some(1.8)] {
        let mut scenario = following(rule());
        if let Some(factor) = shocked {
            shock(&mut scenario, 10.0, factor);
        }
        let records = run(&scenario);
        let ln_cents = |hashprice: f64| libm::log(100.0 * hashprice / (24.0 * 20.0));
        let mut earned = ln_cents(48.0);
        let mut law = 0.0;
        for day in &records.days {
            let installed = day.hashrate_eh_per_s + day.idle_hashrate_eh_per_s;
            earned += (ln_cents(day.hashprice_usd_per_ph_day) - earned) * (1.0 - libm::exp(-1.0 / 20.0));
            let size = libm::pow(installed * 20.0 / 1000.0 / 5.0, -0.4);
            law += 2.0 * size / (1.0 + libm::exp(-(earned - libm::log(24.5)) / 0.6)) * installed / 365.25;
        }
        let ordered: f64 = records.days.iter().map(|day| day.ordered_eh_per_s).sum();
        assert!(law > 10.0, "{law} EH/s");
        close("EH/s ordered", ordered, law, 0.01);
    }
}

/// Without new orders, 40 EH/s on order at the start are delivered as two stages of 45 days empty: 40 - 60/e by day 45, three quarters at a.
#[test]
fn machines_on_order_pass_two_stages() {
    let law = OrderLaw { growth_max_per_year: 0.0, ..OrderLaw::default() };
    let records = run(&following(OrderRule { law, on_order_eh: Some(40.0), ..rule() }));
    let come = 40.0 - 60.0 / std::f64::consts::E;
    // The day of delivery stands for half a day before and after it.
    let around = f64::midpoint(records.days[44].hashrate_eh_per_s, records.days[45].hashrate_eh_per_s);
    close("EH/s by day 45", around, 400.0 + come, 2e-4);
    close("a", records.firm("a-1").running_eh / records.firm("b-1").running_eh, 3.0, 1e-3);
}

/// The only firm has 100 EH/s at 24 USD/PH/day, cash for two months, of which it keeps one and a half, and sells no coins: after its first bill of
/// 2.4 million USD, 0.5 x 73.05 - 2.4 = 34.125 million pay for 170 machines of 200 TH/s at 10^3 USD/TH, where the law wants 724. At 10^-9 USD/TH it
/// orders as if outside capital paid until its cash is down to the reserve, after 15 days; at 10^9 nothing.
#[test]
fn firms_order_what_they_can_pay() {
    let ordered = |price| {
        let class = ClassParams { cash_months: 2.0, ..one_class() };
        let mut scenario = drawn(vec![class], vec![machine("m", 20.0, 1.0, false)], 100.0, 48.0);
        scenario.run.days = Days::new(60.0);
        scenario.growth.orders = Some(Orders::Rule(OrderRule { price_usd_per_th: price, ..rule() }));
        run(&scenario).days.iter().map(|day| day.ordered_eh_per_s).collect::<Vec<f64>>()
    };
    let all = ordered(None);
    assert!(all[0] > 0.05, "{} EH/s", all[0]);
    assert_eq!(ordered(Some(1e9)), vec![0.0; 60]);
    let cheap = ordered(Some(1e-9));
    assert_eq!((&cheap[..15], cheap[16]), (&all[..15], 0.0));
    close("EH/s at the law", all[0], 724.0 * 200e-6, 1e-9);
    close("EH/s that can be paid", ordered(Some(1e3))[0], 170.0 * 200e-6, 1e-9);
}

/// 40 EH/s in the first month arrive evenly, three quarters at a. A firm's day stands for half a day before and half a day after, so at
/// the beginning of day d, (d + 1/2)/30.4375 of them have arrived. Machines are whole: each firm may wait for one of 200 TH/s.
#[test]
fn a_schedule_comes_by_size_on_time() {
    let mut scenario = two_firms();
    order(&mut scenario, Pace::Schedule(vec![40.0]), &[]);
    let records = run(&scenario);
    for (day, record) in records.days.iter().enumerate() {
        let day = f64::from(u32::try_from(day).expect("few days"));
        let come = 40.0 * ((day + 0.5) / MONTH).min(1.0);
        close(&format!("EH/s on day {day}"), record.hashrate_eh_per_s, 400.0 + come, 2e-6);
        close("on order", record.on_order_eh_per_s + 1.0, 41.0 - come, 1e-3);
    }
    close("a", records.firm("a-1").running_eh, 330.0, 2e-6);
    close("b", records.firm("b-1").running_eh, 110.0, 4e-6);
    let delivered: f64 = records.days.iter().map(|day| day.delivered_eh_per_s).sum();
    close("delivered", delivered, 40.0, 1e-4);
    close("delivered_share", records.metric("delivered_share"), 0.1, 1e-4);
}

/// Growth of 7 % an epoch was 2 EH/s a day; with a lag of 28 days it continues for 28 days, to 456 EH/s. Only b ordered.
#[test]
fn a_trend_goes_on_for_as_long_as_orders_take() {
    let mut scenario = two_firms();
    let lag = Lag { median: Days::new(28.0), log_sd: 0.0 };
    order(&mut scenario, Pace::Trend { growth_per_epoch: 0.07, standard_error: 0.0, lag }, &["b"]);
    let records = run(&scenario);
    for (day, record) in records.days.iter().enumerate() {
        let day = f64::from(u32::try_from(day).expect("few days"));
        close("EH/s", record.hashrate_eh_per_s, 400.0 + 2.0 * (day + 0.5).min(28.0), 1e-6);
    }
    close("a", records.firm("a-1").running_eh, 300.0, 1e-6);
    close("b", records.firm("b-1").running_eh, 156.0, 4e-6);
}

/// Paid orders are delivered during a crash. At a hashprice of 19 no machine runs and idle machines accumulate; at 48 all run.
#[test]
fn orders_come_through_a_crash() {
    let mut scenario = two_firms();
    order(&mut scenario, Pace::Schedule(vec![40.0]), &[]);
    shock(&mut scenario, 5.0, 0.4);
    shock(&mut scenario, 40.0, 2.5);
    let records = run(&scenario);
    assert_eq!(records.days[20].hashrate_eh_per_s, 0.0);
    close("idle on day 39", records.days[39].idle_hashrate_eh_per_s, 440.0, 1e-5);
    close("at the end", records.days[59].hashrate_eh_per_s, 440.0, 1e-5);
}

/// A dormant firm, which settles every day and sells all it mines, still receives its orders.
#[test]
fn dormant_firms_receive_their_orders() {
    let mut scenario = two_firms();
    for class in classes(&mut scenario) {
        class.treasury = TreasuryPolicy::All;
    }
    order(&mut scenario, Pace::Schedule(vec![40.0]), &[]);
    close("at the end", run(&scenario).days[59].hashrate_eh_per_s, 440.0, 2e-6);
}

/// With all frictions, monthly settlement and failures of firms the books of machines balance at every step, and deliveries equal
/// the orders up to fractions of machines.
#[test]
fn orders_of_a_varied_network_balance() {
    let mut scenario = varied();
    let lag = Lag { median: Days::new(60.0), log_sd: 0.4 };
    order(&mut scenario, Pace::Trend { growth_per_epoch: 0.05, standard_error: 0.0, lag }, &[]);
    let ordered = 0.05 * 1000.0 / 14.0 * lag.mean().get();
    let records = run(&scenario);
    let delivered: f64 = records.days.iter().map(|day| day.delivered_eh_per_s).sum();
    close("delivered", delivered, ordered, 0.01);
    assert!(records.when("delivery", "public-1").len() >= 5, "{:?}", records.when("delivery", "public-1"));
    let sixty = records.days.iter().position(|day| day.on_order_eh_per_s < ordered / 2.0).expect("half comes");
    assert!((28..40).contains(&sixty), "half had come after {sixty} days");
}

/// A schedule of 1 EH/s a day from day 30.4375 on, in which b has a quarter, at 50 USD/TH with 60 % paid before the start and the rest 30 days before shipment.
fn on_instalments() -> Scenario {
    let mut scenario = two_firms();
    order(&mut scenario, Pace::Schedule(vec![0.0, MONTH]), &[]);
    let Some(Orders::Outstanding(orders)) = &mut scenario.growth.orders else { panic!("nothing is on order") };
    orders.instalments = Some(Instalments {
        price_usd_per_th: 50.0,
        signing_share: 0.25,
        middle_share: 0.35,
        middle: Days::new(183.0),
        last: Days::new(30.0),
        classes: vec!["b".to_owned()],
    });
    scenario
}

fn without_instalments(scenario: &mut Scenario) {
    let Some(Orders::Outstanding(orders)) = &mut scenario.growth.orders else { panic!("nothing is on order") };
    orders.instalments = None;
}

/// A day's machines of b cost 0.25 · 50 million = 12.5 million USD, of which 40 %, 5 million, are due. They begin on day 0.4375: 5 · 0.5625 = 2.8125 million on
/// day 1, 5 million on each day to day 30, and on day 31 the rest: 30.4375 · 5 million = 152,187,500 in all. All 0.25 · 30.4375 EH/s come. The firm a has paid before.
#[test]
fn instalments_are_paid_before_machines_come() {
    let with = on_instalments();
    let mut without = with.clone();
    without_instalments(&mut without);
    let (with, without) = (run(&with), run(&without));
    let owed = |name: &str| without.firm(name).cash - with.firm(name).cash;
    assert!((owed("b-1") - 152_187_500.0).abs() < 0.005, "{}", owed("b-1"));
    assert!(owed("a-1").abs() < 0.005, "{}", owed("a-1"));
    close("machines of b", with.firm("b-1").installed_eh, without.firm("b-1").installed_eh, 1e-9);
    assert_eq!(with.when("order_cancelled", "b-1"), Vec::<f64>::new());
}

/// b has 10 million USD. It earns 4.8 million in coins a day and pays bills of 2.4 million. With instalments of 2.8125 and then 5 million a day it has, in cash and
/// coins, 9.5875 million after day 1, and 2.6 million less after each further day: 6.9875, 4.3875, 1.7875. On day 5 cash and coins are 6.5875 million: the bills
/// are paid, and 4.1875 are less than 5. So 2.8125 + 3 · 5 = 17,812,500 USD are paid. What is shipped from day 4 + 30 on, 30.4375 - 3.5625 = 26.875 days of 0.25 EH/s, is cancelled, with the 60 % of its price that was paid:
/// 0.6 · 50 · 6.71875 million = 201,562,500 USD.
#[test]
fn a_missed_instalment_loses_the_deposit_and_the_machines() {
    let mut scenario = on_instalments();
    classes(&mut scenario)[1].cash_months = 10e6 / (2.4e6 * MONTH);
    scenario.run.days = Days::new(10.0);
    let records = run(&scenario);
    let lost: Vec<_> = records.events.iter().filter(|event| event.kind == "order_cancelled").collect();
    let [lost] = lost[..] else { panic!("cancelled once") };
    assert_eq!((lost.firm.as_str(), lost.day), ("b-1", 5.0));
    assert!((lost.usd - 201_562_500.0).abs() < 0.005, "{} USD are lost", lost.usd);
    close("EH/s", lost.eh, 6.718_75, 1e-9);
    let coin_usd = scenario.price.path(Seconds::ZERO, stream(1, 0, Purpose::Price, 0)).at(Seconds::ZERO).get();
    let owns = |records: &Records| {
        let b = records.firm("b-1");
        b.cash + b.coins as f64 / 1e8 * coin_usd
    };
    let mut paid_before = scenario.clone();
    without_instalments(&mut paid_before);
    // Coins are whole satoshi, worth a hundredth of a cent each.
    let paid = owns(&run(&paid_before)) - owns(&records);
    assert!((paid - 17_812_500.0).abs() < 0.005, "{paid} USD are paid");

    // The machines that were paid in full come: 3.5625 days of 0.25 EH/s. Those of a come as before.
    scenario.run.days = Days::new(60.0);
    let records = run(&scenario);
    close("b", records.firm("b-1").installed_eh, 100.0 + 0.25 * 3.5625, 1e-5);
    close("a", records.firm("a-1").installed_eh, 300.0 + 0.75 * (60.0 - MONTH), 0.01);
    assert_eq!(records.metric("defaults"), 0.0);
}
