//! Each mechanism alone, in a network of one or two firms, with numbers worked out by hand.

use crate::network::{
    DAY, HEIGHT, Records, close, drawn, machine, network, one_class, restart_delays, row, run, shock,
};
use shakeout::{
    chain::PastBlocks,
    mechanism::{
        credit::loan::level_payment,
        operate::rule::{Rule, RuleMix},
        treasury::params::TreasuryPolicy,
    },
    random::{Draw, Purpose, name_hash},
    scenario::{Scenario, Step},
    units::{Days, PowerPrice, Sats, Seconds, Usd},
    world::{ClassParams, MinerRow},
};

/// One firm of 100 EH/s at a cost of 24 USD/PH/day and a hashprice of 48: 450 BTC a day, 10,666.67 USD a coin.
fn solo(class: ClassParams) -> Scenario {
    let mut scenario = drawn(vec![class], vec![machine("m", 20.0, 1.0, false)], 100.0, 48.0);
    scenario.operation.switching_cost_log_sd = 0.0;
    scenario.run.days = Days::new(13.0);
    scenario
}

/// Sets hashprice, at constant difficulty, to the `(day, value)`s in turn; it starts at 48.
fn hashprices(scenario: &mut Scenario, levels: &[(f64, f64)]) {
    let mut last = 48.0;
    for &(day, level) in levels {
        shock(scenario, day, level / last);
        last = level;
    }
}

fn only(rule: Rule) -> RuleMix {
    RuleMix::from_iter([(rule, 1.0)])
}

/// Days of shutdowns and of restarts.
fn switches(records: &Records, firm: &str) -> (Vec<f64>, Vec<f64>) {
    (records.when("shutdown", firm), records.when("restart", firm))
}

/// Naive: off below 24, on from 24.
#[test]
fn naive_rule() {
    let mut scenario = solo(one_class());
    hashprices(&mut scenario, &[(2.0, 24.01), (4.0, 23.99), (6.0, 24.01)]);
    assert_eq!(switches(&run(&scenario), "solo-1"), (vec![4.0], vec![6.0]));
}

/// Option: `K = h^3 24/(0.75 sigma^2)` makes the half-band h = 0.1: off below 24 e^-0.1 = 21.716, on from 24 e^0.1 = 26.524.
#[test]
fn option_rule() {
    let mut scenario = solo(ClassParams { rules: only(Rule::Option), ..one_class() });
    scenario.operation.switching_cost_median_usd_per_ph = 0.001 * 24.0 / (0.75 * 0.035 * 0.035);
    hashprices(&mut scenario, &[(2.0, 21.72), (4.0, 21.71), (6.0, 26.52), (8.0, 26.53)]);
    assert_eq!(switches(&run(&scenario), "solo-1"), (vec![4.0], vec![8.0]));
}

/// Adaptive, half-life 3 d: hashprice falls from 2 to 0.9 of cost on day 1, so the average is `0.9 + 1.1 2^-(t/3)` and below 1 after
/// `3 log2(11)` = 10.4 d: off on day 12. Half-life 1.5 d: after 5.2 d, off on day 7. Hashprice rises to 1.5 of cost on day 8, when the average
/// is 0.943: `1.5 - 0.557 2^-(t/1.5)` is above 1 after 0.23 d: on, on day 9.
#[test]
fn adaptive_rule() {
    let mut scenario = solo(ClassParams { rules: only(Rule::Adaptive), ..one_class() });
    hashprices(&mut scenario, &[(1.0, 21.6)]);
    assert_eq!(switches(&run(&scenario), "solo-1"), (vec![12.0], vec![]));
    scenario.operation.adaptive_half_life = Seconds::new(1.5 * DAY);
    shock(&mut scenario, 8.0, 1.5 / 0.9);
    assert_eq!(switches(&run(&scenario), "solo-1"), (vec![7.0], vec![9.0]));
}

/// An epoch with 1440 blocks found, at half pace: 100 EH/s run at the difficulty of 200. Hashprice falls from 48 to 21.6 on day 1 and rises to
/// 24.5 on day 2; the aware miner's cost is 24.
fn half_pace(aware: f64, cost: f64) -> Scenario {
    let class = |name: &str, price, rules| ClassParams {
        name: name.to_owned(),
        share: 0.5,
        power_price_median: PowerPrice::new(price),
        rules,
        ..one_class()
    };
    let classes = vec![
        class("rest", 0.01, only(Rule::Naive)),
        class("solo", 0.05, RuleMix::from_iter([(Rule::Option, 1.0 - aware), (Rule::Aware, aware)])),
    ];
    // Difficulty for 200 EH/s, of which 100 run.
    let mut scenario = drawn(classes, vec![machine("m", 20.0, 1.0, false)], 200.0, 48.0);
    let shakeout::world::PopulationParams::Drawn { active, .. } = &mut scenario.population else { panic!("listed") };
    *active = shakeout::units::Hashrate::from_eh(100.0);
    scenario.operation.switching_cost_log_sd = 0.0;
    scenario.operation.switching_cost_median_usd_per_ph = cost;
    scenario.chain.height = HEIGHT + 1440;
    scenario.chain.history = vec![PastBlocks { blocks: 2000, interval: Seconds::new(1200.0) }];
    scenario.run.days = Days::new(4.0);
    hashprices(&mut scenario, &[(1.0, 21.6), (2.0, 24.5)]);
    scenario
}

/// Aware: the epoch has 1440 blocks and runs at half pace. A day later, at 1512 blocks, `phi = (1512/2 + 144)/(1512 + 144)`
/// = 0.5435, 504 blocks take another 504 * 600 s/phi = 6.44 d, and hashprice will be higher by 1/phi. At 21.6, 2.4 below
/// cost, waiting loses 15.5 USD/PH: it pays if stopping and starting cost 17, not if they cost 14. The option rule, which does not look
/// ahead, stops at either: the half-bands are 0.087 and 0.081. At 24.5 the aware miner starts because of the expected relief, and
/// the option rule waits for 24 e^0.081.
#[test]
fn aware_rule() {
    for (aware, cost, expected) in [
        (1.0, 17.0, (vec![], vec![])),
        (1.0, 14.0, (vec![1.0], vec![2.0])),
        (0.0, 17.0, (vec![1.0], vec![])),
        (0.0, 14.0, (vec![1.0], vec![])),
    ] {
        let scenario = half_pace(aware, cost);
        assert_eq!(switches(&run(&scenario), "solo-1"), expected, "aware {aware}, K = {cost}");
    }
}

/// With a halving at block 1680 of the epoch, before the difficulty adjustment, the expected relief is halved: 21.6/0.5435/2 = 19.9 and
/// 24.5/0.5435/2 = 22.5. So waiting does not pay on day 1 (below 24 e^-0.087 = 22.0), nor starting on day 2 (below 24 e^0.087).
/// A miner who does not foresee the halving acts as if there were none.
#[test]
fn halvings_ahead() {
    for (foresees, expected) in [(true, (vec![1.0], vec![])), (false, (vec![], vec![]))] {
        let mut scenario = half_pace(1.0, 17.0);
        scenario.chain.height = 1_050_000 - 1680 + 1439;
        scenario.operation.foresees_halvings = foresees;
        assert_eq!(switches(&run(&scenario), "solo-1"), expected, "foresees {foresees}");
    }
}

/// Two firms, of which one stops when hashprice falls to a fifth.
fn two_firms() -> Scenario {
    let mut scenario = network(vec![row("low", 60.0, 1.0), row("high", 40.0, 24.0)], 100.0, 48.0);
    scenario.run.step = Step::Every(Seconds::new(3600.0));
    scenario
}

/// With a mean of 3 d, the firm's own exponential draw for this crossing sets the instant of the switch. A crossing that is reversed in time has
/// no effect except a used draw.
#[test]
fn response_delay() {
    let mut scenario = two_firms();
    scenario.operation.response = Seconds::new(3.0 * DAY);
    hashprices(&mut scenario, &[(5.0, 9.6)]);
    let draw = Draw::new(scenario.run.seed, 0, Purpose::Response);
    let delay = |crossing| 3.0 * draw.exponential(name_hash("high/0"), crossing);
    let tick = |day: f64| libm::ceil(day * 24.0) / 24.0;
    assert!(delay(0) > 0.1 && delay(1) > 0.1 && delay(1) < 20.0, "{} {}", delay(0), delay(1));
    assert_eq!(switches(&run(&scenario), "high"), (vec![tick(5.0 + delay(0))], vec![]));
    let short = 1.0 / 24.0;
    hashprices_back(&mut scenario, 5.0 + short, 6.0);
    assert_eq!(
        switches(&run(&scenario), "high"),
        (vec![tick(6.0 + delay(1))], vec![]),
        "delays {} and {}",
        delay(0),
        delay(1)
    );
}

/// With a mean of 20 d for restarts alone, a machine stops at once, and its own draw sets the instant of its return.
#[test]
fn restarts_may_be_slower_than_stops() {
    let mut scenario = two_firms();
    scenario.operation.restart_response = Some(Seconds::new(20.0 * DAY));
    scenario.run.days = Days::new(200.0);
    hashprices(&mut scenario, &[(5.0, 9.6), (10.0, 48.0)]);
    let delay = 20.0 * Draw::new(scenario.run.seed, 0, Purpose::Response).exponential(name_hash("high/0"), 0);
    assert!(delay > 1.0 && delay < 180.0, "{delay}");
    let back = libm::ceil((10.0 + delay) * 24.0) / 24.0;
    assert_eq!(switches(&run(&scenario), "high"), (vec![5.0], vec![back]));
}

/// Hashprice rises from a fifth back at `up`, and falls again at `down`.
fn hashprices_back(scenario: &mut Scenario, up: f64, down: f64) {
    shock(scenario, up, 5.0);
    shock(scenario, down, 0.2);
}

/// Over a thousand lots the mean delay is 3 d, within 0.1 d.
#[test]
fn response_delay_on_average() {
    let mut rows: Vec<MinerRow> = (0..1000).map(|i| row(&format!("high {i}"), 0.04, 24.0)).collect();
    rows.push(row("low", 60.0, 1.0));
    let mut scenario = network(rows, 100.0, 48.0);
    scenario.run.step = Step::Every(Seconds::new(3600.0));
    scenario.operation.response = Seconds::new(3.0 * DAY);
    scenario.run.days = Days::new(40.0);
    hashprices(&mut scenario, &[(5.0, 4.8)]);
    let records = crate::network::run_unaudited(&scenario);
    let days: Vec<f64> =
        records.events.iter().filter(|event| event.kind == "shutdown").map(|event| event.day - 5.0).collect();
    assert_eq!(days.len(), 1000);
    let mean = days.iter().sum::<f64>() / 1000.0;
    // Rounding up to steps adds half an hour.
    assert!((mean - 3.02).abs() < 0.3, "{mean}");
}

/// Off for 3 d: restarts after a quarter of a day; 7 and 10 d: after two days; 60 and 70 d: after a fortnight.
#[test]
fn restart_delay() {
    for (idle, delay) in [(3.0, 0.25), (7.0, 2.0), (10.0, 2.0), (60.0, 14.0), (70.0, 14.0)] {
        let mut scenario = two_firms();
        scenario.operation.restart_delays = restart_delays();
        scenario.run.days = Days::new(100.0);
        hashprices(&mut scenario, &[(5.0, 9.6), (5.0 + idle, 48.0)]);
        assert_eq!(switches(&run(&scenario), "high"), (vec![5.0], vec![5.0 + idle + delay]), "off for {idle} d");
    }
}

/// Eco mode: 0.776 of the hashrate at 0.861 of the energy per hash. Eco mode costs 24 * 0.861 = 20.66; the additional output of full power costs
/// 24 (1 - 0.861 * 0.776)/(1 - 0.776) = 35.56 per PH/s.
#[test]
fn eco_mode() {
    let mut scenario = solo(one_class());
    hashprices(&mut scenario, &[(1.0, 35.6), (2.0, 35.5), (3.0, 20.7), (4.0, 20.6), (5.0, 20.7), (6.0, 35.6)]);
    scenario.run.days = Days::new(7.0);
    for (eco, expected) in
        [(true, [100.0, 100.0, 77.6, 77.6, 0.0, 77.6, 100.0]), (false, [100.0, 100.0, 100.0, 0.0, 0.0, 0.0, 100.0])]
    {
        let shakeout::world::PopulationParams::Drawn { fleet, .. } = &mut scenario.population else { panic!("listed") };
        fleet[0].eco = eco;
        let records = run(&scenario);
        for (day, (found, expected)) in records.hashrates().into_iter().zip(expected).enumerate() {
            assert!((found - expected).abs() < 1e-3, "day {day}, eco {eco}: {found} EH/s, expected {expected}");
        }
        // 100 EH/s of 20 J/TH are 2 GW.
        let power = if eco { 2.0 * 0.776 * 0.861 } else { 2.0 };
        close("power on day 2", records.days[2].power_gw, power, 1e-5);
    }
}

/// Leaving eco mode is a setting, not a restart: the boost lot restarts at once after eight days, or with its machines after they
/// were off for eight (which takes them two days).
#[test]
fn change_of_mode_waits_for_nothing() {
    for (low, restarts) in [(30.0, vec![9.0]), (20.0, vec![11.0, 11.0])] {
        let mut scenario = solo(one_class());
        let shakeout::world::PopulationParams::Drawn { fleet, .. } = &mut scenario.population else { panic!("listed") };
        fleet[0].eco = true;
        scenario.operation.restart_delays = restart_delays();
        hashprices(&mut scenario, &[(1.0, low), (9.0, 48.0)]);
        assert_eq!(switches(&run(&scenario), "solo-1").1, restarts, "down to {low}");
    }
}

/// Half of the power bill is due in any case: avoidable cost is 12, and when idle the firm still pays 12 * 100,000 PH/s.
#[test]
fn take_or_pay() {
    let rich = MinerRow { cash: Usd::new(1e9), ..row("m", 100.0, 24.0) };
    let mut scenario = network(vec![rich], 100.0, 48.0);
    hashprices(&mut scenario, &[(2.0, 12.01), (4.0, 11.99)]);
    scenario.run.days = Days::new(7.0);
    let without = run(&scenario);
    assert_eq!(switches(&without, "m"), (vec![2.0], vec![]));
    assert_eq!(without.days[5].cash, without.days[6].cash);
    scenario.power.take_or_pay = 0.5;
    let with = run(&scenario);
    assert_eq!(switches(&with, "m"), (vec![4.0], vec![]));
    let paid = |day: usize| with.days[day - 1].cash.get() - with.days[day].cash.get();
    close("bill of a running day", paid(1), 24.0 * 1e5, 1e-9);
    close("bill of an idle day", paid(6), 12.0 * 1e5, 1e-9);
}

/// Running cost: 24 USD/PH/day at PUE 1; with PUE 1.1 and 0.5 c/kWh of operation, 24 * 1.1 + 24 * 20 * 0.005 = 28.8; and 1
/// USD/PH/day of fixed cost.
#[test]
fn running_cost() {
    for (pue, om, fixed, due) in
        [(1.0, 0.0, 0.0, 24.0), (1.1, 0.0, 0.0, 26.4), (1.1, 0.005, 0.0, 28.8), (1.1, 0.005, 1.0, 29.8)]
    {
        let mut scenario = solo(ClassParams { fixed_cost_usd_per_ph_day: fixed, ..one_class() });
        (scenario.power.pue, scenario.power.running_cost) = (pue, PowerPrice::new(om));
        let records = run(&scenario);
        close("bill", records.days[3].cash.get() - records.days[4].cash.get(), due * 1e5, 1e-6);
        close("power", records.days[3].power_gw, 2.0 * pue, 1e-9);
    }
}

/// Payments of an amortising loan at 11 % over 24 months: after n days the balance is `P (1+i)^n - A ((1+i)^n - 1)/i`, and cash is
/// lower by n payments and n days of running cost.
#[test]
fn debt_service() {
    let borrower = MinerRow { cash: Usd::new(1e9), debt: Usd::new(4e8), ..row("m", 100.0, 24.0) };
    let mut scenario = network(vec![borrower], 100.0, 48.0);
    scenario.run.days = Days::new(100.0);
    let (i, term) = (0.11 / 365.0, 24.0 * 365.25 / 12.0);
    let payment = level_payment(4e8, i, term);
    let records = run(&scenario);
    for n in [1.0, 10.0, 100.0] {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small whole number")]
        let day = &records.days[n as usize - 1];
        let growth = libm::pow(1.0 + i, n);
        close("debt", day.debt.get(), 4e8 * growth - payment * (growth - 1.0) / i, 1e-9);
        close("cash", day.cash.get(), 1e9 - n * (payment + 2.4e6), 1e-9);
    }
}

/// A loan is paid off at the end of its term, and has no cost from then on.
#[test]
fn debt_ends() {
    let borrower = MinerRow { cash: Usd::new(1e9), debt: Usd::new(1e8), ..row("m", 100.0, 24.0) };
    let mut scenario = network(vec![borrower], 100.0, 48.0);
    scenario.settlement.debt_term_months = 2.0;
    scenario.run.days = Days::new(65.0);
    let days = run(&scenario).days;
    assert!(days[59].debt.get() > 0.0, "the last part of a payment is due on day 61: {:?}", days[59].debt);
    assert!(days[60].debt.get().abs() < 1e-3, "{:?}", days[60].debt);
    close("bill", (days[62].cash - days[63].cash).get(), 2.4e6, 1e-9);
}

/// 60 % of 450 BTC a day are sold.
#[test]
fn sale_share() {
    for share in [0.6, 0.0, 1.0] {
        let records =
            run(&solo(ClassParams { treasury: TreasuryPolicy::Share { share, excess_per_day: 0.0 }, ..one_class() }));
        for day in &records.days {
            let left = share * day.issued.btc() - day.sold_voluntary.btc();
            assert!((0.0..=2e-8).contains(&left), "{left} BTC of {} at share {share}", day.issued.btc());
            assert_eq!(day.sold_forced, Sats::ZERO);
        }
        let held = Sats::new(records.firm("solo-1").coins).btc();
        close("coins and one", held + 1.0, (1.0 - share) * 13.0 * 450.0 + 1.0, 1e-4);
    }
}

/// 2 % a day of the coins above the initial treasury, before the day's production, are sold: none on day 1, 9 BTC on day 2,
/// 2 % of 891 on day 3. The treasury itself, three days of production, is kept.
#[test]
fn excess_sale() {
    let treasury = TreasuryPolicy::Share { share: 0.0, excess_per_day: 0.02 };
    let records = run(&solo(ClassParams { treasury, treasury_days: 3.0, ..one_class() }));
    let mut above = 0.0;
    for (number, day) in records.days.iter().enumerate() {
        close(&format!("sold on day {}", number + 1), day.sold_voluntary.btc() + 1.0, 0.02 * above + 1.0, 1e-8);
        above += day.issued.btc() - day.sold_voluntary.btc();
        close("held", day.coins_held.btc(), 1350.0 + above, 1e-4);
    }
    close("sold on day 3", records.days[2].sold_voluntary.btc(), 17.82, 1e-4);
}

/// A day costs 2.4 million USD, a month 73.05 million. With half a month of cash and a buffer of one month, the first settlement sells for
/// 2.4 + 73.05 - 36.525 million, 3649.2 BTC out of twenty days' production; each later one for a day's bill, 225 BTC.
/// Without a buffer nothing is sold until the cash is used up: 15.2 days.
#[test]
fn cash_buffer() {
    let class = ClassParams { cash_months: 0.5, treasury_days: 20.0, ..one_class() };
    let records = run(&solo(ClassParams { cash_buffer_months: 1.0, ..class.clone() }));
    close("first sale", records.days[0].sold_forced.btc(), 38.925e6 / (48e5 / 450.0), 1e-4);
    for day in &records.days[1..] {
        close("later sale", day.sold_forced.btc(), 225.0, 1e-4);
        close("cash", day.cash.get(), 73.05e6, 1e-6);
    }
    let mut scenario = solo(class);
    scenario.run.days = Days::new(18.0);
    let forced: Vec<f64> = run(&scenario).days.iter().map(|day| day.sold_forced.btc()).collect();
    assert_eq!(forced[..15], [0.0; 15]);
    // 36.525 million less 15 days of 2.4 leave 0.525 of the 2.4 due on day 16.
    close("sale on day 16", forced[15], 1.875e6 / (48e5 / 450.0), 1e-4);
    close("sale on day 17", forced[16], 225.0, 1e-4);
}

/// Coins are sold before a bill stays unpaid, and the firm exists as long as they last: 10 BTC at 10,666.67 USD and 500 USD pay
/// 107,166.67 USD, so at 10,000 a day the bill of day 11 is the first missed. Its machines leave with it.
#[test]
fn arrears_and_winding_up() {
    let poor = MinerRow {
        cash: Usd::new(500.0),
        coins: Sats::from_btc(10.0),
        fixed_cost_usd_per_day: 10_000.0,
        ..row("poor", 1.0, 1e6)
    };
    let mut scenario = network(vec![row("rich", 100.0, 10.0), poor], 100.0, 48.0);
    scenario.settlement.grace_days = 5.0;
    let records = run(&scenario);
    assert_eq!(records.when("arrears", "poor"), [11.0]);
    assert_eq!(records.when("default", "poor"), [16.0]);
    let forced: f64 = records.days.iter().map(|day| day.sold_forced.btc()).sum();
    close("all coins sold", forced, 10.0, 1e-12);
    assert_eq!(records.days[14].idle_hashrate_eh_per_s, 1.0);
    assert_eq!(records.days[15].idle_hashrate_eh_per_s, 0.0, "machines leave");
    assert_eq!((records.days[12].firms_in_arrears, records.days[16].firms_in_arrears), (1, 0));
    close("defaulted share", records.metric("defaulted_hashrate_share"), 1.0 / 101.0, 1e-12);
}

/// 992,470 USD at 125,000 USD a coin are 7.93976 BTC to the satoshi, and in doubles a ten-billionth of a dollar less. A firm with coins must not
/// be in arrears because of this.
#[test]
fn rounding_is_no_arrears() {
    let exact = MinerRow {
        cash: Usd::ZERO,
        coins: Sats::from_btc(100.0),
        fixed_cost_usd_per_day: 992_470.0,
        ..row("exact", 1.0, 1e6)
    };
    let mut scenario = network(vec![row("rich", 100.0, 10.0), exact], 100.0, 562.5);
    scenario.settlement.grace_days = 0.0;
    scenario.run.days = Days::new(10.0);
    let records = run(&scenario);
    assert_eq!(records.days[0].price_usd, 125_000.0);
    assert_eq!(records.when("arrears", "exact"), Vec::<f64>::new());
}

/// A firm that pays within the grace period goes on. 10 PH/s earn 480 USD a day or nothing, cost 240 or nothing, and 100 are fixed cost.
/// Day 1 leaves 0.018 BTC. Idle on days 2 to 6, at a fifth of the price, the firm pays 38 USD of day 2's bill and owes
/// 62, 162, ... 462. Then it mines and owes 322, 182, 42, and nothing on day 10: in arrears for 8 days.
#[test]
fn arrears_that_end() {
    let shaky = MinerRow { cash: Usd::new(50.0), fixed_cost_usd_per_day: 100.0, ..row("shaky", 0.01, 24.0) };
    let mut scenario = network(vec![row("rich", 99.99, 1.0), shaky], 100.0, 48.0);
    hashprices(&mut scenario, &[(1.0, 9.6), (6.0, 48.0)]);
    scenario.run.days = Days::new(13.0);
    for (grace, state) in [(8.5, "ok"), (7.0, "liquidated")] {
        scenario.settlement.grace_days = grace;
        let records = run(&scenario);
        assert_eq!(records.when("arrears", "shaky"), [2.0]);
        assert_eq!(records.firm("shaky").state, state);
        let behind: Vec<u32> = records.days.iter().map(|day| day.firms_in_arrears).collect();
        let until = if state == "ok" { 9 } else { 8 };
        let expected: Vec<u32> = (1..=13).map(|day| u32::from((2..=until).contains(&day))).collect();
        assert_eq!(behind, expected, "grace {grace}");
    }
}

/// A lender loses the unpaid debt of a liquidated firm: all of it, if the firm has nothing. On day 31 that is the principal, 31 days of
/// interest at 11 %, and 2 % on overdue principal. For an amortising loan of 730.5 daily payments `P r/(1 - (1 + r)^-730.5)`, with r = 0.11/365, the
/// principal of the first payment is `P r/((1 + r)^730.5 - 1)` and grows by r; that of day i is overdue for 31 - i days.
#[test]
fn lender_loss() {
    let poor = MinerRow { cash: Usd::ZERO, debt: Usd::new(1e6), ..row("poor", 1.0, 1e6) };
    let mut scenario = network(vec![row("rich", 100.0, 10.0), poor], 100.0, 48.0);
    scenario.run.days = Days::new(60.0);
    let records = run(&scenario);
    assert_eq!(records.when("default", "poor"), [31.0]);
    let rate = 0.11 / 365.0;
    let first = 1e6 * rate / (libm::pow(1.0 + rate, 730.5) - 1.0);
    let overdue_days: f64 = (1..31).map(|i| libm::pow(1.0 + rate, f64::from(i - 1)) * f64::from(31 - i)).sum();
    let interest = 31.0 * 1e6 * rate + first * overdue_days * 0.02 / 365.0;
    close("lender loss", records.metric("lender_loss_usd"), 1e6 + interest, 1e-9);
    close("debt left", records.firm("poor").debt + 1.0, 1.0, 1e-6);
    assert!(records.firm("rich").cash > 0.0);
}
