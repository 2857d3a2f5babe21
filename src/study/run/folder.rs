use super::{Destination, Results, Run, taken::Taken};
use crate::{
    output::{
        csv::{Recorded, Rows},
        disk::write_whole,
        failed::{self, read_failures},
        folder::{MANIFEST, Mode, Opened, PartialFolder},
        format::{Format, Twins},
        keeping::Keeping,
        manifest::Manifest,
        plan::Plan,
        population::write_population,
        shell::{flag, line},
        table::{Table, TableFile},
    },
    simulation::{Engine, SimulationError},
    study::{
        Draw, Failures, Kind, Lost, Note, Questions, Sink, StudyError, Work, dictionary::every_table, phases::Phases,
    },
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// A destination: a result folder, which appears only when it is complete. Until then the results are in a folder beside it,
/// whose name ends in `.partial`, from which the run can be resumed.
///
/// ```
/// use shakeout::{run, study::{Folder, Input, RunOptions, Work}};
///
/// let home = tempfile::tempdir()?;
/// let folder = Folder::new(home.path().join("result"));
/// let input = Input::shipped("downturn").set("run.days=10").replicas(2);
/// let found = run(&input, &RunOptions::default(), folder, &mut Work::new())?;
/// assert!(found.path.join("days.csv").is_file());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Folder<'a> {
    /// Path of the folder.
    pub path: PathBuf,
    /// The action if the folder already exists.
    pub mode: Mode,
    /// The format of the tables.
    pub format: Format,
    /// The object that draws charts and pages into it.
    pub drawing: Option<&'a dyn Draw>,
    /// Finished results are synchronised to the disk at this interval, which limits the loss in a crash.
    pub save_every: Duration,
}

impl std::fmt::Debug for Folder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Folder").field("path", &self.path).field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl<'a> Folder<'a> {
    /// A new folder with csv tables and without charts.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let save_every = Duration::from_secs(1);
        Self { path: path.into(), mode: Mode::New, format: Format::Csv, drawing: None, save_every }
    }

    /// Sets the action if the folder already exists.
    #[must_use]
    pub fn mode(self, mode: Mode) -> Self {
        Self { mode, ..self }
    }

    /// Adds charts or a page.
    #[must_use]
    pub fn drawn_by(self, drawing: &'a dyn Draw) -> Self {
        Self { drawing: Some(drawing), ..self }
    }

    /// The command-line flags that request this form of results.
    pub(in crate::study) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.format != Format::Csv {
            words.extend(flag("--format", self.format.name()));
        }
        words.extend(self.drawing.iter().flat_map(|drawing| drawing.words()));
        words
    }

    /// Draws the charts of finished tables other than those of a run, and the page if one is requested. Both read the manifest, so it is
    /// written first.
    pub(in crate::study) fn draw(&self, kind: Kind, result: &Path, manifest: &Manifest) -> Result<(), StudyError> {
        let Some(drawing) = self.drawing else { return Ok(()) };
        write_whole(&result.join(MANIFEST), &manifest.to_json())?;
        drawing.charts(kind, result)?;
        if drawing.has_page() {
            drawing.page(kind, result)?;
        }
        Ok(())
    }

    /// The object that draws the page, if a page is requested.
    pub(in crate::study) fn page(&self) -> Option<&'a dyn Draw> {
        self.drawing.filter(|drawing| drawing.has_page())
    }
}

/// The outcome of a study in a result folder.
#[derive(Clone, Debug)]
pub struct FolderOutcome {
    /// Path of the folder.
    pub path: PathBuf,
    /// The replicas that could not be simulated, as in `failed.csv`.
    pub failures: Failures,
    /// The total number of replicas, runs or histories.
    pub total: u64,
}

impl FolderOutcome {
    pub(in crate::study) fn of(path: PathBuf, total: u64) -> Result<Self, StudyError> {
        Ok(Self { failures: read_failures(&path)?, path, total })
    }
}

impl Destination<Run> for Folder<'_> {
    type Found = FolderOutcome;

    fn fill(self, run: &Run, work: &mut Work<'_>) -> Result<FolderOutcome, StudyError> {
        let total = run.replicas();
        let Some(mut open) = OpenRun::open(run, &self, work)? else { return FolderOutcome::of(self.path, total) };
        open.run(work)?;
        Ok(FolderOutcome { failures: open.finish(work)?, path: self.path, total })
    }
}

/// A run whose folder is open. If it is dropped before it is finished, the folder remains and the run can be resumed.
///
/// ```
/// use shakeout::study::{Folder, Input, OpenRun, Run, RunOptions, Work};
///
/// let home = tempfile::tempdir()?;
/// let folder = Folder::new(home.path().join("result"));
/// let run = Run::new(&Input::shipped("downturn").set("run.days=10").replicas(2), &RunOptions::default())?;
/// let mut work = Work::new();
/// let mut open = OpenRun::open(&run, &folder, &mut work)?.expect("nothing is there yet");
/// open.run(&mut work)?;
/// open.finish(&mut work)?;
/// assert!(folder.path.join("manifest.json").is_file());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct OpenRun<'a> {
    run: &'a Run,
    folder: &'a Folder<'a>,
    questions: Questions,
    engine: Engine<'a>,
    plan: Plan,
    partial: Box<PartialFolder>,
    taken: Taken,
    phases: Phases,
}

impl<'a> OpenRun<'a> {
    /// Checks the scenario and opens the folder; `None` if it is already finished.
    ///
    /// # Errors
    /// When no replica can begin, or the folder contains something else.
    pub fn open(run: &'a Run, folder: &'a Folder<'a>, work: &mut Work<'_>) -> Result<Option<Self>, StudyError> {
        let mut phases = run.phases.clone();
        let plan = run.plan(folder);
        if PartialFolder::is_finished(&folder.path, &plan, folder.mode)? {
            work.note(&Note::Finished(&folder.path));
            return Ok(None);
        }
        let (questions, engine) = run.begin(work)?;
        phases.end("read");
        let mut files = TableFile::of(run.tables());
        files.push(failed::file(failed::RUN));
        let Some(partial) = open_partial(folder, &plan, &files, work)? else { return Ok(None) };
        let (tables, start, result) = (run.tables(), run.resolved.scenario.run.start, partial.result());
        let twins = Twins::create(folder.format, &result, tables.described(), start, &metadata(&plan))?;
        let is_drawable = [Table::Days, Table::Epochs, Table::Fleet].into_iter().all(|table| tables.contains(table));
        let drawn = folder.drawing.filter(|_| is_drawable).map(Draw::run);
        let mut taken = Taken::new(start, twins, drawn, run.command == "score");
        if partial.next() > 0 {
            taken.resume(&result, &tables.iter().collect::<Vec<_>>())?;
        }
        Ok(Some(Self { run, folder, questions, engine, plan, partial, taken, phases }))
    }

    /// Simulates the missing replicas.
    ///
    /// # Errors
    /// When no replica can be simulated, a disk operation fails, or the work is stopped; the folder can then be opened again with
    /// [`Mode::Resume`].
    pub fn run(&mut self, work: &mut Work<'_>) -> Result<(), StudyError> {
        let Self { run, engine, partial, taken, .. } = self;
        let unfinished = partial.partial().to_owned();
        let places = partial.next()..run.histories().1;
        let row = |item: u64, lost: &Lost| run.lost_row(item, lost);
        let row: &dyn Fn(u64, &Lost) -> Vec<u8> = &row;
        let keeping = Keeping::new(partial, (!work.fail_fast).then_some(row));
        let mut filling = Filling { first: run.histories().0, keeping, taken };
        run.simulate_by(engine, places, |recorded| (recorded.csv(), recorded), &mut filling, work).map_err(
            |error| match error {
                StudyError::Interrupted(text) => interrupted(&text, &unfinished),
                other => other,
            },
        )?;
        self.phases.end("simulate");
        Ok(())
    }

    /// Writes the missing replicas from memory.
    pub(super) fn copy(&mut self, results: &Results, work: &mut Work<'_>) -> Result<(), StudyError> {
        let Self { run, partial, taken, .. } = self;
        let ((first, count), tables) = (run.histories(), run.tables());
        let row = |item: u64, lost: &Lost| run.lost_row(item, lost);
        let row: &dyn Fn(u64, &Lost) -> Vec<u8> = &row;
        let (places, unfinished) = (partial.next()..count, partial.partial().to_owned());
        let mut filling = Filling { first, keeping: Keeping::new(partial, Some(row)), taken };
        for item in places {
            if work.is_stopped() {
                return Err(interrupted("interrupted", &unfinished));
            }
            let replica = first.saturating_add(item);
            if let Some((_, lost)) = results.failed.iter().find(|(failed, _)| *failed == replica) {
                filling.lose(item, lost.clone())?;
            } else {
                let recorded = results.recorded(tables, replica);
                filling.accept(item, (recorded.csv(), recorded))?;
            }
            work.progress(item + 1, count);
        }
        self.phases.end("simulate");
        Ok(())
    }

    /// Writes the files that accompany the tables, gives the folder its final name, and returns the replicas that could not be
    /// simulated.
    ///
    /// # Errors
    /// When no replica could be simulated, a disk operation fails, or the work is stopped.
    pub fn finish(self, work: &mut Work<'_>) -> Result<Failures, StudyError> {
        self.finish_with(None, work)
    }

    /// Finishes the run, and adds the files of another study to its folder.
    pub(in crate::study) fn finish_with(
        mut self,
        add: Option<Add<'_>>,
        work: &mut Work<'_>,
    ) -> Result<Failures, StudyError> {
        if self.taken.failures().count == self.partial.next() {
            let failures = self.taken.failures().clone();
            self.partial.abandon()?;
            return Err(StudyError::NoneLeft { failures, what: "replicas" });
        }
        if let Some(add) = add {
            add(&self.partial.result(), &mut self.taken, work)?;
            self.phases.end(self.run.command);
        }
        self.conclude(work)
    }

    fn conclude(self, work: &mut Work<'_>) -> Result<Failures, StudyError> {
        let Self { run, folder, questions, engine, plan, partial, mut taken, mut phases } = self;
        let (result, resolved, scenario) = (partial.result(), &run.resolved, &run.resolved.scenario);
        taken.summary(run.facts()).write(&result)?;
        unless_stopped(work, &partial)?;
        if let Some(replica) = run.options.write_population {
            match engine.population_unless(replica, work.stop()) {
                Ok(population) => write_population(&population, &scenario.power, &result.join("population.csv"))?,
                Err(error @ SimulationError::Interrupted) => return Err(error.into()),
                Err(error) => {
                    work.say(&format!("warning: no population.csv, since replica {replica} has no miners: {error}"));
                }
            }
        }
        phases.end("summarise");
        let tables = run.tables();
        taken.finish_twins()?;
        phases.end("convert");
        unless_stopped(work, &partial)?;
        let origins = resolved.values.iter().map(|value| (value.key(), value.origin.to_string()));
        let words = ["shakeout", run.command].map(str::to_owned).to_vec();
        let words = [words, run.input.words(), run.options.words(), folder.words()].concat();
        let manifest = Manifest::new(&plan, &resolved.canonical())
            .with_command(&line(&words))
            .with_tables(folder.format.files(&tables.described()))
            .with_tables([failed::FILE.to_owned()])
            .with_files_among(resolved.sources.iter())
            .with_origins(origins)
            .with_questions(questions.kept());
        if let Some(drawn) = taken.drawn() {
            drawn.charts(&result)?;
        }
        phases.end("draw");
        unless_stopped(work, &partial)?;
        if let Some(drawn) = taken.drawn().filter(|_| folder.page().is_some()) {
            write_whole(&result.join(MANIFEST), &manifest.to_json())?;
            drawn.page(&result, taken.failures())?;
        }
        phases.end("report");
        partial.finish(phases.told_in(manifest), folder.format.has_csv(), &every_table())?;
        Ok(taken.failures().clone())
    }
}

/// Writes the replicas into the folder, and collects the data for charts, summary and Parquet files.
struct Filling<'f, 'p> {
    first: u64,
    keeping: Keeping<'p>,
    taken: &'f mut Taken,
}

impl Sink for Filling<'_, '_> {
    type Output = (Rows, Recorded);
    type Error = StudyError;

    fn accept(&mut self, item: u64, (rows, recorded): (Rows, Recorded)) -> Result<(), StudyError> {
        self.keeping.accept(item, rows)?;
        self.taken.add(&recorded)
    }

    fn lose(&mut self, item: u64, lost: Lost) -> Result<Option<Lost>, StudyError> {
        let note = lost.clone();
        let given_back = self.keeping.lose(item, lost)?;
        if given_back.is_none() {
            self.taken.lose(self.first.saturating_add(item), &note);
        }
        Ok(given_back)
    }
}

/// Adds the files of another study to the folder of its run.
pub(in crate::study) type Add<'a> = &'a dyn Fn(&Path, &mut Taken, &mut Work<'_>) -> Result<(), StudyError>;

/// The metadata of a Parquet file.
pub(in crate::study) fn metadata(plan: &Plan) -> [(&'static str, &str); 2] {
    [("shakeout.version", plan.version.as_str()), ("shakeout.scenario_sha256", plan.scenario_sha256.as_str())]
}

/// Opens a folder and reports its state; `None` if it is already finished.
pub(in crate::study) fn open_partial(
    folder: &Folder<'_>,
    plan: &Plan,
    files: &[TableFile],
    work: &mut Work<'_>,
) -> Result<Option<Box<PartialFolder>>, StudyError> {
    match PartialFolder::open(&folder.path, plan, folder.mode, files)? {
        Opened::Finished => {
            work.note(&Note::Finished(&folder.path));
            Ok(None)
        }
        Opened::Partial(mut partial) => {
            partial.mark_every(folder.save_every);
            if partial.was_damaged() {
                work.note(&Note::Damaged { partial: partial.partial(), next: partial.next() });
            }
            Ok(Some(partial))
        }
    }
}

/// The error of a run that was stopped while its folder is not finished.
fn interrupted(text: &str, unfinished: &Path) -> StudyError {
    StudyError::Interrupted(format!("{text} in {}; --resume goes on from there", unfinished.display()))
}

/// Stops between two steps of the work on finished tables, which takes seconds if the tables are large.
fn unless_stopped(work: &Work<'_>, partial: &PartialFolder) -> Result<(), StudyError> {
    if !work.is_stopped() {
        return Ok(());
    }
    let shown = partial.partial().display();
    Err(StudyError::Interrupted(format!("interrupted: all histories are in {shown}; --resume goes on from there")))
}

/// The error when no replica could be simulated.
pub(super) fn none_left<'l>(failed: impl Iterator<Item = (u64, &'l Lost)>) -> StudyError {
    let mut failures = Failures::default();
    for (replica, lost) in failed {
        failures.add(&lost.reason, lost.is_bug, || format!("replica {replica}"));
    }
    StudyError::NoneLeft { failures, what: "replicas" }
}
