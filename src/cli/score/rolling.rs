//! The tables of the book's chapter on rolling forecasts, in Markdown.

use crate::study::rolling::{COMPARED, Compared, HORIZONS, PRIMARY, Primary, RollingScores, Scores};
use std::fmt::Write as _;

// Writing into a string cannot fail.
pub fn tables(found: &RollingScores) -> String {
    let mut text = String::new();
    compared(&mut text, "price known", &found.known);
    primary(&mut text, &found.primary);
    years(&mut text, found);
    compared(&mut text, "price frozen", &found.frozen);
    paths(&mut text, found);
    let _ = writeln!(text, "### One mechanism removed at a time: RMSE, price known\n");
    header(&mut text, "without", HORIZONS.iter().map(ToString::to_string));
    for (name, scores) in &found.ablations {
        row(&mut text, name, scores.rmse.iter().map(|value| number(*value, 3)));
    }
    text
}

fn row(text: &mut String, name: &str, cells: impl Iterator<Item = String>) {
    let _ = writeln!(text, "| {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
}

fn header(text: &mut String, first: &str, columns: impl Iterator<Item = String>) {
    let columns: Vec<String> = columns.collect();
    let count = columns.len();
    row(text, first, columns.into_iter());
    let _ = writeln!(text, "|---|{}", "---|".repeat(count));
}

/// The heading of each measure at each horizon.
fn by_horizon(measures: &'static [&str]) -> impl Iterator<Item = String> {
    measures.iter().flat_map(|measure| HORIZONS.iter().map(move |horizon| format!("{measure} {horizon}")))
}

fn number(value: f64, digits: usize) -> String {
    if value.is_nan() { "–".to_owned() } else { format!("{value:.digits$}") }
}

fn compared(text: &mut String, heading: &str, found: &Compared) {
    let _ = writeln!(text, "### {heading}: RMSE of ln hashrate, CRPS, coverage of 90 % bands\n");
    header(text, "forecast", by_horizon(&["RMSE", "CRPS", "in 90 %"]));
    for (name, scores) in &found.forecasts {
        let rmse = scores.rmse.iter().map(|value| number(*value, 3));
        let crps = scores.crps.iter().map(|value| number(*value, 4));
        let coverage = scores.coverage.iter().map(|value| number(*value, 2));
        row(text, name, rmse.chain(crps).chain(coverage));
    }
    let counted =
        |(_, scores): &(String, Scores)| scores.n.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let counts = found.forecasts.last().map_or_else(String::new, counted);
    let _ = writeln!(text, "\nOutcomes at each horizon, the same for all: {counts}.\n");
    let [(law, _), others @ ..] = found.forecasts.as_slice() else { return };
    let _ = writeln!(text, "Diebold–Mariano t of *{law}* against each (negative: it is better):\n");
    header(text, "against", HORIZONS[..COMPARED].iter().map(ToString::to_string));
    for ((name, _), t) in others.iter().zip(&found.t) {
        row(text, name, t.iter().map(|t| number(*t, 1)));
    }
    let _ = writeln!(text);
}

fn primary(text: &mut String, found: &Primary) {
    let ((law, loss), (rival, rivals)) = (&found.law, &found.rival);
    let _ = writeln!(
        text,
        "**Primary endpoint**, CRPS at {PRIMARY} epochs: {law} {loss:.4}, {rival} {rivals:.4}; mean of {} yearly differences {:.4}, standard error {:.4}, \
         t {:.2}. Model confidence set at 10 % over all: {}.\n",
        found.yearly.len(),
        found.difference,
        found.standard_error,
        found.difference / found.standard_error,
        found.confidence_set.join(", "),
    );
}

fn years(text: &mut String, found: &RollingScores) {
    let law = found.known.forecasts.first().map_or("", |(name, _)| name);
    let _ = writeln!(text, "*{law}* by year of the origin:\n");
    header(text, "year", by_horizon(&["RMSE", "in 90 %"]));
    for (year, scores) in &found.years {
        let rmse = scores.rmse.iter().map(|value| number(*value, 3));
        row(text, &year.to_string(), rmse.chain(scores.coverage.iter().map(|value| number(*value, 2))));
    }
    let _ = writeln!(text);
}

fn paths(text: &mut String, found: &RollingScores) {
    let _ = writeln!(
        text,
        "### Paths, price known\n\nRMSE over the path of each episode of the first protocol, from its first epoch:\n"
    );
    header(text, "start", ["epochs".to_owned(), "RMSE".to_owned()].into_iter());
    for path in &found.episodes {
        row(text, path.start, [path.epochs.to_string(), number(path.rmse, 3)].into_iter());
    }
    let _ = writeln!(text, "\nRuns without correction, to the end of 2023:\n");
    header(text, "corrected until", ["RMSE".to_owned(), "error at the end".to_owned()].into_iter());
    for run in &found.free_runs {
        row(text, run.corrected_until, [number(run.rmse, 3), format!("{:+.2}", run.last)].into_iter());
    }
    let _ = writeln!(text);
}
