//! Where title, legend, marks, panels and axes stand on the sheet, so that nothing overlaps or is cut.

use plotters::backend::DrawingBackend;

use super::{
    axis::{ValueAxis, named},
    canvas::{self, Align, Canvas},
    foot::{self, Foot},
    frame::{Area, HAIR, LEAST_PANEL, PAD, TICK, draw_title, too_small, wanted_ticks},
    layers::{Plot, STRESS_TICK},
    legend, maps, pairs, rows,
};
use crate::{
    figure::{
        parts::{Across, Figure, Layer, Mark, Panel, Shape},
        style::{self, FigureSize, FigureStyle},
    },
    report::ReportError,
};

/// Room for the ticks of retargets at the foot of a panel, mm.
const RETARGETS: f64 = STRESS_TICK + 0.6;
/// Maximum number of rows of event names above a figure; an event whose name has no room has only its line.
const MARK_ROWS: usize = 3;

/// The picture of a figure, on paper of the size that the style has.
///
/// # Errors
/// If the paper is too small for the figure's parts.
pub fn draw(figure: &Figure<'_>, style: &FigureStyle) -> Result<String, ReportError> {
    let (width, given) = style.size.millimetres(1);
    let font = FigureSize::font_mm(width);
    let wanted = match &figure.across {
        Across::Rows(names) => Some(rows::wanted_height(names.len(), font)),
        Across::Names { .. } => Some(maps::wanted_height(figure, width, font)),
        _ if figure.is_of_pairs => Some(pairs::wanted_height(figure, width, font)),
        Across::Time(..) | Across::Number { .. } => None,
    };
    let title_mm = if style.titles { 1.9 * font } else { 0.0 };
    let size = match (wanted, style.size) {
        (Some(_), FigureSize::Exact { .. }) => (width, given),
        (Some(wanted), _) => (width, (wanted + title_mm).ceil().clamp(40.0, 1000.0)),
        (None, _) => style.size.millimetres(figure.panels.len().div_ceil(columns(figure, width))),
    };
    let title = style.titles.then_some(&*figure.title);
    canvas::svg(&figure.name, &figure.alt, size, font, |canvas| match (&figure.across, figure.panels.as_slice()) {
        (Across::Rows(names), [panel]) => rows::draw_on(canvas, figure, (panel, names), title),
        (Across::Rows(_), _) => Err(canvas.fault("rows stand in one panel")),
        (Across::Names { quantity, names }, _) => maps::draw_on(canvas, figure, (quantity, names), title),
        _ if figure.is_of_pairs => pairs::draw_on(canvas, figure, title),
        _ => draw_on(canvas, figure, title),
    })
}

/// In how many columns the panels of a figure stand.
fn columns(figure: &Figure<'_>, width: f64) -> usize {
    let stands_alone = figure.panels.iter().any(|panel| panel.across.is_some());
    if stands_alone && width > 100.0 && figure.panels.len() > 1 { 2 } else { 1 }
}

/// Draws the figure; the title only if it is given.
fn draw_on<DB: DrawingBackend>(
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
    top = legend::draw(canvas, &legend::entries(figure), (left, canvas.width - PAD - 1.6 * font), top)?;
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
        foot::draw_ticks(canvas, plot.foot, plot.area)?;
        if own.is_some() || place + 1 == panels.len() {
            foot::label(canvas, along, area)?;
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
            Shape::Area(low, high, _) | Shape::Bars(low, high, _) => values.extend(low.iter().chain(high)),
            Shape::Stack(..) | Shape::Words(..) | Shape::Cells(_) => {}
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
