//! The statements about events in a scenario's header hold: `--set event.NAME.enabled=false` moves the named metric in the stated direction.

use crate::scenarios::scenarios;
use shakeout::{
    scenario::{ResolvedValue, Scenario, Value, load},
    simulation::{
        Engine,
        metrics::{METRICS, Metrics},
        record::Observer,
    },
};
use std::{fs, sync::atomic::AtomicBool};

/// Enough replicas for the direction.
const REPLICAS: u64 = 6;

/// Keeps the metrics.
struct Headline(Vec<Option<f64>>);

impl Observer for Headline {
    fn on_metrics(&mut self, metrics: &Metrics) {
        self.0 = metrics.values().to_vec();
    }
}

/// Each metric, summed over replicas; never counts as later than any day.
fn headline(scenario: &Scenario) -> Vec<f64> {
    let engine = Engine::new(scenario, false).unwrap_or_else(|error| panic!("{error}"));
    let mut sums = vec![0.0; METRICS.len()];
    for replica in 0..REPLICAS {
        let mut numbers = Headline(vec![]);
        engine.run(replica, &mut numbers, &AtomicBool::new(false)).unwrap_or_else(|error| panic!("{error}"));
        for (sum, number) in sums.iter_mut().zip(numbers.0) {
            *sum += number.unwrap_or(1e6);
        }
    }
    sums
}

#[test]
fn headers_state_the_effects_of_events() {
    let mut claims = 0;
    for path in scenarios() {
        let (name, text) = (path.display(), fs::read_to_string(&path).expect("text"));
        let lines = text.lines().filter_map(|line| line.strip_prefix("# --set event.")?.split_once(".enabled=false: "));
        let said: Vec<(&str, &str)> = lines.collect();
        let resolved = load(&path, &[], None).unwrap_or_else(|problems| panic!("{name}: {problems}"));
        let happens = |value: &&ResolvedValue| {
            value.path[0] == "event" && value.path[2..] == ["enabled"] && value.value == Value::Boolean(true)
        };
        for event in resolved.values.iter().filter(happens).map(|value| value.path[1].as_str()) {
            assert!(
                said.iter().any(|(known, _)| *known == event),
                "{name} does not state the effect of event `{event}`"
            );
        }
        if said.is_empty() {
            continue;
        }
        let with = headline(&resolved.scenario);
        for (event, claim) in said {
            let (metric, way) = claim.split_once(' ').unwrap_or_else(|| panic!("{name}: `{claim}` names no way"));
            let index = METRICS.iter().position(|known| known.name == metric);
            let index = index.unwrap_or_else(|| panic!("{name}: `{metric}` is no headline number"));
            let off = [format!("event.{event}.enabled=false")];
            let without = load(&path, &off, None).unwrap_or_else(|problems| panic!("{name}: {problems}"));
            let (before, after) = (with[index], headline(&without.scenario)[index]);
            let holds = match way {
                "rises" => after > before,
                "falls" => after < before,
                _ => panic!("{name}: a headline number rises or falls, it does not `{way}`"),
            };
            assert!(
                holds,
                "{name}: without `{event}` {metric} goes from {before} to {after}, it does not rise or fall as said: {claim}"
            );
            claims += 1;
        }
    }
    assert!(claims >= 5, "{claims} claims");
}

/// The kinds of events that are recorded for the whole network.
#[derive(Default)]
struct Recorded(std::collections::BTreeSet<String>);

impl Observer for Recorded {
    fn on_event(&mut self, event: &shakeout::simulation::record::EventRecord<'_>) {
        if event.firm.is_empty() {
            self.0.insert(event.kind.to_owned());
        }
    }
}

/// Every kind of event that a scenario can have is recorded when it happens, so that charts can mark it: the kinds are read from the schema.
#[test]
fn every_event_of_a_scenario_is_recorded() {
    let events = [
        ("price_shock", "at='2025-11-01', factor=0.9"),
        ("fee_spike", "at='2025-11-01', btc_per_block=1, days=10"),
        ("curtailment", "at='2025-11-01', share=0.5, days=10"),
        ("power_price_drift", "at='2025-11-01', until='2025-12-01', factor=1.1"),
        ("power_price_shock", "at='2025-11-01', factor=1.1"),
        ("tariff", "at='2025-11-01', usd_per_kwh=0.001"),
        ("migration", "at='2025-11-01', until='2025-11-10', regions=['north'], share=0.5"),
        ("regional_ban", "at='2025-11-01', until='2025-11-10', regions=['north'], share=0.5"),
        ("credit_freeze", "at='2025-11-01', days=10"),
        ("new_generation", "at='2025-11-01', hashrate_th_per_s=400, efficiency_j_per_th=9"),
        ("other_use", "at='2025-11-01'"),
    ];
    let mut sets =
        vec!["run.days=60".to_owned(), "region.north.share=0.5".to_owned(), "invest.payback.machine=s21pro".to_owned()];
    for (kind, values) in events {
        for value in values.split(", ") {
            sets.push(format!("event.{kind}_here.{kind}.{value}"));
        }
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/downturn-simple.toml");
    let scenario = load(&path, &sets, None).unwrap_or_else(|problems| panic!("{problems}")).scenario;
    let mut recorded = Recorded::default();
    let engine = Engine::new(&scenario, false).unwrap_or_else(|error| panic!("{error}"));
    engine.run(0, &mut recorded, &AtomicBool::new(false)).unwrap_or_else(|error| panic!("{error}"));
    for (kind, _) in events {
        assert!(recorded.0.contains(kind), "{kind} is not recorded; recorded are {:?}", recorded.0);
    }
    let schema = shakeout::scenario::schema();
    let kinds: std::collections::BTreeSet<&str> =
        schema["properties"]["event"]["patternProperties"]["^[A-Za-z0-9_-]+$"]["properties"]
            .as_object()
            .expect("the schema has events")
            .keys()
            .map(String::as_str)
            .filter(|&key| key != "enabled")
            .collect();
    assert_eq!(kinds, events.iter().map(|(kind, _)| *kind).collect(), "the kinds of the schema are those of this test");
}
