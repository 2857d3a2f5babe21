//! The pages of calibrations.

use std::path::Path;

use super::{figures, ranks};
use crate::{
    figure::page::{Plain, PlainTable, plain_page},
    report::{
        ReportError,
        calibration::{Fitted, Posterior, Predicted, Ranked, Ranks},
        number::human,
        provenance::Provenance,
    },
};

/// A posterior median within this share of the prior's range from one of its ends is said to lie there.
const AT_END: f64 = 0.05;

/// Ranks that are as uneven as this by chance only so often are said to be uneven.
const UNEVEN: f64 = 0.01;

/// The page of the posterior in `folder`.
///
/// # Errors
/// If a part of the folder is missing or cannot be understood.
pub fn posterior_page(folder: &Path) -> Result<String, ReportError> {
    let (posterior, manifest) = (Posterior::read(folder)?, Provenance::read(folder)?);
    let names: Vec<&str> = posterior.episodes.iter().map(|episode| episode.name.as_str()).collect();
    let page = Plain {
        kicker: "Calibration".to_owned(),
        title: format!("Which values of these parameters agree with {}?", names.join(", ")),
        size: format!("{} simulated histories, seed {}.", human_count(posterior.simulated), manifest.seed),
        answer: answer(&posterior),
        tables: vec![parameters(&posterior.parameters), coverage(&posterior.episodes)],
        command: manifest.command,
        reproduced: REPRODUCED.to_owned(),
    };
    plain_page(&page, &figures(&posterior))
}

/// The page of the ranks of known truths in `folder`.
///
/// # Errors
/// If a part of the folder is missing or cannot be understood.
pub fn ranks_page(folder: &Path) -> Result<String, ReportError> {
    let (ranks, manifest) = (Ranks::read(folder)?, Provenance::read(folder)?);
    let page = Plain {
        kicker: "Calibration of known truths".to_owned(),
        title: "Does the calibration find the values that made the observation?".to_owned(),
        size: format!("{} truths drawn from the prior, seed {}.", human_count(ranks.truths), manifest.seed),
        answer: ranks.parameters.iter().map(evenness).collect(),
        tables: Vec::new(),
        command: manifest.command,
        reproduced: REPRODUCED.to_owned(),
    };
    plain_page(&page, &[ranks::histograms(&ranks)])
}

const REPRODUCED: &str = "In the folder of the scenarios. The same version, scenarios and seed give the same tables, byte for byte, with any number of threads.";

fn human_count(count: u64) -> String {
    human(f64::from(u32::try_from(count).unwrap_or(u32::MAX)))
}

/// What the posterior says, in sentences.
pub(super) fn answer(posterior: &Posterior) -> Vec<String> {
    let mut sentences = Vec::new();
    if !posterior.reaches_data {
        let by = posterior.distances.map_or_else(String::new, |(nearest, usual)| {
            format!(
                ": the nearest history lies {} deviations of the prior from the observation, where 90 % of histories of the prior have another one within {}",
                human(nearest),
                human(usual)
            )
        });
        sentences.push(format!(
            "The fit does not reach the data{by}. No value of these parameters explains what was observed, so the numbers below say nothing of it."
        ));
    }
    sentences.extend(posterior.parameters.iter().map(of_parameter));
    sentences.extend(posterior.episodes.iter().map(|episode| {
        let (inside, all) = inside(episode);
        format!("In {} the 90 % band of the posterior holds {inside} of {all} observed epochs.", episode.name)
    }));
    sentences
}

fn of_parameter(fitted: &Fitted) -> String {
    let (low, high) = fitted.band;
    let end = match place(fitted) {
        place if place < AT_END => "; it lies at the lower end of its prior, so a wider prior may give a lower value",
        place if place > 1.0 - AT_END => {
            "; it lies at the upper end of its prior, so a wider prior may give a higher value"
        }
        _ => "",
    };
    let truth = fitted.truth.map_or_else(String::new, |truth| format!(" (the truth is {})", human(truth)));
    format!(
        "{}: {}, with 90 % between {} and {}{truth}. Verdict: {}, since the data narrow its prior by {:.0} %{end}.",
        fitted.name,
        human(fitted.median),
        human(low),
        human(high),
        fitted.verdict,
        100.0 * fitted.shrinkage
    )
}

/// Where the posterior median lies between the ends of the prior, from 0 to 1.
fn place(fitted: &Fitted) -> f64 {
    let (low, high) = fitted.prior.ends();
    (fitted.prior.coordinate(fitted.median) - low) / (high - low)
}

/// Observed epochs inside the 90 % band, and all of them.
fn inside(episode: &Predicted) -> (usize, usize) {
    let is_inside = |(_, seen, [low, .., high]): &&(f64, f64, [f64; 5])| seen >= low && seen <= high;
    (episode.epochs.iter().filter(is_inside).count(), episode.epochs.len())
}

fn evenness(ranked: &Ranked) -> String {
    let verdict = if ranked.p_value < UNEVEN {
        "are uneven: the posterior is biased, too narrow or too wide"
    } else {
        "are as even as those of a right posterior"
    };
    format!("The ranks of {} {verdict} (p {:.3}).", ranked.name, ranked.p_value)
}

fn parameters(of: &[Fitted]) -> PlainTable {
    let head = ["parameter", "prior 5 to 95 %", "median", "posterior 5 to 95 %", "shrinkage", "verdict"];
    let row = |fitted: &Fitted| {
        let range = |low: f64, high: f64| format!("{} to {}", human(low), human(high));
        vec![
            fitted.name.clone(),
            range(fitted.prior.quantile(0.05), fitted.prior.quantile(0.95)),
            human(fitted.median),
            range(fitted.band.0, fitted.band.1),
            format!("{:.2}", fitted.shrinkage),
            fitted.verdict.clone(),
        ]
    };
    PlainTable {
        title: "Parameters".to_owned(),
        head: head.map(ToOwned::to_owned).to_vec(),
        rows: of.iter().map(row).collect(),
        note: "Shrinkage: 1 minus the ratio of the standard deviations of posterior and prior.".to_owned(),
    }
}

fn coverage(of: &[Predicted]) -> PlainTable {
    let row = |episode: &Predicted| {
        let (inside, all) = inside(episode);
        vec![episode.name.clone(), all.to_string(), inside.to_string()]
    };
    PlainTable {
        title: "Observed epochs".to_owned(),
        head: ["scenario", "epochs", "inside the 90 % band"].map(ToOwned::to_owned).to_vec(),
        rows: of.iter().map(row).collect(),
        note: String::new(),
    }
}
