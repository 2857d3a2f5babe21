//! `scenarios/noda-2020` against the table it reproduces (Noda, Okumura and Hashimoto, ssrn 3410460), with few of its 5,000 paths.
//!
//! Tolerance of a mean: four standard errors. The standard deviations of a path's statistics below are those of the full run
//! (the book's difficulty chapter), divided by the root of the number of paths here. Tolerance of a share p: four times
//! `sqrt(p (1 - p) / n)`. With a fixed seed, the test has one outcome.

use shakeout::{
    scenario::{Resolved, Scenario, load},
    simulation::{Engine, metrics::Metrics, record::Observer},
    units::Days,
};
use std::{path::Path, sync::atomic::AtomicBool};

pub fn scenario(variant: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/noda-2020/scenario.toml");
    let resolved: Resolved = load(&path, &[], Some(variant)).unwrap_or_else(|problems| panic!("{problems:?}"));
    resolved.scenario
}

/// Keeps only the metrics.
#[derive(Default)]
struct Headline(Metrics);

impl Headline {
    fn get(&self, name: &str) -> f64 {
        self.0.get(name).expect("gaps are drawn one by one")
    }
}

impl Observer for Headline {
    fn on_metrics(&mut self, metrics: &Metrics) {
        self.0 = metrics.clone();
    }
}

/// A row of the published table: minutes, and shares of paths.
pub struct Row {
    pub mean: f64,
    pub std: f64,
    pub p120: f64,
    pub p180: f64,
}

/// Standard deviations over paths of a path's mean gap and of the standard deviation of its gaps, min.
pub struct Spread {
    pub mean: f64,
    pub std: f64,
}

/// Fails if the paths differ from the published values by more than four standard errors of the paths' mean. Those of the first two
/// numbers follow from `spread` or, without it, from the paths themselves.
#[expect(clippy::cast_precision_loss, reason = "few paths")]
pub fn agrees(what: &str, scenario: &Scenario, paths: u64, published: &Row, spread: Option<&Spread>) {
    let engine = Engine::new(scenario, false).expect("the miners can start");
    let (mut means, mut stds, mut p120, mut p180) = (Vec::new(), Vec::new(), 0.0, 0.0);
    let n = paths as f64;
    for replica in 0..paths {
        let mut path = Headline::default();
        engine.run(replica, &mut path, &AtomicBool::new(false)).expect("a history");
        means.push(path.get("block_interval_mean_s") / 60.0);
        stds.push(path.get("block_interval_sd_s") / 60.0);
        let longest = path.get("block_gap_longest_s") / 60.0;
        p120 += f64::from(u8::from(longest > 120.0)) / n;
        p180 += f64::from(u8::from(longest > 180.0)) / n;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
    let deviation = |values: &[f64]| {
        let centre = mean(values);
        (values.iter().map(|value| (value - centre) * (value - centre)).sum::<f64>() / (n - 1.0)).sqrt()
    };
    let (of_mean, of_std) =
        spread.map_or_else(|| (deviation(&means), deviation(&stds)), |spread| (spread.mean, spread.std));
    let of_share = |p: f64| (p * (1.0 - p) / n).sqrt();
    for (number, ours, theirs, error) in [
        ("mean", mean(&means), published.mean, of_mean / n.sqrt()),
        ("std", mean(&stds), published.std, of_std / n.sqrt()),
        ("P(> 120 min)", p120, published.p120, of_share(published.p120)),
        ("P(> 180 min)", p180, published.p180, of_share(published.p180)),
    ] {
        // A share of one can be matched only to the resolution of the number of paths.
        let slack = 4.0 * error + f64::EPSILON * n;
        assert!((ours - theirs).abs() <= slack, "{what}, {number}: {ours}, published {theirs}, error {error}");
    }
}

/// Blocks ten minutes apart would miss the mean by eighteen standard errors.
#[test]
fn the_epoch_rule_is_slow_on_average() {
    let published = Row { mean: 12.797, std: 17.422, p120: 0.8504, p180: 0.5336 };
    agrees("bitcoin_no_clamp", &scenario("bitcoin_no_clamp"), 400, &published, Some(&Spread { mean: 3.06, std: 7.71 }));
}

/// ASERT would miss the mean by fifteen standard errors.
#[test]
fn cw144_keeps_the_pace() {
    let published = Row { mean: 10.035, std: 10.224, p120: 0.1836, p180: 0.0022 };
    agrees("cw144", &scenario("cw144"), 100, &published, Some(&Spread { mean: 0.0133, std: 0.113 }));
}

#[test]
fn asert_keeps_the_pace() {
    let published = Row { mean: 10.054, std: 10.122, p120: 0.1142, p180: 0.0004 };
    agrees("asert", &scenario("asert"), 100, &published, Some(&Spread { mean: 0.0534, std: 0.116 }));
}

/// The books balance at every block, under every rule of the table.
#[test]
fn audited_at_every_block() {
    for variant in ["bitcoin_no_clamp", "bitcoin_clamp4", "cw144", "asert"] {
        let mut scenario = scenario(variant);
        scenario.run.days = Days::new(2.0);
        let engine = Engine::new(&scenario, true).expect("the miners can start");
        let mut path = Headline::default();
        engine.run(0, &mut path, &AtomicBool::new(false)).unwrap_or_else(|error| panic!("{variant}: {error}"));
        assert!(path.get("block_interval_mean_s") > 0.0, "{variant} found no block");
    }
}

/// The step function of equal miners follows the published supply curve within half a miner: at hashprice 86.4 R, `55/(1 + e^(-3 (R - 1.5)))` EH/s run.
#[test]
fn supply_is_the_published_curve() {
    let scenario = scenario("asert");
    let population =
        Engine::new(&scenario, false).and_then(|engine| engine.population(0)).expect("the miners can start");
    let lots = &population.lots;
    for usd_per_eh in [0.2, 1.0, 1.5, 1.847, 2.5, 3.0] {
        let running: u64 =
            lots.ids().filter(|&lot| 86.4 * usd_per_eh >= lots.high[lot].get()).map(|lot| lots.hash_mh[lot]).sum();
        #[expect(clippy::cast_precision_loss, reason = "MH/s are known to 53 bits")]
        let running_eh = running as f64 / 1e12;
        let curve = 55.0 / (1.0 + libm::exp(-3.0 * (usd_per_eh - 1.5)));
        let half_a_miner = 0.5 * 55.0 / 2000.0;
        assert!(
            (running_eh - curve).abs() <= half_a_miner * 1.001,
            "R = {usd_per_eh}: {running_eh} EH/s, {curve} published"
        );
    }
}
