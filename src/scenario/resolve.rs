use super::{
    Scenario,
    calibration::Calibration,
    observed::Observed,
    problem::{Problem, Problems},
    shape::{KeyPrior, Usual},
    source::Sources,
    tree::{Node, Place, Table, Value},
};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Written in the scenario file.
    Written {
        /// Its path from the scenario's own folder.
        file: String,
        /// Its line, from 1.
        line: usize,
    },
    /// Written in a file that the scenario extends.
    Inherited {
        /// Its path from the scenario's own folder.
        file: String,
        /// Its line, from 1.
        line: usize,
    },
    /// Given by `--set`, so.
    Set(String),
    /// Not written anywhere.
    Default,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Written { file, line } => write!(f, "written at {file}:{line}"),
            Self::Inherited { file, line } => write!(f, "inherited from {file}:{line}"),
            Self::Set(text) => write!(f, "--set {text}"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A key of a scenario with the value it has.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedValue {
    /// The key, part by part.
    pub path: Vec<String>,
    /// Its value.
    pub value: Value,
    /// What it is.
    pub doc: &'static str,
    /// Its unit; empty for a pure number or text.
    pub unit: &'static str,
    /// Where its default comes from.
    pub source: &'static str,
    /// Between which numbers it usually lies.
    pub usual: Option<Usual>,
    /// From which distribution it is drawn where nothing else is said.
    pub prior: Option<KeyPrior>,
    /// Where its value comes from.
    pub origin: Origin,
    /// Its bytes, if it is written.
    pub place: Option<Place>,
    /// Whether it is a table whose kind this names.
    pub is_kind: bool,
}

impl ResolvedValue {
    /// The key as `--set` takes it.
    #[must_use]
    pub fn key(&self) -> String {
        self.path.join(".")
    }
}

/// A scenario that has been read without a problem, and all that was learnt in reading it.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// What the engine runs.
    pub scenario: Scenario,
    /// What it is scored against.
    pub observed: Option<Observed>,
    /// What of it is to be fitted, if it says so.
    pub calibration: Option<Calibration>,
    /// Every key with its value, in the order of the model.
    pub values: Vec<ResolvedValue>,
    /// Every text it was read from; their hashes belong in the manifest.
    pub sources: Sources,
    /// The tree as merged from bases, variant and `--set`.
    pub tree: Table,
    /// The scenario's own folder, to which the paths in it are relative.
    pub folder: std::path::PathBuf,
}

impl Resolved {
    /// A reserved table as written: `variant` or `sweep`.
    #[must_use]
    pub fn reserved(&self, name: &str) -> Option<&Node> {
        self.tree.get(name)
    }

    /// What is wrong if `[observed]` is not the history of the chain that the scenario starts from.
    #[must_use]
    pub fn observed_elsewhere(&self) -> Option<Problems> {
        let error = self.observed.as_ref()?.placed(&self.scenario).err()?;
        let place = self.tree.get("observed").map(|node| node.place);
        let problem = Problem::new("scenario::observed", error.to_string()).at(place, "this history");
        let help = "`shakeout score` and `shakeout calibrate` would refuse it; a run does not read it";
        Some(Problems::new(vec![problem.help(help)], self.sources.clone()))
    }

    /// The names of the variants that can be chosen.
    #[must_use]
    pub fn variants(&self) -> Vec<&str> {
        let variants = self.tree.get("variant").and_then(|node| node.value.as_table());
        variants.iter().flat_map(|table| &table.entries).map(|entry| entry.key.as_str()).collect()
    }

    /// The scenario as one TOML text with every value written out: the same for the same scenario,
    /// and read again it gives the same [`Scenario`].
    #[must_use]
    pub fn canonical(&self) -> String {
        super::canonical::write(&self.values)
    }
}
