//! Problems of a scenario, with their places.

use std::{collections::BTreeMap, fmt, sync::Arc};

use super::{
    source::{Role, Sources},
    tree::Place,
};

/// A note at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub place: Place,
    /// The note.
    pub text: String,
}

/// The severity of a problem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The scenario is refused.
    #[default]
    Error,
    /// The scenario is run, but is probably not as intended.
    Warning,
    /// The scenario is run; readers of the result should know of this.
    Note,
}

/// A problem of a scenario, or a warning or note about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Message.
    pub message: String,
    /// Notes at places.
    pub labels: Vec<Label>,
    /// Remedy.
    pub help: String,
    /// Stable name of this kind of problem.
    pub code: &'static str,
    /// Severity.
    pub severity: Severity,
}

impl Problem {
    /// A problem without places.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { message: message.into(), labels: Vec::new(), help: String::new(), code, severity: Severity::Error }
    }

    /// A warning without places.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::new(code, message) }
    }

    /// A note without places.
    pub fn note(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::new(code, message) }
    }

    /// Adds a place with its note, if the place is known.
    #[must_use]
    pub fn at(mut self, place: impl Into<Option<Place>>, text: impl Into<String>) -> Self {
        if let Some(place) = place.into() {
            self.labels.push(Label { place, text: text.into() });
        }
        self
    }

    /// Sets the remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

/// Name of what is typed as `KEY=VALUE`.
pub(super) const SET: &str = "<--set>";
/// The key that chooses a variant.
const VARIANT: &str = "variant";

/// Where a table gives a key its value, in bytes.
#[derive(Clone, Debug)]
pub struct TableCell {
    /// The key.
    pub key: String,
    /// Beginning and end of the key in the header.
    pub header: (usize, usize),
    /// Beginning and end of the value.
    pub value: (usize, usize),
}

/// All problems of a scenario, with the texts that they refer to.
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

    /// Keeps only some of them.
    pub fn retain(&mut self, keep: impl FnMut(&Problem) -> bool) {
        self.list.retain(keep);
    }

    /// Takes those that are worse for no more than this.
    pub fn lower(&mut self, most: Severity) {
        for problem in &mut self.list {
            problem.severity = problem.severity.max(most);
        }
    }

    /// Shows the last changes where a table has them: each by its key, the place of the key and that of the value. Messages begin with `row`.
    #[must_use]
    pub(crate) fn in_table(mut self, file: &str, text: Arc<str>, row: &str, cells: &[TableCell]) -> Self {
        let typed: Vec<usize> = self.sources.typed(SET).collect();
        let last = cells.iter().filter(|cell| cell.key != VARIANT).rev().zip(typed.into_iter().rev());
        let variant = cells.iter().filter(|cell| cell.key == VARIANT).zip(self.sources.typed("<--variant>"));
        let cell_of: BTreeMap<usize, &TableCell> = last.chain(variant).map(|(cell, source)| (source, cell)).collect();
        let table = self.sources.add(file, "", Role::Table, text);
        for problem in &mut self.list {
            for label in &mut problem.labels {
                let Some(cell) = cell_of.get(&label.place.source) else { continue };
                let is_key = cell.key != VARIANT && label.place.end <= cell.key.len();
                let (start, end) = if is_key { cell.header } else { cell.value };
                label.place = Place { source: table, start, end };
            }
            if problem.labels.iter().any(|label| label.place.source == table) {
                problem.message = format!("{row}: {}", problem.message);
            }
        }
        self
    }

    /// These in the words of another caller than the command line: of an argument in place of a flag, say.
    #[must_use]
    pub fn reworded(mut self, words: impl Fn(&str) -> String) -> Self {
        for problem in &mut self.list {
            problem.message = words(&problem.message);
            problem.help = words(&problem.help);
            problem.labels.iter_mut().for_each(|label| label.text = words(&label.text));
        }
        self.sources.rename_typed(words);
        self
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

/// So many problems are shown; of the others only the number is.
pub(super) const MOST_SHOWN: usize = 50;

impl Problems {
    /// What is said of the problems that are not shown; empty where all are.
    pub(super) fn others(&self) -> String {
        match self.list.len().saturating_sub(MOST_SHOWN) {
            0 => String::new(),
            1 => "and 1 more problem of this scenario, not shown".to_owned(),
            more => format!("and {more} more problems of this scenario, not shown"),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.list.iter().take(MOST_SHOWN).enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            f.write_str(&problem.message)?;
        }
        let others = self.others();
        if others.is_empty() { Ok(()) } else { write!(f, "; {others}") }
    }
}

impl std::error::Error for Problems {}
