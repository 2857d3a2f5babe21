//! One failure does not affect the rest: failed replicas are recorded with their reason, and the others are simulated.

use crate::cli::{Desk, Said, said};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

/// A desk with these files of this module's folder.
fn desk(names: &[&str]) -> Desk {
    let desk = Desk::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/cases/failures");
    for name in names {
        desk.write(name, &fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}")));
    }
    desk
}

/// Rows of a table, by column.
struct Table(csv::StringRecord, Vec<csv::StringRecord>);

impl Table {
    fn read(desk: &Desk, name: &str) -> Self {
        let text = desk.read(name);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().expect("a header").clone();
        Self(header, reader.records().map(|row| row.expect("a row")).collect())
    }

    fn column(&self, name: &str) -> Vec<&str> {
        let at = self.0.iter().position(|column| column == name).unwrap_or_else(|| panic!("there is no {name}"));
        self.1.iter().map(|row| &row[at]).collect()
    }
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// Runs the program with a limit on file sizes in blocks of 512 bytes, like on a full disk.
fn cramped(desk: &Desk, line: &str, blocks: u32) -> Said {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" {line}");
    let shell = desk.command("").get_program().to_owned();
    said(Command::new("sh").args(["-c", &script]).arg(shell).current_dir(desk.path("")).stdin(Stdio::null()))
}

/// Runs a scenario with the flags of a row of `failed.csv`, none of which contains a space.
fn again(desk: &Desk, scenario: &str, flags: &str) -> Said {
    desk.ends(&format!("run {scenario} {flags} --out again --no-charts --no-report"), 2)
}

const RANDOM: &str = "run rnd.toml --set class.a.power_price_usd_per_kwh=0.16 --replicas 40";

/// `rep_c.toml`: power prices of all classes are drawn together, and in some replicas no miner can run.
#[test]
fn a_replica_that_cannot_begin_is_noted_and_the_others_are_run() {
    let desk = desk(&["rep_c.toml"]);
    let run = desk.ends("run rep_c.toml --replicas 60 --out whole --no-charts --no-report", 0);
    let failed = Table::read(&desk, "whole/failed.csv");
    let lost = failed.1.len();
    assert!((1..60).contains(&lost), "{lost} failed");
    assert!(run.err.contains(&format!("warning: {lost} of 60 replicas could not be run")), "{}", run.err);
    assert!(run.err.contains("no lot runs"), "{}", run.err);
    assert!(run.out.contains(&format!("{lost} of 60 replicas could not be run and are left out")), "{}", run.out);
    let replicas = Table::read(&desk, "whole/replicas.csv");
    let (run, left_out) = (replicas.column("replica"), failed.column("replica"));
    let mut all: Vec<u64> = run.iter().chain(&left_out).map(|number| number.parse().expect("a number")).collect();
    all.sort_unstable();
    assert_eq!(all, (0..60).collect::<Vec<_>>(), "each replica is in one of the two tables");
    let summary = json(&desk.read("whole/summary.json"));
    assert_eq!((&summary["replicas"], &summary["failed"]), (&(60 - lost).into(), &lost.into()));
    let trough = &summary["metrics"]["hashrate_trough_share"];
    assert_eq!(
        (&trough["n"], &trough["n_failed"], &trough["n_censored"]),
        (&(60 - lost).into(), &lost.into(), &0.into())
    );
    assert!(failed.column("seed").iter().all(|seed| *seed == "1"));
    assert!(failed.column("cause").iter().all(|cause| *cause == "scenario"));

    // A row states how to reproduce its failure, and a replica can be run alone.
    let said = again(&desk, "rep_c.toml", failed.column("flags")[0]);
    assert!(said.err.contains(failed.column("reason")[0]), "{}", said.err);
    let number = run[5];
    desk.ends(&format!("run rep_c.toml --replica {number} --out alone --no-charts --no-report"), 0);
    let alone = desk.read("alone/days.csv");
    let of_whole: Vec<String> = desk
        .read("whole/days.csv")
        .lines()
        .filter(|line| line.starts_with(&format!("{number},")))
        .map(str::to_owned)
        .collect();
    assert_eq!(alone.lines().skip(1).collect::<Vec<_>>(), of_whole);
}

/// `rnd.toml`: three firms with widely differing power prices.
#[test]
fn failures_are_the_same_with_any_threads_and_after_any_interruption() {
    let desk = desk(&["rnd.toml"]);
    desk.ends(&format!("{RANDOM} --out whole --threads 1"), 0);
    let whole = desk.files("whole");
    assert!(desk.read("whole/report.html").contains("of 40 replicas could not be run and are left out"));
    desk.ends(&format!("{RANDOM} --out threads --threads 3"), 0);
    assert!(desk.files("threads") == whole, "three threads differ");
    // Interrupted after the first failures; the recorded failures remain.
    let full = cramped(&desk, &format!("{RANDOM} --out cut --threads 2"), 220);
    assert_eq!(full.code, Some(3), "{full:?}");
    let begun = Table::read(&desk, "cut.partial/result/failed.csv");
    assert!(!begun.1.is_empty(), "interrupted before the first failure");
    let said = desk.ends(&format!("{RANDOM} --out cut --resume"), 0);
    assert!(said.err.contains("of 40 replicas could not be run"), "{}", said.err);
    assert!(desk.files("cut") == whole, "the resumed run differs");
    // When finished, it still warns.
    let said = desk.ends(&format!("{RANDOM} --out cut --resume --quiet"), 0);
    assert!(said.err.contains("of 40 replicas could not be run"), "{}", said.err);
}

#[test]
fn with_fail_fast_the_first_failure_ends_it() {
    let desk = desk(&["rnd.toml"]);
    desk.ends(&format!("{RANDOM} --out whole --no-charts --no-report"), 0);
    let first = Table::read(&desk, "whole/failed.csv").column("replica")[0].to_owned();
    let said = desk.ends(&format!("{RANDOM} --out fast --fail-fast --no-charts --no-report"), 2);
    assert!(said.err.contains(&format!("replica {first} of seed 1 failed: ")), "{}", said.err);
    assert!(!desk.path("fast").exists());
    // It can be continued without the flag.
    desk.ends(&format!("{RANDOM} --out fast --resume --no-charts --no-report"), 0);
    assert!(desk.files("fast") == desk.files("whole"));
}

const SWEEP: &str = "sweep base.toml --replicas 2 --vary class.a.power_price_usd_per_kwh=0.06,0.05,0.6";

/// At 0.6 USD/kWh the only miner cannot run; the other two points are present, however the sweep is split.
#[test]
fn a_point_that_cannot_be_run_is_noted_and_the_others_are_run() {
    let desk = desk(&["base.toml"]);
    let said = desk.ends(&format!("{SWEEP} --out whole --epochs --json"), 0);
    assert_eq!(json(&said.out)["failed"], 2);
    assert!(said.err.contains("warning: 2 of 6 runs could not be run"), "{}", said.err);
    let failed = Table::read(&desk, "whole/failed.csv");
    assert_eq!((failed.column("point"), failed.column("replica")), (vec!["2", "2"], vec!["0", "1"]));
    let said = again(&desk, "base.toml", failed.column("flags")[1]);
    assert!(said.err.contains(failed.column("reason")[1]), "{}", said.err);
    assert_eq!(Table::read(&desk, "whole/sweep.csv").column("point"), ["0", "0", "1", "1"]);
    let page = desk.read("whole/report.html");
    assert!(page.contains("2 runs could not be run") && page.contains("One point has no run left"));
    let whole = desk.files("whole");
    for part in [2, 0, 1] {
        desk.ends(&format!("{SWEEP} --out split --epochs --shard {part}/3"), 0);
    }
    let said = desk.ends("merge split", 0);
    assert!(said.err.contains("warning: 2 of 6 runs could not be run"), "{}", said.err);
    assert!(desk.files("split") == whole, "the merged sweep differs");
}

/// Indices compare points with one another: incomplete units are left out, and counted.
#[test]
fn indices_are_of_whole_trajectories_and_base_samples() {
    let desk = desk(&[]);
    let vary =
        "--vary class.home.power_price_usd_per_kwh=0.05..0.3 --vary class.public.power_price_usd_per_kwh=0.04..0.2";
    for (design, size, block, words) in [("morris", 6, 3, "trajectories"), ("sobol", 8, 4, "base samples")] {
        let line = format!("sweep small.toml --set run.days=20 --replicas 2 --design {design} --points {size} {vary}");
        desk.ends(&format!("{line} --out {design} --no-charts"), 0);
        let failed = Table::read(&desk, &format!("{design}/failed.csv"));
        let mut blocks: Vec<u64> =
            failed.column("point").iter().map(|point| point.parse::<u64>().expect("a number") / block).collect();
        blocks.dedup();
        assert!((1..size).contains(&blocks.len()), "{design}: {blocks:?}");
        let said = desk.ends(&format!("sensitivity {design} --metric hashrate_trough_share"), 0);
        let note = format!("{} of {size} {words} have a run that could not be run", blocks.len());
        assert!(said.err.contains(&note), "{}", said.err);
        let table = Table::read(&desk, &format!("{design}/sensitivity.csv"));
        assert!(table.1.iter().any(|row| !row[2].is_empty()), "{table:?}", table = table.1);
    }
    // In a grid of two factors the means over one would be over different levels of the other.
    let grid = "--vary class.home.power_price_usd_per_kwh=0.05,3 --vary class.public.power_price_usd_per_kwh=0.05,2";
    desk.ends(&format!("sweep small.toml --set run.days=20 --replicas 2 {grid} --out grid --no-charts"), 0);
    let said = desk.ends("sensitivity grid --metric hashrate_trough_share", 0);
    assert!(said.err.contains("1 of 4 points") && said.err.contains("none are given"), "{}", said.err);
    assert!(Table::read(&desk, "grid/sensitivity.csv").column("range").iter().all(|cell| cell.is_empty()));
}

#[test]
fn where_nothing_can_be_run_there_is_no_result() {
    let desk = desk(&["base.toml"]);
    let dear = "--set class.a.power_price_usd_per_kwh=0.6";
    for (line, words) in [
        (format!("run base.toml {dear} --replicas 3 --out none"), "none of 3 replicas could be run"),
        (format!("sweep base.toml {dear} --replicas 3 --vary power.pue=1.0,1.1 --out none"), "none of 6 runs"),
    ] {
        let said = desk.ends(&line, 2);
        assert!(said.err.contains(words) && said.err.contains("no lot runs"), "{}", said.err);
        assert!(!desk.path("none").exists() && !desk.path("none.partial").exists(), "{line}");
    }
    // A part of a sweep may have no completed replica; the whole may not.
    let line = format!("sweep base.toml {dear} --replicas 3 --vary power.pue=1.0,1.1 --out none");
    for part in 0..2 {
        desk.ends(&format!("{line} --shard {part}/2"), 0);
    }
    let said = desk.ends("merge none", 2);
    assert!(said.err.contains("none of 6 runs could be run"), "{}", said.err);
    assert!(!desk.path("none").exists());
}

/// `cal-fail.toml`: at a wide spread of power prices no miner can run in some histories. These have infinite distance, and are counted.
#[test]
fn a_particle_that_cannot_be_run_is_infinitely_far() {
    let desk = desk(&["cal-fail.toml"]);
    let line = "calibrate cal-fail.toml --set calibrate.generations=2 --no-charts";
    let said = desk.ends(&format!("{line} --out whole --threads 1"), 0);
    let failed = Table::read(&desk, "whole/failed.csv");
    let found = json(&desk.read("whole/calibration.json"));
    assert_eq!(found["failed"], failed.1.len());
    assert!(!failed.1.is_empty());
    let warning = format!("warning: {} of {} histories could not be run", failed.1.len(), found["histories"]);
    assert!(said.err.contains(&warning), "{}", said.err);
    // Those of the prior stay in it, without summaries; the next generation has none of them.
    let particles = Table::read(&desk, "whole/particles.csv");
    let trough = particles.column("cal-fail.trough");
    let rows: Vec<(&str, &str, &str)> = particles
        .column("generation")
        .into_iter()
        .zip(particles.column("failed"))
        .zip(trough)
        .map(|((generation, failed), trough)| (generation, failed, trough))
        .collect();
    let lost = |row: &&(&str, &str, &str)| row.0 == "0" && row.1 == "1" && row.2.is_empty();
    let in_prior = failed.column("stage").iter().filter(|stage| **stage == "generation 0").count();
    assert_eq!(rows.iter().filter(lost).count(), in_prior);
    assert!(in_prior > 0 && rows.iter().filter(|row| row.0 == "1").all(|row| !row.2.is_empty()));
    let attempts = |generation: &str| -> u64 {
        let rows = particles.column("generation").into_iter().zip(particles.column("failed"));
        rows.filter(|row| row.0 == generation).map(|row| row.1.parse::<u64>().expect("a number")).sum()
    };
    let sums: Vec<String> = ["0", "1"].iter().map(|generation| attempts(generation).to_string()).collect();
    assert_eq!(Table::read(&desk, "whole/generations.csv").column("failed"), sums);
    // A row reproduces its history.
    let said = again(&desk, "cal-fail.toml", failed.column("flags")[0]);
    assert!(said.err.contains(failed.column("reason")[0]), "{}", said.err);
    desk.ends(&format!("{line} --out threads --threads 3"), 0);
    assert!(desk.files("threads") == desk.files("whole"), "three threads differ");
    desk.ends(&format!("{line} --out fast --fail-fast"), 2);
    assert!(!desk.path("fast").exists());
}

/// A posterior concentrated at the end of its prior nearest to the data, ten deviations from them, carries no information about its parameter.
#[test]
fn a_fit_far_from_the_data_is_not_called_identified() {
    let desk = desk(&["cal-far.toml"]);
    let said = desk.ends("calibrate cal-far.toml --out far", 0);
    assert!(said.out.contains("The fit does not reach the data"), "{}", said.out);
    let table = Table::read(&desk, "far/parameters.csv");
    assert_eq!(table.column("identified"), ["does not reach the data"]);
    let shrinkage: f64 = table.column("shrinkage")[0].parse().expect("a number");
    assert!(shrinkage > 0.5, "by its shrinkage alone it would be identified: {shrinkage}");
    let found = json(&desk.read("far/calibration.json"));
    assert_eq!((&found["reaches_data"], &found["parameters"][0]["identified"]), (&false.into(), &false.into()));
    let nearest = found["nearest_distance"].as_f64().expect("a number");
    assert!(nearest > 5.0 && nearest > 2.0 * found["usual_distance"].as_f64().expect("a number"), "{nearest}");
    assert!(desk.read("far/charts/marginals.svg").contains("does not reach the data"));
    assert!(desk.read("far/report.html").contains("No value of these parameters explains what was observed"));
    // If the prior contains values that reach the data, the verdict is that of the shrinkage.
    let wide = "--set calibrate.prior.cost.uniform.high=1.3 --set calibrate.prior.cost.uniform.low=0.7";
    desk.ends(&format!("calibrate cal-far.toml {wide} --out near --no-charts"), 0);
    assert_eq!(json(&desk.read("near/calibration.json"))["reaches_data"], true);
}

/// A score is over the replicas that completed, of the scenario and of its baseline.
#[test]
fn a_score_is_over_the_completed_replicas() {
    let desk = desk(&["cal-fail.toml"]);
    let line = "score cal-fail.toml --set power.price_level_log_sd=3.0 --replicas 12 --json --no-charts --out scored";
    let said = desk.ends(line, 0);
    let card = json(&said.out);
    let (run, failed) = (card["replicas"].as_u64().expect("a number"), card["failed"].as_u64().expect("a number"));
    assert!(failed > 0 && run > 0 && run + failed == 12, "{card}");
    let baseline = card["no_hysteresis_failed"].as_array().expect("a list");
    assert!(!baseline.is_empty() && baseline[0]["seed"] == 1, "{baseline:?}");
    assert!(said.err.contains(&format!("{failed} of 12 replicas could not be run")), "{}", said.err);
    assert!(said.err.contains("of 12 replicas of the baseline without hysteresis could not be run"), "{}", said.err);
    assert_eq!(Table::read(&desk, "scored/failed.csv").1.len() as u64, failed);
}
