use super::{Factor, Levels, Loader};
use crate::{
    output::manifest::Question,
    scenario::{Finding, Place, Problem, Problems, Resolved, Severity},
};
use std::collections::BTreeSet;

/// For a factor with many levels, only this number of levels is checked separately.
const MOST_LEVELS: usize = 24;

/// The warnings and notes on the scenarios that a study reads, without repetition.
#[derive(Clone, Debug, Default)]
pub struct Questions {
    said: BTreeSet<(&'static str, String)>,
    found: Vec<Problems>,
}

impl Questions {
    /// The warnings and notes on one scenario.
    pub(crate) fn of(resolved: &Resolved) -> Self {
        let mut questions = Self::default();
        questions.add(resolved.questions());
        questions
    }

    /// Adds the problems that were not added before.
    pub(crate) fn add(&mut self, mut problems: Problems) {
        problems.retain(|problem| self.said.insert((problem.code, problem.message.clone())));
        if !problems.is_empty() {
            self.found.push(problems);
        }
    }

    /// Adds the problems of another form of the scenario: a variant or a point of a design. Such a form may disable values of the
    /// base scenario, so a warning that a value has no effect is added only if the form itself sets the value.
    pub(crate) fn add_form(&mut self, base: &Resolved, form: &Resolved) {
        let of_base: BTreeSet<Place> = base.values.iter().filter_map(|value| value.place).collect();
        let mut problems = form.questions();
        problems.retain(|problem| {
            let own = problem.labels.iter().any(|label| !of_base.contains(&label.place));
            match problem.code {
                "plausible::no_effect" => own,
                "plausible::answer" => problem.severity == Severity::Error,
                _ => true,
            }
        });
        problems.lower(Severity::Warning);
        self.add(problems);
    }

    /// Adds the problems of a variant.
    pub(crate) fn add_variant(&mut self, base: &Resolved, name: &str, variant: &Resolved) {
        self.add_form(base, variant);
        if base.canonical() == variant.canonical() {
            let written = base.reserved("variant").and_then(|node| node.value.as_table());
            let place = written.and_then(|table| table.entry(name)).map(|entry| entry.key_place);
            let problem = Problem::note("plausible::variant", format!("the variant `{name}` changes nothing"))
                .at(place, "the scenario is identical with and without it")
                .help("it gives the scenario itself a name, for a sweep over `variant`");
            self.add(Problems::new(vec![problem], base.sources.clone()));
        }
    }

    /// Adds the problems of a design: each factor at its levels, with the other factors as in the scenario.
    pub(crate) fn add_design(&mut self, base: &Resolved, design: &[Factor], load: &Loader<'_>) {
        let own = base.canonical();
        for factor in design {
            let levels: Vec<String> = match &factor.levels {
                Levels::Choices(values) => values.iter().take(MOST_LEVELS).cloned().collect(),
                Levels::Range { .. } => vec![factor.at(0.0), factor.at(1.0 - f64::EPSILON)],
            };
            // A level that cannot be read alone, such as a share without the others, is checked when the whole point is read.
            let read = |level: &String| match factor.key.as_str() {
                "variant" => load(&[], Some(level.trim_matches(['"', '\'']))).ok(),
                key => load(&[format!("{key}={level}")], None).ok(),
            };
            let points: Vec<Resolved> = levels.iter().filter_map(read).collect();
            for point in &points {
                self.add_form(base, point);
            }
            if points.len() == levels.len() && points.iter().all(|point| point.canonical() == own) {
                let message = format!("`{}` is varied and changes nothing", factor.key);
                let problem = Problem::warning("plausible::no_effect", message)
                    .help("the scenario is identical at all its levels: vary another key, or write other levels");
                self.add(Problems::new(vec![problem], base.sources.clone()));
            }
        }
    }

    /// Every problem.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.found.iter().flat_map(Problems::iter)
    }

    /// Groups of problems, each with the source texts that messages quote.
    pub fn problems(&self) -> impl Iterator<Item = &Problems> {
        self.found.iter()
    }

    /// All problems as data.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        self.found.iter().flat_map(Problems::findings).collect()
    }

    /// The number of warnings and the number of notes.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        let of = |severity| self.iter().filter(|problem| problem.severity == severity).count();
        (of(Severity::Warning), of(Severity::Note))
    }

    /// The messages, one after the other.
    #[must_use]
    pub fn messages(&self) -> String {
        self.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; ")
    }

    /// The problems in the form that a result folder stores.
    pub(crate) fn kept(&self) -> Vec<Question> {
        let one = |problems: &Problems, problem: &Problem| Question {
            code: problem.code.to_owned(),
            severity: match problem.severity {
                Severity::Note => "note",
                _ => "warning",
            }
            .to_owned(),
            message: problem.message.clone(),
            written: problem.labels.first().map_or_else(String::new, |label| shortened(problems.underlined(label))),
            help: problem.help.clone(),
        };
        self.found.iter().flat_map(|problems| problems.iter().map(|problem| one(problems, problem))).collect()
    }
}

/// The first line of a text, shortened.
fn shortened(written: &str) -> String {
    const MOST: usize = 60;
    let line = written.lines().next().unwrap_or("");
    let cut: String = line.chars().take(MOST).collect();
    if cut.len() < written.len() { cut + "…" } else { cut }
}
