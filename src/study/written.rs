//! The design written in a scenario's `[sweep]` table.

use super::{Design, DesignKind, Experiment, Factor, Loader, SweepError};
use crate::scenario::{Node, Place, Problem, Problems, Resolved, Value};

/// The contents of `[sweep]`; command-line flags take precedence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// The key `design`.
    pub kind: Option<DesignKind>,
    /// The key `points`.
    pub size: Option<u32>,
    /// The table `[sweep.vary]`.
    pub factors: Vec<Factor>,
}

impl Written {
    /// The design, if the table varies anything.
    #[must_use]
    pub fn design(self, seed: u64) -> Option<Design> {
        let kind = self.kind.unwrap_or(DesignKind::Grid);
        (!self.factors.is_empty()).then_some(Design {
            kind,
            factors: self.factors,
            size: self.size,
            seed,
            rows: Vec::new(),
        })
    }
}

/// Number of points of a design that are checked for mistakes, evenly spaced from the first to the last.
const POINTS_TRIED: u64 = 50;

/// Every problem for which `shakeout sweep` would refuse the scenario's `[sweep]` table; for a large design only some points are
/// checked.
#[must_use]
pub fn refused_sweep(base: &Resolved, load: &Loader<'_>) -> Option<Problems> {
    let written = match written_design(base) {
        Ok(written) => written,
        Err(problems) => return Some(problems),
    };
    let vary = base.reserved("sweep").and_then(|node| node.value.as_table()).and_then(|table| table.get("vary"));
    let design = written.design(base.scenario.run.seed)?;
    let place = vary.map(|node| node.place);
    let of_design = |error: &SweepError| {
        let problem = Problem::new("sweep", error.to_string());
        Problems::new(vec![problem.at(place, "this design")], base.sources.clone())
    };
    let experiment = match Experiment::new(design, base.scenario.run.replicas, Box::new(load)) {
        Ok(experiment) => experiment,
        Err(error) => return Some(of_design(&error)),
    };
    let step = experiment.points().div_ceil(POINTS_TRIED).max(1);
    let step = usize::try_from(step).unwrap_or(usize::MAX);
    (0..experiment.points()).step_by(step).find_map(|point| match experiment.try_point(point) {
        Ok(()) => None,
        Err(SweepError::Point { problems, .. }) => Some(*problems),
        Err(error) => Some(of_design(&error)),
    })
}

/// Reads `[sweep]`: `design`, `points`, and `[sweep.vary]` with a list of values or a text such as `"0.8..1.2:5"` per key.
///
/// # Errors
/// Returns all problems of the table.
pub fn written_design(resolved: &Resolved) -> Result<Written, Problems> {
    let mut written = Written::default();
    let mut problems = Vec::new();
    let table = resolved.reserved("sweep").and_then(|node| node.value.as_table());
    for entry in table.iter().flat_map(|table| &table.entries) {
        let node = &entry.node;
        match entry.key.as_str() {
            "design" => match node.value.as_text().and_then(|name| DesignKind::parse(name).ok()) {
                Some(kind) => written.kind = Some(kind),
                None => {
                    problems.push(problem(
                        "`sweep.design` is none of the designs",
                        node.place,
                        "not a design",
                        DESIGNS,
                    ));
                }
            },
            "points" => match node.value {
                Value::Integer(size) if u32::try_from(size).is_ok_and(|size| size > 0) => {
                    written.size = u32::try_from(size).ok();
                }
                _ => problems.push(problem(
                    "`sweep.points` is not a number of points",
                    node.place,
                    "a whole number from 1",
                    SIZE,
                )),
            },
            "vary" => vary(resolved, node, &mut written.factors, &mut problems),
            other => {
                let message = format!("`sweep.{other}` is no key of a sweep");
                problems.push(problem(
                    message,
                    entry.key_place,
                    "unknown",
                    "there are `design`, `points` and `[sweep.vary]`",
                ));
            }
        }
    }
    if problems.is_empty() { Ok(written) } else { Err(Problems::new(problems, resolved.sources.clone())) }
}

const DESIGNS: &str = "give grid, latin-hypercube, sobol, sobol-second-order or morris";
const SIZE: &str = "points of a latin hypercube, base samples of sobol (a power of two) or trajectories of morris";
const LEVELS: &str = "give a list of values, or a range such as \"0.8..1.2:5\"";

fn vary(resolved: &Resolved, node: &Node, factors: &mut Vec<Factor>, problems: &mut Vec<Problem>) {
    let Some(table) = node.value.as_table() else {
        problems.push(problem("`sweep.vary` is not a table", node.place, "a table of keys", LEVELS));
        return;
    };
    for entry in &table.entries {
        let place = entry.node.place;
        let levels = match &entry.node.value {
            Value::Text(range) => range.clone(),
            // Values are passed on as written. A word is passed without its quotes, as a command-line flag would have it.
            Value::List(values) => {
                let written = |node: &Node| match &node.value {
                    Value::Text(text) if is_word(text) => text.clone(),
                    _ => resolved.sources.bytes(node.place).to_owned(),
                };
                values.iter().map(written).collect::<Vec<_>>().join(",")
            }
            _ => {
                problems.push(problem(
                    format!("`{}` has no levels", entry.key),
                    place,
                    "neither a list nor a range",
                    LEVELS,
                ));
                continue;
            }
        };
        match Factor::parse(&format!("{}={levels}", entry.key)) {
            Ok(factor) => factors.push(factor),
            Err(error) => problems.push(problem(error.to_string(), place, "these levels", LEVELS)),
        }
    }
}

/// Whether `--set KEY=text` reads the text as exactly this text.
fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        && !["true", "false", "inf", "nan"].contains(&text)
}

fn problem(message: impl Into<String>, place: Place, label: &str, help: &str) -> Problem {
    Problem::new("sweep", message).at(place, label).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{scenario::load, study::Levels};
    use std::path::Path;

    fn read(sweep: &str) -> Result<Written, String> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/halving.toml");
        let path = folder.path().join("s.toml");
        std::fs::write(&path, format!("extends = '{}'\n{sweep}", base.display())).expect("it can be written");
        let resolved = load(&path, &[], None).expect("the scenario is sound");
        written_design(&resolved).map_err(|problems| problems.render(false, 200))
    }

    #[test]
    fn factors_of_a_design_keep_the_order_of_the_file() {
        let written = read("[sweep]\ndesign = 'morris'\npoints = 20\n[sweep.vary]\n'power.pue' = '1.0..1.2:5'\n'chain.retarget' = ['asert', \"bitcoin\", '1.5']\n").expect("it is sound");
        assert_eq!((written.kind, written.size), (Some(DesignKind::Morris), Some(20)));
        let keys: Vec<&str> = written.factors.iter().map(|factor| factor.key.as_str()).collect();
        assert_eq!(keys, ["power.pue", "chain.retarget"]);
        assert_eq!(written.factors[0].levels, Levels::Range { low: 1.0, high: 1.2, steps: Some(5), log: false });
        assert_eq!(
            written.factors[1].levels,
            Levels::Choices(vec!["asert".to_owned(), "bitcoin".to_owned(), "'1.5'".to_owned()])
        );
        assert_eq!(read("").expect("no sweep is no mistake"), Written::default());
    }

    #[test]
    fn every_mistake_in_a_sweep_table_is_reported() {
        let shown = read("[sweep]\ndesign = 'cube'\npoints = 0\nrepeat = 3\n[sweep.vary]\n'power.pue' = 1.0\n'run.days' = '9..3:2'\n").expect_err("all is wrong");
        for part in
            ["none of the designs", "not a number of points", "`sweep.repeat`", "`power.pue` has no levels", "run.days"]
        {
            assert!(shown.contains(part), "{part} is missing in\n{shown}");
        }
    }
}
