use super::{Calibrate, Fit, failure_in_queue};
use crate::{
    cli::{
        failure::{Failure, none_left, warn_of},
        terminal,
    },
    figure::draw_calibration,
    output::{
        calibrate::{Cell, SampledTables},
        calibrated::Calibrated,
        csv::Rows,
        disk::DiskError,
        failed::{FILE, Keeping, read_failures},
        folder::{Opened, PartialFolder},
        manifest::Manifest,
    },
    random::{Purpose, name_hash, stream},
    study::{
        Lost, QueueError, ReplicaError, Sink,
        calibrate::{Outcome, Proposal, Sampler, choose, effective_size},
        run_queue,
    },
};
use rand::RngExt as _;
use std::{path::Path, sync::atomic::AtomicBool};

/// Tables of a finished calibration.
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

impl Calibrate {
    /// Samples the posterior and tries it out.
    pub(super) fn sample(&self, fit: &Fit<'_>, folder: &Path, stop: &AtomicBool) -> Result<(), Failure> {
        let tables = SampledTables::new(&fit.parameters, &fit.episodes);
        match PartialFolder::open(folder, &fit.plan, self.existing.mode(), &tables.files())? {
            Opened::Finished => self.talk(&format!("{} is finished: nothing to do", folder.display())),
            Opened::Partial(mut partial) => {
                terminal::note_damage(&partial);
                let target = fit.summarised(&fit.observed);
                let mut sampler = Sampler::new(&fit.space, &target, fit.settings);
                let written = tables.read_particles(&partial.result())?;
                let outcome = self.generations(fit, &tables, &mut sampler, written, &mut partial, stop);
                if matches!(outcome, Err(Failure::Input(_))) && sampler.generations().is_empty() && !self.fail_fast {
                    let failures = read_failures(&partial.result())?;
                    if failures.count == partial.next() {
                        partial.abandon()?;
                        return Err(none_left(&failures, "histories drawn from the prior"));
                    }
                }
                let Begun { particles, histories } = outcome?;
                let bug = || Failure::Bug("sampling ended without a generation".to_owned());
                let (episodes, truth) = ((&fit.episodes[..], &fit.observed[..]), fit.truth.as_deref());
                let calibrated = Calibrated::new(&fit.parameters, episodes, truth, &sampler).ok_or_else(bug)?;
                self.predict(fit, &tables, &calibrated, particles, &mut partial, stop)?;
                partial.mark()?;
                let result = partial.result();
                let count = (histories + fit.predictive, read_failures(&result)?.count);
                calibrated.write(&result, &tables.read_paths(&result)?, count)?;
                if !self.no_charts {
                    draw_calibration(&result, &result.join("charts"), &self.style())?;
                }
                let manifest = Manifest::new(&fit.plan, &fit.canonical)
                    .with_command(&self.line())
                    .with_tables(TABLES.map(str::to_owned));
                partial.finish(manifest, true)?;
                if !self.quiet && !self.json {
                    terminal::print(&calibrated.as_text())?;
                }
                self.talk(&format!("results in {}", folder.display()));
            }
        }
        let path = folder.join("calibration.json");
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Failure::Disk(format!("cannot read {}: {error}", path.display())))?;
        if self.json {
            terminal::print(&text)?;
        }
        let found: serde_json::Value = serde_json::from_str(&text)
            .map_err(|error| Failure::Disk(format!("{} is damaged: {error}", path.display())))?;
        warn_of(&read_failures(folder)?, found["histories"].as_u64().unwrap_or(0), "histories", Some(FILE))
    }

    /// Samples generation after generation.
    fn generations(
        &self,
        fit: &Fit<'_>,
        tables: &SampledTables<'_>,
        sampler: &mut Sampler<'_>,
        written: Vec<Outcome>,
        partial: &mut PartialFolder,
        stop: &AtomicBool,
    ) -> Result<Begun, Failure> {
        let population = fit.settings.population;
        let mut written = written.into_iter();
        let (mut first, mut histories) = (0, 0);
        while let Some(proposal) = sampler.proposal() {
            // What was written before an interruption is taken as it stands.
            let mut outcomes: Vec<Outcome> = written.by_ref().take(population).collect();
            let is_given_up = outcomes.last().is_some_and(|outcome| matches!(outcome, Outcome::GivenUp { .. }));
            if !is_given_up && outcomes.len() < population {
                self.particles(fit, tables, &proposal, first, &mut outcomes, partial, stop)?;
            }
            first += outcomes.len() as u64;
            histories += outcomes.iter().map(Outcome::attempts).sum::<u64>();
            sampler.close(&proposal, outcomes).map_err(|error| Failure::Input(error.to_string()))?;
            self.tell(sampler, &proposal);
        }
        Ok(Begun { particles: first, histories })
    }

    /// Makes the particles of a generation that are not there yet.
    #[expect(clippy::too_many_arguments, reason = "one generation and all it is made of")]
    fn particles(
        &self,
        fit: &Fit<'_>,
        tables: &SampledTables<'_>,
        proposal: &Proposal<'_>,
        first: u64,
        outcomes: &mut Vec<Outcome>,
        partial: &mut PartialFolder,
        stop: &AtomicBool,
    ) -> Result<(), Failure> {
        let (begin, end) = (first + outcomes.len() as u64, first + fit.settings.population as u64);
        let unfinished = partial.partial().to_owned();
        let bar = terminal::progress(end - first, begin - first, self.quiet);
        let simulate = fit.simulator();
        let mut kept = Kept { partial, outcomes };
        let outcome = run_queue(
            begin..end,
            self.threads(),
            |item, stop| {
                let number = item - first;
                let (outcome, mut failed) = proposal.particle(number, &simulate, stop)?;
                if self.fail_fast && !failed.is_empty() {
                    return Err(ReplicaError::Lost(failed.swap_remove(0).lost));
                }
                let rows = tables.particle(proposal.number(), number, &outcome, self.failed_rows("", &failed));
                Ok((outcome, rows))
            },
            &mut kept,
            stop,
            &mut |done| bar.set_position(done - first),
        );
        bar.finish_and_clear();
        let name = |item: u64| format!("particle {} of generation {}", item - first, proposal.number());
        match outcome {
            Ok(_) | Err(QueueError::Sink(Refusal::GivenUp)) => Ok(()),
            Err(error) => Err(failure_in_queue(as_disk(error), &unfinished, name)),
        }
    }

    fn tell(&self, sampler: &Sampler<'_>, proposal: &Proposal<'_>) {
        match sampler.generations().last().filter(|last| last.number == proposal.number()) {
            Some(last) => {
                let tolerance =
                    if last.tolerance.is_finite() { format!("{:.3}", last.tolerance) } else { "any".to_owned() };
                let failed = last.failed();
                let failed = if failed > 0 { format!(", {failed} could not be run") } else { String::new() };
                self.talk(&format!(
                    "generation {}: distance {tolerance}, {} of {} histories accepted{failed}, effective size {:.0}",
                    last.number,
                    last.accepted(),
                    last.attempts(),
                    effective_size(&last.weights()),
                ));
            }
            None => self.talk(&format!("generation {}: given up", proposal.number())),
        }
        if let Some(ending) = sampler.ending() {
            self.talk(&format!("sampling ended: {}", ending.words()));
        }
    }

    /// Simulates draws of the posterior anew.
    fn predict(
        &self,
        fit: &Fit<'_>,
        tables: &SampledTables<'_>,
        calibrated: &Calibrated<'_>,
        first: u64,
        partial: &mut PartialFolder,
        stop: &AtomicBool,
    ) -> Result<(), Failure> {
        let unfinished = partial.partial().to_owned();
        let bar = terminal::progress(fit.predictive, partial.next() - first, self.quiet);
        let row = |item: u64, lost: &Lost| {
            self.failed_row([Cell::Text("prediction"), Cell::Count(item - first), Cell::Text("")], lost)
        };
        let row: &dyn Fn(u64, &Lost) -> Vec<u8> = &row;
        let outcome = run_queue(
            partial.next()..first + fit.predictive,
            self.threads(),
            |item, stop| {
                let draw = item - first;
                let mut random = stream(fit.settings.seed, draw, Purpose::Calibration, name_hash("predictive"));
                let chosen = choose(&calibrated.draws.weights, &mut random);
                let histories = fit.histories(&calibrated.draws.values[chosen], random.random(), stop)?;
                Ok(tables.paths(draw, &histories))
            },
            &mut Keeping::new(partial, (!self.fail_fast).then_some(row)),
            stop,
            &mut |done| bar.set_position(done - first),
        );
        bar.finish_and_clear();
        let name = |item: u64| format!("posterior draw {}", item - first);
        outcome.map(|_| ()).map_err(|error| failure_in_queue(error, &unfinished, name))
    }
}

/// What was begun while a posterior was sampled.
struct Begun {
    /// Particles written.
    particles: u64,
    /// Histories of these, those of a generation that was given up among them.
    histories: u64,
}

/// Writes particles and keeps them.
struct Kept<'a> {
    partial: &'a mut PartialFolder,
    outcomes: &'a mut Vec<Outcome>,
}

/// Why no more particles are wanted.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("a particle was given up")]
    GivenUp,
}

impl Sink for Kept<'_> {
    type Output = (Outcome, Rows);
    type Error = Refusal;

    fn accept(&mut self, item: u64, (outcome, rows): (Outcome, Rows)) -> Result<(), Refusal> {
        self.partial.accept(item, rows)?;
        let is_given_up = matches!(outcome, Outcome::GivenUp { .. });
        self.outcomes.push(outcome);
        if is_given_up { Err(Refusal::GivenUp) } else { Ok(()) }
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
