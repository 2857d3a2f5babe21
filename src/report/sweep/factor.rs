//! What a sweep varied, as charts and tables name it.

use crate::{report::number::human, scenario::label_of};

/// A factor of a sweep, with its setting at each point.
#[derive(Clone, Debug, PartialEq)]
pub struct SweptFactor {
    /// Dotted.
    pub key: String,
    /// What charts and tables call it.
    pub name: String,
    /// The unit of its numbers; empty if it has none.
    pub unit: &'static str,
    /// By point: the number itself, or the place in the list of choices.
    pub settings: Vec<f64>,
    /// The choices in order of appearance; empty if the factor is numeric.
    pub choices: Vec<String>,
}

impl SweptFactor {
    pub(super) fn new(key: String, points: usize) -> Self {
        let label = label_of(&key);
        Self { key, name: label.name, unit: label.unit, settings: vec![f64::NAN; points], choices: Vec::new() }
    }

    /// What charts and tables call it, with the unit of its numbers.
    #[must_use]
    pub fn title(&self) -> String {
        if self.unit.is_empty() || !self.is_numeric() {
            self.name.clone()
        } else {
            format!("{} ({})", self.name, self.unit)
        }
    }

    /// A setting with its unit.
    #[must_use]
    pub fn with_unit(&self, setting: f64) -> String {
        let value = self.label(setting);
        if self.unit.is_empty() || !self.is_numeric() { value } else { format!("{value}\u{a0}{}", self.unit) }
    }

    /// Whether all of its values are numbers.
    #[must_use]
    pub fn is_numeric(&self) -> bool {
        self.choices.is_empty()
    }

    /// The different settings, in rising order or in that of the choices.
    #[must_use]
    pub fn levels(&self) -> Vec<f64> {
        let mut levels = self.settings.clone();
        levels.retain(|level| !level.is_nan());
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        levels
    }

    /// A setting as figures write it.
    #[must_use]
    pub fn label(&self, setting: f64) -> String {
        if self.is_numeric() {
            return plain(setting);
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
        let place = setting as usize;
        self.choices.get(place).cloned().unwrap_or_default()
    }
}

/// A number as it was written where that is short, else with three digits.
pub(crate) fn plain(number: f64) -> String {
    let text = number.abs().to_string();
    if text.len() <= 5 {
        return if number < 0.0 { format!("−{text}") } else { text };
    }
    human(number)
}
