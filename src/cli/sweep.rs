use super::{
    failure::{Failure, none_left, warn_of},
    options::{OutputOptions, ScenarioOptions, WorkOptions},
    question::Questions,
    sensitivity::rank,
    slurm::SlurmOptions,
    terminal,
};
use crate::{
    figure::{draw_sweep, write_pngs, write_sweep_page},
    output::{
        calibrate::Cell,
        csv::{Recorder, Recording},
        disk::write_whole,
        failed::{self, Keeping, read_failures},
        folder::{MANIFEST, Opened, PartialFolder},
        manifest::Manifest,
        parts::{self, part_folder},
        plan::{Plan, sha256},
        shell::{flag, line},
        sweep::SweepTables,
    },
    scenario::{Problems, Remembered, Resolved, Role, load_with},
    study::{
        Design, DesignKind, Factor, Inputs, Lost, QueueError, ReplicaError, Shard, Sweep as Experiment, run_queue,
        written_design,
    },
};
use clap::Args;
use std::{sync::atomic::AtomicBool, time::Duration};

fn design(name: &str) -> Result<DesignKind, String> {
    DesignKind::parse(name).map_err(|error| error.to_string())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "give a number of seconds, such as 0.5".to_owned())
}

/// Run a designed experiment.
#[derive(Debug, Args)]
pub struct Sweep {
    #[command(flatten)]
    scenario: ScenarioOptions,
    /// Vary a key: KEY=V1,V2,... or KEY=LOW..HIGH:N (repeatable; replaces the factors of [sweep])
    #[arg(long, value_name = "KEY=LEVELS")]
    vary: Vec<String>,
    /// How points are laid out [default: that of [sweep], else grid]
    #[arg(long, value_name = "grid|latin-hypercube|sobol|morris", value_parser = design)]
    design: Option<DesignKind>,
    /// Size of the design: points, base samples or trajectories
    #[arg(long, value_name = "N")]
    points: Option<u32>,
    /// Also write the epochs of every run
    #[arg(long)]
    epochs: bool,
    /// Run one part of N, from 0, in DIR.parts; `shakeout merge DIR` puts the parts together
    #[arg(long, value_name = "I/N", value_parser = Shard::parse, conflicts_with = "slurm")]
    shard: Option<Shard>,
    /// Put what is finished on the disk for good this often: what a crash may lose
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    save_every: Duration,
    #[command(flatten)]
    slurm: SlurmOptions,
    #[command(flatten)]
    options: WorkOptions,
}

impl Sweep {
    pub fn call(&self) -> Result<(), Failure> {
        let (user_sets, path) = (self.scenario.all_sets(), &self.scenario.scenario);
        let own_variant = self.scenario.changes.variant.as_deref();
        let files = Remembered::of(self.scenario.disk());
        let load = |sets: &[String], variant: Option<&str>| -> Result<Resolved, Problems> {
            load_with(&files, path, &[user_sets.as_slice(), sets].concat(), variant.or(own_variant))
        };
        let base = load(&[], None)?;
        let experiment = Experiment::new(self.design(&base)?, base.scenario.run.replicas, &load)?;
        let stop = terminal::stop_flag()?;
        let inputs = experiment.check(self.options.threads(), &stop)?;
        let mut questions = Questions::of(&base);
        questions.add_design(&base, &experiment.design().factors, &load);
        questions.tell(self.options.quiet, self.options.deny_warnings)?;
        let whole = self.options.folder(&self.scenario, "-sweep");
        if self.slurm.slurm {
            let program =
                std::env::current_exe().map_err(|error| Failure::Disk(format!("cannot find this program: {error}")))?;
            let program = program.display().to_string();
            let target = whole.display().to_string();
            let format = ["--format".to_owned(), self.options.output.format.name().to_owned()];
            let merge = [&[program.clone(), "merge".to_owned(), target.clone()], &format[..]].concat();
            let mut sweep = [vec![program, "sweep".to_owned(), self.scenario.scenario.display().to_string()]].concat();
            sweep.extend(flag("--out", target));
            sweep.extend([self.scenario.changes.words(), self.words()].concat());
            sweep.extend(
                self.scenario.changes.reading.allow.iter().flat_map(|folder| flag("--allow", folder.display())),
            );
            sweep.extend(self.options.audit.then(|| "--audit".to_owned()));
            sweep.extend(self.options.fail_fast.then(|| "--fail-fast".to_owned()));
            return self.slurm.write(&whole, &sweep, &merge, self.options.existing.force);
        }
        let (shard, folder) = match self.shard {
            Some(shard) => (shard, part_folder(&whole, shard)),
            None => (Shard::WHOLE, whole),
        };
        let canonical = base.canonical();
        let plan = self.plan(&base, &canonical, experiment.design(), &inputs);
        let plan = if let Some(shard) = self.shard { plan.with_option(parts::SHARD, &shard.to_string()) } else { plan };
        let tables = SweepTables { epochs: self.epochs };
        let table_files = tables.files(experiment.design().factors.iter().map(|factor| factor.key.as_str()));
        match PartialFolder::open(&folder, &plan, self.options.existing.mode(), &table_files)? {
            Opened::Finished => self.talk(&format!("{} is finished: nothing to do", folder.display())),
            Opened::Partial(mut partial) => {
                terminal::note_damage(&partial);
                partial.mark_every(self.save_every);
                self.simulate(&experiment, shard, tables, &mut partial, &stop)?;
                let origins = base.values.iter().map(|value| (value.key(), value.origin.to_string()));
                let words = ["shakeout", "sweep"].map(str::to_owned).to_vec();
                let command = line(&[words, self.scenario.words(), self.words()].concat());
                let manifest = Manifest::new(&plan, &canonical).with_command(&command).with_origins(origins);
                let manifest = manifest.with_questions(questions.kept());
                let files = inputs.texts.iter().filter(|(_, (role, _))| *role != Role::Table);
                let manifest = files.fold(manifest, |manifest, (path, (_, text))| manifest.with_source(path, text));
                if self.shard.is_some() {
                    // A part is rows alone; what is made from them is made from all of them.
                    partial.finish(manifest, true)?;
                } else {
                    let finish = Finish { tables, design: experiment.design(), output: &self.options.output };
                    finish.conclude(partial, manifest, &plan)?;
                }
            }
        }
        self.talk(&format!(
            "{} points x {} replicas in {}",
            experiment.points(),
            base.scenario.run.replicas,
            folder.display()
        ));
        let failures = read_failures(&folder)?;
        if self.options.json {
            let answer = serde_json::json!({
                "points": experiment.points(), "runs": experiment.runs(), "failed": failures.count,
                "folder": folder.display().to_string(),
            });
            terminal::print(&format!("{answer}\n"))?;
        }
        warn_of(&failures, shard.positions(experiment.runs()).end, "runs", Some(failed::FILE))
    }

    /// What is varied, and how: by the flags, else by the scenario's `[sweep]`.
    fn design(&self, base: &Resolved) -> Result<Design, Failure> {
        let written = written_design(base)?;
        let factors = if self.vary.is_empty() {
            written.factors
        } else {
            let parsed: Result<Vec<Factor>, _> = self.vary.iter().map(|text| Factor::parse(text)).collect();
            parsed.map_err(|error| Failure::Input(format!("--vary: {error}")))?
        };
        if factors.is_empty() {
            return Err(Failure::Input(
                "nothing is varied: give --vary KEY=V1,V2 or a [sweep] table in the scenario".to_owned(),
            ));
        }
        let kind = self.design.or(written.kind).unwrap_or(DesignKind::Grid);
        // How many points a design has is said of the one that the scenario names.
        let own_size = written.size.filter(|_| self.design.is_none() || self.design == written.kind);
        Ok(Design { kind, factors, size: self.points.or(own_size), seed: base.scenario.run.seed })
    }

    fn plan(&self, base: &Resolved, canonical: &str, design: &Design, inputs: &Inputs) -> Plan {
        let run = &base.scenario.run;
        let mut plan = Plan::new(canonical, run.seed, run.replicas)
            .with_option("sweep", &design.to_json())
            .with_option("epochs", &self.epochs.to_string());
        plan.points_sha256.clone_from(&inputs.points_sha256);
        for (path, (_, text)) in inputs.texts.iter().filter(|(_, (role, _))| *role == Role::Table) {
            plan = plan.with_input(path, &sha256(text.as_bytes()));
        }
        plan
    }

    fn simulate(
        &self,
        experiment: &Experiment<'_>,
        shard: Shard,
        tables: SweepTables,
        partial: &mut PartialFolder,
        stop: &AtomicBool,
    ) -> Result<(), Failure> {
        let positions = shard.positions(experiment.runs());
        let bar = terminal::progress(positions.end, partial.next(), self.options.quiet);
        let unfinished = partial.partial().to_owned();
        let row = |position: u64, lost: &Lost| self.lost(experiment, shard.run(position), lost);
        let row: &dyn Fn(u64, &Lost) -> Vec<u8> = &row;
        let outcome = run_queue(
            partial.next()..positions.end,
            self.options.threads(),
            |position, stop| {
                let (point, replica) = experiment.split(shard.run(position));
                let prepared = experiment.prepared(point).map_err(ReplicaError::failed)?;
                let recording = Recording::new(prepared.scenario().run.start, tables.recorded());
                let mut recorder = Recorder::new(&recording, replica);
                prepared.engine(self.options.audit).run(replica, &mut recorder, stop)?;
                let rows = recorder.finish().map_err(ReplicaError::bug)?;
                Ok(tables.rows(point, &experiment.values(point), &rows))
            },
            &mut Keeping::new(partial, (!self.options.fail_fast).then_some(row)),
            stop,
            &mut |done| bar.set_position(done),
        );
        bar.finish_and_clear();
        outcome.map(|_| ()).map_err(|error| {
            let name = |position: u64| {
                let (point, replica) = experiment.split(shard.run(position));
                format!("replica {replica} of point {point}")
            };
            match error {
                QueueError::Lost { item, lost } if lost.is_bug => {
                    Failure::Bug(format!("{} failed: {lost}", name(item)))
                }
                QueueError::Lost { item, lost } => Failure::Input(format!("{} failed: {lost}", name(item))),
                QueueError::Sink(error) => Failure::from(error),
                QueueError::Interrupted { next } => Failure::Interrupted(format!(
                    "interrupted: {next} runs are written in {}; --resume goes on from there",
                    unfinished.display()
                )),
                QueueError::Threads(error) => {
                    Failure::Input(format!("cannot start threads: {error}; ask for fewer with --threads"))
                }
            }
        })
    }

    /// The row of a run that failed.
    fn lost(&self, experiment: &Experiment<'_>, run: u64, lost: &Lost) -> Vec<u8> {
        let (point, replica) = experiment.split(run);
        let (sets, variant) = experiment.settings(point);
        let mut changes = self.scenario.changes.clone();
        changes.variant = variant.or(changes.variant);
        // Where the seed itself is varied, a point has its own.
        let own = sets.iter().find_map(|set| set.strip_prefix("run.seed=")?.parse().ok());
        let seed = own.unwrap_or(experiment.design().seed);
        let mut text = Vec::new();
        let first = [Cell::Count(point), Cell::Count(replica)];
        failed::write_lost(&mut text, first, seed, lost, &changes.flags_of(&sets, seed, replica));
        text
    }

    /// The flags of the design.
    fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.vary.iter().flat_map(|vary| flag("--vary", vary)).collect();
        words.extend(self.design.iter().flat_map(|design| flag("--design", design.name())));
        words.extend(self.points.iter().flat_map(|points| flag("--points", points)));
        words.extend(self.epochs.then(|| "--epochs".to_owned()));
        words
    }

    fn talk(&self, text: &str) {
        if !self.options.quiet {
            terminal::talk(&format!("{text}\n"));
        }
    }
}

/// How a sweep's folder is finished, whether it was run at once or merged.
pub struct Finish<'a> {
    pub tables: SweepTables,
    pub design: &'a Design,
    pub output: &'a OutputOptions,
}

impl Finish<'_> {
    pub fn conclude(&self, partial: Box<PartialFolder>, manifest: Manifest, plan: &Plan) -> Result<(), Failure> {
        let result = partial.result();
        let failures = read_failures(&result)?;
        if failures.count == partial.next() {
            partial.abandon()?;
            return Err(none_left(&failures, "runs"));
        }
        let metadata =
            [("shakeout.version", plan.version.as_str()), ("shakeout.scenario_sha256", plan.scenario_sha256.as_str())];
        let format = self.output.format;
        let tables = self.tables.described(self.design);
        format.write_twins(&result, &tables, &metadata)?;
        let manifest = manifest.with_command(&line(&self.output.words()));
        let manifest = manifest.with_tables(format.files(&tables)).with_tables([failed::FILE.to_owned()]);
        if !self.output.no_charts {
            let charts = draw_sweep(&result, &result.join("charts"), &self.output.style())?;
            if self.output.png {
                write_pngs(&charts)?;
            }
        }
        if !self.output.no_report {
            write_whole(&result.join(MANIFEST), &manifest.to_json())?;
            rank(&result, self.design, plan.replicas)?;
            write_sweep_page(&result, &result.join("report.html"))?;
        }
        Ok(partial.finish(manifest, format.has_csv())?)
    }
}
