use std::cell::{Cell, RefCell};

use super::{
    nearest::nearest,
    problem::Problem,
    resolve::{Origin, ResolvedValue},
    shape::{Field, Kinds, Shape, Spec},
    source::{Files, Role, Sources},
    tree::{Entry, Node, Place, Table, Value},
};
use crate::declare::{Key, KeyKind, KeyPrior, ReadKeys, RunSpan};

/// Regions or classes named by a key.
pub struct Named {
    /// The names.
    pub names: Vec<String>,
    /// Whether they are classes or regions.
    pub are_classes: bool,
    /// Full name of the key.
    pub key: String,
    /// Its place.
    pub place: Option<Place>,
}

/// The state of one reading of a scenario, and what the reading needs.
pub struct Reading<'r> {
    /// Texts read so far.
    pub sources: RefCell<Sources>,
    /// Problems found so far.
    pub problems: RefCell<Vec<Problem>>,
    /// Keys resolved so far, with their values.
    pub values: RefCell<Vec<ResolvedValue>>,
    /// How files are read.
    pub files: &'r dyn Files,
    /// The scenario's own folder.
    pub folder: &'r std::path::Path,
    /// The prior with which a key is declared.
    pub prior_of: fn(&str) -> Option<KeyPrior>,
    /// Regions and classes named by keys, until the miners are known.
    pub named: RefCell<Vec<Named>>,
    /// The run, once its table has been read.
    pub run: Cell<RunSpan>,
    /// Number of problems of csv rows that are not shown.
    pub left_out: Cell<usize>,
}

impl<'r> Reading<'r> {
    /// A reading of texts that are already there, with files below this folder.
    pub fn new(sources: Sources, files: &'r dyn Files, folder: &'r std::path::Path) -> Self {
        Self {
            sources: RefCell::new(sources),
            problems: RefCell::default(),
            values: RefCell::default(),
            files,
            folder,
            prior_of: |_| None,
            named: RefCell::default(),
            run: Cell::default(),
            left_out: Cell::new(0),
        }
    }
}

impl Reading<'_> {
    /// Number of problems found so far.
    pub fn mark(&self) -> usize {
        self.problems.borrow().len()
    }

    /// Whether no problem has been found since `mark`.
    pub fn clean_since(&self, mark: usize) -> bool {
        self.problems.borrow().len() == mark
    }

    /// Adds a problem.
    pub fn report(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    fn origin(&self, place: Option<Place>) -> Origin {
        let Some(place) = place else { return Origin::Default };
        let sources = self.sources.borrow();
        let file = sources.of(place).path_in_scenario();
        match sources.of(place).role {
            Role::Base => Origin::Inherited { file, line: sources.line(place) },
            Role::Set => Origin::Set(sources.of(place).text.to_string()),
            Role::Scenario | Role::Table => Origin::Written { file, line: sources.line(place) },
        }
    }
}

/// A table being read. Reading a key declares it; a key that nothing has read by the end is unknown.
pub struct Section<'r> {
    /// The reading that this table is part of.
    pub reading: &'r Reading<'r>,
    table: Option<&'r Table>,
    path: Vec<String>,
    place: Option<Place>,
    quiet: bool,
    recorded: bool,
    /// Keys declared so far.
    pub(super) shape: Shape,
}

impl<'r> Section<'r> {
    /// The top of a scenario.
    pub fn root(reading: &'r Reading<'r>, table: &'r Table) -> Self {
        Self {
            reading,
            table: Some(table),
            path: Vec::new(),
            place: None,
            quiet: false,
            recorded: true,
            shape: Shape::default(),
        }
    }

    /// A table without content, which is read only to learn which keys are allowed.
    pub fn description(reading: &'r Reading<'r>) -> Self {
        Self {
            reading,
            table: None,
            path: Vec::new(),
            place: None,
            quiet: true,
            recorded: false,
            shape: Shape::default(),
        }
    }

    /// The parts of the table's name.
    pub(super) fn path(&self) -> &[String] {
        &self.path
    }

    /// Makes this a description, which reports nothing, unless `is_real`.
    pub(super) fn mute_unless(&mut self, is_real: bool) {
        self.quiet |= !is_real;
    }

    /// Whether this is read only to learn which keys are allowed.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Adds a problem; a description adds none.
    pub fn report(&self, problem: Problem) {
        if !self.quiet {
            self.reading.report(problem);
        }
    }

    /// The entry of a key, if it is written.
    pub fn entry(&self, key: &str) -> Option<&'r Entry> {
        self.table.and_then(|table| table.entry(key))
    }

    /// The place of a key's value; if the key is not written, that of the table's header.
    pub fn place_of(&self, key: &str) -> Option<Place> {
        self.entry(key).map(|entry| entry.node.place).or(self.place)
    }

    /// The place of the value of a key of this table or of one below it, by its dotted name from here.
    pub fn place_below(&self, key: &str) -> Option<Place> {
        let (mut table, mut place) = (self.table, None);
        for part in key.split('.') {
            let node = &table?.entry(part)?.node;
            (table, place) = (node.value.as_table(), Some(node.place));
        }
        place
    }

    /// A table that must be written.
    pub fn table<T>(&mut self, name: &'static str, doc: &'static str, read: impl FnOnce(&mut Section<'r>) -> T) -> T {
        self.subtable(name, doc, true, read)
    }

    pub(super) fn subtable<T>(
        &mut self,
        name: &'static str,
        doc: &'static str,
        required: bool,
        read: impl FnOnce(&mut Section<'r>) -> T,
    ) -> T {
        let mut child = self.child(name);
        if required && self.entry(name).is_none() {
            child.quiet = true;
        }
        let value = read(&mut child);
        let shape = child.finish();
        if required && self.entry(name).is_none() {
            let needed: Vec<&str> =
                shape.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
            let mut help = doc.to_owned();
            if !needed.is_empty() {
                help = format!("{help} It needs {}", needed.join(", "));
            }
            let problem = Problem::new("scenario::missing", format!("`[{}]` is missing", self.name_of(name)));
            self.report(problem.at(self.place, "in this table").help(help));
        }
        self.shape.fields.push(Field { name, doc, required, spec: Spec::Table(shape) });
        value
    }

    /// Tables whose names the user gives, in the order in which they are written.
    pub(super) fn read_each<T>(
        &mut self,
        name: &'static str,
        doc: &'static str,
        read: &dyn Fn(&mut Section<'r>) -> T,
    ) -> Vec<T> {
        let mut values = Vec::new();
        let mut holder = self.child(name);
        let mut described = Section {
            table: None,
            path: vec![name.to_owned(), "NAME".to_owned()],
            place: None,
            quiet: true,
            recorded: false,
            reading: self.reading,
            shape: Shape::default(),
        };
        read(&mut described);
        for entry in holder.table.iter().flat_map(|table| &table.entries) {
            if entry.key.is_empty() || !entry.key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
                let problem = Problem::new("scenario::name", format!("`{}` cannot be a name", entry.key))
                    .at(entry.key_place, "not a name");
                holder.report(problem.help("names are letters, digits, `-` and `_`"));
                continue;
            }
            if entry.node.value.as_table().is_none() {
                holder.report(not_a_table(&holder.name_of(&entry.key), &entry.node));
                continue;
            }
            let mut child = holder.child_at(&entry.key, Some(&entry.node));
            values.push(read(&mut child));
            child.finish();
        }
        holder.shape.each = Some(Box::new(described.finish()));
        let shape = holder.finish();
        self.shape.fields.push(Field { name, doc, required: false, spec: Spec::Table(shape) });
        values
    }

    /// The kind that this table holds; `None` only if a problem has been reported.
    pub(super) fn read_kind<T>(&mut self, default: Option<&'static str>, kinds: &[KeyKind<'_, Self, T>]) -> Option<T> {
        let mut described = Vec::new();
        for kind in kinds {
            let mut section = Section {
                table: None,
                path: vec![],
                place: None,
                quiet: true,
                recorded: false,
                reading: self.reading,
                shape: Shape::default(),
            };
            (kind.read)(&mut section);
            described.push((kind.name, kind.doc, section.finish()));
        }
        self.shape.kinds = Some(Kinds { default, kinds: described });
        let written: Vec<&Entry> = self
            .table
            .iter()
            .flat_map(|table| &table.entries)
            .filter(|entry| kinds.iter().any(|kind| kind.name == entry.key))
            .collect();
        if let [first, second, ..] = written[..] {
            let problem = Problem::new(
                "scenario::kind",
                format!("`{}` is both `{}` and `{}`", self.name(), first.key, second.key),
            );
            self.report(problem.at(first.key_place, "one").at(second.key_place, "another").help("keep one of them"));
        }
        let chosen = written
            .first()
            .map(|entry| (entry.key.as_str(), Some(entry.key_place)))
            .or(default.map(|name| (name, None)));
        let Some((name, place)) = chosen else {
            let names: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
            if self.unknown().next().is_none() {
                let problem = Problem::new("scenario::missing", format!("`[{}.KIND]` is missing", self.name()));
                self.report(
                    problem.at(self.place, "in this table").help(format!("a kind is one of {}", names.join(", "))),
                );
            }
            return None;
        };
        let kind = kinds.iter().find(|kind| kind.name == name)?;
        self.record_kind(kind.name, kind.doc, place);
        let mut child = self.child(name);
        let value = (kind.read)(&mut child);
        child.finish();
        Some(value)
    }

    /// A table that other parts of the program read as it is written.
    pub fn reserved(&mut self, name: &'static str, doc: &'static str) {
        if let Some(entry) = self.entry(name)
            && entry.node.value.as_table().is_none()
        {
            self.report(not_a_table(&self.name_of(name), &entry.node));
        }
        let shape = Shape { open: true, ..Shape::default() };
        self.shape.fields.push(Field { name, doc, required: false, spec: Spec::Table(shape) });
    }

    /// Declares keys without reading them, where they have no meaning.
    pub fn skip<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let table = self.table.take();
        let quiet = std::mem::replace(&mut self.quiet, true);
        let value = read(self);
        self.table = table;
        self.quiet = quiet;
        value
    }

    /// A section for one item of a list of tables.
    pub fn item(&self, key: &str, index: usize, node: &'r Node) -> Section<'r> {
        let mut path = self.path.clone();
        path.push(format!("{key}[{index}]"));
        Section {
            reading: self.reading,
            table: node.value.as_table(),
            path,
            place: Some(node.place),
            quiet: self.quiet,
            recorded: false,
            shape: Shape::default(),
        }
    }

    /// The table of this name below this one.
    pub(super) fn child(&self, name: &str) -> Section<'r> {
        let node = self.entry(name).map(|entry| &entry.node);
        if let Some(node) = node.filter(|node| node.value.as_table().is_none()) {
            self.report(not_a_table(&self.name_of(name), node));
        }
        self.child_at(name, node)
    }

    /// The table of this name whose content is `node`.
    fn child_at(&self, name: &str, node: Option<&'r Node>) -> Section<'r> {
        let mut path = self.path.clone();
        path.push(name.to_owned());
        let table = node.and_then(|node| node.value.as_table());
        Section {
            reading: self.reading,
            table,
            path,
            place: node.map(|node| node.place),
            quiet: self.quiet || (node.is_some() && table.is_none()),
            recorded: self.recorded,
            shape: Shape::default(),
        }
    }

    fn unknown(&self) -> impl Iterator<Item = &'r Entry> {
        let entries = self.table.iter().flat_map(|table| &table.entries);
        let open = self.shape.open || self.shape.each.is_some();
        entries.filter(move |entry| !open && !self.shape.names().any(|name| name == entry.key))
    }

    /// Reports keys that nothing has read, and returns the declared keys.
    pub fn finish(self) -> Shape {
        for entry in self.unknown() {
            self.report(self.unknown_key(entry));
        }
        self.shape
    }

    fn unknown_key(&self, entry: &Entry) -> Problem {
        let names: Vec<&str> = self.shape.names().collect();
        let only_kinds = self.shape.fields.is_empty() && self.shape.kinds.is_some();
        let sort = if only_kinds { "kind" } else { "key" };
        let problem =
            Problem::new("scenario::unknown_key", format!("`{}` is not a known {sort}", self.name_of(&entry.key)));
        let label = nearest(&entry.key, names.iter().copied())
            .map_or_else(|| "unknown".to_owned(), |name| format!("did you mean `{name}`?"));
        let place = if self.path.is_empty() { "at the top".to_owned() } else { format!("in [{}]", self.name()) };
        let help = if names.is_empty() {
            format!("there are no keys {place}")
        } else {
            format!("the {sort}s {place} are {}", names.join(", "))
        };
        problem.at(entry.key_place, label).help(help)
    }

    pub(super) fn header(&self) -> Option<Place> {
        self.place
    }

    /// Records a value for `explain` and for the manifest.
    pub(super) fn record(&self, key: &Key, value: Value, place: Option<Place>) {
        if self.quiet || !self.recorded {
            return;
        }
        let mut path = self.path.clone();
        path.push(key.name.to_owned());
        self.push(path, key, value, place, false);
    }

    fn record_kind(&self, name: &'static str, doc: &'static str, place: Option<Place>) {
        if !self.quiet && self.recorded {
            self.push(self.path.clone(), &Key::new(name, doc), Value::Text(name.to_owned()), place, true);
        }
    }

    fn push(&self, path: Vec<String>, key: &Key, value: Value, place: Option<Place>, is_kind: bool) {
        let origin = self.reading.origin(place);
        let Key { doc, unit, source, usual, prior, .. } = *key;
        self.reading.values.borrow_mut().push(ResolvedValue {
            path,
            value,
            doc,
            unit,
            source,
            usual,
            prior,
            origin,
            place,
            is_kind,
        });
    }
}

fn not_a_table(name: &str, node: &Node) -> Problem {
    let problem = Problem::new("scenario::type", format!("`{name}` must be a table, not {}", node.value.type_name()));
    problem
        .at(node.place, format!("this is {}", node.value.type_name()))
        .help(format!("write `[{name}]` on a line of its own, its keys below"))
}
