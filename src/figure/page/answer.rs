//! The handful of headline numbers that open a page; the table has all of them.

use serde::Serialize;

use crate::report::{
    classes::Middle,
    number::human,
    series::RunSeries,
    summary::{Headline, Spread, Summary},
};

/// A headline number that opens the page, and how it is put into words.
struct Lead {
    metric: &'static str,
    is_percent: bool,
    words: &'static str,
    /// Said whatever it is; the others only where something happened.
    is_always_said: bool,
}

const fn lead(metric: &'static str, is_percent: bool, words: &'static str) -> Lead {
    Lead { metric, is_percent, words, is_always_said: false }
}

/// In order.
const LEADS: [Lead; 12] = [
    Lead { is_always_said: true, ..lead("hashrate_trough_share", true, "Hashrate at its lowest, of the peak before") },
    lead("days_to_trough", false, "From the peak of hashrate to its trough"),
    Lead {
        is_always_said: true,
        ..lead("days_to_95pct", false, "From that peak until hashrate is back at 95\u{a0}% of it")
    },
    Lead { is_always_said: true, ..lead("worst_retarget", true, "Largest fall of difficulty at one retarget") },
    lead("longest_epoch_days", false, "Longest difficulty epoch, of 14 days on schedule"),
    lead("defaulted_hashrate_share", true, "Hashrate of firms that did not pay in time, of what was installed"),
    lead("hashprice_low_usd_per_ph_day", false, "Lowest hashprice"),
    lead("sold_forced_btc", false, "Sold because cash was short"),
    lead("underwater_share_max", true, "Of running hashrate under water on the worst day"),
    lead("price_impact_worst", true, "Deepest mark that miners' sales leave on the price"),
    lead("block_delay_days", false, "Chain behind schedule at the end"),
    lead("energy_twh", false, "Energy at the meter"),
];

/// So many are said.
const MOST: usize = 6;

/// A headline number in words.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Answer {
    /// Its key.
    pub(super) name: String,
    /// The median.
    pub(super) number: String,
    /// Its unit; empty where the number has none.
    pub(super) unit: String,
    /// One sentence: what it is, and its band.
    pub(super) sentence: String,
}

/// The numbers that answer the question: those that the scenario names, else the usual ones that say something. A summary
/// without any of them is answered by its first ones.
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

/// What became of a class of miners: running hashrate, and who is left.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct ClassRow {
    name: String,
    /// Each with its band.
    cells: Vec<(String, String)>,
}

/// A row for each class of which a table tells.
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

/// Whether a headline number is one that may open a page.
pub(super) fn leads(name: &str) -> bool {
    LEADS.iter().any(|lead| lead.metric == name)
}

/// Whether it is anything but nothing in all replicas alike, or missing in most.
fn says_something(spread: &Spread) -> bool {
    let is_zero = |value: Option<f64>| value.is_some_and(|value| value.abs() < 1e-9);
    spread.p50.is_some() && !(is_zero(spread.p05) && is_zero(spread.p95))
}

/// In the words that open a page, where there are some; else in those of its table.
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
        (Some(low), Some(high)) if value(low) == value(high) => Some("the same in 90\u{a0}% of replicas".to_owned()),
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
    fn what_happened_is_said_and_what_did_not_is_left_to_the_table() {
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
                    "Hashrate at its lowest, of the peak before: 82.6 to 87.9\u{a0}% in 90\u{a0}% of replicas."
                ),
                (
                    "days_to_95pct",
                    "never ".to_owned(),
                    "From that peak until hashrate is back at 95\u{a0}% of it: at best 43.0\u{a0}days; in 150 of 200 replicas never."
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
    fn where_nothing_fell_no_number_is_given() {
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
            "30.0|days|From that peak until hashrate is back at 95\u{a0}% of it: no fall to 40.0\u{a0}days in 90\u{a0}% of replicas; in 2 \
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
