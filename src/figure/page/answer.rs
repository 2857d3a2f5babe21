//! The few metrics at the top of a page; the table has all metrics.

use serde::Serialize;

use crate::report::{
    classes::Middle,
    number::human,
    series::RunSeries,
    summary::{Headline, Spread, Summary},
};

/// A metric that can open a page, and its wording.
struct Lead {
    metric: &'static str,
    is_percent: bool,
    words: &'static str,
    /// Whether it is shown in any case; other metrics are shown only if something happened.
    is_always_said: bool,
}

const fn lead(metric: &'static str, is_percent: bool, words: &'static str) -> Lead {
    Lead { metric, is_percent, words, is_always_said: false }
}

/// The metrics that can open a page, in order.
const LEADS: [Lead; 12] = [
    Lead {
        is_always_said: true,
        ..lead("hashrate_trough_share", true, "Lowest hashrate, relative to its previous peak")
    },
    lead("days_to_trough", false, "Time from the peak of hashrate to its trough"),
    Lead {
        is_always_said: true,
        ..lead("days_to_95pct", false, "Time from that peak until hashrate is back at 95\u{a0}% of it")
    },
    Lead { is_always_said: true, ..lead("worst_retarget", true, "Largest downward difficulty adjustment") },
    lead("longest_epoch_days", false, "Longest difficulty epoch (14 days on schedule)"),
    lead("defaulted_hashrate_share", true, "Hashrate of firms that defaulted, as a share of installed hashrate"),
    lead("hashprice_low_usd_per_ph_day", false, "Lowest hashprice"),
    lead("sold_forced_btc", false, "Forced sales because cash was short"),
    lead("underwater_share_max", true, "Largest daily share of running hashrate below break-even"),
    lead("price_impact_worst", true, "Largest price impact of miners' sales"),
    lead("block_delay_days", false, "Delay of the chain behind schedule at the end"),
    lead("energy_twh", false, "Energy at the meter"),
];

/// Maximum number of metrics at the top of a page.
const MOST: usize = 6;

/// A metric in words.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Answer {
    /// Its key.
    pub(super) name: String,
    /// The median.
    pub(super) number: String,
    /// Its unit; empty where the number has none.
    pub(super) unit: String,
    /// One sentence: its meaning, and its band.
    pub(super) sentence: String,
}

/// The metrics that answer the question: the metrics that the scenario names, otherwise the usual metrics that are informative. A summary
/// without any of them is answered by its first metrics.
pub(super) fn answers(summary: &Summary) -> Vec<Answer> {
    let find = |name: &str| summary.metrics.iter().find(|headline| headline.name == name);
    if !summary.answers.is_empty() {
        return summary.answers.iter().filter_map(|name| find(name)).map(in_words).collect();
    }
    let leads: Vec<(&Lead, &Headline)> = LEADS.iter().filter_map(|lead| Some((lead, find(lead.metric)?))).collect();
    let mut chosen: Vec<usize> = (0..leads.len()).filter(|&at| leads[at].0.is_always_said).collect();
    let telling = (0..leads.len()).filter(|&at| !leads[at].0.is_always_said && says_something(&leads[at].1.spread));
    chosen.extend(telling.take(MOST.saturating_sub(chosen.len())));
    chosen.sort_unstable();
    if chosen.is_empty() {
        return summary.metrics.iter().take(MOST).map(plain).collect();
    }
    chosen.into_iter().map(|at| in_words(leads[at].1)).collect()
}

/// The outcome of a class of miners: running hashrate and survival.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct ClassRow {
    name: String,
    /// Values, each with its band.
    cells: Vec<(String, String)>,
}

/// A row for each class in the tables.
pub(super) fn by_class(series: &RunSeries) -> Vec<ClassRow> {
    let with_band = |middle: &Middle, scale: f64| {
        let [low, median, high] = [middle.p05, middle.p50, middle.p95].map(|value| human(scale * value));
        match () {
            () if middle.p50.is_nan() => ("–".to_owned(), String::new()),
            () if low == high => (median, String::new()),
            () => (median, format!("{low} to {high}")),
        }
    };
    let row = |class: &crate::report::classes::ClassCourse| {
        let survival = series.survival.iter().find(|survival| survival.class == class.name);
        let left = survival.map_or("–".into(), |survival| human(100.0 * survival.at_the_end()));
        ClassRow {
            name: class.name.replace('_', " "),
            cells: vec![
                with_band(&class.first, 1.0),
                with_band(&class.lowest_share, 100.0),
                with_band(&class.last_share, 100.0),
                (left, String::new()),
            ],
        }
    };
    series.classes.iter().map(row).collect()
}

/// The answers as a list in Markdown.
#[must_use]
pub fn in_markdown(summary: &Summary) -> String {
    let line = |Answer { number, unit, sentence, .. }: Answer| match unit.as_str() {
        "" => format!("- **{number}**  {sentence}\n"),
        unit => format!("- **{number}\u{a0}{unit}**  {sentence}\n"),
    };
    answers(summary).into_iter().map(line).collect()
}

/// Whether a metric may open a page.
pub(super) fn leads(name: &str) -> bool {
    LEADS.iter().any(|lead| lead.metric == name)
}

/// Whether a metric is informative: it is not zero in all replicas and not missing in most of them.
fn says_something(spread: &Spread) -> bool {
    let is_zero = |value: Option<f64>| value.is_some_and(|value| value.abs() < 1e-9);
    spread.p50.is_some() && !(is_zero(spread.p05) && is_zero(spread.p95))
}

/// A metric in the wording for the top of a page; if there is none, in the wording of its table.
fn in_words(headline: &Headline) -> Answer {
    if let Some(lead) = LEADS.iter().find(|lead| lead.metric == headline.name) {
        return answer((lead.words, lead.is_percent), headline);
    }
    let is_share = headline.spread.unit.is_empty() && headline.name.contains("_share");
    answer((&headline.meaning(), is_share), headline)
}

fn plain(headline: &Headline) -> Answer {
    let spread = &headline.spread;
    let number = spread.shown(spread.p50);
    let unit = if spread.in_words(spread.p50).is_none() { spread.unit.clone() } else { String::new() };
    Answer { name: headline.name.clone(), number, unit, sentence: headline.sentence() }
}

fn answer((words, is_percent): (&str, bool), headline: &Headline) -> Answer {
    let spread = &headline.spread;
    let unit = match (is_percent, &*spread.unit) {
        (true, _) => "%",
        (false, "d") => "days",
        (false, unit) => unit,
    };
    let value = |value: f64| {
        let number = || human(if is_percent { 100.0 * value } else { value });
        spread.in_words(Some(value)).map_or_else(number, str::to_owned)
    };
    let with_unit = |number: f64| match spread.in_words(Some(number)) {
        None if !unit.is_empty() => format!("{}\u{a0}{unit}", value(number)),
        _ => value(number),
    };
    let band = match (spread.p05, spread.p95) {
        _ if spread.n < 2 => None,
        (Some(low), Some(high)) if value(low) == value(high) => {
            Some(format!("{} in 90\u{a0}% of replicas", with_unit(high)))
        }
        // Nothing fell at one end of the band: the other end says it, and how often nothing fell follows.
        (Some(low), Some(high)) if spread.in_words(Some(low)).is_some() => {
            Some(format!("at most {} in 95\u{a0}% of replicas", with_unit(high)))
        }
        (Some(low), Some(high)) if spread.in_words(Some(high)).is_some() => {
            Some(format!("at least {} in 95\u{a0}% of replicas", with_unit(low)))
        }
        (Some(low), Some(high)) => Some(format!("{} to {} in 90\u{a0}% of replicas", value(low), with_unit(high))),
        (Some(low), None) => Some(format!("at best {}", with_unit(low))),
        (None, _) => None,
    };
    let parts: Vec<String> = band.into_iter().chain(headline.never()).chain(headline.no_fall()).collect();
    let sentence = match headline.no_fall() {
        Some(no_fall) if headline.never_falls() => format!("{no_fall}."),
        _ if parts.is_empty() => format!("{words}."),
        _ => format!("{words}: {}.", parts.join("; ")),
    };
    Answer {
        name: headline.name.clone(),
        number: spread.p50.map_or_else(|| spread.shown(None), value),
        unit: if spread.in_words(spread.p50).is_none() { unit.to_owned() } else { String::new() },
        sentence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headline(name: &str, spread: &str) -> Headline {
        Headline { name: name.into(), spread: serde_json::from_str(spread).unwrap() }
    }

    #[test]
    fn answers_contain_only_informative_metrics() {
        let metrics = vec![
            headline("energy_twh", r#"{"unit":"TWh","p05":90,"p50":95,"p95":99,"n":200}"#),
            headline("hashrate_trough_share", r#"{"p05":0.826,"p50":0.8577,"p95":0.879,"n":200}"#),
            headline("days_to_95pct", r#"{"unit":"d","p05":43,"p50":null,"p95":null,"n":200,"n_censored":150}"#),
            headline("sold_forced_btc", r#"{"unit":"BTC","p05":0,"p50":0,"p95":0,"n":200}"#),
        ];
        let answers = answers(&Summary { metrics, ..Summary::default() });
        let said: Vec<_> =
            answers.iter().map(|one| (&*one.name, format!("{} {}", one.number, one.unit), &*one.sentence)).collect();
        assert_eq!(
            said,
            [
                (
                    "hashrate_trough_share",
                    "85.8 %".to_owned(),
                    "Lowest hashrate, relative to its previous peak: 82.6 to 87.9\u{a0}% in 90\u{a0}% of replicas."
                ),
                (
                    "days_to_95pct",
                    "never ".to_owned(),
                    "Time from that peak until hashrate is back at 95\u{a0}% of it: at best 43.0\u{a0}days; in 150 of 200 replicas never."
                ),
                (
                    "energy_twh",
                    "95.0 TWh".to_owned(),
                    "Energy at the meter: 90.0 to 99.0\u{a0}TWh in 90\u{a0}% of replicas."
                ),
            ]
        );
    }

    #[test]
    fn runs_without_a_fall_show_no_number() {
        let words = r#""words":"Hashrate never fell below 95 % of its previous peak""#;
        let of = |numbers: &str, n: u32| {
            let spread = format!(r#"{{"unit":"d",{numbers},"n":20,"no_fall":{{"value":0,"n":{n},{words}}}}}"#);
            let metrics = vec![headline("days_to_95pct", &spread)];
            let Answer { number, unit, sentence, .. } = answers(&Summary { metrics, ..Summary::default() }).remove(0);
            format!("{number}|{unit}|{sentence}")
        };
        assert_eq!(
            of(r#""p05":0,"p50":0,"p95":0"#, 20),
            "no fall||Hashrate never fell below 95 % of its previous peak in any of 20 replicas."
        );
        assert_eq!(
            of(r#""p05":0,"p50":30,"p95":40"#, 2),
            "30.0|days|Time from that peak until hashrate is back at 95\u{a0}% of it: at most 40.0\u{a0}days in 95\u{a0}% of replicas; in 2 \
             of 20 replicas hashrate never fell below 95 % of its previous peak."
        );
    }

    #[test]
    fn a_scenario_names_what_answers_it() {
        let metrics = vec![
            headline("hashrate_trough_share", r#"{"p05":0.826,"p50":0.8577,"p95":0.879,"n":200}"#),
            headline("top5_share_end", r#"{"doc":"Share of the five largest","p05":0.25,"p50":0.3,"p95":0.5,"n":200}"#),
            headline("hhi_end", r#"{"doc":"Index at the end","p05":0.02,"p50":0.03,"p95":0.03,"n":200}"#),
        ];
        let named = ["top5_share_end", "hhi_end", "gone"].map(str::to_owned).into();
        let answers = answers(&Summary { metrics, answers: named, ..Summary::default() });
        let said: Vec<_> = answers.iter().map(|one| format!("{}{} {}", one.number, one.unit, one.sentence)).collect();
        assert_eq!(
            said,
            [
                "30.0% Share of the five largest: 25.0 to 50.0\u{a0}% in 90\u{a0}% of replicas.",
                "0.0300 Index at the end: 0.0200 to 0.0300 in 90\u{a0}% of replicas.",
            ]
        );
    }

    #[test]
    fn a_summary_of_other_numbers_is_answered_by_its_first_ones() {
        let metrics = vec![headline("odd", r#"{"doc":"An odd number.","p50":3,"n":1}"#)];
        let answers = answers(&Summary { metrics, ..Summary::default() });
        assert_eq!(answers[0].sentence, "An odd number: median 3.00.");
    }
}
