use super::{
    failure::Failure,
    options::{Events, RunOptions, ScenarioOptions, WorkOptions},
    terminal,
};
use crate::{
    experiment::{Ensemble, ReplicaError, run_ensemble},
    output::{
        csv::{Recorder, Recording},
        disk::write_whole,
        folder::{FolderError, MANIFEST, Opened, PartialFolder, TableFile},
        manifest::Manifest,
        plan::{Plan, sha256},
        population::write_population,
        summary::{RunFacts, Summary},
        table::{Table, Tables},
    },
    report::{draw_all, plain, write_page, write_pngs},
    scenario::{Resolved, Role},
    simulation::{Engine, SimulationError},
};
use clap::Args;
use std::{
    path::Path,
    sync::atomic::AtomicBool,
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
        self.print_headline(&folder)
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
        let engine = Engine::new(&resolved.scenario, self.options.audit)?.following(self.own.follow.clone());
        // What cannot begin at all leaves no unfinished folder behind.
        engine.begin(0)?;
        phases.end("read");
        match PartialFolder::open(folder, &plan, self.options.existing.mode(), &TableFile::of(tables))? {
            Opened::Finished => self.talk(&format!("{} is finished: nothing to do", folder.display())),
            Opened::Partial(mut partial) => {
                self.simulate(&engine, resolved, tables, &mut partial, stop)?;
                phases.end("simulate");
                if let Some(addition) = addition {
                    (addition.make)(&partial.result())?;
                    phases.end(addition.name);
                }
                self.conclude(&engine, resolved, &plan, tables, partial, phases)?;
            }
        }
        Ok(())
    }

    /// All that the bytes of the result depend on.
    fn plan(&self, resolved: &Resolved, tables: Tables) -> Plan {
        let run = &resolved.scenario.run;
        let names: Vec<&str> = tables.iter().map(Table::name).collect();
        let options = &self.options;
        let mut plan = Plan::new(&resolved.canonical(), run.seed, run.replicas)
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
        if let Some(firm) = &self.own.follow {
            plan = plan.with_option("follow", firm);
        }
        for source in resolved.sources.iter().filter(|source| source.role != Role::Set) {
            plan = plan.with_input(&source.name, &sha256(source.text.as_bytes()));
        }
        plan
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
        let recording = if self.own.events == Events::All { recording.with_all_events() } else { recording };
        let bar = terminal::progress(scenario.run.replicas, partial.next(), self.options.quiet);
        let ensemble = Ensemble {
            replicas: partial.next()..scenario.run.replicas,
            seed: scenario.run.seed,
            threads: self.options.threads(),
        };
        let outcome = run_ensemble(
            &ensemble,
            |replica, stop| {
                let mut recorder = Recorder::new(&recording, replica);
                engine.run(replica, &mut recorder, stop).map_err(|error| match error {
                    SimulationError::Interrupted => ReplicaError::Stopped,
                    other => ReplicaError::failed(other),
                })?;
                recorder.finish().map_err(ReplicaError::failed)
            },
            partial,
            stop,
            &mut |done| bar.set_position(done),
        );
        bar.finish_and_clear();
        outcome.map(|_| ()).map_err(|error| match Failure::from(error) {
            Failure::Interrupted(text) => {
                Failure::Interrupted(format!("{text} in {}; --resume goes on from there", partial.partial().display()))
            }
            other => other,
        })
    }

    /// Makes what is made from the finished tables, and gives the folder its name.
    fn conclude(
        &self,
        engine: &Engine<'_>,
        resolved: &Resolved,
        plan: &Plan,
        tables: Tables,
        partial: Box<PartialFolder>,
        mut phases: Phases,
    ) -> Result<(), Failure> {
        let options = &self.options;
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
        if let Some(replica) = self.own.write_population {
            let population = engine.population(replica)?;
            write_population(&population, &scenario.power, &result.join("population.csv"))?;
        }
        phases.end("summarise");
        let metadata =
            [("shakeout.version", plan.version.as_str()), ("shakeout.scenario_sha256", &plan.scenario_sha256)];
        options.output.format.write_twins(&result, &tables.described(), &metadata)?;
        phases.end("convert");
        let origins = resolved.values.iter().map(|value| (value.key(), value.origin.to_string()));
        let manifest = Manifest::new(plan, &resolved.canonical())
            .with_tables(options.output.format.files(&tables.described()))
            .with_origins(origins);
        let drawable = [Table::Days, Table::Epochs, Table::Fleet].into_iter().all(|table| tables.contains(table));
        if drawable && !options.output.no_charts {
            let charts = draw_all(&result, &result.join("charts"), &options.output.style())?;
            if options.output.png {
                write_pngs(&charts)?;
            }
        }
        phases.end("draw");
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
