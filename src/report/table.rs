//! The table of metrics for a manuscript, in Markdown or in LaTeX: one run, or several side by side.

use std::fmt::Write as _;

use super::{
    plain::{Extent, rows},
    summary::{Headline, Summary},
};
use crate::declare::Group;

/// A run in the table of a manuscript.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PaperRun {
    /// What its column is called, where there are several.
    pub label: String,
    /// Its metrics.
    pub summary: Summary,
    /// The version of the program that made it.
    pub version: String,
}

/// The rows of the table of a manuscript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaperRows {
    /// As in a terminal: those of every run, under headings.
    Of(Extent),
    /// These metrics, in this order.
    Named(Vec<String>),
}

/// How a result is cited: the version of the program, and the beginning of the hash of the scenario.
#[must_use]
pub fn citation(version: &str, scenario_sha256: &str, seed: u64) -> String {
    let hash: String = scenario_sha256.chars().take(16).collect();
    format!("shakeout {version}, scenario SHA-256 {hash}, seed {seed}")
}

/// A row: the metric, and a cell for each run.
struct Row {
    group: Option<Group>,
    name: String,
    unit: String,
    cells: Vec<Cell>,
}

/// A median with what stands in brackets behind it.
pub(super) struct Cell {
    median: String,
    band: String,
}

impl Cell {
    pub(super) fn of(headline: Option<&Headline>, has_unit: bool) -> Self {
        let Some(headline) = headline else { return Self { median: "–".to_owned(), band: String::new() } };
        let (spread, unit) = (&headline.spread, headline.measure().unit);
        let mut median = if headline.never_falls() { "no fall".to_owned() } else { headline.median() };
        if has_unit && spread.p50.is_some() && !unit.is_empty() {
            median = format!("{median} {unit}");
        }
        let band = match () {
            () if spread.idle.is_some() => "by assumption".to_owned(),
            () if headline.never_falls() || spread.n < 2 => String::new(),
            () => headline.band(),
        };
        let never = match spread.n_censored {
            0 => String::new(),
            some => format!("{}never in {some} of {}", if band.is_empty() { "" } else { "; " }, spread.n),
        };
        Self { band: if band == median { never.trim_start_matches("; ").to_owned() } else { band + &never }, median }
    }

    pub(super) fn in_one(&self) -> String {
        if self.band.is_empty() { self.median.clone() } else { format!("{} ({})", self.median, self.band) }
    }
}

/// The rows of some runs.
fn rows_of(runs: &[PaperRun], wanted: &PaperRows) -> Vec<Row> {
    let mut names: Vec<(Option<Group>, String)> = match wanted {
        PaperRows::Named(names) => names.iter().map(|name| (None, name.clone())).collect(),
        PaperRows::Of(extent) => runs
            .iter()
            .flat_map(|run| rows(&run.summary, *extent))
            .map(|headline| (headline.metric().map(|metric| metric.group), headline.name.clone()))
            .collect(),
    };
    if matches!(wanted, PaperRows::Of(_)) {
        let place =
            |name: &str| runs.iter().find_map(|run| run.summary.metrics.iter().position(|one| one.name == name));
        names.sort_by_key(|(group, name)| (*group, place(name)));
        names.dedup();
    }
    let row = |(group, name): (Option<Group>, String)| {
        let found: Vec<Option<&Headline>> = runs.iter().map(|run| run.summary.metric(&name)).collect();
        let mut units: Vec<String> = found.iter().flatten().map(|one| one.measure().unit).collect();
        units.dedup();
        let of_metric = |one: &&Headline| if group.is_some() { one.label() } else { one.named() };
        let metric = found.iter().flatten().next().map_or(name, of_metric);
        // Runs whose numbers differ by orders of magnitude have different units, each in its cell.
        let is_common = units.len() == 1;
        let cells = found.into_iter().map(|one| Cell::of(one, !is_common)).collect();
        Row { group, name: metric, unit: if is_common { units.remove(0) } else { String::new() }, cells }
    };
    names.into_iter().map(row).collect()
}

/// What a reader must know of the numbers.
fn note(runs: &[PaperRun]) -> String {
    let is_single = runs.iter().all(|run| run.summary.replicas < 2);
    let mut text =
        if is_single { "One replica." } else { "Medians over replicas; in brackets what 90 % of them lie between." }
            .to_owned();
    let cited = |run: &PaperRun| {
        let PaperRun { summary, version, .. } = run;
        format!("{}, {} replicas.", citation(version, &summary.scenario_sha256, summary.seed), summary.replicas)
    };
    // The forms of an ablation are one scenario, and its hash is not that of what a heading changes.
    let is_one = runs.len() > 1 && runs.iter().all(|run| cited(run) == cited(&runs[0]));
    if is_one {
        let _ = write!(text, " Each column is one scenario, changed as its heading says: {}", cited(&runs[0]));
    }
    for run in runs {
        let PaperRun { label, summary, .. } = run;
        if !is_one {
            let name = if runs.len() > 1 { format!("{label}: ") } else { String::new() };
            let _ = write!(text, " {name}{}", cited(run));
        }
        if let Some(failures) = summary.failures() {
            let _ = write!(text, " {failures}");
        }
    }
    text
}

/// A Markdown table: a row for each metric, a column for each run.
#[must_use]
pub fn markdown(runs: &[PaperRun], wanted: &PaperRows) -> String {
    let cell = |text: &str| text.replace('|', "\\|");
    let heads: Vec<String> = runs.iter().map(|run| cell(head(runs, run))).collect();
    let mut out = format!("| metric | unit | {} |\n|---|---|{}\n", heads.join(" | "), "--:|".repeat(runs.len()));
    for row in rows_of(runs, wanted) {
        let name = row.group.map_or_else(|| row.name.clone(), |group| format!("{}: {}", group.heading(), row.name));
        let cells: Vec<String> = row.cells.iter().map(|one| cell(&one.in_one())).collect();
        // Writing into a string cannot fail.
        let _ = writeln!(out, "| {} | {} | {} |", cell(&name), row.unit, cells.join(" | "));
    }
    let _ = writeln!(out, "\n{}", note(runs));
    out
}

fn head<'a>(runs: &[PaperRun], run: &'a PaperRun) -> &'a str {
    if runs.len() > 1 { &run.label } else { "median (90 % of replicas)" }
}

/// Rows above which a table may need more than one page.
const ON_A_PAGE: usize = 30;
/// Runs above which a band stands below its median, so that the table keeps the width of a page.
const BESIDE: usize = 2;

/// A LaTeX table in the style of the `booktabs` package, with caption and label, no wider than a page of A4: a `table`, or a
/// `longtable` where it would not fit on one page.
#[must_use]
pub fn latex(runs: &[PaperRun], wanted: &PaperRows) -> String {
    let rows = rows_of(runs, wanted);
    let is_long = rows.len() > ON_A_PAGE;
    let columns = format!("@{{}}p{{0.3\\linewidth}}l{}@{{}}", "r".repeat(runs.len()));
    let titles: Vec<&str> = runs.iter().map(|run| run.summary.title.as_str()).collect();
    let title = if titles.iter().all(|title| *title == titles[0]) { titles[0].to_owned() } else { titles.join("; ") };
    let title = title.trim_end_matches('.');
    let caption = escape(&if title.is_empty() { note(runs) } else { format!("{title}. {}", note(runs)) });
    let mut label: Vec<String> = runs.iter().map(|run| slug(&run.label)).collect();
    if let [first, _, _, _, ..] = &label[..] {
        label = vec![format!("{first}-and-{}-more", runs.len() - 1)];
    }
    let caption = format!("\\caption{{{caption}}}\n\\label{{tab:{}}}", label.join("-"));
    let heads: Vec<String> = runs.iter().map(|run| escape(head(runs, run))).collect();
    let head = format!("\\toprule\nMetric & Unit & {} \\\\\n\\midrule\n", heads.join(" & "));
    let mut out = if is_long {
        format!(
            "% needs \\usepackage{{booktabs,longtable}}\n\\begin{{longtable}}{{{columns}}}\n{caption} \\\\\n{head}\\endhead\n"
        )
    } else {
        format!(
            "% needs \\usepackage{{booktabs}}\n\\begin{{table}}\n\\centering\n\\small\n{caption}\n\\begin{{tabular}}{{{columns}}}\n{head}"
        )
    };
    let mut heading = None;
    for row in rows {
        if row.group.is_some() && row.group != heading {
            heading = row.group;
            let name = escape(row.group.map_or("", Group::heading));
            let _ = writeln!(out, "\\multicolumn{{{}}}{{@{{}}l}}{{\\emph{{{name}}}}} \\\\", runs.len() + 2);
        }
        let _ = writeln!(out, "{}", latex_row(&row));
    }
    out.push_str(if is_long {
        "\\bottomrule\n\\end{longtable}\n"
    } else {
        "\\bottomrule\n\\end{tabular}\n\\end{table}\n"
    });
    out
}

fn latex_row(row: &Row) -> String {
    let (name, unit) = (escape(&row.name), escape(&row.unit));
    if row.cells.len() <= BESIDE {
        let cells: Vec<String> = row.cells.iter().map(|cell| escape(&cell.in_one())).collect();
        return format!("{name} & {unit} & {} \\\\", cells.join(" & "));
    }
    let medians: Vec<String> = row.cells.iter().map(|cell| escape(&cell.median)).collect();
    let first = format!("{name} & {unit} & {} \\\\", medians.join(" & "));
    if row.cells.iter().all(|cell| cell.band.is_empty()) {
        return first;
    }
    let bands: Vec<String> = row.cells.iter().map(|cell| format!("\\scriptsize {}", escape(&cell.band))).collect();
    format!("{first}*\n & & {} \\\\", bands.join(" & "))
}

/// A label that LaTeX takes: letters, digits and hyphens.
fn slug(text: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    text.chars().map(plain).collect::<String>().trim_matches('-').to_owned()
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                out.push('\\');
                out.push(character);
            }
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '−' => out.push_str("$-$"),
            '–' => out.push_str("--"),
            '\u{a0}' => out.push('~'),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests;
