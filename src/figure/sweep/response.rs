use std::{borrow::Cow, sync::Arc};

use super::words::{NEVER_NOTE, colour};
use crate::{
    figure::parts::{Across, Figure, Layer, Panel, Shape, Sign},
    output::answer::lower_first,
    report::{
        bands::{Band, Fan},
        sweep::{
            factor::SweptFactor,
            spread::{Spread, median},
            table::{Column, Sweep},
        },
    },
};

/// Number of different settings above which they are put into bins.
const MAX_SETTINGS: usize = 40;
/// Number of bins.
const BINS: usize = 20;

/// A metric against a number: median and bands over replicas.
pub(super) fn response<'a>(sweep: &Sweep, factor: &SweptFactor, column: &Column) -> Figure<'a> {
    let levels = factor.levels();
    let is_binned = levels.len() > MAX_SETTINGS;
    let bins = if is_binned { BINS } else { levels.len() };
    let bin_of = |setting: f64| {
        let level = levels.partition_point(|level| level.total_cmp(&setting).is_lt());
        level * bins / levels.len()
    };
    let groups = sweep.grouped(column, bins, |point| factor.settings.get(point).map(|&setting| bin_of(setting)));
    let mut within = vec![Vec::new(); bins];
    for &level in &levels {
        within[bin_of(level)].push(level);
    }
    let settings: Arc<[f64]> = within.into_iter().map(median).collect();
    let spreads: Vec<Spread> = groups.into_iter().map(Spread::of).collect();
    let quantile = |which: usize| spreads.iter().map(|spread| spread.quantiles[which]).collect::<Vec<f64>>();
    let [p05, p25, p50, p75, p95] = std::array::from_fn(quantile);

    let (outcome, key) = (&column.outcome, lower_first(&factor.name));
    let at = if is_binned {
        format!("in {BINS} bins with equal numbers of values of {key}")
    } else {
        format!("at each value of {key}")
    };
    let never = if p95.contains(&f64::INFINITY) {
        format!(
            " {NEVER_NOTE} Where a quantile is never, its line or band has a gap, and a triangle above stands for it: full, the median; \
             paler, the upper edge of the 50\u{a0}% band; palest, the upper edge of the 90\u{a0}% band."
        )
    } else {
        String::new()
    };
    let words = |(setting, spread): (&f64, &Spread)| {
        format!("{} at {}", outcome.in_words(spread.median()), factor.with_unit(*setting))
    };
    let mut pairs = settings.iter().zip(&spreads);
    let ends: Vec<String> = [pairs.next(), pairs.next_back()].into_iter().flatten().map(words).collect();
    let ink = colour(outcome);
    let medians = Shape::Points(p50.clone(), Sign::Diamond);
    let fan = Shape::Fan(Cow::Owned(Band { fan: Fan { p05, p25, p50, p75, p95 }, paths: Vec::new() }));
    let panel = Panel::new(&outcome.name, &outcome.unit)
        .said(&outcome.name, format!("Median, 50\u{a0}% and 90\u{a0}% bands over replicas {at}.{never}"))
        .with(Layer::new("", ink, &settings, fan))
        .with(Layer::new("", ink, &settings, medians));
    let across = Across::Number { quantity: factor.name.clone(), unit: factor.unit.to_owned() };
    let (name, title) = (format!("sweep-{}", outcome.metric.name), format!("{} by {key}", outcome.name));
    Figure {
        alt: format!("{} against {key}: the median is {}.", outcome.name, ends.join(", and ")),
        replicas: spreads.iter().map(|spread| spread.n).max().unwrap_or(0),
        ..Figure::new(name, title, across, vec![panel])
    }
}
