use super::{
    failure::{Failure, none_left, warn_of},
    options::{Events, RunOptions, ScenarioOptions, WorkOptions},
    question::Questions,
    terminal,
};
use crate::{
    figure::{draw_all, write_page, write_pngs},
    output::{
        calibrate::Cell,
        csv::{Recorder, Recording},
        disk::write_whole,
        failed::{self, Keeping, read_failures},
        folder::{FolderError, MANIFEST, Opened, PartialFolder, TableFile},
        manifest::Manifest,
        plan::Plan,
        population::write_population,
        shell::line,
        summary::{RunFacts, Summary},
        table::{Table, Tables},
    },
    report::plain,
    scenario::{Resolved, Scenario},
    simulation::{Engine, SimulationError},
    study::{Ensemble, Lost, ReplicaError, run_ensemble},
};
use clap::Args;
use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// Simulate a scenario.
#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    pub scenario: ScenarioOptions,
    #[command(flatten)]
    pub options: WorkOptions,
    #[command(flatten)]
    pub own: RunOptions,
}

/// What another command adds to the folder of a run.
pub struct Addition<'a> {
    /// Part of the plan: a run with the addition is not one without.
    pub name: &'static str,
    /// Makes it from the finished tables.
    pub make: &'a dyn Fn(&Path) -> Result<(), Failure>,
}

/// How long each phase took: the one thing of a result folder that differs between runs.
#[derive(Debug)]
pub struct Phases {
    since: Instant,
    took: Vec<(&'static str, Duration)>,
}

impl Phases {
    #[expect(clippy::disallowed_methods, reason = "timings are in the manifest alone")]
    pub fn begin() -> Self {
        Self { since: Instant::now(), took: Vec::new() }
    }

    #[expect(clippy::disallowed_methods, reason = "timings are in the manifest alone")]
    fn end(&mut self, phase: &'static str) {
        let now = Instant::now();
        self.took.push((phase, now - self.since));
        self.since = now;
    }
}

/// What a result is made from.
struct Origin<'a> {
    engine: &'a Engine<'a>,
    resolved: &'a Resolved,
    plan: &'a Plan,
    questions: &'a Questions,
}

/// Between two parts of the work on finished tables, which takes seconds where there are many.
fn unless_stopped(stop: &AtomicBool, partial: &PartialFolder) -> Result<(), Failure> {
    if !stop.load(Ordering::Relaxed) {
        return Ok(());
    }
    let shown = partial.partial().display();
    Err(Failure::Interrupted(format!("interrupted: all histories are in {shown}; --resume goes on from there")))
}

impl Run {
    pub fn call(&self) -> Result<(), Failure> {
        let phases = Phases::begin();
        let resolved = self.scenario.load()?;
        let folder = self.options.folder(&self.scenario, "");
        if resolved.reserved("sweep").is_some() {
            self.talk("this scenario has a [sweep]: `shakeout sweep` runs all its points; this runs it as it stands");
        }
        // Before there is anything that could be left behind without a word.
        let stop = terminal::stop_flag()?;
        self.fill(&resolved, &folder, &stop, None, phases)?;
        self.print_headline(&folder)?;
        self.warn(&resolved, &folder)
    }

    /// Warns of replicas that could not be run.
    pub fn warn(&self, resolved: &Resolved, folder: &Path) -> Result<(), Failure> {
        warn_of(&read_failures(folder)?, self.histories(&resolved.scenario).1, "replicas", Some(failed::FILE))
    }

    /// The number of the first history, and how many there are.
    fn histories(&self, scenario: &Scenario) -> (u64, u64) {
        self.own.replica.map_or((0, scenario.run.replicas), |replica| (replica, 1))
    }

    /// Runs a scenario into a folder, and lets another command add to it before it is finished.
    pub fn fill(
        &self,
        resolved: &Resolved,
        folder: &Path,
        stop: &AtomicBool,
        addition: Option<&Addition<'_>>,
        mut phases: Phases,
    ) -> Result<(), Failure> {
        let tables = self.own.tables()?;
        let plan = self.plan(resolved, tables);
        let plan = addition.map_or_else(|| plan.clone(), |addition| plan.clone().with_option(addition.name, "true"));
        let mode = self.options.existing.mode();
        if PartialFolder::is_finished(folder, &plan, mode)? {
            self.talk(&format!("{} is finished: nothing to do", folder.display()));
            return Ok(());
        }
        let questions = self.scenario.questions(resolved);
        questions.tell(self.options.quiet, self.options.deny_warnings)?;
        let engine = Engine::new_unless(&resolved.scenario, self.options.audit, stop)
            .map_err(|error| questions.cause_of(error))?
            .following(self.own.follow.clone());
        // Which firms there are does not depend on the replica. Another reason why one cannot begin is its own.
        if let Err(error @ (SimulationError::NoSuchFirm { .. } | SimulationError::Interrupted)) =
            engine.begin_unless(0, stop)
        {
            return Err(error.into());
        }
        phases.end("read");
        let mut files = TableFile::of(tables);
        files.push(failed::file(failed::RUN));
        match PartialFolder::open(folder, &plan, mode, &files)? {
            Opened::Finished => self.talk(&format!("{} is finished: nothing to do", folder.display())),
            Opened::Partial(mut partial) => {
                terminal::note_damage(&partial);
                self.simulate(&engine, resolved, tables, &mut partial, stop)?;
                let failures = read_failures(&partial.result())?;
                if failures.count == partial.next() {
                    partial.abandon()?;
                    return Err(none_left(&failures, "replicas"));
                }
                phases.end("simulate");
                if let Some(addition) = addition {
                    (addition.make)(&partial.result())?;
                    phases.end(addition.name);
                }
                let origin = Origin { engine: &engine, resolved, plan: &plan, questions: &questions };
                self.conclude(&origin, tables, partial, phases, stop)?;
            }
        }
        Ok(())
    }

    /// All that the bytes of the result depend on.
    fn plan(&self, resolved: &Resolved, tables: Tables) -> Plan {
        let run = &resolved.scenario.run;
        let names: Vec<&str> = tables.iter().map(Table::name).collect();
        let options = &self.options;
        let mut plan = Plan::new(&resolved.canonical(), run.seed, self.histories(&resolved.scenario).1)
            .with_option("tables", &names.join(","))
            .with_option("events", &format!("{:?}", self.own.events))
            .with_option("format", &format!("{:?}", options.output.format))
            .with_option("charts", &format!("{}", !options.output.no_charts))
            .with_option("report", &format!("{}", !options.output.no_report))
            .with_option("figure-size", &format!("{:?}", options.output.style()))
            .with_option("png", &options.output.png.to_string());
        if let Some(replica) = self.own.write_population {
            plan = plan.with_option("write-population", &replica.to_string());
        }
        if let Some(replica) = self.own.replica {
            plan = plan.with_option("replica", &replica.to_string());
        }
        if let Some(firm) = &self.own.follow {
            plan = plan.with_option("follow", firm);
        }
        plan.with_tables_among(resolved.sources.iter())
    }

    /// What to type in the scenario's folder to get the same bytes.
    fn line(&self, command: &str) -> String {
        let words = ["shakeout", command].map(str::to_owned).to_vec();
        line(&[words, self.scenario.words(), self.own.words(), self.options.output.words()].concat())
    }

    fn simulate(
        &self,
        engine: &Engine<'_>,
        resolved: &Resolved,
        tables: Tables,
        partial: &mut PartialFolder,
        stop: &AtomicBool,
    ) -> Result<(), Failure> {
        let scenario = &resolved.scenario;
        let recording = Recording::new(scenario.run.start, tables);
        let is_alone = self.own.replica.is_some();
        let recording =
            if self.own.events == Events::All || is_alone { recording.with_all_events() } else { recording };
        let (first, count) = self.histories(scenario);
        let bar = terminal::progress(count, partial.next(), self.options.quiet);
        let ensemble =
            Ensemble { replicas: partial.next()..count, seed: scenario.run.seed, threads: self.options.threads() };
        let unfinished = partial.partial().to_owned();
        let row = |item: u64, lost: &Lost| {
            let replica = first.saturating_add(item);
            let flags = self.scenario.changes.flags_of(&[], scenario.run.seed, replica);
            let mut text = Vec::new();
            failed::write_lost(&mut text, [Cell::Count(replica)], scenario.run.seed, lost, &flags);
            text
        };
        let row: &dyn Fn(u64, &Lost) -> Vec<u8> = &row;
        let outcome = run_ensemble(
            &ensemble,
            |item, stop| {
                let replica = first.saturating_add(item);
                let mut recorder = Recorder::new(&recording, replica);
                engine.run(replica, &mut recorder, stop)?;
                recorder.finish().map_err(ReplicaError::bug)
            },
            &mut Keeping::new(partial, (!self.options.fail_fast).then_some(row)),
            stop,
            &mut |done| bar.set_position(done),
        );
        bar.finish_and_clear();
        outcome.map(|_| ()).map_err(|error| match Failure::from(error) {
            Failure::Interrupted(text) => {
                Failure::Interrupted(format!("{text} in {}; --resume goes on from there", unfinished.display()))
            }
            other => other,
        })
    }

    /// Makes what is made from the finished tables, and gives the folder its name.
    fn conclude(
        &self,
        &Origin { engine, resolved, plan, questions }: &Origin<'_>,
        tables: Tables,
        partial: Box<PartialFolder>,
        mut phases: Phases,
        stop: &AtomicBool,
    ) -> Result<(), Failure> {
        let options = &self.options;
        let goes_on = || unless_stopped(stop, &partial);
        let result = partial.result();
        let scenario = &resolved.scenario;
        let facts = RunFacts {
            title: scenario.title.clone(),
            question: scenario.question.clone(),
            answers: scenario.answers.clone(),
            scenario_sha256: plan.scenario_sha256.clone(),
            seed: scenario.run.seed,
        };
        Summary::of_folder(&result, facts)?.write(&result)?;
        goes_on()?;
        if let Some(replica) = self.own.write_population {
            match engine.population_unless(replica, stop) {
                Ok(population) => write_population(&population, &scenario.power, &result.join("population.csv"))?,
                Err(error @ SimulationError::Interrupted) => return Err(error.into()),
                Err(error) => {
                    self.talk(&format!("warning: no population.csv, since replica {replica} has no miners: {error}"));
                }
            }
        }
        phases.end("summarise");
        let metadata =
            [("shakeout.version", plan.version.as_str()), ("shakeout.scenario_sha256", &plan.scenario_sha256)];
        options.output.format.write_twins(&result, &tables.described(), &metadata)?;
        phases.end("convert");
        goes_on()?;
        let origins = resolved.values.iter().map(|value| (value.key(), value.origin.to_string()));
        let manifest = Manifest::new(plan, &resolved.canonical())
            .with_command(&self.line(plan.options.get("score").map_or("run", |_| "score")))
            .with_tables(options.output.format.files(&tables.described()))
            .with_tables([failed::FILE.to_owned()])
            .with_files_among(resolved.sources.iter())
            .with_origins(origins)
            .with_questions(questions.kept());
        let drawable = [Table::Days, Table::Epochs, Table::Fleet].into_iter().all(|table| tables.contains(table));
        if drawable && !options.output.no_charts {
            let charts = draw_all(&result, &result.join("charts"), &options.output.style())?;
            if options.output.png {
                write_pngs(&charts)?;
            }
        }
        phases.end("draw");
        goes_on()?;
        if drawable && !options.output.no_report {
            write_whole(&result.join(MANIFEST), &manifest.to_json())?;
            write_page(&result, &result.join("report.html"))?;
        }
        phases.end("report");
        let manifest = phases.took.iter().fold(manifest, |manifest, &(phase, took)| manifest.with_timing(phase, took));
        partial.finish(manifest, options.output.format.has_csv()).map_err(|error: FolderError| error.into())
    }

    fn talk(&self, text: &str) {
        if !self.options.quiet {
            terminal::talk(&format!("{text}\n"));
        }
    }

    fn print_headline(&self, folder: &Path) -> Result<(), Failure> {
        if self.options.json {
            let path = folder.join("summary.json");
            let text = std::fs::read_to_string(&path)
                .map_err(|error| Failure::Disk(format!("cannot read {}: {error}", path.display())))?;
            let value: serde_json::Value = serde_json::from_str(&text)
                .map_err(|error| Failure::Disk(format!("{} is damaged: {error}", path.display())))?;
            return terminal::print(&format!("{value}\n"));
        }
        if !self.options.quiet {
            terminal::print(&plain(&crate::report::Summary::read(folder)?, terminal::width()))?;
        }
        self.talk(&format!("results in {}", folder.display()));
        Ok(())
    }
}
