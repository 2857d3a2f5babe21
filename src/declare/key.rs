//! The declaration of a key of a scenario.

/// The declaration of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Key {
    /// Name in its table.
    pub name: &'static str,
    /// Meaning.
    pub doc: &'static str,
    /// Unit; empty for a ratio, a count or a text.
    pub unit: &'static str,
    /// Source of the default: tags of the model's table of parameters.
    pub source: &'static str,
    /// How the default follows from other keys.
    pub derived: &'static str,
    /// Allowed numbers.
    pub range: Range,
    /// Usual numbers: other numbers are run with a warning.
    pub usual: Option<Usual>,
    /// Distribution from which it is drawn if no other distribution is given.
    pub prior: Option<KeyPrior>,
}

impl Key {
    /// A key with only a name and a meaning.
    #[must_use]
    pub fn new(name: &'static str, doc: &'static str) -> Self {
        Self { name, doc, ..Self::default() }
    }

    /// Sets the unit.
    #[must_use]
    pub fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    /// Sets the source of the default.
    #[must_use]
    pub fn source(self, source: &'static str) -> Self {
        Self { source, ..self }
    }

    /// States how the default follows from other keys.
    #[must_use]
    pub fn derived(self, derived: &'static str) -> Self {
        Self { derived, ..self }
    }

    /// Sets the allowed numbers.
    #[must_use]
    pub fn range(self, range: Range) -> Self {
        Self { range, ..self }
    }

    /// Allows the numbers from `low` to `high`.
    #[must_use]
    pub fn within(self, low: f64, high: f64) -> Self {
        self.range(Range::within(low, high))
    }

    /// Allows the numbers above zero, up to `high`.
    #[must_use]
    pub fn positive(self, high: f64) -> Self {
        self.range(Range::positive(high))
    }

    /// Sets the usual numbers.
    #[must_use]
    pub fn usual(self, low: f64, high: f64, source: &'static str) -> Self {
        self.usually(Usual { low, high, source })
    }

    /// Sets usual numbers that several keys share.
    #[must_use]
    pub fn usually(self, usual: Usual) -> Self {
        Self { usual: Some(usual), ..self }
    }

    /// Sets a prior under which every value is equally likely.
    #[must_use]
    pub fn uniform(self, low: f64, high: f64, source: &'static str) -> Self {
        Self { prior: Some(KeyPrior { law: Law::Uniform, low, high, source }), ..self }
    }

    /// Sets a prior under which the logarithm is uniform.
    #[must_use]
    pub fn log_uniform(self, low: f64, high: f64, source: &'static str) -> Self {
        Self { prior: Some(KeyPrior { law: Law::LogUniform, low, high, source }), ..self }
    }
}

/// The distribution from which a key is drawn in a calibration or a sweep that gives no range of its own, and its source. A prior lies within the
/// allowed range; the usual range is wider, and only warns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeyPrior {
    /// Shape between the ends.
    pub law: Law,
    /// Minimum.
    pub low: f64,
    /// Maximum.
    pub high: f64,
    /// Tags of the book's chapter on assumptions; `assumed` if there is no source.
    pub source: &'static str,
}

/// The shape of a prior between its ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// The parameter is uniform.
    Uniform,
    /// The logarithm of the parameter is uniform.
    LogUniform,
    /// Normal, truncated at the ends.
    Normal {
        /// Mean before truncation, in the parameter's unit.
        mean: f64,
        /// Standard deviation before truncation, in the parameter's unit.
        sd: f64,
    },
}

impl std::fmt::Display for KeyPrior {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (low, high) = (shown(self.low), shown(self.high));
        match self.law {
            Law::Uniform => write!(f, "uniform {low} to {high}"),
            Law::LogUniform => write!(f, "log-uniform {low} to {high}"),
            Law::Normal { mean, sd } => write!(f, "normal {} ± {}, {low} to {high}", shown(mean), shown(sd)),
        }
    }
}

/// The range in which a number usually lies, and its source. A number outside it is run as it is written, with a warning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usual {
    /// Minimum.
    pub low: f64,
    /// Maximum.
    pub high: f64,
    /// Tags of the book's chapter on assumptions, or the reason where it is assumed.
    pub source: &'static str,
}

impl Usual {
    /// Whether a number lies in it. Zero always counts as usual: where it is allowed, it switches something off.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        value == 0.0 || (self.low..=self.high).contains(&value)
    }
}

impl std::fmt::Display for Usual {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} to {}", shown(self.low), shown(self.high))
    }
}

/// Allowed numbers. A bound is a number, and whether that number itself is excluded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    /// Minimum.
    pub low: Option<(f64, bool)>,
    /// Maximum.
    pub high: Option<(f64, bool)>,
}

impl Range {
    /// Any number.
    pub const ANY: Self = Self { low: None, high: None };

    /// Above zero, up to and including `high`.
    #[must_use]
    pub const fn positive(high: f64) -> Self {
        Self { low: Some((0.0, true)), high: Some((high, false)) }
    }

    /// Both ends included.
    #[must_use]
    pub const fn within(low: f64, high: f64) -> Self {
        Self { low: Some((low, false)), high: Some((high, false)) }
    }

    /// The bound that a number violates, in words; `None` if it is allowed.
    #[must_use]
    pub fn fault(&self, value: f64) -> Option<String> {
        if let Some((low, open)) = self.low
            && (value < low || (open && value <= low))
        {
            return Some(format!("{} {}", if open { "above" } else { "at least" }, shown(low)));
        }
        if let Some((high, open)) = self.high
            && (value > high || (open && value >= high))
        {
            return Some(format!("{} {}", if open { "below" } else { "at most" }, shown(high)));
        }
        None
    }
}

/// A number as a message shows it.
#[must_use]
pub fn shown(value: f64) -> String {
    if value != 0.0 && value.is_finite() && !(1e-5..1e9).contains(&value.abs()) {
        format!("{value:e}")
    } else {
        format!("{value}")
    }
}
