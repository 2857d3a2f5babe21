//! The library calls: a scenario and options in, what was found out.
#![expect(clippy::needless_pass_by_value, reason = "what Python hands over is made for the call")]

use crate::{
    call::{Found, Manner, carry_out},
    failure::{error_of, plain, refused, wrong},
    frame::NativeFrame,
};
use pyo3::prelude::*;
use serde_json::json;
use shakeout::{
    check as check_scenario,
    figure::{Drawing, style},
    hardware,
    output::{folder::Mode, format::Format, table::Tables},
    scenario::{BUNDLED, Disk, Remembered, bundled_text, explained, read_history},
    study::{
        CalibrateOptions, DesignKind, Destination, Events, Folder, FolderOutcome, Input, Listed, Memory, MemoryTable,
        NowcastOptions, Posterior, Run, RunOptions, StudyError, Sweep, SweepOptions, SweepResults, Work,
        calibrate::{Fitting, History, observed_history},
        dictionary,
        nowcast::nowcast as tell_state,
        score::score as score_scenario,
    },
    supply::on_sale::OnSale,
    units::UnixTime,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
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
    /// Carries a study out into a folder.
    fn save<S: Sync>(&self, py: Python<'_>, manner: &Manner, study: &S) -> PyResult<Told<PathBuf>>
    where
        for<'a> Folder<'a>: Destination<S, Found = FolderOutcome>,
    {
        let format = Format::parse(&self.format).map_err(|error| wrong(py, &error.to_string()))?;
        let drawing = self.drawing();
        let fill = |work: &mut Work<'_>| self.folder(format, &drawing).fill(study, work);
        carry_out(py, manner, fill).map(|(found, notes)| (found.path, notes))
    }

    fn folder<'a>(&self, format: Format, drawing: &'a Drawing) -> Folder<'a> {
        let mode = if self.replace { Mode::Replace } else { Mode::New };
        let folder = Folder::new(&self.path).mode(mode);
        let folder = Folder { format, ..folder };
        if self.charts || self.page { folder.drawn_by(drawing) } else { folder }
    }

    fn drawing(&self) -> Drawing {
        Drawing { charts: self.charts, page: self.page, ..Drawing::usual() }
    }
}

/// Tables, and what was said while they were made.
type Told<T> = Found<T>;

/// A name, and the table.
type Named = (&'static str, NativeFrame);

fn named(table: MemoryTable) -> Named {
    (table.name, NativeFrame::of(table))
}

/// A run in memory.
#[pyclass(frozen, module = "shakeout._native")]
#[derive(Debug)]
pub struct NativeResults {
    run: Run,
    tables: Vec<Named>,
    /// Number of a replica that could not be run, and why.
    #[pyo3(get)]
    failed: Vec<(u64, String)>,
    /// As `summary.json` has it.
    summary: serde_json::Value,
}

#[pymethods]
impl NativeResults {
    fn tables(&self) -> Vec<Named> {
        self.tables.clone()
    }

    #[getter]
    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.summary)
    }

    #[getter]
    fn title(&self) -> &str {
        &self.run.resolved().scenario.title
    }

    /// The scenario with every value known, as TOML.
    #[getter]
    fn scenario(&self) -> String {
        self.run.resolved().canonical()
    }

    fn save(&self, py: Python<'_>, saving: Saving, manner: Manner) -> PyResult<Told<PathBuf>> {
        saving.save(py, &manner, &self.run)
    }
}

#[pyfunction]
pub fn run(py: Python<'_>, given: Given, wanted: Wanted, manner: Manner) -> PyResult<Told<NativeResults>> {
    let (input, options) = (given.input(), wanted.options(py)?);
    carry_out(py, &manner, |work| {
        let run = Run::new(&input, &options)?;
        let found = Memory.fill(&run, work)?;
        let summary =
            serde_json::to_value(found.summary(run.facts())).map_err(|error| StudyError::Bug(error.to_string()))?;
        let failed = found.failed.iter().map(|(replica, lost)| (*replica, lost.to_string())).collect();
        let tables = found.tables.into_iter().map(named).collect();
        Ok(NativeResults { run, tables, failed, summary })
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
        let listed = |(keys, points)| Listed { file: "points.csv".to_owned(), keys, points };
        let Self { vary, size, epochs, .. } = self;
        Ok(SweepOptions { vary, design, points: size, listed: self.listed.map(listed), epochs, shard: None })
    }
}

/// A sweep in memory.
#[pyclass(frozen, module = "shakeout._native")]
#[derive(Debug)]
pub struct NativeSweep {
    sweep: Sweep,
    results: SweepResults,
    tables: Vec<Named>,
}

#[pymethods]
impl NativeSweep {
    fn tables(&self) -> Vec<Named> {
        self.tables.clone()
    }

    /// The keys that are varied.
    #[getter]
    fn keys(&self) -> Vec<String> {
        self.results.design.factors.iter().map(|factor| factor.key.clone()).collect()
    }

    /// `grid`, `latin-hypercube`, `sobol`, `morris` or `list`.
    #[getter]
    fn design(&self) -> &'static str {
        self.results.design.kind.name()
    }

    /// How many points, and how many replicas each has.
    #[getter]
    fn size(&self) -> (u64, u64) {
        (self.sweep.points(), self.results.replicas)
    }

    #[getter]
    fn failed(&self) -> Vec<(u64, u64, String)> {
        self.results.failed.iter().map(|((point, replica), lost)| (*point, *replica, lost.to_string())).collect()
    }

    /// The names of the indices, and for each metric its name, unit, notes, and a row for each factor.
    #[expect(clippy::type_complexity, reason = "what Python takes apart at once")]
    fn sensitivity(
        &self,
        py: Python<'_>,
        metrics: Vec<String>,
    ) -> PyResult<(
        Vec<&'static str>,
        Vec<String>,
        Vec<(String, &'static str, Vec<String>, Vec<(String, Vec<Option<f64>>)>)>,
    )> {
        let ranking = py.detach(|| self.results.sensitivity(&metrics)).map_err(|error| error_of(py, &error))?;
        let columns = ranking.columns().to_vec();
        let analyses = ranking.analyses.into_iter().map(|found| {
            let rows = found.rows.into_iter().map(|row| (row.name, row.cells)).collect();
            (found.name, found.unit, found.notes, rows)
        });
        Ok((columns, ranking.notes, analyses.collect()))
    }

    fn save(&self, py: Python<'_>, saving: Saving, manner: Manner) -> PyResult<Told<PathBuf>> {
        saving.save(py, &manner, &self.sweep)
    }
}

#[pyfunction]
pub fn sweep(py: Python<'_>, given: Given, varied: Varied, manner: Manner) -> PyResult<Told<NativeSweep>> {
    let (input, options) = (given.input(), varied.options(py)?);
    carry_out(py, &manner, |work| {
        let sweep = Sweep::new(&input, &options, work)?;
        let results = Memory.fill(&sweep, work)?;
        // The ranking of factors reads the first table too, so that it is kept.
        let tables = std::iter::once(results.sweep.clone()).chain(results.epochs.clone()).map(named).collect();
        Ok(NativeSweep { sweep, results, tables })
    })
}

/// A scenario against its history, as `score.json` has it.
#[pyfunction]
pub fn score(py: Python<'_>, given: Given, manner: Manner) -> PyResult<Told<Bound<'_, PyAny>>> {
    let input = given.input();
    let (card, notes) = carry_out(py, &manner, |work| score_scenario(&input, Memory, work))?;
    Ok((plain(py, &card)?, notes))
}

/// A posterior in memory.
#[pyclass(frozen, module = "shakeout._native")]
#[derive(Debug)]
pub struct NativePosterior {
    fitting: Fitting,
    episodes: Vec<String>,
    observed: Vec<Option<History>>,
    posterior: Posterior,
}

/// Of each epoch: days from the start, days that it lasts, difficulty and hashrate in EH/s.
type Epochs = Vec<(f64, f64, f64, f64)>;

fn epochs(history: &History) -> Epochs {
    let of = history.epochs.iter();
    of.map(|epoch| (epoch.start_days(), epoch.duration_days(), epoch.difficulty, epoch.hashrate_eh_per_s)).collect()
}

#[pymethods]
impl NativePosterior {
    #[getter]
    fn names(&self) -> Vec<String> {
        self.posterior.names.clone()
    }

    /// The scenarios that were fitted.
    #[getter]
    fn episodes(&self) -> Vec<String> {
        self.episodes.clone()
    }

    /// Draws, their weights, and the distances of their histories.
    fn draws(&self) -> (Vec<Vec<f64>>, Vec<f64>, Vec<f64>) {
        let draws = &self.posterior.draws;
        (draws.values.clone(), draws.weights.clone(), draws.distances.clone())
    }

    /// Of each draw that was simulated anew and of each scenario its epochs.
    fn predictive(&self) -> Vec<Vec<Epochs>> {
        self.posterior.predictive.iter().map(|histories| histories.iter().map(epochs).collect()).collect()
    }

    /// Of each scenario the epochs that were observed, where it has a history.
    fn observed(&self) -> Vec<Option<Epochs>> {
        self.observed.iter().map(|history| history.as_ref().map(epochs)).collect()
    }

    /// As `calibration.json` has it.
    #[getter]
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.posterior.report)
    }

    fn save(&self, py: Python<'_>, saving: Saving, manner: Manner) -> PyResult<Told<PathBuf>> {
        let drawing = saving.drawing();
        let fill = |work: &mut Work<'_>| saving.folder(Format::Csv, &drawing).fill(&self.fitting, work);
        carry_out(py, &manner, fill).map(|(found, notes)| (found.outcome.path, notes))
    }
}

#[pyfunction]
pub fn calibrate(
    py: Python<'_>,
    given: Vec<Given>,
    synthetic: Option<String>,
    manner: Manner,
) -> PyResult<Told<NativePosterior>> {
    let inputs: Vec<Input> = given.iter().map(Given::input).collect();
    let is_synthetic = synthetic.is_some();
    carry_out(py, &manner, |work| {
        let fitting = Fitting::new(&inputs, &CalibrateOptions { synthetic, truths: None });
        let posterior = Memory.fill(&fitting, work)?;
        let observed = |input: &Input| -> Result<_, StudyError> {
            if is_synthetic {
                return Ok(None);
            }
            observed_history(&input.load()?).map_err(|error| StudyError::Input(error.to_string()))
        };
        let observed = inputs.iter().map(observed).collect::<Result<_, _>>()?;
        Ok(NativePosterior { fitting, episodes: inputs.iter().map(Input::name).collect(), observed, posterior })
    })
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
    let Asked { epochs, price_usd, power_price_usd_per_kwh, members, seed, .. } = asked;
    let options = NowcastOptions { at, epochs, price_usd, power_price_usd_per_kwh, members, seed };
    let ((state, start), notes) = carry_out(py, &manner, |work| {
        let told = tell_state(&history, &on_sale, &options, work)?;
        Ok((told.to_json(), told.to_scenario()))
    })?;
    Ok(((plain(py, &state)?, start), notes))
}

/// All that is wrong with a scenario, and what a run of it takes, as `shakeout check --json` has it.
#[pyfunction]
pub fn check(py: Python<'_>, given: Given, manner: Manner) -> PyResult<Bound<'_, PyAny>> {
    let input = given.input();
    let (found, _) = carry_out(py, &manner, |work| Ok(check_scenario(&input, work)))?;
    let shown = match &found {
        Ok(checked) => checked.questions.problems().map(|problems| problems.render(false, 100)).collect(),
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
