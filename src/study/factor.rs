use std::{borrow::Cow, collections::BTreeSet};

use serde::{Deserialize, Serialize};
use toml::de::DeTable;

use super::design_kind::DesignError;
use crate::scenario::one_line;

/// All integers up to this value are exact as doubles.
const EXACT_UP_TO: f64 = 9_007_199_254_740_992.0;

/// The values that a factor can take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Levels {
    /// One of these TOML values, all equally likely.
    Choices(Vec<String>),
    /// A number between two ends, uniform, or uniform in its logarithm.
    Range {
        /// The low end.
        low: f64,
        /// The high end.
        high: f64,
        /// If given, only this number of values, evenly spaced from the low to the high end and equally likely.
        steps: Option<u32>,
        /// Whether its logarithm is uniform, or evenly spaced, instead.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        log: bool,
    },
}

/// A key of the scenario, and the values to try for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// The dotted key.
    pub key: String,
    /// The values that it can take.
    pub levels: Levels,
}

impl Factor {
    /// Reads `KEY=V1,V2,...`, `KEY=LO..HI:N` or `KEY=LO..HI`; `:log` behind a range makes it logarithmic.
    ///
    /// Values are TOML and kept as written. A comma or two dots within quotes or brackets belong to the value. Two dots in an
    /// unquoted value with a slash also belong to the value, which is a path.
    ///
    /// # Errors
    /// When the text has none of these forms, a value is empty or repeated, or a range has an end that is not a number.
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

    /// Checks that the factor is valid, however it was created.
    ///
    /// # Errors
    /// When it has no key or no values, a value is empty or repeated, or a range is empty or unbounded.
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
            &Levels::Range { low, high, steps, log } => {
                if let Some(bad) = [low, high].into_iter().find(|end| !end.is_finite()) {
                    return Err(DesignError::NotANumber { text: key(), part: number(bad) });
                }
                if low >= high {
                    return Err(DesignError::EmptyRange { key: key(), low: number(low), high: number(high) });
                }
                if log && low <= 0.0 {
                    return Err(DesignError::LogOfZero { key: key(), low: number(low) });
                }
                match steps {
                    Some(steps @ 0..2) => Err(DesignError::Steps { text: key(), part: steps.to_string() }),
                    _ => Ok(()),
                }
            }
        }
    }

    /// The number of values; `None` for a continuous range.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        match &self.levels {
            Levels::Choices(choices) => Some(choices.len() as u64),
            Levels::Range { steps, .. } => steps.map(u64::from),
        }
    }

    /// The TOML texts of its values in order; `None` for a continuous range.
    #[must_use]
    pub fn values(&self) -> Option<Vec<String>> {
        self.count().map(|count| (0..count).map(|index| self.level(index)).collect())
    }

    /// The TOML text of the value with this index, counted from 0; the last value if the index is too large.
    pub(super) fn level(&self, index: u64) -> String {
        match &self.levels {
            Levels::Choices(choices) => {
                let last = choices.len().saturating_sub(1);
                let index = usize::try_from(index).map_or(last, |index| index.min(last));
                choices[index].trim().to_owned()
            }
            &Levels::Range { low, high, steps, log } => {
                number(evenly_spaced(low, high, log, index, steps.unwrap_or(2)))
            }
        }
    }

    /// The TOML text of the value at a quantile from 0 to 1: `low + u (high - low)`, in logarithms if the range is logarithmic, or, if the factor has `n` values, the value
    /// with index `floor(u n)`.
    #[must_use]
    pub fn at(&self, quantile: f64) -> String {
        match (&self.levels, self.count()) {
            (&Levels::Range { low, high, log, .. }, None) => number(between(low, high, log, quantile)),
            (_, count) => self.level(stratum(quantile, count.unwrap_or(1))),
        }
    }
}

/// The value at a share of the way from `low` to `high`, in logarithms if `log` is set. This form cannot overflow.
fn between(low: f64, high: f64, log: bool, share: f64) -> f64 {
    let value = if log {
        libm::exp(libm::log(low) * (1.0 - share) + libm::log(high) * share)
    } else {
        low * (1.0 - share) + high * share
    };
    value.clamp(low, high)
}

/// The value with this index, of `steps` values from `low` to `high`. Between the ends it is rounded to 15 digits: the middle of
/// 0.1 and 0.5 is 0.3, not 0.30000000000000004.
fn evenly_spaced(low: f64, high: f64, log: bool, index: u64, steps: u32) -> f64 {
    let gaps = u64::from(steps.max(2) - 1);
    if index == 0 {
        return low;
    }
    if index >= gaps {
        return high;
    }
    let share = |part| as_number(part) / as_number(gaps);
    let value =
        if log { between(low, high, log, share(index)) } else { low * share(gaps - index) + high * share(index) };
    format!("{value:.14e}").parse().unwrap_or(value).clamp(low, high)
}

/// The index of the one of `count` equal parts of [0, 1] that contains a quantile. A quantile that equals the end of a part up to
/// rounding error, such as 2/3 of 3 parts, is treated as that end; 1 belongs to the last part.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to a number of values")]
fn stratum(quantile: f64, count: u64) -> u64 {
    let place = quantile * as_number(count) * (1.0 + 4.0 * f64::EPSILON);
    (place.floor() as u64).min(count.saturating_sub(1))
}

/// A number as TOML: an integer if it is whole, so that keys that count accept it; otherwise the shortest decimal that reads back
/// to the same bits.
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

/// A value as tables show it: a text without its TOML quotes.
pub(super) fn shown(value: &str) -> Cow<'_, str> {
    if !value.starts_with(['"', '\'']) {
        return Cow::Borrowed(value);
    }
    let text = format!("value = {value}");
    let table = DeTable::parse(&text).ok();
    let text = table.as_ref().and_then(|table| table.get_ref().get("value")?.get_ref().as_str());
    text.map_or(Cow::Borrowed(value), |text| Cow::Owned(text.to_owned()))
}

/// Whether a value has the form of a range: two dots outside quotes and brackets, and no slash.
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
    let (rest, log) =
        match rest.trim_end().strip_suffix("log").map(str::trim_end).and_then(|rest| rest.strip_suffix(':')) {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
    let (high, steps) = rest.split_once(':').map_or((rest, None), |(high, steps)| (high, Some(steps)));
    let end = |part: &str| {
        let bad = || DesignError::NotANumber { text: text.to_owned(), part: part.trim().to_owned() };
        // TOML numbers may contain underscores. Rust also parses `inf` and `nan`, which are not valid ends.
        let value: f64 = part.trim().replace('_', "").parse().map_err(|_| bad())?;
        if value.is_finite() { Ok(value) } else { Err(bad()) }
    };
    let steps = steps.map(|part| {
        let bad = || DesignError::Steps { text: text.to_owned(), part: part.trim().to_owned() };
        part.trim().replace('_', "").parse::<u32>().ok().filter(|&steps| steps >= 2).ok_or_else(bad)
    });
    Ok(Levels::Range { low: end(low)?, high: end(high)?, steps: steps.transpose()?, log })
}

/// Splits a text at the commas outside quotes and brackets.
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

/// Tracks quotes and brackets from one character to the next.
#[derive(Default)]
struct Scan {
    quote: Option<char>,
    escaped: bool,
    depth: u32,
}

impl Scan {
    /// Whether this character is outside all quotes and brackets.
    const fn is_outside(&mut self, character: char) -> bool {
        match (self.quote, character) {
            (Some(_), _) if self.escaped => self.escaped = false,
            // TOML allows escapes only in double quotes.
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
