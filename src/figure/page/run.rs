//! The page of a run.

use std::path::Path;

use serde::Serialize;

use super::{
    answer::{self, Answer, ClassRow},
    assumptions::{self, Assumption, Cited},
    block::{Block, Replicas},
    columns::{self, History, other_columns},
    origin::{Origin, reasons},
    placed::{PagePart, parts},
    score,
    template::render,
};
use crate::{
    figure::{
        instant,
        parts::{Figure, varies},
        run as charts,
        uplot::{anchor, paths},
    },
    output::uncertain::DrawnAssumption,
    report::{
        ReportError,
        bands::Limits,
        number::{grouped, human},
        provenance::Provenance,
        series::{Gathering, RunSeries},
        summary::{Headline, Summary},
    },
};

/// Maximum number of values of single histories in a page, about three bytes each.
const PATH_VALUES: usize = 400_000;
/// Maximum number of replicas whose histories are in a page.
const PATHS: usize = 400;

/// What the page needs of replicas.
pub fn gathering() -> Gathering {
    Gathering::new(&Limits::default(), &columns::day_columns())
}

/// The page of the run in `folder`.
///
/// # Errors
/// If a part of the folder is missing or cannot be understood.
pub fn run_page(folder: &Path) -> Result<String, ReportError> {
    let run = Gathering::of_folder(folder, &Limits::default(), &columns::day_columns())?;
    page_of_run(&run, folder, reasons(folder)?)
}

/// The page of a run from gathered data; the rest is read from `folder`, except the reasons why some replicas could not be run.
///
/// # Errors
/// If a part of the folder is missing or cannot be understood.
pub fn page_of_run(run: &Gathering, folder: &Path, reasons: Vec<String>) -> Result<String, ReportError> {
    let series = run.series(folder, PATHS)?;
    let mut figures = charts::figures(&series);
    let histories = other_columns(run, &series.grid, PATHS, &figures);
    let (constant, varying): (Vec<History>, Vec<History>) =
        histories.into_iter().partition(|history| history.constant.is_some());
    let marks = figures.iter().map(|figure| figure.marks.clone()).find(|marks| !marks.is_empty()).unwrap_or_default();
    figures.extend(columns::figures(&varying, &series.grid, &marks, series.replicas));
    let mut content = Content::new(&Summary::read(folder)?, Provenance::read(folder)?);
    content.reasons = reasons;
    let mut block = Block::default();
    content.classes = answer::by_class(&series);
    content.relief = answer::relief(&series);
    content.events = series.marks.shocks.iter().map(|shock| (instant::day(shock.time), shock.label.clone())).collect();
    content.score = score::read(folder, &mut block)?;
    let picked = replicas(run.troughs(), &series, &figures);
    content.chart_note = chart_note(&series, &picked);
    content.can_pick = !picked.labels.is_empty();
    block.replicas = content.can_pick.then_some(picked);
    // Figures of single columns are not printed: there are many of them.
    let drawn = charts::figures(&series).len();
    content.parts = parts(&figures, &mut block, |place| place < drawn)?;
    let value = |value: f64| if value.is_nan() { "no value".into() } else { human(value) };
    let named = constant.iter().map(|one| (one.column.name.to_string(), one.constant.map_or_else(String::new, value)));
    content.constant = named.collect();
    render("run.html", &content, &block)
}

/// The paths of as many replicas as the page has room for.
fn replicas(troughs: &[Option<f64>], series: &RunSeries, figures: &[Figure<'_>]) -> Replicas {
    let panels = || {
        let all = figures.iter().flat_map(|figure| figure.panels.iter().enumerate().map(move |one| (figure, one)));
        all.filter(|(_, (_, panel))| panel.fan().is_some_and(varies))
    };
    let room = PATH_VALUES / (panels().count() * series.grid.times.len()).max(1);
    let count = if series.replicas < 2 { 0 } else { series.replicas.min(room.clamp(1, PATHS)) };
    let shown = panels().filter_map(|(figure, (place, panel))| Some((anchor(figure, place), paths(panel, count)?)));
    let troughs = &troughs[..count.min(troughs.len())];
    let label = |replica: usize| match troughs.get(replica) {
        Some(Some(trough)) => format!("{replica}: down to {}\u{a0}%", human(100.0 * trough)),
        _ => replica.to_string(),
    };
    let mut by_depth: Vec<(f64, usize)> =
        troughs.iter().zip(0..).filter_map(|(trough, replica)| Some(((*trough)?, replica))).collect();
    by_depth.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let typical = match by_depth.as_slice() {
        [deepest, .., mildest] => {
            vec![("deepest", deepest.1), ("median", by_depth[by_depth.len() / 2].1), ("mildest", mildest.1)]
        }
        _ => Vec::new(),
    };
    let typical = typical.into_iter().map(|(word, replica)| (format!("{word}, replica {}", label(replica)), replica));
    Replicas { paths: shown.collect(), typical: typical.collect(), labels: (0..count).map(label).collect() }
}

/// What the fans and paths leave out.
fn chart_note(series: &RunSeries, picked: &Replicas) -> String {
    let count = |number: usize| grouped(f64::from(u32::try_from(number).unwrap_or(u32::MAX)), 0);
    let run = series.replicas_run.and_then(|run| usize::try_from(run).ok()).unwrap_or(series.replicas);
    let mut notes = Vec::new();
    if series.replicas < run {
        notes.push(format!("Bands are over the first {} of {} replicas.", count(series.replicas), count(run)));
    }
    let offered = picked.labels.len();
    if (1..run).contains(&offered) {
        notes.push(format!(
            "The first {} of {} replicas can be picked; all are in the tables.",
            count(offered),
            count(run)
        ));
    }
    if series.grid.stride > 1 {
        notes.push(format!("One day in {} is drawn.", series.grid.stride));
    }
    notes.push("Broken vertical lines: events of the first replica.".into());
    notes.join(" ")
}

/// All that the template may ask for.
#[derive(Serialize)]
struct Content {
    title: String,
    question: String,
    /// Of replicas that could not be run.
    failures: Option<String>,
    reasons: Vec<String>,
    answers: Vec<Answer>,
    classes: Vec<ClassRow>,
    about_bands: String,
    /// What the answer hangs on, in sentences, and the drawn assumptions.
    hangs_on: Vec<String>,
    drawn: Vec<DrawnAssumption>,
    /// When and by how much difficulty relieves the miners that go on.
    relief: Option<String>,
    /// Events of the first replica: date and label.
    events: Vec<(String, String)>,
    score: Option<score::Score>,
    headlines: Vec<Row>,
    has_never: bool,
    /// Whether not all of them are over the same replicas.
    has_counts: bool,
    parts: Vec<PagePart>,
    chart_note: String,
    can_pick: bool,
    constant: Vec<(String, String)>,
    values: Vec<Cited>,
    assumptions: Vec<Assumption>,
    scenario: String,
    command: String,
    version: String,
    origin: Origin,
}

/// A metric as shown in the table.
#[derive(Serialize)]
struct Row {
    name: String,
    meaning: String,
    unit: String,
    mean: String,
    quantiles: Vec<String>,
    never: String,
    /// Over how many replicas.
    over: String,
}

impl Row {
    fn new(headline: &Headline) -> Self {
        let spread = &headline.spread;
        let number = |value: Option<f64>| spread.shown(value);
        let quantiles = [spread.p05, spread.p25, spread.p50, spread.p75, spread.p95];
        Self {
            name: headline.name.clone(),
            meaning: headline.meaning(),
            unit: spread.unit.clone(),
            mean: spread.mean.map_or_else(|| "–".into(), |mean| spread.shown(Some(mean))),
            quantiles: quantiles.map(number).into(),
            never: if spread.n_censored > 0 { format!("{} of {}", spread.n_censored, spread.n) } else { "–".into() },
            over: grouped(f64::from(u32::try_from(spread.n).unwrap_or(u32::MAX)), 0),
        }
    }
}

impl Content {
    fn new(summary: &Summary, manifest: Provenance) -> Self {
        let (values, assumptions) = assumptions::cite(manifest.values());
        Self {
            title: if summary.title.is_empty() { "Untitled run".into() } else { summary.title.clone() },
            question: summary.question.clone(),
            failures: summary.failures(),
            reasons: Vec::new(),
            answers: answer::answers(summary),
            classes: Vec::new(),
            about_bands: summary.about_bands(),
            hangs_on: summary.hangs_on(),
            drawn: summary.uncertain.as_ref().map_or_else(Vec::new, |uncertain| uncertain.drawn.clone()),
            relief: None,
            events: Vec::new(),
            score: None,
            headlines: summary.metrics.iter().map(Row::new).collect(),
            has_never: summary.metrics.iter().any(|headline| headline.spread.n_censored > 0),
            has_counts: summary.metrics.iter().any(|headline| headline.spread.n != summary.replicas),
            parts: Vec::new(),
            chart_note: String::new(),
            can_pick: false,
            constant: Vec::new(),
            values,
            assumptions,
            command: manifest.command.clone(),
            version: manifest.version.clone(),
            origin: Origin::new(&manifest),
            scenario: manifest.scenario,
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
