//! Parameters as a user declares them: what each sets in a scenario, and whether it can.

use super::Prior;
use crate::{
    scenario::{Calibration, DeclaredPrior, Law, Place, Problem, Problems, Resolved, Target, Value},
    study::Loader,
};

/// The parameters that are fitted where a scenario declares none: the model's list of what is to be calibrated jointly. A factor
/// has its range here; a key has the prior that it is declared with.
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
    /// In tables and charts.
    pub name: String,
    /// What is believed of it before.
    pub prior: Prior,
    target: Target,
    target_at: Option<Place>,
    law_at: Option<Place>,
}

/// What a parameter sets in one scenario: keys, each with the value it is a factor on.
type Settings = Vec<(String, Option<f64>)>;

/// What some parameters set in one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Setter(Vec<Settings>);

impl Parameter {
    /// Those that a scenario declares, or the usual ones.
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
        let own = |declared: &DeclaredPrior| {
            let &DeclaredPrior { ref name, ref target, target_at, law, low, high, law_at } = declared;
            let prior = Prior { law, low, high };
            Self { name: name.clone(), prior, target: target.clone(), target_at, law_at }
        };
        calibration.priors.iter().map(own).collect()
    }

    /// The key it sets, or the form of the keys it is a factor on.
    #[must_use]
    pub fn target(&self) -> &str {
        match &self.target {
            Target::Key(target) | Target::Scales(target) => target,
        }
    }

    /// Whether it is a factor.
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
    /// What these parameters set in a scenario, which `load` reads with changes on top.
    ///
    /// # Errors
    /// Every parameter that sets no key there, or none at an end of its prior; shown where `declared_in` declares it.
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

    /// `KEY=VALUE` of every key at these values of the parameters.
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

/// What is wrong at the ends of a prior, and in between: a key may want whole numbers.
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

/// Values for parameters by name or by the key they set, such as `switching_cost=150,take_or_pay=0.2`: one for each.
///
/// # Errors
/// Says what is missing, unknown or outside its prior.
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
