use super::{
    Reference, ScoreCard,
    hindcast::{score_card, seen_paths},
    observed::observed_rows,
    watch::Running,
};
use crate::{
    output::{csv::whole_table, disk::write_whole},
    study::{
        Destination, Folder, FolderOutcome, Input, Memory, OpenRun, Run, RunOptions, StudyError, Work, run::Taken,
    },
};
use std::path::Path;

/// The file with the scores in a result folder.
pub const SCORE: &str = "score.json";

/// Runs a scenario and compares it with its `[observed]` history and with baselines. With [`Memory`] the result is the scores; a
/// result [`Folder`] also has the tables of the run.
///
/// ```no_run
/// use shakeout::{score, study::{Input, Memory, Work}};
///
/// let input = Input::shipped("registered/2022-bear").replicas(50);
/// let card = score(&input, Memory, &mut Work::new())?;
/// println!("root mean square error of ln hashrate: {:.3}", card.rmse_ln_h);
/// # Ok::<(), shakeout::study::StudyError>(())
/// ```
///
/// # Errors
/// When the scenario is wrong or has no history, no observed epoch is completed in every replica, the destination refuses, or the
/// work is stopped.
pub fn score<D: Destination<Scoring>>(
    input: &Input,
    destination: D,
    work: &mut Work<'_>,
) -> Result<D::Found, StudyError> {
    destination.fill(&Scoring::new(input)?, work)
}

/// A scenario to be scored, with its observed history.
#[derive(Clone, Debug)]
pub struct Scoring {
    run: Run,
    reference: Reference,
}

impl Scoring {
    /// Reads the scenario.
    ///
    /// # Errors
    /// When the scenario is wrong or has no history.
    pub fn new(input: &Input) -> Result<Self, StudyError> {
        let run = Run::new(input, &RunOptions::default())?.part_of("score");
        let resolved = run.resolved();
        let reference = Reference::new(&resolved.scenario, resolved.observed.as_ref())
            .map_err(|error| StudyError::Input(format!("{}: {error}", input.shown())))?;
        Ok(Self { run, reference })
    }

    /// Writes `score.json` beside the finished tables of the run.
    fn add(&self, result: &Path, taken: &mut Taken, work: &Work<'_>) -> Result<(), StudyError> {
        let (resolved, reference) = (self.run.resolved(), &self.reference);
        let start = resolved.scenario.run.start;
        let observed = observed_rows(&reference.epochs, start);
        write_whole(&result.join("observed.csv"), &whole_table(&observed))?;
        taken.set_observed(observed);
        let simulated = (taken.seen(), taken.failures().count);
        let card = score_card(resolved, reference, simulated, Running::of(work))?.ok_or_else(too_short)?;
        let text = serde_json::to_string_pretty(&card).map_err(|error| StudyError::Bug(error.to_string()))?;
        Ok(write_whole(&result.join(SCORE), (text + "\n").as_bytes())?)
    }
}

fn too_short() -> StudyError {
    StudyError::Input(
        "no observed epoch is completed by every replica: lengthen `run.days`, or begin `[observed]` earlier"
            .to_owned(),
    )
}

impl Destination<Scoring> for Memory {
    type Found = ScoreCard;

    fn fill(self, study: &Scoring, work: &mut Work<'_>) -> Result<ScoreCard, StudyError> {
        let resolved = study.run.resolved();
        let mut seen = seen_paths(&resolved.scenario, Running::of(work))?;
        // The tables in a folder have instants rounded to the second. Rounding here gives identical scores.
        let start = resolved.scenario.run.start;
        for epoch in seen.histories.iter_mut().flatten() {
            epoch.start = start.after(epoch.start).since(start);
        }
        let simulated = (&seen.histories[..], seen.failed.len() as u64);
        score_card(resolved, &study.reference, simulated, Running::of(work))?.ok_or_else(too_short)
    }
}

impl Destination<Scoring> for Folder<'_> {
    type Found = FolderOutcome;

    fn fill(self, study: &Scoring, work: &mut Work<'_>) -> Result<FolderOutcome, StudyError> {
        let total = study.run.replicas();
        let Some(mut open) = OpenRun::open(&study.run, &self, work)? else {
            return FolderOutcome::of(self.path, total);
        };
        open.run(work)?;
        let failures = open.finish_with(Some(&|result, taken, work| study.add(result, taken, work)), work)?;
        Ok(FolderOutcome { path: self.path, failures, total })
    }
}
