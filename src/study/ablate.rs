//! A scenario without each of its mechanisms, with the same random numbers.

use super::{Failures, Input, Run, RunOptions, StudyError, Work, score::Ablation};
use crate::{
    output::{
        plan::sha256,
        summary::{RunFacts, Summary},
        table::Tables,
    },
    scenario::Scenario,
    simulation::Engine,
};

/// A scenario as it stands, and without each mechanism that it has.
#[derive(Clone, Debug, PartialEq)]
pub struct Ablated {
    /// The metrics of the scenario as it stands.
    pub whole: Summary,
    /// The name of each ablation, and the metrics under it.
    pub without: Vec<(&'static str, Summary)>,
    /// The names of mechanisms that the scenario does not have, so that nothing would change.
    pub absent: Vec<&'static str>,
    /// The replicas that could not be simulated.
    pub failures: Failures,
    /// The number of replicas that were to be simulated.
    pub total: u64,
}

/// Runs a scenario as it stands and without each of its mechanisms: those of which [`Ablation`] knows. Replica r has the same random
/// numbers in all of them, so differences are effects of the mechanism.
///
/// ```
/// use shakeout::study::{Input, Work, ablate};
///
/// let input = Input::shipped("downturn-simple").set("run.days=10").replicas(2);
/// let found = ablate(&input, &mut Work::new())?;
/// assert!(found.without.iter().any(|(name, _)| *name == "no delay"));
/// # Ok::<(), shakeout::study::StudyError>(())
/// ```
///
/// # Errors
/// When the scenario is wrong, no replica can be simulated, or the work is stopped.
pub fn ablate(input: &Input, work: &mut Work<'_>) -> Result<Ablated, StudyError> {
    let options = RunOptions { tables: Tables::of(&[]), ..RunOptions::default() };
    let run = Run::new(input, &options)?.part_of("ablation");
    run.questions().tell(work)?;
    let hash = sha256(run.resolved().canonical().as_bytes());
    let (mut failures, mut total) = (Failures::default(), 0);
    let mut simulated = |name: &str, scenario: &Scenario, work: &mut Work<'_>| -> Result<Summary, StudyError> {
        let engine = Engine::new_unless(scenario, work.audit, work.stop())?;
        let results = run.in_memory(&engine, work)?;
        for (replica, lost) in &results.failed {
            failures.add(&lost.reason, lost.is_bug, || format!("{name}, replica {replica}"));
        }
        total += run.replicas();
        Ok(results.summary(RunFacts::new(scenario, hash.clone())))
    };
    let scenario = &run.resolved().scenario;
    let whole = simulated("as it stands", scenario, work)?;
    let (mut without, mut absent) = (Vec::new(), Vec::new());
    for ablation in Ablation::ALL {
        match ablation.applied(scenario) {
            Some(changed) => without.push((ablation.name(), simulated(ablation.name(), &changed, work)?)),
            None => absent.push(ablation.name()),
        }
    }
    Ok(Ablated { whole, without, absent, failures, total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mechanism_of_a_scenario_is_switched_off_under_the_same_random_numbers() {
        let input = Input::shipped("downturn-simple").set("run.days=60").replicas(3);
        let set = |text: &str| ablate(&input.clone().set(text), &mut Work::new()).expect("it runs");
        let of = |found: &Ablated, name: &str| {
            let (_, summary) = found.without.iter().find(|(one, _)| *one == name).expect("it has the mechanism");
            summary.metrics.clone()
        };
        let found = set("operation.switching_cost_usd_per_ph=400");
        let (name, free) = ("no switching cost", set("operation.switching_cost_usd_per_ph=0"));
        assert!(of(&found, name) == free.whole.metrics, "whatever the cost was, it is that of a scenario without one");
        assert!(of(&found, name) != found.whole.metrics);
        assert!(free.absent.contains(&name) && found.absent.contains(&"no demand response"));
        assert_eq!(found.total, 3 * (1 + found.without.len() as u64));
    }
}
