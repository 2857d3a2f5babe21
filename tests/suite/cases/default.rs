//! Firms that cannot pay: partial default, restructuring, Chapter 11, liquidation. Former errors of the program, each as a test with the correct value.

use crate::network::{Event, Records, close, run};
use shakeout::{
    scenario::{Scenario, load},
    simulation::Engine,
};
use std::{path::Path, sync::atomic::AtomicBool};

/// A case's scenario, with keys set.
fn case(name: &str, sets: &[String]) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/cases/default").join(name);
    load(&path, sets, None).unwrap_or_else(|problems| panic!("{name}: {problems}")).scenario
}

fn events<'r>(records: &'r Records, kind: &str) -> Vec<&'r Event> {
    records.events.iter().filter(|event| event.kind == kind).collect()
}

/// A cohort with a fifth of the hashrate owes 49.4 USD/PH/day, debt service included. It earns 45.4 at 60,000 USD a coin, and from day 20 on 39.3 at 52,000: 20.3 %
/// of the amounts due stay unpaid. So that share of it fails after the grace period, and again that share of the remaining members after each further period, however often it settles.
#[test]
fn the_failing_share_of_a_cohort_does_not_depend_on_how_often_it_settles() {
    for (grace, weight) in [(30, 100), (30, 1000), (15, 100), (45, 100)] {
        let lost = [1, 2, 7, 15, 30].map(|every| {
            let keys =
                [("settlement.every_days", every), ("settlement.grace_days", grace), ("class.coh.weight", weight)];
            let records = run(&case("L9_cohort.toml", &keys.map(|(key, value)| format!("{key}={value}"))));
            let first = events(&records, "default")[0].eh / events(&records, "arrears")[0].eh;
            assert!(grace != 30 || (0.2..0.25).contains(&first), "first of all, {first} of {weight} at {every} days");
            records.metric("defaulted_hashrate_share")
        });
        let (least, most) = lost.iter().fold((1.0, 0.0), |(least, most), &lost| (lost.min(least), lost.max(most)));
        assert!(most / least < 1.3 && least > 0.04, "{lost:?} of {weight} with {grace} days of grace");
    }
}

/// One of two firms cannot serve its debt, and its creditors agree to a restructuring eight times. It counts once in `replicas.csv` and in `epochs.csv`, and as one firm in a workout. Each time
/// its debt is cut by a fifth, unpaid interest included.
#[test]
fn a_firm_that_defaults_again_is_one_firm() {
    let records = run(&case("A1_restructure.toml", &[]));
    assert_eq!(events(&records, "default").len(), 8);
    assert_eq!((records.metric("defaults"), records.metric("restructured")), (1.0, 1.0));
    assert_eq!(records.epochs.iter().map(|epoch| epoch.defaults).sum::<f64>(), 1.0);
    assert_eq!((records.metric("surviving_share"), records.metric("surviving_workout_share")), (1.0, 0.5));
    let given_up: f64 = events(&records, "restructuring").iter().map(|event| event.usd).sum();
    close("given up", records.metric("lender_loss_usd"), given_up, 1e-12);
}

/// The lenders' loss includes the interest that fell due and was not paid, in a liquidation as in a restructuring. 40 USD/TH of debt at 11 % are 12.055 USD/PH/day. Of the bills of
/// the 29 days before the default, and the first, which are paid after power, a part stays unpaid; it is lost with the whole principal.
#[test]
fn the_loss_of_lenders_is_one_thing() {
    let sets = |cover: f64, cut: f64| {
        case(
            "L6_ch11_ii.toml",
            &[
                format!("distress.workout.wait_cover={cover}"),
                format!("distress.workout.principal_cut={cut}"),
                "distress.workout.liquidation_days=1".into(),
                "run.days=31".into(),
            ],
        )
    };
    let (cut, wound_up) = (run(&sets(0.0, 1.0)), run(&sets(1e6, 1.0)));
    assert_eq!((cut.metric("restructured"), wound_up.metric("liquidated")), (1.0, 1.0));
    assert!(wound_up.metric("lender_loss_usd") > 118_970_600.0 * 40.0, "more than the loan");
    close("the whole claim", cut.metric("lender_loss_usd"), wound_up.metric("lender_loss_usd"), 1e-9);
    assert_eq!(events(&wound_up, "liquidation")[0].usd, wound_up.metric("lender_loss_usd"));
}

/// `chapter11_days = 0` keeps a firm under Chapter 11 to the end of the run.
#[test]
fn without_an_end_chapter_11_lasts() {
    let records = run(&case("L7_ch11_zero.toml", &[]));
    assert_eq!(records.when("chapter11", "weak-1"), [31.0]);
    assert_eq!(records.firm("weak-1").state, "chapter11");
    assert_eq!((records.metric("chapter11"), records.metric("liquidated")), (1.0, 0.0));
    assert_eq!((records.metric("surviving_share"), records.metric("surviving_chapter11_share")), (1.0, 0.5));
    let at_the_end: Vec<_> = records.survival.iter().filter(|row| row.2 == "weak").map(|row| row.3).collect();
    assert_eq!(at_the_end.last(), Some(&1.0));
}

/// At 5.8 c/kWh machines earn 45.4 USD/PH/day, more than their running cost without take-or-pay, and less than with it: a firm that could not pay its bills under Chapter 11
/// for a day does not enter it. At 4 c it does.
#[test]
fn a_firm_that_cannot_pay_its_bills_does_not_enter_chapter_11() {
    let records = run(&case("L6_ch11_ii.toml", &[]));
    assert_eq!(
        (records.metric("defaults"), records.metric("chapter11"), records.metric("liquidated")),
        (1.0, 0.0, 1.0)
    );
    let able = run(&case("L6_ch11_ii.toml", &["class.weak.power_price_usd_per_kwh=0.04".into()]));
    assert_eq!((able.metric("chapter11"), able.metric("liquidated")), (1.0, 0.0));
    assert_eq!(able.firm("weak-1").state, "chapter11");
}

/// The price halves on day 93 and the firm loses cash. It is liquidated on the first day on which it has less than fifty days earlier. The day is found from its ledger; it does not
/// depend on a mark set fifty days after the filing. With settlements every 10 days it is checked on those.
#[test]
fn cash_under_chapter_11_is_looked_at_over_a_rolling_span() {
    for every in [1u32, 10] {
        let scenario = case("L7_burn.toml", &[format!("settlement.every_days={every}")]);
        let engine = Engine::new(&scenario, true).expect("miners").following(Some("weak-1".to_owned()));
        let mut records = Records::default();
        engine.run(0, &mut records, &AtomicBool::new(false)).expect("the books balance");
        let filed = records.when("chapter11", "weak-1")[0];
        let cash = |day: f64| {
            let mut entries = records.entries.iter().filter(|entry| entry.time.get() / 86_400.0 <= day + 1e-9);
            entries.next_back().map_or(0.0, |entry| entry.cash_usd)
        };
        let days = (1..).map(|k| filed + f64::from(k * every)).skip_while(|day| day - filed < 50.0);
        let burned = days.take_while(|&day| day < 300.0).find(|&day| {
            let then = day - (50.0 / f64::from(every)).ceil() * f64::from(every);
            cash(day) < cash(then)
        });
        // Creditors are paid, and the loss is recorded, on the last of the 20 days on which coins are sold.
        let wound_up = records.when("liquidation", "weak-1")[0] - 19.0;
        assert_eq!(burned, Some(wound_up), "settled every {every} days");
        assert!((wound_up - filed) % 50.0 != 0.0 || every != 1);
    }
}

/// Failing members, and firms that fail as a whole, take their machines with them if nobody buys them. This is not scrap, the machines no longer count as installed, and the
/// installed hashrate at the end is that of the start less theirs.
#[test]
fn machines_of_failed_firms_are_not_scrapped() {
    for name in ["L9_cohort.toml", "L6_ch11_ii.toml"] {
        let records = run(&case(name, &[]));
        assert_eq!(records.metric("scrapped_share"), 0.0);
        let gone: f64 = records.days.iter().map(|day| day.failed_eh_per_s).sum();
        let left: f64 = records.firms.iter().map(|firm| firm.installed_eh).sum();
        let there = 594.8532;
        close("installed at the end", left, there - gone, 1e-6);
        close("share", records.metric("failed_share"), gone / there, 1e-6);
        assert!(gone > 10.0);
    }
}

/// A fifth of the network fails on day 31 and is auctioned on day 35, where a miner with cash and room buys nearly all, at several times the outside buyers' price for that number. Failed
/// firms, whole or in part, with debts or without, and their creditors receive all of it except the broker's fee, and the lenders' loss is known then.
#[test]
fn creditors_receive_the_proceeds_of_the_auction() {
    let gross = |records: &Records| records.rigs.iter().map(|rig| rig.price * rig.traded_th).sum::<f64>();
    let sold = |records: &Records| events(records, "machines_sold").iter().map(|event| event.usd).sum::<f64>();
    let run = |sets: &[&str]| {
        run(&case("D2_auction_miner.toml", &sets.iter().map(|&set| set.to_owned()).collect::<Vec<_>>()))
    };
    for sets in [
        vec![],
        vec!["class.weak.debt_usd_per_th=5"],
        vec!["class.weak.weight=100"],
        vec!["class.weak.weight=100", "class.weak.debt_usd_per_th=5"],
        vec!["class.weak.weight=100", "class.weak.debt_usd_per_th=5", "settlement.every_days=10"],
    ] {
        let records = run(&sets);
        close("sellers and the broker's fee", sold(&records), 0.97 * gross(&records), 1e-9);
        close("loss to the model", records.metric("broker_gain_usd"), 0.03 * gross(&records), 1e-9);
        let told: f64 = events(&records, "liquidation").iter().map(|event| event.usd).sum();
        close("the lenders' loss", 1.0 + records.metric("lender_loss_usd"), 1.0 + told, 1e-9);
        assert!(records.days.iter().all(|day| day.lender_loss.get() >= 0.0), "no loss is taken back");
        assert_eq!(records.when("machines_sold", "weak-1"), records.when("liquidation", "weak-1"), "{sets:?}");
    }
    // The debt is 1,189.7 million USD, with 31 days of interest (11.1) and bills as without debt (107.01): the auction pays all but 440 of it.
    let (debts, bills) = (run(&["class.weak.debt_usd_per_th=10"]), run(&[]));
    let owed = 1_189.706e6 * (1.0 + 0.11 * 31.0 / 365.0) + events(&bills, "default")[0].usd;
    close("lenders' loss", debts.metric("lender_loss_usd"), owed - sold(&debts), 1e-3);
}

/// A firm that pays its bills has borrowed nine tenths of its machines' value, which falls with the coin price. The lender takes them. In the auction a miner buys them for more than the broker
/// advanced. The excess goes to the lender up to its claim and loss, and the broker keeps only the fee.
#[test]
fn a_lender_that_takes_machines_receives_the_proceeds_of_the_auction() {
    for recourse in [true, false] {
        let pledge = [
            ("share", "1"),
            ("loan_to_value", "0.9"),
            ("repayment", "\"bullet\""),
            ("call_ltv", "0.91"),
            ("liquidation_ltv", "0.92"),
            ("notice_days", "0"),
            ("term_months", "60"),
        ];
        let mut sets: Vec<String> =
            pledge.iter().map(|(key, value)| format!("class.weak.loan.m.machines.{key}={value}")).collect();
        sets.push(format!("class.weak.loan.m.machines.recourse={recourse}"));
        sets.push("class.weak.debt_usd_per_th=10".into());
        sets.push("class.weak.power_price_usd_per_kwh=0.03".into());
        sets.push("class.weak.fixed_cost_usd_per_ph_day=13".into());
        sets.push(
            "price.knots.points=[[\"2024-05-10\", 60000],[\"2024-06-10\", 60000],[\"2024-06-11\", 52000]]".into(),
        );
        let records = run(&case("D2_auction_miner.toml", &sets));
        let gross: f64 = records.rigs.iter().map(|rig| rig.price * rig.traded_th).sum();
        let (sold, paid) = (events(&records, "machines_sold"), events(&records, "machines_paid"));
        assert_eq!((sold.len(), paid.len()), (1, 1), "an advance, and the proceeds beyond it");
        assert!(paid[0].usd > sold[0].usd);
        close("the firm and its lender", sold[0].usd + paid[0].usd, 0.97 * gross, 1e-9);
        close("loss to the model", records.metric("broker_gain_usd"), 0.03 * gross, 1e-9);
        let firm = records.firm("weak-1");
        // The loss that the advance left is paid back by the auction, to a rounding of doubles.
        assert!(records.metric("lender_loss_usd") < 1e-6, "recourse {recourse}: {}", records.metric("lender_loss_usd"));
        assert_eq!(firm.debt, 0.0, "recourse {recourse}");
        assert!(firm.cash > 2e8, "the rest is the firm's: {}", firm.cash);
    }
}
