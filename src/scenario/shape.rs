//! The keys that a scenario may have. Reading declares them; merging, messages and the JSON Schema use them.

use super::tree::Value;
use crate::declare::Key;

/// The keys that a table may have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    /// Keys with a fixed name.
    pub fields: Vec<Field>,
    /// Kinds, if the table holds one of several.
    pub kinds: Option<Kinds>,
    /// Tables whose names the user gives.
    pub each: Option<Box<Shape>>,
    /// Whether any key is allowed.
    pub open: bool,
}

/// A key with a fixed name.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its meaning.
    pub doc: &'static str,
    /// Whether it must be written.
    pub required: bool,
    /// Its content.
    pub spec: Spec,
}

/// The content of a key.
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
    /// The kind if none is written.
    pub default: Option<&'static str>,
    /// Name, meaning and keys of each.
    pub kinds: Vec<(&'static str, &'static str, Shape)>,
}

/// The declaration of a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValueSpec {
    /// Its key.
    pub key: Key,
    /// Its type.
    pub kind: ValueKind,
    /// Its default.
    pub default: Option<Value>,
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

    /// Every name that is allowed in this table.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let kinds = self.kinds.iter().flat_map(|kinds| kinds.kinds.iter().map(|(name, _, _)| *name));
        self.fields.iter().map(|field| field.name).chain(kinds)
    }
}
