//! Blocks per second under each difficulty rule: the chain alone, and the engine with 2,000 miners who decide at every block.
//!
//!     cargo bench --bench chain

use divan::{Bencher, black_box, counter::ItemsCount};
use shakeout::{
    chain::{Arrivals, Chain, ChainParams, Fees, Retarget},
    random::{Purpose, stream},
    scenario::{Scenario, load},
    simulation::{Engine, record::Observer},
    units::{Hashrate, Seconds, UnixTime},
};
use std::path::Path;

fn main() {
    divan::main();
}

const BLOCKS: u64 = 10_000;

/// By name; the fixed window as the paper of `scenarios/noda-2020` has it.
const RULES: [(&str, Retarget); 5] = [
    ("bitcoin", Retarget::Bitcoin),
    ("fixed_window", Retarget::FixedWindow { window: 2016, clamp: None, all_gaps: true }),
    ("cw144", Retarget::Cw144),
    ("lwma", Retarget::Lwma { window: 144 }),
    ("asert", Retarget::Asert { half_life_s: 172_800 }),
];
const NAMES: [&str; 5] = ["bitcoin", "fixed_window", "cw144", "lwma", "asert"];

fn rule(name: &str) -> Retarget {
    RULES.iter().find(|(known, _)| *known == name).expect("a rule of that name").1
}

/// The chain alone at constant hashrate, every gap drawn.
#[divan::bench(args = NAMES)]
fn chain(bencher: Bencher<'_, '_>, name: &str) {
    let params = ChainParams {
        start: UnixTime::new(1_543_060_800),
        height: 551_443,
        nbits: 0x172a_4e2f,
        history: vec![],
        arrivals: Arrivals::Exact,
        retarget: rule(name),
        fees: Fees { knots: vec![], elasticity: 0.0, spikes: vec![] },
        pow_limit: 0x1d00_ffff,
    };
    let hashrate = Hashrate::from_eh(47.6);
    bencher
        .counter(ItemsCount::new(BLOCKS))
        .with_inputs(|| Chain::new(&params, stream(1, 0, Purpose::BlockArrivals, 0)))
        .bench_local_values(|mut chain| {
            for _ in 0..BLOCKS {
                black_box(chain.advance_block(Seconds::new(1e9), hashrate, &mut |_| {}));
            }
        });
}

struct Nobody;

impl Observer for Nobody {}

/// The miners and the price of `scenarios/noda-2020`, from its start until so many steps are taken: a block each, but for the days' ends.
#[divan::bench(args = NAMES)]
fn engine(bencher: Bencher<'_, '_>, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/noda-2020/scenario.toml");
    let mut scenario: Scenario = load(&path, &[], None).expect("the scenario is sound").scenario;
    scenario.chain.retarget = rule(name);
    let engine = Engine::new(&scenario, false).expect("the miners can start");
    bencher.counter(ItemsCount::new(BLOCKS)).with_inputs(|| engine.begin(0).expect("a history")).bench_local_values(
        |mut simulation| {
            for _ in 0..BLOCKS {
                simulation.step(&mut Nobody);
            }
            simulation
        },
    );
}
