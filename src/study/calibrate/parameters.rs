//! The declared parameters: the keys that each sets in a scenario, and checks that it can.

use super::Prior;
use crate::{
    scenario::{Calibration, DeclaredPrior, Law, Place, Problem, Problems, Resolved, Target, Value},
    study::Loader,
};

/// The parameters that are fitted by default: the model's list of parameters to be calibrated jointly. Factors have their
/// ranges here; keys have the priors that they are declared with.
const USUAL: [(&str, Target<&str>, Option<Prior>); 6] = [
    ("power_price_factor", Target::Scales("class.*.power_price_usd_per_kwh"), Some(flat(Law::Uniform, 0.8, 1.25))),
    ("power_price_spread_factor", Target::Scales("class.*.power_price_log_sd"), Some(flat(Law::Uniform, 0.7, 1.4))),
    ("switching_cost_usd_per_ph", Target::Key("operation.switching_cost_usd_per_ph"), None),
    ("response_days", Target::Key("operation.response_days"), None),
    ("cash_factor", Target::Scales("class.*.cash_months"), Some(flat(Law::LogUniform, 0.5, 2.0))),
    ("take_or_pay", Target::Key("power.take_or_pay"), None),
];

const fn flat(law: Law, low: f64, high: f64) -> Prior {
    Prior { law, low, high }
}

/// A parameter to be fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name in tables and charts.
    pub name: String,
    /// Its prior.
    pub prior: Prior,
    target: Target,
    target_at: Option<Place>,
    law_at: Option<Place>,
}

/// The keys that a parameter sets in one scenario; if the parameter is a factor, each with the value that is multiplied.
type Settings = Vec<(String, Option<f64>)>;

/// The keys that several parameters set in one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Setter(Vec<Settings>);

impl Parameter {
    /// The parameters that a scenario declares, or the default ones.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "each usual parameter has a prior, here or at its key")]
    pub fn declared(calibration: &Calibration) -> Vec<Self> {
        if calibration.priors.is_empty() {
            let usual = |&(name, ref target, prior): &(&str, Target<&str>, Option<Prior>)| {
                let (target, prior) = match *target {
                    Target::Key(key) => (Target::Key(key.to_owned()), prior.or_else(|| Prior::of_key(key))),
                    Target::Scales(form) => (Target::Scales(form.to_owned()), prior),
                };
                let prior = prior.expect("a usual parameter has a prior, here or at its key");
                Self { name: name.to_owned(), prior, target, target_at: None, law_at: None }
            };
            return USUAL.iter().map(usual).collect();
        }
        Self::written(&calibration.priors)
    }

    /// The parameters that a scenario writes with their priors.
    #[must_use]
    pub fn written(priors: &[DeclaredPrior]) -> Vec<Self> {
        let own = |declared: &DeclaredPrior| {
            let &DeclaredPrior { ref name, ref target, target_at, law, low, high, law_at } = declared;
            let prior = Prior { law, low, high };
            Self { name: name.clone(), prior, target: target.clone(), target_at, law_at }
        };
        priors.iter().map(own).collect()
    }

    /// The default parameters that multiply values of a scenario.
    #[must_use]
    pub fn usual_factors(scenario: &Resolved) -> Vec<Self> {
        let all = Self::declared(&Calibration::default()).into_iter();
        all.filter(|parameter| parameter.is_factor() && !parameter.settings(scenario).is_empty()).collect()
    }

    /// A key with this prior.
    #[must_use]
    pub fn of_key(key: String, prior: Prior) -> Self {
        Self { name: key.clone(), prior, target: Target::Key(key), target_at: None, law_at: None }
    }

    /// The key that it sets, or the pattern of the keys that it multiplies.
    #[must_use]
    pub fn target(&self) -> &str {
        match &self.target {
            Target::Key(target) | Target::Scales(target) => target,
        }
    }

    /// Whether it multiplies values instead of setting one.
    #[must_use]
    pub const fn is_factor(&self) -> bool {
        matches!(self.target, Target::Scales(_))
    }

    fn settings(&self, scenario: &Resolved) -> Settings {
        match &self.target {
            Target::Key(key) => vec![(key.clone(), None)],
            Target::Scales(form) => scenario
                .values
                .iter()
                .filter(|value| !value.is_kind && matches(form, &value.path))
                .filter_map(|value| match value.value {
                    Value::Integer(_) | Value::Float(_) => Some((value.key(), value.value.as_number())),
                    _ => None,
                })
                .collect(),
        }
    }
}

fn matches(form: &str, path: &[String]) -> bool {
    let parts: Vec<&str> = form.split('.').collect();
    parts.len() == path.len() && parts.iter().zip(path).all(|(part, key)| *part == "*" || part == key)
}

impl Setter {
    /// Finds the keys that these parameters set in a scenario. `load` reads the scenario with changed values.
    ///
    /// # Errors
    /// Reports every parameter that sets no key there, or cannot be set to an end of its prior, at the place where `declared_in`
    /// declares it.
    pub fn new(
        parameters: &[Parameter],
        scenario: &Resolved,
        load: &Loader<'_>,
        declared_in: &Resolved,
    ) -> Result<Self, Problems> {
        let settings: Vec<Settings> = parameters.iter().map(|parameter| parameter.settings(scenario)).collect();
        let mut problems = Vec::new();
        for (parameter, settings) in parameters.iter().zip(&settings) {
            if settings.is_empty() {
                let message = format!("no number in the scenario has a key of the form `{}`", parameter.target());
                let help = "`*` stands for any one part of a key; `shakeout explain SCENARIO` lists the keys";
                let problem = Problem::new("calibrate::key", message).at(parameter.target_at, "sets nothing");
                problems.push(problem.help(help));
                continue;
            }
            problems.extend(at_its_ends(parameter, settings, load));
        }
        if problems.is_empty() { Ok(Self(settings)) } else { Err(Problems::new(problems, declared_in.sources.clone())) }
    }

    /// The keys that these parameters set in a scenario, whether or not they can be set to all values of their priors.
    #[must_use]
    pub fn unchecked(parameters: &[Parameter], scenario: &Resolved) -> Self {
        Self(parameters.iter().map(|parameter| parameter.settings(scenario)).collect())
    }

    /// `KEY=VALUE` for every key, for these parameter values.
    #[must_use]
    pub fn sets(&self, values: &[f64]) -> Vec<String> {
        self.0.iter().zip(values).flat_map(|(settings, &value)| sets(settings, value)).collect()
    }
}

fn sets(settings: &Settings, value: f64) -> Vec<String> {
    let set = |(key, base): &(String, Option<f64>)| {
        format!("{key}={}", ryu::Buffer::new().format_finite(base.map_or(value, |base| base * value)))
    };
    settings.iter().map(set).collect()
}

/// The problems at the ends of a prior and at a point between them, because a key may accept integers only.
fn at_its_ends(parameter: &Parameter, settings: &Settings, load: &Loader<'_>) -> Option<Problem> {
    let Prior { low, high, .. } = parameter.prior;
    let between = low + (high - low) / std::f64::consts::PI;
    for value in [low, high, between] {
        let Err(found) = load(&sets(settings, value), None) else { continue };
        let first = found.iter().next()?;
        let is_key = first.code == "scenario::unknown_key" || first.code == "scenario::set";
        let problem = if is_key {
            Problem::new("calibrate::key", first.message.clone())
                .at(parameter.target_at, first.labels.first().map_or("not a key", |label| label.text.as_str()))
                .help(first.help.clone())
        } else {
            let message = format!("the prior of `{}` reaches {value}, where the scenario cannot be", parameter.name);
            Problem::new("calibrate::range", message)
                .at(parameter.law_at, first.message.clone())
                .help("narrow the prior to what its key allows")
        };
        return Some(problem);
    }
    None
}

/// Parses one value for each parameter, given by name or by the key it sets, such as `switching_cost=150,take_or_pay=0.2`.
///
/// # Errors
/// A message that names values that are missing, unknown or outside their priors.
pub fn named_values(parameters: &[Parameter], text: &str) -> Result<Vec<f64>, String> {
    let names = || parameters.iter().map(|parameter| parameter.name.as_str()).collect::<Vec<_>>().join(", ");
    let mut values: Vec<Option<f64>> = vec![None; parameters.len()];
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, written) = part.split_once('=').ok_or_else(|| format!("`{part}` is not NAME=VALUE"))?;
        let name = name.trim();
        let place = parameters
            .iter()
            .position(|parameter| parameter.name == name || parameter.target() == name)
            .ok_or_else(|| format!("there is no parameter `{name}`; there are {}", names()))?;
        let value: f64 = written
            .trim()
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite())
            .ok_or_else(|| format!("`{written}` is not a number, for `{name}`"))?;
        let Prior { low, high, .. } = parameters[place].prior;
        if !(low..=high).contains(&value) {
            return Err(format!("{value} is outside the prior of `{name}`, {low} to {high}"));
        }
        values[place] = Some(value);
    }
    let missing: Vec<&str> =
        parameters.iter().zip(&values).filter(|(_, value)| value.is_none()).map(|(p, _)| p.name.as_str()).collect();
    if missing.is_empty() {
        Ok(values.into_iter().flatten().collect())
    } else {
        Err(format!("a truth has a value for each parameter; missing: {}", missing.join(", ")))
    }
}
