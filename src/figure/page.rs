//! `report.html`: the answer, charts that answer to the pointer, the scenario and where it all comes from, in one file that
//! needs no network.

mod answer;
mod assumptions;
mod columns;
pub mod compare;
pub(crate) mod explorer;
mod score;
pub mod sweep;
mod template;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{
    Figure, FigureSize, FigureStyle,
    parts::varies,
    run,
    uplot::{self, Block, Replicas, anchor},
};
use crate::output::{failed::read_failures, manifest::Question, read::Reader};
use crate::report::{
    ReportError,
    number::{grouped, human},
    provenance::{Input, Provenance},
    series::{Grid, Limits, RunSeries},
    summary::{Headline, Summary},
};
pub use answer::in_markdown as answer_in_markdown;
use answer::{Answer, ClassRow};
use assumptions::{Assumption, Cited};
use columns::History;
pub(super) use template::render;
#[cfg(test)]
pub(super) use tests::asks_no_network;

/// Writes `report.html` of the run in `folder` to `out`.
///
/// # Errors
/// If a part of the folder is missing or cannot be understood, or the page cannot be written.
pub fn write_page(folder: &Path, out: &Path) -> Result<PathBuf, ReportError> {
    let html = page(folder)?;
    fs::write(out, html).map_err(ReportError::file(out))?;
    Ok(out.to_owned())
}

/// So many values of single histories are put into a page, about three bytes each...
const PATH_VALUES: usize = 400_000;
/// ...of so many replicas at most.
const PATHS: usize = 400;

/// The page of the run in `folder`.
///
/// # Errors
/// If a part of the folder is missing or cannot be understood.
pub fn page(folder: &Path) -> Result<String, ReportError> {
    let limits = Limits { paths: PATHS, ..Limits::default() };
    let series = RunSeries::read(folder, &limits)?;
    let mut figures = run::figures(&series);
    let histories = other_columns(folder, &series.grid, &limits, &figures)?;
    let (constant, varying): (Vec<History>, Vec<History>) =
        histories.into_iter().partition(|history| history.constant.is_some());
    let marks = figures.iter().map(|figure| figure.marks.clone()).find(|marks| !marks.is_empty()).unwrap_or_default();
    figures.extend(columns::figures(&varying, &series.grid, &marks, series.replicas));
    let mut content = Content::new(&Summary::read(folder)?, Provenance::read(folder)?);
    content.reasons = reasons(folder)?;
    let mut block = Block::default();
    content.classes = answer::by_class(&series);
    content.score = score::read(folder, &mut block)?;
    let picked = replicas(folder, &series, &figures)?;
    content.chart_note = chart_note(&series, &picked);
    content.can_pick = !picked.labels.is_empty();
    block.replicas = content.can_pick.then_some(picked);
    // Those of columns stand in for nothing on paper: they are many, and each is plain.
    let drawn = run::figures(&series).len();
    content.parts = parts(&figures, &mut block, |place| place < drawn)?;
    let value = |value: f64| if value.is_nan() { "no value".into() } else { human(value) };
    let named = constant.iter().map(|one| (one.column.name.to_string(), one.constant.map_or_else(String::new, value)));
    content.constant = named.collect();
    render("run.html", &content, &block)
}

/// The columns of days and of the ends of epochs that none of `figures` shows.
fn other_columns(
    folder: &Path,
    grid: &Grid,
    limits: &Limits,
    figures: &[Figure<'_>],
) -> Result<Vec<History>, ReportError> {
    let shown: Vec<&str> =
        figures.iter().flat_map(|figure| &figure.panels).flat_map(|panel| panel.columns.iter().copied()).collect();
    let mut histories = columns::of_days(folder, grid, limits, &shown)?;
    histories.extend(columns::of_epoch_ends(folder, grid, limits, &shown)?);
    Ok(histories)
}

/// Puts figures into the block and, panel by panel, into the parts of a page; those of which `is_drawn` holds are drawn for print too.
fn parts(
    figures: &[Figure<'_>],
    block: &mut Block,
    is_drawn: impl Fn(usize) -> bool,
) -> Result<Vec<PagePart>, ReportError> {
    let mut ordered: Vec<(usize, &Figure<'_>)> = figures.iter().enumerate().collect();
    ordered.sort_by_key(|(_, figure)| figure.part);
    let mut parts: Vec<PagePart> = Vec::new();
    for (place, figure) in ordered {
        let name = figure.part.heading();
        if parts.last().is_none_or(|part| part.name != name) {
            parts.push(PagePart { name, charts: Vec::new() });
        }
        if let Some(part) = parts.last_mut() {
            part.charts.extend(placed(figure, is_drawn(place), block)?);
        }
    }
    Ok(parts)
}

/// Puts a figure into the block; what the template says of each of its panels. If it is drawn, the picture of all panels stands in
/// print in the place of the first.
fn placed(figure: &Figure<'_>, is_drawn: bool, block: &mut Block) -> Result<Vec<Placed>, ReportError> {
    let style = FigureStyle { size: FigureSize::Page, titles: false };
    let svg = is_drawn.then(|| super::draw(figure, &style)).transpose()?;
    let mut paper = svg.map(|svg| Paper { title: figure.title.clone(), caption: figure.caption(), svg });
    block.put(figure);
    let panels = figure.panels.iter().enumerate();
    let one = panels.map(|(place, panel)| Placed {
        id: anchor(figure, place),
        title: panel.title.clone(),
        unit: panel.unit.clone(),
        note: panel.note.clone(),
        wide: panel.is_wide,
        paper: paper.take(),
        is_covered: is_drawn && place > 0,
    });
    Ok(one.collect())
}

/// Why some of a folder's histories could not be run, in words.
pub(super) fn reasons(folder: &Path) -> Result<Vec<String>, ReportError> {
    Ok(read_failures(folder)?.lines().lines().map(|line| line.trim().to_owned()).collect())
}

/// The paths of as many replicas as the page has room for.
fn replicas(folder: &Path, series: &RunSeries, figures: &[Figure<'_>]) -> Result<Replicas, ReportError> {
    let panels = || {
        let all = figures.iter().flat_map(|figure| figure.panels.iter().enumerate().map(move |one| (figure, one)));
        all.filter(|(_, (_, panel))| panel.fan().is_some_and(varies))
    };
    let room = PATH_VALUES / (panels().count() * series.grid.times.len()).max(1);
    let count = if series.replicas < 2 { 0 } else { series.replicas.min(room.clamp(1, PATHS)) };
    let paths =
        panels().filter_map(|(figure, (place, panel))| Some((anchor(figure, place), uplot::paths(panel, count)?)));
    let troughs = troughs(folder, count)?;
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
    Ok(Replicas { paths: paths.collect(), typical: typical.collect(), labels: (0..count).map(label).collect() })
}

/// How deep hashrate fell in each of the first replicas, where the folder says so.
fn troughs(folder: &Path, count: usize) -> Result<Vec<Option<f64>>, ReportError> {
    if !folder.join("replicas.csv").is_file() {
        return Ok(Vec::new());
    }
    let mut rows = Reader::open(folder, "replicas", ["hashrate_trough_share"])?;
    let mut found = Vec::with_capacity(count);
    while found.len() < count && rows.advance()? {
        found.push(rows.number(0)?);
    }
    Ok(found)
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
    seed: u64,
    replicas: String,
    /// Of replicas that could not be run.
    failures: Option<String>,
    reasons: Vec<String>,
    answers: Vec<Answer>,
    classes: Vec<ClassRow>,
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

/// Charts that stand together.
#[derive(Serialize)]
struct PagePart {
    name: &'static str,
    charts: Vec<Placed>,
}

/// A panel of a figure in the template.
#[derive(Serialize)]
struct Placed {
    id: String,
    title: String,
    unit: String,
    note: String,
    wide: bool,
    /// The figure that stands in for it in print, and where there are no scripts.
    paper: Option<Paper>,
    /// Whether the figure of the chart before it shows it too.
    is_covered: bool,
}

/// A figure as it is printed.
#[derive(Serialize)]
struct Paper {
    title: String,
    caption: String,
    svg: String,
}

/// A headline number as the table has it.
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

/// Where the result comes from.
#[derive(Serialize)]
pub(super) struct Origin {
    version: String,
    seed: u64,
    scenario_sha256: String,
    inputs: Vec<Input>,
    options: Vec<(String, String)>,
    /// Shown beside the answer.
    questioned: Vec<Question>,
}

impl Origin {
    pub(super) fn new(manifest: &Provenance) -> Self {
        Self {
            version: manifest.version.clone(),
            seed: manifest.seed,
            scenario_sha256: manifest.scenario_sha256.clone(),
            inputs: manifest.inputs.clone(),
            options: manifest.options.clone().into_iter().collect(),
            questioned: manifest.questioned.clone(),
        }
    }
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
        let count = f64::from(u32::try_from(summary.replicas).unwrap_or(u32::MAX));
        Self {
            title: if summary.title.is_empty() { "Untitled run".into() } else { summary.title.clone() },
            question: summary.question.clone(),
            seed: summary.seed,
            replicas: grouped(count, 0),
            failures: summary.failures(),
            reasons: Vec::new(),
            answers: answer::answers(summary),
            classes: Vec::new(),
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
#[path = "page_tests.rs"]
mod tests;
