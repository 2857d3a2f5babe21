//! Rolling scores and the state of the network as folders: what they print follows from what they write.

use crate::cli::Desk;
use serde_json::Value;
use std::collections::BTreeMap;

/// The shipped epochs to the end of 2018: few enough that a test forecasts them in seconds.
fn until_2019() -> String {
    let epochs = include_str!("../../src/scenario/history_epochs.csv");
    epochs.lines().take_while(|line| !line.contains(",2019-")).collect::<Vec<_>>().join("\n") + "\n"
}

/// The outcomes of `forecasts.csv` with the price known: by forecast and origin, for one number of epochs ahead.
struct Outcome {
    error: f64,
    crps: Option<f64>,
    is_inside: Option<bool>,
}

fn outcomes(csv: &str, ahead: u64) -> BTreeMap<String, BTreeMap<u64, Outcome>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let mut found: BTreeMap<String, BTreeMap<u64, Outcome>> = BTreeMap::new();
    for row in reader.deserialize::<BTreeMap<String, String>>() {
        let row = row.expect("a row");
        if row["price"] != "known" || row["epochs_ahead"] != ahead.to_string() {
            continue;
        }
        let number = |name: &str| row[name].parse::<f64>().ok();
        let seen = number("ln_observed").expect("observed");
        let error = seen - number("ln_forecast").expect("forecast");
        let band = number("ln_p05").zip(number("ln_p95"));
        let is_inside = band.map(|(low, high)| low <= seen && seen <= high);
        let outcome = Outcome { error, crps: number("crps"), is_inside };
        let origin = row["origin_height"].parse().expect("a height");
        found.entry(row["forecast"].clone()).or_default().insert(origin, outcome);
    }
    found
}

/// Errors, CRPS, coverage, the number of outcomes, and the paired difference of `score.json` are recomputed from `forecasts.csv`, on the outcomes that
/// all forecasts have; the folder has the tables that are printed, charts, and a page that loads nothing.
#[test]
fn printed_scores_follow_from_the_forecasts() {
    let desk = Desk::new();
    desk.write("short.csv", &until_2019());
    let line = "score --rolling --history short.csv --replicas 4 --out rolled";
    let said = desk.ends(line, 0);
    let card: Value = serde_json::from_str(&desk.read("rolled/score.json")).expect("one object");
    let (csv, scores) = (desk.read("rolled/forecasts.csv"), &card["scores"]);
    let horizons: Vec<u64> = serde_json::from_value(scores["horizons"].clone()).expect("horizons");
    for (place, &horizon) in horizons.iter().enumerate() {
        let found = outcomes(&csv, horizon);
        assert_eq!(found.len(), 11, "two laws and nine baselines");
        let is_common = |origin: &&u64| found.values().all(|rows| rows.contains_key(*origin));
        let common: Vec<u64> = found["random walk"].keys().filter(is_common).copied().collect();
        assert!(common.len() > 20, "{} outcomes at {horizon}", common.len());
        let mut squares = BTreeMap::new();
        for named in scores["known"]["forecasts"].as_array().expect("a list") {
            let (name, told) = (named[0].as_str().expect("a name"), &named[1]);
            let rows: Vec<&Outcome> = common.iter().map(|origin| &found[name][origin]).collect();
            let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
            let square = mean(rows.iter().map(|row| row.error * row.error).collect());
            squares.insert(name.to_owned(), square);
            let inside =
                rows.iter().filter_map(|row| row.is_inside).map(|inside| f64::from(u8::from(inside))).collect();
            let near = |what: &str, value: f64| {
                let told = told[what][place].as_f64().expect("a number");
                assert!((told - value).abs() < 1e-9, "{name}, {what} at {horizon}: {told}, recomputed {value}");
            };
            near("rmse", square.sqrt());
            near("crps", mean(rows.iter().filter_map(|row| row.crps).collect()));
            near("coverage", mean(inside));
            assert_eq!(told["n"][place], common.len());
        }
        let paired = squares["law, outages and days"] - squares["law, epochs alone"];
        let told = scores["known"]["difference"][place].as_f64().expect("a number");
        assert!((told - paired).abs() < 1e-9, "{told}, recomputed {paired}");
    }
    assert_eq!(desk.read("rolled/tables.md"), said.out);
    let first = scores["known"]["forecasts"][0][1]["rmse"][0].as_f64().expect("a number");
    assert!(said.out.contains(&format!("| law, outages and days | {first:.3} |")), "{}", said.out);
    // Held orders are those that fit best, so the path cannot be further from the observation than with the orders of the law.
    let episode = &scores["episodes"][0];
    assert!(episode["rmse"].is_null(), "the history ends before the episode does");
    let page = desk.read("rolled/report.html");
    for chart in ["errors", "coverage", "ablations", "ahead"] {
        assert!(desk.path(&format!("rolled/charts/{chart}.svg")).is_file(), "{chart}");
        assert!(page.contains(&format!("id=\"chart-{chart}")), "{chart}");
    }
    assert!(page.contains("shakeout score --rolling --replicas 4 --history short.csv"));
    // A second time the same bytes; into the same folder nothing.
    desk.ends(line, 2);
    desk.ends("score --rolling --history short.csv --replicas 4 --threads 1 --out again", 0);
    assert_eq!(desk.read("again/score.json"), desk.read("rolled/score.json"));
    assert_eq!(desk.read("again/report.html"), page);
}

/// The folder of a nowcast has the state that is printed, a start for a scenario, charts and a page; a forecast may be given the prices after its date.
#[test]
fn a_nowcast_is_written_as_a_folder() {
    let desk = Desk::new();
    let line = "nowcast --at 2022-03-20 --members 20 --epochs 4";
    let said = desk.ends(&format!("{line} --out now --json --start start.toml"), 0);
    let (printed, written): (Value, Value) = (
        serde_json::from_str(&said.out).expect("one object"),
        serde_json::from_str(&desk.read("now/nowcast.json")).expect("one object"),
    );
    assert_eq!(printed["state"], written["state"]);
    assert_eq!(written["command"], "shakeout nowcast --at 2022-03-20 --epochs 4 --members 20");
    assert_eq!(desk.read("now/start.toml"), desk.read("start.toml"));
    assert!(said.err.contains("start.toml"), "it says what it wrote: {}", said.err);
    let page = desk.read("now/report.html");
    let median = written["state"]["running_eh_per_s"]["after"]["p50"].as_f64().expect("a number");
    assert!(page.contains(&format!("{median:.1} (")), "the running hashrate {median} is in the answer");
    // The page warns of its bands as the terminal does.
    let told = desk.ends(line, 0).out.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in [told, page.clone()] {
        assert!(text.contains("77 % of outcomes at 13 epochs and 51 % at 26"), "{text}");
    }
    for chart in ["forecast", "fleet"] {
        assert!(
            desk.path(&format!("now/charts/{chart}.svg")).is_file() && page.contains(&format!("id=\"chart-{chart}")),
            "{chart}"
        );
    }
    // The price fell by half until June 2022: with the path known the forecast for the fourth epoch differs from that at a held price.
    let fourth = |more: &str| {
        let said = desk.ends(&format!("{line} --json {more}"), 0);
        let told: Value = serde_json::from_str(&said.out).expect("one object");
        told["forecast_hashrate_eh_per_s"][3]["p50"].as_f64().expect("a number")
    };
    let (held, known) = (fourth(""), fourth("--prices-known"));
    assert!((held - known).abs() > 0.01, "{held} {known}");
    desk.ends(&format!("{line} --prices-known --price-usd 30000"), 2);
}
