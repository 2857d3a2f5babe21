use plotters::backend::DrawingBackend;

use super::{
    NEVER_NOTE, SweepChart, in_words,
    rows::{Rows, foot},
};
use crate::figure::{
    Dash, Weight, style,
    svg::{
        canvas::{Align, Canvas, THIN},
        frame::{Area, PAD, draw_title, shorten, too_small},
        legend::{self, Entry, Look},
    },
};
use crate::report::{
    ReportError,
    sweep::{
        headline::Headline,
        spread::{Spread, median},
        table::{Column, Sweep, SweptFactor},
    },
};

/// The factors of a sweep, ranked by how far a metric's median moves with each.
pub(super) struct Tornado {
    headline: Headline,
    /// Over all rows.
    median: f64,
    /// The widest first.
    bars: Vec<Bar>,
    factors: usize,
}

struct Bar {
    key: String,
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

/// More bars would say little.
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
            // Two nevers are the same.
            if low < high { high - low } else { 0.0 }
        };
        let (range, never_range) = (span(|group| group.median), span(|group| group.never_share));
        Self { key: factor.key.clone(), is_numeric: factor.is_numeric(), groups, range, never_range }
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

impl Tornado {
    pub(super) fn new(sweep: &Sweep, column: &Column) -> Self {
        let mut bars: Vec<Bar> = sweep.factors.iter().map(|factor| Bar::new(sweep, factor, column)).collect();
        // Stable: of equal ones, in the order of the design.
        bars.sort_by(|a, b| b.range.total_cmp(&a.range).then(b.never_range.total_cmp(&a.never_range)));
        bars.truncate(MAX_BARS);
        Self { headline: column.headline, median: median(column.values.clone()), bars, factors: sweep.factors.len() }
    }

    fn has_never(&self) -> bool {
        self.median.is_infinite()
            || self.bars.iter().flat_map(|bar| &bar.groups).any(|group| group.median.is_infinite())
    }

    fn legend(&self) -> Vec<Entry> {
        let mut legend = Vec::new();
        if self.bars.iter().any(|bar| bar.is_numeric) {
            legend.push(Entry::new(Look::Area(LOW, 0), "low third of values"));
            legend.push(Entry::new(Look::Area(HIGH, 0), "high third"));
        }
        if self.bars.iter().any(|bar| !bar.is_numeric) {
            legend.push(Entry::new(Look::Area(CHOICE, 0), "between choices"));
        }
        legend.push(Entry::new(Look::Line(style::INK, Dash::Solid, Weight::Thin), "median of all"));
        legend
    }

    fn draw_bar<DB: DrawingBackend>(
        canvas: &Canvas<'_, DB>,
        rows: &Rows,
        bar: &Bar,
        (top, bottom): (f64, f64),
        room: f64,
    ) -> Result<(), ReportError> {
        let font = canvas.font;
        let Some((low, high)) = bar.ends() else {
            return Ok(());
        };
        let (left, right) = (rows.x(low.median), rows.x(high.median));
        let middle = f64::midpoint(top, bottom);
        match bar.groups.as_slice() {
            [first, .., last] if bar.is_numeric => {
                canvas.line(&[(left, middle), (right, middle)], style::NEUTRAL, 2.0 * THIN)?;
                let (from, to) = (rows.x(first.median), rows.x(last.median));
                let half = f64::midpoint(from, to);
                for (end, colour) in [(from, LOW), (to, HIGH)] {
                    let area = Area { left: end.min(half), right: end.max(half), top, bottom };
                    canvas.fill(&area.corners(), colour)?;
                }
            }
            _ => canvas.fill(&Area { left, right, top, bottom }.corners(), CHOICE)?,
        }
        for group in &bar.groups {
            let x = rows.x(group.median);
            canvas.line(&[(x, top), (x, bottom)], style::INK, 2.0 * THIN)?;
        }
        let (low, high) = (shorten(canvas, &low.label, room), shorten(canvas, &high.label, room));
        behind(canvas, (left - 0.5 * font - canvas.width_of(&low), left - 0.3 * font), middle)?;
        behind(canvas, (right + 0.3 * font, right + 0.5 * font + canvas.width_of(&high)), middle)?;
        canvas.text(&low, (left - 0.5 * font, middle), Align::Right, style::INK)?;
        canvas.text(&high, (right + 0.5 * font, middle), Align::Left, style::INK)
    }
}

/// Paper behind a text, which the lines of the axis must not cross.
fn behind<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    (left, right): (f64, f64),
    middle: f64,
) -> Result<(), ReportError> {
    let half = 0.6 * canvas.font;
    canvas.fill(&Area { left, right, top: middle - half, bottom: middle + half }.corners(), style::PAPER)
}

const LOW: plotters::style::RGBColor = style::SOLD_VOLUNTARY;
const HIGH: plotters::style::RGBColor = style::STRESS;
const CHOICE: plotters::style::RGBColor = plotters::style::RGBColor(187, 187, 187);

impl SweepChart for Tornado {
    fn title(&self) -> String {
        format!("{}: what moves it most", self.headline.name)
    }

    fn caption(&self) -> String {
        let of = if self.bars.len() < self.factors {
            format!("The {} factors of {}", self.bars.len(), self.factors)
        } else {
            "Factors".to_owned()
        };
        let never = if self.has_never() { format!(" {NEVER_NOTE}") } else { String::new() };
        format!(
            "{of} by how far the median over points and replicas moves with each, all others varying: between the low, \
             middle and high third of a number's values, or between choices (ticks). Beside each bar stand the values \
             that give its ends.{never}"
        )
    }

    fn alt(&self) -> String {
        let words: Vec<String> = self
            .bars
            .iter()
            .filter_map(|bar| {
                let (low, high) = bar.ends()?;
                let median = |group: &Group| in_words(self.headline, group.median);
                Some(format!("{}: {} at {}, {} at {}", bar.key, median(low), low.label, median(high), high.label))
            })
            .collect();
        format!("Median of {} by factor, the most important first. {}.", self.headline.name, words.join("; "))
    }

    fn height(&self, _width: f64, font: f64) -> f64 {
        let rows = f64::from(u32::try_from(self.bars.len()).unwrap_or(u32::MAX));
        5.0 * font + rows * 3.1 * font + foot(font)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let font = canvas.font;
        let most = 0.27 * canvas.width;
        let width = |label: &str| canvas.width_of(&shorten(canvas, label, most));
        let ends = || self.bars.iter().filter_map(Bar::ends);
        let before = ends().map(|(low, _)| width(&low.label)).fold(0.0, f64::max);
        let after = ends().map(|(_, high)| width(&high.label)).fold(0.0, f64::max);
        let (left, right) = (PAD + before + 0.8 * font, canvas.width - PAD - after - 0.8 * font);
        let top = draw_title(canvas, title)?;
        let top = legend::draw(canvas, &self.legend(), (PAD, canvas.width - PAD), top)? + 0.4 * font;
        let area = Area { left, right, top, bottom: canvas.height - foot(font) };
        let count = self.bars.len();
        if area.size().1 < 2.4 * font * f64::from(u32::try_from(count).unwrap_or(u32::MAX)) {
            return Err(too_small(canvas));
        }
        let medians = self.bars.iter().flat_map(|bar| &bar.groups).map(|group| group.median);
        let values: Vec<f64> = medians.chain([self.median]).collect();
        let rows = Rows::frame(canvas, self.headline, area, &values, count)?;
        if !self.median.is_nan() {
            let x = rows.x(self.median);
            canvas.line(&[(x, area.top), (x, area.bottom)], style::INK, THIN)?;
        }
        for (place, bar) in self.bars.iter().enumerate() {
            let (top, bottom) = rows.row(place);
            let middle = top + 0.72 * font;
            let key = shorten(canvas, &bar.key, canvas.width - 2.0 * PAD);
            behind(canvas, (PAD, PAD + canvas.width_of(&key)), middle)?;
            canvas.text(&key, (PAD, middle), Align::Left, style::INK)?;
            let upper = top + 1.4 * font;
            let lower = (bottom - 0.3 * font).min(upper + 1.5 * font);
            Self::draw_bar(canvas, &rows, bar, (upper, lower), most)?;
        }
        Ok(())
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
