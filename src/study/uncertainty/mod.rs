//! Drawn assumptions: in a run with `[uncertainty]` each replica is simulated twice, as written and with assumptions drawn from their priors.
//!
//! ```text
//! value of assumption j in replica r = draw from prior j, with the random numbers of (seed, r, Purpose::Assumption, name of j)
//! ```
//!
//! Both histories of a replica have the same random numbers, so that luck is common to them. A draw has an address of its own: one assumption more shifts
//! no other. The tables of the histories as written are those of a run without `[uncertainty]`, byte for byte.
//!
//! **What is drawn** unless `[uncertainty.prior]` says it: the factors of a calibration (A-57), and every number that the scenario leaves at its
//! default, whose key has a prior, and that has an effect. A default of zero stays: it switches something off. A number that is written stays too:
//! whoever wrote it has chosen it.
//!
//! **Known errors.** Assumptions are drawn independently of each other. The structure of the model is not drawn.

mod ranked;
#[cfg(test)]
mod tests;

pub(super) use ranked::summary_of;

use super::{
    Loader, ReplicaError,
    calibrate::{Parameter, Prior, Setter},
};
use crate::{
    declare::Columns,
    output::{
        answer::lower_first,
        drawn::{DrawnDay, DrawnRow},
        uncertain::DrawnAssumption,
    },
    random::{Purpose, name_hash, stream},
    scenario::{KeyPrior, Origin, Problem, Problems, Resolved, ResolvedValue, Scenario, Value, label_of},
    simulation::record::DayRecord,
    units::UnixTime,
};
use std::{fmt, sync::Arc};

/// The assumptions that a run draws in each replica.
#[derive(Clone)]
pub(super) struct Assumptions {
    parameters: Vec<Parameter>,
    /// Where the priors come from, one for each parameter.
    sources: Vec<String>,
    setter: Setter,
    load: Arc<Loader<'static>>,
    seed: u64,
}

impl Assumptions {
    /// Those of a scenario; `None` if its `[uncertainty]` is not written or not enabled. `load` reads the scenario with changed values.
    ///
    /// # Errors
    /// Reports written priors that set no key or exceed the range allowed for their key, and a scenario without any assumption to be drawn.
    pub(super) fn of(resolved: &Resolved, load: Arc<Loader<'static>>) -> Result<Option<Self>, Problems> {
        let Some(declared) = resolved.uncertainty.as_ref().filter(|declared| declared.enabled) else { return Ok(None) };
        let (parameters, sources, setter) = if declared.priors.is_empty() {
            let (parameters, sources): (Vec<Parameter>, Vec<String>) = usual(resolved).into_iter().unzip();
            let setter = Setter::unchecked(&parameters, resolved);
            (parameters, sources, setter)
        } else {
            let parameters = Parameter::written(&declared.priors);
            let setter = Setter::new(&parameters, resolved, &*load, resolved)?;
            let sources = vec!["the scenario".to_owned(); parameters.len()];
            (parameters, sources, setter)
        };
        let twice = (1..parameters.len())
            .find(|&place| parameters[..place].iter().any(|before| before.target() == parameters[place].target()));
        if let Some(place) = twice {
            let key = parameters[place].target();
            let problem = Problem::new("uncertainty::twice", format!("`{key}` has two priors"))
                .at(resolved.tree.get("uncertainty").map(|node| node.place), "draws it twice")
                .help("keep one `[uncertainty.prior.NAME]` for each key");
            return Err(Problems::new(vec![problem], resolved.sources.clone()));
        }
        if parameters.is_empty() {
            let place = resolved.tree.get("uncertainty").map(|node| node.place);
            let problem = Problem::new("uncertainty::none", "the scenario has no assumption to be drawn")
                .at(place, "draws nothing")
                .help("write `[uncertainty.prior.NAME]` with `key` or `scales` and a distribution");
            return Err(Problems::new(vec![problem], resolved.sources.clone()));
        }
        Ok(Some(Self { parameters, sources, setter, load, seed: resolved.scenario.run.seed }))
    }

    /// What a summary says of them.
    pub(super) fn described(&self) -> Vec<DrawnAssumption> {
        let names: Vec<String> = self.parameters.iter().map(words).collect();
        let unique = |place: usize| {
            let (name, key) = (&names[place], self.parameters[place].target());
            let is_alone = names.iter().filter(|other| *other == name).count() == 1;
            if is_alone { name.clone() } else { format!("{name} ({key})") }
        };
        let described = |(place, (parameter, source)): (usize, (&Parameter, &String))| {
            let Prior { law, low, high } = parameter.prior;
            let law = KeyPrior { law, low, high, source: "" };
            DrawnAssumption {
                name: unique(place),
                key: parameter.target().to_owned(),
                prior: if parameter.is_factor() { format!("a factor, {law}") } else { law.to_string() },
                source: source.clone(),
            }
        };
        self.parameters.iter().zip(&self.sources).enumerate().map(described).collect()
    }

    /// The values of a replica, in the order of [`Self::described`].
    pub(super) fn values(&self, replica: u64) -> Vec<f64> {
        let drawn = |parameter: &Parameter| {
            let mut random = stream(self.seed, replica, Purpose::Assumption, name_hash(parameter.target()));
            parameter.prior.draw(&mut random)
        };
        self.parameters.iter().map(drawn).collect()
    }

    /// The scenario with these values.
    pub(super) fn scenario(&self, values: &[f64]) -> Result<Scenario, ReplicaError> {
        match (self.load)(&self.setter.sets(values), None) {
            Ok(resolved) => Ok(resolved.scenario),
            Err(problems) => {
                let first = problems.iter().next().map_or_else(String::new, |problem| problem.message.clone());
                Err(ReplicaError::failed(format!("with drawn assumptions: {first}")))
            }
        }
    }

    /// The rows of the table `drawn`.
    pub(super) fn rows(&self, values: &[f64]) -> Columns {
        let mut rows = Columns::of::<DrawnRow<'_>>(UnixTime::default());
        for (parameter, &value) in self.parameters.iter().zip(values) {
            // A prior has finite ends, so that no value is refused.
            let _ = rows.push(&DrawnRow { assumption: parameter.target(), value });
        }
        rows
    }
}

impl fmt::Debug for Assumptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assumptions").field("parameters", &self.parameters).finish_non_exhaustive()
    }
}

/// The rows of the table `uncertain_days`, from days with all their columns.
pub(super) fn thinned(days: &Columns) -> Columns {
    let mut rows = Columns::of::<DrawnDay>(days.start());
    for day in days.rows::<DayRecord>() {
        let DayRecord { time, hashrate_eh_per_s, difficulty, hashprice_usd_per_ph_day, .. } = day;
        // The recorder has refused numbers that are not finite.
        let _ = rows.push(&DrawnDay { time, hashrate_eh_per_s, difficulty, hashprice_usd_per_ph_day });
    }
    rows
}

/// The assumptions that are drawn where the scenario lists none, each with the source of its prior.
fn usual(resolved: &Resolved) -> Vec<(Parameter, String)> {
    let factors = Parameter::usual_factors(resolved).into_iter().map(|factor| (factor, "A-57".to_owned()));
    let keys = resolved.values.iter().filter_map(|value| {
        let KeyPrior { law, low, high, source } = value.prior.filter(|_| is_assumed(value))?;
        let key = Parameter::of_key(value.key(), Prior { law, low, high });
        (!resolved.is_idle(value)).then(|| (key, source.to_owned()))
    });
    factors.chain(keys).collect()
}

/// Whether a value is a number other than zero that nobody has written.
fn is_assumed(value: &ResolvedValue) -> bool {
    value.origin == Origin::Default && matches!(value.value, Value::Float(number) if number != 0.0)
}

/// The names of the usual factors for readers.
const FACTORS: [(&str, &str); 3] = [
    ("power_price_factor", "the level of power prices"),
    ("power_price_spread_factor", "the spread of power prices"),
    ("cash_factor", "cash at the start"),
];

/// The name of a parameter for readers: that of its key, or the one that the scenario gives it.
fn words(parameter: &Parameter) -> String {
    if let Some((_, words)) = FACTORS.into_iter().find(|(known, _)| *known == parameter.name) {
        return words.to_owned();
    }
    if parameter.name == parameter.target() {
        return lower_first(&label_of(parameter.target()).name);
    }
    parameter.name.replace('_', " ")
}
