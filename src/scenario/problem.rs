//! What is wrong with a scenario, and at which bytes.

use std::fmt;

use super::{source::Sources, tree::Place};

/// A note at some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Which bytes.
    pub place: Place,
    /// What is to be said of them.
    pub text: String,
}

/// One thing wrong with a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: String,
    /// Stable name of this sort of problem.
    pub code: &'static str,
}

impl Problem {
    /// A problem with nothing underlined yet.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { message: message.into(), labels: Vec::new(), help: String::new(), code }
    }

    /// Underlines these bytes, where they are known.
    #[must_use]
    pub fn at(mut self, place: impl Into<Option<Place>>, text: impl Into<String>) -> Self {
        if let Some(place) = place.into() {
            self.labels.push(Label { place, text: text.into() });
        }
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

/// Everything wrong with a scenario, with the texts it is shown in.
#[derive(Clone, Debug)]
pub struct Problems {
    pub(super) list: Vec<Problem>,
    pub(super) sources: Sources,
}

impl Problems {
    /// These, with the texts they are shown in.
    #[must_use]
    pub fn new(list: Vec<Problem>, sources: Sources) -> Self {
        Self { list, sources }
    }

    /// These, and others after them.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        let shift = self.sources.iter().count();
        self.sources.extend(others.sources);
        self.list.extend(others.list.into_iter().map(|mut problem| {
            problem.labels.iter_mut().for_each(|label| label.place.source += shift);
            problem
        }));
        self
    }

    /// One by one, in the order found.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter()
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none, which never happens in an error.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The bytes a label underlines.
    #[must_use]
    pub fn underlined(&self, label: &Label) -> &str {
        self.sources.bytes(label.place)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.list.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            f.write_str(&problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
