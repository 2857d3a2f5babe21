//! The metrics of a sweep: those that answer the scenario's question, then the other main ones.

use crate::{
    declare::{Metric, number::human},
    output::measure::shown_in,
    simulation::metrics::METRICS,
};

/// Metrics at most that answer the question where the scenario does not name them.
const MOST: usize = 5;

/// A metric in the words and in the unit in which readers see it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its key and meaning, and the sentence that states it.
    pub metric: &'static Metric,
    /// Heading and short name.
    pub name: String,
    /// The unit in which it is shown; empty for a ratio or a count.
    pub unit: String,
    /// What a value of the table is multiplied by.
    pub factor: f64,
    /// Whether it answers the question.
    pub is_answer: bool,
}

impl PartialEq for Outcome {
    fn eq(&self, other: &Self) -> bool {
        self.metric.name == other.metric.name
    }
}

impl Outcome {
    /// A metric whose largest value has this size.
    fn new(metric: &'static Metric, largest: f64, is_answer: bool) -> Self {
        let (factor, unit) = shown_in(metric.is_percent, metric.unit, largest);
        Self { metric, name: metric.title(), unit, factor, is_answer }
    }

    /// What charts and tables call it, with its unit.
    #[must_use]
    pub fn with_unit(&self) -> String {
        if self.unit.is_empty() { self.name.clone() } else { format!("{} ({})", self.name, self.unit) }
    }

    /// Whether a value, as it is shown, means that nothing fell.
    #[must_use]
    pub fn is_no_fall(&self, value: f64) -> bool {
        self.metric.no_fall.is_some_and(|none| (self.factor * none.value).total_cmp(&value).is_eq())
    }

    /// A value as it is shown, in words.
    #[must_use]
    pub fn in_words(&self, value: f64) -> String {
        match value {
            value if value.is_nan() => "unknown".into(),
            value if value.is_infinite() => "never".into(),
            value if self.is_no_fall(value) => "no fall".into(),
            value if self.unit.is_empty() => human(value),
            value => format!("{}\u{a0}{}", human(value), self.unit),
        }
    }
}

/// The metrics that a scenario names as its answers, in its order, then the other main ones.
pub(super) fn asked(answers: &[String]) -> Vec<&'static Metric> {
    let named = answers.iter().filter_map(|name| METRICS.iter().find(|metric| metric.name == name));
    let mut found: Vec<&Metric> = named.collect();
    found.extend(METRICS.iter().filter(|metric| metric.is_main && answers.iter().all(|name| name != metric.name)));
    found
}

/// These metrics, each with its lowest and highest value (never is the highest), without those that are equal in all runs. If the
/// scenario names no answers, the first of them answer its question.
pub(super) fn varying(metrics: &[(&'static Metric, Option<(f64, f64)>)], answers: &[String]) -> Vec<Outcome> {
    let varies = |(metric, range): &(&'static Metric, Option<(f64, f64)>)| {
        let (low, high) = range.filter(|(low, high)| low < high)?;
        let largest = [low, high].into_iter().filter(|end| end.is_finite()).map(f64::abs).fold(0.0, f64::max);
        Some((*metric, largest))
    };
    let is_named = |metric: &Metric| answers.iter().any(|name| name == metric.name);
    let found = metrics.iter().filter_map(varies).enumerate();
    let is_answer = |place: usize, metric| if answers.is_empty() { place < MOST } else { is_named(metric) };
    found.map(|(place, (metric, largest))| Outcome::new(metric, largest, is_answer(place, metric))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_scenario_asks_for_stands_first_and_in_its_unit() {
        let answers = ["lender_loss_usd".to_owned(), "hhi_end".to_owned()];
        let ranges =
            |metric: &'static Metric| (metric, Some((1.0, if metric.name == "hhi_end" { 1.0 } else { 4.12e7 })));
        let metrics: Vec<_> = asked(&answers).into_iter().map(ranges).collect();
        let found = varying(&metrics, &answers);
        assert_eq!(found[0].metric.name, "lender_loss_usd");
        assert_eq!(found[0].in_words(41.2), "41.2\u{a0}M USD");
        assert_eq!(found.iter().filter(|one| one.is_answer).count(), 1, "the other one is equal in all runs");
        assert!(found.iter().all(|one| one.metric.is_main), "the others are the main ones");
        assert_eq!(varying(&metrics, &[]).iter().filter(|one| one.is_answer).count(), MOST);
    }
}
