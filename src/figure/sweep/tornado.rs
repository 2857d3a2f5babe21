//! The factors of a sweep, ranked by how far a metric's median moves with each.

use plotters::style::RGBColor;

use super::{choices::rows, words::NEVER_NOTE};
use crate::{
    figure::{
        parts::{Across, Dash, Figure, Layer, Panel, Shape, Side, Sign, Weight},
        style,
    },
    report::sweep::{
        factor::SweptFactor,
        spread::{Spread, median},
        table::{Column, Sweep},
    },
};

const LOW: RGBColor = style::SOLD_VOLUNTARY;
const HIGH: RGBColor = style::STRESS;
const CHOICE: RGBColor = RGBColor(187, 187, 187);

struct Bar {
    name: String,
    is_numeric: bool,
    /// By third of a number's values, or by choice.
    groups: Vec<Group>,
    range: f64,
    /// How far the share of replicas that never get there moves: among bars that end at never.
    never_range: f64,
}

/// The rows in which a factor has some of its values.
struct Group {
    label: String,
    median: f64,
    never_share: f64,
}

/// Maximum number of bars.
const MAX_BARS: usize = 16;

impl Group {
    fn new(label: String, values: Vec<f64>) -> Self {
        let spread = Spread::of(values);
        let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        Self { label, median: spread.median(), never_share: count(spread.never) / count(spread.n.max(1)) }
    }
}

impl Bar {
    fn new(sweep: &Sweep, factor: &SweptFactor, column: &Column) -> Self {
        let levels = factor.levels();
        let groups: Vec<Group> = if factor.is_numeric() {
            let thirds = thirds(&factor.settings, &levels);
            let third = |setting: f64| thirds.iter().position(|&(low, high)| setting >= low && setting <= high);
            let values = sweep.grouped(column, thirds.len(), |point| third(*factor.settings.get(point)?));
            let labels = thirds.iter().map(|&(low, high)| range_label(factor, low, high));
            labels.zip(values).map(|(label, values)| Group::new(label, values)).collect()
        } else {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
            let values =
                sweep.grouped(column, factor.choices.len(), |point| Some(*factor.settings.get(point)? as usize));
            factor.choices.iter().cloned().zip(values).map(|(label, values)| Group::new(label, values)).collect()
        };
        let groups: Vec<Group> = groups.into_iter().filter(|group| !group.median.is_nan()).collect();
        let span = |value: fn(&Group) -> f64| {
            let (low, high) = extremes(groups.iter().map(value));
            // Two medians of never are equal.
            if low < high { high - low } else { 0.0 }
        };
        let (range, never_range) = (span(|group| group.median), span(|group| group.never_share));
        Self { name: factor.title(), is_numeric: factor.is_numeric(), groups, range, never_range }
    }

    /// Medians at the first and at the last third of a number's values.
    fn thirds(&self) -> Option<(f64, f64)> {
        match self.groups.as_slice() {
            [first, .., last] if self.is_numeric => Some((first.median, last.median)),
            _ => None,
        }
    }

    /// The groups with the lowest and with the highest median.
    fn ends(&self) -> Option<(&Group, &Group)> {
        let by_median = |a: &&Group, b: &&Group| a.median.total_cmp(&b.median);
        // Of equal ones, the first and the last, so that both ends of a bar without length are named.
        Some((self.groups.iter().min_by(by_median)?, self.groups.iter().max_by(by_median)?))
    }
}

fn extremes(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

/// Least and greatest setting of the low, the middle and the high third of the points; of fewer parts where there are
/// fewer levels.
fn thirds(settings: &[f64], levels: &[f64]) -> Vec<(f64, f64)> {
    let mut sorted = settings.to_vec();
    sorted.retain(|setting| !setting.is_nan());
    sorted.sort_by(f64::total_cmp);
    let (Some(&first), Some(&last)) = (levels.first(), levels.last()) else {
        return Vec::new();
    };
    let third = (sorted.len() - 1) / 3;
    let (mut low, mut high) = (sorted[third], sorted[sorted.len() - 1 - third]);
    if low >= high {
        (low, high) = (first, last);
    }
    if low >= high {
        return vec![(first, last)];
    }
    let between: Vec<f64> = levels.iter().copied().filter(|&level| level > low && level < high).collect();
    let middle = between.first().zip(between.last()).map(|(&from, &to)| (from, to));
    [Some((first, low)), middle, Some((high, last))].into_iter().flatten().collect()
}

fn range_label(factor: &SweptFactor, low: f64, high: f64) -> String {
    let (from, to) = (factor.label(low), factor.label(high));
    match (from == to, low < 0.0) {
        (true, _) => from,
        (false, true) => format!("{from} to {to}"),
        (false, false) => format!("{from}–{to}"),
    }
}

/// The ranking, the factor that moves the median most first.
pub(super) fn tornado<'a>(sweep: &Sweep, column: &Column) -> Figure<'a> {
    let outcome = &column.outcome;
    let mut bars: Vec<Bar> = sweep.factors.iter().map(|factor| Bar::new(sweep, factor, column)).collect();
    // Stable: of equal ones, in the order of the design.
    bars.sort_by(|a, b| b.range.total_cmp(&a.range).then(b.never_range.total_cmp(&a.never_range)));
    bars.truncate(MAX_BARS);
    let overall = median(column.values.clone());
    let of = if bars.len() < sweep.factors.len() {
        format!("The {} factors of {}", bars.len(), sweep.factors.len())
    } else {
        "Factors".to_owned()
    };
    let has_never =
        overall.is_infinite() || bars.iter().flat_map(|bar| &bar.groups).any(|group| group.median.is_infinite());
    let never = if has_never { format!(" {NEVER_NOTE}") } else { String::new() };
    let note = format!(
        "{of} by how far the median over points and replicas moves with each, all others varying: between the low, middle and high third \
         of a number's values, or between choices (ticks). Beside each bar stand the values that give its ends.{never}"
    );
    let words = bars.iter().filter_map(|bar| {
        let (low, high) = bar.ends()?;
        let median = |group: &Group| outcome.in_words(group.median);
        Some(format!("{}: {} at {}, {} at {}", bar.name, median(low), low.label, median(high), high.label))
    });
    let words = words.collect::<Vec<_>>().join("; ");
    let mut panel = Panel::new(&outcome.name, &outcome.unit).said(&outcome.name, note);
    panel.layers = layers(&bars, overall);
    let title = format!("{}: most important factors", outcome.name);
    let names = bars.into_iter().map(|bar| bar.name).collect();
    Figure {
        alt: format!("Median of {} by factor, the most important first. {words}.", outcome.name),
        ..Figure::new(format!("sweep-{}", outcome.metric.name), title, Across::Rows(names), vec![panel])
    }
}

fn layers<'a>(bars: &[Bar], overall: f64) -> Vec<Layer<'a>> {
    let places = rows(bars.len());
    let each = |value: &dyn Fn(&Bar) -> Option<f64>| -> Vec<f64> {
        bars.iter().map(|bar| value(bar).unwrap_or(f64::NAN)).collect()
    };
    let low = each(&|bar| Some(bar.ends()?.0.median));
    let high = each(&|bar| Some(bar.ends()?.1.median));
    // Of a number, from the first to the last third: their two halves have two colours.
    let first = each(&|bar| bar.thirds().map(|(first, _)| first));
    let last = each(&|bar| bar.thirds().map(|(_, last)| last));
    let reach = low.iter().chain(&high).copied().filter(|median| median.is_finite()).fold(f64::NEG_INFINITY, f64::max);
    let half = each(&|bar| bar.thirds().map(|(first, last)| halfway(first, last, reach)));
    let is_choice = |value: &[f64]| {
        bars.iter()
            .zip(value)
            .map(|(bar, &value)| if bar.thirds().is_none() { value } else { f64::NAN })
            .collect::<Vec<_>>()
    };
    let texts = |text: &dyn Fn(&Bar) -> Option<String>| {
        bars.iter().map(|bar| text(bar).unwrap_or_default()).collect::<Vec<_>>()
    };
    let (low_texts, high_texts) =
        (texts(&|bar| Some(bar.ends()?.0.label.clone())), texts(&|bar| Some(bar.ends()?.1.label.clone())));
    let new = |name: &str, colour, shape| Layer::new(name, colour, &places, shape);
    let mut layers = vec![new("", style::NEUTRAL, Shape::Bars(low.clone(), high.clone(), 0.06))];
    if bars.iter().any(|bar| bar.thirds().is_some()) {
        layers.push(new("low third of values", LOW, Shape::Bars(first, half.clone(), 1.0)));
        layers.push(new("high third", HIGH, Shape::Bars(half, last, 1.0)));
    }
    if bars.iter().any(|bar| bar.thirds().is_none()) {
        layers.push(new("between choices", CHOICE, Shape::Bars(is_choice(&low), is_choice(&high), 1.0)));
    }
    let most = bars.iter().map(|bar| bar.groups.len()).max().unwrap_or(0);
    for place in 0..most {
        let medians = each(&|bar| bar.groups.get(place).map(|group| group.median));
        layers.push(new("", style::INK, Shape::Points(medians, Sign::Stroke)));
    }
    layers.push(new("median of all", style::INK, Shape::Line(vec![overall; bars.len()], Dash::Solid, Weight::Thin)));
    layers.push(new("", style::INK, Shape::Words(low, low_texts, Side::Below)));
    layers.push(new("", style::INK, Shape::Words(high, high_texts, Side::Above)));
    layers
}

/// The middle between two medians; `reach`, the largest median that is a number, where one of them is never.
fn halfway(first: f64, last: f64, reach: f64) -> f64 {
    match (first.is_finite(), last.is_finite()) {
        (true, true) => f64::midpoint(first, last),
        (false, false) => first,
        _ => reach,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirds_hold_the_same_number_of_points() {
        let of = |settings: &[f64]| {
            let mut levels = settings.to_vec();
            levels.dedup();
            thirds(settings, &levels)
        };
        assert_eq!(of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), [(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)]);
        assert_eq!(of(&[1.0, 1.0, 2.0, 2.0]), [(1.0, 1.0), (2.0, 2.0)]);
        assert_eq!(of(&[1.0, 2.0, 2.0, 2.0, 2.0, 3.0]), [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]);
        assert_eq!(of(&[7.0, 7.0]), [(7.0, 7.0)]);
    }
}
