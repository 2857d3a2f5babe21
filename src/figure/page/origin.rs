use std::path::Path;

use serde::Serialize;

use crate::{
    output::{failed::read_failures, failures::Failures, manifest::Question},
    report::{
        ReportError, citation,
        provenance::{Input, Provenance},
    },
};

/// Where the result comes from.
#[derive(Serialize)]
pub(super) struct Origin {
    version: String,
    seed: u64,
    scenario_sha256: String,
    inputs: Vec<Input>,
    options: Vec<(String, String)>,
    /// Shown beside the answer.
    questioned: Vec<Question>,
    citation: String,
}

impl Origin {
    pub(super) fn new(manifest: &Provenance) -> Self {
        Self {
            version: manifest.version.clone(),
            seed: manifest.seed,
            scenario_sha256: manifest.scenario_sha256.clone(),
            inputs: manifest.inputs.clone(),
            options: manifest.options.clone().into_iter().collect(),
            questioned: manifest.questioned.clone(),
            citation: citation(&manifest.version, &manifest.scenario_sha256, manifest.seed),
        }
    }
}

/// Why some of a folder's histories could not be run, in words.
pub(super) fn reasons(folder: &Path) -> Result<Vec<String>, ReportError> {
    Ok(in_lines(&read_failures(folder)?))
}

/// Reasons in words, a line each.
pub(in crate::figure) fn in_lines(failures: &Failures) -> Vec<String> {
    failures.lines().lines().map(|line| line.trim().to_owned()).collect()
}
