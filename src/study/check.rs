use super::{
    Input, Loader, Questions, StudyError, Work, calibrate, refused_sweep, uncertainty::Assumptions, written_design,
};
use crate::{
    market::ImpactLaw,
    mechanism::growth::params::Invest,
    scenario::{Problems, Resolved, Scenario, Step},
    simulation::Engine,
    units::{MONTH_DAYS, Seconds},
    world::{MinerRow, PopulationParams},
};
use serde_json::json;
use std::collections::BTreeSet;

/// Seconds to create a lot of machines and seconds for its decision in one step; bytes of the columns of a lot and of a firm.
/// Measured on a 2.5 GHz core (`cargo bench --bench ensemble`). The estimate is meant to be accurate within a factor of three.
const LOT_S: f64 = 4e-7;
const LOT_STEP_S: f64 = 5e-10;
const STEP_S: f64 = 1.5e-6;
/// Seconds to record and write a byte of csv, and for a firm's decisions on machines and firms in one month of a market. Measured as user time of ten replicas
/// with one thread (`time shakeout run NAME --replicas 12 --threads 1 --no-charts --no-report`, less that of 2) of ten shipped scenarios.
const CSV_BYTE_S: f64 = 2e-8;
const FIRM_MONTH_S: f64 = 4e-6;
const LOT_BYTES: f64 = 160.0;
const FIRM_BYTES: f64 = 260.0;
/// Bytes of csv for each replica: of a day, of an epoch, of a class in an epoch, and of a firm. Measured on `downturn-simple`, `2022-leverage` and
/// `free-entry` with 2 and 12 replicas (`ls -l`), whose sums the estimate meets within a factor of 0.7 to 1.1.
const DAY_CSV: f64 = 370.0;
const EPOCH_CSV: f64 = 1900.0;
const CLASS_EPOCH_CSV: f64 = 130.0;
const FIRM_CSV: f64 = 150.0;
/// Bytes of events in a day, and of each lot in a day. They depend most on the scenario: 378 to 1,154 bytes a day in these three.
const EVENT_DAY_CSV: f64 = 350.0;
const EVENT_LOT_DAY_CSV: f64 = 0.05;
/// Bytes of the program itself with its charts, and how many times the csv of a replica each thread holds: as columns and as text, while
/// others wait to be written. Measured as the peak of the same runs with one thread: 27 MB, 28 MB and 41 MB.
const PROGRAM_BYTES: f64 = 30e6;
const HELD: f64 = 2.5;

/// Populations with at most this number of lots are created to test whether the miners can begin, because this takes less than a
/// second.
const MOST_LOTS_TRIED: f64 = 1e6;

/// Reports every problem of a scenario at once, including its variants, its observed history and its designs. It simulates
/// nothing.
///
/// ```
/// use shakeout::{check, study::{Input, StudyError, Work}};
///
/// let checked = check(&Input::shipped("downturn"), &mut Work::new())?;
/// assert!(checked.estimate.seconds > 0.0);
/// let wrong = check(&Input::shipped("downturn").set("run.dayz=3"), &mut Work::new());
/// let Err(StudyError::Scenario(problems)) = wrong else { panic!("there is no such key") };
/// assert_eq!(problems.iter().next().map(|problem| problem.code), Some("scenario::unknown_key"));
/// # Ok::<(), StudyError>(())
/// ```
///
/// # Errors
/// Returns all problems of the scenario as [`StudyError::Scenario`], or an error when none of the first replicas can begin.
pub fn check(input: &Input, work: &mut Work<'_>) -> Result<Checked, StudyError> {
    let load = input.loader();
    let resolved = load(&[], None)?;
    refused(&resolved, &*load)?;
    let is_drawn = Assumptions::of(&resolved, input.loader().into())?.is_some();
    let questions = questions(&resolved, &*load);
    questions.tell(work)?;
    let mut estimate = Estimate::of(&resolved.scenario);
    // Each replica is then simulated twice.
    estimate.seconds *= if is_drawn { 2.0 } else { 1.0 };
    if estimate.lots <= MOST_LOTS_TRIED {
        let engine =
            Engine::new_unless(&resolved.scenario, false, work.stop()).map_err(|error| questions.cause_of(error))?;
        can_begin(&engine, resolved.scenario.run.replicas, &questions, work)?;
    }
    Ok(Checked { replicas: resolved.scenario.run.replicas, questions, estimate })
}

/// The result of checking a scenario without errors.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Warnings and notes.
    pub questions: Questions,
    /// Estimated resources of a run.
    pub estimate: Estimate,
    /// Number of replicas.
    pub replicas: u64,
}

/// The results of a check as JSON. All problems are listed under `problems`, each with its severity.
#[must_use]
pub fn checked_json(found: &Result<Checked, StudyError>) -> serde_json::Value {
    let problems = match found {
        Ok(checked) => checked.questions.findings(),
        Err(error) => error.findings(),
    };
    let estimate = found.as_ref().ok().map(|checked| {
        let Estimate { firms, lots, steps, seconds, program, memory, disk } = checked.estimate;
        json!({
            "replicas": checked.replicas, "firms": firms, "lots": lots, "steps": steps,
            "seconds_on_one_core": seconds, "memory_bytes": program, "memory_bytes_per_thread": memory, "csv_bytes": disk,
        })
    });
    json!({ "ok": found.is_ok(), "problems": problems, "estimate": estimate })
}

/// The problems for which other commands would refuse the scenario: in its variants, its observed history, its calibration and
/// its sweep design.
fn refused(resolved: &Resolved, load: &Loader<'_>) -> Result<(), Problems> {
    let variants = resolved.variants().into_iter().filter_map(|variant| load(&[], Some(variant)).err());
    let observed = resolved.observed_elsewhere();
    let designs = [calibrate::refused(resolved, load), refused_sweep(resolved, load)];
    let all = variants.chain(observed).chain(designs.into_iter().flatten());
    all.reduce(Problems::and).map_or(Ok(()), Err)
}

/// Warnings and notes on the scenario, on its variants, and on the levels of its own design.
fn questions(resolved: &Resolved, load: &Loader<'_>) -> Questions {
    let mut questions = Questions::of(resolved);
    for variant in resolved.variants() {
        if let Ok(form) = load(&[], Some(variant)) {
            questions.add_variant(resolved, variant, &form);
        }
    }
    if let Ok(design) = written_design(resolved) {
        questions.add_design(resolved, &design.factors, load);
    }
    questions
}

/// If the first replica cannot begin, this number of replicas is tried.
const MOST_REPLICAS_TRIED: u64 = 20;

/// Tests whether any replica can begin. Miners that are drawn at random may be unable to begin in one replica and able in
/// another; a run leaves out the former.
fn can_begin(engine: &Engine<'_>, replicas: u64, questions: &Questions, work: &mut Work<'_>) -> Result<(), StudyError> {
    let Err(first) = engine.population(0) else { return Ok(()) };
    let tried = replicas.min(MOST_REPLICAS_TRIED);
    let failed = 1 + (1..tried).filter(|&replica| engine.population(replica).is_err()).count() as u64;
    if failed >= tried {
        return Err(questions.cause_of(first));
    }
    work.say(&format!(
        "warning: {failed} of the first {tried} replicas cannot be run; a run notes them in failed.csv and leaves them out\n  \
         replica 0: {first}"
    ));
    Ok(())
}

/// Estimated resources of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Number of firms.
    pub firms: f64,
    /// Number of lots of machines.
    pub lots: f64,
    /// Number of steps in a replica.
    pub steps: f64,
    /// Seconds on one core, for all replicas.
    pub seconds: f64,
    /// Bytes of memory of the program, whatever the threads.
    pub program: f64,
    /// Bytes of memory per thread.
    pub memory: f64,
    /// Bytes of csv tables.
    pub disk: f64,
}

/// Events and supply are written of as many replicas.
const EVENT_REPLICAS: f64 = 20.0;

impl Estimate {
    fn of(scenario: &Scenario) -> Self {
        let (firms, lots, classes) = population(&scenario.population);
        let span = Seconds::from(scenario.run.days);
        let days = scenario.run.days.get();
        let steps = match scenario.run.step {
            Step::Every(step) => (span / step).ceil(),
            Step::Block => span / Seconds::new(600.0),
        };
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let replicas = scenario.run.replicas as f64;
        let epochs = days / 14.0 + 1.0;
        let whole = days * DAY_CSV + epochs * (EPOCH_CSV + classes * CLASS_EPOCH_CSV) + firms * FIRM_CSV;
        // The merit order has a row for each occupied step, of which there are the more, the more lots there are.
        let supply = epochs * (1000.0 * libm::log(lots.max(2.0)) - 1300.0).max(0.0);
        let some = supply + days * (EVENT_DAY_CSV + lots * EVENT_LOT_DAY_CSV);
        let has_market =
            scenario.growth.invest != Invest::None || scenario.rigs.is_some() || scenario.consolidation.is_some();
        let decisions = if has_market { firms * days / MONTH_DAYS * FIRM_MONTH_S } else { 0.0 };
        // A history that is compared with one without its shock is simulated twice.
        let histories = if matches!(scenario.impact.law, ImpactLaw::SquareRoot { .. }) { 2.0 } else { 1.0 };
        let a_run = lots * LOT_S + histories * (steps * (STEP_S + lots * LOT_STEP_S) + decisions);
        let disk = replicas * whole + replicas.min(EVENT_REPLICAS) * some;
        Self {
            firms,
            lots,
            steps,
            seconds: replicas * a_run + disk * CSV_BYTE_S,
            program: PROGRAM_BYTES,
            memory: lots * LOT_BYTES + firms * FIRM_BYTES + HELD * (whole + some),
            disk,
        }
    }
}

/// Numbers of firms, lots and classes.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn population(params: &PopulationParams) -> (f64, f64, f64) {
    match params {
        PopulationParams::Drawn { classes, fleet, .. } => {
            let firms: f64 = classes.iter().map(|class| f64::from(class.firms)).sum();
            let lots: f64 = fleet.iter().map(|model| if model.eco { 2.0 } else { 1.0 }).sum();
            (firms, firms * lots, classes.len() as f64)
        }
        PopulationParams::Listed(rows) => {
            let distinct = |of: fn(&MinerRow) -> &str| rows.iter().map(of).collect::<BTreeSet<_>>().len() as f64;
            (distinct(|row| &row.firm), rows.len() as f64, distinct(|row| &row.class))
        }
    }
}

#[cfg(test)]
mod tests;
