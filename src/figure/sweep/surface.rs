use std::sync::Arc;

use super::{choices::rows, words::NEVER_NOTE};
use crate::{
    figure::{
        parts::{Across, Figure, Layer, Panel, Shape},
        style,
    },
    output::answer::lower_first,
    report::sweep::{
        factor::SweptFactor,
        spread::median,
        table::{Column, Sweep},
    },
};

/// A factor and its levels along one side of the map, or from map to map.
struct Side<'a> {
    factor: &'a SweptFactor,
    levels: Vec<f64>,
    labels: Vec<String>,
}

/// More cells along a side could not be told apart.
const MAX_LEVELS: usize = 40;

/// More maps would not fit on a page.
const MAX_MAPS: usize = 6;

/// Which factors of a sweep lie across, up, and from map to map; nothing if they are not two or three, of which most
/// combinations of a few levels were run. Of three the one with the fewest levels goes from map to map.
pub(super) fn layout(sweep: &Sweep) -> Option<([&SweptFactor; 2], Option<&SweptFactor>)> {
    let count = |factor: &SweptFactor| factor.levels().len();
    let (pair, by) = match sweep.factors.as_slice() {
        [across, up] => ([across, up], None),
        factors @ [one, other, third] => {
            // Of factors with equal numbers of levels, the last.
            let by = factors.iter().rev().min_by_key(|factor| count(factor))?;
            let pair = match [one, other, third].map(|factor| factor.key == by.key) {
                [true, ..] => [other, third],
                [_, true, _] => [one, third],
                _ => [one, other],
            };
            (if count(pair[0]) < count(pair[1]) { [pair[1], pair[0]] } else { pair }, Some(by))
        }
        _ => return None,
    };
    let is_grid = pair.iter().all(|factor| count(factor) <= MAX_LEVELS)
        && by.is_none_or(|by| count(by) <= MAX_MAPS)
        && 2 * sweep.points >= sweep.factors.iter().map(count).product();
    is_grid.then_some((pair, by))
}

impl<'a> Side<'a> {
    fn new(factor: &'a SweptFactor) -> Self {
        let levels = factor.levels();
        let labels = levels.iter().map(|&level| factor.label(level)).collect();
        Self { factor, levels, labels }
    }

    fn cell(&self, point: usize) -> Option<usize> {
        let setting = self.factor.settings.get(point)?;
        self.levels.binary_search_by(|level| level.total_cmp(setting)).ok()
    }
}

/// The median of a metric over two factors; a map for each level of a third one, where there is one.
pub(super) fn surface<'a>(
    sweep: &Sweep,
    ([across, up], by): ([&SweptFactor; 2], Option<&SweptFactor>),
    column: &Column,
) -> Figure<'a> {
    // Names are read more easily beside the rows than below the columns.
    let (across, up) = if across.is_numeric() || !up.is_numeric() { (across, up) } else { (up, across) };
    let (across, up, by) = (Side::new(across), Side::new(up), by.map(Side::new));
    let (columns, outcome) = (across.levels.len(), &column.outcome);
    let levels = by.as_ref().map_or(1, |by| by.levels.len());
    // By map, in each row by row from the lowest, in each from the left; NaN where there is no run.
    let cell = |point: usize| {
        let map = by.as_ref().map_or(Some(0), |by| by.cell(point))?;
        Some((map * up.levels.len() + up.cell(point)?) * columns + across.cell(point)?)
    };
    let groups = sweep.grouped(column, levels * up.levels.len() * columns, cell);
    let medians: Vec<f64> = groups.into_iter().map(median).collect();
    let words = |found: Option<(usize, &f64)>| {
        found.map_or_else(
            || "unknown".to_owned(),
            |(place, &median)| {
                let (row, value) = (place / columns, outcome.in_words(median));
                let (across, level) = (&across.labels[place % columns], &up.labels[row % up.levels.len()]);
                match &by {
                    None => format!("{value} at {across} and {level}"),
                    Some(by) => format!("{value} at {across}, {level} and {}", by.labels[row / up.levels.len()]),
                }
            },
        )
    };
    let known = || medians.iter().enumerate().filter(|(_, median)| !median.is_nan());
    let (lowest, highest) = (known().min_by(|a, b| a.1.total_cmp(b.1)), known().max_by(|a, b| a.1.total_cmp(b.1)));
    let listed = |name: &dyn Fn(&Side<'_>) -> String| match &by {
        None => format!("{} and {}", name(&across), name(&up)),
        Some(by) => format!("{}, {} and {}", name(&across), name(&up), name(by)),
    };
    let names = listed(&|side| lower_first(&side.factor.name));
    let never = if medians.iter().any(|median| median.is_infinite()) {
        format!(" {NEVER_NOTE} Hatched: the median is never.")
    } else {
        String::new()
    };
    let each = by.as_ref().map_or_else(String::new, |by| format!(" A map for each {}.", lower_first(&by.factor.name)));
    let note = format!("Median over replicas for each combination of {names}.{each}{never}");
    let places: Arc<[f64]> = rows(columns);
    let panels = medians.chunks(up.levels.len() * columns).enumerate().map(|(map, medians)| {
        let title = by
            .as_ref()
            .map_or_else(|| outcome.name.clone(), |by| format!("{} = {}", by.factor.title(), by.labels[map]));
        let mut panel = Panel::new(&up.factor.title(), "").said(&title, if map == 0 { note.as_str() } else { "" });
        panel.rows.clone_from(&up.labels);
        let row = |(label, values): (&String, &[f64])| {
            Layer::new(label.as_str(), style::NEUTRAL, &places, Shape::Cells(values.to_vec()))
        };
        panel.layers = up.labels.iter().zip(medians.chunks(columns)).map(row).collect();
        panel
    });
    let (name, title) = (format!("sweep-{}", outcome.metric.name), format!("{} by {names}", outcome.name));
    let columns_of = Across::Names { quantity: across.factor.title(), names: across.labels.clone() };
    Figure {
        alt: format!("Median of {} over {names}: lowest {}, highest {}.", outcome.name, words(lowest), words(highest)),
        cells_of: Some((outcome.name.clone(), outcome.unit.clone())),
        ..Figure::new(name, title, columns_of, panels.collect())
    }
}
