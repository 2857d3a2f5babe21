//! Problems as data: what other programs, editors and `shakeout check --json` read.

use serde::Serialize;

use super::{
    problem::{Problem, Problems, Severity},
    source::Sources,
};

/// A problem of a scenario, or a warning or a note on it, with its places resolved to files and lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable name of this kind of problem, such as `scenario::unknown_key`.
    pub code: &'static str,
    /// `error`, `warning` or `note`.
    pub severity: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it; empty where the message says it.
    pub help: String,
    /// The places that it is about, the first one first; none where nothing is written.
    pub labels: Vec<FindingLabel>,
}

/// A place that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingLabel {
    /// The file by its path from the scenario's folder, or what was typed, such as `<--set>`.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column of the first character, from 1.
    pub column: usize,
    /// The characters there.
    pub written: String,
    /// What is to be said of them.
    pub text: String,
}

impl Problem {
    /// As data, with its places looked up in the texts that the scenario was read from.
    #[must_use]
    pub fn finding(&self, sources: &Sources) -> Finding {
        let label = |label: &super::Label| {
            let (source, start) = (sources.of(label.place), label.place.start);
            let line_start = source.text[..start].rfind('\n').map_or(0, |end| end + 1);
            FindingLabel {
                file: source.name.clone(),
                line: source.line(start),
                column: 1 + source.text[line_start..start].chars().count(),
                written: sources.bytes(label.place).to_owned(),
                text: label.text.clone(),
            }
        };
        Finding {
            code: self.code,
            severity: match self.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            },
            message: self.message.clone(),
            help: self.help.clone(),
            labels: self.labels.iter().map(label).collect(),
        }
    }
}

impl Problems {
    /// All of them as data.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        self.iter().map(|problem| problem.finding(&self.sources)).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::load_bundled;

    /// A wrong `--set` is found where it stands in what was typed.
    #[test]
    fn a_finding_names_the_place() {
        let problems = load_bundled("downturn", &["run.days=-3".to_owned()], None).expect_err("no days are negative");
        let finding = &problems.findings()[0];
        assert_eq!((finding.code, finding.severity), ("scenario::range", "error"));
        let label = &finding.labels[0];
        assert_eq!((label.file.as_str(), label.line, label.column, label.written.as_str()), ("<--set>", 1, 10, "-3"));
    }

    /// Columns count characters, lines count from 1.
    #[test]
    fn columns_count_characters() {
        let text = "format = 1\ntitle = \"é\"; x\n";
        let problems = crate::scenario::load_str("mine.toml", text, std::path::Path::new(""), &[], None);
        let findings = problems.expect_err("a semicolon is not TOML").findings();
        let label = &findings[0].labels[0];
        assert_eq!((label.file.as_str(), label.line, label.column), ("mine.toml", 2, 12));
    }
}
