//! Runs side by side on one page: their metrics, what differs between their scenarios, and their fans overlaid.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{
    block::Block,
    columns::{self, History, other_columns},
    placed::{PagePart, parts},
    template::render,
};
use crate::{
    figure::{
        parts::{Across, Dash, Figure, Layer, Panel, Shape, Weight, varies},
        run, style,
        uplot::anchor,
    },
    output::shell::quoted,
    report::{
        ReportError,
        bands::{Band, Limits},
        citation,
        provenance::Provenance,
        series::{Gathering, RunSeries},
        summary::{Headline, Summary},
    },
};

/// A run that is compared.
struct Run {
    name: String,
    summary: Summary,
    manifest: Provenance,
    series: RunSeries,
    histories: Vec<History>,
}

impl Run {
    fn read(folder: &Path, name: String) -> Result<Self, ReportError> {
        let gathered = Gathering::of_folder(folder, &Limits::default(), &columns::day_columns())?;
        let series = gathered.series(folder, 0)?;
        let histories = other_columns(&gathered, &series.grid, 0, &run::figures(&series));
        Ok(Self { name, summary: Summary::read(folder)?, manifest: Provenance::read(folder)?, series, histories })
    }

    fn figures(&self) -> Vec<Figure<'_>> {
        let mut figures = run::figures(&self.series);
        figures.extend(columns::figures(&self.histories, &self.series.grid, &[], self.series.replicas));
        figures
    }
}

/// The page that compares the runs in `folders`.
///
/// # Errors
/// If a part of a folder is missing or cannot be understood.
pub fn comparison(folders: &[PathBuf]) -> Result<String, ReportError> {
    let runs: Vec<Run> = run_names(folders)
        .into_iter()
        .zip(folders)
        .map(|(name, folder)| Run::read(folder, name))
        .collect::<Result<_, _>>()?;
    let mut block = Block::default();
    let parts = parts(&overlaid(&runs), &mut block, |_| false)?;
    render("compare.html", &Content::new(&runs, parts), &block)
}

/// The last parts of the paths, with as many parent folders as are needed to distinguish them: the location of a folder is not part of a result.
#[must_use]
pub fn run_names(folders: &[PathBuf]) -> Vec<String> {
    let folders: Vec<PathBuf> =
        folders.iter().map(|folder| folder.canonicalize().unwrap_or_else(|_| folder.clone())).collect();
    let tail = |folder: &PathBuf, parts: usize| -> String {
        let all: Vec<_> = folder.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        all[all.len().saturating_sub(parts)..].join("/")
    };
    for parts in 1..8 {
        let names: Vec<String> = folders.iter().map(|folder| tail(folder, parts)).collect();
        if names.iter().collect::<BTreeSet<_>>().len() == names.len() {
            return names;
        }
    }
    folders.iter().zip(1..).map(|(folder, number)| format!("{number}: {}", tail(folder, 1))).collect()
}

/// A fan of a run: the run, its figure, its panel and the layer.
struct OfRun<'a> {
    run: usize,
    anchor: String,
    figure: &'a Figure<'a>,
    panel: &'a Panel<'a>,
    layer: &'a Layer<'a>,
    band: &'a Band,
}

/// A figure for each fan of any run, with the fans of all runs in it. A fan that is one constant value in all runs is left out.
fn overlaid<'a>(runs: &[Run]) -> Vec<Figure<'a>> {
    let figures: Vec<Vec<Figure<'_>>> = runs.iter().map(Run::figures).collect();
    let mut groups: Vec<Vec<OfRun<'_>>> = Vec::new();
    for (run, figure) in figures.iter().enumerate().flat_map(|(run, figures)| figures.iter().map(move |one| (run, one)))
    {
        for (place, panel) in figure.panels.iter().enumerate() {
            let mut layers = panel.layers.iter();
            let Some((layer, band)) = layers.find_map(|one| Some((one, one.fan()?))) else { continue };
            // The same fan may stand in two figures.
            if groups.iter().flatten().any(|known| std::ptr::eq(known.band, band)) {
                continue;
            }
            let fan = OfRun { run, anchor: anchor(figure, place), figure, panel, layer, band };
            let is_same = |group: &&mut Vec<OfRun<'_>>| group[0].anchor == fan.anchor;
            match groups.iter_mut().find(is_same) {
                Some(group) => group.push(fan),
                None => groups.push(vec![fan]),
            }
        }
    }
    groups.retain(|group| !is_constant(group));
    let names: Vec<&str> = runs.iter().map(|run| run.name.as_str()).collect();
    groups.iter().map(|group| overlay(group, &names)).collect()
}

/// Whether all fans have one constant value.
fn is_constant(fans: &[OfRun<'_>]) -> bool {
    let bands = fans.iter().flat_map(|one| [&one.band.fan.p05, &one.band.fan.p95]).flatten();
    let mut values = bands.filter(|value| !value.is_nan());
    let first = values.next();
    values.all(|value| Some(value) == first)
}

/// The fans of several runs in one panel: dates along the foot where all begin at the same time, else days since the start.
fn overlay<'a>(fans: &[OfRun<'_>], names: &[&str]) -> Figure<'a> {
    let start = |one: &OfRun<'_>| match one.figure.across {
        Across::Time(first, _) => first,
        Across::Number { .. } | Across::Names { .. } | Across::Rows(_) => 0.0,
    };
    let first = start(&fans[0]);
    let is_dated = fans.iter().all(|one| start(one).total_cmp(&first).is_eq());
    // The unit in which the largest numbers are short.
    let OfRun { panel, figure, .. } =
        fans.iter().min_by(|a, b| a.panel.factor.total_cmp(&b.panel.factor)).unwrap_or(&fans[0]);
    let places = |one: &OfRun<'_>| {
        let days = |at: &f64| if is_dated { *at } else { (at - start(one)) / 86_400.0 };
        one.layer.x.iter().map(days).collect()
    };
    let layer = |one: &OfRun<'_>, part: &str, shape| Layer {
        course: one.layer.course,
        ..Layer::new(
            format!("{}, {part}", names[one.run]),
            style::CLASSES[one.run % style::CLASSES.len()],
            &places(one),
            shape,
        )
    };
    // Bands below all medians.
    let bands = fans
        .iter()
        .filter(|one| varies(one.band))
        .map(|one| layer(one, "90 %", Shape::Area(one.band.fan.p05.clone(), one.band.fan.p95.clone(), 85)));
    let medians = fans.iter().map(|one| {
        // Colours come round again: broken lines tell the second turn from the first.
        let dash = if one.run < style::CLASSES.len() { Dash::Solid } else { Dash::Dashed };
        layer(one, "median", Shape::Line(one.band.fan.p50.clone(), dash, Weight::Full))
    });
    let across = if is_dated {
        let last = |one: &OfRun<'_>| one.layer.x.last().copied().unwrap_or(first);
        Across::Time(first, fans.iter().map(last).fold(first, f64::max))
    } else {
        Across::Number { quantity: "Day".into(), unit: String::new() }
    };
    let shown = Panel {
        factor: panel.factor,
        is_wide: panel.is_wide,
        holds: panel.holds.clone(),
        layers: bands.chain(medians).collect(),
        ..Panel::new(&panel.quantity, &panel.unit).said(&panel.title, panel.note.clone())
    };
    Figure { part: figure.part, ..Figure::new(&*fans[0].anchor, &*panel.title, across, vec![shown]) }
}

/// All that the template may ask for.
#[derive(Serialize)]
struct Content {
    title: String,
    version: &'static str,
    question: String,
    runs: Vec<About>,
    leading: Vec<Row>,
    others: Vec<Row>,
    differences: Vec<(String, Vec<String>)>,
    parts: Vec<PagePart>,
    command: String,
}

#[derive(Serialize)]
struct About {
    name: String,
    title: String,
    replicas: u64,
    failed: u64,
    seed: u64,
    citation: String,
    command: String,
    scenario_sha256: String,
}

/// A metric of all runs.
#[derive(Serialize)]
struct Row {
    name: String,
    meaning: String,
    unit: String,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    median: String,
    band: String,
    never: String,
}

impl Cell {
    fn of(headline: Option<&Headline>) -> Self {
        let Some(Headline { spread, .. }) = headline else {
            return Self { median: "–".into(), band: String::new(), never: String::new() };
        };
        let number = |value: Option<f64>| spread.shown(value);
        let is_band = spread.n > 1 && spread.p05.is_some();
        Self {
            median: number(spread.p50),
            band: if is_band { format!("{} to {}", number(spread.p05), number(spread.p95)) } else { String::new() },
            never: if spread.n_censored > 0 {
                format!("never in {} of {}", spread.n_censored, spread.n)
            } else {
                String::new()
            },
        }
    }
}

impl Content {
    fn new(runs: &[Run], parts: Vec<PagePart>) -> Self {
        let question = common(runs.iter().map(|run| &*run.summary.question)).unwrap_or_default().to_owned();
        let title = common(runs.iter().map(|run| &*run.summary.title))
            .map_or_else(|| "Comparison".to_owned(), |title| format!("{title}: comparison"));
        let mut headlines: Vec<&Headline> = Vec::new();
        for headline in runs.iter().flat_map(|run| &run.summary.metrics) {
            if headlines.iter().all(|known| known.name != headline.name) {
                headlines.push(headline);
            }
        }
        let cells = |name: &str| {
            let find = |run: &Run| Cell::of(run.summary.metrics.iter().find(|headline| headline.name == name));
            runs.iter().map(find).collect()
        };
        let about = |run: &Run| About {
            name: run.name.clone(),
            title: run.summary.title.clone(),
            replicas: run.summary.replicas,
            failed: run.summary.failed,
            seed: run.summary.seed,
            citation: citation(&run.manifest.version, &run.manifest.scenario_sha256, run.summary.seed),
            command: format!("{} --out {}", run.manifest.command, quoted(&run.name)),
            scenario_sha256: run.manifest.scenario_sha256.clone(),
        };
        let row = |headline: &&Headline| Row {
            name: headline.name.clone(),
            meaning: headline.meaning(),
            unit: headline.spread.unit.clone(),
            cells: cells(&headline.name),
        };
        Self {
            title,
            version: env!("CARGO_PKG_VERSION"),
            question,
            runs: runs.iter().map(about).collect(),
            leading: headlines.iter().filter(|headline| is_main(headline)).map(row).collect(),
            others: headlines.iter().filter(|headline| !is_main(headline)).map(row).collect(),
            differences: differences(runs),
            parts,
            command: runs.iter().fold("shakeout report".to_owned(), |line, run| line + " " + &quoted(&run.name)),
        }
    }
}

fn is_main(headline: &Headline) -> bool {
    headline.metric().is_some_and(|metric| metric.is_main)
}

/// The text, if all runs have an equal one.
fn common<'a>(mut texts: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let first = texts.next()?;
    texts.all(|text| text == first).then_some(first)
}

/// The keys whose values differ between scenarios, with the value in each.
fn differences(runs: &[Run]) -> Vec<(String, Vec<String>)> {
    let values: Vec<_> = runs.iter().map(|run| run.manifest.values()).collect();
    let mut keys: Vec<&str> = Vec::new();
    for value in values.iter().flatten() {
        if !keys.contains(&&*value.key) {
            keys.push(&value.key);
        }
    }
    let find = |key: &str| -> Vec<String> {
        let of = |run: &Vec<crate::report::provenance::ResolvedValue>| {
            run.iter().find(|value| value.key == key).map_or_else(|| "–".into(), |value| value.value.clone())
        };
        values.iter().map(of).collect()
    };
    let told = keys.into_iter().map(|key| (key.to_owned(), find(key)));
    told.filter(|(_, values)| values.iter().any(|value| *value != values[0])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    use super::super::run::tests::asks_no_network;
    use crate::report::fixture::Fixture;

    fn two(first: u32, second: u32) -> (tempfile::TempDir, Vec<PathBuf>) {
        let folder = tempfile::tempdir().unwrap();
        let paths = vec![folder.path().join("a/run"), folder.path().join("b/run")];
        for (path, days) in paths.iter().zip([first, second]) {
            fs::create_dir_all(path).unwrap();
            Fixture { days, replicas: 4 }.write(path);
        }
        (folder, paths)
    }

    #[test]
    fn runs_stand_side_by_side_under_names_that_tell_them_apart() {
        let (_folder, paths) = two(40, 60);
        let summary = paths[1].join("summary.json");
        let text = fs::read_to_string(&summary).unwrap();
        fs::write(&summary, text.replace("\"p50\":0.685", "\"p50\":0.623")).unwrap();
        let html = comparison(&paths).unwrap();
        asks_no_network(&html);
        let row = html.split("<tr id=\"metric-hashrate_trough_share\"").nth(1).unwrap().split("</tr>").next().unwrap();
        assert!(row.contains("0.685") && row.contains("0.623"), "{row}");
        assert!(html.contains("a&#x2f;run") && html.contains("b&#x2f;run"));
        let data = html.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["axes"]["x0"]["x"]["d"].as_array().unwrap().len(), 60);
        let labels: Vec<_> = data["charts"][0]["layers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|layer| layer["label"].as_str().unwrap())
            .collect();
        assert_eq!(labels, ["a/run, 90 %", "b/run, 90 %", "a/run, median", "b/run, median"]);
        // The shorter run ends before the longer one.
        let steps = data["charts"][0]["layers"][2]["values"]["d"].as_array().unwrap();
        assert!(steps[39].is_number() && steps[41].is_null() && steps.len() == 60);
    }

    #[test]
    fn differences_between_scenarios_are_listed() {
        let (_folder, paths) = two(40, 40);
        let manifest = paths[1].join("manifest.json");
        let text = fs::read_to_string(&manifest).unwrap();
        assert!(text.contains("share = 0.4"));
        fs::write(&manifest, text.replace("share = 0.4", "share = 0.5")).unwrap();
        let html = comparison(&paths).unwrap();
        assert!(html.contains("<code>class.private.share</code></th><td>0.4</td><td>0.5</td>"));
        assert!(!html.contains("<code>run.days</code>"));
    }
}
