//! What a run found, in sentences. Each metric owns the sentence that states it, declared beside it; this puts the numbers in.

use super::{
    measure::Measure,
    summary::{Headline, Sentence, Spread, Summary},
    uncertain::{DrawnSpread, Uncertain},
};
use crate::{declare::Metric, simulation::metrics::METRICS};

/// Sentences at most where a scenario does not name its answers.
const MOST: usize = 5;

impl Summary {
    /// The metrics that answer the question: those that the scenario names, otherwise the main ones in which anything happened. A
    /// summary without any of them is answered by its first metrics.
    pub fn answering(&self) -> impl Iterator<Item = &Headline> {
        let named = self.answers.iter().filter_map(|name| self.metric(name));
        let mut chosen: Vec<&Headline> = named.collect();
        if chosen.is_empty() {
            let main = |headline: &&Headline| headline.metric().is_some_and(|metric| metric.is_main);
            chosen = self.metrics.iter().filter(main).filter(|headline| headline.is_telling()).take(MOST).collect();
        }
        if chosen.is_empty() {
            chosen = self.metrics.iter().take(MOST).collect();
        }
        chosen.into_iter()
    }

    /// A metric by its key.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<&Headline> {
        self.metrics.iter().find(|headline| headline.name == name)
    }

    /// The answer in sentences.
    #[must_use]
    pub fn in_sentences(&self) -> Vec<Sentence> {
        self.answering().map(|one| Sentence { metric: one.name.clone(), text: one.sentence() }).collect()
    }

    /// What the numbers of the sentences are.
    #[must_use]
    pub fn about_bands(&self) -> String {
        match self.replicas {
            0 | 1 => format!("One replica (seed {}): one history of many that could happen.", self.seed),
            n => format!(
                "Medians of {n} replicas (seed {}); in brackets what 90\u{a0}% of them lie between. {}{}",
                self.seed,
                self.about_ignorance(),
                if n < FEW {
                    format!(" Fewer than {FEW} replicas say little of a 90\u{a0}% band.")
                } else {
                    String::new()
                }
            ),
        }
    }

    /// Whether the bands hold luck alone.
    fn about_ignorance(&self) -> String {
        let Some(Uncertain { drawn, .. }) = &self.uncertain else {
            return "The bands hold luck alone: every assumption is as written.".to_owned();
        };
        format!(
            "The first band holds luck alone: every assumption is as written. The second holds luck and ignorance: each replica is simulated again \
             with {} assumptions drawn from their priors, which are themselves assumed where nothing is published.",
            drawn.len()
        )
    }

    /// What the answer hangs on, in sentences; how many replicas it takes to say, where there are too few. Nothing where no assumption is drawn.
    #[must_use]
    pub fn hangs_on(&self) -> Vec<String> {
        let Some(Uncertain { drawn, needed, hangs_on }) = &self.uncertain else { return Vec::new() };
        match needed {
            Some(needed) => vec![format!(
                "{} replicas are too few to rank {} drawn assumptions by their rank correlation: it takes {needed}.",
                self.replicas,
                drawn.len()
            )],
            None => hangs_on.iter().map(|one| one.text.clone()).collect(),
        }
    }
}

/// Replicas below which a 90 % band is hardly more than the range of the replicas.
const FEW: u64 = 20;

impl Headline {
    /// Its declaration; none for a metric of another version.
    #[must_use]
    pub fn metric(&self) -> Option<&'static Metric> {
        METRICS.iter().find(|metric| metric.name == self.name)
    }

    /// What it means, without its full stop; its key where the summary does not say.
    #[must_use]
    pub fn meaning(&self) -> String {
        let doc = self.spread.doc.trim().trim_end_matches('.');
        if doc.is_empty() { self.name.replace('_', " ") } else { doc.to_owned() }
    }

    /// Unit and rounding of its numbers.
    #[must_use]
    pub fn measure(&self) -> Measure {
        Measure::of(self.metric(), &self.spread)
    }

    /// Whether it is not zero, and not without a fall, in all replicas.
    #[must_use]
    pub fn happens(&self) -> bool {
        let Spread { p05, p50, p95, .. } = self.spread;
        let is_zero = |value: Option<f64>| value.is_some_and(|value| value.abs() < 1e-9);
        self.spread.idle.is_none() && !self.never_falls() && !(is_zero(p05) && is_zero(p50) && is_zero(p95))
    }

    /// Whether it happens, or is the first of the metrics to say that nothing fell.
    fn is_telling(&self) -> bool {
        let words = |metric: &Metric| metric.no_fall.map(|none| none.words);
        let first = METRICS.iter().find(|metric| self.metric().is_some_and(|own| words(metric) == words(own)));
        let is_first = first.is_some_and(|metric| metric.name == self.name);
        self.happens() || self.spread.idle.is_none() && self.never_falls() && is_first
    }

    /// Whether nothing fell in any replica.
    #[must_use]
    pub fn never_falls(&self) -> bool {
        self.spread.no_fall.as_ref().is_some_and(|none| none.n == self.spread.n)
    }

    /// All of it in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let assumed = self.spread.assumed.as_ref().filter(|_| !self.never_falls() && self.spread.idle.is_none());
        let why = assumed.map_or_else(String::new, |why| format!(" By assumption, {why}."));
        self.bare_sentence() + &why
    }

    fn bare_sentence(&self) -> String {
        let (spread, measure) = (&self.spread, self.measure());
        if let (Some(why), Some(median)) = (&spread.idle, spread.p50) {
            return format!("{}, by assumption: {why}.", self.said().replacen("{}", &measure.with_unit(median), 1));
        }
        let of = |count: u64| if spread.n > 1 { format!(" ({count} of {} replicas)", spread.n) } else { String::new() };
        let at = |end: Option<f64>, share| {
            end.map(|value| format!("; {share}\u{a0}% of replicas are at {} or below", measure.with_unit(value)))
        };
        let censored = match spread.n_censored {
            0 => String::new(),
            some => format!("; {}{}", lower_first(&self.unsaid()), of(some)),
        };
        let none = spread.no_fall.as_ref().filter(|none| none.n > 0);
        if let Some(none) = none.filter(|none| spread.p50.is_some_and(|median| none.is_at(median))) {
            let falls = |end: Option<f64>| end.filter(|value| !none.is_at(*value));
            let rest = at(falls(spread.p05), 5).or_else(|| at(falls(spread.p95), 95)).unwrap_or_default();
            return format!("{}{}{rest}{censored}{}.", none.words, of(none.n), self.drawn_clause(&measure));
        }
        let Some(median) = spread.p50 else {
            let rest = at(spread.p05, 5).unwrap_or_default();
            return format!("{}{}{rest}{}.", self.unsaid(), of(spread.n_censored), self.drawn_clause(&measure));
        };
        let mut text = self.said().replacen("{}", &measure.with_unit(median), 1);
        text.push_str(&self.bracket(&measure));
        let fell = none.map_or_else(String::new, |none| format!("; {}{}", lower_first(&none.words), of(none.n)));
        text + &censored + &fell + "."
    }

    /// The 90 % band in brackets; nothing for a single replica.
    fn bracket(&self, measure: &Measure) -> String {
        let Spread { p05, p95, n, .. } = self.spread;
        let drawn = self.drawn_clause(measure);
        match p05.filter(|_| n > 1).map(|low| (measure.number(low), p95)) {
            None => String::new(),
            Some((low, Some(high))) if low == measure.number(high) => {
                format!(" (in at least 90\u{a0}% of replicas{drawn})")
            }
            Some((low, Some(high))) => format!(" ({low} to {}{drawn})", measure.with_unit(high)),
            Some((low, None)) => format!(" ({low} to never{drawn})"),
        }
    }

    /// The 90 % band of histories with drawn assumptions, as a clause that goes on; nothing where there is none.
    fn drawn_clause(&self, measure: &Measure) -> String {
        let Some(DrawnSpread { p05, p95, .. }) = self.spread.uncertain.as_ref().filter(|drawn| drawn.n > 1) else {
            return String::new();
        };
        let band = match (p05, p95) {
            (None, _) => "never".to_owned(),
            (Some(low), None) => format!("{} to never", measure.number(*low)),
            (Some(low), Some(high)) if measure.number(*low) == measure.number(*high) => measure.with_unit(*high),
            (Some(low), Some(high)) => format!("{} to {}", measure.number(*low), measure.with_unit(*high)),
        };
        format!("; {band} with drawn assumptions")
    }

    /// The 90 % band of histories with drawn assumptions as tables have it, without the unit; empty where there is none.
    #[must_use]
    pub fn drawn_band(&self) -> String {
        self.spread.uncertain.as_ref().map_or_else(String::new, |drawn| self.band_of(drawn.p05, drawn.p95))
    }

    /// The 90 % band as tables have it, without the unit.
    #[must_use]
    pub fn band(&self) -> String {
        self.band_of(self.spread.p05, self.spread.p95)
    }

    fn band_of(&self, low: Option<f64>, high: Option<f64>) -> String {
        let measure = self.measure();
        let end = |value: Option<f64>| value.map_or_else(|| "never".to_owned(), |value| measure.number(value));
        let (low, high) = (end(low), end(high));
        if low == high { low } else { format!("{low} to {high}") }
    }

    /// The median as tables have it, without the unit.
    #[must_use]
    pub fn median(&self) -> String {
        self.spread.p50.map_or_else(|| "never".to_owned(), |median| self.measure().number(median))
    }

    /// Its short name under its heading; its meaning where it is of another version.
    #[must_use]
    pub fn label(&self) -> String {
        self.metric().map_or_else(|| self.meaning(), |metric| metric.label.to_owned())
    }

    /// Its short name as the subject of a sentence, with its heading in brackets.
    #[must_use]
    pub fn as_subject(&self) -> String {
        let heading =
            self.metric().map_or_else(String::new, |metric| format!(" ({})", lower_first(metric.group.heading())));
        format!("“{}”{heading}", self.label())
    }

    /// Its short name with its heading.
    #[must_use]
    pub fn named(&self) -> String {
        self.metric().map_or_else(|| self.meaning(), |metric| format!("{}, {}", metric.group.heading(), metric.label))
    }

    fn said(&self) -> String {
        self.metric().map_or_else(|| format!("{}: {{}}", self.meaning()), |metric| metric.said.to_owned())
    }

    fn unsaid(&self) -> String {
        let unsaid = self.metric().map_or("", |metric| metric.unsaid);
        if unsaid.is_empty() { format!("{}: never", self.named()) } else { unsaid.to_owned() }
    }
}

/// A sentence as it goes on after others: its first letter is small.
pub(crate) fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    match (letters.next(), letters.clone().next()) {
        // An abbreviation such as CO2 stays as it is.
        (Some(first), second) if !second.is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => sentence.to_owned(),
    }
}

#[cfg(test)]
mod tests;
