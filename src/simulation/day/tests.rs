//! Histories with dormant firms compared with those in which each firm settles every day.

use super::Simulation;
use crate::{
    scenario::load,
    simulation::{Engine, record::Observer},
    units::{Sats, Usd},
    world::{Scenario, rest::Rests},
};
use std::path::Path;

struct Nobody;

impl Observer for Nobody {}

fn bundled(file: &str, sets: &[&str]) -> Scenario {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(file);
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    load(&file, &sets, None).unwrap_or_else(|problems| panic!("{problems:?}")).scenario
}

/// The speed workload, in which all firms can be dormant, for a number of days.
fn core(days: u32, sets: &[&str]) -> Scenario {
    let days = format!("run.days={days}");
    bundled("core/scenario.toml", &[&[days.as_str()], sets].concat())
}

fn resting(simulation: &Simulation<'_>) -> usize {
    simulation.world.population.firms.ids().filter(|&firm| simulation.world.ledger.rests.is_resting(firm)).count()
}

#[expect(clippy::cast_precision_loss, reason = "all coins are below 2^53 satoshi")]
fn sats(count: i64) -> f64 {
    count as f64
}

/// Two histories in step. A firm that settles sells up to a satoshi more per day, and each coin that all sell lowers the price by a part in five
/// million; nothing else may differ.
fn agree(scenario: &Scenario, replica: u64) {
    let engine = Engine::new(scenario, false).expect("an engine");
    let mut rests = engine.begin(replica).expect("miners");
    let mut settles = engine.begin(replica).expect("miners");
    settles.world.ledger.rests = Rests::default();
    let mut rested = 0;
    let mut days = 0.0;
    let mut highest: f64 = 0.0;
    while !rests.is_over() {
        highest = highest.max(rests.world.quote().get());
        rests.step(&mut Nobody);
        settles.step(&mut Nobody);
        days += 1.0;
        rests.check().unwrap_or_else(|violation| panic!("{violation}"));
        rested += resting(&rests);
        assert_eq!(rests.world.running(), settles.world.running(), "day {days}: the same machines run");
        let (ours, theirs) = (&rests.world.ledger, &settles.world.ledger);
        let firms = sats(i64::try_from(ours.accounts.len()).expect("few"));
        assert!(ours.coins_held() >= 0 && ours.cash_held() >= 0.0, "day {days}: nothing is less than nothing");
        assert!((sats(ours.coins_held() - theirs.coins_held())).abs() <= firms * (days + 2.0), "day {days}: coins");
        assert!(
            sats((ours.sold.total() - theirs.sold.total()).get()).abs() <= firms * (days + 2.0),
            "day {days}: sales"
        );
        // A satoshi more sold per day adds a little cash.
        let usd = (days + 2.0) * highest / 1e8;
        assert!(
            (ours.cash_held() - theirs.cash_held()).abs() <= firms * usd + 1e-9 * ours.turnover,
            "day {days}: cash"
        );
        for firm in ours.accounts.ids() {
            let (a, b) = (ours.balance(firm), theirs.balance(firm));
            let name = &rests.world.population.firms.name[firm];
            assert!(a.coins >= Sats::ZERO && a.cash >= Usd::ZERO, "day {days}, {name}: {a:?}");
            assert_eq!(ours.standing[firm], theirs.standing[firm], "day {days}, {name}");
            let dearer = 2e-7 * firms * (days + 2.0) / 1e8 * sats(a.sold.total().get());
            assert!(sats((a.coins - b.coins).get()).abs() <= days + 2.0 + dearer, "day {days}, {name}: {a:?} {b:?}");
            assert!(sats((a.mined - b.mined).get()).abs() <= 1.0, "day {days}, {name}: {a:?} {b:?}");
            assert!(
                (a.cash - b.cash).get().abs()
                    <= usd + (dearer * highest / 1e8) + 1e-9 * (a.cash.get() + theirs.went_usd[firm]),
                "day {days}, {name}: {a:?} {b:?}"
            );
        }
    }
    assert_eq!(resting(&settles), 0);
    let share = f64::from(u32::try_from(rested).expect("few")) / days / 1000.0;
    let alive = rests.world.ledger.standing.iter().filter(|standing| standing.lives()).count();
    assert!(share > 0.7, "{share} of firms rested on a day, {alive} are left");
}

#[test]
fn resting_is_settling_every_day() {
    for replica in 0..3 {
        agree(&core(500, &[]), replica);
    }
}

/// A firm that sells everything has no coins to cover bills with.
#[test]
fn so_it_is_where_everything_is_sold() {
    agree(&core(400, &["population.treasury=all"]), 1);
}

/// With a step of some hours, the day still ends once.
#[test]
fn so_it_is_in_steps_of_hours() {
    let mut scenario = core(60, &[]);
    scenario.run.step = crate::world::Step::Every(crate::units::Seconds::new(6.0 * 3600.0));
    let engine = Engine::new(&scenario, false).expect("an engine");
    let (mut rests, mut settles) = (engine.begin(2).expect("miners"), engine.begin(2).expect("miners"));
    settles.world.ledger.rests = Rests::default();
    while !rests.is_over() {
        rests.step(&mut Nobody);
        settles.step(&mut Nobody);
        rests.check().unwrap_or_else(|violation| panic!("{violation}"));
        assert_eq!(rests.world.running(), settles.world.running());
        assert!(
            sats((rests.world.ledger.sold.total() - settles.world.ledger.sold.total()).get()).abs() <= 1000.0 * 62.0
        );
    }
    assert!(resting(&rests) > 700, "{} of 1,000 firms rest", resting(&rests));
}

/// If other mechanisms read a firm's cash, or machines wear, no firm is dormant.
#[test]
fn nobody_rests_where_others_look() {
    let daily = |sets: &[&str]| bundled("downturn-simple.toml", &[&["settlement.every_days=1"], sets].concat());
    assert!(daily(&[]).lets_firms_rest());
    assert!(!bundled("downturn-simple.toml", &[]).lets_firms_rest());
    for sets in [&["rigs=auction"][..], &["rigs=reduced"], &["ageing={}"], &["invest.payback.machine=s21pro"]] {
        assert!(!daily(sets).lets_firms_rest(), "{sets:?}");
    }
    assert!(!daily(&["rigs=auction", "consolidation.enabled=true"]).lets_firms_rest());
}

fn broken(tamper: impl Fn(&mut Simulation<'_>)) -> Option<&'static str> {
    let scenario = core(40, &[]);
    let mut simulation = Engine::new(&scenario, false).expect("an engine").begin(0).expect("miners");
    while !simulation.is_over() {
        simulation.step(&mut Nobody);
    }
    tamper(&mut simulation);
    simulation.check().err().map(|violation| violation.invariant)
}

/// Coins and dollars that are booked for no firm, or in a firm's account alone, are detected.
#[test]
fn what_is_booked_for_others_adds_up() {
    assert_eq!(broken(|_| ()), None);
    assert_eq!(broken(|simulation| simulation.world.ledger.rests.ahead += Sats::new(1)), Some("I1"));
    assert_eq!(broken(|simulation| simulation.world.ledger.rests.cash += 1e6), Some("I2"));
    let forget = |simulation: &mut Simulation<'_>| {
        let firm = simulation
            .world
            .population
            .firms
            .ids()
            .find(|&firm| simulation.world.ledger.rests.is_resting(firm))
            .expect("one rests");
        simulation.world.ledger[firm].cost_nusd *= 2;
    };
    assert_eq!(broken(forget), Some("I2"));
}
