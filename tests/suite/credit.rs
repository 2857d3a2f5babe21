//! Treasuries, loans and failure, each in a network of one or two firms, with numbers worked out by hand, and the effect
//! of switching each on.

use crate::{
    network::{DAY, Records, close, drawn, machine, network, one_class, row, run, shock, varied},
    resale::{REDUCED, rigs},
};
use shakeout::{
    mechanism::{
        credit::params::{Collateral, LoanTerms, Pledge, Repayment},
        distress::params::Workout,
        treasury::params::TreasuryPolicy,
    },
    scenario::Scenario,
    units::{Days, FirmId, Usd},
    world::{ClassParams, MinerRow, PopulationParams},
};

/// One firm of 100 EH/s at a cost of 24 USD/PH/day and a hashprice of 48: 450 BTC a day, 10,666.67 USD a coin, bills of 2.4 million a day.
fn solo(class: ClassParams) -> Scenario {
    let mut scenario = drawn(vec![class], vec![machine("m", 20.0, 1.0, false)], 100.0, 48.0);
    scenario.operation.switching_cost_log_sd = 0.0;
    scenario.run.days = Days::new(40.0);
    scenario
}

const COIN_USD: f64 = 48e5 / 450.0;

const WORKOUT: Workout = Workout {
    wait_cover: 0.0,
    principal_cut: 0.2,
    extension_months: 12.0,
    chapter11_days: Some(60.0),
    burn_days: 20.0,
    liquidation_days: 20,
};

const PLEDGE: Pledge = Pledge {
    loan_to_value: 0.5,
    call_ltv: 0.75,
    liquidation_ltv: 0.95,
    cure_days: 5.0,
    notice_days: 0.0,
    recourse: true,
};

fn loan(repayment: Repayment, collateral: Collateral) -> LoanTerms {
    LoanTerms {
        share: 1.0,
        repayment,
        rate_per_year: 0.0,
        default_margin_per_year: 0.0,
        term_months: 24.0,
        collateral,
        undrawn_usd_per_th: 0.0,
        capped: true,
    }
}

/// The firm owes 4.8 million USD on coins, due at the end; it holds two days of production, 900 BTC or 9.6 million USD, all pledged at a loan-to-value of one half.
fn on_coins(recourse: bool) -> ClassParams {
    let pledge = Pledge { recourse, ..PLEDGE };
    ClassParams {
        treasury: TreasuryPolicy::All,
        treasury_days: 2.0,
        debt_usd_per_th: 0.048,
        loans: vec![loan(Repayment::Bullet, Collateral::Coins(pledge))],
        ..one_class()
    }
}

fn sold_forced(records: &Records) -> f64 {
    records.days.iter().map(|day| day.sold_forced.btc()).sum()
}

/// T13: 1000 USD of cash and a loss of 240 USD a day: the bill of day 5 is the first that cannot be paid (cash over daily loss, rounded up), and 30 days
/// later the firm fails.
#[test]
fn t13_solvency() {
    for (cash, first) in [(1000.0, 5.0), (961.0, 5.0), (959.0, 4.0), (100.0, 1.0)] {
        let poor = MinerRow { cash: Usd::new(cash), fixed_cost_usd_per_day: 240.0, ..row("poor", 1.0, 1e6) };
        let mut scenario = network(vec![row("rich", 100.0, 10.0), poor], 100.0, 48.0);
        scenario.run.days = Days::new(40.0);
        let records = run(&scenario);
        assert_eq!(records.when("arrears", "poor"), [first], "{cash} USD");
        assert_eq!(records.when("default", "poor"), [first + 30.0], "{cash} USD");
    }
}

/// A firm with 100 USD pays 240 a day; late bills bear 36.5 % a year, a thousandth a day. Unpaid after day 1: 140. Day 2: 140 + 0.14 + 240 = 380.14. Day 3:
/// 380.14 + 0.38014 + 240 = 620.52014. Day 4: 620.52014 + 0.62052 + 240 = 861.14066, when three days of grace are over. Without interest it is 860.
#[test]
fn late_bills_bear_interest() {
    for (rate, unpaid) in [(0.365, 861.140_66), (0.0, 860.0)] {
        let poor = MinerRow { cash: Usd::new(100.0), fixed_cost_usd_per_day: 240.0, ..row("poor", 1.0, 1e6) };
        let mut scenario = network(vec![row("rich", 100.0, 10.0), poor], 100.0, 48.0);
        scenario.settlement.late_rate_per_year = rate;
        scenario.settlement.grace_days = 3.0;
        scenario.run.days = Days::new(10.0);
        let records = run(&scenario);
        let default = records.events.iter().find(|event| event.kind == "default").expect("it fails");
        assert!((default.usd - unpaid).abs() < 0.005, "at {rate}: {} USD", default.usd);
        close("all for bills", records.metric("defaulted_for_bills_share"), 1.0 / 101.0, 1e-9);
    }
}

/// 4.8 million are owed on coins of 9.6 million, at a loan-to-value of one half; three times the principal, a filed fact, is owed although the coins do not cover it, and
/// is called at once (1.5 is above 0.75). A capped loan stays at half of the coins' value.
#[test]
fn a_known_principal_is_owed_whatever_is_pledged() {
    for (capped, debt, called) in [(true, 4.8e6, &[][..]), (false, 14.4e6, &[1.0][..])] {
        let mut class = on_coins(true);
        class.debt_usd_per_th *= 3.0;
        class.loans[0].capped = capped;
        let mut scenario = solo(class);
        scenario.run.days = Days::new(1.0);
        let records = run(&scenario);
        assert_eq!(records.when("margin_call", "solo-1"), called);
        let call = records.events.iter().find(|event| event.kind == "margin_call").map(|event| event.usd);
        let owed = call.unwrap_or(records.firm("solo-1").debt);
        close("owed at the start", owed, debt, 1e-4);
    }
}

/// The price falls by 40 %: 4.8 million are owed on coins worth 5.76 million, 83 %. A firm with cash pays the amount that restores one half: 1.92
/// million. A firm without reserves, with bills of 47.9 of 48 USD/PH/day, is called, and five days later its coins are sold, only as many
/// as the loan needs.
#[test]
fn a_margin_call_is_met_or_the_coins_are_sold() {
    let mut scenario = solo(on_coins(true));
    shock(&mut scenario, 10.0, 0.6);
    let met = run(&scenario);
    assert_eq!(met.when("margin_call", "solo-1"), [11.0]);
    assert_eq!(met.when("collateral_taken", "solo-1"), Vec::<f64>::new());
    close("debt left", met.firm("solo-1").debt, 2.88e6, 1e-4);
    assert_eq!(met.metric("collateral_liquidated_btc"), 0.0);

    let mut scenario = solo(ClassParams { cash_months: 0.0, fixed_cost_usd_per_ph_day: 23.9, ..on_coins(true) });
    shock(&mut scenario, 10.0, 0.6);
    let records = run(&scenario);
    assert_eq!(records.when("margin_call", "solo-1"), [11.0]);
    assert_eq!(records.when("collateral_taken", "solo-1"), [16.0]);
    let sold = records.metric("collateral_liquidated_btc");
    close("coins that repay the loan", sold, 4.8e6 / (0.6 * COIN_USD), 1e-4);
    close("sold as forced", sold_forced(&records), sold, 1e-9);
    close("no debt left", records.firm("solo-1").debt + 1.0, 1.0, 1e-6);
}

/// The price falls to a fifth at once, beyond the liquidation level, so there is no time to cure. A firm with cash answers the call; the coins of the other bring
/// 1.92 of 4.8 million. With recourse the remainder is due, and is lost when the firm fails a month later; without recourse it is lost at once.
#[test]
fn beyond_the_liquidation_level_nobody_waits() {
    for (recourse, cash_months) in [(true, 1000.0), (true, 0.0), (false, 0.0)] {
        let mut scenario = solo(ClassParams { cash_months, fixed_cost_usd_per_ph_day: 23.9, ..on_coins(recourse) });
        shock(&mut scenario, 10.0, 0.2);
        for (days, failed) in [(20.0, false), (60.0, true)] {
            scenario.run.days = Days::new(days);
            let records = run(&scenario);
            if cash_months > 0.0 {
                assert_eq!(records.when("collateral_taken", "solo-1"), Vec::<f64>::new());
                assert_eq!(records.metric("lender_loss_usd"), 0.0);
                continue;
            }
            assert_eq!(records.when("collateral_taken", "solo-1"), [11.0]);
            close("all coins", records.metric("collateral_liquidated_btc"), 900.0, 1e-4);
            let loss = if recourse && !failed { 0.0 } else { 2.88e6 };
            close("lender loss", records.metric("lender_loss_usd") + 1.0, loss + 1.0, 1e-4);
        }
    }
}

/// The firm owes half of the value of its machines, secured by all of them: 100 EH/s at the market's price. The coin price falls by 55 % on day 10, and
/// machine prices follow. The machines would earn 21.6 USD/PH/day and cost 24, so they stop, and a firm without cash has neither income nor bills.
fn on_machines(recourse: bool, cash_months: f64) -> Scenario {
    let pledge = Pledge { recourse, notice_days: 30.0, ..PLEDGE };
    let mut scenario = solo(ClassParams {
        cash_months,
        treasury: TreasuryPolicy::All,
        debt_usd_per_th: 1e3,
        loans: vec![loan(Repayment::Bullet, Collateral::Machines(pledge))],
        ..one_class()
    });
    scenario.rigs = Some(rigs(REDUCED));
    let prices = {
        let mut week = scenario.clone();
        week.run.days = Days::new(7.0);
        run(&week)
    };
    let PopulationParams::Drawn { classes, .. } = &mut scenario.population else { panic!("listed") };
    classes[0].debt_usd_per_th = 0.5 * prices.rigs[0].price * (1.0 - BROKER_FEE);
    scenario.run.days = Days::new(120.0);
    shock(&mut scenario, 10.0, 0.45);
    scenario
}

const BROKER_FEE: f64 = 0.03;

/// A firm with cash answers the call: its debt is then half of that week's value of the machines, and the lender takes none. A firm without cash is called,
/// and after thirty days of notice (its value is below half by then, so there is no cure) the machines are taken. Their proceeds repay part of the loan: without
/// recourse the remainder is the lender's loss on that day, with recourse the firm owes it and fails.
#[test]
fn machines_on_loan_are_called_and_taken() {
    let met = run(&on_machines(true, 1000.0));
    let called = met.when("margin_call", "solo-1");
    assert!(!called.is_empty());
    assert_eq!(met.when("collateral_taken", "solo-1"), Vec::<f64>::new());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a day")]
    let (day, week) = (called[0] as usize, (called[0] / 7.0) as usize);
    let worth = met.rigs[week - 1].price * (1.0 - BROKER_FEE) * 1e8;
    close("half of their value", met.days[day - 1].debt.get(), 0.5 * worth, 0.02);
    close("still there", met.firm("solo-1").installed_eh, 100.0, 1e-9);

    for recourse in [false, true] {
        let records = run(&on_machines(recourse, 0.0));
        let (called, taken) = (records.when("margin_call", "solo-1"), records.when("collateral_taken", "solo-1"));
        assert_eq!(taken.len(), 1, "recourse {recourse}: {called:?} {taken:?}");
        assert!(called.contains(&(taken[0] - 30.0)), "recourse {recourse}: {called:?} {taken:?}");
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a day")]
        let (day, week) = (taken[0] as usize, (taken[0] / 7.0) as usize);
        let owed = records.days[day - 2].debt.get();
        let brought = records.rigs[week - 1].price * (1.0 - BROKER_FEE) * 1e8;
        assert!(brought < owed, "recourse {recourse}: they bring {brought} of {owed}");
        assert_eq!(records.firm("solo-1").installed_eh, 0.0);
        let lost: f64 = records.days[..day].iter().map(|day| day.lender_loss.get()).sum();
        if recourse {
            assert_eq!(lost, 0.0, "the rest is due first");
            assert_eq!(records.metric("defaults"), 1.0);
        } else {
            close("lost at once", lost, owed - brought, 0.05);
            assert_eq!(records.metric("defaults"), 0.0);
        }
        close("lost in the end", records.metric("lender_loss_usd"), owed - brought, 0.05);
    }
}

/// A tenth of the machines of a cohort of 50 cost 36 USD/PH/day and stop permanently when hashprice falls from 48 to 28.8: their owners sell them and leave.
/// A lender with a charge on a part of all machines receives that part of the proceeds; an unsecured lender waits for the end of the loan.
#[test]
fn a_lender_has_its_part_of_machines_sold() {
    let history = |collateral: Collateral| {
        let class = ClassParams {
            weight: 50.0,
            cash_months: 1000.0,
            debt_usd_per_th: 2.0,
            loans: vec![loan(Repayment::Bullet, collateral)],
            ..one_class()
        };
        let fleet = vec![machine("new", 20.0, 0.9, false), machine("old", 30.0, 0.1, false)];
        let mut scenario = drawn(vec![class], fleet, 100.0, 48.0);
        scenario.rigs = Some(rigs(REDUCED));
        scenario.run.days = Days::new(170.0);
        shock(&mut scenario, 10.0, 0.6);
        run(&scenario)
    };
    let owed = |records: &Records| {
        let debt = |day: usize| records.days[day].debt.get();
        (debt(0), debt(169))
    };
    let charged = history(Collateral::Machines(Pledge { call_ltv: 1e6, liquidation_ltv: 1e6, ..PLEDGE }));
    assert!(charged.events.iter().any(|event| event.kind == "machines_sold"));
    let (before, after) = owed(&charged);
    assert!(after > 0.0 && after < 0.99 * before, "{after} of {before} are owed");
    let (before, after) = owed(&history(Collateral::None));
    close("nothing was pledged", after, before, 1e-12);
}

/// Each of 3,000 firms has its own cash, coins and debt: independent factors of mean 1 whose logarithms have the requested spread, within four standard
/// errors; without a spread all firms have the class's values.
#[test]
fn balance_sheets_spread_around_the_class() {
    let factors = |finance_log_sd, cash_log_sd, debt_log_sd| {
        let class = ClassParams {
            firms: 3000,
            cash_months: 2.0,
            treasury_days: 20.0,
            debt_usd_per_th: 10.0,
            finance_log_sd,
            cash_log_sd,
            debt_log_sd,
            ..one_class()
        };
        let scenario = drawn(vec![class], vec![machine("m", 20.0, 1.0, false)], 1e4, 48.0);
        let population =
            shakeout::simulation::Engine::new(&scenario, false).expect("ok").population(0).expect("miners");
        let firms = &population.firms;
        let month = |firm: FirmId| firms.full_cost_nusd[firm] as f64 * 1e-9 * 365.25 / 12.0;
        let th = |firm: FirmId| firms.installed_mh[firm] as f64 / 1e6;
        let coins: f64 = firms.coins.iter().map(|&coins| coins as f64).sum();
        let all: f64 = firms.ids().take(3000).map(th).sum();
        let big = firms.ids().take(3000).filter(|&firm| th(firm) > 0.0);
        big.map(|firm| {
            let own = [
                firms.cash[firm] / month(firm) / 2.0,
                firms.coins[firm] as f64 / th(firm) / (coins / all),
                firms.debt[firm] / th(firm) / 10.0,
            ];
            own.map(libm::log)
        })
        .collect::<Vec<[f64; 3]>>()
    };
    assert!(factors(0.0, None, None).iter().flatten().all(|log| log.abs() < 1e-6), "all as the class");
    let all_alike = factors(0.8, None, None);
    // Spreads of cash and debt of their own leave the draws as they are: the logarithms are those of sd z - sd^2 / 2.
    for (all, own) in all_alike.iter().zip(factors(0.8, Some(1.6), Some(0.4))) {
        close("cash", own[0] + 1.28, 2.0 * (all[0] + 0.32), 1e-6);
        close("coins", own[1], all[1], 1e-6);
        close("debt", own[2] + 0.08, f64::midpoint(all[2], 0.32), 1e-6);
    }
    let logs = all_alike;
    let n = logs.len() as f64;
    assert!(n > 2900.0);
    let mean = |of: &dyn Fn(&[f64; 3]) -> f64| logs.iter().map(of).sum::<f64>() / n;
    let means = [0, 1, 2].map(|i| mean(&|log| log[i]));
    for i in [0, 2] {
        let arithmetic = mean(&|log| libm::exp(log[i]));
        let error = (libm::expm1(0.64) / n).sqrt();
        assert!((arithmetic - 1.0).abs() < 4.0 * error, "factor {i} has mean {arithmetic}");
    }
    for i in 0..3 {
        let sd = mean(&|log| (log[i] - means[i]) * (log[i] - means[i])).sqrt();
        assert!((sd - 0.8).abs() < 4.0 * 0.8 / (2.0 * n).sqrt(), "factor {i} has spread {sd}");
        let j = (i + 1) % 3;
        let together = mean(&|log| (log[i] - means[i]) * (log[j] - means[j])) / 0.64;
        assert!(together.abs() < 4.0 / n.sqrt(), "factors {i} and {j} go together: {together}");
    }
}

/// 50 miners in one agent earn 48 USD/PH/day and owe 48.96: 2 % of the bill remain unpaid. 50 · 0.0196 = 0.98 of them, rounded up to one, fails, with a
/// fiftieth of the machines; the others go on. A single miner with these numbers fails as a whole.
#[test]
fn a_cohort_fails_in_part() {
    let mut scenario = solo(ClassParams { cash_months: 0.0, weight: 50.0, ..one_class() });
    let PopulationParams::Drawn { classes, .. } = &mut scenario.population else { panic!("listed") };
    classes[0].fixed_cost_usd_per_ph_day = 24.96;
    scenario.settlement.grace_days = 0.0;
    scenario.run.days = Days::new(1.0);
    let records = run(&scenario);
    close("defaults", records.metric("defaults"), 1.0, 1e-9);
    close("liquidated", records.metric("liquidated"), 1.0, 1e-9);
    close("a fiftieth of the machines", records.metric("defaulted_hashrate_share"), 0.02, 1e-6);
    let left = records.days[0].hashrate_eh_per_s;
    assert!((left - 100.0).abs() < 1e-6, "on the day itself it has mined: {left}");
    assert_eq!(records.firm("solo-1").state, "ok");
    close("machines left", records.firm("solo-1").running_eh, 98.0, 1e-4);
    let mut whole = scenario.clone();
    let PopulationParams::Drawn { classes, .. } = &mut whole.population else { panic!("listed") };
    classes[0].weight = 1.0;
    let records = run(&whole);
    assert_eq!(records.firm("solo-1").state, "liquidated");
    assert_eq!(records.metric("defaults"), 1.0);

    // A listed firm instead of a drawn one: 100,000 PH/s have fixed costs of 2.496 million a day.
    let cohort = MinerRow {
        weight: 50.0,
        cash: Usd::ZERO,
        fixed_cost_usd_per_day: 2.496e6,
        treasury: TreasuryPolicy::All,
        ..row("cohort", 100.0, 24.0)
    };
    let mut listed = network(vec![cohort], 100.0, 48.0);
    listed.settlement.grace_days = 0.0;
    listed.run.days = Days::new(1.0);
    let records = run(&listed);
    close("defaults", records.metric("defaults"), 1.0, 1e-9);
    close("machines left", records.firm("cohort").running_eh, 98.0, 1e-4);
}

/// A firm whose machines earn twice their running cost but cannot serve its debt: restructured, or under Chapter 11 and out again with
/// less debt, or liquidated. Only liquidation removes its machines from the network.
#[test]
fn ways_to_fail() {
    let class = ClassParams {
        cash_months: 0.0,
        debt_usd_per_th: 100.0,
        loans: vec![LoanTerms { term_months: 3.0, ..loan(Repayment::Level, Collateral::None) }],
        ..one_class()
    };
    let base = || {
        let mut scenario = solo(class.clone());
        scenario.settlement.every_days = 10;
        scenario.settlement.grace_days = 10.0;
        scenario.run.days = Days::new(85.0);
        scenario
    };
    let mut scenario = base();
    let wound_up = run(&scenario);
    assert_eq!(wound_up.firm("solo-1").state, "liquidated");
    assert_eq!(wound_up.firm("solo-1").running_eh, 0.0);
    assert!(wound_up.metric("lender_loss_usd") > 5e9, "{}", wound_up.metric("lender_loss_usd"));

    scenario.distress = Some(WORKOUT);
    let restructured = run(&scenario);
    assert!(restructured.metric("restructured") >= 1.0);
    assert_eq!(restructured.metric("liquidated"), 0.0);
    assert!(restructured.firm("solo-1").running_eh > 99.0);
    let first = restructured.when("restructuring", "solo-1")[0];
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a day")]
    let (before, after) =
        (restructured.days[first as usize - 2].debt.get(), restructured.days[first as usize - 1].debt.get());
    close("a fifth is cut", after, before * 0.8, 0.02);

    scenario.distress = Some(Workout { wait_cover: 1e6, ..WORKOUT });
    let court = run(&scenario);
    assert_eq!(court.metric("chapter11"), 1.0);
    assert_eq!(court.metric("liquidated"), 0.0);
    assert!(court.firm("solo-1").running_eh > 99.0, "its machines earn more than they cost");
    let (filed, out) = (court.when("chapter11", "solo-1")[0], court.when("chapter11_end", "solo-1")[0]);
    close("days under protection", out - filed, 60.0, 1e-9);
    assert!(court.metric("lender_loss_usd") < wound_up.metric("lender_loss_usd"));

    // Machines below break-even do not justify protection: the firm is liquidated, and its coins are sold over twenty days.
    let mut hopeless = base();
    hopeless.distress = Some(Workout { wait_cover: 1e6, ..WORKOUT });
    shock(&mut hopeless, 1.0, 0.3);
    let records = run(&hopeless);
    assert_eq!((records.metric("chapter11"), records.metric("liquidated")), (0.0, 1.0));
}

/// Coins of a failed firm are sold over twenty days, in equal daily parts.
#[test]
fn an_estate_sells_bit_by_bit() {
    let pledge = Pledge { call_ltv: 1e6, liquidation_ltv: 1e6, ..PLEDGE };
    let class = ClassParams {
        treasury_days: 100.0,
        cash_months: 0.0,
        debt_usd_per_th: 20.0,
        loans: vec![LoanTerms { term_months: 1.0, ..loan(Repayment::Bullet, Collateral::Coins(pledge)) }],
        ..one_class()
    };
    let mut scenario = solo(class);
    scenario.settlement.every_days = 10;
    scenario.settlement.grace_days = 0.0;
    scenario.run.days = Days::new(80.0);
    scenario.distress = Some(Workout { wait_cover: 1e6, ..WORKOUT });
    // Machines stop, there is no income, and after a month the loan is due.
    shock(&mut scenario, 1.0, 0.45);
    let records = run(&scenario);
    let selling: Vec<f64> =
        records.days.iter().map(|day| day.sold_liquidation.btc()).filter(|&sold| sold > 0.0).collect();
    assert_eq!(selling.len(), 20, "{selling:?}");
    assert!(selling.iter().all(|&sold| (sold / selling[0] - 1.0).abs() < 1e-6), "{selling:?}");
    assert_eq!((records.firm("solo-1").state.as_str(), records.firm("solo-1").coins), ("liquidated", 0));
}

/// An undrawn credit of ten million pays the bill of a firm without cash or coins, a million a day without income; then a payment is
/// missed. Without the credit it is missed ten days earlier.
#[test]
fn credit_is_drawn_before_a_payment_is_missed() {
    let line = LoanTerms { undrawn_usd_per_th: 0.1, ..loan(Repayment::Bullet, Collateral::None) };
    let class = ClassParams { cash_months: 0.0, fixed_cost_usd_per_ph_day: 10.0, loans: vec![line], ..one_class() };
    let missed = |class| {
        let mut scenario = solo(class);
        shock(&mut scenario, 1.0, 0.3);
        let records = run(&scenario);
        (records.when("loan_drawn", "solo-1"), records.when("arrears", "solo-1")[0], records.firm("solo-1").debt)
    };
    let (drawn, with, debt) = missed(class.clone());
    assert!((10..=12).contains(&drawn.len()), "{drawn:?}");
    assert!(with >= *drawn.last().expect("it was drawn"), "{with} {drawn:?}");
    close("all of it", debt, 1e7, 1e-6);
    let (drawn, without, _) = missed(ClassParams { loans: vec![], ..class });
    assert_eq!(drawn, Vec::<f64>::new());
    close("ten days", with - without, 10.0, 1e-9);
}

/// Ablations: without pledges no collateral is sold; without debts there are no lenders' losses; the policy `hold` makes no voluntary sale.
#[test]
fn switched_off_they_do_nothing() {
    let base = |change: &dyn Fn(&mut ClassParams)| {
        let mut scenario = varied();
        shock(&mut scenario, 30.0, 0.5);
        scenario.run.days = Days::new(150.0);
        let PopulationParams::Drawn { classes, .. } = &mut scenario.population else { panic!("listed") };
        for class in classes {
            class.loans = vec![loan(Repayment::Level, Collateral::Coins(PLEDGE))];
            class.treasury_days = 60.0;
            change(class);
        }
        run(&scenario)
    };
    let on = base(&|_| ());
    assert!(on.metric("collateral_liquidated_btc") > 0.0);
    let unsecured = base(&|class| class.loans.clear());
    assert_eq!(unsecured.metric("collateral_liquidated_btc"), 0.0);
    assert!(unsecured.metric("lender_loss_usd") > 0.0);
    let free = base(&|class| class.debt_usd_per_th = 0.0);
    assert_eq!((free.metric("collateral_liquidated_btc"), free.metric("lender_loss_usd")), (0.0, 0.0));
    assert!(free.metric("defaults") < unsecured.metric("defaults"));
    let holding = base(&|class| class.treasury = TreasuryPolicy::Hold);
    assert_eq!(holding.metric("sold_voluntary_btc"), 0.0);
    assert!(sold_forced(&holding) > 0.0 && on.metric("sold_voluntary_btc") > 0.0);
    // A regime with equal shares at all incomes is the policy `share`.
    let regime = |rich_share, poor_share| TreasuryPolicy::Regime {
        rich_share,
        poor_share,
        rich_ratio: 2.0,
        poor_ratio: 1.2,
        excess_per_day: 0.02,
    };
    let share = base(&|class| class.treasury = TreasuryPolicy::Share { share: 0.3, excess_per_day: 0.02 });
    let flat = base(&|class| class.treasury = regime(0.3, 0.3));
    assert_eq!(share.transcript, flat.transcript);
    assert!(base(&|class| class.treasury = regime(0.3, 1.0)).transcript != flat.transcript);
}

/// Every row of a followed firm's ledger: the first is the initial balance, each balance is the previous one plus the amount, and the last is the firm's
/// final balance.
#[test]
fn a_followed_firms_ledger_adds_up() {
    let mut scenario = varied();
    shock(&mut scenario, 30.0, 0.5);
    scenario.run.days = Days::new(200.0);
    for name in ["public-1", "home-3", "hosted-2"] {
        let engine =
            shakeout::simulation::Engine::new(&scenario, true).expect("miners").following(Some(name.to_owned()));
        let mut records = Records::default();
        engine.run(0, &mut records, &std::sync::atomic::AtomicBool::new(false)).expect("a history");
        let entries = &records.entries;
        assert_eq!(entries[0].cause, "opening");
        assert!(entries.len() > 6, "{name}: {}", entries.len());
        let (mut cash, mut sats, mut turnover) = (0.0, 0.0, 1.0);
        for entry in entries {
            cash += entry.amount_usd;
            sats += entry.amount_sat;
            turnover += entry.amount_usd.abs();
            assert!((cash - entry.cash_usd).abs() < 1e-9 * turnover, "{name}: {cash} against {entry:?}");
            assert_eq!(sats, entry.coins_sat, "{name}: {entry:?}");
        }
        let firm = records.firm(name);
        assert!((cash - firm.cash).abs() < 1e-9 * turnover, "{name}: {cash} against {}", firm.cash);
        #[expect(clippy::cast_precision_loss, reason = "a firm's coins are below 2^53 satoshi")]
        let coins = firm.coins as f64;
        assert_eq!(sats, coins, "{name}");
    }
    let engine =
        shakeout::simulation::Engine::new(&scenario, false).expect("miners").following(Some("nobody".to_owned()));
    assert!(engine.begin(0).is_err_and(|error| error.to_string().contains("no firm `nobody`")));
}

/// Days of runway of a firm that loses a hundredth of its cash a day.
#[test]
fn runway_is_cash_over_burn() {
    let mut scenario = solo(ClassParams { cash_months: 1.0, fixed_cost_usd_per_ph_day: 60.0, ..one_class() });
    scenario.run.days = Days::new(20.0);
    let records = run(&scenario);
    // 84 due, 48 earned per PH/day: a month's bills last 30.4 · 84 / 36 = 71 days.
    let epoch = records.epochs.first().expect("an epoch ends");
    let day = epoch.start.get() / DAY + epoch.duration.map_or(0.0, |span| span.get() / DAY);
    let runway = epoch.runway_p50_days.expect("it burns cash");
    assert!((runway - (365.25 / 12.0 * 84.0 / 36.0 - day)).abs() < 3.0, "{runway} on day {day}");
}
