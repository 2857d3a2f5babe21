//! The library calls: a scenario and options in, what was found out.
#![expect(clippy::needless_pass_by_value, reason = "what Python hands over is made for the call")]

use crate::{
    call::{Found, Manner, carry_out},
    failure::{error_of, plain, refused, rendered, reworded, wrong},
    frame::NativeFrame,
};
use pyo3::prelude::*;
use serde_json::json;
use shakeout::{
    check as check_scenario,
    figure::{Drawing, style},
    hardware,
    output::{folder::Mode, format::Format, table::Tables},
    scenario::{BUNDLED, Disk, Remembered, bundled_text, explained, nearest, read_history},
    study::{
        CalibrateOptions, Design, DesignKind, Destination as _, Events, Folder, Input, Listed, Lost, Memory,
        MemoryTable, NowcastOptions, Run, RunOptions, StudyError, Sweep, SweepOptions, SweepResults,
        calibrate::{Fitting, History, observed_history},
        dictionary,
        nowcast::nowcast as tell_state,
        score::score as score_scenario,
    },
    supply::on_sale::OnSale,
    units::UnixTime,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Component, Path, PathBuf},
};

/// A scenario and what is changed in it, as the package's `_scenario.py` hands it over.
#[derive(Debug, FromPyObject)]
#[pyo3(from_item_all)]
pub struct Given {
    /// The name of one that is shipped, or a path; of a text none.
    path: Option<PathBuf>,
    /// The text of one, and what messages call it.
    text: Option<(String, String)>,
    sets: Vec<String>,
    variant: Option<String>,
    seed: Option<u64>,
    replicas: Option<u64>,
    files: Vec<(PathBuf, Vec<u8>)>,
    allow: Vec<PathBuf>,
}

impl Given {
    fn input(&self) -> Input {
        let input = match (&self.path, &self.text) {
            (Some(path), _) => Input::named(path),
            (None, Some((name, text))) => Input::text(name, text, ""),
            (None, None) => Input::text("scenario.toml", "", ""),
        };
        let input = input.sets(self.sets.iter().cloned()).variant(self.variant.clone());
        let input = input.seed(self.seed).replicas(self.replicas);
        let input = self.files.iter().fold(input, |input, (path, bytes)| input.hold(path, bytes.as_slice()));
        self.allow.iter().fold(input, Input::allow)
    }

    /// The message about a file in memory that no key names, because its name is misspelt.
    fn unread(&self, read: &BTreeSet<String>) -> Option<String> {
        let plain = |path: &Path| -> PathBuf { path.components().filter(|part| *part != Component::CurDir).collect() };
        let is_read = |path: &Path| read.iter().any(|name| plain(Path::new(name)) == plain(path));
        let (unread, _) = self.files.iter().find(|(path, _)| !is_read(path))?;
        let unread = unread.display().to_string();
        let is_table = |name: &&str| Path::new(name).extension().is_none_or(|end| end != "toml");
        let tables: Vec<&str> = read.iter().map(String::as_str).filter(is_table).collect();
        let remedy = match (nearest(&unread, tables.iter().copied()), tables.as_slice()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, []) => {
                "it reads no table; name the file in a key, such as {\"price.csv.file\": \"price.csv\"}".to_owned()
            }
            (None, tables) => format!("it reads `{}`", tables.join("`, `")),
        };
        Some(format!("files: the scenario does not read `{unread}`; {remedy}"))
    }
}

/// Refuses files in memory that none of the scenarios reads. What is wrong with a scenario is said where it is used.
fn refuse_unread(py: Python<'_>, given: &[&Given]) -> PyResult<()> {
    let Some(first) = given.iter().find(|given| !given.files.is_empty()) else { return Ok(()) };
    let mut read = BTreeSet::new();
    for given in given {
        let Ok(resolved) = given.input().load() else { return Ok(()) };
        read.extend(resolved.files().map(|(path, _)| path));
    }
    first.unread(&read).map_or(Ok(()), |told| Err(wrong(py, &told)))
}

/// Which tables a run gives.
#[derive(Debug, FromPyObject)]
#[pyo3(from_item_all)]
pub struct Wanted {
    tables: Option<Vec<String>>,
    all_events: bool,
    replica: Option<u64>,
    follow: Option<String>,
}

impl Wanted {
    fn options(self, py: Python<'_>) -> PyResult<RunOptions> {
        let tables = self.tables.map_or_else(|| Ok(Tables::all()), |names| Tables::parse(&names.join(",")));
        let tables = tables.map_err(|error| wrong(py, &error.to_string()))?;
        let events = if self.all_events { Events::All } else { Events::Some };
        let Self { replica, follow, .. } = self;
        Ok(RunOptions { tables, events, replica, follow, write_population: None })
    }
}

/// What is saved of a result, and how.
#[derive(Debug, FromPyObject)]
#[pyo3(from_item_all)]
pub struct Saving {
    path: PathBuf,
    format: String,
    charts: bool,
    page: bool,
    replace: bool,
}

impl Saving {
    fn folder<'a>(&self, drawing: &'a Drawing) -> Result<Folder<'a>, StudyError> {
        let format = Format::parse(&self.format)?;
        let mode = if self.replace { Mode::Replace } else { Mode::New };
        let folder = Folder::new(&self.path).mode(mode);
        let folder = Folder { format, ..folder };
        Ok(if self.charts || self.page { folder.drawn_by(drawing) } else { folder })
    }

    fn drawing(&self) -> Drawing {
        Drawing { charts: self.charts, page: self.page, ..Drawing::usual() }
    }
}

/// A result, and the messages of the study.
type Told<T> = Found<T>;

/// A name, and the table.
type Named = (&'static str, NativeFrame);

/// A file by its path from the scenario's folder, and its bytes.
type File = (String, Vec<u8>);

fn named(table: MemoryTable) -> Named {
    (table.name, NativeFrame::of(table))
}

/// A run as the package keeps it.
#[derive(Debug, IntoPyObject)]
pub struct FoundRun<'py> {
    tables: Vec<Named>,
    /// Number of a replica that could not be run, why, and whether it is a bug.
    failed: Vec<(u64, String, bool)>,
    /// As `summary.json` has it.
    summary: Bound<'py, PyAny>,
    title: String,
    /// The scenario with every value known, as TOML.
    scenario: String,
    /// The files that it was read from.
    files: Vec<File>,
}

fn kept_files<'t>(files: impl Iterator<Item = (String, &'t std::sync::Arc<str>)>) -> Vec<File> {
    files.map(|(path, text)| (path, text.as_bytes().to_vec())).collect()
}

#[pyfunction]
pub fn run(py: Python<'_>, given: Given, wanted: Wanted, manner: Manner) -> PyResult<Told<FoundRun<'_>>> {
    refuse_unread(py, &[&given])?;
    let (input, options) = (given.input(), wanted.options(py)?);
    let ((run, found, summary), notes) = carry_out(py, &manner, |work| {
        let run = Run::new(&input, &options)?;
        let found = Memory.fill(&run, work)?;
        let summary =
            serde_json::to_value(found.summary(run.facts())).map_err(|error| StudyError::Bug(error.to_string()))?;
        Ok((run, found, summary))
    })?;
    let failed = found.failed.into_iter().map(|(replica, lost)| (replica, lost.reason, lost.is_bug));
    let found = FoundRun {
        tables: found.tables.into_iter().map(named).collect(),
        failed: failed.collect(),
        summary: plain(py, &summary)?,
        title: run.resolved().scenario.title.clone(),
        scenario: run.resolved().canonical(),
        files: kept_files(run.resolved().files()),
    };
    Ok((found, notes))
}

const fn lost(reason: String, is_bug: bool) -> Lost {
    Lost { reason, is_bug, history: None }
}

/// Writes a run from its tables into a folder.
#[pyfunction]
pub fn save_run(
    py: Python<'_>,
    asked: (Given, Wanted),
    tables: Vec<Py<NativeFrame>>,
    failed: Vec<(u64, String, bool)>,
    saving: Saving,
    manner: Manner,
) -> PyResult<Told<PathBuf>> {
    let (given, wanted) = asked;
    let (input, options, drawing) = (given.input(), wanted.options(py)?, saving.drawing());
    carry_out(py, &manner, |work| {
        let run = Run::new(&input, &options)?;
        let start = run.resolved().scenario.run.start;
        let tables = tables.iter().map(|table| table.get().values(start)).collect();
        let failed = failed.into_iter().map(|(replica, reason, is_bug)| (replica, lost(reason, is_bug)));
        let results = run.results_of(tables, failed.collect())?;
        Ok(results.save(&run, &saving.folder(&drawing)?, work)?.path)
    })
}

/// What is varied in a sweep.
#[derive(Debug, FromPyObject)]
#[pyo3(from_item_all)]
pub struct Varied {
    vary: Vec<String>,
    design: Option<String>,
    size: Option<u32>,
    /// Keys, and of each point a value for each.
    listed: Option<(Vec<String>, Vec<Vec<String>>)>,
    epochs: bool,
}

impl Varied {
    fn options(self, py: Python<'_>) -> PyResult<SweepOptions> {
        let design = self.design.as_deref().map(DesignKind::parse).transpose();
        let design = design.map_err(|error| wrong(py, &error.to_string()))?;
        let listed = |(keys, points)| Listed::new("points.csv", keys, points);
        let Self { vary, size, epochs, .. } = self;
        Ok(SweepOptions { vary, design, points: size, listed: self.listed.map(listed), epochs, shard: None })
    }
}

/// A run of a sweep that could not be simulated: point, replica, why, and whether it is a bug.
type LostRun = (u64, u64, String, bool);

/// A sweep as the package keeps it.
#[derive(Debug, IntoPyObject)]
pub struct FoundSweep {
    tables: Vec<Named>,
    failed: Vec<LostRun>,
    /// The keys that are varied.
    keys: Vec<String>,
    /// `grid`, `latin-hypercube`, `sobol`, `morris` or `list`.
    kind: &'static str,
    /// The design as JSON, from which [`sensitivity`] reads it.
    design: String,
    /// How many points there are, and how many replicas each has.
    points: u64,
    replicas: u64,
    files: Vec<File>,
}

#[pyfunction]
pub fn sweep(py: Python<'_>, given: Given, varied: Varied, manner: Manner) -> PyResult<Told<FoundSweep>> {
    let (input, options) = (given.input(), varied.options(py)?);
    let ((sweep, found), notes) = carry_out(py, &manner, |work| {
        let sweep = Sweep::new(&input, &options, work)?;
        // A misspelt name is said before anything is simulated.
        let read = sweep.files().map(|(path, _)| path.to_owned()).collect();
        given.unread(&read).map_or(Ok(()), |told| Err(StudyError::Input(told)))?;
        let found = Memory.fill(&sweep, work)?;
        Ok((sweep, found))
    })?;
    let failed = found.failed.into_iter().map(|((point, replica), lost)| (point, replica, lost.reason, lost.is_bug));
    let found = FoundSweep {
        tables: std::iter::once(found.sweep).chain(found.epochs).map(named).collect(),
        failed: failed.collect(),
        keys: found.design.factors.iter().map(|factor| factor.key.clone()).collect(),
        kind: found.design.kind.name(),
        design: found.design.to_json(),
        points: sweep.points(),
        replicas: found.replicas,
        files: kept_files(sweep.files().map(|(path, text)| (path.to_owned(), text))),
    };
    Ok((found, notes))
}

/// A sweep from its tables, as the library keeps it.
#[derive(Debug, FromPyObject)]
#[pyo3(from_item_all)]
pub struct KeptSweep {
    design: String,
    replicas: u64,
    frames: Vec<Py<NativeFrame>>,
    failed: Vec<LostRun>,
}

impl KeptSweep {
    fn results(self) -> Result<SweepResults, StudyError> {
        let design = Design::from_json(&self.design).map_err(|error| StudyError::Input(error.to_string()))?;
        let tables = self.frames.iter().map(|table| table.get().values(UnixTime::default())).collect();
        let failed = self.failed.into_iter();
        let failed = failed.map(|(point, replica, reason, is_bug)| ((point, replica), lost(reason, is_bug)));
        SweepResults::of_values(design, self.replicas, tables, failed.collect())
    }
}

/// A metric's name, unit, notes, and a row of indices for each factor.
type Analysed = (String, &'static str, Vec<String>, Vec<(String, Vec<Option<f64>>)>);

/// The names of the indices, notes, and each metric.
#[pyfunction]
pub fn sensitivity(
    py: Python<'_>,
    kept: KeptSweep,
    metrics: Vec<String>,
) -> PyResult<(Vec<&'static str>, Vec<String>, Vec<Analysed>)> {
    let ranking = py.detach(|| kept.results()?.sensitivity(&metrics)).map_err(|error| error_of(py, &error))?;
    let columns = ranking.columns().to_vec();
    let analyses = ranking.analyses.into_iter().map(|found| {
        let rows = found.rows.into_iter().map(|row| (row.name, row.cells)).collect();
        (found.name, found.unit, found.notes, rows)
    });
    Ok((columns, ranking.notes, analyses.collect()))
}

/// Writes a sweep from its tables into a folder.
#[pyfunction]
pub fn save_sweep(
    py: Python<'_>,
    asked: (Given, Varied),
    kept: KeptSweep,
    saving: Saving,
    manner: Manner,
) -> PyResult<Told<PathBuf>> {
    let (given, varied) = asked;
    let (input, options, drawing) = (given.input(), varied.options(py)?, saving.drawing());
    carry_out(py, &manner, |work| {
        let sweep = Sweep::new(&input, &options, work)?;
        Ok(kept.results()?.save(&sweep, &saving.folder(&drawing)?, work)?.path)
    })
}

/// A scenario against its history, as `score.json` has it.
#[pyfunction]
pub fn score(py: Python<'_>, given: Given, manner: Manner) -> PyResult<Told<Bound<'_, PyAny>>> {
    refuse_unread(py, &[&given])?;
    let input = given.input();
    let (card, notes) = carry_out(py, &manner, |work| score_scenario(&input, Memory, work))?;
    Ok((plain(py, &card)?, notes))
}

/// Of each epoch: days from the start, days that it lasts, difficulty and hashrate in EH/s.
type Epochs = Vec<(f64, f64, f64, f64)>;

fn epochs(history: &History) -> Epochs {
    let of = history.epochs.iter();
    of.map(|epoch| (epoch.start_days(), epoch.duration_days(), epoch.difficulty, epoch.hashrate_eh_per_s)).collect()
}

/// A posterior as the package keeps it.
#[derive(Debug, IntoPyObject)]
pub struct FoundPosterior<'py> {
    names: Vec<String>,
    /// The scenarios that were fitted.
    episodes: Vec<String>,
    /// Draws, a list of values each.
    values: Vec<Vec<f64>>,
    weights: Vec<f64>,
    distances: Vec<f64>,
    /// Of each draw that was simulated anew and of each scenario its epochs.
    predictive: Vec<Vec<Epochs>>,
    /// Of each scenario the epochs that were observed, where it has a history.
    observed: Vec<Option<Epochs>>,
    /// As `calibration.json` has it.
    report: Bound<'py, PyAny>,
    /// Of each scenario the files that it was read from.
    files: Vec<Vec<File>>,
}

fn fitting(given: &[Given], synthetic: Option<String>) -> Fitting {
    let inputs: Vec<Input> = given.iter().map(Given::input).collect();
    Fitting::new(&inputs, &CalibrateOptions { synthetic, truths: None })
}

#[pyfunction]
pub fn calibrate(
    py: Python<'_>,
    given: Vec<Given>,
    synthetic: Option<String>,
    manner: Manner,
) -> PyResult<Told<FoundPosterior<'_>>> {
    refuse_unread(py, &given.iter().collect::<Vec<_>>())?;
    let (is_synthetic, fitting) = (synthetic.is_some(), fitting(&given, synthetic));
    let ((posterior, observed, files), notes) = carry_out(py, &manner, |work| {
        let posterior = Memory.fill(&fitting, work)?;
        let (mut observed, mut files) = (Vec::new(), Vec::new());
        for given in &given {
            let resolved = given.input().load()?;
            let history = if is_synthetic { Ok(None) } else { observed_history(&resolved) };
            observed.push(history.map_err(|error| StudyError::Input(error.to_string()))?);
            files.push(kept_files(resolved.files()));
        }
        Ok((posterior, observed, files))
    })?;
    let draws = &posterior.draws;
    let found = FoundPosterior {
        names: posterior.names.clone(),
        episodes: given.iter().map(|given| given.input().name()).collect(),
        values: draws.values.clone(),
        weights: draws.weights.clone(),
        distances: draws.distances.clone(),
        predictive: posterior.predictive.iter().map(|histories| histories.iter().map(epochs).collect()).collect(),
        observed: observed.iter().map(|history| history.as_ref().map(epochs)).collect(),
        report: plain(py, &posterior.report)?,
        files,
    };
    Ok((found, notes))
}

/// Samples a posterior again, into a folder.
#[pyfunction]
pub fn save_posterior(
    py: Python<'_>,
    asked: (Vec<Given>, Option<String>),
    saving: Saving,
    manner: Manner,
) -> PyResult<Told<PathBuf>> {
    let (given, synthetic) = asked;
    let (fitting, drawing) = (fitting(&given, synthetic), saving.drawing());
    carry_out(py, &manner, |work| Ok(saving.folder(&drawing)?.fill(&fitting, work)?.outcome.path))
}

/// Tables of a nowcast as csv, in place of those that are shipped.
#[derive(Debug, FromPyObject)]
#[pyo3(from_item_all)]
pub struct Known {
    history: Option<String>,
    days: Option<String>,
    catalogue: Option<String>,
}

/// What a nowcast is told of.
#[derive(Debug, FromPyObject)]
#[pyo3(from_item_all)]
pub struct Asked {
    at: Option<String>,
    epochs: u16,
    price_usd: Option<f64>,
    are_prices_known: bool,
    power_price_usd_per_kwh: f64,
    members: u64,
    seed: u64,
}

/// The state of the network as `shakeout nowcast --json` has it, and the start of a scenario.
#[pyfunction]
pub fn nowcast(
    py: Python<'_>,
    known: Known,
    asked: Asked,
    manner: Manner,
) -> PyResult<Told<(Bound<'_, PyAny>, String)>> {
    let told = |what: &str, error: &dyn std::fmt::Display| wrong(py, &format!("{what}: {error}"));
    let named = [("history.csv", &known.history), ("days.csv", &known.days)];
    let held = named.iter().filter_map(|&(name, text)| Some((PathBuf::from(name), text.as_ref()?.as_bytes().into())));
    let files = Remembered::with(Disk::default(), held.collect());
    let [epochs_file, days_file] = named.map(|(name, text)| text.as_ref().map(|_| Path::new(name)));
    let history = read_history(&files, epochs_file, days_file).map_err(|problems| refused(py, &problems))?;
    let machines = match &known.catalogue {
        Some(text) => hardware::read_catalogue(text).map_err(|error| told("catalogue", &error))?,
        None => hardware::catalogue(),
    };
    let on_sale = OnSale::of(&machines).ok_or_else(|| {
        wrong(py, "catalogue: it has no air-cooled machine of Bitmain or MicroBT: nothing is on sale")
    })?;
    let at = asked.at.as_deref().map(UnixTime::parse).transpose().map_err(|error| told("at", &error))?;
    let Asked { epochs, price_usd, are_prices_known, power_price_usd_per_kwh, members, seed, .. } = asked;
    let options = NowcastOptions { at, epochs, price_usd, are_prices_known, power_price_usd_per_kwh, members, seed };
    let ((state, start), notes) = carry_out(py, &manner, |work| {
        let told = tell_state(&history, &on_sale, &options, work)?;
        Ok((told.to_json(), told.to_scenario()))
    })?;
    Ok(((plain(py, &state)?, start), notes))
}

/// All that is wrong with a scenario, and what a run of it takes, as `shakeout check --json` has it.
#[pyfunction]
pub fn check(py: Python<'_>, given: Given, manner: Manner) -> PyResult<Bound<'_, PyAny>> {
    refuse_unread(py, &[&given])?;
    let input = given.input();
    let (mut found, _) = carry_out(py, &manner, |work| Ok(check_scenario(&input, work)))?;
    if let Err(StudyError::Scenario(problems)) = &mut found {
        **problems = reworded(problems);
    }
    let shown = match &found {
        Ok(checked) => checked.questions.problems().map(rendered).collect(),
        Err(error) => crate::failure::shown(error),
    };
    let mut value = shakeout::study::checked_json(&found);
    value["shown"] = json!(shown.trim_end());
    plain(py, &value)
}

/// The values of a scenario with unit, origin, meaning, usual range and prior, as `shakeout explain --json` has them.
#[pyfunction]
pub fn explain(py: Python<'_>, given: Given, key: Option<String>) -> PyResult<Bound<'_, PyAny>> {
    let resolved = given.input().load().map_err(|problems| refused(py, &problems))?;
    plain(py, &explained(&resolved, key.as_deref()).map_err(|problems| refused(py, &problems))?)
}

/// The data dictionary: what stands in every table.
#[pyfunction]
pub fn tables_described(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    plain(py, &dictionary::every_table())
}

/// The shipped epochs, or blocks by day, as csv.
#[pyfunction]
pub fn history(days: bool) -> String {
    shakeout::scenario::shipped_history_csv(days)
}

/// The shipped scenarios.
#[pyfunction]
pub fn shipped() -> Vec<&'static str> {
    BUNDLED.iter().map(|(name, _)| *name).collect()
}

/// The text of a shipped scenario, with all that it extends in one file.
#[pyfunction]
pub fn shipped_text(name: &str) -> Option<String> {
    bundled_text(name)
}

/// The colours of charts, by what they mean.
#[pyfunction]
pub fn palette() -> BTreeMap<&'static str, String> {
    style::palette().into_iter().collect()
}
