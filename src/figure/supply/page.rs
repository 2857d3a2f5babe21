//! The result folders of rolling scores and of the state of the network.

use super::{
    charts::figures,
    state,
    tables::{number, rolling_tables, rolling_text},
};
use crate::{
    figure::{Drawing, Figure, PAGE, Plain, PlainTable, page::plain_page, png::write_pngs, write::write},
    output::{bundle::NewFolder, csv::whole_table},
    report::ReportError,
    study::{
        nowcast::Told,
        rolling::{HORIZONS, PRIMARY, RollingScores},
    },
    supply::history::History,
};
use std::path::PathBuf;

/// Writes `score.json`, `forecasts.csv`, `tables.md`, charts and the page of rolling scores into a new folder. `history` is that of the scores,
/// `members` the number of members of the ensemble, `command` the line that makes them again.
///
/// # Errors
/// When a chart cannot be drawn, or the disk refuses.
///
/// # Panics
/// Never: scores can be written as JSON.
pub fn write_rolling(
    found: &RollingScores,
    history: &History,
    (members, command): (u64, &str),
    folder: NewFolder,
    drawing: &Drawing,
) -> Result<PathBuf, ReportError> {
    let figures = figures(found, history);
    let page = Plain {
        kicker: "Rolling forecasts of hashrate".to_owned(),
        title: "How well does the law of hash supply forecast hashrate, from every difficulty epoch?".to_owned(),
        size: size(found, history, members),
        answer: answer(found),
        tables: rolling_tables(found).into_iter().map(without_marks).collect(),
        command: command.to_owned(),
        reproduced: "The same version and history give the same bytes, with any number of threads.".to_owned(),
    };
    let card = serde_json::json!({
        "program": "shakeout",
        "version": env!("CARGO_PKG_VERSION"),
        "command": command,
        "members": members,
        "answer": page.answer,
        "scores": found,
    });
    let card = serde_json::to_vec_pretty(&card).expect("scores can be written as JSON");
    let text = rolling_text(found).into_bytes();
    let files = [("score.json", card), ("tables.md", text), ("forecasts.csv", whole_table(&found.forecasts))];
    fill(folder, &files, (&figures, &page), drawing)
}

/// Writes `nowcast.json`, `start.toml`, charts and the page of a state into a new folder.
///
/// # Errors
/// When a chart cannot be drawn, or the disk refuses.
///
/// # Panics
/// Never: a state can be written as JSON.
pub fn write_state(
    told: &Told<'_>,
    (members, command): (u64, &str),
    folder: NewFolder,
    drawing: &Drawing,
) -> Result<PathBuf, ReportError> {
    let page = state::page(told, members, command);
    let mut card = told.to_json();
    if let Some(card) = card.as_object_mut() {
        for (name, value) in [("version", env!("CARGO_PKG_VERSION")), ("command", command)] {
            card.insert(name.to_owned(), value.into());
        }
    }
    let card = serde_json::to_vec_pretty(&card).expect("a state can be written as JSON");
    let files = [("nowcast.json", card), ("start.toml", told.to_scenario().into_bytes())];
    fill(folder, &files, (&state::figures(told), &page), drawing)
}

/// Makes the folder, with charts and page where they are wanted.
fn fill(
    folder: NewFolder,
    files: &[(&str, Vec<u8>)],
    (figures, page): (&[Figure<'_>], &Plain),
    drawing: &Drawing,
) -> Result<PathBuf, ReportError> {
    folder.fill(files, |place| {
        if drawing.charts {
            let drawn = write(figures, &place.join("charts"), &drawing.style)?;
            if drawing.png {
                write_pngs(&drawn)?;
            }
        }
        if drawing.page {
            let path = place.join(PAGE);
            std::fs::write(&path, plain_page(page, figures)?).map_err(ReportError::file(&path))?;
        }
        Ok(())
    })
}

/// Asterisks of Markdown mean nothing on a page.
fn without_marks(table: PlainTable) -> PlainTable {
    let plain = |text: String| text.replace('*', "");
    PlainTable { title: plain(table.title), note: plain(table.note), ..table }
}

fn size(found: &RollingScores, history: &History, members: u64) -> String {
    let outcomes = found.known.forecasts.first().map_or(0, |(_, scores)| scores.n[0]);
    let last = &history.epochs()[history.closed()];
    format!("{outcomes} origins, {members} members, history to {}.", last.start)
}

/// What the scores say, in sentences.
fn answer(found: &RollingScores) -> Vec<String> {
    let place = HORIZONS.iter().position(|horizon| *horizon == PRIMARY).unwrap_or(0);
    let Some(((law, scores), others)) = found.known.forecasts.split_first() else { return Vec::new() };
    let rivals = others.iter().filter(|(name, _)| !name.starts_with("law"));
    let best = rivals.min_by(|one, other| one.1.rmse[place].total_cmp(&other.1.rmse[place]));
    let mut sentences = vec![format!(
        "With the price known, forecasts of “{law}” {PRIMARY} epochs (half a year) ahead miss the logarithm of hashrate by {} (root mean square){}.",
        number(scores.rmse[place], 3),
        best.map_or_else(String::new, |(name, one)| format!(
            "; the best baseline, “{name}”, by {}",
            number(one.rmse[place], 3)
        )),
    )];
    let [lowest, highest] = [f64::min, f64::max].map(|pick| scores.coverage.into_iter().fold(scores.coverage[0], pick));
    sentences.push(format!(
        "Its 90 % bands hold {} to {} of the outcomes, depending on the horizon.",
        number(lowest, 2),
        number(highest, 2)
    ));
    if let Some((_, frozen)) = found.frozen.forecasts.first() {
        sentences.push(format!(
            "With the price frozen at the origin the error is {} and the bands hold {}: they contain no uncertainty of the price.",
            number(frozen.rmse[place], 3),
            number(frozen.coverage[place], 2)
        ));
    }
    let primary = &found.primary;
    let t = primary.difference / primary.standard_error;
    sentences.push(format!(
        "Primary endpoint, CRPS at {PRIMARY} epochs: {} against {} of “{}”, t {} over {} years.",
        number(primary.law.1, 4),
        number(primary.rival.1, 4),
        primary.rival.0,
        number(t, 2),
        primary.yearly.len()
    ));
    sentences
}
