//! The charts of one run: a file each, in which a function makes the [`Figure`] of what a result folder holds.
#![expect(clippy::unnecessary_wraps, reason = "a chart is there or not, and all of them are called alike")]

mod causes;
mod classes;
mod coins;
mod concentration;
mod difficulty;
mod drawn;
mod fleet;
mod lorenz;
mod observed;
mod power;
mod price;
mod recovery;
mod restart;
mod rigs;
mod runway;
mod supply;
mod survival;
mod survivors;

use std::{borrow::Cow, sync::Arc};

use plotters::style::RGBColor;

use super::{
    instant::{day, seconds},
    parts::{Across, Dash, Figure, Layer, Mark, Panel, Part, Shape, Sign, Weight, instants},
    style,
};
use crate::report::{
    bands::Band,
    number::{grouped, human},
    series::RunSeries,
};
use crate::simulation::metrics::TROUGH_WITHIN;

/// A chart, where the run has anything for it.
type Chart = fn(&RunSeries) -> Option<Figure<'_>>;

/// All charts, in the order in which a page shows the charts of one part.
const CHARTS: &[Chart] = &[
    recovery::recovery,
    observed::observed,
    difficulty::difficulty_and_hashprice,
    classes::by_class,
    supply::merit_order,
    fleet::fleet,
    restart::restart_ladder,
    rigs::rigs,
    power::power,
    price::price,
    coins::coins,
    survival::survival,
    survivors::survivors,
    causes::causes,
    runway::runway,
    concentration::concentration,
    lorenz::lorenz,
];

/// Every chart that the run has anything for, in the order of [`CHARTS`].
#[must_use]
pub fn figures(run: &RunSeries) -> Vec<Figure<'_>> {
    CHARTS.iter().filter_map(|chart| chart(run)).chain(drawn::hangs_on(run)).collect()
}

impl<'a> Figure<'a> {
    /// A figure of a run over its days, with its events, and with nothing drawn yet.
    pub(super) fn over_days(run: &'a RunSeries, name: &str, title: &str, part: Part) -> Self {
        let days = Across::Time(seconds(run.grid.start), seconds(run.grid.end()));
        let shocks = run.marks.shocks.iter();
        let marks = shocks.map(|shock| Mark { at: seconds(shock.time), label: shock.label.clone() }).collect();
        Self { part, marks, replicas: run.replicas, ..Self::new(name, title, days, Vec::new()) }
    }

    /// A figure of a run over a number, without events.
    pub(super) fn over(
        run: &'a RunSeries,
        (name, title, part): (&str, &str, Part),
        quantity: &str,
        unit: &str,
    ) -> Self {
        let across = Across::Number { quantity: quantity.into(), unit: unit.into() };
        Self { across, marks: Vec::new(), ..Self::over_days(run, name, title, part) }
    }
}

/// Bands and median of what is known at each instant of the run's grid.
fn fan<'a>(run: &RunSeries, band: &'a Band, colour: RGBColor) -> Layer<'a> {
    Layer::new("", colour, &instants(&run.grid.times), Shape::Fan(Cow::Borrowed(band)))
}

/// What a caption says of the fans: how many replicas, at which instants.
fn fan_note(run: &RunSeries) -> String {
    let count = |number: u64| grouped(f64::from(u32::try_from(number).unwrap_or(u32::MAX)), 0);
    let shown = run.replicas as u64;
    if shown == 1 && run.replicas_run.unwrap_or(1) == 1 {
        return "One replica.".into();
    }
    let of = match run.replicas_run {
        Some(all) if all > shown => format!("the first {} of {} replicas", count(shown), count(all)),
        _ => format!("{} replicas", count(shown)),
    };
    let instants = match run.grid.stride {
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

/// `words` if there are several replicas.
fn if_many<'a>(run: &RunSeries, words: &'a str) -> &'a str {
    if run.replicas > 1 { words } else { "" }
}

/// A median in words: where it starts, its lowest point with the first instant within 1 % of it, and its end, of the instants at which there is one.
fn course_in_words(run: &RunSeries, what: &str, values: &[f64], unit: &str) -> String {
    let known: Vec<(f64, i64)> =
        values.iter().copied().zip(run.grid.times.iter().copied()).filter(|(value, _)| value.is_finite()).collect();
    let with_unit = |value: f64| format!("{} {unit}", human(value)).trim_end().to_owned();
    let low = known.iter().min_by(|a, b| a.0.total_cmp(&b.0));
    let within = |low: f64| low + TROUGH_WITHIN * low.abs();
    let reached =
        |low: f64| known.iter().find(|(value, _)| *value <= within(low)).map_or(run.grid.start, |known| known.1);
    match (known.first(), low, known.last()) {
        (Some(&(first, _)), Some(&(low, _)), Some(&(last, _))) => format!(
            "Median {what} starts at {}, is lowest at {} (first within 1 percent of it on {}), and ends at {}.",
            with_unit(first),
            with_unit(low),
            day(reached(low)),
            with_unit(last),
        ),
        _ => format!("There is no value of {what}."),
    }
}
