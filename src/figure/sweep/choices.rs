use std::{borrow::Cow, sync::Arc};

use super::words::{NEVER_NOTE, colour};
use crate::{
    figure::parts::{Across, Figure, Layer, Panel, Shape},
    output::answer::lower_first,
    report::{
        bands::{Band, Fan},
        sweep::{
            factor::SweptFactor,
            spread::Spread,
            table::{Column, Sweep},
        },
    },
};

/// More rows would not stand on a page.
const MAX_CHOICES: usize = 40;

/// A metric by choice: a row with median and bands for each.
pub(super) fn choices<'a>(sweep: &Sweep, factor: &SweptFactor, column: &Column) -> Figure<'a> {
    let (outcome, key, all) = (&column.outcome, lower_first(&factor.name), factor.choices.len());
    let names = &factor.choices[..all.min(MAX_CHOICES)];
    // A setting is the place of its choice.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
    let groups =
        sweep.grouped(column, names.len(), |point| factor.settings.get(point).map(|&setting| setting as usize));
    let spreads: Vec<Spread> = groups.into_iter().map(Spread::of).collect();
    let quantile = |which: usize| spreads.iter().map(|spread| spread.quantiles[which]).collect::<Vec<f64>>();
    let [p05, p25, p50, p75, p95] = std::array::from_fn(quantile);
    let has_never = [&p05, &p25, &p50, &p75, &p95].into_iter().flatten().any(|value| value.is_infinite());
    let never = if has_never { format!(" {NEVER_NOTE}") } else { String::new() };
    let first = if all > MAX_CHOICES { format!(", for the first {MAX_CHOICES} of {all}") } else { String::new() };
    let medians = names.iter().zip(&spreads);
    let medians = medians.map(|(choice, spread)| format!("{choice}: {}", outcome.in_words(spread.median())));
    let alt = format!("Median of {} by {key}: {}.", outcome.name, medians.collect::<Vec<_>>().join("; "));
    let fan = Shape::Fan(Cow::Owned(Band { fan: Fan { p05, p25, p50, p75, p95 }, paths: Vec::new() }));
    let note = format!("Median, 50\u{a0}% and 90\u{a0}% bands over replicas for each choice of {key}{first}.{never}");
    let panel = Panel::new(&outcome.name, &outcome.unit).said(&outcome.name, note).with(Layer::new(
        "",
        colour(outcome),
        &rows(names.len()),
        fan,
    ));
    let title = format!("{} by {key}", outcome.name);
    Figure {
        alt,
        replicas: spreads.iter().map(|spread| spread.n).max().unwrap_or(0),
        ..Figure::new(format!("sweep-{}", outcome.metric.name), title, Across::Rows(names.to_vec()), vec![panel])
    }
}

/// The positions of this number of rows.
pub(super) fn rows(count: usize) -> Arc<[f64]> {
    (0..u32::try_from(count).unwrap_or(u32::MAX)).map(f64::from).collect()
}
