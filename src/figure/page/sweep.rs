//! `report.html` of a sweep: which factors change the answer, the charts, the points, and where it all comes from.

use std::path::Path;

use serde::Serialize;

use super::{
    block::Block,
    explorer::Explorer,
    origin::{Origin, reasons},
    placed::{Placed, placed},
    template::render,
};
use crate::{
    figure::sweep::sweep_figure,
    output::failed::read_failures,
    report::{
        ReportError,
        number::{grouped, human},
        provenance::Provenance,
        sweep::{
            answer::{Answer, design_in_words},
            factor::SweptFactor,
            ranking::{Ranking, rankings},
            spread::median,
            table::{Sweep, SweepLimits},
        },
    },
    study::{Design, DesignKind},
};

/// Maximum number of points in the page's table; all are in `sweep.csv`.
const MAX_POINTS: usize = 200;
/// Maximum number of levels of a factor that are listed individually.
const MAX_LEVELS: usize = 40;

/// The page of the sweep in `folder`.
///
/// # Errors
/// If a part of the folder is missing or cannot be understood.
pub fn sweep_page(folder: &Path) -> Result<String, ReportError> {
    let manifest = Provenance::read(folder)?;
    let sweep = Sweep::read(folder, &manifest.texts("answers"), SweepLimits::default())?;
    let mut rows = points(&sweep);
    let mut block = Block::default();
    let mut figures = Vec::with_capacity(sweep.outcomes.len());
    let mut explorer = Explorer::new(&sweep);
    let mut answers = Vec::new();
    sweep.for_each(folder, |column| {
        let figure = sweep_figure(&sweep, column);
        let (is_answer, quantity) = (column.outcome.is_answer, column.outcome.with_unit());
        figures.push(Drawn { is_answer, quantity, charts: placed(&figure, true, &mut block)? });
        explorer.add(&sweep, column);
        if !is_answer {
            return Ok(());
        }
        answers.extend(Answer::of(&sweep, column));
        let groups = sweep.grouped(column, rows.len(), Some);
        for (row, values) in rows.iter_mut().zip(groups) {
            row.medians.push(in_table(median(values)));
        }
        Ok(())
    })?;
    let mut content = Content::new(&sweep, &manifest, figures, rows);
    content.answers = answers;
    content.failures = failures(&sweep, &manifest, read_failures(folder)?.count);
    content.reasons = reasons(folder)?;
    content.rankings = rankings(folder, &sweep)?;
    content.explorer_note = explorer.note(&sweep);
    content.can_explore = explorer.is_worth_it();
    block.sweep = content.can_explore.then_some(explorer);
    render("sweep.html", &content, &block)
}

/// The note on runs that could not be run; empty if there are none.
fn failures(sweep: &Sweep, manifest: &Provenance, failed: u64) -> Option<String> {
    if failed == 0 {
        return None;
    }
    let count = |number: u64| grouped(f64::from(u32::try_from(number).unwrap_or(u32::MAX)), 0);
    let design = manifest.options.get("sweep").and_then(|text| Design::from_json(text).ok());
    let ranked = match design.as_ref().map(|design| design.kind) {
        Some(DesignKind::Morris) => " The ranking leaves out a trajectory that lacks one.",
        Some(DesignKind::Sobol | DesignKind::SobolSecondOrder) => {
            " The ranking leaves out a base sample that lacks one."
        }
        Some(DesignKind::Grid) => {
            " The ranking is that of a grid of one factor without the points that lack one; a larger grid has none."
        }
        Some(DesignKind::LatinHypercube | DesignKind::List) | None => "",
    };
    let points =
        design.and_then(|design| design.count().ok()).map_or(0, |all| all.saturating_sub(sweep.points_run as u64));
    let whole = match points {
        0 => String::new(),
        1 => " One point has no run left and is in no table or figure.".to_owned(),
        points => format!(" {} points have no run left and are in no table or figure.", count(points)),
    };
    Some(format!(
        "{} runs could not be run and are left out: all numbers are over the others.{whole}{ranked} failed.csv has the seed and the reason of each.",
        count(failed)
    ))
}

/// All that the template may ask for.
#[derive(Serialize)]
struct Content {
    title: String,
    question: String,
    size: String,
    /// Of runs that could not be run.
    failures: Option<String>,
    reasons: Vec<String>,
    seed: u64,
    answers: Vec<Answer>,
    factors: Vec<Factor>,
    figures: Vec<Drawn>,
    rankings: Vec<Ranking>,
    can_explore: bool,
    explorer_note: String,
    rows: Vec<Point>,
    table_note: String,
    scenario: String,
    command: String,
    version: String,
    origin: Origin,
}

#[derive(Serialize)]
struct Factor {
    key: String,
    name: String,
    unit: &'static str,
    count: usize,
    values: String,
}

/// A metric and its charts.
#[derive(Serialize)]
struct Drawn {
    /// Whether its medians stand in the table of points.
    is_answer: bool,
    /// With its unit.
    quantity: String,
    charts: Vec<Placed>,
}

/// A row of the table of points.
#[derive(Serialize)]
struct Point {
    number: usize,
    settings: Vec<String>,
    medians: Vec<String>,
}

impl Factor {
    fn new(factor: &SweptFactor) -> Self {
        let levels = factor.levels();
        let values = match (levels.first(), levels.last()) {
            (Some(&first), Some(&last)) if factor.is_numeric() && levels.len() > MAX_LEVELS => {
                format!("{} to {}", factor.label(first), factor.label(last))
            }
            _ => listed(factor, &levels, ", "),
        };
        Self { key: factor.key.clone(), name: factor.name.clone(), unit: factor.unit, count: levels.len(), values }
    }
}

fn listed(factor: &SweptFactor, levels: &[f64], between: &str) -> String {
    levels.iter().map(|&level| factor.label(level)).collect::<Vec<_>>().join(between)
}

fn points(sweep: &Sweep) -> Vec<Point> {
    let settings = |point: usize| sweep.factors.iter().map(|factor| factor.label(factor.settings[point])).collect();
    let row = |point: usize| Point { number: sweep.numbers[point], settings: settings(point), medians: Vec::new() };
    (0..sweep.points.min(MAX_POINTS)).map(row).collect()
}

fn in_table(median: f64) -> String {
    match median {
        median if median.is_nan() => "–".into(),
        median if median.is_infinite() => "never".into(),
        median => human(median),
    }
}

impl Content {
    fn new(sweep: &Sweep, manifest: &Provenance, figures: Vec<Drawn>, rows: Vec<Point>) -> Self {
        let title = manifest.text("title");
        let count = |number: usize| grouped(f64::from(u32::try_from(number).unwrap_or(u32::MAX)), 0);
        let first = if rows.len() < sweep.points_run {
            format!("The first {} of {} points; all are in sweep.csv. ", count(rows.len()), count(sweep.points_run))
        } else {
            String::new()
        };
        Self {
            title: if title.is_empty() { "Untitled sweep".into() } else { format!("{title}: sweep") },
            question: manifest.text("question"),
            size: design_in_words(sweep, manifest),
            failures: None,
            reasons: Vec::new(),
            answers: Vec::new(),
            seed: manifest.seed,
            factors: sweep.factors.iter().map(Factor::new).collect(),
            figures,
            rankings: Vec::new(),
            can_explore: false,
            explorer_note: String::new(),
            rows,
            table_note: format!(
                "{first}Medians over replicas. A replica that never gets there ranks above all others."
            ),
            scenario: manifest.scenario.clone(),
            command: manifest.command.clone(),
            version: manifest.version.clone(),
            origin: Origin::new(manifest),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{report::sweep::fixture::SweepFixture, simulation::metrics::METRICS};

    fn page_of(fixture: &SweepFixture) -> String {
        let folder = tempfile::tempdir().unwrap();
        fixture.write(folder.path());
        sweep_page(folder.path()).unwrap()
    }

    /// Where points tie, only what they share is named, and a factor that changes nothing is said to have no effect.
    #[test]
    fn a_factor_without_effect_is_not_credited() {
        let folder = tempfile::tempdir().unwrap();
        SweepFixture::pairs(2, 2, 3).write(folder.path());
        let table = folder.path().join("sweep.csv");
        let mut text = fs::read_to_string(&table).unwrap();
        let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
        let (factor, trough) = (2, header.iter().position(|name| *name == "hashrate_trough_share").unwrap());
        let rows: Vec<String> = text
            .lines()
            .skip(1)
            .map(|line| {
                let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
                let level = cells[factor].clone();
                cells[trough] = level;
                cells.join(",")
            })
            .collect();
        text = format!("{}\n{}\n", text.lines().next().unwrap(), rows.join("\n"));
        fs::write(&table, text).unwrap();
        let html = sweep_page(folder.path()).unwrap();
        let said = ": lowest with price factor (crash) = 0.3; highest with price factor (crash) = 0.8. No effect: median of the lognormal power price at the meter (private).";
        assert!(html.contains(said), "{}", html.split("answer-hashrate_trough_share").nth(1).unwrap_or_default());
    }

    #[test]
    fn answer_design_charts_and_points_stand_on_the_page() {
        let html = page_of(&SweepFixture::pairs(4, 3, 5));
        assert!(html.contains("<h1>What decides how far hashrate falls?</h1>"));
        assert!(html.contains("12 points, 5 replicas each, seed 42."));
        let metrics = METRICS.iter().filter(|metric| metric.is_main && metric.name != "hhi_end").count();
        assert_eq!(html.matches("<svg").count(), metrics, "all main metrics that vary, for print");
        assert_eq!(html.matches("class=\"plot\"").count(), metrics + 1, "and on the screen, beside the explorer");
        assert!(html.contains(
            "Price factor (crash) <code class=\"quiet\">event.crash.price_factor</code></th><td></td><td class=\"number\">4</td><td>0.3, 0.467, 0.633, 0.8</td>"
        ));
        assert!(html.contains("<li id=\"answer-hashrate_trough_share\"><strong>5"));
        let sentence = html.split("answer-hashrate_trough_share").nth(1).unwrap().split("</li>").next().unwrap();
        assert!(sentence.contains("of its previous peak: lowest with price factor (crash) = 0.8, median of the lognormal power price at the meter (private) = 0.09\u{a0}USD&#x2f;kWh; highest with price factor (crash) = 0.3"), "{sentence}");
        // The trough at the first point: both factors at their low ends.
        let at = html.find("<th scope=\"row\" class=\"number\">0</th>").unwrap();
        let row = html[at..].split("</tr>").next().unwrap();
        assert!(row.contains("<td class=\"number\">0.3</td><td class=\"number\">0.03</td>"), "{row}");
        assert!(html.contains("<td class=\"number\">never</td>"));
        assert!(html.contains("<pre>shakeout sweep crash.toml --design sobol --points 8</pre>"));
        super::super::run::tests::asks_no_network(&html);
    }

    #[test]
    fn a_scenario_names_what_answers_it() {
        let folder = tempfile::tempdir().unwrap();
        SweepFixture::pairs(4, 3, 5).write(folder.path());
        let path = folder.path().join("manifest.json");
        let text = fs::read_to_string(&path).unwrap();
        let named = r#"format = 1\nanswers = [\"worst_retarget\", \"block_delay_days\"]\n"#;
        fs::write(&path, text.replace("format = 1\\n", named)).unwrap();
        let html = sweep_page(folder.path()).unwrap();
        let answers: Vec<_> =
            html.split("<li id=\"answer-").skip(1).map(|item| item.split('"').next().unwrap()).collect();
        assert_eq!(answers, ["worst_retarget", "block_delay_days"]);
        assert!(html.contains("sweep-hashrate_trough_share"), "the others have their figures");
    }

    #[test]
    fn a_long_table_is_cut_and_says_so() {
        let html = page_of(&SweepFixture::many(230, 1));
        assert!(html.contains("The first 200 of 230 points; all are in sweep.csv."));
        assert!(html.contains("<th scope=\"row\" class=\"number\">199</th>"));
        assert!(!html.contains("<th scope=\"row\" class=\"number\">200</th>"));
        let short = page_of(&SweepFixture::number(3, 1));
        assert!(!short.contains("The first"));
    }
}
