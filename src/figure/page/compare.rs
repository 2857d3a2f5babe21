//! Runs side by side on one page: their headline numbers, what differs between their scenarios, and their fans overlaid.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{
    Part, Placed,
    answer::leads,
    charts::{self, Text},
    history::{self, History},
    pack::{Axis, Block, Layer, Packed, Spec},
    render,
};
use crate::figure::style;
use crate::output::shell::quoted;
use crate::report::{
    ReportError,
    provenance::Manifest,
    series::{Grid, Limits, first_replicas_days},
    summary::{Headline, Summary},
};

/// A run that is compared.
struct Run {
    name: String,
    summary: Summary,
    manifest: Manifest,
    grid: Grid,
    histories: Vec<History>,
}

impl Run {
    fn read(folder: &Path, name: String, limits: &Limits) -> Result<Self, ReportError> {
        let grid = Grid::over(&first_replicas_days(folder)?, limits.points);
        let mut histories = history::of_days(folder, &grid, limits)?;
        histories.extend(history::of_epoch_ends(folder, &grid, limits, &charts::AT_EPOCH_ENDS)?);
        Ok(Self { name, summary: Summary::read(folder)?, manifest: Manifest::read(folder)?, grid, histories })
    }
}

/// The page that compares the runs in `folders`.
///
/// # Errors
/// If a part of a folder is missing or cannot be understood.
pub fn comparison(folders: &[PathBuf]) -> Result<String, ReportError> {
    let limits = Limits::default();
    let runs: Vec<Run> = names(folders)
        .into_iter()
        .zip(folders)
        .map(|(name, folder)| Run::read(folder, name, &limits))
        .collect::<Result<_, _>>()?;
    let mut block = Block::default();
    let times = common_axis(&runs, &mut block);
    let mut parts: Vec<Part> = Vec::new();
    for (text, spec) in overlaid(&runs, &times) {
        if parts.last().is_none_or(|part| part.name != text.part) {
            parts.push(Part { name: text.part, charts: Vec::new() });
        }
        if let Some(part) = parts.last_mut() {
            part.charts.push(Placed { text, paper: None, is_covered: false });
        }
        block.charts.push(spec);
    }
    render("compare.html", &Content::new(&runs, parts), &block)
}

/// The last parts of the paths, or as many more as tell them apart: where they lie on a machine is no part of a result.
fn names(folders: &[PathBuf]) -> Vec<String> {
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

/// The instants at which all are drawn, seconds since each run's own start: those of the longest run. The axis shows dates
/// where all runs start at the same time, and days since the start where they do not.
fn common_axis(runs: &[Run], block: &mut Block) -> Vec<i64> {
    let longest = runs.iter().max_by_key(|run| run.grid.end() - run.grid.start);
    let Some(longest) = longest else { return Vec::new() };
    let start = longest.grid.start;
    let times: Vec<i64> = longest.grid.times.iter().map(|time| time - start).collect();
    let axis = if runs.iter().all(|run| run.grid.start == start) {
        Axis { kind: "time", label: "", x: Packed::instants(&longest.grid.times) }
    } else {
        #[expect(clippy::cast_precision_loss, reason = "days of a run")]
        let days: Vec<f64> = times.iter().map(|&time| time as f64 / 86_400.0).collect();
        Axis { kind: "number", label: "Day", x: Packed::new(&days, 8) }
    };
    block.axes.insert("days", axis);
    times
}

/// Each column that any run has and that is not the same in all.
fn overlaid(runs: &[Run], times: &[i64]) -> Vec<(Text, Spec)> {
    let mut columns: Vec<&str> = Vec::new();
    for history in runs.iter().flat_map(|run| &run.histories) {
        if !columns.contains(&&*history.column.name) {
            columns.push(&history.column.name);
        }
    }
    let mut found: Vec<(Text, Spec)> = columns.into_iter().filter_map(|name| overlay(runs, times, name)).collect();
    found.sort_by_key(|(text, _)| charts::order(&text.id));
    found
}

fn overlay(runs: &[Run], times: &[i64], name: &str) -> Option<(Text, Spec)> {
    let shown = charts::shown(name)?;
    let with: Vec<(usize, &Run, &History)> = runs
        .iter()
        .enumerate()
        .filter_map(|(place, run)| {
            Some((place, run, run.histories.iter().find(|history| history.column.name == name)?))
        })
        .collect();
    let constant: Vec<Option<u64>> = with.iter().map(|(.., one)| one.constant().map(f64::to_bits)).collect();
    if constant.iter().all(|value| value.is_some() && *value == constant[0]) {
        return None;
    }
    let most = with.iter().map(|(.., history)| charts::most(history)).fold(0.0, f64::max);
    let (_, _, first) = with.first()?;
    let (scale, unit) = charts::scaled(name, first.column.unit, most);
    let course = |run: &Run, values: &[f64]| -> Vec<f64> {
        let at = |&time: &i64| scale * history::between(&run.grid.times, values, run.grid.start + time);
        times.iter().map(at).collect()
    };
    let colour = |place: usize| style::CLASSES[place % style::CLASSES.len()];
    let mut layers: Vec<Layer> = Vec::new();
    // Bands below all medians.
    for (place, run, history) in with.iter().filter(|(.., history)| history.varies_over_replicas()) {
        let (low, high) = (course(run, &history.fan.p05), course(run, &history.fan.p95));
        layers.push(Layer::band(&format!("{}, 90 %", run.name), colour(*place), 0.15, &low, &high));
    }
    for (place, run, history) in &with {
        let line = Layer::line(&format!("{}, median", run.name), colour(*place), &course(run, &history.fan.p50));
        // Colours come round again: broken lines tell the second turn from the first.
        layers.push(if *place < style::CLASSES.len() { line } else { line.dashed() });
    }
    if shown.is_stepped {
        layers = layers.into_iter().map(Layer::stepped).collect();
    }
    let spec = Spec { id: name.into(), axis: "days", wide: shown.is_wide, zero: false, marks: Vec::new(), layers };
    let text = Text {
        id: name.into(),
        part: shown.part,
        title: shown.title,
        unit,
        note: format!("{}.", first.column.doc),
        wide: shown.is_wide,
    };
    Some((text, spec))
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
    parts: Vec<Part>,
    command: String,
}

#[derive(Serialize)]
struct About {
    name: String,
    title: String,
    replicas: u64,
    failed: u64,
    seed: u64,
    version: String,
    command: String,
    scenario_sha256: String,
}

/// A headline number of all runs.
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
    fn new(runs: &[Run], parts: Vec<Part>) -> Self {
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
            version: run.manifest.version.clone(),
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
            leading: headlines.iter().filter(|headline| leads(&headline.name)).map(row).collect(),
            others: headlines.iter().filter(|headline| !leads(&headline.name)).map(row).collect(),
            differences: differences(runs),
            parts,
            command: runs.iter().fold("shakeout report".to_owned(), |line, run| line + " " + &quoted(&run.name)),
        }
    }
}

/// The text that all share.
fn common<'a>(mut texts: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let first = texts.next()?;
    texts.all(|text| text == first).then_some(first)
}

/// The keys whose values are not the same in all scenarios, with the value in each.
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

    use crate::figure::page::asks_no_network;
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
        assert_eq!(data["axes"]["days"]["x"]["d"].as_array().unwrap().len(), 60);
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
    fn what_differs_between_scenarios_is_listed() {
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
