//! M1 to M8 of the specification: symmetries, that is, changes of the input that must not change the result.

#![expect(clippy::float_cmp, reason = "the tests claim equal bits")]

use crate::network::{
    DAY, Records, along, close, flat, motley, network, price_for, row, rows, run, run_unaudited, shock, varied,
};
use shakeout::{
    chain::{Arrivals, CompactTarget},
    market::PriceProcess,
    scenario::{Scenario, Step},
    simulation::{Engine, record::DayRecord},
    units::{Days, Efficiency, Hashrate, Sats, Seconds, Usd},
    world::{MinerRow, PopulationParams},
};

/// Results that do not depend on the unit of money, to the last bit.
fn physical(day: &DayRecord) -> [u64; 5] {
    [day.hashrate_eh_per_s, day.idle_hashrate_eh_per_s, day.difficulty, day.blocks, day.power_gw].map(f64::to_bits)
}

fn assert_same_physics(a: &Records, b: &Records) {
    assert_eq!(a.days.len(), b.days.len());
    for (a, b) in a.days.iter().zip(&b.days) {
        assert_eq!(physical(a), physical(b), "{a:?}\n{b:?}");
        assert_eq!((a.issued, a.firms_in_arrears), (b.issued, b.firms_in_arrears), "{a:?}\n{b:?}");
    }
    let told = |records: &Records| {
        let physics =
            records.events.iter().map(|event| format!("{} {} {} {}", event.day, event.kind, event.firm, event.eh));
        physics.collect::<Vec<_>>()
    };
    assert_eq!(told(a), told(b));
}

/// A run must contain events, or its symmetry means nothing.
fn assert_eventful(records: &Records) {
    let of = |kind: &str| records.events.iter().filter(|event| event.kind == kind).count();
    assert!(
        of("shutdown") > 10 && of("restart") > 5 && of("default") > 2,
        "{} {} {}",
        of("shutdown"),
        of("restart"),
        of("default")
    );
}

/// All USD quantities times `k`.
fn in_money(mut scenario: Scenario, k: f64) -> Scenario {
    let PriceProcess::Gbm { start, .. } = &mut scenario.price.process else { panic!("a price that is given") };
    *start *= k;
    scenario.operation.switching_cost_median_usd_per_ph *= k;
    scenario.power.running_cost *= k;
    match &mut scenario.population {
        PopulationParams::Drawn { classes, .. } => {
            for class in classes {
                class.power_price_median *= k;
                class.debt_usd_per_th *= k;
                class.fixed_cost_usd_per_ph_day *= k;
            }
        }
        PopulationParams::Listed(rows) => {
            for row in rows {
                row.power_price *= k;
                row.cash *= k;
                row.debt *= k;
                row.fixed_cost_usd_per_day *= k;
            }
        }
    }
    scenario
}

/// M1: in a currency worth 2^-n of the dollar, an identical physical path bit for bit, and all prices times 2^n. Debts are kept in
/// whole 10^-9 USD, so sales can differ by satoshi.
#[test]
fn m1_money_has_no_scale() {
    for base in [motley(), varied()] {
        let reference = run(&base);
        assert_eventful(&reference);
        for k in [1024.0, 1.0 / 8.0] {
            let scaled = run(&in_money(base.clone(), k));
            assert_same_physics(&reference, &scaled);
            for (a, b) in reference.days.iter().zip(&scaled.days) {
                assert_eq!(a.price_usd * k, b.price_usd);
                assert_eq!(a.hashprice_usd_per_ph_day * k, b.hashprice_usd_per_ph_day);
                let sold = |day: &DayRecord| day.sold_voluntary + day.sold_forced + day.sold_liquidation;
                assert!((sold(a) - sold(b)).get().abs() < 1000, "{a:?}\n{b:?}");
                assert!(libm::fabs(a.cash.get() * k - b.cash.get()) <= 1e-9 * b.cash.get() + 1.0, "{a:?}\n{b:?}");
            }
        }
    }
}

/// M2: all hashrates and difficulty times 256, so that a PH/s costs and draws a 256th: an identical path, bit for bit.
#[test]
fn m2_hash_and_difficulty_times_256() {
    for arrivals in [Arrivals::Fluid, Arrivals::Poisson] {
        let mut base = motley();
        base.chain.arrivals = arrivals;
        let mut large = base.clone();
        large.chain.nbits -= 0x0100_0000;
        assert_eq!(
            CompactTarget::new(large.chain.nbits).difficulty(),
            256.0 * CompactTarget::new(base.chain.nbits).difficulty()
        );
        for row in rows(&mut large) {
            row.hashrate = Hashrate::from_mh(row.hashrate.mh() * 256);
            row.efficiency = Efficiency::new(row.efficiency.get() / 256.0);
        }
        let (small, large) = (run(&base), run(&large));
        assert_eventful(&small);
        for (a, b) in small.days.iter().zip(&large.days) {
            assert_eq!(a.hashrate_eh_per_s * 256.0, b.hashrate_eh_per_s);
            assert_eq!(a.difficulty * 256.0, b.difficulty);
            assert_eq!(
                (a.blocks, a.power_gw, a.price_usd, a.underwater_share),
                (b.blocks, b.power_gw, b.price_usd, b.underwater_share)
            );
            assert_eq!((a.issued, a.sold_forced, a.sold_liquidation), (b.issued, b.sold_forced, b.sold_liquidation));
            assert_eq!((a.cash, a.debt, a.coins_held), (b.cash, b.debt, b.coins_held));
        }
    }
}

fn halves(row: &MinerRow) -> [MinerRow; 2] {
    assert!(row.hashrate.mh().is_multiple_of(2) && row.coins.get() % 2 == 0, "{} has no halves", row.firm);
    ["left", "right"].map(|side| MinerRow {
        firm: format!("{} {side}", row.firm),
        hashrate: Hashrate::from_mh(row.hashrate.mh() / 2),
        cash: row.cash * 0.5,
        coins: Sats::new(row.coins.get() / 2),
        debt: row.debt * 0.5,
        fixed_cost_usd_per_day: row.fixed_cost_usd_per_day * 0.5,
        ..row.clone()
    })
}

/// M3: two equal halves act like the whole. Each is paid whole satoshi and owes whole 10^-9 USD.
#[test]
fn m3_halves_of_a_firm() {
    let mut base = motley();
    for row in rows(&mut base) {
        row.hashrate = Hashrate::from_mh(row.hashrate.mh() / 2 * 2);
        row.coins = Sats::new(row.coins.get() / 2 * 2);
    }
    let whole = run(&base);
    assert_eventful(&whole);
    let firms = rows(&mut base).len();
    for split in [vec![0], vec![17], (0..firms).collect()] {
        let mut parts = base.clone();
        *rows(&mut parts) = rows(&mut base.clone())
            .iter()
            .enumerate()
            .flat_map(|(i, row)| if split.contains(&i) { halves(row).to_vec() } else { vec![row.clone()] })
            .collect();
        let parts = run(&parts);
        for (a, b) in whole.days.iter().zip(&parts.days) {
            assert_eq!(physical(a), physical(b), "{a:?}\n{b:?}");
            let slack = 100 * i64::try_from(firms).expect("few");
            for (a, b) in
                [(a.sold_forced, b.sold_forced), (a.sold_liquidation, b.sold_liquidation), (a.coins_held, b.coins_held)]
            {
                assert!((a - b).get().abs() <= slack, "{a:?} {b:?}");
            }
            assert!(libm::fabs((a.cash - b.cash).get()) <= 1e-9 * a.cash.get() + 1.0);
        }
    }
}

/// M4: the order of firms in the list has no effect, also with response delays.
#[test]
fn m4_order_of_rows() {
    for response in [0.0, 3.0] {
        let mut base = motley();
        base.operation.response = Seconds::new(response * DAY);
        base.chain.arrivals = Arrivals::Poisson;
        let forward = run(&base);
        assert_eventful(&forward);
        let mut orders = [base.clone(), base.clone()];
        rows(&mut orders[0]).reverse();
        rows(&mut orders[1]).sort_by_key(|row| row.hashrate.mh() % 997);
        for other in orders {
            let other = run(&other);
            for (a, b) in forward.days.iter().zip(&other.days) {
                assert_eq!(physical(a), physical(b), "{a:?}\n{b:?}");
                assert_eq!(
                    (a.sold_forced, a.sold_liquidation, a.coins_held),
                    (b.sold_forced, b.sold_liquidation, b.coins_held)
                );
                // A running sum of dollars that can nearly cancel: its rounding depends on the order.
                assert!(libm::fabs((a.cash - b.cash).get()) < 1e-2, "{a:?}\n{b:?}");
            }
            for firm in &forward.firms {
                let same = other.firm(&firm.name);
                assert_eq!(
                    (firm.coins, firm.state.as_str(), firm.exit_day),
                    (same.coins, same.state.as_str(), same.exit_day),
                    "{}",
                    firm.name
                );
            }
        }
    }
}

/// M4 for classes: their order changes the order of sums and so, by rounding, a machine here or there.
#[test]
fn m4_order_of_classes_and_models() {
    let base = varied();
    let forward = run(&base);
    assert_eventful(&forward);
    let mut other = base;
    let PopulationParams::Drawn { classes, .. } = &mut other.population else { panic!("a listed population") };
    classes.reverse();
    let other = run(&other);
    for (a, b) in forward.days.iter().zip(&other.days) {
        close("hashrate", b.hashrate_eh_per_s, a.hashrate_eh_per_s, 1e-6);
        close("difficulty", b.difficulty, a.difficulty, 1e-3);
        close("cash", b.cash.get(), a.cash.get(), 1e-3);
    }
}

/// M6: with smaller steps the path converges.
#[test]
fn m6_smaller_steps_converge() {
    let lots = (0..1000).map(|i| row("m", 0.1, 10.0 + 0.06 * f64::from(i))).collect();
    let mut scenario = network(lots, 100.0, 55.0);
    scenario.operation.response = Seconds::new(3.0 * DAY);
    scenario.run.days = Days::new(100.0);
    along(&mut scenario, 100.0, &[(0.0, 55.0), (20.0, 30.0), (45.0, 22.0), (70.0, 50.0), (100.0, 40.0)]);
    let path = |hours: f64| {
        let mut scenario = scenario.clone();
        scenario.run.step = Step::Every(Seconds::new(3600.0 * hours));
        run_unaudited(&scenario).hashrates()
    };
    let paths: Vec<_> = [24.0, 12.0, 6.0, 3.0, 1.5].map(path).into_iter().collect();
    let differences: Vec<f64> = paths
        .windows(2)
        .map(|pair| pair[0].iter().zip(&pair[1]).map(|(a, b)| libm::fabs(a - b)).sum::<f64>() / 100.0)
        .collect();
    let orders: Vec<f64> = differences.windows(2).map(|pair| libm::log2(pair[0] / pair[1])).collect();
    let order = orders.iter().sum::<f64>() / 3.0;
    // Steps of a day and adjustments every fortnight do not divide each other: the order of convergence holds overall, not at each halving.
    assert!(differences[0] > 0.05, "the step does not matter at all: {differences:?} EH/s");
    assert!(
        order > 0.7 && orders.iter().all(|&order| order > 0.0),
        "mean differences {differences:?} EH/s, so orders {orders:?}, {order} on the whole"
    );
}

/// M7: an agent that can never afford to run changes nothing.
#[test]
fn m7_prohibitive_agent() {
    let mut base = motley();
    base.chain.arrivals = Arrivals::Poisson;
    base.operation.response = Seconds::new(DAY);
    let without = run(&base);
    rows(&mut base).insert(3, row("dreamer", 500.0, 1e9));
    let with = run(&base);
    for (a, b) in without.days.iter().zip(&with.days) {
        assert_eq!(a.hashrate_eh_per_s.to_bits(), b.hashrate_eh_per_s.to_bits());
        assert_eq!(a.difficulty.to_bits(), b.difficulty.to_bits());
        assert_eq!(
            (a.blocks, a.issued, a.sold_forced, a.coins_held),
            (b.blocks, b.issued, b.sold_forced, b.coins_held)
        );
        close("idle", b.idle_hashrate_eh_per_s, a.idle_hashrate_eh_per_s + 500.0, 1e-12);
    }
    assert_eq!(with.firm("dreamer").running_eh, 0.0);
}

/// M8: with common random numbers two policies diverge at the first instant at which they differ, and not before;
/// price and, while hashrate is equal, blocks are equal. Here: restart from 5 % or from 15 % above cost.
#[test]
fn m8_common_random_numbers() {
    let mut early = motley();
    early.chain.arrivals = Arrivals::Poisson;
    early.operation.response = Seconds::new(2.0 * DAY);
    // The price falls, stays low, and recovers; the rules differ only then.
    early.price = flat(price_for(48.0, 1000.0));
    shock(&mut early, 10.0, 0.5);
    shock(&mut early, 50.0, 1.9);
    for row in rows(&mut early) {
        row.cash = Usd::new(1e15);
        (row.shutdown_margin, row.restart_margin) = (-0.05, 0.05);
    }
    let mut late = early.clone();
    for row in rows(&mut late) {
        row.restart_margin = 0.15;
    }
    let (early, late) = (run(&early), run(&late));
    let first = early
        .days
        .iter()
        .zip(&late.days)
        .position(|(a, b)| a.hashrate_eh_per_s != b.hashrate_eh_per_s)
        .expect("they part");
    let restarts = |records: &Records| {
        let events = records.events.iter().filter(|event| event.kind == "restart");
        events.map(|event| (event.day, event.firm.clone())).collect::<Vec<_>>()
    };
    let (a, b) = (restarts(&early), restarts(&late));
    let parted = a.iter().find(|restart| !b.contains(restart)).expect("a restart that the late policy does not make");
    assert_eq!(
        f64::from(u32::try_from(first).expect("few days")),
        libm::floor(parted.0),
        "the day of the first restart that only one makes"
    );
    assert!(first > 20, "they part on day {first}, before their rules can differ");
    for (day, (a, b)) in early.days.iter().zip(&late.days).enumerate() {
        assert_eq!(a.price_usd.to_bits(), b.price_usd.to_bits());
        if day < first {
            assert_eq!(format!("{a:?}"), format!("{b:?}"));
        }
    }
}

/// The uncertainty of the level of power prices is one factor on all prices of a replica, drawn per replica: it is equal at all sites, and its
/// logarithm has the given standard deviation. No other draw changes.
#[test]
fn the_level_of_power_prices_is_one_factor_by_history() {
    let known = varied();
    let mut unknown = known.clone();
    unknown.power.price_level_log_sd = 0.1;
    let prices = |scenario: &Scenario, replica: u64| {
        let engine = Engine::new(scenario, false).expect("the miners can start");
        engine
            .population(replica)
            .expect("a population")
            .sites
            .own_price
            .iter()
            .map(|price| price.get())
            .collect::<Vec<f64>>()
    };
    let mut squares = 0.0;
    for replica in 0..100 {
        let (before, after) = (prices(&known, replica), prices(&unknown, replica));
        let factor = after[0] / before[0];
        for (before, after) in before.iter().zip(&after) {
            close("price", *after, before * factor, 1e-12);
        }
        squares += libm::log(factor) * libm::log(factor);
    }
    // Four standard errors of a deviation from 100 draws are 28 %.
    close("deviation", (squares / 100.0).sqrt(), 0.1, 0.28);
}
