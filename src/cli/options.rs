use super::{
    failure::Failure,
    terminal::{self, Screen},
};
use crate::{
    figure::{Drawing, FigureSize, FigureStyle},
    output::{
        folder::Mode,
        format::Format,
        table::{Tables, table_names},
    },
    scenario::unpacked,
    study::{self, Folder, Input, StudyError, Work, name_of},
};
use clap::{Args, ValueEnum};
use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};

/// The scenario, and the changes to it.
#[derive(Debug, Args)]
pub struct ScenarioOptions {
    /// The scenario file, or the name of a shipped scenario
    pub scenario: PathBuf,
    #[command(flatten)]
    pub changes: Changes,
}

/// Changes to a scenario.
#[derive(Clone, Debug, Args)]
pub struct Changes {
    /// Change a value: a dotted key and a TOML value, such as class.public.cash_months=3 (repeatable)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub sets: Vec<String>,
    /// Apply the patch [variant.NAME] of the scenario
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,
    /// Seed of all random numbers; equivalent to --set run.seed=N
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<u64>,
    /// Number of simulated histories; equivalent to --set run.replicas=N
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub replicas: Option<u64>,
    #[command(flatten)]
    pub reading: Reading,
}

/// Which files a scenario may read.
#[derive(Clone, Debug, Args)]
pub struct Reading {
    /// Also let the scenario read files below this folder, in addition to its own folder and the current folder (repeatable)
    #[arg(long, value_name = "DIR", value_parser = existing_folder)]
    pub allow: Vec<PathBuf>,
    /// Files that are read from memory: those that a manifest holds.
    #[arg(skip)]
    pub held: BTreeMap<PathBuf, Arc<[u8]>>,
}

/// Maximum size of a table that the user names, bytes.
const LARGEST: u64 = 1 << 30;

impl Reading {
    /// The text of a file that the user names, unpacked where it is compressed by gzip.
    pub fn text(&self, path: &Path) -> std::io::Result<String> {
        match self.held.get(path) {
            Some(bytes) => Ok(String::from_utf8_lossy(bytes).into_owned()),
            None => unpacked(std::fs::read(path)?, LARGEST).map_err(std::io::Error::other),
        }
    }

    /// A scenario that the user names.
    pub fn input(&self, scenario: &Path) -> Input {
        let held = [scenario.to_owned(), scenario.with_extension("toml")];
        let input = match held.into_iter().find(|path| self.held.contains_key(path)) {
            Some(path) => Input::file(path),
            None => Input::named(scenario),
        };
        let input = self.held.iter().fold(input, |input, (path, bytes)| input.hold(path, Arc::clone(bytes)));
        self.allow.iter().fold(input, Input::allow)
    }
}

fn existing_folder(text: &str) -> Result<PathBuf, String> {
    let folder = PathBuf::from(text);
    if folder.is_dir() { Ok(folder) } else { Err("there is no such folder".to_owned()) }
}

impl Changes {
    /// A scenario with these changes.
    pub fn applied_to(&self, input: Input) -> Input {
        let Self { sets, variant, seed, replicas, reading: _ } = self;
        input.sets(sets.iter().cloned()).variant(variant.clone()).seed(*seed).replicas(*replicas)
    }
}

impl ScenarioOptions {
    /// As the library understands it.
    pub fn input(&self) -> Input {
        self.changes.applied_to(self.changes.reading.input(&self.scenario))
    }
}

/// The replicas whose events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Events {
    /// The first 20
    Some,
    /// All of them
    All,
}

/// Format of results.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct OutputOptions {
    /// Form of the tables
    #[arg(long, value_name = "csv|parquet|both", default_value = "csv", value_parser = format)]
    pub format: Format,
    /// Draw no charts
    #[arg(long)]
    pub no_charts: bool,
    /// Write no report.html
    #[arg(long)]
    pub no_report: bool,
    /// Size of charts: column (85 mm), page (170 mm) or WIDTHxHEIGHT in mm
    #[arg(long, value_name = "SIZE", default_value = "page", value_parser = figure_size)]
    pub figure_size: FigureSize,
    /// Charts without titles, for a journal
    #[arg(long)]
    pub no_titles: bool,
    /// Write each chart as PNG too, 300 dots to the inch
    #[arg(long)]
    pub png: bool,
}

impl OutputOptions {
    /// The parts that are drawn.
    pub fn drawing(&self) -> Drawing {
        Drawing { charts: !self.no_charts, page: !self.no_report, style: self.style(), png: self.png }
    }

    /// How charts look.
    pub fn style(&self) -> FigureStyle {
        FigureStyle { size: self.figure_size, titles: !self.no_titles }
    }
}

/// Options of a merge.
#[derive(Debug, Args)]
pub struct MergeOptions {
    #[command(flatten)]
    pub output: OutputOptions,
    #[command(flatten)]
    pub existing: Existing,
}

/// How to treat existing results.
#[derive(Clone, Copy, Debug, Args)]
pub struct Existing {
    /// Replace a finished result folder, or restart an unfinished run from the beginning
    #[arg(long, conflicts_with = "resume")]
    pub force: bool,
    /// Complete an unfinished run; start it if there is none; do nothing if it is finished
    #[arg(long)]
    pub resume: bool,
}

impl Existing {
    /// As the folder understands it.
    pub fn mode(self) -> Mode {
        match (self.force, self.resume) {
            (true, _) => Mode::Replace,
            (false, true) => Mode::Resume,
            (false, false) => Mode::New,
        }
    }
}

/// Options of all commands that simulate: result folder, format and threads.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct WorkOptions {
    /// Result folder [default: output/NAME of the scenario file; of a sweep output/NAME-sweep]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Threads [default: SLURM_CPUS_PER_TASK, else all cores]; results do not depend on it
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = threads)]
    pub threads: Option<NonZeroUsize>,
    #[command(flatten)]
    pub output: OutputOptions,
    /// Print the metrics as one JSON object
    #[arg(long)]
    pub json: bool,
    /// Check every invariant of the model on every tick (slower)
    #[arg(long)]
    pub audit: bool,
    /// Stop at the first history that cannot be run; otherwise it is recorded in failed.csv and the others are run
    #[arg(long)]
    pub fail_fast: bool,
    /// Print only errors and warnings
    #[arg(long)]
    pub quiet: bool,
    /// Treat warnings about the scenario as errors
    #[arg(long)]
    pub deny_warnings: bool,
    #[command(flatten)]
    pub existing: Existing,
}

/// Additional output of a single run.
#[derive(Debug, Args)]
pub struct RunOptions {
    /// Tables to write [default: all]
    #[arg(long, value_name = "LIST", help = tables_help())]
    pub tables: Option<String>,
    /// Replicas whose events and supply of hashrate are written
    #[arg(long, value_enum, default_value_t = Events::Some)]
    pub events: Events,
    /// Also write population.csv, the lots that this replica drew, in the format of [population] csv. Each lot has the band of its rule; the format does not hold sale policies
    #[arg(long, value_name = "REPLICA", num_args = 0..=1, default_missing_value = "0")]
    pub write_population: Option<u64>,
    /// Run only the history with this number, with the random numbers that it has in the full run
    #[arg(long, value_name = "N", conflicts_with = "replicas")]
    pub replica: Option<u64>,
    /// Also write ledger.csv: every movement of coins and dollars at this firm, such as public-1, with its cause; a dormant period of the firm has one row per cause
    #[arg(long, value_name = "FIRM")]
    pub follow: Option<String>,
}

/// The names of all tables.
fn tables_help() -> String {
    format!("Which tables, separated by commas: some of {} [default: all]", table_names())
}

impl RunOptions {
    /// As the library understands them.
    pub fn of_run(&self) -> Result<study::RunOptions, Failure> {
        let tables = self.tables.as_deref().map_or(Ok(Tables::all()), |list| {
            Tables::parse(list).map_err(|error| Failure::Input(format!("--tables: {error}")))
        })?;
        let events = match self.events {
            Events::Some => study::Events::Some,
            Events::All => study::Events::All,
        };
        let (follow, write_population) = (self.follow.clone(), self.write_population);
        Ok(study::RunOptions { tables, events, replica: self.replica, follow, write_population })
    }
}

impl WorkOptions {
    /// Threads to use.
    pub fn threads(&self) -> NonZeroUsize {
        threads_or_usual(self.threads)
    }

    /// Runs a study and shows its progress on the terminal.
    pub fn work<T>(
        &self,
        stop: &Arc<AtomicBool>,
        study: impl FnOnce(&mut Work<'_>) -> Result<T, StudyError>,
    ) -> Result<T, Failure> {
        let mut screen = Screen::new(self.quiet);
        let mut work = Work::new().stopped_by(stop).threads(self.threads()).watched_by(&mut screen);
        work.audit = self.audit;
        work.fail_fast = self.fail_fast;
        work.deny_warnings = self.deny_warnings;
        Ok(study(&mut work)?)
    }

    /// Prints a message, unless `--quiet` is given.
    pub fn talk(&self, text: &str) {
        if !self.quiet {
            terminal::talk(&format!("{text}\n"));
        }
    }

    /// The result folder of a scenario file.
    pub fn folder(&self, scenario: &ScenarioOptions, ending: &str) -> Folder<'static> {
        let folder = Folder::new(self.path(scenario, ending)).mode(self.existing.mode());
        Folder { format: self.output.format, ..folder }
    }

    /// Its path, by default the scenario's name and `ending` under `output`.
    pub fn path(&self, scenario: &ScenarioOptions, ending: &str) -> PathBuf {
        self.out.clone().unwrap_or_else(|| PathBuf::from("output").join(name_of(&scenario.scenario) + ending))
    }
}

/// Maximum number of threads: more are a typing error, and a hundred thousand would overload a machine before one replica is run.
const MOST_THREADS: usize = 1024;

/// The number of threads requested, otherwise the number allocated by Slurm, otherwise all cores.
pub fn threads_or_usual(asked: Option<NonZeroUsize>) -> NonZeroUsize {
    let slurm = || std::env::var("SLURM_CPUS_PER_TASK").ok().and_then(|count| threads(&count).ok());
    let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    asked.or_else(slurm).unwrap_or_else(cores)
}

/// Reads a number of threads.
pub fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let count = text.parse().ok().filter(|count: &NonZeroUsize| count.get() <= MOST_THREADS);
    count.ok_or_else(|| format!("give a whole number from 1 to {MOST_THREADS}"))
}

/// Reads `csv`, `parquet` or `both`.
fn format(text: &str) -> Result<Format, String> {
    Format::parse(text).map_err(|error| error.to_string())
}

/// Reads `column`, `page` or `120x80`.
pub fn figure_size(text: &str) -> Result<FigureSize, String> {
    let hint = "give column, page, or WIDTHxHEIGHT in millimetres such as 120x80, each from 40 to 1000";
    match text {
        "column" => Ok(FigureSize::Column),
        "page" => Ok(FigureSize::Page),
        other => {
            let (width, height) = other.split_once('x').ok_or(hint)?;
            let read = |side: &str| side.parse().ok().filter(|mm| (40.0..=1000.0).contains(mm)).ok_or(hint);
            Ok(FigureSize::Exact { width_mm: read(width)?, height_mm: read(height)? })
        }
    }
}
