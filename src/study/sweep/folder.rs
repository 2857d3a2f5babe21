use super::{Destination, Folder, Sweep, SweepEnd, SweepTables, parts::part_folder};
use crate::{
    declare::Columns,
    output::{
        csv::{Recorded, Rows},
        failed::{self, read_failures},
        folder::PartialFolder,
        format::{Format, Twins},
        keeping::Keeping,
        manifest::Manifest,
        plan::Plan,
        shell::line,
    },
    scenario::Role,
    study::{
        Design, FolderOutcome, Kind, Lost, Sink, StudyError, Work,
        dictionary::every_table,
        run::{metadata, open_partial},
        sensitivity::write_ranking,
    },
    units::UnixTime,
};
use std::path::{Path, PathBuf};

impl Destination<Sweep> for Folder<'_> {
    type Found = FolderOutcome;

    fn fill(self, study: &Sweep, work: &mut Work<'_>) -> Result<FolderOutcome, StudyError> {
        let path = study.place(&self.path);
        if let Some(mut open) = OpenSweep::open(study, &self, work)? {
            open.run(work)?;
            open.finish()?;
        }
        FolderOutcome::of(path, study.places().end)
    }
}

impl Sweep {
    /// The folder of the result; a shard has its own folder.
    fn place(&self, folder: &Path) -> PathBuf {
        self.options.shard.map_or_else(|| folder.to_owned(), |shard| part_folder(folder, shard))
    }
}

/// A sweep whose folder is open. If it is dropped before it is finished, the folder remains and the sweep can be resumed.
#[derive(Debug)]
pub struct OpenSweep<'a> {
    pub(super) sweep: &'a Sweep,
    pub(super) folder: Folder<'a>,
    plan: Plan,
    pub(super) partial: Box<PartialFolder>,
    pub(super) twins: Twins,
}

impl<'a> OpenSweep<'a> {
    /// Opens the folder; `None` if it is already finished.
    ///
    /// # Errors
    /// When the folder contains something else.
    pub fn open(sweep: &'a Sweep, folder: &Folder<'a>, work: &mut Work<'_>) -> Result<Option<Self>, StudyError> {
        let folder = Folder { path: sweep.place(&folder.path), ..folder.clone() };
        let plan = sweep.plan();
        let files = sweep.tables().files(sweep.design().factors.iter().map(|factor| factor.key.as_str()));
        let Some(partial) = open_partial(&folder, &plan, &files, work)? else { return Ok(None) };
        // A shard consists of csv rows only.
        let format = if sweep.options.shard.is_some() { Format::Csv } else { folder.format };
        let mut twins = twins(format, &partial, sweep.tables(), sweep.design(), &plan)?;
        if partial.next() > 0 {
            twins.add_csv()?;
        }
        Ok(Some(Self { sweep, folder, plan, partial, twins }))
    }

    /// Simulates the missing runs.
    ///
    /// # Errors
    /// When a disk operation fails, or the work is stopped; the folder can then be opened again.
    pub fn run(&mut self, work: &mut Work<'_>) -> Result<(), StudyError> {
        let Self { sweep, folder, partial, twins, .. } = self;
        let unfinished = partial.partial().to_owned();
        let places = partial.next()..sweep.places().end;
        let row = |place: u64, lost: &Lost| sweep.lost_row(place, lost);
        let row: &dyn Fn(u64, &Lost) -> Vec<u8> = &row;
        let keeping = Keeping::new(partial, (!work.fail_fast).then_some(row));
        let rows = rows(sweep, folder);
        sweep.simulate_into(places, rows, &mut Filling { keeping, twins }, work).map_err(|end| match end {
            SweepEnd::Study(error) | SweepEnd::Sink(error) => error,
            SweepEnd::Interrupted { next } => interrupted(next, &unfinished),
        })
    }

    /// Writes the files that depend on the finished tables, and gives the folder its final name. A shard consists of rows only:
    /// [`merge`](super::merge) writes the other files from all shards.
    ///
    /// # Errors
    /// When no run could be simulated, or a disk operation fails.
    pub fn finish(self) -> Result<(), StudyError> {
        let Self { sweep, folder, plan, partial, twins } = self;
        let base = &sweep.base;
        let origins = base.values.iter().map(|value| (value.key(), value.origin.to_string()));
        let words = ["shakeout", "sweep"].map(str::to_owned).to_vec();
        let command = line(&[words, sweep.input.words(), sweep.options.words()].concat());
        let manifest = Manifest::new(&plan, &base.canonical()).with_command(&command).with_origins(origins);
        let manifest = manifest.with_questions(sweep.questions.kept());
        let files = sweep.inputs.texts.iter();
        let manifest = files.fold(manifest, |manifest, (path, (role, text))| manifest.with_source(path, *role, text));
        let manifest = match &sweep.options.listed {
            Some(listed) => manifest.with_source(&listed.file, Role::Table, &listed.to_csv()),
            None => manifest,
        };
        if sweep.options.shard.is_some() {
            return Ok(partial.finish(manifest, true, &every_table())?);
        }
        conclude(&folder, (sweep.tables(), sweep.design()), (partial, twins), manifest, &plan)
    }
}

pub(super) fn interrupted(next: u64, unfinished: &Path) -> StudyError {
    let shown = unfinished.display();
    StudyError::Interrupted(format!("interrupted: {next} runs are written in {shown}; --resume goes on from there"))
}

/// Makes the rows of a run as csv, and as columns where Parquet is written too, from what was recorded of it.
pub(super) fn rows(
    sweep: &Sweep,
    folder: &Folder<'_>,
) -> impl Fn(u64, &[String], &Recorded) -> (Rows, Vec<Columns>) + Sync + use<> {
    let (tables, empty) = (sweep.tables(), sweep.tables().empty(sweep.design()));
    let has_twins = folder.format.has_parquet();
    move |point, values, recorded| {
        let columns = if has_twins { SweepTables::columns(&empty, point, values, recorded) } else { Vec::new() };
        (tables.rows(point, values, &recorded.csv()), columns)
    }
}

/// Begins the Parquet files of a sweep's tables.
pub(super) fn twins(
    format: Format,
    partial: &PartialFolder,
    tables: SweepTables,
    design: &Design,
    plan: &Plan,
) -> Result<Twins, StudyError> {
    let described = tables.described(design);
    Ok(Twins::create(format, &partial.result(), described, UnixTime::default(), &metadata(plan))?)
}

/// Writes the rows of runs into the folder and into the Parquet files.
pub(super) struct Filling<'f, 'p> {
    pub(super) keeping: Keeping<'p>,
    pub(super) twins: &'f mut Twins,
}

impl Sink for Filling<'_, '_> {
    type Output = (Rows, Vec<Columns>);
    type Error = StudyError;

    fn accept(&mut self, item: u64, (rows, columns): Self::Output) -> Result<(), StudyError> {
        self.keeping.accept(item, rows)?;
        for (place, rows) in columns.iter().enumerate() {
            self.twins.add(place, &[], rows)?;
        }
        Ok(())
    }

    fn lose(&mut self, item: u64, lost: Lost) -> Result<Option<Lost>, StudyError> {
        Ok(self.keeping.lose(item, lost)?)
    }
}

/// Finishes the folder of a sweep, whether it was simulated as a whole or merged.
pub(super) fn conclude(
    folder: &Folder<'_>,
    (tables, design): (SweepTables, &Design),
    (partial, twins): (Box<PartialFolder>, Twins),
    manifest: Manifest,
    plan: &Plan,
) -> Result<(), StudyError> {
    let result = partial.result();
    let failures = read_failures(&result)?;
    if failures.count == partial.next() {
        partial.abandon()?;
        return Err(StudyError::NoneLeft { failures, what: "runs" });
    }
    let tables = tables.described(design);
    twins.finish()?;
    let manifest = manifest.with_command(&line(&folder.words()));
    let manifest = manifest.with_tables(folder.format.files(&tables)).with_tables([failed::FILE.to_owned()]);
    if folder.page().is_some() {
        write_ranking(&result, design, plan.replicas)?;
    }
    folder.draw(Kind::Sweep, &result, &manifest)?;
    Ok(partial.finish(manifest, folder.format.has_csv(), &every_table())?)
}
