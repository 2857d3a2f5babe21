//! `report.html`: the answer, charts that answer to the pointer, the scenario and where it all comes from, in one file that
//! needs no network.

mod answer;
mod assumptions;
mod beyond;
mod charts;
pub mod compare;
pub(crate) mod explorer;
mod history;
pub(crate) mod pack;
mod score;
pub mod sweep;
mod template;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{Figure, FigureSize, FigureStyle};
use crate::output::{failed::read_failures, manifest::Question, read::Reader};
use crate::report::{
    ReportError,
    number::{grouped, human},
    provenance::{Input, Manifest},
    series::{Limits, RunSeries},
    summary::{Headline, Summary},
};
pub use answer::in_markdown as answer_in_markdown;
use answer::{Answer, ClassRow};
use assumptions::{Assumption, Cited};
use history::History;
use pack::{Axis, Block, Packed, Replicas};
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

/// So many values of single histories are put into a page, about three bytes each.
const PATH_VALUES: usize = 400_000;
/// Digits of the path of one replica.
const PATH_DIGITS: i32 = 4;

/// The page of the run in `folder`.
///
/// # Errors
/// If a part of the folder is missing or cannot be understood.
pub fn page(folder: &Path) -> Result<String, ReportError> {
    let limits = Limits::default();
    let series = RunSeries::read(folder, &limits)?;
    let mut histories = history::of_days(folder, &series.grid, &limits)?;
    histories.extend(history::of_epoch_ends(folder, &series.grid, &limits, &charts::AT_EPOCH_ENDS)?);
    let mut content = Content::new(&Summary::read(folder)?, Manifest::read(folder)?);
    content.reasons = reasons(folder)?;
    let mut block = Block::default();
    block.axes.insert("days", Axis { kind: "time", label: "", x: Packed::instants(&series.grid.times) });
    content.classes = answer::by_class(&series);
    content.score = score::read(folder, &mut block)?;
    let (drawn, constant) = charts::of_run(&series, &histories, &mut block);
    let picked = replicas(folder, &series, &histories)?;
    content.chart_note = chart_note(&series, &picked);
    content.can_pick = !picked.labels.is_empty();
    block.replicas = content.can_pick.then_some(picked);
    let figures = figures(&series)?;
    content.place(drawn, &mut block, &figures);
    content.figures = figures.into_iter().filter(|figure| !figure.stands_in_for_a_chart()).collect();
    content.constant = constant;
    render("run.html", &content, &block)
}

/// Why some of a folder's histories could not be run, in words.
pub(super) fn reasons(folder: &Path) -> Result<Vec<String>, ReportError> {
    Ok(read_failures(folder)?.lines().lines().map(|line| line.trim().to_owned()).collect())
}

/// A wide figure shrunk to a telephone could not be read, so each is drawn twice and the style sheet shows one.
fn figures(series: &RunSeries) -> Result<Vec<PageFigure>, ReportError> {
    let draw = |size| super::figures(series, &FigureStyle { size, titles: false });
    let pairs = draw(FigureSize::Page)?.into_iter().zip(draw(FigureSize::Column)?);
    Ok(pairs.map(|(wide, narrow)| PageFigure::new(wide, narrow)).collect())
}

/// The figure that is printed in the place of a chart, and shown where there are no scripts. A chart without a figure of its
/// own is in that of the chart before it.
const IN_PRINT: [(&str, Option<&str>); 20] = [
    ("hashrate_eh_per_s", Some("recovery")),
    ("difficulty", Some("difficulty-and-hashprice")),
    ("hashprice_usd_per_ph_day", None),
    ("fleet-on", Some("fleet")),
    ("fleet-off", None),
    ("machine_efficiency_j_per_th", Some("power")),
    ("power_gw", None),
    ("co2_kt", None),
    ("price_usd", Some("price")),
    ("price_impact_share", None),
    ("flows", Some("coins")),
    ("coins_held_btc", None),
    ("hhi", Some("concentration")),
    (beyond::SURVIVAL, Some("survival")),
    (beyond::RUNWAY, Some("runway")),
    (beyond::LADDER, Some("restart-ladder")),
    (beyond::WAITING, None),
    (beyond::RIGS, Some("rigs")),
    (beyond::MERIT_ORDER, Some("merit-order")),
    (beyond::LORENZ, Some("lorenz")),
];

/// The paths of as many replicas as the page has room for.
fn replicas(folder: &Path, series: &RunSeries, histories: &[History]) -> Result<Replicas, ReportError> {
    let shown: Vec<(&History, f64)> = histories
        .iter()
        .filter(|history| charts::shown(&history.column.name).is_some() && history.varies_over_replicas())
        .map(|history| (history, charts::scaled(&history.column.name, history.column.unit, charts::most(history)).0))
        .collect();
    let each = (shown.len() * series.grid.times.len()).max(1);
    let count = if series.replicas < 2 { 0 } else { series.replicas.min((PATH_VALUES / each).max(1)) };
    let pack = |path: &Vec<f64>, scale: f64| {
        let values: Vec<f64> = path.iter().map(|value| value * scale).collect();
        Packed::new(&values, PATH_DIGITS)
    };
    let paths = shown.iter().map(|(history, scale)| {
        let packed = history.paths.iter().take(count).map(|path| pack(path, *scale)).collect();
        (history.column.name.to_string(), packed)
    });
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
    notes.push("Broken vertical lines: events of the whole network, in the first replica.".into());
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
    parts: Vec<Part>,
    chart_note: String,
    can_pick: bool,
    constant: Vec<(String, String)>,
    figures: Vec<PageFigure>,
    values: Vec<Cited>,
    assumptions: Vec<Assumption>,
    scenario: String,
    command: String,
    version: String,
    origin: Origin,
}

/// Charts that stand together.
#[derive(Serialize)]
struct Part {
    name: &'static str,
    charts: Vec<Placed>,
}

/// A chart in the template.
#[derive(Serialize)]
struct Placed {
    text: charts::Text,
    /// The figure that stands in for it in print.
    paper: Option<Paper>,
    /// Whether the figure of the chart before it shows it too.
    is_covered: bool,
}

/// A figure as it is printed in the place of a chart.
#[derive(Serialize)]
struct Paper {
    title: &'static str,
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

/// A figure for a screen and for a telephone.
#[derive(Serialize)]
struct PageFigure {
    name: &'static str,
    title: &'static str,
    caption: String,
    wide: String,
    narrow: String,
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
    pub(super) fn new(manifest: &Manifest) -> Self {
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

impl PageFigure {
    fn new(wide: Figure, narrow: Figure) -> Self {
        Self { name: wide.name, title: wide.title, caption: wide.caption, wide: wide.svg, narrow: narrow.svg }
    }

    fn stands_in_for_a_chart(&self) -> bool {
        IN_PRINT.iter().any(|(_, figure)| *figure == Some(self.name))
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
    fn new(summary: &Summary, manifest: Manifest) -> Self {
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
            figures: Vec::new(),
            values,
            assumptions,
            command: manifest.command.clone(),
            version: manifest.version.clone(),
            origin: Origin::new(&manifest),
            scenario: manifest.scenario,
        }
    }

    /// Puts charts into their parts, and what is drawn into the block.
    fn place(&mut self, drawn: Vec<charts::Drawn>, block: &mut Block, figures: &[PageFigure]) {
        for charts::Drawn { text, spec } in drawn {
            if self.parts.last().is_none_or(|part| part.name != text.part) {
                self.parts.push(Part { name: text.part, charts: Vec::new() });
            }
            let in_print = IN_PRINT.iter().find(|(chart, _)| *chart == text.id).map(|(_, figure)| *figure);
            let paper = in_print.flatten().and_then(|name| figures.iter().find(|figure| figure.name == name));
            let paper = paper.map(|figure| Paper {
                title: figure.title,
                caption: figure.caption.clone(),
                svg: figure.wide.clone(),
            });
            let before = self.parts.last().and_then(|part| part.charts.last());
            let is_covered = in_print == Some(None) && before.is_some_and(|one| one.paper.is_some() || one.is_covered);
            if let Some(part) = self.parts.last_mut() {
                part.charts.push(Placed { text, paper, is_covered });
            }
            block.charts.push(spec);
        }
    }
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
