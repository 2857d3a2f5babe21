//! Prices of machines, purchases and buyers' expectations: former errors of the program, each as a test with the correct value.

use crate::network::close;
use shakeout::{
    output::{
        csv::{Recorder, Recording},
        table::{Table, Tables},
    },
    scenario::{BUNDLED, Scenario, load, load_bundled},
    simulation::Engine,
    units::Days,
};
use std::{collections::BTreeMap, path::Path, sync::atomic::AtomicBool};

/// A frozen scenario of this module.
fn frozen(name: &str, sets: &[&str]) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/cases/machines").join(name);
    let sets: Vec<String> = sets.iter().map(|&set| set.to_owned()).collect();
    load(&path, &sets, None).unwrap_or_else(|problems| panic!("{problems}")).scenario
}

/// Rows of a table as written, by column.
type Row = BTreeMap<String, String>;

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} is {}", row[column]))
}

/// A table of the first replica, whose books are checked at every step.
fn table(scenario: &Scenario, wanted: Table) -> Vec<Row> {
    let recording = Recording::new(scenario.run.start, Tables::of(&[wanted]));
    let mut recorder = Recorder::new(&recording, 0);
    let engine = Engine::new(scenario, true).expect("the miners can start");
    let engine = engine.following((wanted == Table::Ledger).then(|| "weak-1".to_owned()));
    engine.run(0, &mut recorder, &AtomicBool::new(false)).unwrap_or_else(|error| panic!("{error}"));
    let rows = recorder.finish().expect("all is finite");
    let place = recording.tables.iter().position(|table| table == wanted).expect("it is written");
    let columns = wanted.columns();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&rows.0[place][..]);
    let row = |record: csv::StringRecord| {
        columns.iter().zip(&record).map(|(column, cell)| (column.name.to_string(), cell.to_owned())).collect()
    };
    reader.records().map(|record| row(record.expect("a row"))).collect()
}

fn events(scenario: &Scenario, kind: &str) -> Vec<Row> {
    table(scenario, Table::Events).into_iter().filter(|row| row["kind"] == kind).collect()
}

/// The value of a machine to outside buyers does not depend on contracts inside the network: 18.66 USD/TH with and without take-or-pay
/// there, and 18.48 where power costs less in the network, since there a new machine pays at a lower hashprice, 269 USD/PH/day and not 283, which bounds
/// hashprice. A Monte Carlo of the reflected process outside this program gives 18.73 and 18.52 with a standard error of 0.04.
#[test]
fn buyers_outside_pay_the_whole_bill() {
    for (name, take_or_pay, usd_per_th) in [
        ("outside-buyers.toml", 0.15, 18.66),
        ("outside-buyers.toml", 0.6, 18.66),
        ("outside-buyers-of-failed.toml", 0.0, 18.48),
    ] {
        let scenario = frozen(name, &[&format!("power.take_or_pay={take_or_pay}")]);
        let first = &table(&scenario, Table::Rigs)[0];
        close(&format!("{name}, take-or-pay {take_or_pay}"), number(first, "value_usd_per_th"), usd_per_th, 2e-3);
    }
}

/// The bill of a day is 533,000 USD. At 11.4 USD/TH less the broker's fee of 3 % it needs the sale of 48,100 TH of idle machines, not of a fifth of the
/// network; each day's sale pays that day's bill. Bills of up to two weeks, in which the machines ran at a loss and none could be sold, are paid at once:
/// the largest sale is 1.64 EH/s at 4.4 USD/TH.
#[test]
fn a_firm_sells_as_many_idle_machines_as_cover_the_shortfall() {
    let scenario = frozen("idle-machines.toml", &[]);
    let sold = events(&scenario, "machines_sold");
    let rigs = table(&scenario, Table::Rigs);
    let price = |day: &str| {
        let mut before = rigs.iter().filter(|row| row["time_utc"].as_str() <= day);
        number(before.next_back().expect("a clearing"), "price_usd_per_th")
    };
    let first = &sold[0];
    let (th, usd) = (number(first, "hashrate_th_per_s"), number(first, "amount_usd"));
    close("USD", usd, 532_600.0, 1e-3);
    close("TH/s", th, usd / (price(&first["time_utc"]) * 0.97), 1e-3);
    // 100 TH/s less would not be enough.
    assert!(sold.len() > 50, "{} days on which machines are sold", sold.len());
    let largest = sold.iter().map(|row| number(row, "hashrate_th_per_s")).fold(0.0, f64::max);
    assert!(largest < 1.8e6, "{largest} TH/s of a network of 595 EH/s");
    let most = sold.iter().map(|row| number(row, "amount_usd")).fold(0.0, f64::max);
    assert!(most < 14.0 * 533_000.0, "{most} USD, more than the bills of two weeks");
}

/// If a part of its machines is pledged, the lender receives that part of the proceeds, and the firm sells correspondingly more. After a day with
/// a sale, it has less cash than one more machine would have brought.
#[test]
fn the_lenders_part_is_sold_in_addition() {
    let pledged = [
        "class.weak.debt_usd_per_th=0.1",
        "class.weak.loan.m.machines.share=1",
        "class.weak.loan.m.machines.repayment=\"bullet\"",
        "class.weak.loan.m.machines.term_months=60",
        "class.weak.loan.m.machines.loan_to_value=0.5",
        "class.weak.loan.m.machines.call_ltv=5",
        "class.weak.loan.m.machines.liquidation_ltv=6",
    ];
    for sets in [&[][..], &pledged] {
        let entries = table(&frozen("idle-machines.toml", sets), Table::Ledger);
        let (mut sold, mut days) = (None, 0);
        for entry in entries {
            match entry["cause"].as_str() {
                "machines_sold" => sold = Some(entry["time_utc"].clone()),
                "bills" if sold.as_ref() == Some(&entry["time_utc"]) => {
                    let (cash, machine) = (number(&entry, "cash_after_usd"), 100.0 * 18.66);
                    assert!((0.0..machine).contains(&cash), "{cash} USD of cash left over on {}", entry["time_utc"]);
                    days += 1;
                }
                _ => {}
            }
        }
        assert!(days > 5, "machines are sold on {days} days");
    }
}

/// Kinds of events that record a hashrate that moved.
const OF_HASHRATE: [&str; 11] = [
    "shutdown",
    "restart",
    "delivery",
    "order",
    "entry",
    "curtailment",
    "curtailment_end",
    "closure",
    "relocation",
    "machines_sold",
    "machines_bought",
];

/// No machines switch, arrive or are sold that do not exist.
#[test]
fn nothing_happens_to_no_machines() {
    let says = |what: &str, scenario: &Scenario| {
        for row in table(scenario, Table::Events) {
            let moved = !OF_HASHRATE.contains(&row["kind"].as_str()) || number(&row, "hashrate_th_per_s") > 0.0;
            assert!(moved, "{what}: {row:?}");
        }
    };
    says("idle machines", &frozen("idle-machines.toml", &[]));
    for (name, _) in BUNDLED {
        let mut scenario =
            load_bundled(name, &[], None).unwrap_or_else(|problems| panic!("{name}: {problems}")).scenario;
        scenario.run.days = Days::new(scenario.run.days.get().min(60.0));
        says(name, &scenario);
    }
}

/// The price rises by a quarter on the eleventh day: the first order is placed on that day, whatever the half-life of the adaptive rule, which
/// concerns running machines and not purchases.
#[test]
fn the_adaptive_rule_does_not_move_orders() {
    let first = |half_life: f64| {
        let scenario = frozen("orders-at-spot.toml", &[&format!("operation.adaptive_half_life_days={half_life}")]);
        let orders = events(&scenario, "order");
        (orders[0]["time_utc"].clone(), orders[0]["hashrate_th_per_s"].clone(), orders.len())
    };
    let usual = first(3.0);
    assert_eq!(usual.0, "2024-05-21T00:00:00Z");
    for half_life in [0.5, 30.0, 365.0] {
        assert_eq!(first(half_life), usual, "half-life {half_life} d");
    }
}

/// The price rises permanently, cash and room are ample, and delivery takes 90 days. Entrants know the orders: hashprice falls to the
/// value at which a machine just pays, k + p over two years, and not below it by more than the 600.298 s of a block allow, whether
/// all decide on one day or each on its own.
#[test]
fn entry_with_a_delay_does_not_overshoot() {
    let running = 24.0 * 20.0 * (0.03 * 1.06 + 0.005);
    let zero_profit = running + 20_000.0 / 730.5;
    for every_days in [1, 30] {
        for price in [70_000, 90_000, 150_000] {
            let knots = format!(
                "price.knots.points=[[\"2024-05-10\", 60000.0], [\"2024-05-20\", 60000.0], [\"2024-05-21\", {price}]]"
            );
            let scenario = frozen("cobweb.toml", &[&knots, &format!("settlement.every_days={every_days}")]);
            let days = table(&scenario, Table::Days);
            let hashprice: Vec<f64> = days.iter().map(|row| number(row, "hashprice_usd_per_ph_day")).collect();
            let what = format!("price {price}, settling every {every_days} d");
            let lowest = hashprice[100..].iter().copied().fold(f64::INFINITY, f64::min);
            close(&what, lowest, zero_profit, 2e-3);
            close(&what, *hashprice.last().expect("days"), zero_profit, 2e-3);
            assert!(hashprice[60] > 1.1 * zero_profit, "{what}: machines arrive after 90 days");
        }
    }
}
