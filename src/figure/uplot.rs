//! A figure on the page: each of its panels is a chart that the page's script draws with uPlot.
//!
//! The value scale is linear even if it is logarithmic on paper, because one can zoom in and a selected replica may be zero.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;

use super::{
    instant::seconds,
    parts::{Across, Course, Dash, Figure, Layer, Panel, Shape, Side, Sign, Weight, alone, varies},
    style::{self, IDLE_PALE, hex},
    svg::{axis::ValueAxis, legend, maps::all_cells},
};

/// Charts, and the axes that they share.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Charts {
    axes: BTreeMap<String, Axis>,
    charts: Vec<Chart>,
}

/// The horizontal axis of charts.
#[derive(Debug, PartialEq, Serialize)]
struct Axis {
    /// `time`, in seconds since 1970, `number`, `names`, or `rows`: names beside rows, values from left to right. All charts over time share cursor and zoom.
    kind: &'static str,
    label: String,
    /// First and last place of the whole axis.
    span: Option<(f64, f64)>,
    /// Of the places 0, 1, 2 and so on, where they are no quantities.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
    x: Packed,
}

/// A panel: what the script draws.
#[derive(Debug, Serialize)]
struct Chart {
    id: String,
    axis: String,
    wide: bool,
    /// Whether the scale begins at zero.
    zero: bool,
    /// What the scale holds in any case.
    holds: Vec<f64>,
    marks: Vec<Mark>,
    /// Retargets, and whether difficulty fell.
    ticks: Vec<(f64, bool)>,
    layers: Vec<Shown>,
    /// Names along the axis of values, where rows of cells take its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rows: Vec<String>,
    /// The scale of the colours of cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<Scale>,
    /// Texts at values, by place: whether they stand at their higher side.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    words: Vec<(f64, Option<f64>, String, bool)>,
}

/// From a value to a colour.
#[derive(Debug, Serialize)]
struct Scale {
    label: String,
    low: f64,
    high: f64,
    log: bool,
    /// At equal distances from the low to the high end.
    colours: Vec<String>,
}

/// A line across a chart.
#[derive(Debug, Serialize)]
struct Mark {
    at: f64,
    label: String,
}

/// A layer that can be shown or hidden: an entry of the legend.
#[derive(Debug, Default, Serialize)]
struct Shown {
    /// `band`, `line`, `stack`, `points`, `bars`, `strokes` or `cells`.
    kind: &'static str,
    label: String,
    colour: String,
    alpha: Option<f64>,
    dash: &'static [u8],
    width: f64,
    step: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Packed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    low: Option<Packed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    high: Option<Packed>,
}

/// Digits of what is drawn.
pub(crate) const DIGITS: i32 = 5;

impl Charts {
    /// Puts in each panel of a figure.
    pub(crate) fn put(&mut self, figure: &Figure<'_>) {
        for (place, panel) in figure.panels.iter().enumerate() {
            let x = places(panel);
            let (kind, label, span, names) = match panel.across.as_ref().unwrap_or(&figure.across) {
                Across::Time(first, last) => ("time", String::new(), Some((*first, *last)), Vec::new()),
                Across::Number { quantity, unit } => {
                    ("number", with_unit(quantity, unit), panel.span.map(|[across, _]| across), Vec::new())
                }
                Across::Names { quantity, names } => ("names", quantity.clone(), None, names.clone()),
                Across::Rows(names) => ("rows", String::new(), None, names.clone()),
            };
            // Seven digits are sharper than any screen; instants are exact.
            let packed = if kind == "time" { Packed::instants(&x) } else { Packed::new(&x, 7) };
            let axis = self.axis(Axis { kind, label, span, names, x: packed });
            let marks = figure.marks.iter().map(|mark| Mark { at: mark.at, label: mark.label.clone() });
            self.charts.push(Chart {
                id: anchor(figure, place),
                axis,
                wide: panel.is_wide,
                zero: panel.is_from_zero(),
                holds: panel.span.map_or_else(|| panel.holds.clone(), |[_, (low, high)]| vec![low, high]),
                marks: marks.collect(),
                ticks: panel.retargets.iter().map(|one| (seconds(one.time), one.ratio < 1.0)).collect(),
                layers: shown(panel, &x, (figure, kind)),
                rows: panel.rows.clone(),
                scale: scale(figure),
                words: words(panel),
            });
        }
    }

    /// The name of an axis; charts over the same places have one in common.
    fn axis(&mut self, axis: Axis) -> String {
        if let Some((name, _)) = self.axes.iter().find(|(_, known)| **known == axis) {
            return name.clone();
        }
        let name = format!("x{}", self.axes.len());
        self.axes.insert(name.clone(), axis);
        name
    }
}

/// Where a panel is found on the page: under its column if it is a fan, else under the figure's name.
pub(crate) fn anchor(figure: &Figure<'_>, place: usize) -> String {
    let panel = &figure.panels[place];
    match (panel.fan(), panel.columns.first()) {
        (Some(_), Some(column)) => (*column).to_owned(),
        _ if place == 0 => figure.name.clone(),
        _ => format!("{}-{}", figure.name, place + 1),
    }
}

/// The paths of the first replicas in the fan of a panel; none if it has no fan, or if its replicas do not differ.
pub(crate) fn paths(panel: &Panel<'_>, count: usize) -> Option<Vec<Packed>> {
    /// Digits of a path.
    const DIGITS: i32 = 4;
    let (layer, band) = panel.layers.iter().find_map(|layer| Some((layer, layer.fan()?)))?;
    if band.paths.is_empty() || !varies(band) {
        return None;
    }
    let x = places(panel);
    let pack = |path: &Vec<f64>| Packed::new(&scaled(&at(layer, path, &x), panel.factor), DIGITS);
    Some(band.paths.iter().take(count).map(pack).collect())
}

fn on_screen<'a, 'b>(panel: &'b Panel<'a>) -> impl Iterator<Item = &'b Layer<'a>> {
    panel.layers.iter().filter(|layer| !layer.is_paper_only)
}

/// All positions at which any layer of a panel has a value.
fn places(panel: &Panel<'_>) -> Arc<[f64]> {
    let mut layers = on_screen(panel);
    let Some(first) = layers.next() else { return Arc::from([]) };
    if layers.all(|layer| layer.x == first.x) {
        return Arc::clone(&first.x);
    }
    let mut all: Vec<f64> = on_screen(panel).flat_map(|layer| layer.x.to_vec()).collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    all.into()
}

fn scaled(values: &[f64], factor: f64) -> Vec<f64> {
    values.iter().map(|value| value * factor).collect()
}

/// The layers of a panel as entries of its legend.
fn shown(panel: &Panel<'_>, x: &[f64], (figure, kind): (&Figure<'_>, &str)) -> Vec<Shown> {
    let (replicas, in_rows) = (figure.replicas, kind == "rows");
    let mut shown = Vec::new();
    for layer in on_screen(panel) {
        let pack = |values: &[f64]| {
            let packed = Packed::new(&scaled(&at(layer, values, x), panel.factor), DIGITS);
            // What is never reached is so over settings; over time there is a value later, or none.
            Some(if kind == "time" { packed } else { packed.with_never(&at(layer, values, x)) })
        };
        let new = |kind, label: &str| Shown {
            kind,
            label: label.into(),
            colour: hex(layer.colour),
            width: 2.0,
            step: layer.course == Course::Steps,
            ..Shown::default()
        };
        let band = |label: &str, low: &[f64], high: &[f64], alpha| Shown {
            alpha: Some(alpha),
            low: pack(low),
            high: pack(high),
            ..new(if in_rows { "bars" } else { "band" }, label)
        };
        match &layer.shape {
            Shape::Fan(fan) => {
                let named = |part: &str| {
                    if layer.name.is_empty() { part.to_owned() } else { format!("{}: {part}", layer.name) }
                };
                let (median, middle) = (pack(&fan.fan.p50), if in_rows { "strokes" } else { "line" });
                if varies(fan) {
                    let [line, half, most] =
                        legend::fan(layer.colour, figure.fans_of.unwrap_or("replicas")).map(|entry| named(&entry.text));
                    shown.push(band(&most, &fan.fan.p05, &fan.fan.p95, 0.18));
                    shown.push(band(&half, &fan.fan.p25, &fan.fan.p75, 0.32));
                    shown.push(Shown { values: median, ..new(middle, &line) });
                } else {
                    shown.push(Shown { values: median, ..new(middle, &named(alone(replicas))) });
                }
            }
            Shape::Area(low, high, paler) => shown.push(band(&layer.name, low, high, opaque(*paler))),
            Shape::Line(values, dash, weight) => {
                let width = match weight {
                    Weight::Full => 2.0,
                    Weight::Light => 1.5,
                    Weight::Thin => 1.0,
                };
                let dash: &[u8] = match dash {
                    Dash::Solid => &[],
                    Dash::Dashed => &[6, 4],
                    Dash::Dotted => &[2, 3],
                    Dash::Alternating => &[8, 3, 2, 3],
                };
                let line = if in_rows { "strokes" } else { "line" };
                shown.push(Shown { values: pack(values), width, dash, ..new(line, &layer.name) });
            }
            Shape::Stack(values, is_pale) => {
                let alpha = is_pale.then(|| opaque(IDLE_PALE));
                shown.push(Shown { values: pack(values), alpha, ..new("stack", &layer.name) });
            }
            Shape::Points(values, sign) => {
                let width = if *sign == Sign::Dot { 3.0 } else { 7.0 };
                let kind = if in_rows { "strokes" } else { "points" };
                shown.push(Shown { values: pack(values), width, ..new(kind, &layer.name) });
            }
            Shape::Bars(low, high, share) => {
                shown.push(Shown { width: *share, ..band(&layer.name, low, high, 1.0) });
            }
            Shape::Cells(values) => shown.push(Shown { values: pack(values), ..new("cells", &layer.name) }),
            Shape::Words(..) => {}
        }
    }
    shown
}

fn with_unit(quantity: &str, unit: &str) -> String {
    if unit.is_empty() { quantity.to_owned() } else { format!("{quantity}, {unit}") }
}

/// The scale of the colours of a figure's cells, if it has any.
fn scale(figure: &Figure<'_>) -> Option<Scale> {
    const COLOURS: u32 = 24;
    let (quantity, unit) = figure.cells_of.as_ref()?;
    let axis = ValueAxis::over(all_cells(figure), 5);
    let (low, high) = axis.ends();
    let share = |step: u32| f64::from(step) / f64::from(COLOURS);
    let colours = (0..=COLOURS).map(|step| hex(style::scale(share(step)))).collect();
    Some(Scale { label: with_unit(quantity, unit), low, high, log: axis.is_log(), colours })
}

/// The texts of a panel; a value that is never reached is no number.
fn words(panel: &Panel<'_>) -> Vec<(f64, Option<f64>, String, bool)> {
    let mut words = Vec::new();
    for layer in on_screen(panel) {
        if let Shape::Words(values, texts, side) = &layer.shape {
            for ((&place, &value), text) in layer.x.iter().zip(values).zip(texts).filter(|(_, text)| !text.is_empty()) {
                let value = (value * panel.factor).is_finite().then_some(value * panel.factor);
                words.push((place, value, text.clone(), *side == Side::Above));
            }
        }
    }
    words
}

/// The opacity of a colour that is paler by a percentage.
fn opaque(paler: usize) -> f64 {
    1.0 - f64::from(u8::try_from(paler).unwrap_or(100)) / 100.0
}

/// The values of a layer at other places than its own; NaN outside, and of points anywhere else.
fn at(layer: &Layer<'_>, values: &[f64], places: &[f64]) -> Vec<f64> {
    if *layer.x == *places {
        return values.to_vec();
    }
    let is_points = matches!(layer.shape, Shape::Points(..));
    let value = |&place: &f64| {
        let after = layer.x.partition_point(|&known| known < place);
        match (after.checked_sub(1), layer.x.get(after)) {
            (_, Some(&known)) if known.total_cmp(&place).is_eq() => values[after],
            (Some(before), Some(_)) if !is_points && layer.course == Course::Steps => values[before],
            (Some(before), Some(&next)) if !is_points => {
                let share = (place - layer.x[before]) / (next - layer.x[before]);
                values[before] + share * (values[after] - values[before])
            }
            _ => f64::NAN,
        }
    };
    places.iter().map(value).collect()
}

/// A column of numbers: whole steps of 10^`e`, each as its difference from the last one that there was. Neighbours are
/// alike, so most differences have a digit or two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Packed {
    e: i32,
    d: Vec<Option<i64>>,
    /// The places of what is never reached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    never: Vec<usize>,
}

impl Packed {
    /// `values`, rounded to a number of significant digits of the largest value; values that are not finite are `null`.
    pub(crate) fn new(values: &[f64], digits: i32) -> Self {
        let most = values.iter().filter(|value| value.is_finite()).fold(0.0, |most: f64, value| most.max(value.abs()));
        #[expect(clippy::cast_possible_truncation, reason = "the logarithm of a finite number")]
        let e = if most > 0.0 { libm::log10(most).floor() as i32 + 1 - digits } else { 0 };
        // Powers of ten above one are exact, so that 0.1 steps are tenths.
        let power = libm::pow(10.0, f64::from(e.abs()));
        let mut last = 0;
        let d = values.iter().map(|&value| {
            let steps = if e < 0 { value * power } else { value / power };
            #[expect(clippy::cast_possible_truncation, reason = "rounded, and of a few digits")]
            let step = steps.is_finite().then(|| steps.round() as i64)?;
            let difference = step - last;
            last = step;
            Some(difference)
        });
        Self { e, d: d.collect(), never: Vec::new() }
    }

    /// In which infinite ones of the `values` are never reached, not unknown.
    fn with_never(self, values: &[f64]) -> Self {
        let never = values.iter().enumerate().filter(|(_, value)| value.is_infinite()).map(|(place, _)| place);
        Self { never: never.collect(), ..self }
    }

    /// Whole seconds, exactly.
    fn instants(times: &[f64]) -> Self {
        let mut last = 0;
        #[expect(clippy::cast_possible_truncation, reason = "instants are whole seconds")]
        let difference = |&time: &f64| Some(time as i64 - std::mem::replace(&mut last, time as i64));
        Self { e: 0, d: times.iter().map(difference).collect(), never: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use plotters::style::RGBColor;

    use super::*;

    fn unpacked(packed: &Packed) -> Vec<Option<f64>> {
        let power = libm::pow(10.0, f64::from(packed.e.abs()));
        let mut sum = 0;
        let value = |difference: &Option<i64>| {
            sum += (*difference)?;
            #[expect(clippy::cast_precision_loss, reason = "a few digits")]
            let steps = sum as f64;
            Some(if packed.e < 0 { steps / power } else { steps * power })
        };
        packed.d.iter().map(value).collect()
    }

    #[test]
    fn packed_numbers_keep_their_significant_digits() {
        let values = [53.304, 53.29, f64::NAN, 48.0006, -0.004, f64::INFINITY, 99.999_6];
        let packed = Packed::new(&values, 4);
        assert_eq!((packed.e, packed.d[1], packed.d[2]), (-2, Some(-1), None));
        for (value, back) in values.iter().zip(unpacked(&packed)) {
            match back {
                Some(back) => assert!((value - back).abs() <= 0.005, "{value} {back}"),
                None => assert!(!value.is_finite()),
            }
        }
        let large = Packed::new(&[1.508e14, 1.531e14], 4);
        assert_eq!((large.e, large.d), (11, vec![Some(1508), Some(23)]));
        assert_eq!(Packed::new(&[0.0, 0.0], 4).d, [Some(0), Some(0)]);
        assert_eq!(Packed::instants(&[1_537_401_600.0, 1_537_488_000.0]).d, [Some(1_537_401_600), Some(86_400)]);
    }

    fn panel() -> Panel<'static> {
        let (days, ends) = (Arc::from([0.0, 10.0, 20.0]), Arc::from([5.0, 20.0]));
        let blue = RGBColor(0, 114, 178);
        Panel::new("Hashrate", "EH/s")
            .with(Layer::line("straight", blue, &days, vec![1.0, 2.0, 4.0]))
            .with(Layer::line("steps", blue, &ends, vec![7.0, 8.0]).in_steps())
            .with(Layer::new("points", blue, &ends, Shape::Points(vec![1.0, 3.0], crate::figure::Sign::Ring)))
    }

    #[test]
    fn panels_over_the_same_places_share_an_axis() {
        let mut charts = Charts::default();
        charts.put(&Figure::new("one", "", Across::Time(0.0, 20.0), vec![panel(), panel()]));
        assert_eq!((charts.axes.len(), &*charts.charts[1].id), (1, "one-2"));
    }

    #[test]
    fn layers_with_other_places_are_brought_to_common_ones() {
        let panel = panel();
        let x = places(&panel);
        assert_eq!(*x, [0.0, 5.0, 10.0, 20.0]);
        let values = |place: usize| {
            let layer = &panel.layers[place];
            let (Shape::Line(values, ..) | Shape::Points(values, _)) = &layer.shape else { unreachable!() };
            let shown = at(layer, values, &x).into_iter();
            shown.map(|value| if value.is_nan() { "–".into() } else { value.to_string() }).collect::<Vec<_>>().join(" ")
        };
        assert_eq!([0, 1, 2].map(values), ["1 1.5 2 4", "– 7 7 8", "– 1 – 3"]);
    }
}
