use super::{
    failure::Failure,
    options::{ScenarioOptions, WorkOptions},
    terminal,
};
use crate::{
    output::{
        failed,
        shell::{flag, quoted},
    },
    report::sweep::Findings,
    study::{self, DesignKind, Destination as _, Folder, JobArray, Listed, Shard, SweepOptions},
};
use clap::Args;
use std::{
    num::NonZeroU32,
    path::{Path, PathBuf},
    time::Duration,
};

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
    pub scenario: ScenarioOptions,
    /// Vary a key: KEY=V1,V2,... or KEY=LOW..HIGH:N, with :log behind it in logarithms, or KEY alone over the range of its prior (repeatable; replaces the factors of [sweep])
    #[arg(long, value_name = "KEY=LEVELS")]
    vary: Vec<String>,
    /// Design of the points [default: the design of [sweep], otherwise grid]
    #[arg(long, value_name = "grid|latin-hypercube|sobol|sobol-second-order|morris", value_parser = design)]
    design: Option<DesignKind>,
    /// Size of the design: points, base samples or trajectories
    #[arg(long, value_name = "N")]
    points: Option<u32>,
    /// Points from a csv instead: a column for each key, a row for each point
    #[arg(long, value_name = "FILE", conflicts_with_all = ["vary", "design", "points"])]
    design_file: Option<PathBuf>,
    /// Also write the epochs of every run
    #[arg(long)]
    epochs: bool,
    /// Run one part of N, from 0, in DIR.parts; `shakeout merge DIR` puts the parts together
    #[arg(long, value_name = "I/N", value_parser = Shard::parse, conflicts_with = "slurm")]
    shard: Option<Shard>,
    /// Interval in seconds at which finished runs are saved: the most that a crash can lose
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    save_every: Duration,
    #[command(flatten)]
    slurm: Slurm,
    #[command(flatten)]
    options: WorkOptions,
}

/// How the sweep is written as a Slurm job array.
#[derive(Debug, Args)]
struct Slurm {
    /// Run nothing; write the Slurm job array and its dependent merge to DIR.slurm
    #[arg(id = "slurm", long = "slurm")]
    is_wanted: bool,
    /// Slurm: tasks of the array, each one shard
    #[arg(long, value_name = "N", default_value = "16", requires = "slurm")]
    shards: NonZeroU32,
    /// Slurm: time limit of a task
    #[arg(long, value_name = "TIME", default_value = "01:00:00", requires = "slurm")]
    time: String,
    /// Slurm: partition [default: the cluster's]
    #[arg(long, value_name = "NAME", requires = "slurm")]
    partition: Option<String>,
    /// Slurm: CPUs of a task
    #[arg(long, value_name = "N", default_value = "1", requires = "slurm")]
    cpus: NonZeroU32,
    /// Slurm: memory of a task
    #[arg(long, value_name = "SIZE", default_value = "1G", requires = "slurm")]
    memory: String,
}

impl Slurm {
    fn job_array(&self) -> JobArray {
        let Self { shards, time, partition, cpus, memory, .. } = self;
        JobArray {
            shards: *shards,
            time: time.clone(),
            partition: partition.clone(),
            cpus: *cpus,
            memory: memory.clone(),
        }
    }
}

impl Sweep {
    pub fn call(&self) -> Result<(), Failure> {
        let stop = terminal::stop_flag()?;
        let options = self.of_sweep()?;
        let sweep = self.options.work(&stop, |work| study::Sweep::new(&self.scenario.input(), &options, work))?;
        if self.slurm.is_wanted {
            return self.write_slurm(&self.options.path(&self.scenario, "-sweep"), &options);
        }
        let drawing = self.options.output.drawing();
        let folder = self.options.folder(&self.scenario, "-sweep").drawn_by(&drawing);
        let folder = Folder { save_every: self.save_every, ..folder };
        let found = self.options.work(&stop, |work| folder.fill(&sweep, work))?;
        let (points, shown) = (sweep.points(), found.path.display());
        // A shard has only a part of the runs, and reports read csv alone.
        let is_whole = self.shard.is_none() && self.options.output.format.has_csv();
        let findings = if is_whole { Some(Findings::read(&found.path)?) } else { None };
        if self.options.json {
            let answer = serde_json::json!({
                "points": points, "runs": sweep.runs(), "failed": found.failures.count, "folder": shown.to_string(),
                "findings": findings,
            });
            terminal::print(&format!("{answer}\n"))?;
        } else if let Some(findings) = findings.filter(|_| !self.options.quiet) {
            terminal::print(&findings.plain(terminal::width()))?;
        }
        self.options.talk(&format!("\n{points} points x {} replicas in {shown}", sweep.replicas()));
        terminal::warn_of(&found.failures, found.total, "runs", Some(failed::FILE))
    }

    /// The options as a type of the library.
    fn of_sweep(&self) -> Result<SweepOptions, Failure> {
        let Self { vary, design, points, epochs, shard, .. } = self;
        let listed = self.design_file.as_ref().map(|path| {
            let shown = path.display().to_string();
            let fault = |error: &dyn std::fmt::Display| Failure::Input(format!("--design-file {shown}: {error}"));
            let text = self.scenario.changes.reading.text(path).map_err(|error| fault(&error))?;
            Listed::parse(&*shown, &text).map_err(|error| Failure::Input(format!("--design-file {error}")))
        });
        let listed = listed.transpose()?;
        Ok(SweepOptions {
            vary: vary.clone(),
            design: *design,
            points: *points,
            listed,
            epochs: *epochs,
            shard: *shard,
        })
    }

    fn write_slurm(&self, target: &Path, options: &SweepOptions) -> Result<(), Failure> {
        let program =
            std::env::current_exe().map_err(|error| Failure::Disk(format!("cannot find this program: {error}")))?;
        let (program, shown) = (program.display().to_string(), target.display().to_string());
        let format = ["--format".to_owned(), self.options.output.format.name().to_owned()];
        let merge = [&[program.clone(), "merge".to_owned(), shown.clone()], &format[..]].concat();
        let mut sweep = vec![program, "sweep".to_owned(), self.scenario.scenario.display().to_string()];
        sweep.extend(flag("--out", shown));
        sweep.extend([self.scenario.input().change_words(), options.words()].concat());
        let allowed = &self.scenario.changes.reading.allow;
        sweep.extend(allowed.iter().flat_map(|folder| flag("--allow", folder.display())));
        sweep.extend(self.options.audit.then(|| "--audit".to_owned()));
        sweep.extend(self.options.fail_fast.then(|| "--fail-fast".to_owned()));
        let submit = self.slurm.job_array().write(target, &sweep, &merge, self.options.existing.force)?;
        let folder = submit.parent().unwrap_or(target).display();
        terminal::talk(&format!("wrote {folder}; submit with: {}\n", quoted(&submit.display().to_string())));
        Ok(())
    }
}
