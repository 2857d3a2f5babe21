//! The tables of the book's chapter on rolling forecasts.

use crate::{
    figure::PlainTable,
    study::rolling::{COMPARED, Compared, HORIZONS, NEAR, PARTS, PATH, PRIMARY, Primary, RollingScores, Scores},
};

/// The tables of rolling scores.
#[must_use]
pub fn rolling_tables(found: &RollingScores) -> Vec<PlainTable> {
    let mut tables = compared("price known", &found.known);
    tables.extend([primary(&found.primary), years(found), integrals(found)]);
    tables.extend(compared("price frozen", &found.frozen));
    tables.extend([paths(found), episodes(found), free_runs(found), ablations(found)]);
    tables
}

/// These tables in Markdown, each below its title.
#[must_use]
pub fn rolling_text(found: &RollingScores) -> String {
    let one = |table: &PlainTable| format!("### {}\n\n{}\n", table.title, table.markdown());
    rolling_tables(found).iter().map(one).collect()
}

fn table(title: impl Into<String>, first: &str, columns: impl Iterator<Item = String>) -> PlainTable {
    let head = std::iter::once(first.to_owned()).chain(columns).collect();
    PlainTable { title: title.into(), head, ..PlainTable::default() }
}

impl PlainTable {
    fn row(&mut self, name: impl Into<String>, cells: impl Iterator<Item = String>) {
        self.rows.push(std::iter::once(name.into()).chain(cells).collect());
    }
}

/// The heading of each measure at each horizon.
fn by_horizon(measures: &'static [&str]) -> impl Iterator<Item = String> {
    measures.iter().flat_map(|measure| HORIZONS.iter().map(move |horizon| format!("{measure} {horizon}")))
}

fn horizons() -> impl Iterator<Item = String> {
    HORIZONS.iter().map(ToString::to_string)
}

pub(super) fn number(value: f64, digits: usize) -> String {
    if value.is_nan() { "–".to_owned() } else { format!("{value:.digits$}") }
}

fn numbers(values: &[f64], digits: usize) -> impl Iterator<Item = String> {
    values.iter().map(move |value| number(*value, digits))
}

fn compared(heading: &str, found: &Compared) -> Vec<PlainTable> {
    let title = format!("{heading}: RMSE of ln hashrate, CRPS, coverage of 90 % bands, by epochs ahead");
    let mut scores = table(title, "forecast", by_horizon(&["RMSE", "CRPS", "in 90 %"]));
    for (name, one) in &found.forecasts {
        scores.row(name, numbers(&one.rmse, 3).chain(numbers(&one.crps, 4)).chain(numbers(&one.coverage, 2)));
    }
    let counted = |(_, scores): &(String, Scores)| scores.n.map(|n| n.to_string()).join(", ");
    let counts = found.forecasts.last().map_or_else(String::new, counted);
    scores.note = format!("Outcomes at each horizon, the same for all: {counts}.");
    let [(law, _), others @ ..] = found.forecasts.as_slice() else { return vec![scores] };
    let title = format!("{heading}: Diebold–Mariano t of *{law}* against each (negative: it is better)");
    let mut t = table(title, "against", HORIZONS[..COMPARED].iter().map(ToString::to_string));
    for ((name, _), statistics) in others.iter().zip(&found.t) {
        t.row(name, numbers(statistics, 1));
    }
    if let [(second, _), ..] = others {
        let differences = found.difference.map(|difference| format!("{:+.2}", difference * 1e3)).join(", ");
        t.note = format!(
            "Mean squared error of *{law}* less that of *{second}*, paired by origin, in thousandths, at {} epochs: {differences}.",
            HORIZONS.map(|horizon| horizon.to_string()).join(", ")
        );
    }
    vec![scores, t]
}

fn primary(found: &Primary) -> PlainTable {
    let title = format!("Primary endpoint: mean CRPS at {PRIMARY} epochs, price known");
    let mut endpoint = table(title, "forecast", std::iter::once("CRPS".to_owned()));
    for (name, loss) in [&found.law, &found.rival] {
        endpoint.row(name, std::iter::once(number(*loss, 4)));
    }
    endpoint.note = format!(
        "Mean of {} yearly differences {:.4}, standard error {:.4}, t {:.2}. Model confidence set at 10 % over all forecasts: {}.",
        found.yearly.len(),
        found.difference,
        found.standard_error,
        found.difference / found.standard_error,
        found.confidence_set.join("; "),
    );
    endpoint
}

fn years(found: &RollingScores) -> PlainTable {
    let mut by_year =
        table(format!("*{}* by year of the origin", law(found)), "year", by_horizon(&["RMSE", "in 90 %"]));
    for (year, scores) in &found.years {
        by_year.row(year.to_string(), numbers(&scores.rmse, 3).chain(numbers(&scores.coverage, 2)));
    }
    by_year
}

fn law(found: &RollingScores) -> &str {
    found.known.forecasts.first().map_or("", |(name, _)| name)
}

/// In which fifth of its forecast distribution outcomes lie.
fn integrals(found: &RollingScores) -> PlainTable {
    let percent = 100 / PARTS;
    let parts = (0..PARTS).map(|part| format!("{} to {} %", part * percent, (part + 1) * percent));
    let title =
        format!("Probability integral of *{}*: share of outcomes by the forecast probability of less", law(found));
    let mut shares = table(title, "epochs ahead", parts);
    if let Some((_, scores)) = found.known.forecasts.first() {
        for (horizon, parts) in HORIZONS.iter().zip(&scores.pit) {
            shares.row(horizon.to_string(), numbers(parts, 2));
        }
    }
    shares.note = format!(
        "With bands that are right each share is {:.2}.",
        1.0 / f64::from(u8::try_from(PARTS).unwrap_or(u8::MAX))
    );
    shares
}

fn paths(found: &RollingScores) -> PlainTable {
    let near = format!("RMSE at most {NEAR:.2}");
    let columns = ["mean RMSE".to_owned(), near, "CRPS".to_owned(), "in 90 %".to_owned(), "paths".to_owned()];
    let mut paths =
        table(format!("Paths of {PATH} epochs from every origin, price known"), "forecast", columns.into_iter());
    for one in &found.paths {
        let cells = [number(one.rmse, 3), number(one.near, 2), number(one.crps, 4), number(one.coverage, 2)];
        paths.row(&one.name, cells.into_iter().chain([one.n.to_string()]));
    }
    paths
}

fn episodes(found: &RollingScores) -> PlainTable {
    let columns = ["epochs", "RMSE", "response alone"].map(ToOwned::to_owned);
    let mut episodes = table("Episodes of the first protocol, price known", "start", columns.into_iter());
    for path in &found.episodes {
        episodes.row(
            path.start,
            [path.epochs.to_string(), number(path.rmse, 3), number(path.response_alone, 3)].into_iter(),
        );
    }
    "Response alone: orders are held at the rate with which the path fits best, so the error is that of shutdown and return."
        .clone_into(&mut episodes.note);
    episodes
}

fn free_runs(found: &RollingScores) -> PlainTable {
    let columns = ["RMSE", "error at the end"].map(ToOwned::to_owned);
    let mut runs =
        table("Simulations without correction, to the end of the history", "corrected until", columns.into_iter());
    for run in &found.free_runs {
        runs.row(run.corrected_until, [number(run.rmse, 3), format!("{:+.2}", run.last)].into_iter());
    }
    runs
}

fn ablations(found: &RollingScores) -> PlainTable {
    let mut without = table("One mechanism removed at a time: RMSE, price known", "without", horizons());
    for (name, scores) in &found.ablations {
        without.row(*name, numbers(&scores.rmse, 3));
    }
    without
}
