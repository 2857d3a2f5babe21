use super::{failure::Failure, terminal};
use crate::{
    output::manifest::Question,
    scenario::{Place, Problem, Problems, Resolved, Severity},
    simulation::SimulationError,
    study::{Factor, Levels, Loader},
};
use std::collections::BTreeSet;

/// Of a factor with many levels so many are looked at by themselves.
const MOST_LEVELS: usize = 24;

/// What is questioned in the scenarios that a command reads: each thing is said once.
#[derive(Debug, Default)]
pub struct Questions {
    said: BTreeSet<(&'static str, String)>,
    found: Vec<Problems>,
}

impl Questions {
    /// Those of one scenario.
    pub fn of(resolved: &Resolved) -> Self {
        let mut questions = Self::default();
        questions.add(resolved.questions());
        questions
    }

    /// Adds what has not been said yet.
    pub fn add(&mut self, mut problems: Problems) {
        problems.retain(|problem| self.said.insert((problem.code, problem.message.clone())));
        if !problems.is_empty() {
            self.found.push(problems);
        }
    }

    /// Adds those of another form of the scenario, a variant or a point of a design. Such a form may switch off what the scenario
    /// writes, so that of settings without effect only those are said that the form itself writes.
    pub fn add_form(&mut self, base: &Resolved, form: &Resolved) {
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

    /// Adds those of a variant.
    pub fn add_variant(&mut self, base: &Resolved, name: &str, variant: &Resolved) {
        self.add_form(base, variant);
        if base.canonical() == variant.canonical() {
            let written = base.reserved("variant").and_then(|node| node.value.as_table());
            let place = written.and_then(|table| table.entry(name)).map(|entry| entry.key_place);
            let problem = Problem::note("plausible::variant", format!("the variant `{name}` changes nothing"))
                .at(place, "the same scenario with and without it")
                .help("it gives the scenario itself a name, for a sweep over `variant`");
            self.add(Problems::new(vec![problem], base.sources.clone()));
        }
    }

    /// Adds those of a design: each factor at its levels, the others as in the scenario.
    pub fn add_design(&mut self, base: &Resolved, design: &[Factor], load: &Loader<'_>) {
        let own = base.canonical();
        for factor in design {
            let levels: Vec<String> = match &factor.levels {
                Levels::Choices(values) => values.iter().take(MOST_LEVELS).cloned().collect(),
                Levels::Range { .. } => vec![factor.at(0.0), factor.at(1.0 - f64::EPSILON)],
            };
            // What cannot be read alone, such as a share without the others, is read with the whole point.
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
                    .help("the scenario is the same at all its levels: vary another key, or write other levels");
                self.add(Problems::new(vec![problem], base.sources.clone()));
            }
        }
    }

    fn all(&self) -> impl Iterator<Item = &Problem> {
        self.found.iter().flat_map(Problems::iter)
    }

    /// How many warnings there are, and how many notes.
    pub fn count(&self) -> (usize, usize) {
        let of = |severity| self.all().filter(|problem| problem.severity == severity).count();
        (of(Severity::Warning), of(Severity::Note))
    }

    /// Why miners cannot begin, with what has probably led to it: the first warning.
    pub fn cause_of(&self, error: SimulationError) -> Failure {
        match (Failure::from(error), self.all().find(|problem| problem.severity == Severity::Warning)) {
            (Failure::Input(text), Some(cause)) => Failure::Input(format!("{text}\nperhaps because {}", cause.message)),
            (failure, _) => failure,
        }
    }

    /// Says them on stderr, unless nothing is to be said. An answer that cannot be given is an error, and so are warnings where they are
    /// to be taken for errors.
    pub fn tell(&self, quiet: bool, deny: bool) -> Result<(), Failure> {
        let (warnings, _) = self.count();
        let denied = deny && warnings > 0;
        let refused = self.all().any(|problem| problem.severity == Severity::Error);
        if !quiet || denied || refused {
            let (colour, width) = (terminal::stderr_has_colour(), terminal::width());
            let shown: String = self.found.iter().map(|problems| problems.render(colour, width)).collect();
            terminal::talk(&shown);
        }
        if refused {
            return Err(Failure::Input("an answer cannot be given: see above".to_owned()));
        }
        if denied {
            let warnings = if warnings == 1 { "1 warning".to_owned() } else { format!("{warnings} warnings") };
            return Err(Failure::Input(format!("{warnings}, and --deny-warnings takes them for errors")));
        }
        Ok(())
    }

    /// As a result folder keeps them.
    pub fn kept(&self) -> Vec<Question> {
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

/// The first line of what is written, and not much of it.
fn shortened(written: &str) -> String {
    const MOST: usize = 60;
    let line = written.lines().next().unwrap_or("");
    let cut: String = line.chars().take(MOST).collect();
    if cut.len() < written.len() { cut + "…" } else { cut }
}
