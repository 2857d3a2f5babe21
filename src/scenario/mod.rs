//! The scenario language: reads TOML, gives parameters, and reports all problems at once.
//!
//! [`load`] reads a file, lays it over the bases that it `extends`, lays a variant and the `--set`s on top, and reads the merged tree. The keys of a
//! mechanism are declared with its parameters ([`crate::declare::Params`]), and the functions of `schema/` say which table fills which of them. From
//! the same reading come validation, [`explain`] and the JSON [`schema`](json_schema).

mod bundled;
mod calibration;
mod canonical;
mod convert;
mod csv_cell;
mod csv_file;
mod csv_header;
mod describe;
mod explain;
mod findings;
mod history;
mod json_schema;
mod key;
mod load;
mod merge;
mod nearest;
mod observed;
mod one_file;
mod other_units;
mod parse;
mod plausible;
mod printable;
mod problem;
#[cfg(feature = "charts")]
mod render;
mod resolve;
mod schema;
mod section;
mod series;
mod shape;
mod shares;
mod shipped;
mod source;
mod tree;
mod uncertainty;

#[cfg(test)]
mod tests;

pub use crate::declare::{KeyPrior, Law};
pub use crate::world::{RunParams, Scenario, Step};
pub use bundled::{load_bundled, load_bundled_with};
pub use calibration::{Calibration, DeclaredPrior, Target, no_prior};
pub(crate) use csv_file::{cell_at, plain_reader};
pub use describe::{KeyLabel, label_of, prior_of};
pub use explain::{explain, explained};
pub use findings::{Finding, FindingLabel};
pub use history::{read_history, shipped_history, shipped_history_csv};
pub use json_schema::schema;
pub use load::{load, load_str, load_str_with, load_with};
pub use nearest::nearest;
pub use observed::{Observed, ObservedEpoch, PlacedEpoch, PlacingError};
pub use one_file::bundled_text;
pub use plausible::{assumed_metrics, idle_metrics};
pub use printable::{one_line, printable};
pub(crate) use problem::TableCell;
pub use problem::{Label, Problem, Problems, Severity};
pub use resolve::{Origin, Resolved, ResolvedValue};
pub use shipped::{BUNDLED, REGISTERED, is_bundled};
pub use source::{Disk, Files, Remembered, Role, Source, Sources, unpacked};
pub use tree::{Entry, Node, Place, Table, Value};
pub use uncertainty::Uncertainty;
