//! A scenario without each of its mechanisms, for a terminal: under each metric that answers the question a line for each mechanism.

use std::fmt::Write as _;

use super::{
    plain::folded,
    summary::Summary,
    table::{Cell, PaperRun},
};
use crate::study::Ablated;

/// What the scenario as it stands is called.
const WHOLE: &str = "as it stands";

impl Ablated {
    /// The scenario as it stands and without each mechanism, as the runs of a table.
    #[must_use]
    pub fn runs(&self) -> Vec<PaperRun> {
        let run = |label: &str, summary: &Summary| PaperRun {
            label: label.to_owned(),
            summary: summary.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let without = self.without.iter().map(|(name, summary)| run(name, summary));
        std::iter::once(run(WHOLE, &self.whole)).chain(without).collect()
    }

    /// The metrics that answer the question of the scenario as it stands.
    #[must_use]
    pub fn answers(&self) -> Vec<String> {
        self.whole.answering().map(|headline| headline.name.clone()).collect()
    }

    /// The text for a terminal of this width.
    #[must_use]
    pub fn plain(&self, width: usize) -> String {
        let mut out = String::new();
        for text in [&self.whole.title, &self.whole.question] {
            if !text.is_empty() {
                let _ = writeln!(out, "{}\n", folded(text, width).join("\n"));
            }
        }
        let runs = self.runs();
        let widest = runs.iter().map(|run| run.label.chars().count()).max().unwrap_or(0);
        for headline in self.whole.answering() {
            let _ = writeln!(out, "{}", headline.named());
            for run in &runs {
                let cell = Cell::of(run.summary.metric(&headline.name), true);
                let _ = writeln!(out, "  {:widest$}  {}", run.label, cell.in_one());
            }
            out.push('\n');
        }
        let mut about = self.whole.about_bands();
        about.push_str(" Each line switches one mechanism off, under the same random numbers.");
        if !self.absent.is_empty() {
            let _ = write!(about, " These mechanisms change nothing in this scenario: {}.", self.absent.join(", "));
        }
        let _ = writeln!(out, "{}", folded(&about, width).join("\n"));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::summary::{Headline, Spread};

    #[test]
    fn each_answer_has_a_line_for_each_mechanism() {
        let summary = |median: f64| {
            let (p05, p50, p95) = (Some(median - 0.03), Some(median), Some(median + 0.02));
            let spread = Spread { p05, p50, p95, n: 20, ..Spread::default() };
            let metrics = vec![Headline { name: "hashrate_trough_share".into(), spread }];
            Summary { title: "A fall".into(), replicas: 20, seed: 1, metrics, ..Summary::default() }
        };
        let found = Ablated {
            whole: summary(0.8577),
            without: vec![("no delay", summary(0.8011))],
            absent: vec!["no debt", "no eco mode"],
            failures: crate::study::Failures::default(),
            total: 40,
        };
        insta::assert_snapshot!(found.plain(80).replace('\u{a0}', " "));
    }
}
