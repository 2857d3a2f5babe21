use std::path::{Path, PathBuf};

use super::{
    describe::{SHAPE, prior_of},
    merge::{lay, name_kinds},
    nearest::nearest,
    one_file::bundled_text,
    parse,
    printable::{brief, one_line},
    problem::{Problem, Problems, SET},
    resolve::Resolved,
    schema,
    section::{Reading, Section},
    shipped::BUNDLED,
    source::{Disk, Files, Role, Sources, WHERE_FILES_ARE, read_text, tidy},
    tree::{Entry, Node, Place, Table, Value},
};

/// A scenario of more bytes than this, with all that it extends, is a mistake: those that are shipped have fifteen thousand at most.
const LARGEST_SCENARIO: u64 = 2 << 20;

/// More files that extend one another than these are a mistake.
const MOST_LAYERS: usize = 32;

/// Reads a scenario file, with what it extends, a variant of it, and `KEY=VALUE` on top.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(path: &Path, sets: &[String], variant: Option<&str>) -> Result<Resolved, Problems> {
    load_with(&Disk::beside(path), path, sets, variant)
}

/// The same with files read as the caller says.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load_with(files: &dyn Files, path: &Path, sets: &[String], variant: Option<&str>) -> Result<Resolved, Problems> {
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let mut layers = Layers::new(files, folder);
    let name = path.file_name().map_or_else(PathBuf::new, PathBuf::from);
    let tree = layers.file(&name, &path.display().to_string(), Role::Scenario, None);
    layers.resolve(tree, sets, variant)
}

/// Reads a scenario from a text; what it names is looked for in `folder`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load_str(
    name: &str,
    text: &str,
    folder: &Path,
    sets: &[String],
    variant: Option<&str>,
) -> Result<Resolved, Problems> {
    load_str_with(&Disk::below(folder), name, text, folder, sets, variant)
}

/// The same with files read as the caller says.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load_str_with(
    files: &dyn Files,
    name: &str,
    text: &str,
    folder: &Path,
    sets: &[String],
    variant: Option<&str>,
) -> Result<Resolved, Problems> {
    let mut layers = Layers::new(files, folder.to_owned());
    let tree = layers.text(name, Path::new(""), Role::Scenario, text);
    layers.resolve(tree, sets, variant)
}

/// What to do where the scenario itself cannot be read: it may be the name of one that is shipped, or nearly so.
fn not_there(name: &str) -> String {
    let shipped = || BUNDLED.iter().map(|(name, _)| *name);
    let stem = Path::new(name).file_name().and_then(|name| name.to_str()).unwrap_or(name);
    let stem = stem.strip_suffix(".toml").unwrap_or(stem);
    let init =
        |name: &str| format!("name it without an ending, or copy it: `shakeout init {name}` writes {name}.toml here");
    if shipped().any(|name| name == stem) {
        return format!("a scenario of this name is shipped: {}", init(stem));
    }
    nearest(stem, shipped()).map_or_else(
        || "a scenario is a regular file; `shakeout init` lists those that are shipped".to_owned(),
        |meant| format!("did you mean `{meant}`, which is shipped? {}", init(meant)),
    )
}

/// The layers of a scenario, which are read one over the other.
struct Layers<'f> {
    files: &'f dyn Files,
    folder: PathBuf,
    sources: Sources,
    problems: Vec<Problem>,
    open: Vec<PathBuf>,
}

impl<'f> Layers<'f> {
    fn new(files: &'f dyn Files, folder: PathBuf) -> Self {
        Self { files, folder, sources: Sources::default(), problems: Vec::new(), open: Vec::new() }
    }

    /// A file by its path from the scenario's folder, with all that it extends below it.
    fn file(&mut self, path: &Path, name: &str, role: Role, named_at: Option<Place>) -> Table {
        let path = tidy(path);
        if self.open.contains(&path) {
            let chain: Vec<String> = self.open.iter().chain([&path]).map(|path| path.display().to_string()).collect();
            let problem = Problem::new("scenario::cycle", format!("`{}` extends itself", path.display()));
            self.problems.push(problem.at(named_at, "already being read").help(chain.join(" → ")));
            return Table::default();
        }
        if self.open.len() == MOST_LAYERS {
            let problem = Problem::new("scenario::depth", format!("more than {MOST_LAYERS} files extend one another"));
            self.problems.push(problem.at(named_at, "one too many").help("put what some of them say into one file"));
            return Table::default();
        }
        let so_far: usize = self.sources.iter().map(|source| source.text.len()).sum();
        match read_text(self.files, &self.folder.join(&path), LARGEST_SCENARIO.saturating_sub(so_far as u64)) {
            Ok(text) => {
                self.open.push(path.clone());
                let folder = path.parent().unwrap_or(Path::new(""));
                let tree = self.text(name, folder, role, &text);
                self.open.pop();
                tree
            }
            Err(why) => {
                let problem = Problem::new("scenario::file", format!("`{name}` cannot be read: {why}"));
                let help = if role == Role::Scenario { not_there(name) } else { WHERE_FILES_ARE.to_owned() };
                self.problems.push(problem.at(named_at, "named here").help(help));
                Table::default()
            }
        }
    }

    fn text(&mut self, name: &str, folder: &Path, role: Role, text: &str) -> Table {
        let source = self.sources.add(name, folder, role, text);
        let (mut tree, problems) = parse::document(text, source);
        self.problems.extend(problems);
        name_kinds(&mut tree, &SHAPE);
        let Some(Entry { node, .. }) = tree.entry("extends") else { return tree };
        let Value::Text(base) = &node.value else { return tree };
        let shown = tidy(&Path::new(name).parent().unwrap_or(Path::new("")).join(base)).display().to_string();
        let path = folder.join(base);
        // As on a command line, a name is that of a shipped scenario unless there is such a file.
        let shipped = bundled_text(base).filter(|_| self.files.length(&self.folder.join(&path)).is_err());
        let mut merged = match shipped {
            Some(text) => self.text(base, folder, Role::Base, &text),
            None => self.file(&path, &shown, Role::Base, Some(node.place)),
        };
        lay(&mut merged, tree, &SHAPE);
        merged
    }

    fn resolve(mut self, mut tree: Table, sets: &[String], variant: Option<&str>) -> Result<Resolved, Problems> {
        if let Some(name) = variant {
            self.patch(&mut tree, name);
        }
        for set in sets {
            self.set(&mut tree, set);
        }
        if !self.problems.is_empty() {
            return Err(Problems::new(self.problems, self.sources));
        }
        let reading = Reading { prior_of, ..Reading::new(self.sources, self.files, &self.folder) };
        let mut section = Section::root(&reading, &tree);
        let (scenario, observed, calibration, uncertainty) = schema::scenario(&mut section);
        section.finish();
        let Reading { sources, problems, values, .. } = reading;
        let (sources, problems, values) = (sources.into_inner(), problems.into_inner(), values.into_inner());
        if !problems.is_empty() {
            return Err(Problems::new(problems, sources));
        }
        Ok(Resolved { scenario, observed, calibration, uncertainty, values, sources, tree, folder: self.folder })
    }

    /// Lays `[variant.NAME]` over the rest.
    fn patch(&mut self, tree: &mut Table, name: &str) {
        let variants = tree.get("variant").and_then(|node| node.value.as_table()).cloned().unwrap_or_default();
        if let Some(Value::Table(patch)) = variants.get(name).map(|node| &node.value) {
            let mut patch = patch.clone();
            name_kinds(&mut patch, &SHAPE);
            lay(tree, patch, &SHAPE);
            return;
        }
        let source = self.sources.add("<--variant>", "", Role::Set, name);
        let names: Vec<&str> = variants.entries.iter().map(|entry| entry.key.as_str()).collect();
        let label = nearest(name, names.iter().copied())
            .map_or_else(|| "unknown".to_owned(), |name| format!("did you mean `{name}`?"));
        let help = if names.is_empty() {
            "the scenario has no `[variant.NAME]`".to_owned()
        } else {
            format!("its variants are {}", names.join(", "))
        };
        let problem = Problem::new("scenario::variant", format!("there is no variant `{}`", brief(name)));
        self.problems.push(problem.at(Place { source, start: 0, end: name.len() }, label).help(help));
    }

    /// Lays one `KEY=VALUE` over the rest.
    fn set(&mut self, tree: &mut Table, set: &str) {
        let set = &*one_line(set);
        let source = self.sources.add(SET, "", Role::Set, set);
        let whole = Place { source, start: 0, end: set.len() };
        let form = "write `--set class.public.cash_months=3`: a dotted key, `=`, and a TOML value or a word";
        let Some((key, written)) = set.split_once('=') else {
            self.problems.push(
                Problem::new("scenario::set", format!("`{}` sets nothing", brief(set))).at(whole, "no `=`").help(form),
            );
            return;
        };
        let key_place = Place { source, start: 0, end: key.trim_end().len() };
        let (path, problems) = parse::document(&format!("{}=0", key.trim()), source);
        if !problems.is_empty() || path.entries.len() != 1 {
            let key_place = if key.trim().is_empty() { whole } else { key_place };
            self.problems.push(
                Problem::new("scenario::set", format!("`{}` is not a key", brief(key)))
                    .at(key_place, "not a key")
                    .help(form),
            );
            return;
        }
        let offset = key.len() + 1;
        let value_place = Place { source, start: offset, end: set.len() };
        let node = match parse::value(written.trim(), source, offset + written.len() - written.trim_start().len()) {
            Some(node) => node,
            None if is_word(written.trim()) => {
                Node { value: Value::Text(written.trim().to_owned()), place: value_place }
            }
            None => {
                let place = if written.is_empty() { whole } else { value_place };
                self.problems.push(
                    Problem::new("scenario::set", format!("`{}` is not a value", brief(written)))
                        .at(place, "not a TOML value")
                        .help(form),
                );
                return;
            }
        };
        let mut layer = put(path, &node, key_place);
        name_kinds(&mut layer, &SHAPE);
        lay(tree, layer, &SHAPE);
    }
}

/// The tables of `KEY=0` with another value at the end.
fn put(mut path: Table, node: &Node, key_place: Place) -> Table {
    for entry in &mut path.entries {
        entry.key_place = key_place;
        entry.node = match std::mem::replace(&mut entry.node.value, Value::Boolean(false)) {
            Value::Table(inner) => Node { value: Value::Table(put(inner, node, key_place)), place: key_place },
            _ => node.clone(),
        };
    }
    path
}

/// Whether a text without quotes can only be meant as a word.
fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(['"', '\'', '[', ']', '{', '}', '=', '#', ',', '\n'])
}
