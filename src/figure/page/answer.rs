//! The answer at the top of a page, and the outcomes by class of miners.

use serde::Serialize;

use crate::{
    figure::instant,
    report::{
        classes::Middle,
        number::human,
        relief::Relief,
        series::RunSeries,
        summary::{Headline, Summary},
    },
    study::score::quantile,
};

/// A metric in words.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Answer {
    /// Its key.
    pub(super) name: String,
    /// The median.
    pub(super) number: String,
    /// Its unit; empty where the number has none.
    pub(super) unit: String,
    /// The sentence that states it, with its band.
    pub(super) sentence: String,
}

impl Answer {
    fn new(headline: &Headline) -> Self {
        let is_fall = !headline.never_falls();
        let unit = if is_fall && headline.spread.p50.is_some() { headline.measure().unit } else { String::new() };
        let number = if is_fall { headline.median() } else { "no fall".to_owned() };
        Self { name: headline.name.clone(), number, unit, sentence: headline.sentence() }
    }
}

/// The metrics that answer the question.
pub(super) fn answers(summary: &Summary) -> Vec<Answer> {
    summary.answering().map(Answer::new).collect()
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

/// When and by how much difficulty relieves the miners that go on, in one sentence; none where it never falls.
pub(super) fn relief(series: &RunSeries) -> Option<String> {
    let found: Vec<Relief> = series.reliefs.iter().copied().flatten().collect();
    let last = found.len().checked_sub(1)?;
    let quantiles = |of: &dyn Fn(&Relief) -> f64| {
        let mut values: Vec<f64> = found.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        [0.05, 0.5, 0.95].map(|share| quantile(&values, share))
    };
    let [early, date, late] =
        quantiles(&|relief| instant::seconds(relief.time)).map(|at| instant::day(instant::whole(at)));
    let [shallowest, by, deepest] = quantiles(&|relief| 100.0 * (1.0 - relief.share)).map(human);
    let all = series.reliefs.len();
    let in_some = if found.len() < all {
        format!(" In {} of {all} replicas it never falls.", all - found.len())
    } else {
        String::new()
    };
    let bands = if last > 0 {
        [format!(" ({early} to {late})"), format!(" ({shallowest} to {deepest}\u{a0}%)")]
    } else {
        Default::default()
    };
    let [of_date, of_fall] = bands;
    Some(format!(
        "Relief by difficulty: it is lowest from {date}{of_date} on, {by}\u{a0}% below its highest before{of_fall}.{in_some}"
    ))
}

/// The answers as a list in Markdown.
#[must_use]
pub fn in_markdown(summary: &Summary) -> String {
    let lines: Vec<String> = summary.in_sentences().into_iter().map(|one| format!("- {}\n", one.text)).collect();
    lines.concat()
}
