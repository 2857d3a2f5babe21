//! The day of the engine beside a plain loop over columns: `cargo bench --bench step`.
//!
//! Both run the same days of the same miners in turn, one thread, and what is told are medians over the turns and the ratio of
//! each pair. Before, both are held to the same hashrate on every day, and the loop to the workload's digits.
//! `cargo bench --bench step -- 1000` runs that size alone.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::cast_precision_loss, reason = "a benchmark: small numbers, told to a reader")]

mod core;

use core::{Columns, DIGITS, PlainDay, digits, miners, plain, prices, scenario};
use shakeout::{
    output::{
        csv::{DEFAULT_EVENT_REPLICAS, Recorder, Recording},
        table::Tables,
    },
    scenario::Scenario,
    simulation::{
        Engine,
        record::{DayRecord, EventRecord, Observer},
    },
    units::Sats,
};
use std::{hint::black_box, time::Instant};

const DAYS: u32 = 1460;

/// An observer that only counts: what the engine does without writing anything down.
#[derive(Debug, Default)]
struct Counter {
    days: u64,
    events: u64,
    /// Of the last day.
    hashrate_eh_per_s: f64,
}

impl Observer for Counter {
    fn on_day(&mut self, day: &DayRecord) {
        self.days += 1;
        self.hashrate_eh_per_s = day.hashrate_eh_per_s;
    }
    fn on_event(&mut self, _: &EventRecord<'_>) {
        self.events += 1;
    }
}

/// One of the engine's variants that are timed.
struct Variant {
    name: &'static str,
    /// Days between settlements.
    settle_every: u32,
    /// Miners may fail; else they have more than enough cash, since the loop without settlement knows no failure.
    may_fail: bool,
    observer: Watch,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Watch {
    Counter,
    Recorder,
    RecorderWithEvents,
}

/// Further than the run goes: half of the firms settle once, the others never.
const SELDOM: u32 = 2 * DAYS;

const VARIANTS: [Variant; 5] = [
    Variant { name: "engine, counting", settle_every: SELDOM, may_fail: false, observer: Watch::Counter },
    Variant { name: "engine, recording", settle_every: SELDOM, may_fail: false, observer: Watch::Recorder },
    Variant { name: "  and events", settle_every: SELDOM, may_fail: false, observer: Watch::RecorderWithEvents },
    Variant { name: "  settling every 30 days", settle_every: 30, may_fail: false, observer: Watch::Recorder },
    Variant { name: "  settling every day", settle_every: 1, may_fail: true, observer: Watch::Recorder },
];

fn network(n: usize, variant: &Variant) -> Scenario {
    let mut scenario = scenario(&miners(n), DAYS, variant.settle_every);
    if !variant.may_fail
        && let shakeout::world::PopulationParams::Listed(rows) = &mut scenario.population
    {
        for row in rows {
            row.cash = shakeout::units::Usd::new(1e12);
            row.coins = Sats::ZERO;
        }
    }
    scenario
}

/// Steps a history through all its days; returns seconds.
fn live(engine: &Engine<'_>, replica: u64, observer: &mut impl Observer) -> f64 {
    let since = Instant::now();
    let mut simulation = engine.begin(replica).expect("miners");
    while !simulation.is_over() {
        simulation.step(observer);
    }
    let seconds = since.elapsed().as_secs_f64();
    black_box(simulation.world().running());
    seconds
}

fn time(engine: &Engine<'_>, scenario: &Scenario, replica: u64, watch: Watch) -> f64 {
    let recording = Recording { event_replicas: 0, ..Recording::new(scenario.run.start, Tables::all()) };
    match watch {
        Watch::Counter => {
            let mut counter = Counter::default();
            let seconds = live(engine, replica, &mut counter);
            assert_eq!(counter.days, u64::from(DAYS));
            black_box(counter.events);
            seconds
        }
        Watch::Recorder => live(engine, replica, &mut Recorder::new(&recording, replica)),
        Watch::RecorderWithEvents => live(engine, replica, &mut Recorder::new(&recording.with_all_events(), replica)),
    }
}

/// The engine's hashrate on each day must be the loop's; 1e-12 is for what its mean over the day rounds away,
/// far less than the smallest miner. (After a step the engine itself has wound up who failed on the day, the loop does so on the next.)
fn require_equal_days(engine: &Engine<'_>, replica: u64, loop_days: &[PlainDay]) {
    let mut simulation = engine.begin(replica).expect("miners");
    let mut counter = Counter::default();
    for (number, day) in loop_days.iter().enumerate() {
        simulation.step(&mut counter);
        let (ours, theirs) = (counter.hashrate_eh_per_s, day.running_mh / 1e12);
        assert!(
            (ours - theirs).abs() <= 1e-12 * theirs,
            "day {number}: the engine runs {ours} EH/s, the loop {theirs}"
        );
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn row(name: &str, seconds: &mut [f64], n: usize, loops: &[(&str, &[f64])]) {
    let ratios: Vec<String> = loops
        .iter()
        .map(|(_, other)| {
            let mut ratios: Vec<f64> = seconds.iter().zip(*other).map(|(a, b)| a / b).collect();
            format!("{:>10.3}", median(&mut ratios))
        })
        .collect();
    let per_miner_day = median(&mut seconds.to_vec()) / (n as f64 * f64::from(DAYS)) * 1e9;
    println!("{n:>7}  {name:<34} {per_miner_day:>10.3}  {}", ratios.join("  "));
}

fn compare(n: usize, turns: usize) {
    for settles in [false, true] {
        let variants: Vec<&Variant> = VARIANTS.iter().filter(|variant| variant.may_fail == settles).collect();
        let scenarios: Vec<Scenario> = variants.iter().map(|variant| network(n, variant)).collect();
        let engines: Vec<Engine<'_>> =
            scenarios.iter().map(|scenario| Engine::new(scenario, false).expect("an engine")).collect();
        let columns = Columns::of(&engines[0].population(0).expect("miners"), settles);
        let chain = &scenarios[0].chain;
        for replica in 0..3 {
            let days = plain(columns.clone(), chain, &prices(&scenarios[0], replica), DAYS, settles, false);
            for engine in &engines {
                require_equal_days(engine, replica, &days);
            }
        }
        let mut loops = [Vec::new(), Vec::new()];
        let mut seconds = vec![Vec::new(); variants.len()];
        for turn in 0..turns as u64 {
            let path = prices(&scenarios[0], turn);
            for (wide, loop_seconds) in [false, true].into_iter().zip(&mut loops) {
                let since = Instant::now();
                black_box(plain(columns.clone(), chain, &path, DAYS, settles, wide));
                loop_seconds.push(since.elapsed().as_secs_f64());
            }
            for ((variant, engine), seconds) in variants.iter().zip(&engines).zip(&mut seconds) {
                seconds.push(time(engine, &scenarios[0], turn, variant.observer));
            }
        }
        let name = if settles { "loop, settling in f64 every day" } else { "loop" };
        let against = [("loop", loops[0].clone()), ("AVX2", loops[1].clone())];
        let against: Vec<(&str, &[f64])> = against.iter().map(|(name, seconds)| (*name, &seconds[..])).collect();
        row(name, &mut loops[0].clone(), n, &against);
        row(&format!("{name}, AVX2"), &mut loops[1].clone(), n, &against);
        for (variant, seconds) in variants.iter().zip(&mut seconds) {
            row(variant.name, seconds, n, &against);
        }
    }
}

fn main() {
    let found = digits(1000, DAYS);
    for (digit, known) in found.iter().zip(DIGITS) {
        assert!((digit / known - 1.0).abs() < 1e-9, "the loop gives {found:?}, all others {DIGITS:?}");
    }
    let wanted: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    println!(
        "Events of firms are recorded in the first {DEFAULT_EVENT_REPLICAS} replicas of a run, and here only where it says so.\n"
    );
    println!("{:>7}  {:<34} {:>10}  {:>10}  {:>10}", "miners", "", "ns/m-day", "/ loop", "/ AVX2");
    for (n, turns) in [(1_000, 21), (10_000, 9), (100_000, 5)] {
        if wanted.is_empty() || wanted.contains(&n) {
            compare(n, turns);
        }
    }
}
