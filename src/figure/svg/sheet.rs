//! Where title, legend, marks, panels and axes stand on the sheet, so that nothing overlaps or is cut.

use plotters::backend::DrawingBackend;

use super::{
    axis::ValueAxis,
    calendar::Calendar,
    canvas::{Align, Canvas},
    frame::{Area, axis_across, foot_axis, name_below},
    layers::Plot,
    legend, style,
};
use crate::{
    figure::parts::{Across, Figure, Layer, Mark, Panel, Shape},
    report::ReportError,
};

pub(in crate::figure) const PAD: f64 = 1.2;
pub(in crate::figure) const TICK: f64 = 1.1;
pub(in crate::figure) const LEAST_PANEL: f64 = 8.0;
pub(in crate::figure) const HAIR: f64 = 0.12;
/// Room for the ticks of retargets at the foot of a panel, mm.
const RETARGETS: f64 = legend::STRESS_TICK + 0.6;
/// So many rows of names of events stand above a figure; an event whose name has no room has its line alone.
const MARK_ROWS: usize = 3;

/// From a place along the foot to its share of the panel's width.
pub(super) enum Foot {
    Time((f64, f64), Calendar),
    Number(ValueAxis, String),
}

impl Foot {
    pub(super) fn share(&self, place: f64) -> f64 {
        match self {
            Self::Time((first, last), _) => (place - first) / (last - first).max(1.0),
            Self::Number(axis, _) => axis.share(place),
        }
    }

    fn of<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, across: &Across, panels: &[Panel<'_>], length: f64) -> Self {
        match across {
            &Across::Time(first, last) => {
                let share = |text: &str| canvas.width_of(text) / length;
                Self::Time((first, last), Calendar::over((first, last), share, 0.9 / length))
            }
            Across::Number { quantity, unit } => {
                let layers = panels.iter().flat_map(|panel| &panel.layers);
                let places: Vec<f64> = layers.flat_map(|layer| layer.x.to_vec()).collect();
                let axis = axis_across(canvas, &places, length);
                let name = named(quantity, unit, &axis);
                Self::Number(axis, name.join(" "))
            }
        }
    }
}

/// In how many columns the panels of a figure stand.
pub(super) fn columns(figure: &Figure<'_>, width: f64) -> usize {
    let stands_alone = figure.panels.iter().any(|panel| panel.across.is_some());
    if stands_alone && width > 100.0 && figure.panels.len() > 1 { 2 } else { 1 }
}

/// The number of ticks that a panel of this sheet has room for.
pub(in crate::figure) fn wanted_ticks(height_mm: f64, panels: usize, font: f64) -> usize {
    let each = (height_mm - 8.0 * font) / count(panels.max(1));
    [7, 6, 5, 4, 3].into_iter().find(|&ticks| each >= count(ticks) * 3.0 * font).unwrap_or(2)
}

/// Draws the title, smaller if need be, and returns where the next thing may stand.
pub(in crate::figure) fn draw_title<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    title: Option<&str>,
) -> Result<f64, ReportError> {
    let Some(title) = title else {
        return Ok(PAD);
    };
    let font = canvas.font;
    let size = (1.15 * font).min(1.15 * font * (canvas.width - 2.0 * PAD) / (1.2 * canvas.width_of(title)));
    canvas.text_sized(title, (PAD, PAD + 0.7 * font), Align::Left, style::INK, size)?;
    Ok(PAD + 1.9 * font)
}

pub(in crate::figure) fn too_small<DB: DrawingBackend>(canvas: &Canvas<'_, DB>) -> ReportError {
    ReportError::BadFigureSize {
        text: format!("{}x{}mm", canvas.width, canvas.height),
        problem: "too small for this figure's axes and legend",
    }
}

/// Draws the figure; the title only if it is given.
pub(super) fn draw<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    figure: &Figure<'_>,
    title: Option<&str>,
) -> Result<(), ReportError> {
    let (panels, font) = (&figure.panels, canvas.font);
    let columns = columns(figure, canvas.width);
    let rows = panels.len().div_ceil(columns);
    let is_apart = panels.iter().any(|panel| panel.across.is_some());
    let edges: Vec<Vec<Vec<f64>>> = panels.iter().map(Panel::edges).collect();
    let wanted = wanted_ticks(canvas.height, rows, font);
    let axes: Vec<ValueAxis> =
        panels.iter().zip(&edges).map(|(panel, edges)| value_axis(panel, edges, wanted)).collect();
    let names: Vec<[String; 2]> =
        panels.iter().zip(&axes).map(|(panel, axis)| named(&panel.quantity, &panel.unit, axis)).collect();

    let widest = panels.iter().zip(&axes).filter(|(panel, _)| !panel.quantity.is_empty());
    let widest = widest.flat_map(|(_, axis)| axis.labels()).map(|label| canvas.width_of(label)).fold(0.0, f64::max);
    let around = if title.is_some() { 11.0 } else { 9.0 };
    let room = (canvas.height - around * font) / count(rows) - if is_apart { 4.0 * font } else { 0.0 };
    let fits = |name: &[String; 2]| canvas.width_of(&name.join(" ")) <= room;
    let lines = match names.iter().all(fits) {
        _ if panels.iter().all(|panel| panel.quantity.is_empty()) => 0.0,
        true => 1.4,
        false => 2.5,
    };
    let width = canvas.width / count(columns);
    let (left, right) = (PAD + lines * font + 1.05 * widest + TICK + 0.8, width - PAD - 1.6 * font);

    let mut top = draw_title(canvas, title)?;
    top = legend::draw(canvas, &super::legend(figure), (left, canvas.width - PAD - 1.6 * font), top)?;
    let common = Foot::of(canvas, &figure.across, panels, right - left);
    let below = if is_apart || matches!(common, Foot::Number(..)) { 1.3 * font } else { 0.0 };
    let has_never = panels.iter().flat_map(|panel| &panel.layers).any(is_ever_never);
    let strip = if has_never { 2.1 * font } else { 0.0 };
    let labels = place_marks(canvas, &figure.marks, &common, (left, right));
    let label_rows = labels.iter().map(|(_, _, row)| row + 1).max().unwrap_or(0);
    top += 1.15 * font * count(label_rows) + strip + 0.5 * font;

    let bottom = canvas.height - PAD - 1.3 * font - TICK - below;
    let gap = if is_apart { TICK + 3.7 * font } else { 1.1 * font };
    let height = (bottom - top - gap * count(rows - 1)) / count(rows);
    if height < LEAST_PANEL || right - left < 2.0 * LEAST_PANEL {
        return Err(too_small(canvas));
    }
    for (place, ((panel, axis), (edges, name))) in panels.iter().zip(axes).zip(edges.iter().zip(&names)).enumerate() {
        let (start, upper) = (width * count(place % columns), top + count(place / columns) * (height + gap));
        let area = Area { left: start + left, right: start + right, top: upper, bottom: upper + height };
        let own =
            panel.across.as_ref().map(|across| Foot::of(canvas, across, std::slice::from_ref(panel), right - left));
        let along = own.as_ref().unwrap_or(&common);
        let ticks = if panel.retargets.is_empty() { 0.0 } else { RETARGETS };
        let plot = Plot { area, floor: area.bottom - ticks, foot: along, axis, factor: panel.factor };
        if !panel.quantity.is_empty() {
            draw_value_axis(canvas, &plot, start, name, fits(name))?;
        }
        draw_panel(canvas, figure, panel, (&plot, edges))?;
        let frame = [(area.left, area.top - strip), (area.left, area.bottom), (area.right, area.bottom)];
        canvas.line(&frame, style::NEUTRAL, 1.5 * HAIR)?;
        if plot.axis.is_cut() {
            cut_mark(canvas, (area.left, area.bottom - 1.2))?;
        }
        if has_never {
            let middle = area.top - 0.65 * strip;
            canvas.dashes((area.left, area.top), (area.right, area.top), style::NEUTRAL, HAIR)?;
            canvas.text("never", (area.left - TICK - 0.6, middle), Align::Right, style::INK)?;
            panel.layers.iter().try_for_each(|layer| plot.never(canvas, layer, middle))?;
        }
        draw_ticks(canvas, &plot)?;
        if own.is_some() || place + 1 == panels.len() {
            label_foot(canvas, along, area)?;
        }
    }
    for &(mark, middle, row) in &labels {
        let y = top - strip - (0.7 + 1.15 * count(row)) * font;
        canvas.text(&mark.label, (middle, y), Align::Centre, style::INK)?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts of panels, rows and ticks")]
fn count(number: usize) -> f64 {
    number as f64
}

/// Whether a quantile of a fan is never reached.
fn is_ever_never(layer: &Layer<'_>) -> bool {
    matches!(&layer.shape, Shape::Fan(band) if band.fan.p95.contains(&f64::INFINITY))
}

/// The axis that holds all that is drawn in a panel.
fn value_axis(panel: &Panel<'_>, edges: &[Vec<f64>], wanted: usize) -> ValueAxis {
    let mut values: Vec<f64> = edges.last().into_iter().flatten().copied().collect();
    for layer in &panel.layers {
        match &layer.shape {
            Shape::Fan(band) => {
                let fan = &band.fan;
                values.extend([&fan.p05, &fan.p25, &fan.p50, &fan.p75, &fan.p95].into_iter().flatten());
            }
            Shape::Line(line, ..) | Shape::Points(line, _) => values.extend(line),
            Shape::Area(low, high, _) => values.extend(low.iter().chain(high)),
            Shape::Stack(..) => {}
        }
    }
    let values = values.into_iter().map(|value| value * panel.factor).chain(panel.holds.iter().copied());
    let mut axis =
        if panel.is_from_zero() { ValueAxis::from_zero(values, wanted) } else { ValueAxis::over(values, wanted) };
    for &(value, words) in &panel.tick_words {
        axis.relabel(value, words);
    }
    axis
}

/// Quantity and unit.
fn named(quantity: &str, unit: &str, axis: &ValueAxis) -> [String; 2] {
    let log = axis.is_log().then_some("log");
    let unit: Vec<&str> = [Some(unit), log].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let unit = if unit.is_empty() { String::new() } else { format!("({})", unit.join(", ")) };
    [quantity.to_owned(), unit]
}

fn draw_value_axis<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    plot: &Plot<'_>,
    start: f64,
    name: &[String; 2],
    fits: bool,
) -> Result<(), ReportError> {
    let Area { left, right, top, bottom } = plot.area;
    for (value, label) in &plot.axis.ticks {
        let y = plot.tick(*value);
        canvas.line(&[(left, y), (right, y)], style::RULE, HAIR)?;
        canvas.line(&[(left - TICK, y), (left, y)], style::NEUTRAL, HAIR)?;
        canvas.text(label, (left - TICK - 0.6, y), Align::Right, style::INK)?;
    }
    let (x, middle) = (start + PAD + 0.6 * canvas.font, f64::midpoint(top, bottom));
    if fits {
        return canvas.text(name.join(" ").trim_end(), (x, middle), Align::Upwards, style::INK);
    }
    canvas.text(&name[0], (x, middle), Align::Upwards, style::INK)?;
    canvas.text(&name[1], (x + 1.15 * canvas.font, middle), Align::Upwards, style::INK)
}

/// Marks would be hidden by a stack and would cut a median, so they stand between.
fn draw_panel<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    figure: &Figure<'_>,
    panel: &Panel<'_>,
    (plot, edges): (&Plot<'_>, &[Vec<f64>]),
) -> Result<(), ReportError> {
    let Area { top, bottom, .. } = plot.area;
    plot.stack(canvas, &panel.layers, edges)?;
    for mark in &figure.marks {
        let x = plot.x(mark.at);
        // The margin of paper keeps the dashes visible on a dark area.
        canvas.line(&[(x, top), (x, bottom)], style::PAPER, 4.0 * HAIR)?;
        canvas.dashes((x, top), (x, bottom), style::INK, 2.0 * HAIR)?;
    }
    for layer in &panel.layers {
        plot.layer(canvas, layer)?;
    }
    plot.retargets(canvas, &panel.retargets)
}

/// The ticks of time at the foot of a panel.
fn draw_ticks<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, plot: &Plot<'_>) -> Result<(), ReportError> {
    let Foot::Time(_, calendar) = plot.foot else {
        return Ok(());
    };
    let bottom = plot.area.bottom;
    let labelled = calendar.labelled.iter().map(|tick| (tick.at, TICK, 1.5 * HAIR));
    for (at, length, thick) in labelled.chain(calendar.between.iter().map(|&at| (at, 0.55 * TICK, HAIR))) {
        let x = plot.x(at);
        canvas.line(&[(x, bottom), (x, bottom + length)], style::NEUTRAL, thick)?;
    }
    Ok(())
}

/// What is written at the foot of the last panel.
fn label_foot<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, along: &Foot, area: Area) -> Result<(), ReportError> {
    let (font, width) = (canvas.font, area.right - area.left);
    match along {
        Foot::Time(_, calendar) => {
            for tick in &calendar.labelled {
                let (x, half) = (area.left + along.share(tick.at) * width, 0.5 * canvas.width_of(&tick.label));
                // A label at the very edge would be cut; its tick is enough.
                if x - half >= 0.3 && x + half <= canvas.width - 0.3 {
                    canvas.text(&tick.label, (x, area.bottom + TICK + 0.75 * font), Align::Centre, style::INK)?;
                }
            }
            Ok(())
        }
        Foot::Number(axis, name) => {
            foot_axis(canvas, axis, area, area.right, false)?;
            name_below(canvas, name.trim_end(), (area.left, area.right), area.bottom + TICK + 2.0 * font)
        }
    }
}

/// The mark of an axis that does not begin at zero: a gap in it between two slanting strokes.
fn cut_mark<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, (x, y): (f64, f64)) -> Result<(), ReportError> {
    const GAP: f64 = 0.35;
    canvas.line(&[(x, y - GAP), (x, y + GAP)], style::PAPER, 6.0 * HAIR)?;
    for middle in [y - GAP, y + GAP] {
        canvas.line(&[(x - 0.8, middle + 0.3), (x + 0.8, middle - 0.3)], style::NEUTRAL, 1.5 * HAIR)?;
    }
    Ok(())
}

/// The names of events that have room: the middle of each and its row, counted upwards from the panel.
fn place_marks<'a, DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    marks: &'a [Mark],
    foot: &Foot,
    (left, right): (f64, f64),
) -> Vec<(&'a Mark, f64, usize)> {
    let mut ends = [f64::NEG_INFINITY; MARK_ROWS];
    let mut placed = Vec::new();
    for mark in marks {
        let half = 0.5 * canvas.width_of(&mark.label);
        let x = left + foot.share(mark.at) * (right - left);
        // Not over the numbers of the axis, which stand as high.
        let middle = x.clamp(left + half, (canvas.width - PAD - half).max(left + half));
        if let Some(row) = ends.iter().position(|&end| end < middle - half) {
            ends[row] = middle + half + 0.5 * canvas.font;
            placed.push((mark, middle, row));
        }
    }
    placed
}
