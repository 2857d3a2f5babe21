//! The chain and its closed forms: former errors of the program, each as a test with the correct value.

use crate::network::{DAY, close, network, row, run, run_unaudited};
use shakeout::{
    chain::{Arrivals, Epochs, Retarget},
    mechanism::disruption::Curtailment,
    output::{
        csv::{Recorder, Recording},
        table::{Table, Tables},
    },
    scenario::{BUNDLED, Resolved, Scenario, load, load_bundled},
    simulation::{Engine, record::EpochRecord},
    study::{
        calibrate::{History, Summary},
        score::{EpochWatch, Reference},
    },
    units::{Days, Hashprice, Sats, Seconds, UsdPerBtc},
    world::MinerRow,
};
use std::{collections::BTreeSet, path::Path, sync::atomic::AtomicBool};

/// A frozen scenario of this module.
fn frozen(name: &str, sets: &[&str]) -> Resolved {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/cases/chain").join(name);
    let sets: Vec<String> = sets.iter().map(|&set| set.to_owned()).collect();
    load(&path, &sets, None).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The whole epochs of a run as an observer of the chain sees them.
fn watched(scenario: &Scenario) -> Vec<shakeout::study::score::SeenEpoch> {
    let mut watch = EpochWatch::default();
    let engine = Engine::new(scenario, false).expect("the miners can start");
    engine.run(0, &mut watch, &AtomicBool::new(false)).expect("a history");
    watch.epochs
}

const RULES: [Retarget; 6] = [
    Retarget::Bitcoin,
    Retarget::Asert { half_life_s: 172_800 },
    Retarget::Cw144,
    Retarget::Lwma { window: 144 },
    Retarget::FixedWindow { window: 100, clamp: None, all_gaps: true },
    Retarget::FixedWindow { window: 500, clamp: Some(4.0), all_gaps: false },
];

const fn length(rule: Retarget) -> u64 {
    match rule {
        Retarget::FixedWindow { window, .. } => window as u64,
        _ => 2016,
    }
}

/// The blocks of an epoch come every 600 s before and after the start, wherever in the epoch the history starts.
#[test]
fn epochs_are_alike_wherever_in_one_the_history_starts() {
    for rule in RULES {
        let blocks = length(rule);
        for place in [blocks - 2, blocks - 1, blocks, blocks + 1] {
            let mut scenario = network(vec![row("m", 100.0, 1.0)], 100.0, 50.0);
            scenario.run.days = Days::new(45.0);
            scenario.chain.retarget = rule;
            scenario.chain.height = blocks * 400 + place;
            let epochs = run(&scenario).epochs;
            let what = format!("{rule:?} from {place} on");
            let first = &epochs[0];
            assert_eq!(first.start_height, Epochs::of(blocks).first(scenario.chain.height), "{what}");
            assert_eq!(first.start.get(), -600.0 * (place % blocks) as f64, "{what}");
            let whole: Vec<&EpochRecord> = epochs.iter().filter(|epoch| epoch.duration.is_some()).collect();
            assert!(whole.len() >= 3, "{what}: {} epochs", whole.len());
            let mut next = (first.start_height, first.start);
            for epoch in whole {
                let duration = epoch.duration.expect("whole");
                assert_eq!(epoch.start_height, next.0, "{what}");
                assert!((epoch.start - next.1).get().abs() < 1e-6, "{what}");
                close(&what, duration.get(), 600.0 * blocks as f64, 0.012);
                close(&what, epoch.hashrate_eh_per_s.expect("whole"), 100.0, 1.5e-3);
                next = (epoch.start_height + blocks, epoch.start + duration);
            }
        }
    }
}

/// `difficulty-rules` starts on the last block of an epoch: its first epoch began 14 days before, at about 1,080 EH/s.
#[test]
fn the_epoch_that_the_first_block_closes_is_like_its_neighbours() {
    let last = frozen("last-block-of-an-epoch.toml", &[]).scenario;
    let epochs = run_unaudited(&last).epochs;
    close("start, days", epochs[0].start.get() / DAY, -14.0, 1e-3);
    assert_eq!(epochs[0].start_height, 915_264);
    for epoch in &epochs[..2] {
        // In the first epoch only the last gap is drawn, in the second all: six standard errors of 2016 gaps are 13 %.
        close("hashrate inferred", epoch.hashrate_eh_per_s.expect("whole"), 1080.0, 0.13);
    }
}

/// The price falls by half: no epoch has less than a fifth of the first one's hashrate, and the history that starts a block later has nearly
/// equal summaries in a calibration.
#[test]
fn summaries_see_no_trough_in_an_epoch_of_one_block() {
    for sets in [&[][..], &["chain.height=917280"]] {
        let epochs = watched(&frozen("last-block-of-an-epoch.toml", sets).scenario);
        assert_eq!(epochs[0].height, 917_280, "the first epoch that begins in the run");
        let history = History { epochs, sold_share: None };
        let trough = Summary::Trough.of(&history, 20.0);
        assert!((0.2..1.0).contains(&trough), "trough {trough}");
    }
}

/// The history of 2018 starts with the first block of an epoch; a scenario that starts with the last block of the previous epoch reads equal data.
#[test]
fn a_history_is_laid_beside_the_epoch_that_is_being_mined() {
    let reference = |sets: &[&str]| {
        let crash = frozen("2018-crash.toml", sets);
        Reference::new(&crash.scenario, crash.observed.as_ref()).unwrap_or_else(|error| panic!("{error}"))
    };
    let (first, last) = (reference(&[]), reference(&["chain.height=542303"]));
    assert_eq!(last.epochs, first.epochs);
    assert_eq!(last.start.hashrate_eh_per_s, first.start.hashrate_eh_per_s);
    let simulated = watched(&frozen("2018-crash.toml", &["chain.height=542303"]).scenario);
    assert_eq!(simulated[0].height, last.epochs[0].height);
}

/// Under a rule with its own epoch length, observed epochs cannot be compared.
#[test]
fn a_history_is_not_laid_beside_other_epochs() {
    let sets = ["chain.retarget=fixed_window", "chain.retarget.fixed_window.window=100"];
    let crash = frozen("2018-crash.toml", &sets);
    let error = Reference::new(&crash.scenario, crash.observed.as_ref()).expect_err("other epochs").to_string();
    assert!(error.contains("every 100 blocks"), "{error}");
}

/// The work of an epoch over its duration is the hashrate, whatever the epoch length: 572.66 EH/s run.
#[test]
fn hashrate_is_inferred_from_the_blocks_that_an_epoch_has() {
    let sets = ["chain.retarget=fixed_window", "chain.retarget.fixed_window.window=100"];
    for epoch in run(&frozen("base.toml", &sets).scenario).epochs {
        if let Some(inferred) = epoch.hashrate_eh_per_s {
            close("inferred", inferred, 572.66, 2e-4);
        }
    }
}

/// Half of hashrate is cut in the middle of an epoch, and difficulty follows within it: the epoch's work still gives the mean running hashrate.
#[test]
fn work_is_summed_where_difficulty_moves_within_an_epoch() {
    for rule in RULES {
        let mut scenario = network(vec![row("a", 55.0, 1.0), row("b", 45.0, 1.0)], 100.0, 50.0);
        scenario.run.days = Days::new(80.0);
        scenario.chain.retarget = rule;
        scenario.chain.height = length(rule) * 440 - 1;
        scenario.curtailments.push(Curtailment {
            name: "cut".to_owned(),
            at: Seconds::new(20.0 * DAY),
            until: None,
            share: 0.45,
            regions: vec![],
            classes: vec![],
        });
        let epochs = run(&scenario).epochs;
        let cut = epochs.iter().position(|epoch| epoch.start.get() / DAY > 20.0).expect("an epoch after the cut") - 1;
        for epoch in &epochs[1..epochs.len() - 1] {
            let inferred = epoch.hashrate_eh_per_s.expect("whole");
            close(&format!("{rule:?}"), inferred, epoch.running_hashrate_eh_per_s, 6e-3);
        }
        assert!((55.0..100.0).contains(&epochs[cut].running_hashrate_eh_per_s), "the cut lies in it");
    }
}

/// T9 where the clamp binds, beyond a share of 3/4: an epoch lasts `14 c^-j/(1 - y)` days until difficulty has fallen by 1 - y, c = 4, so
/// the delay stops at `14 ((1 - 4^-m)/(1 - 1/4)/(1 - y) - m)` days, `m = ceil(log4(1/(1 - y)))`: 59.5 d for y = 0.8, where
/// `14 y/(1 - y)` would be 56. The two agree for m = 1.
#[test]
fn t9_where_the_clamp_binds() {
    for (y, clamped, by_hand) in [(0.5, 1, 14.0), (0.74, 1, 39.846), (0.8, 2, 59.5), (0.95, 3, 325.5)] {
        let left: f64 = 1.0 - y;
        let m = f64::from(u32::try_from(clamped).expect("a few"));
        close("m", m, libm::ceil(libm::log(1.0 / left) / libm::log(4.0)), 1e-9);
        let delay = 14.0 * ((1.0 - libm::pow(4.0, -m)) / 0.75 / left - m);
        close("by hand", delay, by_hand, 1e-4);
        let mut scenario = network(vec![row("m", 100.0 * left, 1.0)], 100.0, 50.0);
        scenario.run.days = Days::new(delay + 14.0 * (m + 3.5));
        let retargets = run(&scenario).when("retarget", "");
        for (epoch, day) in retargets.iter().enumerate().skip(clamped - 1) {
            let expected = delay + epoch as f64 * 600.0 / DAY;
            close(&format!("y = {y}, retarget {epoch}"), day - 14.0 * (epoch + 1) as f64, expected, 1e-3);
        }
        assert!(retargets.len() > clamped + 1);
    }
}

/// Hashrate that grows by 5 % in 14 days: an epoch lasts T with `T e^(g T) = 14 d 2016/2015`, 13.3693 days. Machines are whole and arrive
/// evenly within each month, which moves single epochs by more than their mean.
#[test]
fn an_epoch_under_growth_at_a_constant_rate() {
    let growth = libm::log(1.05) / 14.0;
    let (mut low, mut high) = (10.0_f64, 14.0_f64);
    for _ in 0..60 {
        let days = f64::midpoint(low, high);
        if days * libm::exp(growth * days) < 14.0 * 2016.0 / 2015.0 { low = days } else { high = days }
    }
    close("closed form", low, 13.3693, 1e-5);
    let epochs = run_unaudited(&frozen("growth.toml", &[]).scenario).epochs;
    let days: Vec<f64> = epochs.iter().skip(10).filter_map(|epoch| Some(epoch.duration?.get() / DAY)).collect();
    assert!(days.len() > 50, "{} epochs", days.len());
    close("mean epoch", days.iter().sum::<f64>() / days.len() as f64, low, 5e-4);
}

/// Hashrate Index: price, difficulty and fees of two days, and its published USD/PH/day.
#[test]
fn hashprice_of_two_days_as_published() {
    for (price, difficulty, fees, published) in
        [(33_806.0, 13.67e12, 0.0126, 315.0), (60_028.0, 20.08e12, 0.0107, 380.0)]
    {
        let reward = Sats::from_btc(6.25 * (1.0 + fees));
        let found = Hashprice::earned(difficulty, reward, UsdPerBtc::new(price)).get();
        close("USD/PH/day", found, published, 6e-4);
    }
}

/// Noda's epoch rules of 1000, 100 and 10 blocks (okuchap/DAA_Lucas, `simulation_variousTs`, the set-up of `scenarios/noda-2020`).
#[test]
fn the_windows_of_noda() {
    for (window, paths, mean, std, p120, p180) in [
        (1000, 60, 14.756, 22.857, 0.9022, 0.6840),
        (100, 60, 17.603, 30.701, 0.9914, 0.9202),
        (10, 60, 32.786, 102.849, 1.0, 1.0),
    ] {
        let mut scenario = crate::noda::scenario("bitcoin_no_clamp");
        scenario.chain.retarget = Retarget::FixedWindow { window, clamp: None, all_gaps: true };
        let published = crate::noda::Row { mean, std, p120, p180 };
        crate::noda::agrees(&format!("{window} blocks"), &scenario, paths, &published, None);
    }
}

/// The rows of one replica, by table.
fn rows(scenario: &Scenario, firm: Option<String>) -> Vec<(Table, String)> {
    let tables = Tables::all().with_ledger();
    let mut recorder = Recorder::new(&Recording::new(scenario.run.start, tables).with_all_events(), 0);
    let engine = Engine::new(scenario, false).expect("the miners can start").following(firm);
    engine.run(0, &mut recorder, &AtomicBool::new(false)).expect("a history");
    let rows = recorder.finish().expect("all is finite");
    tables.iter().zip(rows.0).map(|(table, rows)| (table, String::from_utf8(rows).expect("text"))).collect()
}

/// No two rows of a table agree in its key.
fn keys_are_unique(what: &str, scenario: &Scenario, firm: Option<String>) {
    for (table, text) in rows(scenario, firm) {
        let columns = table.columns();
        let place = |name: &&str| columns.iter().position(|column| column.name == *name).expect("a column");
        let places: Vec<usize> = table.key().iter().map(place).collect();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let mut seen = BTreeSet::new();
        for record in reader.records() {
            let record = record.expect("a row");
            let key: Vec<String> = places.iter().map(|&place| record[place].to_owned()).collect();
            assert!(seen.insert(key.clone()), "{what}: two rows of `{}` have the key {key:?}", table.name());
        }
        assert!(
            !seen.is_empty() || table == Table::Rigs && scenario.rigs.is_none(),
            "{what}: no row of `{}`",
            table.name()
        );
    }
}

#[test]
fn keys_are_unique_in_every_table_of_every_shipped_scenario() {
    for (name, _) in BUNDLED {
        let mut scenario =
            load_bundled(name, &[], None).unwrap_or_else(|problems| panic!("{name}: {problems}")).scenario;
        // By then there are epochs, a cut one, settlements and clearings of machines.
        scenario.run.days = Days::new(scenario.run.days.get().min(75.0));
        let population = Engine::new(&scenario, false).expect("miners").population(0).expect("miners");
        keys_are_unique(name, &scenario, population.firms.name.first().cloned());
    }
}

/// The run ends at the instant at which an epoch begins, and epochs of one block follow each other within a second.
#[test]
fn keys_are_unique_at_the_edges_of_epochs() {
    let mut ends = network(vec![row("m", 100.0, 1.0)], 100.0, 50.0);
    ends.chain.height = 2016 * 440;
    let length = run(&ends).when("retarget", "")[0];
    let begins = run(&ends).epochs[1].start.get() / DAY;
    assert!(begins > length);
    ends.run.days = Days::new(begins);
    keys_are_unique("ends with an epoch", &ends, Some("m".to_owned()));
    assert!(run(&ends).epochs.iter().all(|epoch| epoch.running_hashrate_eh_per_s > 0.0), "no epoch without time");
    let mut short = network(vec![row("m", 100.0, 1.0)], 100.0, 50.0);
    short.chain.retarget = Retarget::FixedWindow { window: 1, clamp: None, all_gaps: true };
    short.chain.arrivals = Arrivals::Exact;
    short.run.days = Days::new(12.0);
    keys_are_unique("epochs of one block", &short, Some("m".to_owned()));
}

/// States at the ends of epochs carry the number of the epoch that ends, as in `epochs.csv`; at the start of the run no epoch has ended.
#[test]
fn a_state_is_that_of_the_end_of_its_epoch() {
    let scenario = network(
        vec![MinerRow { treasury: shakeout::mechanism::treasury::params::TreasuryPolicy::All, ..row("m", 100.0, 1.0) }],
        100.0,
        50.0,
    );
    let tables = rows(&scenario, None);
    let table = |wanted: Table| {
        let text = &tables.iter().find(|(table, _)| *table == wanted).expect("it is written").1;
        let columns = wanted.columns();
        let place = move |name: &str| columns.iter().position(|column| column.name == name).expect("a column");
        let cells: Vec<Vec<String>> = text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect();
        move |name: &str| -> Vec<String> { cells.iter().map(|row| row[place(name)].clone()).collect() }
    };
    let epochs = table(Table::Epochs)("epoch");
    for of_states in [Table::Classes, Table::Restart] {
        assert_eq!(table(of_states)("epoch"), epochs, "{}", of_states.name());
    }
    let with_start: Vec<String> = std::iter::once(String::new()).chain(epochs.iter().cloned()).collect();
    for of_states in [Table::Fleet, Table::Supply] {
        assert_eq!(table(of_states)("epoch"), with_start, "{}", of_states.name());
    }
    // Sales of classes up to the end of an epoch equal the sales of the epochs up to it.
    let numbers =
        |texts: Vec<String>| -> Vec<f64> { texts.iter().map(|text| text.parse().expect("a number")).collect() };
    let mut sold = 0.0;
    let by_epoch = numbers(table(Table::Epochs)("sold_voluntary_btc"));
    for (of_epoch, so_far) in by_epoch.into_iter().zip(numbers(table(Table::Classes)("sold_voluntary_btc"))) {
        sold += of_epoch;
        close("sold", so_far, sold, 1e-9);
    }
}
