use super::{
    Scenario,
    calibration::Calibration,
    observed::Observed,
    problem::{Problem, Problems},
    source::{Role, Sources},
    tree::{Node, Place, Table, Value},
    uncertainty::Uncertainty,
};
use crate::declare::{KeyPrior, Usual};

/// The origin of a value.
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
    /// Given by `--set`, as this text.
    Set(String),
    /// Not written: the default.
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

/// A key of a scenario with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedValue {
    /// The key, part by part.
    pub path: Vec<String>,
    /// Its value.
    pub value: Value,
    /// Meaning.
    pub doc: &'static str,
    /// Unit; empty for a pure number or text.
    pub unit: &'static str,
    /// Source of the default.
    pub source: &'static str,
    /// Usual numbers.
    pub usual: Option<Usual>,
    /// Distribution from which it is drawn where no other is given.
    pub prior: Option<KeyPrior>,
    /// Origin of the value.
    pub origin: Origin,
    /// Place of the value, if it is written.
    pub place: Option<Place>,
    /// Whether this names the kind of a table.
    pub is_kind: bool,
}

impl ResolvedValue {
    /// The key as `--set` takes it.
    #[must_use]
    pub fn key(&self) -> String {
        self.path.join(".")
    }
}

/// A scenario that has been read without a problem, with all its values and texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The input of the engine.
    pub scenario: Scenario,
    /// The history that it is scored against.
    pub observed: Option<Observed>,
    /// The parameters to be fitted, if it has any.
    pub calibration: Option<Calibration>,
    /// The assumptions to be drawn, if it has any.
    pub uncertainty: Option<Uncertainty>,
    /// Every key with its value, in the order of reading.
    pub values: Vec<ResolvedValue>,
    /// Every text it was read from; their hashes are in the manifest.
    pub sources: Sources,
    /// The tree merged from bases, variant and `--set`.
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

    /// A problem if `[observed]` is not the history of the chain from which the scenario starts.
    #[must_use]
    pub fn observed_elsewhere(&self) -> Option<Problems> {
        let error = self.observed.as_ref()?.placed(&self.scenario).err()?;
        let place = self.tree.get("observed").map(|node| node.place);
        let problem = Problem::new("scenario::observed", error.to_string()).at(place, "this history");
        let help = "`shakeout score` and `shakeout calibrate` would refuse it; a run does not read it";
        Some(Problems::new(vec![problem.help(help)], self.sources.clone()))
    }

    /// The files that it was read from, by their paths from the scenario's folder, with their texts.
    pub fn files(&self) -> impl Iterator<Item = (String, &std::sync::Arc<str>)> {
        let files = self.sources.iter().filter(|source| source.role != Role::Set);
        files.map(|source| (source.path_in_scenario(), &source.text))
    }

    /// The names of the variants.
    #[must_use]
    pub fn variants(&self) -> Vec<&str> {
        let variants = self.tree.get("variant").and_then(|node| node.value.as_table());
        variants.iter().flat_map(|table| &table.entries).map(|entry| entry.key.as_str()).collect()
    }

    /// The scenario as one TOML text with every value written out. Equal scenarios give equal texts, and reading the text gives the same
    /// [`Scenario`].
    #[must_use]
    pub fn canonical(&self) -> String {
        super::canonical::write(&self.values)
    }
}
