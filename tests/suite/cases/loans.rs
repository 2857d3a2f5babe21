//! Loans, margin calls, pledges and debts: former errors of the program, each as a test with the correct value.

use crate::network::{Records, close, run};
use shakeout::{
    scenario::{Scenario, load},
    simulation::{Engine, record::LedgerRecord},
};
use std::{path::Path, sync::atomic::AtomicBool};

const DAY: f64 = 86_400.0;

/// A case's scenario, with keys set.
fn case(name: &str, sets: &[&str]) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/cases/loans").join(name);
    let sets: Vec<String> = sets.iter().map(|&set| set.to_owned()).collect();
    load(&path, &sets, None).unwrap_or_else(|problems| panic!("{name}: {problems}")).scenario
}

/// Runs a case under audit and follows a firm.
fn follow(scenario: &Scenario, firm: &str) -> Records {
    let engine = Engine::new(scenario, true).expect("miners").following(Some(firm.to_owned()));
    let mut records = Records::default();
    engine.run(0, &mut records, &AtomicBool::new(false)).unwrap_or_else(|error| panic!("{error}"));
    records
}

/// The rows of one cause, with their days.
fn rows<'r>(records: &'r Records, cause: &str) -> Vec<(f64, &'r LedgerRecord<'static>)> {
    let of = records.entries.iter().filter(|entry| entry.cause == cause);
    of.map(|entry| (entry.time.get() / DAY, entry)).collect()
}

/// Price at the end of a day.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a day")]
fn price(records: &Records, day: f64) -> f64 {
    records.days[day as usize - 1].price_usd
}

/// Debt at the end of a day, USD.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a day")]
fn debt(records: &Records, day: f64) -> f64 {
    records.days[day as usize - 1].debt.get()
}

/// 139,320 BTC are pledged at 46,000 USD at a loan-to-value of 0.55, for 3,524,796,167 USD. When the price has fallen so far that it exceeds
/// 0.75, the firm is called, and pledges the coins it has mined since. Loan-to-value is then below 0.75, but above 0.55, so the call stands, and on the fifth
/// day the lender sells coins worth the loan: 3,524,796,167 USD at the price of that day, to a satoshi. The rest of the pledge is free.
#[test]
fn a_call_that_is_met_by_half_ends_in_a_sale() {
    let records = run(&case("margin_lapse.toml", &[]));
    let called = records.when("margin_call", "k-1");
    assert_eq!(called.len(), 1);
    let owed = debt(&records, called[0]);
    close("half of the pledge's worth", owed, 0.55 * 46_000.0 * 139_320.006_620_19, 1e-12);
    let before = owed / (price(&records, called[0] - 1.0) * 139_320.006_620_19);
    let at = owed / (price(&records, called[0]) * 139_320.006_620_19);
    assert!(before <= 0.75 && at > 0.75, "{before} {at}");
    assert_eq!(records.when("collateral_taken", "k-1"), [called[0] + 5.0]);
    let sold = records.metric("collateral_liquidated_btc");
    close("coins sold", sold, owed / price(&records, called[0] + 5.0), 1e-12);
    assert_eq!(debt(&records, called[0] + 5.0), 0.0);
    assert_eq!(records.days.last().expect("days").coins_pledged.get(), 0);
    let firm = records.firm("k-1");
    assert_eq!((firm.state.as_str(), firm.debt), ("ok", 0.0));
}

/// A firm with enough cash pledges its free coins, then pays: 0.55 is restored on the day of the call, to the cent, and nothing is
/// sold. A recovery of the price to a loan-to-value of 0.55 also ends a call; one to 0.6 does not.
#[test]
fn a_call_is_over_when_loan_to_value_is_restored() {
    let rich = follow(&case("margin_lapse.toml", &["class.k.cash_months=24"]), "k-1");
    let day = rich.when("margin_call", "k-1")[0];
    let last = rich.entries.iter().rfind(|entry| entry.time.get() / DAY == day).expect("it pays");
    close("restored", last.debt.get(), 0.55 * last.pledged_sat / 1e8 * price(&rich, day), 1e-12);
    assert_eq!(rich.when("collateral_taken", "k-1"), Vec::<f64>::new());
    assert!(rows(&rich, "principal")[0].1.amount_usd < -1e8);

    for (back, sold) in [(44_000.0, false), (36_000.0, true)] {
        let knots = format!(
            "price.knots.points=[['2024-01-10', 46000.0], ['2024-02-01', 46000.0], ['2024-02-02', 33000.0], ['2024-02-04', {back:?}]]"
        );
        let records = run(&case("margin_lapse.toml", &[&knots]));
        let called = records.when("margin_call", "k-1");
        assert_eq!(called, [24.0], "back at {back}");
        let taken = records.when("collateral_taken", "k-1");
        assert_eq!(taken, if sold { vec![29.0] } else { vec![] }, "back at {back}");
    }
}

/// During a call the price falls further, to a loan-to-value above 0.85: the lender sells on that day, two days before the time to cure is over.
#[test]
fn a_second_fall_ends_the_time_to_cure() {
    let knots = "price.knots.points=[['2024-01-10', 46000.0], ['2024-02-01', 46000.0], ['2024-02-02', 33000.0], ['2024-02-04', 33000.0], ['2024-02-05', 24000.0]]";
    let records = run(&case("margin_lapse.toml", &[knots]));
    assert_eq!(records.when("margin_call", "k-1"), [24.0]);
    assert_eq!(records.when("collateral_taken", "k-1"), [27.0]);
    close("all that was owed", records.metric("collateral_liquidated_btc"), 3_524_796_167.490_807 / 24_000.0, 1e-12);
}

/// Two loans on the coins of one firm, of half each: both are called on the same day, and the free coins go to the first. Five days later its lender
/// sells the coins that repay it. The coins that become free then restore 0.55 of the second loan, whose pledge is not sold.
#[test]
fn two_loans_of_one_firm_are_called_apart() {
    let mut scenario = case("margin_lapse.toml", &[]);
    let shakeout::world::PopulationParams::Drawn { classes, .. } = &mut scenario.population else { panic!("listed") };
    let half = shakeout::mechanism::credit::params::LoanTerms { share: 0.5, ..classes[0].loans[0] };
    classes[0].loans = vec![half, half];
    classes[0].debt_usd_per_th = 6.727_097_5;
    let records = follow(&scenario, "k-1");
    let first = rows(&records, "pledged")[0].0;
    assert_eq!(records.when("margin_call", "k-1"), [first, first]);
    assert_eq!(records.when("collateral_taken", "k-1"), [first + 5.0]);
    let at = |day| price(&records, day);
    let half = debt(&records, first + 4.0) / 2.0;
    close("one is repaid", debt(&records, first + 5.0), half, 1e-9);
    close("with its coins", records.metric("collateral_liquidated_btc"), half / at(first + 5.0), 1e-9);
    let pledged = rows(&records, "pledged").last().expect("rows").1.pledged_sat / 1e8;
    close("the other is restored", half, 0.55 * pledged * at(first + 5.0), 1e-9);
}

/// Three payments of some 10 million USD fall due on a firm that earns half a million a month after power. Overdue principal bears 14 % a year, the loan's 12
/// and 2 more, 30/365 of a year at a time; principal not yet due bears 12 %. By hand, the first months: 30,000,000 · 0.12 · 30/365 =
/// 295,890.41; the unpaid part of the payment of 10,184,... is overdue. From the fourth payment on all principal is overdue.
#[test]
fn overdue_principal_bears_default_interest() {
    let records = follow(&case("overdue_principal.toml", &[]), "z");
    let interest = rows(&records, "interest");
    assert_eq!(interest.len(), 13, "in every month");
    let i = 0.12 * 30.0 / 365.0;
    let j = 0.14 * 30.0 / 365.0;
    close("the first month", -interest[0].1.amount_usd, 295_890.41, 1e-8);
    // The payment of the amortising loan over 3 · 30.4375 / 30 periods, and its repayment part.
    let payment = shakeout::mechanism::credit::loan::level_payment(3e7, i, 3.0 * 30.4375 / 30.0);
    let (mut principal, mut overdue) = (3e7, 0.0);
    for (month, (_, row)) in interest.iter().enumerate() {
        let expected = (principal - overdue) * i + overdue * j;
        close(&format!("month {month}"), -row.amount_usd, expected, 1e-9);
        let falls_due = if month < 3 { payment - (principal - overdue) * i } else { principal - overdue };
        let repaid = principal - row_after(&records, row).debt.get();
        overdue += falls_due - repaid;
        principal -= repaid;
        assert!(overdue > 0.0 && repaid > 0.0);
    }
    let plain = follow(&case("overdue_principal.toml", &["settlement.debt_default_margin_per_year=0"]), "z");
    let (_, last) = rows(&plain, "interest")[12];
    let before = rows(&plain, "principal")[11].1.debt.get();
    close("at the loan's rate", -last.amount_usd, before * i, 1e-9);
}

/// The next row.
fn row_after<'r>(records: &'r Records, row: &LedgerRecord<'static>) -> &'r LedgerRecord<'static> {
    let index = records.entries.iter().position(|entry| std::ptr::eq(entry, row)).expect("it is one of them");
    &records.entries[index + 1]
}

/// A bullet loan on machines and on coins, unpaid at its end, bears default interest like any other: 20 % a year here, on the balance.
#[test]
fn a_bullet_that_is_not_repaid_bears_it_too() {
    let sets = [
        "class.k.loan.a.coins.term_months=1",
        "class.k.loan.a.coins.rate_per_year=0.15",
        "class.k.loan.a.coins.default_margin_per_year=0.05",
        "class.k.loan.a.coins.call_ltv=1000",
        "class.k.loan.a.coins.liquidation_ltv=1000",
        "settlement.grace_days=3650",
    ];
    let records = follow(&case("margin_lapse.toml", &sets), "k-1");
    for (day, row) in rows(&records, "interest") {
        let rate = if day <= 31.0 { 0.15 } else { 0.20 };
        close(&format!("day {day}"), -row.amount_usd, row.debt.get() * rate / 365.0, 1e-9);
    }
    assert!(rows(&records, "principal").iter().all(|&(day, _)| day >= 31.0));
    assert!(rows(&records, "principal").len() > 50, "it repays its production, day after day");
}

/// In a network of a hundred firms with debts and failures, no amount is below zero, in total, for each class, and for each firm; the audit checks
/// this at every step.
#[test]
fn debts_are_never_negative() {
    let records = run(&case("audit_i8_negative_debt.toml", &["run.days=150"]));
    for day in &records.days {
        assert!(day.debt.get() >= 0.0 && day.cash.get() >= 0.0 && day.coins_held.get() >= 0, "{day:?}");
    }
    assert!(records.firms.iter().all(|firm| firm.debt >= 0.0 && firm.cash >= 0.0 && firm.coins >= 0));
    let ended: Vec<_> = records.firms.iter().filter(|firm| firm.state == "liquidated").collect();
    assert!(!ended.is_empty());
    assert!(ended.iter().all(|firm| firm.debt == 0.0 && firm.cash == 0.0), "nothing is left of them");
}

/// A firm owes 9.7 of 15 USD/TH of its machines' value, secured by all of them, and is called when their price has fallen. It pays its income,
/// 278,985 USD a day, which does not restore the ratio, and after 5 days to cure and 20 of notice the lender takes the machines. The lender sells only as many as
/// repay the loan, to a machine; the rest stays and mines.
#[test]
fn a_lender_sells_as_many_machines_as_the_loan_needs() {
    let records = follow(&case("c3_foreclosure.toml", &[]), "weak-1");
    let called = records.when("margin_call", "weak-1");
    assert_eq!(called.len(), 1);
    assert_eq!(records.when("collateral_taken", "weak-1"), [called[0] + 25.0]);
    let taken = records.events.iter().find(|event| event.kind == "collateral_taken").expect("it was taken");
    let sold = rows(&records, "machines_sold")[0].1.amount_usd;
    let machine_usd = sold / (taken.eh * 1e6 / 100.0);
    assert!(sold >= taken.usd && sold < taken.usd + machine_usd, "{sold} for {}", taken.usd);
    let firm = records.firm("weak-1");
    close("the rest stays", firm.installed_eh, 118.970_6 - taken.eh, 1e-9);
    assert!(firm.installed_eh > 20.0 && firm.running_eh > 20.0);
    assert_eq!((firm.state.as_str(), firm.debt), ("ok", 0.0));
}

/// 6 USD/TH are owed on 0.634 of the machines, at a loan-to-value of 0.65. When their value falls too far, the firm pledges more machines, as many
/// as restore 0.65. The event and the ledger record this, and nothing is paid or taken.
#[test]
fn a_call_on_machines_is_met_by_more_machines() {
    let records = follow(&case("c2_foreclosure.toml", &[]), "weak-1");
    let called = records.when("margin_call", "weak-1");
    assert_eq!((called.len(), records.when("collateral_added", "weak-1")), (1, called.clone()));
    let added = records.events.iter().find(|event| event.kind == "collateral_added").expect("machines");
    let (before, (_, after)) = (&records.entries[0], rows(&records, "pledged")[0]);
    let more = after.charged_share - before.charged_share;
    close("as many as the event says", added.eh, more * 118.970_6, 1e-6);
    // 713,823,600 USD on share c of machines worth W: W = 156,584,617 / 0.1055.
    let worth = added.usd / more;
    close("restored", after.debt.get() / (after.charged_share * worth), 0.65, 1e-9);
    assert!(before.debt.get() / (before.charged_share * worth) > 0.75);
    assert_eq!(records.when("collateral_taken", "weak-1"), Vec::<f64>::new());
    assert_eq!(rows(&records, "principal").len(), 0);
}

/// At a constant price a loan on coins is repaid in 24 months. With each repaid part of it the same part of the pledge becomes free, so loan-to-value
/// stays at 0.55; the last payment frees all of it. If the price has fallen to a loan-to-value of 0.6, nothing is released until 0.55 is restored.
#[test]
fn pledges_are_released_as_a_loan_is_repaid() {
    let flat = "price.knots.points=[['2024-01-10', 46000.0]]";
    let sets = ["class.k.loan.a.coins.repayment='level'", "class.k.loan.a.coins.term_months=3", flat];
    let records = follow(&case("margin_lapse.toml", &sets), "k-1");
    let released = rows(&records, "unpledged");
    assert!(released.len() > 80, "{}", released.len());
    for (day, row) in &released {
        close(&format!("day {day}"), row.debt.get() + 1.0, 0.55 * 46_000.0 * row.pledged_sat / 1e8 + 1.0, 1e-9);
    }
    let last = released.last().expect("rows").1;
    assert_eq!((last.debt.get(), last.pledged_sat), (0.0, 0.0));

    // Every day's price is 1 % below the previous one, so repayments leave more than 0.55, until the price is constant from day 10 on, at 0.904 of
    // its initial value: loan-to-value is 0.6082 then, and 0.55 again when a part of 1 - 0.904 of the principal has been repaid, after about nine of 91 days.
    let lower = "price.knots.points=[['2024-01-10', 46000.0], ['2024-01-20', 41600.0]]";
    let records = follow(&case("margin_lapse.toml", &[sets[0], sets[1], lower]), "k-1");
    for (day, row) in rows(&records, "unpledged") {
        let owed = row.debt.get() / (row.pledged_sat / 1e8 * price(&records, day));
        assert!(row.debt.get() == 0.0 || owed <= 0.55 * (1.0 + 1e-9), "day {day}: {owed}");
    }
    assert_eq!(rows(&records, "unpledged").last().expect("rows").1.pledged_sat, 0.0);
}

/// A loan without recourse is not repaid at its end, on day 31, when its pledge is worth 0.7 of it. The firm defaults 30 days later, the lender takes all pledged
/// coins, loses the rest, and has no further claim. The firm goes on, and no table counts it as a firm that has paid. The same holds after
/// a margin call on coins that have fallen below the loan.
#[test]
fn a_firm_that_gave_up_its_pledge_is_not_as_if_nothing_had_happened() {
    let fall = "price.knots.points=[['2024-01-10', 46000.0], ['2024-01-20', 46000.0], ['2024-01-21', 18000.0]]";
    let coins = |key: &str| format!("class.k.loan.a.coins.{key}");
    let without = coins("recourse=false");
    let never_called = [coins("call_ltv=1000"), coins("liquidation_ltv=1000"), coins("term_months=1")];
    let unpaid: Vec<&str> = [fall, &without].into_iter().chain(never_called.iter().map(String::as_str)).collect();
    for (sets, day, defaults) in [(unpaid, 61.0, 1.0), (vec![fall, &without], 0.0, 0.0)] {
        let records = run(&case("margin_lapse.toml", &sets));
        let gave = records.events.iter().find(|event| event.kind == "surrender").expect("it gave its pledge up");
        let pledged = 139_320.006_620_19 * price(&records, gave.day);
        assert!(gave.usd > 0.0);
        if defaults > 0.0 {
            assert_eq!((gave.day, records.when("default", "k-1")), (day, vec![day]));
            // Its production since day 31 went to the lender; the rest of the loan, less the value of the pledge, is lost.
            close("the lender's loss", gave.usd, debt(&records, day - 1.0) - pledged, 2e-2);
        }
        close("all of it", records.metric("lender_loss_usd"), gave.usd, 1e-12);
        let firm = records.firm("k-1");
        assert_eq!((firm.state.as_str(), firm.debt), ("surrendered", 0.0));
        let told = ["defaults", "surrendered", "liquidated", "surviving_share"].map(|name| records.metric(name));
        assert_eq!(told, [defaults, 1.0, 0.0, 1.0]);
        assert!(records.transcript.contains("surrendered_share: 1.0"));
    }
    let with: Vec<&str> = std::iter::once(fall).chain(never_called.iter().map(String::as_str)).collect();
    assert_eq!(run(&case("margin_lapse.toml", &with)).metric("surrendered"), 0.0, "with recourse it fails");
}
