//! `report.html`: the answer, the charts, the scenario and where it all comes from, in one file that needs no network.

use std::{
    fs,
    path::{Path, PathBuf},
};

use minijinja::{AutoEscape, Environment, value::Serde};
use serde::Serialize;

use super::{
    FigureSize, FigureStyle, ReportError,
    chart::{self, Figure},
    number::grouped,
    provenance::{Input, Manifest, ResolvedValue},
    series::{Limits, RunSeries},
    summary::{Headline, Summary},
};

/// Writes `report.html` of the run in `folder` to `out`.
///
/// # Errors
/// If a part of the folder is missing or cannot be understood, or the page cannot be written.
pub fn write_page(folder: &Path, out: &Path) -> Result<PathBuf, ReportError> {
    let html = page(folder)?;
    fs::write(out, html).map_err(ReportError::file(out))?;
    Ok(out.to_owned())
}

/// The page of the run in `folder`.
///
/// # Errors
/// If a part of the folder is missing or cannot be understood.
pub fn page(folder: &Path) -> Result<String, ReportError> {
    let summary = Summary::read(folder)?;
    let manifest = Manifest::read(folder)?;
    let series = RunSeries::read(folder, &Limits::default())?;
    // A wide figure shrunk to a telephone could not be read, so each is drawn twice and the style sheet shows one.
    let draw = |size| chart::figures(&series, &FigureStyle { size, titles: false });
    let figures: Vec<Drawn> = draw(FigureSize::Page)?
        .into_iter()
        .zip(draw(FigureSize::Column)?)
        .map(|(wide, narrow)| Drawn::new(wide, narrow))
        .collect();
    render(&Content::new(&summary, &manifest, figures))
}

fn render(content: &Content) -> Result<String, ReportError> {
    render_template("page.html", content)
}

/// One of the pages: they share style sheet and footer.
pub(super) fn render_template(name: &str, content: &impl Serialize) -> Result<String, ReportError> {
    let failed =
        |error: minijinja::Error| ReportError::Drawing { what: "report.html".into(), problem: format!("{error:#}") };
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("page.html", include_str!("page.html")).map_err(failed)?;
    environment.add_template("sweep.html", include_str!("sweep/sweep.html")).map_err(failed)?;
    let template = environment.get_template(name).map_err(failed)?;
    template.render(Serde(content)).map_err(failed)
}

/// All that the template may ask for.
#[derive(Serialize)]
struct Content {
    title: String,
    question: String,
    seed: u64,
    replicas: String,
    headlines: Vec<Answer>,
    has_never: bool,
    figures: Vec<Drawn>,
    values: Vec<ResolvedValue>,
    scenario: String,
    command: String,
    version: String,
    scenario_sha256: String,
    inputs: Vec<Input>,
    options: Vec<(String, String)>,
}

/// A headline number in words.
#[derive(Serialize)]
struct Answer {
    name: String,
    median: String,
    sentence: String,
    meaning: String,
    unit: String,
    mean: String,
    quantiles: Vec<String>,
    never: String,
}

#[derive(Serialize)]
struct Drawn {
    name: &'static str,
    title: &'static str,
    caption: String,
    wide: String,
    narrow: String,
}

impl Drawn {
    fn new(wide: Figure, narrow: Figure) -> Self {
        Self { name: wide.name, title: wide.title, caption: wide.caption, wide: wide.svg, narrow: narrow.svg }
    }
}

impl Answer {
    fn new(headline: &Headline) -> Self {
        let spread = &headline.spread;
        let number = |value: Option<f64>| value.map_or_else(|| "never".into(), super::number::human);
        let quantiles = [spread.p05, spread.p25, spread.p50, spread.p75, spread.p95];
        Self {
            name: headline.name.clone(),
            median: headline.median(),
            sentence: headline.sentence(),
            meaning: headline.meaning(),
            unit: spread.unit.clone(),
            mean: spread.mean.map_or_else(|| "–".into(), super::number::human),
            quantiles: quantiles.map(number).into(),
            never: if spread.n_censored > 0 { format!("{} of {}", spread.n_censored, spread.n) } else { "–".into() },
        }
    }
}

impl Content {
    fn new(summary: &Summary, manifest: &Manifest, figures: Vec<Drawn>) -> Self {
        let values = manifest.values();
        let count = f64::from(u32::try_from(summary.replicas).unwrap_or(u32::MAX));
        Self {
            title: if summary.title.is_empty() { "Untitled run".into() } else { summary.title.clone() },
            question: summary.question.clone(),
            seed: summary.seed,
            replicas: grouped(count, 0),
            headlines: summary.metrics.iter().map(Answer::new).collect(),
            has_never: summary.metrics.iter().any(|headline| headline.spread.n_censored > 0),
            figures,
            values,
            scenario: manifest.scenario.clone(),
            command: manifest.how_to_reproduce(),
            version: manifest.version.clone(),
            scenario_sha256: manifest.scenario_sha256.clone(),
            inputs: manifest.inputs.clone(),
            options: manifest.options.clone().into_iter().collect(),
        }
    }
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
