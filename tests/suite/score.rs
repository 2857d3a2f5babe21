//! Scores, computed a second time from the tables by independent formulas; and the user's view of them.

use crate::cli::Desk;
use std::{fmt::Write as _, fs, path::Path};

fn scenario(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{name}.toml"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}

fn number(value: &serde_json::Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// Height, start and difficulty of the observed epochs, read by splitting the scenario's lines.
fn observed(text: &str) -> Vec<(u64, f64, f64)> {
    let rows = text.lines().filter(|line| line.starts_with("  { height = "));
    let cell = |line: &str, key: &str| {
        let (_, rest) = line.split_once(key).expect("the key is there");
        rest.split([',', '}']).next().expect("a value").trim().trim_matches('"').to_owned()
    };
    rows.map(|line| {
        let start: jiff::Timestamp = cell(line, "start = ").parse().expect("an instant");
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
        let start = start.as_second() as f64;
        (
            cell(line, "height = ").parse().expect("a height"),
            start,
            cell(line, "difficulty = ").parse().expect("a number"),
        )
    })
    .collect()
}

/// ln hashrate by height, replica by replica, from the text of `epochs.csv`.
#[expect(clippy::disallowed_methods, reason = "an independent computation, with the platform's logarithm")]
fn simulated(table: &str) -> Vec<Vec<(u64, f64)>> {
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let place = |name: &str| header.iter().position(|column| *column == name).expect("the column is there");
    let (replica, height, hashrate) = (place("replica"), place("start_height"), place("hashrate_eh_per_s"));
    let mut replicas: Vec<Vec<(u64, f64)>> = Vec::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let number: usize = cells[replica].parse().expect("a number");
        replicas.resize(replicas.len().max(number + 1), Vec::new());
        if !cells[hashrate].is_empty() {
            let hashrate: f64 = cells[hashrate].parse().expect("a number");
            replicas[number].push((cells[height].parse().expect("a height"), hashrate.ln()));
        }
    }
    replicas
}

/// The integral over x of (F(x) − 1{x ≥ y})², where F is the step function of the ensemble, which is constant between neighbouring points.
fn crps_by_integral(ensemble: &[f64], y: f64) -> f64 {
    let mut points: Vec<f64> = ensemble.iter().copied().chain([y]).collect();
    points.sort_by(f64::total_cmp);
    let mut integral = 0.0;
    for pair in points.windows(2) {
        let middle = f64::midpoint(pair[0], pair[1]);
        let below = ensemble.iter().filter(|x| **x <= middle).count() as f64 / ensemble.len() as f64;
        let step = if middle >= y { 1.0 } else { 0.0 };
        integral += (pair[1] - pair[0]) * (below - step) * (below - step);
    }
    integral
}

/// The program's errors, scores and coverage, recomputed from `epochs.csv` and the scenario's text.
#[test]
#[expect(clippy::disallowed_methods, reason = "an independent computation, with the platform's logarithm")]
fn scores_are_those_of_an_independent_computation() {
    let desk = Desk::new();
    desk.write("crash.toml", &scenario("2018-crash"));
    let said = desk.ends("score crash.toml --replicas 12 --json --no-charts --no-report --out scored", 0);
    let card = json(&said.out);
    let real = observed(&desk.read("crash.toml"));
    let replicas = simulated(&desk.read("scored/epochs.csv"));
    assert_eq!(replicas.len(), 12);
    let (mut squares, mut scores, mut within, mut n) = (0.0, 0.0, 0, 0);
    for pair in real.windows(2) {
        let ((height, start, difficulty), (_, end, _)) = (pair[0], pair[1]);
        if height < 542_304 {
            continue;
        }
        let truth = (difficulty * 4_294_967_296.0 * 2016.0 / (end - start) / 1e18).ln();
        let ensemble: Vec<f64> = replicas
            .iter()
            .map(|epochs| epochs.iter().find(|(at, _)| *at == height).expect("every replica has the epoch").1)
            .collect();
        let error = ensemble.iter().sum::<f64>() / 12.0 - truth;
        squares += error * error;
        scores += crps_by_integral(&ensemble, truth);
        let mut sorted = ensemble.clone();
        sorted.sort_by(f64::total_cmp);
        // Quantiles at 0.25 · 11 = 2.75 and 0.75 · 11 = 8.25 between order statistics.
        let (low, high) = (sorted[2] + 0.75 * (sorted[3] - sorted[2]), sorted[8] + 0.25 * (sorted[9] - sorted[8]));
        within += i32::from(low <= truth && truth <= high);
        n += 1;
    }
    let n_epochs = f64::from(n);
    assert_eq!(card["scored_epochs"], n);
    assert!((number(&card["rmse_ln_h"]) - (squares / n_epochs).sqrt()).abs() < 1e-6, "{squares}");
    assert!((number(&card["crps"]) - scores / n_epochs).abs() < 1e-6, "{scores}");
    assert!((number(&card["coverage"]["50"]) - f64::from(within) / n_epochs).abs() < 1e-12);
    // The constant baseline: 51.2009 EH/s, the hashrate of 7.1526 T at 600 s per block.
    let constant: f64 = real
        .windows(2)
        .filter(|pair| pair[0].0 >= 542_304)
        .map(|pair| {
            let truth = pair[0].2 * 4_294_967_296.0 * 2016.0 / (pair[1].1 - pair[0].1) / 1e18;
            let error = (7_152_633_351_906.413 * 4_294_967_296.0 / 600.0 / 1e18 / truth).ln();
            error * error
        })
        .sum();
    let found = number(&card["baselines"]["constant"]["rmse_ln_h"]);
    assert!((found - (constant / n_epochs).sqrt()).abs() < 1e-3, "{found}");
    // This is the error from the randomness of blocks alone.
    assert!((number(&card["poisson_noise"]) - 1.0 / 2016.0_f64.sqrt()).abs() < 1e-12);
    assert_eq!(card["path"].as_array().map(Vec::len), Some(18));
}

/// Observations after the start change the scores, but no byte of the simulation.
#[test]
fn observations_change_scores_and_never_the_path() {
    let desk = Desk::new();
    let text = scenario("2018-crash");
    let late = text.lines().find(|line| line.contains("height = 574560")).expect("an epoch of May 2019");
    desk.write("as-it-was.toml", &text);
    desk.write("another.toml", &text.replace(late, &late.replace("6702169884349.173", "9e12")));
    let mut cards = Vec::new();
    for name in ["as-it-was", "another"] {
        let said = desk.ends(&format!("score {name}.toml --replicas 3 --json --no-charts --no-report --out {name}"), 0);
        cards.push(json(&said.out));
    }
    assert_eq!(desk.read("as-it-was/epochs.csv"), desk.read("another/epochs.csv"));
    assert_eq!(desk.read("as-it-was/days.csv"), desk.read("another/days.csv"));
    // ln(9 / 6.702170) in the seventeenth epoch.
    let error = |card: &serde_json::Value| number(&card["path"][16]["error_ln_h"]);
    assert!((error(&cards[0]) - error(&cards[1]) - 0.294_80).abs() < 1e-4, "{} {}", error(&cards[0]), error(&cards[1]));
    assert_ne!(cards[0]["rmse_ln_h"], cards[1]["rmse_ln_h"]);
    // The baselines do not see them either.
    for name in ["constant", "random_walk_with_drift", "constant_elasticity", "no_hysteresis"] {
        let forecast = |card: &serde_json::Value| card["path"][3]["baselines_eh_per_s"][name].clone();
        assert_eq!(forecast(&cards[0]), forecast(&cards[1]), "{name}");
    }
}

/// A history in one file and the price in another.
#[test]
fn a_scenario_is_scored_from_files() {
    let desk = Desk::new();
    let text = scenario("2018-crash");
    let mut rows = String::from("start_time_utc,difficulty,remark\n");
    for line in text.lines().filter(|line| line.starts_with("  { height = ")) {
        let cell = |key: &str| {
            line.split_once(key).expect("there").1.split([',', '}']).next().expect("a value").trim().trim_matches('"')
        };
        writeln!(rows, "{},{},x", cell("start = "), cell("difficulty = ")).expect("into a string");
    }
    desk.write("seen.csv", &rows);
    desk.write("price.csv", "date,price_usd\n2018-09-01,6500\n2018-11-13,6300\n2018-11-25,4000\n2019-03-30,4100\n2019-05-30,8500\n2019-08-01,10000\n");
    let (head, rest) = text.split_once("[price.knots]").expect("the table is there");
    let (_, rest) = rest.split_once("\n]\n").expect("it ends");
    let (body, _) = rest.split_once("[observed]").expect("the table is there");
    desk.write(
        "files.toml",
        &format!("{head}[price.csv]\nfile = \"price.csv\"\n{body}\n[observed]\ncsv = \"seen.csv\"\n"),
    );
    let said = desk.ends("score files.toml --replicas 4 --json --no-charts --no-report", 0);
    let card = json(&said.out);
    assert_eq!(card["scored_epochs"], 18);
    assert!(number(&card["baselines"]["random_walk_with_drift"]["rmse_ln_h"]) > 0.0);
    assert!((number(&card["path"][0]["observed_eh_per_s"]) - 53.33).abs() < 0.01);
    assert!(desk.path("output/files-score/score.json").exists());
}

#[test]
fn unscorable_scenarios_are_refused_with_a_reason() {
    let desk = Desk::new();
    let said = desk.ends("score small.toml", 2);
    assert!(said.err.contains("has no `[observed]`"), "{}", said.err);
    assert!(!desk.path("output").exists(), "nothing is left behind");
    let text = scenario("registered/2018-crash");
    desk.write("crash.toml", &text);
    let said = desk
        .ends("score crash.toml --set chain.nbits=17275a20 --set run.days=20 --replicas 2 --no-charts --no-report", 0);
    assert!(
        said.out.contains("1 epochs scored") && said.out.contains("17 later epochs are not scored"),
        "{}",
        said.out
    );
    let said = desk.ends("score crash.toml --set chain.nbits=17285a1f --out other", 2);
    assert!(said.err.contains("a scenario is scored only against the chain it starts from"), "{}", said.err);
    let said = desk.ends("score crash.toml --set run.days=10 --replicas 2 --out short", 2);
    assert!(said.err.contains("lengthen `run.days`"), "{}", said.err);
    desk.ends("score", 2);
    desk.ends("score crash.toml --patterns", 2);
}

/// A score, also after resumption, is in its folder, which differs from that of a plain run.
#[test]
fn a_score_is_a_run_with_more_in_its_folder() {
    let desk = Desk::new();
    desk.write("crash.toml", &scenario("2018-crash"));
    let line = "score crash.toml --set run.days=60 --replicas 2";
    let first = desk.ends(line, 0);
    for name in ["score.json", "observed.csv", "charts/observed.svg", "report.html", "epochs.csv"] {
        assert!(desk.path(&format!("output/crash-score/{name}")).exists(), "{name}");
    }
    desk.ends(line, 2);
    let again = desk.ends(&format!("{line} --resume"), 0);
    assert_eq!(first.out, again.out);
    desk.ends("run crash.toml --set run.days=60 --replicas 2 --out output/crash-score --resume", 2);
}

#[test]
fn patterns_are_printed_without_any_file() {
    let desk = Desk::new();
    let said = desk.ends("score --patterns --replicas 2", 0);
    for words in ["P1 ", "P6b", "P15", "no hysteresis", " met;"] {
        assert!(said.out.contains(words), "{words} in {}", said.out);
    }
    let rows = json(&desk.ends("score --patterns --replicas 2 --json", 0).out);
    assert_eq!(rows.as_array().map(Vec::len), Some(79));
}

/// The tables of the chapter are exactly those that its command prints. A simulation is identical on every machine, so with equal replicas there is
/// no tolerance.
#[test]
fn the_validation_chapter_has_the_tables_of_its_command() {
    const COMMAND: &str = "score --validation --replicas 40";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/book/validation.md");
    let chapter = fs::read_to_string(&path).expect("the chapter is there");
    assert!(chapter.contains(&format!("shakeout {COMMAND}")), "the chapter names its command");
    // The tables of exogenous shocks, below, have a command of their own.
    let chapter = chapter.split("\n## Exogenous shocks").next().unwrap_or_default();
    let rows = |text: &str| text.lines().filter(|line| line.starts_with('|')).map(str::to_owned).collect::<Vec<_>>();
    let (written, found) = (rows(chapter), rows(&Desk::new().ends(COMMAND, 0).out));
    for (written, found) in written.iter().zip(&found) {
        assert_eq!(
            written,
            found,
            "{}: paste the output of `shakeout {COMMAND}`, and check the text about it",
            path.display()
        );
    }
    assert_eq!(written.len(), found.len(), "rows of all tables in {}", path.display());
}
