//! Many replicas of a default run on one thread and on two: `cargo bench --bench ensemble`.
//!
//! The run is `scenarios/downturn-simple.toml` over three years; rows are formatted as `shakeout run` does and dropped where it would write them. In the same turns the plain loop of `step` runs on one thread and on two, each
//! thread with columns of its own: what the machine itself gives.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::cast_precision_loss, reason = "a benchmark: small numbers, told to a reader")]

#[expect(dead_code, reason = "another benchmark uses the rest")]
mod core;

use core::{Columns, miners, plain, prices, scenario};
use shakeout::{
    output::{
        csv::{Recorder, Recording, Rows},
        table::Tables,
    },
    scenario::{Scenario, load},
    simulation::{Engine, record::Observer},
    study::{Ensemble, ReplicaError, Sink, run_ensemble},
};
use std::{
    convert::Infallible, hint::black_box, num::NonZeroUsize, path::Path, sync::atomic::AtomicBool, time::Instant,
};

const REPLICAS: u64 = 200;
const TURNS: usize = 5;

/// Counts bytes and drops them.
#[derive(Default)]
struct Dropped(usize);

impl Sink for Dropped {
    type Output = Rows;
    type Error = Infallible;
    fn accept(&mut self, _: u64, rows: Rows) -> Result<(), Infallible> {
        self.0 += rows.0.iter().map(Vec::len).sum::<usize>();
        Ok(())
    }
}

struct Deaf;

impl Observer for Deaf {}

fn timed(work: impl FnOnce()) -> f64 {
    let since = Instant::now();
    work();
    since.elapsed().as_secs_f64()
}

fn ensemble(engine: &Engine<'_>, scenario: &Scenario, threads: usize) -> f64 {
    let recording = Recording::new(scenario.run.start, Tables::all());
    let ensemble = Ensemble {
        replicas: 0..REPLICAS,
        seed: scenario.run.seed,
        threads: NonZeroUsize::new(threads).expect("threads"),
    };
    let mut sink = Dropped::default();
    let seconds = timed(|| {
        let one = |replica, stop: &AtomicBool| {
            let mut recorder = Recorder::new(&recording, replica);
            engine.run(replica, &mut recorder, stop).map_err(ReplicaError::failed)?;
            recorder.finish().map_err(ReplicaError::failed)
        };
        run_ensemble(&ensemble, one, &mut sink, &AtomicBool::new(false), &mut |_| ()).expect("a run");
    });
    black_box(sink.0);
    seconds
}

/// The loop over so many copies of its columns, shared out to threads.
fn loops(columns: &Columns, scenario: &Scenario, path: &[f64], threads: u64) -> f64 {
    let copies = 64;
    timed(|| {
        std::thread::scope(|scope| {
            for thread in 0..threads {
                scope.spawn(move || {
                    for _ in (thread..copies).step_by(usize::try_from(threads).expect("few")) {
                        black_box(plain(columns.clone(), &scenario.chain, path, 1460, false, false));
                    }
                });
            }
        });
    })
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Replicas per second on one thread of a scenario with a lot on, beside `downturn-simple` as it is.
fn with_mechanisms(name: &str, file: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let resolved = load(&file, &[], None).unwrap_or_else(|problems| panic!("{problems:?}"));
    let engine = Engine::new(&resolved.scenario, false).expect("an engine");
    let never = AtomicBool::new(false);
    let replicas = 20;
    let seconds =
        timed(|| (0..replicas).for_each(|replica| engine.run(replica, &mut Deaf, &never).expect("a history")));
    println!("{name:<20} {:.0} replicas a second of 730 days, no tables", replicas as f64 / seconds);
}

fn main() {
    with_mechanisms("downturn-simple", "scenarios/downturn-simple.toml");
    with_mechanisms("economy on", "benches/economy.toml");
    with_mechanisms("everything on", "benches/everything.toml");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/downturn-simple.toml");
    let resolved = load(&file, &["run.days=1095".to_owned()], None).unwrap_or_else(|_| panic!("a scenario of ours"));
    let run = &resolved.scenario;
    let engine = Engine::new(run, false).expect("an engine");
    let population = engine.population(0).expect("miners");
    println!(
        "{} firms, {} lots, {} days, {REPLICAS} replicas",
        population.firms.len(),
        population.lots.len(),
        run.run.days.get()
    );

    let columns_of = scenario(&miners(1000), 1460, 2920);
    let columns =
        Columns::of(&Engine::new(&columns_of, false).expect("an engine").population(0).expect("miners"), false);
    let path = prices(&columns_of, 0);
    let never = AtomicBool::new(false);
    // One thread, two threads, loop on one, loop on two, draw alone, without observer.
    let turns: Vec<[f64; 6]> = (0..TURNS)
        .map(|_| {
            [
                ensemble(&engine, run, 1),
                ensemble(&engine, run, 2),
                loops(&columns, &columns_of, &path, 1),
                loops(&columns, &columns_of, &path, 2),
                timed(|| {
                    for replica in 0..REPLICAS {
                        black_box(engine.population(replica).expect("miners"));
                    }
                }),
                timed(|| (0..REPLICAS).for_each(|replica| engine.run(replica, &mut Deaf, &never).expect("a run"))),
            ]
        })
        .collect();
    let of = |column: usize| median(turns.iter().map(|turn| turn[column]));
    let ratio = |a: usize, b: usize| median(turns.iter().map(|turn| turn[a] / turn[b]));
    let replicas = REPLICAS as f64;
    println!(
        "one thread           {:.2} s: {:.0} replicas a second, {:.2} ms each",
        of(0),
        replicas / of(0),
        of(0) / replicas * 1e3
    );
    println!("two threads          {:.2} s, {:.2} times one", of(1), ratio(0, 1));
    println!("the loop's two       {:.2} times its one", ratio(2, 3));
    println!("drawing the miners   {:.1} % of one thread", ratio(4, 0) * 100.0);
    println!("recording            {:.1} %", (1.0 - ratio(5, 0)) * 100.0);
    let steps = (of(5) - of(4)) / replicas / run.run.days.get();
    println!("a step               {:.0} ns, {:.2} ns a lot", steps * 1e9, steps / population.lots.len() as f64 * 1e9);
    println!("a lot is drawn in    {:.0} ns", of(4) / replicas / population.lots.len() as f64 * 1e9);
}
