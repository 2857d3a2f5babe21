//! The metrics of a run, as `summary.json` holds them, in words.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{
    ReportError,
    number::{grouped, human},
};

use crate::output::summary::SUMMARY;
pub use crate::output::summary::{Headline, NothingFell, Spread, Summary};

/// What stands in the place of a number where nothing fell.
const NO_FALL: &str = "no fall";

impl Spread {
    /// A quantile as tables have it: the number, `never`, or `no fall`.
    #[must_use]
    pub fn shown(&self, quantile: Option<f64>) -> String {
        self.in_words(quantile).map_or_else(|| quantile.map_or_else(String::new, human), str::to_owned)
    }

    /// What stands in the place of a quantile that is no number to read.
    pub(crate) fn in_words(&self, quantile: Option<f64>) -> Option<&'static str> {
        match quantile {
            None => Some("never"),
            Some(value) => {
                self.no_fall.as_ref().and_then(|none| (none.value.total_cmp(&value).is_eq()).then_some(NO_FALL))
            }
        }
    }
}

impl Summary {
    /// Reads `summary.json` of a result folder.
    ///
    /// # Errors
    /// If it is missing or not of the expected form.
    pub fn read(folder: &Path) -> Result<Self, ReportError> {
        read_json(folder.join(SUMMARY))
    }

    /// Only the metrics of these names, in their order; all of them where no name is given.
    ///
    /// # Errors
    /// When there is no metric of a name: says which, and which there are.
    pub fn with_metrics(mut self, names: &[String]) -> Result<Self, String> {
        if names.is_empty() {
            return Ok(self);
        }
        let known = || self.metrics.iter().map(|headline| headline.name.as_str()).collect::<Vec<_>>().join(", ");
        let find = |name: &String| {
            let found = self.metrics.iter().find(|headline| headline.name == *name).cloned();
            found.ok_or_else(|| format!("there is no `{name}`; there are {}", known()))
        };
        self.metrics = names.iter().map(find).collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// What its reader must know of replicas that could not be run; nothing where all were.
    #[must_use]
    pub fn failures(&self) -> Option<String> {
        let count = |number: u64| grouped(f64::from(u32::try_from(number).unwrap_or(u32::MAX)), 0);
        let asked = self.replicas + self.failed;
        (self.failed > 0).then(|| {
            format!(
                "{} of {} replicas could not be run and are left out: all numbers are over the other {}. failed.csv has the seed and \
                 the reason of each.",
                count(self.failed),
                count(asked),
                count(self.replicas)
            )
        })
    }
}

impl Headline {
    /// What it means, without its full stop; its key where the summary does not say.
    #[must_use]
    pub fn meaning(&self) -> String {
        let doc = self.spread.doc.trim().trim_end_matches('.');
        if doc.is_empty() { self.name.replace('_', " ") } else { doc.to_owned() }
    }

    /// The median with its unit, or `never`.
    #[must_use]
    pub fn median(&self) -> String {
        self.with_unit(self.spread.p50)
    }

    /// The 90 % band in words.
    #[must_use]
    pub fn band(&self) -> String {
        match (self.spread.p05, self.spread.p95) {
            (Some(low), Some(high)) if same(low, high) => "the same in 90\u{a0}% of replicas".into(),
            (Some(low), Some(high)) => {
                format!(
                    "90\u{a0}% of replicas between {} and {}",
                    self.spread.shown(Some(low)),
                    self.with_unit(Some(high))
                )
            }
            (Some(low), None) => format!("90\u{a0}% of replicas from {} up, or never", self.with_unit(Some(low))),
            (None, _) => "hardly ever".into(),
        }
    }

    /// What is said of the replicas in which nothing fell; nothing if something fell in all.
    #[must_use]
    pub fn no_fall(&self) -> Option<String> {
        let none = self.spread.no_fall.as_ref().filter(|none| none.n > 0)?;
        let n = self.spread.n;
        Some(match none.n {
            all if all == n && n == 1 => none.words.clone(),
            all if all == n => format!("{} in any of {n} replicas", none.words),
            some => format!("in {some} of {n} replicas {}", lower_first(&none.words)),
        })
    }

    /// How many replicas never get there; nothing if all do.
    #[must_use]
    pub fn never(&self) -> Option<String> {
        let Spread { n, n_censored, .. } = self.spread;
        (n_censored > 0).then(|| format!("in {n_censored} of {n} replicas never"))
    }

    /// All of it in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        if let Some(no_fall) = self.no_fall().filter(|_| self.never_falls()) {
            return format!("{no_fall}.");
        }
        let mut text = format!("{}: median {}", self.meaning(), self.median());
        if self.spread.n > 1 && self.spread.p05.is_some() {
            text.push_str(", ");
            text.push_str(&self.band());
        }
        for part in [self.never(), self.no_fall()].into_iter().flatten() {
            text.push_str("; ");
            text.push_str(&part);
        }
        text.push('.');
        text
    }

    /// Whether nothing fell in any replica.
    pub(crate) fn never_falls(&self) -> bool {
        self.spread.no_fall.as_ref().is_some_and(|none| none.n == self.spread.n)
    }

    fn with_unit(&self, value: Option<f64>) -> String {
        match self.spread.in_words(value) {
            Some(words) => words.into(),
            None if self.spread.unit.is_empty() => self.spread.shown(value),
            // A no-break space keeps number and unit on one line.
            None => format!("{}\u{a0}{}", self.spread.shown(value), self.spread.unit),
        }
    }
}

/// A sentence as it goes on after others: its first letter is small.
fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
}

/// For captions, which can do without: a folder that has no summary yet still gets charts.
pub(crate) fn title_and_replicas(folder: &Path) -> Result<(String, Option<u64>), ReportError> {
    #[derive(Deserialize)]
    struct Head {
        #[serde(default)]
        title: String,
        replicas: Option<u64>,
    }
    let path = folder.join(SUMMARY);
    if !path.exists() {
        return Ok((String::new(), None));
    }
    let head: Head = read_json(path)?;
    Ok((head.title, head.replicas))
}

pub(crate) fn read_json<T: for<'de> Deserialize<'de>>(path: PathBuf) -> Result<T, ReportError> {
    let text = fs::read_to_string(&path).map_err(ReportError::file(&path))?;
    serde_json::from_str(&text).map_err(|source| ReportError::BadJson { path, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headline(spread: &str) -> Headline {
        Headline { name: "days_to_full".into(), spread: serde_json::from_str(spread).unwrap() }
    }

    #[test]
    fn a_sentence_says_median_band_and_never() {
        let some = headline(
            r#"{"unit":"d","doc":"Days until it is back.","mean":null,"p05":43,"p50":126.4,"p95":null,"n":200,"n_censored":37}"#,
        );
        assert_eq!(
            some.sentence(),
            "Days until it is back: median 126\u{a0}d, 90\u{a0}% of replicas from 43.0\u{a0}d up, or never; in 37 of 200 replicas never."
        );
        let none = headline(r#"{"unit":"d","doc":"","n":200,"n_censored":200}"#);
        assert_eq!(none.sentence(), "days to full: median never; in 200 of 200 replicas never.");
        let one = headline(r#"{"mean":0.5,"p05":0.5,"p50":0.5,"p95":0.5,"n":1}"#);
        assert_eq!(one.sentence(), "days to full: median 0.500.");
    }

    #[test]
    fn where_nothing_fell_that_is_said() {
        let words = "Hashrate never fell below 95 % of its previous peak";
        let of = |numbers: &str, fell: u32| {
            let none = format!(r#""no_fall":{{"value":0,"n":{fell},"words":"{words}"}}"#);
            headline(&format!(r#"{{"unit":"d","doc":"Days until it is back",{numbers},{none}}}"#)).sentence()
        };
        assert_eq!(of(r#""p05":0,"p50":0,"p95":0,"n":1"#, 1), format!("{words}."));
        assert_eq!(of(r#""p05":0,"p50":0,"p95":0,"n":9"#, 9), format!("{words} in any of 9 replicas."));
        assert_eq!(
            of(r#""p05":0,"p50":0,"p95":41,"n":9"#, 6),
            "Days until it is back: median no fall, 90\u{a0}% of replicas between no fall and 41.0\u{a0}d; in 6 of 9 replicas hashrate \
             never fell below 95 % of its previous peak."
        );
        assert!(of(r#""p05":30,"p50":35,"p95":41,"n":9"#, 0).ends_with("and 41.0\u{a0}d."));
    }

    #[test]
    fn metrics_keep_the_order_of_the_file() {
        let text = r#"{"seed":1,"replicas":2,"later":{"x":[1]},"metrics":{"b":{"n":2},"a":{"n":2}}}"#;
        let summary: Summary = serde_json::from_str(text).unwrap();
        let names: Vec<_> = summary.metrics.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(names, ["b", "a"]);
    }
}
