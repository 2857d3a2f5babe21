//! What keys a scenario may have: declared by reading them, used for merging, for messages and for the JSON Schema.

use super::{calibration::Law, tree::Value};

/// The keys a table may have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    /// Keys with a fixed name.
    pub fields: Vec<Field>,
    /// Kinds, of which the table holds one.
    pub kinds: Option<Kinds>,
    /// Tables whose names the user gives.
    pub each: Option<Box<Shape>>,
    /// Whether anything goes.
    pub open: bool,
}

/// A key with a fixed name.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Whether it must be written.
    pub required: bool,
    /// What it holds.
    pub spec: Spec,
}

/// What a key holds.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a few hundred of them, made once")]
pub enum Spec {
    /// A value.
    Value(ValueSpec),
    /// A table.
    Table(Shape),
}

/// Kinds of which a table holds one.
#[derive(Clone, Debug, PartialEq)]
pub struct Kinds {
    /// The one that holds when none is written.
    pub default: Option<&'static str>,
    /// Name, what it is, its keys.
    pub kinds: Vec<(&'static str, &'static str, Shape)>,
}

/// What is known of a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValueSpec {
    /// Its type.
    pub kind: ValueKind,
    /// Its unit; empty for a pure number or text.
    pub unit: &'static str,
    /// Where its default comes from: tags of the model's parameter table.
    pub source: &'static str,
    /// Its default.
    pub default: Option<Value>,
    /// How its default follows from other keys.
    pub derived: &'static str,
    /// What numbers are allowed.
    pub range: Range,
    /// Between which numbers it usually lies.
    pub usual: Option<Usual>,
    /// From which distribution it is drawn where nothing else is said.
    pub prior: Option<KeyPrior>,
}

/// The distribution from which a key is drawn in a calibration or a sweep that gives no range of its own, and where it comes from. A
/// prior always lies within what is allowed; what is usual is wider, and only warns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeyPrior {
    /// The shape between the ends.
    pub law: Law,
    /// The least value.
    pub low: f64,
    /// The greatest value.
    pub high: f64,
    /// Tags of the book's chapter on assumptions; `assumed` where nothing is known.
    pub source: &'static str,
}

impl KeyPrior {
    /// Every value between two is as likely as any other.
    #[must_use]
    pub const fn uniform(low: f64, high: f64, source: &'static str) -> Self {
        Self { law: Law::Uniform, low, high, source }
    }

    /// Every ratio between two values is as likely as any other.
    #[must_use]
    pub const fn log_uniform(low: f64, high: f64, source: &'static str) -> Self {
        Self { law: Law::LogUniform, low, high, source }
    }

    /// Normal, cut off at both ends.
    #[must_use]
    pub const fn normal((mean, sd): (f64, f64), low: f64, high: f64, source: &'static str) -> Self {
        Self { law: Law::Normal { mean, sd }, low, high, source }
    }
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

/// The range in which a number usually lies, and where that comes from. A number outside it is run as it is written, with a warning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usual {
    /// The least.
    pub low: f64,
    /// The greatest.
    pub high: f64,
    /// The source: tags of the book's chapter on assumptions, or the reason where it is assumed.
    pub source: &'static str,
}

impl Usual {
    /// Whether a number lies in it. Zero does too: where it is allowed, it switches something off.
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

/// The type of a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ValueKind {
    /// A number.
    #[default]
    Number,
    /// A whole number.
    Integer,
    /// Text.
    Text,
    /// A day or an instant.
    Date,
    /// True or false.
    Boolean,
    /// One of these words.
    Choice(Vec<&'static str>),
    /// A list of numbers.
    Numbers,
    /// A list of texts.
    Texts,
    /// A list of (date, number).
    DatedNumbers,
    /// A list of (number, number), the last perhaps without its first.
    NumberPairs,
    /// A list of tables.
    Tables(Shape),
}

/// What numbers are allowed; a bound is a number and whether it is itself excluded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    /// The least.
    pub low: Option<(f64, bool)>,
    /// The greatest.
    pub high: Option<(f64, bool)>,
}

impl Range {
    /// Any number at all.
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

    /// What a number ought to be and is not; `None` if all is well.
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

impl Shape {
    /// The table below this one under `key`.
    #[must_use]
    pub fn child(&self, key: &str) -> Option<&Shape> {
        if let Some(field) = self.fields.iter().find(|field| field.name == key) {
            return match &field.spec {
                Spec::Table(shape) => Some(shape),
                Spec::Value(_) => None,
            };
        }
        if let Some(kinds) = &self.kinds
            && let Some((_, _, shape)) = kinds.kinds.iter().find(|(name, _, _)| *name == key)
        {
            return Some(shape);
        }
        self.each.as_deref()
    }

    /// Whether `key` names one of the kinds.
    #[must_use]
    pub fn is_kind(&self, key: &str) -> bool {
        self.kinds.as_ref().is_some_and(|kinds| kinds.kinds.iter().any(|(name, _, _)| *name == key))
    }

    /// Every name that may stand in this table.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let kinds = self.kinds.iter().flat_map(|kinds| kinds.kinds.iter().map(|(name, _, _)| *name));
        self.fields.iter().map(|field| field.name).chain(kinds)
    }
}
