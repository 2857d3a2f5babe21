//! Reads the `[calibrate]` table of a scenario and reports every reason why the calibration cannot be run.

use super::{Episode, Parameter, Setter, Summary, observed_history};
use crate::{
    scenario::{Calibration, Problem, Problems, Resolved},
    study::Loader,
};

/// The parameters and summaries of a calibration.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The parameters to be fitted.
    pub parameters: Vec<Parameter>,
    /// The summaries to be compared.
    pub summaries: Vec<Summary>,
    /// The keys that the parameters set in this scenario.
    pub setter: Setter,
}

/// Reads the parameters and summaries that a scenario declares; parameters or summaries that it does not declare have defaults.
///
/// # Errors
/// Reports every unknown or repeated summary, and every parameter that sets no key or whose prior exceeds the range allowed for
/// its key.
pub fn declared(scenario: &Resolved, load: &Loader<'_>) -> Result<Declared, Problems> {
    let calibration = scenario.calibration.clone().unwrap_or_default();
    let parameters = Parameter::declared(&calibration);
    match (summaries(&calibration, scenario), Setter::new(&parameters, scenario, load, scenario)) {
        (Ok(summaries), Ok(setter)) => Ok(Declared { parameters, summaries, setter }),
        (Err(some), Err(more)) => Err(some.and(more)),
        (Err(problems), _) | (_, Err(problems)) => Err(problems),
    }
}

/// Every problem for which `shakeout calibrate` would refuse the `[calibrate]` table of a scenario before it simulates anything.
/// A missing history is not a problem, because the engine can simulate the observation.
#[must_use]
pub fn refused(scenario: &Resolved, load: &Loader<'_>) -> Option<Problems> {
    let calibration = scenario.calibration.as_ref()?;
    let declared = match declared(scenario, load) {
        Ok(declared) => declared,
        Err(problems) => return Some(problems),
    };
    // A history of another chain is reported as an error of `[observed]`, independently of the calibration.
    let history = observed_history(scenario).ok()??;
    let episode = Episode::new(String::new(), scenario, declared.setter, load, false);
    if !episode.compared(&declared.summaries, &history).summaries.is_empty() {
        return None;
    }
    let problem = Problem::new("calibrate::history", "no summary can be computed from the history in `[observed]`")
        .at(calibration.summaries.first().and_then(|(_, place)| *place), "none of these")
        .help("the history or the run is too short: give later epochs, or lengthen `run.days`");
    Some(Problems::new(vec![problem], scenario.sources.clone()))
}

/// The declared summaries, or all summaries if none is declared.
fn summaries(calibration: &Calibration, declared_in: &Resolved) -> Result<Vec<Summary>, Problems> {
    if calibration.summaries.is_empty() {
        let given = calibration.sold_share.is_some();
        return Ok(Summary::all().filter(|&summary| summary != Summary::SoldShare || given).collect());
    }
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for (name, place) in &calibration.summaries {
        match Summary::parse(name) {
            Some(summary) if !found.contains(&summary) => found.push(summary),
            Some(_) => {
                let problem = Problem::new("calibrate::summary", format!("the summary `{name}` is given twice"));
                problems.push(problem.at(*place, "again").help("give each summary once"));
            }
            None => {
                let all: Vec<&str> = Summary::all().map(Summary::name).collect();
                let problem = Problem::new("calibrate::summary", format!("there is no summary `{name}`"));
                problems.push(problem.at(*place, "unknown").help(format!("there are {}", all.join(", "))));
            }
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(Problems::new(problems, declared_in.sources.clone())) }
}
