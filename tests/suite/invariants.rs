//! I1 to I9 of the specification: audited runs over all combinations of options, and under stress; equal bytes for
//! equal seeds.

use crate::network::{
    DAY, Records, along, flat, motley, network, price_for, row, rows, run, run_replica, shock, varied,
};
use shakeout::{
    chain::{Arrivals, Retarget},
    market::PriceProcess,
    scenario::{Scenario, Step},
    simulation::Engine,
    units::{Days, Seconds, UsdPerBtc},
    world::PopulationParams,
};

const RETARGETS: [Retarget; 6] = [
    Retarget::Bitcoin,
    Retarget::Asert { half_life_s: 172_800 },
    Retarget::Cw144,
    Retarget::Lwma { window: 144 },
    Retarget::FixedWindow { window: 144, clamp: None, all_gaps: true },
    Retarget::FixedWindow { window: 2016, clamp: Some(2.0), all_gaps: false },
];

const STEPS: [Step; 4] = [
    Step::Every(Seconds::new(DAY)),
    Step::Every(Seconds::new(DAY / 4.0)),
    Step::Every(Seconds::new(3600.0)),
    Step::Block,
];

/// Every arrival mode, step and rule, for drawn and for listed miners, through a crash by day 10, a worse one by day 25, a
/// recovery, and a halving on about day 40.
fn combinations(base: &Scenario, price: f64) {
    for arrivals in [Arrivals::Fluid, Arrivals::Poisson, Arrivals::Exact] {
        for step in STEPS {
            for retarget in RETARGETS {
                let mut scenario = base.clone();
                scenario.price = flat(price);
                for (day, factor) in [(10.0, 0.6), (25.0, 0.5), (32.0, 2.5)] {
                    shock(&mut scenario, day, factor);
                }
                scenario.run.days = Days::new(60.0);
                scenario.run.step = step;
                scenario.chain.height = 1_050_000 - 40 * 144;
                scenario.chain.arrivals = arrivals;
                scenario.chain.retarget = retarget;
                let records = run_replica(&scenario, 3)
                    .unwrap_or_else(|error| panic!("{arrivals:?} {step:?} {retarget:?}: {error}"));
                let of = |kind: &str| records.events.iter().filter(|event| event.kind == kind).count();
                assert!(of("shutdown") > 0 && of("restart") > 0, "{arrivals:?} {step:?} {retarget:?}: nothing happens");
            }
        }
    }
}

#[test]
fn every_combination_of_drawn_miners() {
    combinations(&varied(), price_for(48.0, 1000.0));
}

#[test]
fn every_combination_of_listed_miners() {
    combinations(&motley(), price_for(48.0, 1000.0));
}

/// The price falls to a millionth: all lots stop, all firms fail, no block comes, and the books still balance.
#[test]
fn price_falls_to_nothing() {
    for mut scenario in [varied(), motley()] {
        along(&mut scenario, 1000.0, &[(0.0, 48.0), (60.0, 5.0), (120.0, 48e-6)]);
        scenario.run.days = Days::new(900.0);
        let records = run(&scenario);
        let last = records.days.last().expect("days");
        assert_eq!((last.hashrate_eh_per_s, last.blocks), (0.0, 0.0));
        let failed = records.firms.iter().filter(|firm| firm.state == "liquidated").count();
        assert!(failed * 2 > records.firms.len(), "{failed} of {}", records.firms.len());
        assert_eq!(last.block_interval_s, None);
    }
}

/// Hashrate is zero for a week: no blocks, no coins. Then the price restores it, and the epoch continues.
#[test]
fn hashrate_reaches_zero_and_comes_back() {
    for arrivals in [Arrivals::Fluid, Arrivals::Poisson, Arrivals::Exact] {
        for step in STEPS {
            let mut scenario =
                network((0..10).map(|i| row(&format!("miner {i}"), 10.0, 24.0 + f64::from(i))).collect(), 100.0, 48.0);
            scenario.chain.arrivals = arrivals;
            scenario.run.step = step;
            scenario.run.days = Days::new(40.0);
            shock(&mut scenario, 3.0, 0.1);
            shock(&mut scenario, 10.0, 10.0);
            let records = run(&scenario);
            for day in &records.days[3..10] {
                assert_eq!(
                    (day.hashrate_eh_per_s, day.blocks, day.issued.get()),
                    (0.0, 0.0, 0),
                    "{arrivals:?} {step:?}"
                );
            }
            assert!(records.days[11].blocks > 60.0 && libm::fabs(records.days[11].hashrate_eh_per_s - 100.0) < 1e-9);
            let first = records.epoch_days()[0];
            assert!((first - 21.0).abs() < 1.5, "the epoch takes a week longer: {first} d");
        }
    }
}

/// Liquidated firms leave permanently, without hashrate, coins or cash, and the others go on.
#[test]
fn liquidated_firms_do_not_return() {
    let mut scenario = motley();
    shock(&mut scenario, 20.0, 0.5);
    let records = run(&scenario);
    let gone: Vec<_> = records.firms.iter().filter(|firm| firm.state == "liquidated").collect();
    assert!(gone.len() > 10, "{}", gone.len());
    for firm in gone {
        assert_eq!((firm.running_eh, firm.coins, firm.cash, firm.debt), (0.0, 0, 0.0, 0.0), "{firm:?}");
        let exit = firm.exit_day.expect("a day of exit");
        assert!(records.when("restart", &firm.name).iter().all(|&day| day <= exit), "{firm:?}");
    }
}

/// Every whole coin of the schedule is issued, and the subsidy halves at its height.
#[test]
fn issue_follows_the_schedule_through_a_halving() {
    let mut scenario = network(vec![row("m", 100.0, 1.0)], 100.0, 48.0);
    scenario.chain.height = 1_050_000 - 10 * 144;
    scenario.run.days = Days::new(20.0);
    for arrivals in [Arrivals::Fluid, Arrivals::Poisson, Arrivals::Exact] {
        scenario.chain.arrivals = arrivals;
        let records = run(&scenario);
        let blocks: f64 = records.days.iter().map(|day| day.blocks).sum();
        let expected = 1439.0 * 3.125 + (blocks - 1439.0) * 1.5625;
        let mined = records.metric("mined_btc");
        assert!((mined - expected).abs() < 1e-6, "{arrivals:?}: {mined} BTC of {expected}");
        assert_eq!(records.when("halving", "").len(), 1);
    }
}

fn transcript(scenario: &Scenario, replica: u64) -> String {
    run_replica(scenario, replica).unwrap_or_else(|error| panic!("{error}")).transcript
}

/// I9: the same seed gives the same bytes, in any thread and from a fresh engine or a shared one.
#[test]
fn i9_same_bytes() {
    for (arrivals, step) in
        [(Arrivals::Poisson, STEPS[0]), (Arrivals::Exact, STEPS[1]), (Arrivals::Poisson, Step::Block)]
    {
        let mut scenario = varied();
        scenario.chain.arrivals = arrivals;
        scenario.run.step = step;
        scenario.run.days = Days::new(60.0);
        let alone: Vec<String> = (0..4).map(|replica| transcript(&scenario, replica)).collect();
        let engine = Engine::new(&scenario, false).expect("miners");
        std::thread::scope(|scope| {
            let runs: Vec<_> = (0..4u64)
                .map(|replica| {
                    let engine = &engine;
                    scope.spawn(move || {
                        let mut records = Records::default();
                        engine
                            .run(replica, &mut records, &std::sync::atomic::AtomicBool::new(false))
                            .map(|()| records.transcript)
                    })
                })
                .collect();
            for (replica, run) in runs.into_iter().enumerate() {
                assert!(
                    run.join().expect("no panic").expect("a history") == alone[replica],
                    "replica {replica} differs by thread"
                );
            }
        });
        for (a, b) in [(0, 1), (0, 2), (1, 3)] {
            assert!(alone[a] != alone[b], "replicas {a} and {b} are the same");
        }
        let mut reseeded = scenario.clone();
        reseeded.run.seed += 1;
        assert!(transcript(&reseeded, 0) != alone[0], "the seed does not matter");
    }
}

/// I9: draws belong to names. One more firm in a class, and one more class before it, change the sizes of others (shares sum to
/// one) but no price, rule, switching cost, delay or settlement day.
#[test]
fn i9_a_new_firm_changes_no_other_draw() {
    let base = varied();
    let mut larger = base.clone();
    let PopulationParams::Drawn { classes, .. } = &mut larger.population else { panic!("listed") };
    classes[1].firms += 1;
    let mut extra = classes[0].clone();
    extra.name = "newcomers".to_owned();
    for class in classes.iter_mut() {
        class.share *= 0.9;
    }
    extra.share = 0.1;
    classes.insert(0, extra);
    let population =
        |scenario: &Scenario| Engine::new(scenario, true).expect("an engine").population(5).expect("miners");
    let (before, after) = (population(&base), population(&larger));
    assert_eq!(after.firms.len(), before.firms.len() + 26);
    for (firm, name) in before.firms.name.entries() {
        let same = after.firms.named(name).expect("it is still there");
        assert!((before.firms.power_price[firm] / after.firms.power_price[same] - 1.0).abs() < 1e-12, "{name}");
        let of = |population: &shakeout::world::population::Population, firm| {
            let lots = &population.lots;
            population
                .lots_of_firm(firm)
                .map(|lot| {
                    (
                        lots.key[lot],
                        lots.rule[lot],
                        lots.switching_cost[lot].to_bits(),
                        lots.low[lot].get().to_bits(),
                        lots.high[lot].get().to_bits(),
                    )
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(of(&before, firm), of(&after, same), "{name}");
    }
    // The largest two of a class keep their ratio unless capped.
    #[expect(clippy::cast_precision_loss, reason = "MH/s are known to 53 bits")]
    let size = |population: &shakeout::world::population::Population, name: &str| {
        population.firms.installed_mh[population.firms.named(name).expect("a firm")] as f64
    };
    let ratio = |population| size(population, "home-1") / size(population, "home-2");
    assert!((ratio(&before) / ratio(&after) - 1.0).abs() < 0.02, "{} {}", ratio(&before), ratio(&after));
}

/// I9 for an additional listed firm: all others switch on the same days as long as the network does not change, here because the firm
/// has a name and no machines.
#[test]
fn i9_a_new_row_changes_no_response() {
    let mut scenario = motley();
    scenario.operation.response = Seconds::new(5.0 * DAY);
    let before = run(&scenario);
    rows(&mut scenario).insert(0, row("a newcomer", 1e-6, 1e9));
    let after = run(&scenario);
    let events = |records: &Records| {
        records
            .events
            .iter()
            .filter(|event| event.firm != "a newcomer")
            .map(|event| format!("{event:?}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(events(&before), events(&after));
}

/// Price and block arrivals are the only sources of randomness for listed miners: without both, all replicas are equal.
#[test]
fn without_chance_all_replicas_are_one() {
    let mut scenario = motley();
    scenario.price.process =
        PriceProcess::Path { points: vec![(Seconds::ZERO, UsdPerBtc::new(price_for(48.0, 1000.0)))] };
    assert!(transcript(&scenario, 0) == transcript(&scenario, 1));
    scenario.chain.arrivals = Arrivals::Poisson;
    assert!(transcript(&scenario, 0) != transcript(&scenario, 1));
}
