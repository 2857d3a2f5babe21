//! Every shipped scenario states its question and its sources, and runs with every invariant checked.

use shakeout::{
    output::{
        csv::{Recorder, Recording},
        table::{Table, Tables},
    },
    scenario::{Origin, Scenario, load},
    simulation::{Engine, record::Observer},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

/// Ignores all records.
struct Deaf;

impl Observer for Deaf {}

/// The scenario files below `scenarios/`; a file that exists only to be extended or to patch others is not one.
pub fn scenarios() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "toml") {
                files.push(path);
            }
        }
    }
    files.sort();
    files.retain(|path| {
        let text = fs::read_to_string(path).expect("text");
        text.contains("\n[run]") || text.contains("\nextends")
    });
    files
}

/// The csv text of every table of some replicas, headers included, in the order of [`Tables::all`].
pub fn tables_of(name: &str, scenario: &Scenario, replicas: u64) -> Vec<Vec<u8>> {
    let tables = Tables::all();
    let recording = Recording::new(scenario.run.start, tables);
    let mut texts: Vec<Vec<u8>> = tables.iter().map(Table::header).collect();
    let engine = Engine::new(scenario, false).unwrap_or_else(|error| panic!("{name}: {error}"));
    for replica in 0..replicas {
        let mut recorder = Recorder::new(&recording, replica);
        engine
            .run(replica, &mut recorder, &AtomicBool::new(false))
            .unwrap_or_else(|error| panic!("{name}, replica {replica}: {error}"));
        let rows = recorder.finish().unwrap_or_else(|error| panic!("{name}, replica {replica}: {error}"));
        for (text, rows) in texts.iter_mut().zip(rows.0) {
            text.extend(rows);
        }
    }
    texts
}

#[test]
fn every_scenario_states_its_question_and_sources() {
    let files = scenarios();
    assert!(files.len() >= 3, "{files:?}");
    for path in files {
        let text = fs::read_to_string(&path).expect("text");
        let name = path.display();
        let comment = text.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap_or_default();
        assert!(comment.len() > 20, "{name} begins with a line on its subject");
        let resolved = load(&path, &[], None).unwrap_or_else(|problems| panic!("{name}: {problems}"));
        let question = &resolved.scenario.question;
        assert!(question.ends_with('?') && question.len() > 20, "{name} asks a question: {question}");
        let origin = resolved.values.iter().find(|value| value.key() == "sources");
        assert!(origin.is_some_and(|value| value.origin != Origin::Default), "{name} says where its figures come from");
    }
}

#[test]
fn every_scenario_runs_with_its_books_in_balance() {
    for path in scenarios() {
        let name = path.display();
        let resolved = load(&path, &[], None).unwrap_or_else(|problems| panic!("{name}: {problems}"));
        let engine = Engine::new(&resolved.scenario, true).unwrap_or_else(|error| panic!("{name}: {error}"));
        for replica in 0..2 {
            let outcome = engine.run(replica, &mut Deaf, &AtomicBool::new(false));
            assert_eq!(outcome, Ok(()), "{name}, replica {replica}");
        }
    }
}

/// An empty list of restart delays means no delays, not the default.
#[test]
fn no_restart_delays_are_none() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/halving.toml");
    let delays = |sets: &[String]| {
        let resolved = shakeout::scenario::load(&path, sets, None).expect("the scenario is sound");
        resolved.scenario.operation.restart_delays.len()
    };
    assert_eq!((delays(&[]), delays(&["operation.restart_delays=[]".to_owned()])), (3, 0));
}

fn scenario(sets: &[&str]) -> shakeout::scenario::Scenario {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/downturn-simple.toml");
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    shakeout::scenario::load(&path, &sets, None).expect("the scenario is sound").scenario
}

/// Running hashrate at the start equals the given hashrate, up to the rounding of machines.
#[test]
fn running_hashrate_at_the_start_is_the_given_one() {
    for price in ["price.knots.points=[['2025-10-01', 118649]]", "price.knots.points=[['2025-10-01', 80000]]"] {
        let scenario = scenario(&[price]);
        let engine = shakeout::simulation::Engine::new(&scenario, false).expect("it can run");
        for replica in 0..5 {
            let running = engine.begin(replica).expect("it begins").world().running().eh();
            assert!((running / 1049.7 - 1.0).abs() < 1e-4, "{running} at {price}");
        }
    }
}

/// Values that cannot be counted, or are impossible, are refused before anything runs.
#[test]
fn impossible_miners_are_refused() {
    for (set, words) in [
        (&["class.home.firms=1", "class.home.fixed_cost_usd_per_ph_day=100000"][..], "more than can be counted"),
        (&["chain.difficulty=3e10"], "BTC, more than the"),
        (&["chain.hashrate_eh_per_s=1e-6"], "no lot runs"),
    ] {
        let scenario = scenario(set);
        let engine = shakeout::simulation::Engine::new(&scenario, false).expect("it is drawn later");
        let error = engine.population(0).expect_err(words).to_string();
        assert!(error.contains(words), "{set:?}: {error}");
    }
}
