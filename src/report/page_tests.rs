use super::*;
use crate::report::fixture::Fixture;

const SMALL: Fixture = Fixture { days: 40, replicas: 8 };

fn small() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    SMALL.write(folder.path());
    folder
}

fn page_of(folder: &Path) -> String {
    page(folder).unwrap()
}

#[test]
fn every_headline_stands_on_the_page() {
    let folder = small();
    let html = page_of(folder.path());
    let summary = Summary::read(folder.path()).unwrap();
    assert!(summary.metrics.len() >= 6);
    for headline in &summary.metrics {
        let at = html.find(&format!("id=\"metric-{}\"", headline.name)).expect(&headline.name);
        let entry = html[at..].split("</li>").next().unwrap();
        let sentence = headline.sentence().replace('\'', "&#x27;");
        assert!(entry.contains(&format!("<strong>{}</strong>", headline.median())), "{entry}");
        assert!(entry.contains(&sentence), "{sentence} is not in {entry}");
    }
    assert!(html.contains("in 1 of 8 replicas never"));
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
    assert!(before.contains("<strong>0.685</strong>") && !before.contains("0.623"));
    assert!(after.contains("<strong>0.623</strong>") && !after.contains("0.685"));
}

#[test]
fn the_page_asks_no_network_for_anything() {
    let folder = small();
    let html = page_of(folder.path());
    // An address may only be the name of the SVG language.
    let rest = html.replace("http://www.w3.org/2000/svg", "");
    for reference in ["http:", "https:", "src=", "<script", "@import", "url(", "<link"] {
        assert!(!rest.contains(reference), "{reference}");
    }
    assert_eq!(html.matches("<svg").count(), 20, "ten charts, wide and narrow");
    assert_eq!(html.matches("aria-label=\"Hashrate over time. Median hashrate starts at").count(), 2);
}

#[test]
fn text_from_the_scenario_cannot_become_markup() {
    let folder = small();
    let path = folder.path().join("summary.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"2018 crash\"", "\"<script>alert(1)</script>\"")).unwrap();
    let html = page_of(folder.path());
    assert!(!html.contains("<script>"));
    assert!(html.contains("&lt;script&gt;alert(1)"));
}

#[test]
fn values_and_their_origin_stand_on_the_page() {
    let folder = small();
    let html = page_of(folder.path());
    assert!(html.contains("<code>run.days</code></th><td>270</td><td>written</td>"));
    assert!(html.contains("shakeout run scenarios&#x2f;2018-crash.toml --seed 42 --replicas 8"));
    assert!(html.contains("a1b2"));
}

#[test]
fn a_broken_summary_is_named_with_its_line() {
    let folder = small();
    fs::write(folder.path().join("summary.json"), "{\n \"seed\": 1,\n \"replicas\": oops }").unwrap();
    let error = page(folder.path()).unwrap_err().to_string();
    assert!(error.contains("summary.json: expected value at line 3"), "{error}");
}

/// For a look at the page: `SHAKEOUT_LOOK=/tmp/look cargo test --lib report::page -- --ignored`.
#[test]
#[ignore = "writes a page for the eye into $SHAKEOUT_LOOK"]
fn page_to_look_at() {
    let out = PathBuf::from(std::env::var("SHAKEOUT_LOOK").expect("SHAKEOUT_LOOK names a folder"));
    let folder = tempfile::tempdir().unwrap();
    Fixture { days: 270, replicas: 40 }.write(folder.path());
    let path = write_page(folder.path(), &out.join("report.html")).unwrap();
    assert!(fs::metadata(path).unwrap().len() < 3_000_000);
}
