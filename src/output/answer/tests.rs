use super::*;
use crate::declare::Absent;

fn headline(name: &str, spread: &str) -> Headline {
    Headline { name: name.into(), spread: serde_json::from_str(spread).unwrap() }
}

fn said(name: &str, spread: &str) -> String {
    headline(name, spread).sentence().replace('\u{a0}', " ")
}

#[test]
fn every_metric_has_a_short_name_and_a_sentence_with_one_place_for_its_number() {
    for metric in METRICS {
        let name = metric.name;
        assert!((5..=34).contains(&metric.label.chars().count()), "{name}: {}", metric.label);
        assert_eq!(metric.said.matches("{}").count(), 1, "{name}: {}", metric.said);
        assert!(!metric.said.ends_with('.') && !metric.unsaid.ends_with('.'), "{name}");
        assert!(!metric.unsaid.contains('{'), "{name}");
        let same =
            |other: &&Metric| (other.group, other.label) == (metric.group, metric.label) || other.said == metric.said;
        assert_eq!(METRICS.iter().filter(same).count(), 1, "{name} shares its name or sentence with another");
        if metric.absent == Absent::Unmeasured {
            assert!(metric.unsaid.is_empty(), "{name}: replicas without it do not count");
        }
    }
    for name in ["days_to_95pct", "days_to_100pct", "runway_low_days"] {
        assert!(METRICS.iter().any(|metric| metric.name == name && !metric.unsaid.is_empty()), "{name}");
    }
}

#[test]
fn a_sentence_has_median_and_band_in_the_digits_that_are_known() {
    assert_eq!(
        said("hashrate_trough_share", r#"{"p05":0.826,"p50":0.8577,"p95":0.8791,"n":200}"#),
        "Hashrate fell to 86 % of its previous peak (83 to 88 %)."
    );
    let losses = r#"{"unit":"USD","p05":8919000,"p50":15040927,"p95":28825345,"n":4}"#;
    assert_eq!(said("lender_loss_usd", losses), "Lenders lost 15 M USD (9 to 29 M USD).");
    assert_eq!(
        said("worst_retarget", r#"{"p05":-0.1,"p50":-0.1,"p95":-0.1,"n":1}"#),
        "The largest downward difficulty adjustment was −10.0 %."
    );
    assert_eq!(
        said("energy_twh", r#"{"unit":"TWh","p05":95.2,"p50":95.2,"p95":95.2,"n":3}"#),
        "Miners used 95.2 TWh (in at least 90 % of replicas)."
    );
    assert_eq!(
        said("later", r#"{"unit":"x","doc":"A later metric.","p05":1,"p50":2,"p95":3,"n":9}"#),
        "A later metric: 2.0 x (1.0 to 3.0 x)."
    );
}

/// Both bands are rounded alike, and the second stands wherever the first may be missing.
#[test]
fn a_second_band_holds_ignorance() {
    let drawn = r#""uncertain":{"p05":0.701,"p25":null,"p50":null,"p75":null,"p95":0.9312,"n":200,"n_censored":0}"#;
    assert_eq!(
        said("hashrate_trough_share", &format!(r#"{{"p05":0.826,"p50":0.8577,"p95":0.8791,"n":200,{drawn}}}"#)),
        "Hashrate fell to 86 % of its previous peak (83 to 88 %; 70 to 93 % with drawn assumptions)."
    );
    let never = r#""uncertain":{"p05":12,"p25":null,"p50":null,"p75":null,"p95":null,"n":9,"n_censored":3}"#;
    let sentence = said("days_to_95pct", &format!(r#"{{"unit":"d","n":9,"n_censored":9,{never}}}"#));
    assert!(sentence.ends_with("; 12 to never with drawn assumptions."), "{sentence}");
    let one =
        headline("hashrate_trough_share", &format!(r#"{{"p05":0.826,"p50":0.8577,"p95":0.8791,"n":200,{drawn}}}"#));
    assert_eq!((one.band(), one.drawn_band()), ("83 to 88".to_owned(), "70 to 93".to_owned()));
    assert_eq!([lower_first("CO2 of power"), lower_first("Hashrate")], ["CO2 of power", "hashrate"]);
    assert_eq!(one.as_subject(), "“lowest, of the peak before” (hashrate)");
}

#[test]
fn replicas_that_never_get_there_are_counted() {
    assert_eq!(
        said("days_to_95pct", r#"{"unit":"d","n":200,"n_censored":200}"#),
        "Hashrate did not return to 95 % of its previous peak before the end (200 of 200 replicas)."
    );
    assert_eq!(
        said("days_to_95pct", r#"{"unit":"d","p05":43.2,"n":200,"n_censored":150}"#),
        "Hashrate did not return to 95 % of its previous peak before the end (150 of 200 replicas); 5 % of replicas are at 43.2 days or below."
    );
    assert_eq!(
        said("days_to_95pct", r#"{"unit":"d","p05":43,"p25":80,"p50":126.4,"n":200,"n_censored":37}"#),
        "Hashrate was back at 95 % of its previous peak 130 days after it (40 to never); hashrate did not return to 95 % of its \
         previous peak before the end (37 of 200 replicas)."
    );
}

#[test]
fn where_nothing_fell_that_is_said() {
    let of = |name: &str, numbers: &str, value: f64, fell: u32| {
        said(
            name,
            &format!(
                r#"{{"unit":"d",{numbers},"no_fall":{{"value":{value},"n":{fell},"words":"Hashrate never fell"}}}}"#
            ),
        )
    };
    let all = r#""p05":0,"p50":0,"p95":0,"n":9"#;
    assert_eq!(of("days_to_95pct", all, 0.0, 9), "Hashrate never fell (9 of 9 replicas).");
    assert_eq!(of("days_to_95pct", r#""p05":0,"p50":0,"p95":0,"n":1"#, 0.0, 1), "Hashrate never fell.");
    let some = r#""p05":0,"p50":0,"p95":41,"n":9"#;
    assert_eq!(
        of("days_to_95pct", some, 0.0, 6),
        "Hashrate never fell (6 of 9 replicas); 95 % of replicas are at 41 days or below."
    );
    let share = r#""p05":0.91,"p50":1,"p95":1,"n":9"#;
    assert_eq!(
        of("hashrate_trough_share", share, 1.0, 6),
        "Hashrate never fell (6 of 9 replicas); 5 % of replicas are at 91 % or below."
    );
    let few = r#""p05":0,"p50":30,"p95":41,"n":9"#;
    assert!(
        of("days_to_95pct", few, 0.0, 1)
            .ends_with("30 days after it (0 to 41 days); hashrate never fell (1 of 9 replicas).")
    );
    // A remainder of sums is no fall.
    let sums = r#""p05":-1e-10,"p50":-1e-10,"p95":0,"n":9"#;
    assert_eq!(of("price_impact_worst", sums, 0.0, 9), "Hashrate never fell (9 of 9 replicas).");
}

#[test]
fn what_a_setting_decides_is_by_assumption() {
    let idle = r#"{"p05":0,"p50":0,"p95":0,"n":9,"idle":"machines come only with `[orders]`"}"#;
    assert_eq!(
        said("delivered_share", idle),
        "Manufacturers delivered 0 % of the hashrate installed at the start, by assumption: machines come only with `[orders]`."
    );
    assert!(!headline("delivered_share", idle).happens());
}

#[test]
fn the_scenario_names_what_answers_or_the_main_metrics_do() {
    let metrics = vec![
        headline("energy_twh", r#"{"p05":90,"p50":95,"p95":99,"n":20}"#),
        headline("sold_forced_btc", r#"{"p05":0,"p50":0,"p95":0,"n":20}"#),
        headline("hhi_end", r#"{"p05":0.02,"p50":0.03,"p95":0.03,"n":20}"#),
    ];
    let names = |summary: &Summary| summary.in_sentences().into_iter().map(|one| one.metric).collect::<Vec<_>>();
    let usual = Summary { metrics, ..Summary::default() };
    assert_eq!(names(&usual), ["energy_twh"]);
    let chosen = Summary { answers: vec!["hhi_end".into(), "gone".into()], ..usual };
    assert_eq!(names(&chosen), ["hhi_end"]);
}
