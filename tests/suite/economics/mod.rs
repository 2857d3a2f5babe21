//! Tests of economics, not of code: what a referee would ask of the model, each with the formula, the source and the tolerance in the head of its file.

mod calendar;
mod fixed_costs;
mod free_entry;
mod halving;
mod leverage;
mod machine_prices;
mod null;
mod relief;
mod selection;
mod shocks;
mod waiting;

use rayon::prelude::*;
use shakeout::{
    scenario::{Scenario, load},
    simulation::{
        Engine,
        metrics::Metrics,
        record::{DayRecord, Observer, SurvivalRecord},
    },
};
use std::{path::Path, sync::atomic::AtomicBool};

/// What is left of a group of firms at the end.
#[derive(Clone, Debug)]
struct Left {
    by: String,
    group: String,
    hashrate_share: f64,
}

/// Days, survivors at the end and metrics of a history.
#[derive(Clone, Debug, Default)]
struct Course {
    days: Vec<DayRecord>,
    survival: Vec<Left>,
    metrics: Metrics,
}

impl Course {
    fn metric(&self, name: &str) -> f64 {
        self.metrics.get(name).expect("a value")
    }
}

impl Observer for Course {
    fn on_day(&mut self, day: &DayRecord) {
        self.days.push(*day);
    }

    fn wants_states(&self) -> bool {
        true
    }

    fn on_survival(&mut self, row: &SurvivalRecord<'_>) {
        let (by, group) = (row.by.to_owned(), row.group.to_owned());
        self.survival.retain(|left| left.by != by || left.group != group);
        self.survival.push(Left { by, group, hashrate_share: row.surviving_hashrate_share });
    }

    fn on_metrics(&mut self, metrics: &Metrics) {
        self.metrics = metrics.clone();
    }
}

/// A shipped scenario with some keys changed.
fn shipped(name: &str, sets: &[&str]) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name).with_extension("toml");
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    load(&path, &sets, None).unwrap_or_else(|problems| panic!("{problems}")).scenario
}

/// The first replicas of a scenario.
fn courses(scenario: &Scenario, replicas: u64) -> Vec<Course> {
    let engine = Engine::new(scenario, false).unwrap_or_else(|error| panic!("{error}"));
    let one = |replica| {
        let mut course = Course::default();
        engine.run(replica, &mut course, &AtomicBool::new(false)).unwrap_or_else(|error| panic!("{error}"));
        course
    };
    (0..replicas).into_par_iter().map(one).collect()
}

fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.into_iter().collect();
    values.iter().sum::<f64>() / values.len() as f64
}
