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
