//! Errors of the library as exceptions of the package, with the problems one by one.

use crate::words::in_python;
use pyo3::{prelude::*, types::PyDict};
use serde::Serialize;
use shakeout::{
    scenario::{Finding, Problems},
    study::{Fault, Questions, StudyError},
};

/// How wide the text of an exception is.
const WIDTH: usize = 100;

/// The exception for an error.
pub fn error_of(py: Python<'_>, error: &StudyError) -> PyErr {
    let about_scenario = matches!(error, StudyError::Scenario(_) | StudyError::NoAnswer(_) | StudyError::Denied(_));
    let name = match error.fault() {
        _ if about_scenario => "ScenarioError",
        Fault::Input => "InputError",
        Fault::Disk => "DiskError",
        Fault::Bug => "Bug",
        Fault::Interrupted => "Error",
    };
    let problems = match error {
        StudyError::Scenario(problems) => reworded(problems).findings(),
        StudyError::NoAnswer(questions) | StudyError::Denied(questions) => {
            questions.problems().flat_map(|problems| reworded(problems).findings()).collect()
        }
        _ => Vec::new(),
    };
    raise(py, name, &shown(error), &problems)
}

/// Problems whose remedies name the arguments of Python.
pub fn reworded(problems: &Problems) -> Problems {
    problems.clone().reworded(in_python)
}

/// Problems as they are shown.
pub fn rendered(problems: &Problems) -> String {
    reworded(problems).render(false, WIDTH)
}

/// An error as it is shown: of a scenario each problem with its place underlined.
pub fn shown(error: &StudyError) -> String {
    let all = |questions: &Questions| -> String { questions.problems().map(rendered).collect() };
    let text = in_python(&error.to_string());
    match error {
        StudyError::Scenario(problems) => rendered(problems),
        StudyError::NoAnswer(questions) | StudyError::Denied(questions) => format!("{text}\n{}", all(questions)),
        _ => text,
    }
}

/// The exception for a scenario that cannot be read.
pub fn refused(py: Python<'_>, problems: &Problems) -> PyErr {
    raise(py, "ScenarioError", &rendered(problems), &reworded(problems).findings())
}

/// What was asked for makes no sense.
pub fn wrong(py: Python<'_>, text: &str) -> PyErr {
    raise(py, "InputError", &in_python(text), &[])
}

fn raise(py: Python<'_>, name: &str, text: &str, problems: &[Finding]) -> PyErr {
    let make = || {
        let class = py.import("shakeout.errors")?.getattr(name)?;
        // The text of several lines begins below the name of the exception.
        let text = if text.trim().contains('\n') { format!("\n{}", text.trim_end()) } else { text.trim().to_owned() };
        PyResult::Ok(PyErr::from_value(class.call1((text, plain(py, problems)?))?))
    };
    make().unwrap_or_else(|error| error)
}

/// A value as Python's `json` reads it: dictionaries, lists, texts and numbers.
pub fn plain<'py>(py: Python<'py>, value: &(impl Serialize + ?Sized)) -> PyResult<Bound<'py, PyAny>> {
    let text =
        serde_json::to_string(value).map_err(|error| pyo3::exceptions::PyValueError::new_err(error.to_string()))?;
    py.import("json")?.call_method("loads", (text,), None::<&Bound<'_, PyDict>>)
}
