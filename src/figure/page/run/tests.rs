use std::{fs, path::PathBuf};

use super::{super::template::SCRIPTS, *};
use crate::report::fixture::Fixture;

const SMALL: Fixture = Fixture { days: 40, replicas: 8 };

fn small() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    SMALL.write(folder.path());
    folder
}

fn page_of(folder: &Path) -> String {
    run_page(folder).unwrap()
}

#[test]
fn every_headline_stands_on_the_page() {
    let folder = small();
    let html = page_of(folder.path());
    let summary = Summary::read(folder.path()).unwrap();
    assert!(summary.metrics.len() >= 6);
    for headline in &summary.metrics {
        let at = html.find(&format!("<tr id=\"metric-{}\"", headline.name)).expect(&headline.name);
        let entry = html[at..].split("</tr>").next().unwrap();
        let number = |value: Option<f64>| format!(">{}</td>", value.map_or_else(|| "never".into(), human));
        let spread = &headline.spread;
        for value in [spread.p05, spread.p25, spread.p50, spread.p75, spread.p95] {
            assert!(entry.contains(&number(value)), "{value:?} is not in {entry}");
        }
        assert!(entry.contains(&headline.meaning().replace('\'', "&#x27;")), "{entry}");
    }
    assert!(html.contains("1 of 8</td>"));
    assert!(html.contains("<strong>68 <small>%</small></strong> <span>Hashrate fell to 68\u{a0}% of its previous peak (65 to 71\u{a0}%).</span>"));
    for class in ["home", "private", "public"] {
        assert!(html.contains(&format!("<tr><th scope=\"row\">{class}</th><td class=\"number\">")), "{class}");
    }
    assert!(html.contains("How far did hashrate fall when the price halved in November 2018"));
}

#[test]
fn another_number_is_another_page() {
    let folder = small();
    let before = page_of(folder.path());
    let path = folder.path().join("summary.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"p50\":0.685", "\"p50\":0.623")).unwrap();
    let after = page_of(folder.path());
    assert!(before.contains("<strong>68 <small>%</small></strong>") && !before.contains(">0.623<"));
    assert!(after.contains("<strong>62 <small>%</small></strong>") && !after.contains(">0.685<"));
}

/// The page refers to no external address; the page's own scripts are excluded from the check.
pub(in crate::figure::page) fn asks_no_network(html: &str) {
    // An address may only be the name of the SVG language.
    let mut rest = html.replace("http://www.w3.org/2000/svg", "");
    for script in SCRIPTS {
        assert!(html.contains(&format!("<script>{script}</script>")));
        rest = rest.replace(&format!("<script>{script}</script>"), "");
    }
    for reference in ["http:", "https:", "src=", "<script>", "@import", "url(", "<link", "<iframe"] {
        assert!(!rest.contains(reference), "{reference}");
    }
    let policy = html.split("Content-Security-Policy\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    let policy = policy.replace("&#x27;", "'");
    assert!(policy.starts_with("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"), "{policy}");
}

#[test]
fn the_page_asks_no_network_for_anything() {
    let folder = small();
    let html = page_of(folder.path());
    asks_no_network(&html);
    assert_eq!(html.matches("aria-label=\"Hashrate over time. Median hashrate starts at").count(), 1);
}

#[test]
fn charts_have_their_data_and_paths_to_pick() {
    let folder = small();
    let html = page_of(folder.path());
    let data = html.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    let charts = data["charts"].as_array().unwrap();
    for chart in charts {
        let id = chart["id"].as_str().unwrap();
        assert!(html.contains(&format!("<figure id=\"chart-{id}\"")), "{id}");
        for layer in chart["layers"].as_array().unwrap() {
            let columns = [&layer["values"], &layer["low"], &layer["high"]];
            let lengths: Vec<_> = columns.iter().filter_map(|column| Some(column["d"].as_array()?.len())).collect();
            let along = data["axes"][chart["axis"].as_str().unwrap()]["x"]["d"].as_array().unwrap().len();
            assert!(!lengths.is_empty() && lengths.iter().all(|&length| length == along), "{id}: {lengths:?}");
        }
    }
    assert!(charts.len() >= 6, "{}", charts.len());
    assert_eq!(data["replicas"]["labels"].as_array().unwrap().len(), 8);
    assert_eq!(data["replicas"]["paths"]["hashrate_eh_per_s"].as_array().unwrap().len(), 8);
}

#[test]
fn text_from_the_scenario_cannot_become_markup() {
    let folder = small();
    let path = folder.path().join("summary.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"2018 crash\"", "\"<script>alert(1)</script>\"")).unwrap();
    let html = page_of(folder.path());
    assert!(!html.contains("<script>alert"));
    assert!(html.contains("&lt;script&gt;alert(1)"));
}

#[test]
fn values_and_their_origin_stand_on_the_page() {
    let folder = small();
    let html = page_of(folder.path());
    assert!(html.contains("<code>run.days</code></th><td>270</td><td>written</td>"));
    assert!(html.contains("<pre>shakeout run 2018-crash.toml --seed 42</pre>"));
    // FIPS 180-2, appendix B.1: the hash of the file, which is "abc".
    assert!(html.contains("<dd>2018-crash.toml, SHA-256 <code>ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad</code></dd>"));
    assert!(html.contains("prices.csv") && html.contains("c3d4"));
}

#[test]
fn a_broken_summary_is_named_with_its_line() {
    let folder = small();
    fs::write(folder.path().join("summary.json"), "{\n \"seed\": 1,\n \"replicas\": oops }").unwrap();
    let error = run_page(folder.path()).unwrap_err().to_string();
    assert!(error.contains("summary.json: expected value at line 3"), "{error}");
}

/// To inspect the page: `SHAKEOUT_LOOK=/tmp/look cargo test --lib figure::page -- --ignored`.
#[test]
#[ignore = "writes a page for the eye into $SHAKEOUT_LOOK"]
fn page_to_look_at() {
    let out = PathBuf::from(std::env::var("SHAKEOUT_LOOK").expect("SHAKEOUT_LOOK names a folder"));
    let folder = tempfile::tempdir().unwrap();
    Fixture { days: 270, replicas: 40 }.write(folder.path());
    let html = run_page(folder.path()).unwrap();
    assert!(html.len() < 3_000_000);
    fs::write(out.join("report.html"), html).unwrap();
}
