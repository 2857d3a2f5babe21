//! Charts of one run as SVG, for a column or a page of a paper.
//!
//! Every chart is a [`Chart`]: it names, captions and draws itself; one visual language lies in [`style`].

mod axis;
mod calendar;
pub mod calibrate;
mod canvas;
mod coins;
mod concentration;
mod difficulty;
mod fans;
mod fleet;
mod frame;
mod layout;
mod legend;
mod lorenz;
mod observed;
mod panel;
mod power;
mod price;
mod recovery;
mod restart;
mod rigs;
mod runway;
mod simplify;
mod supply;
mod survival;

#[cfg(test)]
mod tests;

pub mod page;
pub mod png;
pub mod style;
pub mod sweep;

use std::{
    fs,
    path::{Path, PathBuf},
};

pub(crate) use calendar::day;
use canvas::Canvas;
use plotters::backend::DrawingBackend;

pub use calibrate::{draw_calibration, draw_ranks};
pub use page::{
    answer_in_markdown,
    compare::comparison,
    page,
    sweep::{sweep_page, write_sweep_page},
    write_page,
};
pub use png::write_pngs;
pub use style::{FigureSize, FigureStyle};
pub use sweep::draw_sweep;

use crate::report::{
    ReportError,
    series::{Limits, RunSeries},
};

/// A drawn chart with the words that go with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The stem of its file's name.
    pub name: &'static str,
    /// A few words.
    pub title: &'static str,
    /// What is to be seen, how it was computed, and what it leaves out.
    pub caption: String,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// The picture.
    pub svg: String,
}

/// A chart of one run.
trait Chart {
    fn name(&self) -> &'static str;
    fn title(&self) -> &'static str;
    fn caption(&self) -> String;
    fn alt(&self) -> String;
    fn panels(&self) -> usize;
    /// Draws it; the title only if it is given.
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError>;
}

/// Draws every chart of the run in `folder` into files in `out`, which is made if need be.
///
/// The same tables give the same bytes.
///
/// # Errors
/// If a table of `folder` is missing or cannot be understood, or a file cannot be written.
pub fn draw_all(folder: &Path, out: &Path, style: &FigureStyle) -> Result<Vec<PathBuf>, ReportError> {
    draw_run(&RunSeries::read(folder, &Limits::default())?, out, style)
}

/// As [`draw_all`], of what has been read, and perhaps changed, already.
///
/// # Errors
/// If a file cannot be written, or the figures are too small for their parts.
pub fn draw_run(series: &RunSeries, out: &Path, style: &FigureStyle) -> Result<Vec<PathBuf>, ReportError> {
    let figures = figures(series, style)?;
    fs::create_dir_all(out).map_err(ReportError::file(out))?;
    let mut paths = Vec::with_capacity(figures.len());
    for figure in figures {
        let path = out.join(format!("{}.svg", figure.name));
        fs::write(&path, figure.svg).map_err(ReportError::file(&path))?;
        paths.push(path);
    }
    Ok(paths)
}

/// Every chart of a run, in the order in which a page shows them.
///
/// # Errors
/// If the figure is too small for its parts.
pub fn figures(series: &RunSeries, style: &FigureStyle) -> Result<Vec<Figure>, ReportError> {
    let mut figures = Vec::new();
    if !series.observed.is_empty() {
        figures.push(figure(&observed::Observed(series), style)?);
    }
    figures.push(figure(&recovery::Recovery(series), style)?);
    figures.push(figure(&difficulty::DifficultyAndHashprice(series), style)?);
    figures.push(figure(&fleet::Fleet(series), style)?);
    if !series.supply.is_empty() {
        figures.push(figure(&supply::MeritOrder(series), style)?);
    }
    if series.ladder.is_worth_it() {
        figures.push(figure(&restart::RestartLadder(series), style)?);
    }
    if !series.rigs.models.is_empty() {
        figures.push(figure(&rigs::RigPrices(series), style)?);
    }
    figures.push(figure(&price::Price(series), style)?);
    figures.push(figure(&coins::Coins(series), style)?);
    if series.runway[1].fan.p50.iter().any(|days| !days.is_nan()) {
        figures.push(figure(&runway::Runway(series), style)?);
    }
    if !series.survival.is_empty() {
        figures.push(figure(&survival::SurvivalByClass(series), style)?);
    }
    figures.push(figure(&concentration::Concentration(series), style)?);
    if !series.lorenz_end.shares.is_empty() {
        figures.push(figure(&lorenz::LorenzCurve(series), style)?);
    }
    figures.push(figure(&power::Power(series), style)?);
    Ok(figures)
}

fn figure<C: Chart>(chart: &C, style: &FigureStyle) -> Result<Figure, ReportError> {
    let size = style.size.millimetres(chart.panels());
    let font = FigureSize::font_mm(size.0);
    let alt = chart.alt();
    let title = style.titles.then(|| chart.title());
    let svg = canvas::svg(chart.name(), &alt, size, font, |canvas| chart.draw(canvas, title))?;
    Ok(Figure { name: chart.name(), title: chart.title(), caption: chart.caption(), alt, svg })
}

/// What a caption says of the fans: how many replicas, at which instants.
fn fan_note(series: &RunSeries) -> String {
    use crate::report::number::grouped;
    let count = |number: u64| grouped(f64::from(u32::try_from(number).unwrap_or(u32::MAX)), 0);
    let all = series.replicas as u64;
    let shown = series.replicas;
    if shown == 1 && series.replicas_run.unwrap_or(1) == 1 {
        return "One replica.".into();
    }
    let of = match series.replicas_run {
        Some(run) if run > all => format!("the first {} of {} replicas", count(all), count(run)),
        _ => format!("{} replicas", count(all)),
    };
    let instants = match series.grid.stride {
        1 => String::new(),
        2 => ", every second day".into(),
        stride => format!(", every {stride}{} day", ordinal(stride)),
    };
    format!("Median, 50\u{a0}% and 90\u{a0}% bands at each instant over {of}{instants}.")
}

fn ordinal(number: usize) -> &'static str {
    match (number % 10, number % 100) {
        (1, tens) if tens != 11 => "st",
        (2, tens) if tens != 12 => "nd",
        (3, tens) if tens != 13 => "rd",
        _ => "th",
    }
}

/// What a caption says of the lines that mark shocks.
fn shock_note(series: &RunSeries) -> String {
    let shocks = &series.marks.shocks;
    if shocks.is_empty() {
        return String::new();
    }
    let all = if shocks.len() > layout::MAX_SHOCKS {
        format!(" (the first {} of {})", layout::MAX_SHOCKS, shocks.len())
    } else {
        String::new()
    };
    format!(" Dashed lines: events of the whole network in the first replica{all}.")
}

/// A median in words: where it starts, its lowest point and its end, of the instants at which there is one.
fn course_in_words(series: &RunSeries, what: &str, values: &[f64], unit: &str) -> String {
    let known: Vec<(f64, i64)> =
        values.iter().copied().zip(series.grid.times.iter().copied()).filter(|(value, _)| value.is_finite()).collect();
    let with_unit = |value: f64| format!("{} {unit}", crate::report::number::human(value)).trim_end().to_owned();
    let low = known.iter().min_by(|a, b| a.0.total_cmp(&b.0));
    match (known.first(), low, known.last()) {
        (Some(&(first, _)), Some(&(low, time)), Some(&(last, _))) => format!(
            "Median {what} starts at {}, is lowest at {} on {}, and ends at {}.",
            with_unit(first),
            with_unit(low),
            calendar::day(time),
            with_unit(last),
        ),
        _ => format!("There is no value of {what}."),
    }
}
