//! The pages: their contents and, if there is a browser, their behaviour in it.

use crate::cli::Desk;
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

/// A constructed history for the small scenario.
const SEEN: &str = r#"
[observed]
source = "made up"
epochs = [
  { height = 917280, start = "2025-10-01", difficulty = 150.8395e12 },
  { height = 919296, start = "2025-10-15", difficulty = 148e12 },
  { height = 921312, start = "2025-10-30", difficulty = 139e12 },
  { height = 923328, start = "2025-11-16", difficulty = 120e12 },
]
"#;

/// Each row of the table of metrics, by metric.
fn rows(html: &str) -> Vec<(String, String)> {
    let row = |text: &str| {
        let (name, rest) = text.split_once('"').expect("the name ends");
        (name.to_owned(), rest.split("</tr>").next().expect("a part").to_owned())
    };
    html.split("<tr id=\"metric-").skip(1).map(row).collect()
}

#[test]
fn every_metric_is_on_the_page_and_changes_with_the_seed() {
    let desk = Desk::new();
    desk.ends("run small.toml --quiet --no-charts --out one --replicas 4", 0);
    desk.ends("run small.toml --quiet --no-charts --out two --replicas 4 --seed 2", 0);
    let summary: serde_json::Value = serde_json::from_str(&desk.read("one/summary.json")).expect("it is JSON");
    let metrics = summary["metrics"].as_object().expect("a table of numbers");
    let (one, two) = (rows(&desk.read("one/report.html")), rows(&desk.read("two/report.html")));
    assert_eq!(one.len(), metrics.len());
    for (name, spread) in metrics {
        let (_, row) = one.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name} is not there"));
        let doc = spread["doc"].as_str().expect("a text").replace('\'', "&#x27;").replace('/', "&#x2f;");
        assert!(row.contains(&doc), "{name}: {row}");
        // The format depends on the size of the number; its leading digits must be there.
        if let Some(median) = spread["p50"].as_f64().filter(|median| (1.0..1e6).contains(&median.abs())) {
            let digits = format!("{:.0}", median.abs().trunc());
            let grouped = row.replace(',', "");
            let rounded = format!("{:.0}", median.abs());
            assert!(grouped.contains(&digits) || grouped.contains(&rounded), "{name} {median}: {row}");
        }
    }
    // Metrics of what this scenario does not have are the same in every history, and its summary says so.
    let live = metrics.values().filter(|spread| spread["idle"].is_null()).count();
    let changed = one.iter().zip(&two).filter(|(a, b)| a != b).count();
    assert!(2 * changed > live, "another seed moves {changed} of {live} numbers");
    // A repeated run gives an identical page.
    desk.ends("run small.toml --quiet --no-charts --out again --replicas 4 --threads 1", 0);
    assert_eq!(desk.read("one/report.html"), desk.read("again/report.html"));
    desk.ends("report one", 0);
    assert_eq!(desk.read("one/report.html"), desk.read("again/report.html"), "redrawn without simulating");
}

#[test]
fn several_folders_make_one_page_and_a_sweep_is_refused() {
    let desk = Desk::new();
    desk.ends("run small.toml --quiet --no-charts --no-report --out one --replicas 2", 0);
    desk.ends("run small.toml --quiet --no-charts --no-report --out two --replicas 2 --set run.days=40", 0);
    desk.ends("report one two", 0);
    let html = desk.read("comparison.html");
    assert!(html.contains("<code>run.days</code></th><td>60.0</td><td>40.0</td>"), "differences are shown");
    assert!(!desk.path("one/report.html").exists(), "the folders stay as they are");
    desk.ends("report one two --out elsewhere.html", 0);
    assert_eq!(html, desk.read("elsewhere.html"));
    desk.ends(
        "sweep small.toml --quiet --vary class.home.cash_months=1,2 --replicas 2 --no-charts --no-report --out swept",
        0,
    );
    let said = desk.ends("report one swept", 2);
    assert!(said.err.contains("is of a sweep"), "{}", said.err);
}

#[test]
fn runs_and_ablations_stand_side_by_side_in_a_table_for_a_paper() {
    let desk = Desk::new();
    for (name, days) in [("one", 60), ("two", 40)] {
        desk.ends(&format!("run small.toml --quiet --no-charts --no-report --out {name} --set run.days={days}"), 0);
    }
    let table = desk.ends("report one two --latex --labels Long,Short", 0).out;
    assert!(
        table.contains("Metric & Unit & Long & Short \\\\") && table.contains("\\label{tab:long-short}"),
        "{table}"
    );
    let summary: serde_json::Value = serde_json::from_str(&desk.read("one/summary.json")).expect("it is JSON");
    let hash = summary["scenario_sha256"].as_str().expect("a hash")[..16].to_owned();
    assert!(table.contains(&format!("SHA-256 {hash}")), "{table}");
    let said = desk.ends("report one two --markdown --labels Long", 2);
    assert!(said.err.contains("1 names for 2 folders"), "{}", said.err);
    let rows = desk.ends("report one --markdown --metrics hhi_end,worst_retarget", 0).out;
    assert_eq!(rows.lines().filter(|line| line.starts_with("| ")).count(), 3, "{rows}");
    let ablated = desk.ends("ablate small.toml --json", 0).out;
    let ablated: serde_json::Value = serde_json::from_str(&ablated).expect("it is JSON");
    assert_eq!(ablated["forms"][0]["summary"]["metrics"], summary["metrics"], "as it stands, it is the run");
    let text = desk.ends("ablate small.toml", 0).out;
    assert!(text.contains("\n  no delay") && text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn a_sweep_ranks_its_factors_on_its_page_if_its_design_allows() {
    let desk = Desk::new();
    let sweep = "sweep small.toml --quiet --no-charts --replicas 2";
    desk.ends(&format!("{sweep} --vary class.home.cash_months=1,2 --vary run.days=30,60 --out grid"), 0);
    let html = desk.read("grid/report.html");
    assert!(html.contains("By <code>range</code>") && html.contains("aria-label=\"Ranking for "), "{html}");
    let unasked = desk.read("grid/sensitivity.csv");
    desk.ends("sensitivity grid", 0);
    assert_eq!(unasked, desk.read("grid/sensitivity.csv"));
    let design = "--design latin-hypercube --points 4 --vary class.home.cash_months=1..2";
    desk.ends(&format!("{sweep} {design} --out hypercube"), 0);
    assert!(desk.read("hypercube/report.html").contains("None: a grid,"));
    assert!(!desk.path("hypercube/sensitivity.csv").exists());
}

/// Requirements of the test that cargo does not provide, or the missing ones.
fn browser() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    if !Path::new(&chromium).exists() {
        return Err(format!("there is no {chromium} (Debian: apt-get install chromium; or set CHROMIUM)"));
    }
    if !Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Err("there is no node (18 or newer)".to_owned());
    }
    if !folder.join("node_modules/playwright-core").exists() {
        return Err("its packages are not there (cd tests/browser && npm ci)".to_owned());
    }
    Ok(folder)
}

#[test]
fn pages_work_in_a_browser() {
    let folder = match browser() {
        Ok(folder) => folder,
        Err(missing) => {
            let required = std::env::var("SHAKEOUT_BROWSER").is_ok_and(|wanted| wanted == "required");
            assert!(!required, "SHAKEOUT_BROWSER=required: {missing}");
            // Bypasses the harness, which hides the output of a passing test.
            let _ = writeln!(std::io::stderr(), "SKIPPED pages_work_in_a_browser, which counts as passed: {missing}");
            return;
        }
    };
    let desk = Desk::new();
    desk.ends("run small.toml --quiet --out run --replicas 12", 0);
    desk.ends("run small.toml --quiet --out other --replicas 12 --seed 2 --set operation.response_days=10", 0);
    desk.ends("sweep small.toml --quiet --out sweep --replicas 5 --vary class.home.cash_months=1,2,4 --vary operation.response_days=1,5,10", 0);
    desk.ends("report run other", 0);
    desk.write("seen.toml", &(desk.read("small.toml") + SEEN));
    desk.ends("score seen.toml --quiet --out score --replicas 6", 0);
    let look = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    let output =
        Command::new("node").arg(folder.join("test.mjs")).arg(desk.path("")).arg(&look).output().expect("node starts");
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "see above; screenshots are in {}", look.display());
}
