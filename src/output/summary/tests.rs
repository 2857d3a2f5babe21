use super::*;
use crate::{simulation::metrics::Metrics, units::UnixTime};

fn of(values: &[Option<f64>]) -> Spread {
    Spread::of(&METRICS[1], values)
}

/// R: `quantile(c(15, 20, 35, 40, 50), c(.05, .25, .5, .75, .95))`; type 7 is its default.
#[test]
fn quantiles_are_those_of_r() {
    let summary = of(&[Some(35.0), Some(15.0), Some(50.0), Some(20.0), Some(40.0)]);
    assert_eq!(summary.mean, Some(32.0));
    assert_eq!(
        [summary.p05, summary.p25, summary.p50, summary.p75, summary.p95],
        [Some(16.0), Some(20.0), Some(35.0), Some(40.0), Some(48.0)]
    );
    assert_eq!((summary.n, summary.n_censored), (5, 0));
    let even = of(&[Some(1.0), Some(4.0), Some(2.0), Some(3.0)]);
    assert_eq!((even.p25, even.p50, even.p75), (Some(1.75), Some(2.5), Some(3.25)));
}

#[test]
fn never_is_later_than_any_day() {
    let summary = of(&[Some(30.0), None, Some(10.0), Some(20.0), None]);
    assert_eq!((summary.mean, summary.n, summary.n_censored), (None, 5, 2));
    // Places 0.2, 1, 2, 3, 3.8 of 10, 20, 30, never, never.
    assert_eq!(
        [summary.p05, summary.p25, summary.p50, summary.p75, summary.p95],
        [Some(12.0), Some(20.0), Some(30.0), None, None]
    );
    // Between a day and never lies never.
    assert_eq!(of(&[Some(1.0), None]).p50, None);
    let never = of(&[None, None]);
    assert_eq!((never.mean, never.p05, never.n_censored), (None, None, 2));
    assert_eq!(of(&[Some(3.5)]).p95, Some(3.5));
}

/// Of four replicas two never fell; the number of them is kept, and what it means.
#[test]
fn replicas_without_a_fall_are_counted() {
    let summary = of(&[Some(0.0), Some(12.0), Some(0.0), None]);
    assert_eq!(summary.no_fall.map(|none| (none.value, none.n)), Some((0.0, 2)));
    assert_eq!(Spread::of(&METRICS[4], &[Some(0.0)]).no_fall, None, "the lowest day measures no fall");
}

#[test]
fn the_file_keeps_its_order_and_says_null() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut replicas = Columns::of::<Metrics>(UnixTime::default());
    for (first, second) in [("0.5", "5.0"), ("0.25", "7.0"), ("0.75", "")] {
        let others = std::iter::repeat_n("1.0", METRICS.len() - 2);
        replicas.push_texts([first, second].into_iter().chain(others)).expect("they are numbers");
    }
    let facts = RunFacts {
        title: "Crash".to_owned(),
        question: "How far?".to_owned(),
        answers: vec!["days_to_trough".to_owned()],
        scenario_sha256: "ab".to_owned(),
        seed: 42,
        idle: Vec::new(),
        assumed: Vec::new(),
        drawn: Vec::new(),
    };
    Summary::of_columns(&replicas, 0, facts).write(folder.path()).expect("it can be written");
    let text = std::fs::read_to_string(folder.path().join("summary.json")).expect("it is there");
    let first = format!(
        r#"{{
  "title": "Crash",
  "question": "How far?",
  "answers": [
    "days_to_trough"
  ],
  "scenario_sha256": "ab",
  "seed": 42,
  "replicas": 3,
  "failed": 0,
  "quantiles": "{QUANTILE_DEFINITION}",
  "sentences": [
    {{
      "metric": "days_to_trough",
      "text": "The trough of hashrate came 7.0 days after that peak (5.2 to never); hashrate, from that peak to the trough: never (1 of 3 replicas)."
    }}
  ],
  "metrics": {{
    "{}": {{
      "mean": 0.5,
      "p05": 0.275,
      "p25": 0.375,
      "p50": 0.5,
      "p75": 0.625,
      "p95": 0.725,
      "n": 3,
      "n_censored": 0,
      "n_failed": 0,
      "unit": "{}",
      "doc": "{}",
      "no_fall": {{
        "value": 1.0,
        "n": 0,
        "words": "Hashrate never fell below its previous peak"
      }}
    }},
    "{}": {{
      "mean": null,
      "p05": 5.2,
      "p25": 6.0,
      "p50": 7.0,
      "p75": null,
      "p95": null,
      "n": 3,
      "n_censored": 1,
      "n_failed": 0,
"#,
        METRICS[0].name, METRICS[0].unit, METRICS[0].doc, METRICS[1].name
    );
    assert!(text.starts_with(&first), "{text}");
}
