//! The answer of a sweep: how far each metric moves over the points, and at which of them it is lowest and highest.

use std::{collections::BTreeMap, path::Path};

use serde::Serialize;

use super::{
    ranking::rankings,
    spread::median,
    table::{Column, Sweep, SweepLimits},
};
use crate::{
    output::{answer::lower_first, measure::Measure, summary::Spread},
    report::{ReportError, number::grouped, plain::folded, provenance::Provenance},
    study::Design,
};

/// What a sweep found of one metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// Key of the metric.
    pub metric: &'static str,
    /// Lowest and highest median of a point.
    pub range: String,
    /// The same in a sentence, with the points.
    pub sentence: String,
}

impl Answer {
    /// Nothing if no point has a median.
    #[must_use]
    pub fn of(sweep: &Sweep, column: &Column) -> Option<Self> {
        let groups = sweep.grouped(column, sweep.points, Some);
        let medians: Vec<(f64, usize)> =
            groups.into_iter().map(median).zip(0..).filter(|(median, _)| !median.is_nan()).collect();
        let (low, _) = *medians.iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
        let (high, _) = *medians.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
        let words = Words::new(column, low, high);
        let sentence = if words.number(low) == words.number(high) {
            format!("{} at every point.", words.stated(low))
        } else {
            let places = Places::new(sweep, &medians);
            let (lowest, highest) = (places.of(low), places.of(high));
            let none = places.without_effect();
            if words.is_number(low) && words.is_number(high) {
                format!("{}: lowest {lowest}; highest {highest}.{none}", words.said(&words.range(low, high)))
            } else {
                format!("{} {lowest}; {} {highest}.{none}", words.stated(low), lower_first(&words.stated(high)))
            }
        };
        Some(Self { metric: column.outcome.metric.name, range: words.range(low, high), sentence })
    }
}

/// The numbers of one metric in words.
struct Words<'a> {
    column: &'a Column,
    measure: Measure,
}

impl<'a> Words<'a> {
    fn new(column: &'a Column, low: f64, high: f64) -> Self {
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        let unit = column.outcome.unit.clone();
        // The ends of a range are no band of luck: a digit more is known of them, as if the band were a tenth of the range.
        let (end, other) = if low.abs() > high.abs() { (low, high) } else { (high, low) };
        let spread = Spread { p05: finite(end + (other - end) / 10.0), p95: finite(end), unit, ..Spread::default() };
        Self { column, measure: Measure::of(None, &spread) }
    }

    fn is_number(&self, value: f64) -> bool {
        value.is_finite() && !self.column.outcome.is_no_fall(value)
    }

    fn number(&self, value: f64) -> String {
        if self.is_number(value) { self.measure.with_unit(value) } else { self.column.outcome.in_words(value) }
    }

    fn range(&self, low: f64, high: f64) -> String {
        let ends = (self.number(low), self.number(high));
        match ends {
            (low, high) if low == high => low,
            (_, highest) if self.is_number(low) && self.is_number(high) => {
                format!("{} to {highest}", self.measure.number(low))
            }
            (low, high) => format!("{low} to {high}"),
        }
    }

    /// The metric's sentence with this number, without its full stop.
    fn said(&self, number: &str) -> String {
        self.column.outcome.metric.said.replacen("{}", number, 1)
    }

    /// The sentence of one value, without its full stop.
    fn stated(&self, value: f64) -> String {
        let outcome = &self.column.outcome;
        match outcome.metric.no_fall.filter(|_| outcome.is_no_fall(value)) {
            Some(none) => none.words.to_owned(),
            None if value.is_finite() => self.said(&self.number(value)),
            None if outcome.metric.unsaid.is_empty() => format!("{}: never", outcome.name),
            None => outcome.metric.unsaid.to_owned(),
        }
    }
}

/// Where medians of points are lowest and highest.
struct Places<'a> {
    sweep: &'a Sweep,
    medians: &'a [(f64, usize)],
    /// By factor.
    has_effect: Vec<bool>,
}

impl<'a> Places<'a> {
    fn new(sweep: &'a Sweep, medians: &'a [(f64, usize)]) -> Self {
        let has_effect = (0..sweep.factors.len()).map(|factor| !is_without_effect(sweep, factor, medians)).collect();
        Self { sweep, medians, has_effect }
    }

    /// The settings that the points with this median share, without those of factors that have no effect.
    fn of(&self, extreme: f64) -> String {
        let tied = self.medians.iter().filter(|(median, _)| median.total_cmp(&extreme).is_eq());
        let points: Vec<usize> = tied.map(|&(_, point)| point).collect();
        let shared = self.sweep.factors.iter().zip(&self.has_effect).filter(|(_, has_effect)| **has_effect);
        let shared = shared.filter_map(|(factor, _)| {
            let first = factor.settings[*points.first()?];
            let is_shared = points.iter().all(|&point| factor.settings[point].total_cmp(&first).is_eq());
            is_shared.then(|| format!("{} = {}", lower_first(&factor.name), factor.with_unit(first)))
        });
        let shared: Vec<String> = shared.collect();
        if shared.is_empty() { format!("at {} points", points.len()) } else { format!("with {}", shared.join(", ")) }
    }

    /// A sentence that names the factors without effect; empty if all have one.
    fn without_effect(&self) -> String {
        let none = self.sweep.factors.iter().zip(&self.has_effect).filter(|(_, has_effect)| !**has_effect);
        let none: Vec<String> = none.map(|(factor, _)| lower_first(&factor.name)).collect();
        if none.is_empty() { String::new() } else { format!(" No effect: {}.", none.join(", ")) }
    }
}

/// Whether points that differ in this factor alone have equal medians; false where no two points do.
fn is_without_effect(sweep: &Sweep, factor: usize, medians: &[(f64, usize)]) -> bool {
    let mut alike: BTreeMap<Vec<u64>, f64> = BTreeMap::new();
    for &(median, point) in medians {
        let others = sweep.factors.iter().enumerate().filter(|(place, _)| *place != factor);
        let address = others.map(|(_, other)| other.settings[point].to_bits()).collect();
        if alike.entry(address).or_insert(median).total_cmp(&median).is_ne() {
            return false;
        }
    }
    alike.len() < medians.len()
}

/// The design of a sweep and its replicas, in words.
#[must_use]
pub fn design_in_words(sweep: &Sweep, manifest: &Provenance) -> String {
    let design = manifest.options.get("sweep").and_then(|text| Design::from_json(text).ok());
    let points = design.and_then(|design| design.in_words().ok());
    let replicas = u32::try_from(sweep.replicas_run).unwrap_or(u32::MAX);
    match points {
        Some(points) if replicas == 1 => format!("{points}, one replica each"),
        Some(points) => format!("{points}, {} replicas each", grouped(f64::from(replicas), 0)),
        None => sweep.size_in_words(),
    }
}

/// What a finished sweep says in a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// Title of the scenario.
    pub title: String,
    /// What it asks.
    pub question: String,
    /// What was varied, and how.
    pub design: String,
    /// The answer.
    pub answers: Vec<Answer>,
    /// Of each answer whose factors can be ranked, what it depends on most.
    pub hangs_on: Vec<String>,
}

impl Findings {
    /// Those of the sweep in a folder.
    ///
    /// # Errors
    /// If the table or the manifest cannot be understood.
    pub fn read(folder: &Path) -> Result<Self, ReportError> {
        let manifest = Provenance::read(folder)?;
        let sweep = Sweep::read(folder, &manifest.texts("answers"), SweepLimits::default())?;
        let mut answers = Vec::new();
        sweep.for_each(folder, |column| {
            answers.extend(Answer::of(&sweep, column).filter(|_| column.outcome.is_answer));
            Ok(())
        })?;
        let ranked = rankings(folder, &sweep)?.into_iter().filter(|ranking| ranking.is_answer);
        let hangs_on = ranked.filter_map(|ranking| ranking.named_sentence()).collect();
        let (title, question) = (manifest.text("title"), manifest.text("question"));
        let design = format!("{} (seed {})", design_in_words(&sweep, &manifest), manifest.seed);
        Ok(Self { title, question, design, answers, hangs_on })
    }

    /// The answer as a list in Markdown.
    #[must_use]
    pub fn in_markdown(&self) -> String {
        let sentences = self.answers.iter().map(|answer| &answer.sentence).chain(&self.hangs_on);
        sentences.fold(String::new(), |text, sentence| text + "- " + sentence + "\n")
    }

    /// The text for a terminal of this width.
    #[must_use]
    pub fn plain(&self, width: usize) -> String {
        let mut blocks: Vec<String> = Vec::new();
        for text in [&self.title, &self.question] {
            if !text.is_empty() {
                blocks.push(folded(text, width).join("\n"));
            }
        }
        let bullet = |text: &String| format!("- {}", folded(text, width.saturating_sub(2)).join("\n  "));
        let list = |texts: &mut dyn Iterator<Item = &String>| texts.map(bullet).collect::<Vec<_>>().join("\n");
        if self.answers.is_empty() {
            blocks.push("No effect: no main metric differs between any two runs.".to_owned());
        } else {
            blocks.push(list(&mut self.answers.iter().map(|answer| &answer.sentence)));
            blocks.push(list(&mut self.hangs_on.iter()));
        }
        let about = format!("{}. Numbers are medians over the replicas of a point.", self.design);
        blocks.push(folded(&about, width).join("\n"));
        blocks.retain(|block| !block.is_empty());
        blocks.join("\n\n") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::report::sweep::fixture::SweepFixture;

    fn findings(fixture: &SweepFixture, answers: &str) -> Findings {
        let folder = tempfile::tempdir().unwrap();
        fixture.write(folder.path());
        let path = folder.path().join("manifest.json");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("format = 1\\n", &format!("format = 1\\nanswers = [{answers}]\\n"))).unwrap();
        Findings::read(folder.path()).unwrap()
    }

    #[test]
    fn the_terminal_states_what_the_scenario_asks_for() {
        let named = r#"\"worst_retarget\", \"days_to_95pct\", \"hhi_end\", \"hashrate_trough_share\""#;
        let found = findings(&SweepFixture::pairs(4, 3, 5), named);
        insta::assert_snapshot!(found.plain(80).replace('\u{a0}', " "));
    }

    #[test]
    fn without_named_answers_the_first_main_metrics_answer() {
        let found = findings(&SweepFixture::number(4, 3), "");
        assert_eq!(found.answers.len(), 5);
        assert_eq!(found.in_markdown().matches("- ").count(), 5, "{}", found.in_markdown());
        assert_eq!(found.answers[0].metric, "hashrate_trough_share");
        assert!(found.answers[0].range.ends_with('%'), "{:?}", found.answers[0]);
    }
}
