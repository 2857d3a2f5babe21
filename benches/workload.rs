//! The speed workload, engine beside plain loop: `cargo bench --bench workload`.
//!
//! 128 replicas of `scenarios/core/scenario.toml` on one thread, each on the same base price path as the plain loop's turn beside it.
//! Means of 128 must agree: shares of miners and of hashrate within a point. Told are they and the ratio of the times, at most 1.3 being asked for. `-- 16` runs so many replicas.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::cast_precision_loss, reason = "a benchmark: small numbers, told to a reader")]

#[expect(dead_code, reason = "another benchmark uses the rest")]
mod core;

use core::{Columns, miners, workload};
use shakeout::{
    random::{Purpose, stream},
    scenario::load,
    simulation::{Engine, record::Observer},
    units::Seconds,
};
use std::{path::Path, time::Instant};

struct Deaf;

impl Observer for Deaf {}

fn main() {
    let replicas = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(128);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/core/scenario.toml");
    let scenario = load(&file, &[], None).expect("the scenario is sound").scenario;
    let engine = Engine::new(&scenario, false).expect("an engine");
    let columns = Columns::core(&miners(1000));
    let end = Seconds::from(scenario.run.days);
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    let (mut our_seconds, mut their_seconds) = (0.0, 0.0);
    for replica in 0..replicas {
        let path = scenario.price.path(end, stream(scenario.run.seed, replica, Purpose::Price, 0));
        let path: Vec<f64> = path.values.iter().map(|price| price.get()).collect();
        let since = Instant::now();
        theirs.push(workload(columns.clone(), &path));
        their_seconds += since.elapsed().as_secs_f64();
        let since = Instant::now();
        let mut simulation = engine.begin(replica).expect("miners");
        while !simulation.is_over() {
            simulation.step(&mut Deaf);
        }
        our_seconds += since.elapsed().as_secs_f64();
        let metrics = simulation.metrics();
        let price = path[path.len() - 1] * (1.0 + metrics.price_impact_worst);
        ours.push([
            simulation.world().running().eh() / 600.0,
            metrics.defaults / 1000.0,
            price,
            metrics.difficulty_end_share,
        ]);
    }
    for (name, place) in [("running share", 0), ("bankrupt share", 1), ("price, USD", 2), ("difficulty share", 3)] {
        let mean = |all: &[[f64; 4]]| all.iter().map(|one| one[place]).sum::<f64>() / all.len() as f64;
        let (engine, plain) = (mean(&ours), mean(&theirs));
        println!("{name:<18} engine {engine:>12.4}  loop {plain:>12.4}");
        assert!(place > 1 || replicas < 128 || (engine - plain).abs() <= 0.01, "{name} differs by more than a point");
    }
    println!(
        "{replicas} replicas: engine {our_seconds:.3} s, loop {their_seconds:.3} s, ratio {:.2}",
        our_seconds / their_seconds
    );
}
