use super::{
    Adjusted, FittedFolder, History, Marginal, Outcome, Proposal, Sampler,
    calibrated::Calibrated,
    choose, effective_size,
    fit::{Fit, Fitting, error_in_queue},
    tables::SampledTables,
};
use crate::{
    output::{
        csv::{Cell, Rows},
        disk::DiskError,
        failed::{FILE, read_failures},
        folder::PartialFolder,
        keeping::Keeping,
        manifest::Manifest,
    },
    random::{Purpose, name_hash, stream},
    study::{
        Destination, Failures, Fault, Folder, FolderOutcome, Kind, Lost, Memory, QueueError, ReplicaError, Sink,
        StudyError, Work, dictionary::every_table, run::open_partial, run_queue,
    },
};
use rand::RngExt as _;
use std::sync::{Arc, atomic::AtomicBool};

/// The tables of a finished calibration.
const TABLES: [&str; 10] = [
    "correlations.csv",
    FILE,
    "generations.csv",
    "parameters.csv",
    "particles.csv",
    "paths.csv",
    "posterior.csv",
    "predictive.csv",
    "profile.csv",
    "summaries.csv",
];

/// The result of a calibration in memory.
#[derive(Clone, Debug)]
pub struct Posterior {
    /// The names of the parameters.
    pub names: Vec<String>,
    /// Posterior draws after the regression, with their weights.
    pub draws: Adjusted,
    /// The marginal posterior of each parameter.
    pub marginals: Vec<Marginal>,
    /// Posterior predictive histories: for each draw, the newly simulated history of every scenario. Draws that could not be
    /// simulated are left out.
    pub predictive: Vec<Vec<History>>,
    /// The contents of `calibration.json`.
    pub report: serde_json::Value,
}

impl Destination<Fitting> for Memory {
    type Found = Posterior;

    fn fill(self, study: &Fitting, work: &mut Work<'_>) -> Result<Posterior, StudyError> {
        if study.options.truths.is_some() {
            return Err(StudyError::Input("ranks of truths need a result folder".to_owned()));
        }
        let loaders = study.loaders();
        let fit = study.fit(&loaders, work)?;
        let tables = SampledTables::new(&fit.parameters, &fit.episodes);
        let target = fit.summarised(&fit.observed);
        let mut sampler = Sampler::new(&fit.space, &target, fit.settings);
        let sampling = Sampling { study, fit: &fit, tables: &tables };
        let mut failures = Failures::default();
        let begun = sampling.generations(&mut sampler, Vec::new(), &mut Kept::in_memory(&mut failures), work);
        let begun = begun.map_err(|error| none_of_the_prior(error, &sampler, &failures, work))?;
        let calibrated = calibrated(&fit, &sampler)?;
        let mut predictive = Drawn { histories: Vec::new(), failures: &mut failures, fail_fast: work.fail_fast };
        let draws = 0..fit.predictive;
        work.progress(0, fit.predictive);
        let (stop, total) = (Arc::clone(work.stop()), fit.predictive);
        run_queue(
            draws,
            work.threads,
            |draw, stop| predicted(&fit, &calibrated, draw, stop),
            &mut predictive,
            &stop,
            &mut |done| work.progress(done + 1, total),
        )
        .map_err(|error| error_in_queue(error, None, |draw| format!("posterior draw {draw}")))?;
        let predictive = predictive.histories;
        Ok(Posterior {
            names: fit.parameters.iter().map(|parameter| parameter.name.clone()).collect(),
            report: calibrated.json((begun.histories + fit.predictive, failures.count)),
            draws: calibrated.draws.clone(),
            marginals: calibrated.marginals.clone(),
            predictive,
        })
    }
}

impl Destination<Fitting> for Folder<'_> {
    type Found = FittedFolder;

    fn fill(self, study: &Fitting, work: &mut Work<'_>) -> Result<FittedFolder, StudyError> {
        let loaders = study.loaders();
        let fit = study.fit(&loaders, work)?;
        let text = match study.options.truths {
            Some(truths) => study.rank(&fit, truths, &self, work)?,
            None => study.sample(&fit, &self, work)?,
        };
        let histories = super::rank::report_in(&self.path)?["histories"].as_u64().unwrap_or(0);
        Ok(FittedFolder { outcome: FolderOutcome::of(self.path, histories)?, text })
    }
}

fn calibrated<'a>(fit: &'a Fit<'_>, sampler: &'a Sampler<'_>) -> Result<Calibrated<'a>, StudyError> {
    let bug = || StudyError::Bug("sampling ended without a generation".to_owned());
    let (episodes, truth) = ((&fit.episodes[..], &fit.observed[..]), fit.truth.as_deref());
    Calibrated::new(&fit.parameters, episodes, truth, sampler).ok_or_else(bug)
}

/// Simulates the histories of one posterior draw.
fn predicted(
    fit: &Fit<'_>,
    calibrated: &Calibrated<'_>,
    draw: u64,
    stop: &AtomicBool,
) -> Result<Vec<History>, ReplicaError> {
    let mut random = stream(fit.settings.seed, draw, Purpose::Calibration, name_hash("predictive"));
    let chosen = choose(&calibrated.draws.weights, &mut random);
    fit.histories(&calibrated.draws.values[chosen], random.random(), stop)
}

/// Replaces the error if no prior draw could be simulated.
fn none_of_the_prior(error: StudyError, sampler: &Sampler<'_>, failures: &Failures, work: &Work<'_>) -> StudyError {
    let is_none = error.fault() == Fault::Input && sampler.generations().is_empty() && !work.fail_fast;
    if is_none && failures.count > 0 {
        return StudyError::NoneLeft { failures: failures.clone(), what: "histories drawn from the prior" };
    }
    error
}

/// Samples a posterior.
struct Sampling<'a> {
    study: &'a Fitting,
    fit: &'a Fit<'a>,
    tables: &'a SampledTables<'a>,
}

impl Sampling<'_> {
    /// Samples one generation after another. Particles in `written`, which were sampled before an interruption, are reused.
    fn generations(
        &self,
        sampler: &mut Sampler<'_>,
        written: Vec<Outcome>,
        kept: &mut Kept<'_>,
        work: &mut Work<'_>,
    ) -> Result<Begun, StudyError> {
        let population = self.fit.settings.population;
        let mut written = written.into_iter();
        let (mut first, mut histories) = (0, 0);
        while let Some(proposal) = sampler.proposal() {
            kept.outcomes = written.by_ref().take(population).collect();
            let is_given_up = kept.outcomes.last().is_some_and(|outcome| matches!(outcome, Outcome::GivenUp { .. }));
            if !is_given_up && kept.outcomes.len() < population {
                self.particles(&proposal, first, kept, work)?;
            }
            let outcomes = std::mem::take(&mut kept.outcomes);
            first += outcomes.len() as u64;
            histories += outcomes.iter().map(Outcome::attempts).sum::<u64>();
            sampler.close(&proposal, outcomes).map_err(|error| StudyError::Input(error.to_string()))?;
            tell(sampler, &proposal, work);
        }
        Ok(Begun { particles: first, histories })
    }

    /// Samples the missing particles of a generation.
    fn particles(
        &self,
        proposal: &Proposal<'_>,
        first: u64,
        kept: &mut Kept<'_>,
        work: &mut Work<'_>,
    ) -> Result<(), StudyError> {
        let &Self { study, fit, tables } = self;
        let population = fit.settings.population as u64;
        let begin = first + kept.outcomes.len() as u64;
        let unfinished = kept.partial.as_ref().map(|partial| partial.partial().to_owned());
        let (simulate, fail_fast, stop) = (fit.simulator(), work.fail_fast, Arc::clone(work.stop()));
        work.progress(begin - first, population);
        let outcome = run_queue(
            begin..first + population,
            work.threads,
            |item, stop| {
                let number = item - first;
                let (outcome, mut failed) = proposal.particle(number, &simulate, stop)?;
                if fail_fast && !failed.is_empty() {
                    return Err(ReplicaError::Lost(failed.swap_remove(0).lost));
                }
                let rows = tables.particle(proposal.number(), number, &outcome, study.failed_rows("", &failed));
                Ok((outcome, rows, failed.into_iter().map(|failed| failed.lost).collect()))
            },
            kept,
            &stop,
            &mut |done| work.progress(done + 1 - first, population),
        );
        let name = |item: u64| format!("particle {} of generation {}", item - first, proposal.number());
        match outcome {
            Ok(_) | Err(QueueError::Sink(Refusal::GivenUp)) => Ok(()),
            Err(error) => Err(error_in_queue(as_disk(error), unfinished.as_deref(), name)),
        }
    }

    /// Simulates posterior draws anew and writes them into a folder.
    fn predict(
        &self,
        calibrated: &Calibrated<'_>,
        first: u64,
        partial: &mut PartialFolder,
        work: &mut Work<'_>,
    ) -> Result<(), StudyError> {
        let &Self { study, fit, tables } = self;
        let unfinished = partial.partial().to_owned();
        let row = |item: u64, lost: &Lost| {
            study.failed_row([Cell::Text("prediction"), Cell::Count(item - first), Cell::Text("")], lost)
        };
        let row: &dyn Fn(u64, &Lost) -> Vec<u8> = &row;
        let (stop, total) = (Arc::clone(work.stop()), fit.predictive);
        work.progress(partial.next() - first, total);
        let outcome = run_queue(
            partial.next()..first + total,
            work.threads,
            |item, stop| Ok(tables.paths(item - first, &predicted(fit, calibrated, item - first, stop)?)),
            &mut Keeping::new(partial, (!work.fail_fast).then_some(row)),
            &stop,
            &mut |done| work.progress(done + 1 - first, total),
        );
        let name = |item: u64| format!("posterior draw {}", item - first);
        outcome.map(|_| ()).map_err(|error| error_in_queue(error, Some(&unfinished), name))
    }
}

impl Fitting {
    /// Samples the posterior into a folder and returns the results as text; `None` if the folder was already finished.
    fn sample(&self, fit: &Fit<'_>, folder: &Folder<'_>, work: &mut Work<'_>) -> Result<Option<String>, StudyError> {
        let tables = SampledTables::new(&fit.parameters, &fit.episodes);
        let (plan, canonical) = self.plan(fit, folder);
        let Some(mut partial) = open_partial(folder, &plan, &tables.files(), work)? else { return Ok(None) };
        let target = fit.summarised(&fit.observed);
        let mut sampler = Sampler::new(&fit.space, &target, fit.settings);
        let written = tables.read_particles(&partial.result())?;
        let sampling = Sampling { study: self, fit, tables: &tables };
        let begun = sampling.generations(&mut sampler, written, &mut Kept::in_folder(&mut partial), work);
        if begun.as_ref().is_err_and(|error| error.fault() == Fault::Input)
            && sampler.generations().is_empty()
            && !work.fail_fast
        {
            let failures = read_failures(&partial.result())?;
            if failures.count == partial.next() {
                partial.abandon()?;
                return Err(StudyError::NoneLeft { failures, what: "histories drawn from the prior" });
            }
        }
        let Begun { particles, histories } = begun?;
        let calibrated = calibrated(fit, &sampler)?;
        sampling.predict(&calibrated, particles, &mut partial, work)?;
        partial.mark()?;
        let result = partial.result();
        let count = (histories + fit.predictive, read_failures(&result)?.count);
        calibrated.write(&result, &tables.read_paths(&result)?, count)?;
        let manifest = fit
            .with_files(Manifest::new(&plan, &canonical))
            .with_command(&self.line(folder))
            .with_tables(TABLES.map(str::to_owned));
        folder.draw(Kind::Calibration, &result, &manifest)?;
        partial.finish(manifest, true, &every_table())?;
        Ok(Some(calibrated.as_text()))
    }
}

fn tell(sampler: &Sampler<'_>, proposal: &Proposal<'_>, work: &mut Work<'_>) {
    match sampler.generations().last().filter(|last| last.number == proposal.number()) {
        Some(last) => {
            let tolerance =
                if last.tolerance.is_finite() { format!("{:.3}", last.tolerance) } else { "any".to_owned() };
            let failed = last.failed();
            let failed = if failed > 0 { format!(", {failed} could not be run") } else { String::new() };
            work.say(&format!(
                "generation {}: distance {tolerance}, {} of {} histories accepted{failed}, effective size {:.0}",
                last.number,
                last.accepted(),
                last.attempts(),
                effective_size(&last.weights()),
            ));
        }
        None => work.say(&format!("generation {}: given up", proposal.number())),
    }
    if let Some(ending) = sampler.ending() {
        work.say(&format!("sampling ended: {}", ending.words()));
    }
}

/// Numbers of particles and histories begun during sampling.
struct Begun {
    /// Particles sampled.
    particles: u64,
    /// Histories begun, including those of a generation that was given up.
    histories: u64,
}

/// Keeps particles in memory and, if there is a folder, writes them to it.
struct Kept<'a> {
    outcomes: Vec<Outcome>,
    partial: Option<&'a mut PartialFolder>,
    failures: Option<&'a mut Failures>,
}

impl<'a> Kept<'a> {
    fn in_folder(partial: &'a mut PartialFolder) -> Self {
        Self { outcomes: Vec::new(), partial: Some(partial), failures: None }
    }

    fn in_memory(failures: &'a mut Failures) -> Self {
        Self { outcomes: Vec::new(), partial: None, failures: Some(failures) }
    }
}

/// The reason why the sink accepts no more particles.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("a particle was given up")]
    GivenUp,
}

impl Sink for Kept<'_> {
    type Output = (Outcome, Rows, Vec<Lost>);
    type Error = Refusal;

    fn accept(&mut self, item: u64, (outcome, rows, failed): Self::Output) -> Result<(), Refusal> {
        if let Some(partial) = &mut self.partial {
            partial.accept(item, rows)?;
        }
        if let Some(failures) = &mut self.failures {
            for lost in failed {
                failures.add(&lost.reason, lost.is_bug, || format!("particle {item}"));
            }
        }
        let is_given_up = matches!(outcome, Outcome::GivenUp { .. });
        self.outcomes.push(outcome);
        if is_given_up { Err(Refusal::GivenUp) } else { Ok(()) }
    }
}

/// Collects the histories of posterior draws.
struct Drawn<'a> {
    histories: Vec<Vec<History>>,
    failures: &'a mut Failures,
    fail_fast: bool,
}

impl Sink for Drawn<'_> {
    type Output = Vec<History>;
    type Error = DiskError;

    fn accept(&mut self, _: u64, histories: Vec<History>) -> Result<(), DiskError> {
        self.histories.push(histories);
        Ok(())
    }

    fn lose(&mut self, draw: u64, lost: Lost) -> Result<Option<Lost>, DiskError> {
        if self.fail_fast {
            return Ok(Some(lost));
        }
        self.failures.add(&lost.reason, lost.is_bug, || format!("posterior draw {draw}"));
        Ok(None)
    }
}

fn as_disk(error: QueueError<Refusal>) -> QueueError<DiskError> {
    match error {
        QueueError::Sink(Refusal::Disk(error)) => QueueError::Sink(error),
        QueueError::Sink(Refusal::GivenUp) => unreachable!("it has been told from a failure"),
        QueueError::Lost { item, lost } => QueueError::Lost { item, lost },
        QueueError::Interrupted { next } => QueueError::Interrupted { next },
        QueueError::Threads(error) => QueueError::Threads(error),
    }
}
