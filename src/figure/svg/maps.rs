//! Maps of cells one above another, and the key of their colours beside them.

use plotters::backend::DrawingBackend;

use super::{
    axis::{ValueAxis, named},
    canvas::{Align, Canvas},
    frame::{Area, HAIR, LEAST_PANEL, PAD, TICK, draw_title, hatch, name_below, shorten, too_small, wanted_ticks},
};
use crate::{
    figure::{
        parts::{Figure, Panel, Shape},
        style,
    },
    report::{ReportError, number::human},
};

/// From one map to the next below it, in the em of its text: the name of the map stands there.
const ABOVE_MAP: f64 = 1.7;

fn float(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Required height of maps, mm.
pub(super) fn wanted_height(figure: &Figure<'_>, width: f64, font: f64) -> f64 {
    let [first, _, ..] = figure.panels.as_slice() else { return if width < 120.0 { 64.0 } else { 96.0 } };
    let map = (2.2 * font * float(first.rows.len())).clamp(14.0, 60.0) + ABOVE_MAP * font;
    2.0 * PAD + TICK + 3.4 * font + float(figure.panels.len()) * map
}

/// The rows of cells of a map, the lowest first.
fn cells<'a>(panel: &'a Panel<'_>) -> impl Iterator<Item = &'a [f64]> {
    panel.layers.iter().filter_map(|layer| match &layer.shape {
        Shape::Cells(values) => Some(values.as_slice()),
        _ => None,
    })
}

/// The values of all cells of a figure.
pub(in crate::figure) fn all_cells<'a>(figure: &'a Figure<'_>) -> impl Iterator<Item = f64> + Clone + 'a {
    let layers = figure.panels.iter().flat_map(|panel| &panel.layers);
    let of = layers.filter_map(|layer| match &layer.shape {
        Shape::Cells(values) => Some(values),
        _ => None,
    });
    of.flatten().copied()
}

/// Interval at which the `names` are written, each taking `label` mm, the cells being `cell` mm wide.
fn shown(names: &[String], label: f64, cell: f64) -> impl Iterator<Item = usize> {
    let every = (1..=names.len()).find(|&every| cell * float(every) >= label);
    (0..names.len()).step_by(every.unwrap_or(names.len()).max(1))
}

/// Draws a figure of maps; the title only if it is given.
pub(super) fn draw_on<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    figure: &Figure<'_>,
    (quantity, columns): (&str, &[String]),
    title: Option<&str>,
) -> Result<(), ReportError> {
    let font = canvas.font;
    let top = draw_title(canvas, title)? + 0.6 * font;
    let room = 0.26 * canvas.width;
    let rows = figure.panels.iter().flat_map(|panel| &panel.rows);
    let widest = rows.map(|label| canvas.width_of(label)).fold(0.0, f64::max).min(room);
    let axis = ValueAxis::over(all_cells(figure), wanted_ticks(canvas.height, 1, font));
    let has_never = all_cells(figure).any(f64::is_infinite);
    let labels = axis.labels().chain(has_never.then_some("never"));
    let beside = labels.map(|label| canvas.width_of(label)).fold(0.0, f64::max) + 1.8 * font + TICK + 0.6;
    let bottom = canvas.height - PAD - TICK - 2.8 * font;
    let bar_right = canvas.width - PAD - beside;
    let bar = Area { left: bar_right - 1.3 * font, right: bar_right, top, bottom };
    let (left, right) = (PAD + 1.8 * font + widest + TICK + 0.8, bar.left - 1.2 * font);
    let above = if figure.panels.len() > 1 { ABOVE_MAP * font } else { 0.0 };
    let height = (bottom - top) / float(figure.panels.len().max(1)) - above;
    if right - left < 2.0 * LEAST_PANEL || height < LEAST_PANEL {
        return Err(too_small(canvas));
    }
    let mut lowest = bar;
    for (place, panel) in figure.panels.iter().enumerate() {
        let top = top + float(place) * (above + height) + above;
        let area = Area { left, right, top, bottom: top + height };
        if figure.panels.len() > 1 {
            let name = shorten(canvas, &panel.title, right - left);
            canvas.text(&name, (left, top - 0.7 * font), Align::Left, style::INK)?;
        }
        draw_cells(canvas, figure, (panel, columns.len()), (&axis, area))?;
        draw_rows(canvas, &panel.rows, area, room)?;
        lowest = area;
    }
    let key = figure.panels.first().map_or("", |panel| &panel.quantity);
    upwards(canvas, key, (PAD + 0.6 * font, f64::midpoint(top + above, lowest.bottom)))?;
    draw_columns(canvas, (quantity, columns), lowest)?;
    let cells_of = figure.cells_of.as_ref().map_or(("", ""), |(quantity, unit)| (quantity, unit));
    let name = named(cells_of.0, cells_of.1, &axis).join(" ");
    draw_key(canvas, &axis, Area { top: top + above, ..bar }, (name.trim_end(), has_never))
}

/// A name along a side, read from below, wholly on the sheet.
fn upwards<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    name: &str,
    (x, middle): (f64, f64),
) -> Result<(), ReportError> {
    let name = shorten(canvas, name, canvas.height - 2.0 * PAD);
    let half = 0.5 * canvas.width_of(&name);
    let middle = middle.clamp(PAD + half, (canvas.height - PAD - half).max(PAD + half));
    canvas.text(&name, (x, middle), Align::Upwards, style::INK)
}

fn draw_cells<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    figure: &Figure<'_>,
    (panel, columns): (&Panel<'_>, usize),
    (axis, map): (&ValueAxis, Area),
) -> Result<(), ReportError> {
    let (width, height) = map.size();
    let (wide, high) = (width / float(columns), height / float(panel.rows.len()));
    // A thin line of paper between cells if they are large, else an overlap, which leaves no seams.
    let inset = if wide.min(high) > 4.0 { 0.06 } else { -0.04 };
    // Over all maps, so that none has numbers where another has none.
    let widest = all_cells(figure).filter(|value| value.is_finite()).map(|value| canvas.width_of(&human(value)));
    let is_labelled = widest.fold(0.0, f64::max) <= 0.94 * wide && 1.2 * canvas.font <= high;
    for (row, values) in cells(panel).enumerate() {
        for (column, &value) in values.iter().enumerate() {
            let (left, bottom) = (map.left + float(column) * wide, map.bottom - float(row) * high);
            let cell = Area {
                left: left + inset,
                right: left + wide - inset,
                top: bottom - high + inset,
                bottom: bottom - inset,
            };
            if value.is_infinite() {
                hatch(canvas, cell, style::NEUTRAL)?;
            } else if value.is_finite() {
                let colour = style::scale(axis.share(value));
                canvas.fill(&cell.corners(), colour)?;
                if is_labelled {
                    let middle = (left + 0.5 * wide, bottom - 0.5 * high);
                    canvas.text(&human(value), middle, Align::Centre, style::ink_on(colour))?;
                }
            }
        }
    }
    let mut outline = map.corners().to_vec();
    outline.push(outline[0]);
    canvas.line(&outline, style::NEUTRAL, 1.5 * HAIR)
}

/// Labels of the columns, and what they are of.
fn draw_columns<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    (quantity, columns): (&str, &[String]),
    map: Area,
) -> Result<(), ReportError> {
    let font = canvas.font;
    let wide = map.size().0 / float(columns.len());
    let widest = columns.iter().map(|label| canvas.width_of(label)).fold(0.0, f64::max);
    // Numbers between others can be left out, names cannot.
    let is_numeric = columns.iter().all(|label| label.replace(['−', ','], "").parse::<f64>().is_ok());
    let needed = if is_numeric { widest + 0.5 * font } else { wide };
    for place in shown(columns, needed, wide) {
        let x = map.left + (float(place) + 0.5) * wide;
        canvas.line(&[(x, map.bottom), (x, map.bottom + TICK)], style::NEUTRAL, 1.5 * HAIR)?;
        let label = shorten(canvas, &columns[place], needed.max(wide) - 0.3 * font);
        canvas.text(&label, (x, map.bottom + TICK + 0.75 * font), Align::Centre, style::INK)?;
    }
    name_below(canvas, quantity, (map.left, map.right), map.bottom + TICK + 2.0 * font)
}

/// Labels of the rows.
fn draw_rows<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    rows: &[String],
    map: Area,
    room: f64,
) -> Result<(), ReportError> {
    let high = map.size().1 / float(rows.len());
    for place in shown(rows, 1.2 * canvas.font, high) {
        let y = map.bottom - (float(place) + 0.5) * high;
        canvas.line(&[(map.left - TICK, y), (map.left, y)], style::NEUTRAL, 1.5 * HAIR)?;
        let label = shorten(canvas, &rows[place], room);
        canvas.text(&label, (map.left - TICK - 0.6, y), Align::Right, style::INK)?;
    }
    Ok(())
}

/// The key of the colours: a bar with its axis at the right of the maps, never on top.
fn draw_key<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    axis: &ValueAxis,
    bar: Area,
    (name, has_never): (&str, bool),
) -> Result<(), ReportError> {
    const STEPS: usize = 60;
    let font = canvas.font;
    let scale = Area { top: bar.top + if has_never { 1.8 * font } else { 0.0 }, ..bar };
    let (_, height) = scale.size();
    for step in 0..STEPS {
        let edge = |step: usize| scale.bottom - height * float(step) / float(STEPS);
        // The overlap leaves no seams.
        let area = Area { top: edge(step + 1), bottom: (edge(step) + 0.1).min(scale.bottom), ..bar };
        canvas.fill(&area.corners(), style::scale((float(step) + 0.5) / float(STEPS)))?;
    }
    let text = bar.right + TICK + 0.6;
    for (value, label) in &axis.ticks {
        let y = scale.bottom - axis.share(*value) * height;
        canvas.line(&[(bar.right, y), (bar.right + TICK, y)], style::NEUTRAL, HAIR)?;
        canvas.text(label, (text, y), Align::Left, style::INK)?;
    }
    if has_never {
        hatch(canvas, Area { bottom: bar.top + 1.2 * font, ..bar }, style::NEUTRAL)?;
        canvas.text("never", (text, bar.top + 0.6 * font), Align::Left, style::INK)?;
    }
    upwards(canvas, name, (canvas.width - PAD - 0.5 * font, f64::midpoint(bar.top, bar.bottom)))
}
