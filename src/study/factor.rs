use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::design_kind::DesignError;
use crate::scenario::one_line;

/// Whole numbers up to here are doubles, every one of them.
const EXACT_UP_TO: f64 = 9_007_199_254_740_992.0;

/// What a factor may be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Levels {
    /// One of these TOML values, each as likely as any other.
    Choices(Vec<String>),
    /// A number, uniform between two.
    Range {
        /// The least.
        low: f64,
        /// The greatest.
        high: f64,
        /// Only so many values, evenly spaced from the least to the greatest, each as likely as any other.
        steps: Option<u32>,
    },
}

/// A key of the scenario, and what is to be tried for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// Dotted.
    pub key: String,
    /// What it may be.
    pub levels: Levels,
}

impl Factor {
    /// Reads `KEY=V1,V2,...`, `KEY=LO..HI:N` or `KEY=LO..HI`.
    ///
    /// Values are TOML, kept as written. A comma or two dots within quotes or brackets belong to the value; so do two dots in
    /// an unquoted value with a slash, which is a path.
    ///
    /// # Errors
    /// When it is none of these, a value is empty or given twice, or a range has no numbers in it.
    pub fn parse(text: &str) -> Result<Self, DesignError> {
        let text = &*one_line(text);
        let (key, values) = text.split_once('=').ok_or_else(|| DesignError::NoValues { text: text.to_owned() })?;
        if key.trim().is_empty() {
            return Err(DesignError::NoKey { text: text.to_owned() });
        }
        let pieces = pieces(values);
        if pieces.iter().any(|piece| piece.is_empty()) {
            return Err(DesignError::EmptyValue { text: text.to_owned() });
        }
        let levels = match pieces.as_slice() {
            [only] if is_range(only) => range(text, only)?,
            several if several.iter().any(|piece| is_range(piece)) => {
                return Err(DesignError::RangeAmongChoices { text: text.to_owned() });
            }
            choices => Levels::Choices(choices.iter().map(|&choice| choice.to_owned()).collect()),
        };
        let factor = Self { key: key.trim().to_owned(), levels };
        factor.check()?;
        Ok(factor)
    }

    /// Whether it makes sense by itself, however it was made.
    ///
    /// # Errors
    /// When it has no key or values, a value is empty or given twice, or a range is empty or has no end.
    pub fn check(&self) -> Result<(), DesignError> {
        let key = || self.key.clone();
        if self.key.trim().is_empty() {
            return Err(DesignError::NoKey { text: key() });
        }
        match &self.levels {
            Levels::Choices(choices) => {
                if choices.is_empty() || choices.iter().any(|choice| choice.trim().is_empty()) {
                    return Err(DesignError::EmptyValue { text: format!("{}={}", self.key, choices.join(",")) });
                }
                let mut seen = BTreeSet::new();
                match choices.iter().find(|&choice| !seen.insert(choice)) {
                    Some(value) => Err(DesignError::RepeatedValue { key: key(), value: value.clone() }),
                    None => Ok(()),
                }
            }
            &Levels::Range { low, high, steps } => {
                if let Some(bad) = [low, high].into_iter().find(|end| !end.is_finite()) {
                    return Err(DesignError::NotANumber { text: key(), part: number(bad) });
                }
                if low >= high {
                    return Err(DesignError::EmptyRange { key: key(), low: number(low), high: number(high) });
                }
                match steps {
                    Some(steps @ 0..2) => Err(DesignError::Steps { text: key(), part: steps.to_string() }),
                    _ => Ok(()),
                }
            }
        }
    }

    /// How many values it has; `None` where there is no end of them.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        match &self.levels {
            Levels::Choices(choices) => Some(choices.len() as u64),
            Levels::Range { steps, .. } => steps.map(u64::from),
        }
    }

    /// The TOML texts of its values in order; `None` where there is no end of them.
    #[must_use]
    pub fn values(&self) -> Option<Vec<String>> {
        self.count().map(|count| (0..count).map(|index| self.level(index)).collect())
    }

    /// The TOML text of its value of this number, counted from 0; the last one, if there are fewer.
    pub(super) fn level(&self, index: u64) -> String {
        match &self.levels {
            Levels::Choices(choices) => {
                let last = choices.len().saturating_sub(1);
                let index = usize::try_from(index).map_or(last, |index| index.min(last));
                choices[index].trim().to_owned()
            }
            &Levels::Range { low, high, steps } => number(evenly_spaced(low, high, index, steps.unwrap_or(2))),
        }
    }

    /// The TOML text of its value at a quantile from 0 to 1: `low + u (high - low)`, or, where it can only have `n` values,
    /// the one of number `floor(u n)`.
    #[must_use]
    pub fn at(&self, quantile: f64) -> String {
        match (&self.levels, self.count()) {
            // In this form it cannot overflow.
            (&Levels::Range { low, high, .. }, None) => {
                number((low * (1.0 - quantile) + high * quantile).clamp(low, high))
            }
            (_, count) => self.level(stratum(quantile, count.unwrap_or(1))),
        }
    }
}

/// The value of a number, of `steps` from `low` to `high`. Between the ends it is rounded to 15 digits: the middle of
/// 0.1 and 0.5 is 0.3, not 0.30000000000000004.
fn evenly_spaced(low: f64, high: f64, index: u64, steps: u32) -> f64 {
    let gaps = u64::from(steps.max(2) - 1);
    if index == 0 {
        return low;
    }
    if index >= gaps {
        return high;
    }
    let share = |part| as_number(part) / as_number(gaps);
    let value = low * share(gaps - index) + high * share(index);
    format!("{value:.14e}").parse().unwrap_or(value).clamp(low, high)
}

/// Which of `count` equal parts of [0, 1] holds a quantile. A quantile that is a part's end but for rounding, such as 2/3
/// of 3, is taken for it, and 1 belongs to the last.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to a number of values")]
fn stratum(quantile: f64, count: u64) -> u64 {
    let place = quantile * as_number(count) * (1.0 + 4.0 * f64::EPSILON);
    (place.floor() as u64).min(count.saturating_sub(1))
}

/// A number as TOML: a whole one as an integer, so that it will do for a key that counts, any other in the fewest digits
/// that read back to the same bits.
#[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() <= EXACT_UP_TO {
        itoa::Buffer::new().format(value as i64).to_owned()
    } else {
        ryu::Buffer::new().format(value).to_owned()
    }
}

#[expect(clippy::cast_precision_loss, reason = "a number of values, far below 2^53")]
pub(super) const fn as_number(count: u64) -> f64 {
    count as f64
}

/// Whether this is meant as a range: two dots outside quotes and brackets, and no path.
fn is_range(piece: &str) -> bool {
    let mut scan = Scan::default();
    let mut last_dot = None;
    let mut has_dots = false;
    for (place, character) in piece.char_indices() {
        if scan.is_outside(character) {
            match character {
                '/' => return false,
                '.' if last_dot.is_some_and(|last| last + 1 == place) => has_dots = true,
                '.' => last_dot = Some(place),
                _ => {}
            }
        }
    }
    has_dots
}

fn range(text: &str, piece: &str) -> Result<Levels, DesignError> {
    let (low, rest) = piece.split_once("..").ok_or_else(|| DesignError::NoValues { text: text.to_owned() })?;
    let (high, steps) = rest.split_once(':').map_or((rest, None), |(high, steps)| (high, Some(steps)));
    let end = |part: &str| {
        let bad = || DesignError::NotANumber { text: text.to_owned(), part: part.trim().to_owned() };
        // TOML's numbers may have underscores, Rust's `inf` and `nan` are no ends.
        let value: f64 = part.trim().replace('_', "").parse().map_err(|_| bad())?;
        if value.is_finite() { Ok(value) } else { Err(bad()) }
    };
    let steps = steps.map(|part| {
        let bad = || DesignError::Steps { text: text.to_owned(), part: part.trim().to_owned() };
        part.trim().replace('_', "").parse::<u32>().ok().filter(|&steps| steps >= 2).ok_or_else(bad)
    });
    Ok(Levels::Range { low: end(low)?, high: end(high)?, steps: steps.transpose()? })
}

/// Splits at the commas outside quotes and brackets.
fn pieces(values: &str) -> Vec<&str> {
    let mut scan = Scan::default();
    let mut pieces = Vec::new();
    let mut start = 0;
    for (place, character) in values.char_indices() {
        if scan.is_outside(character) && character == ',' {
            pieces.push(values[start..place].trim());
            start = place + 1;
        }
    }
    pieces.push(values[start..].trim());
    pieces
}

/// Follows quotes and brackets from one character to the next.
#[derive(Default)]
struct Scan {
    quote: Option<char>,
    escaped: bool,
    depth: u32,
}

impl Scan {
    /// Whether this character stands outside them all.
    const fn is_outside(&mut self, character: char) -> bool {
        match (self.quote, character) {
            (Some(_), _) if self.escaped => self.escaped = false,
            // Only in the double quotes of TOML can a character be escaped.
            (Some('"'), '\\') => self.escaped = true,
            (Some('"'), '"') | (Some('\''), '\'') => self.quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => self.quote = Some(character),
            (None, '[' | '{') => self.depth += 1,
            (None, ']' | '}') => self.depth = self.depth.saturating_sub(1),
            (None, _) => return self.depth == 0,
        }
        false
    }
}

#[cfg(test)]
mod tests;
