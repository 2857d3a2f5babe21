//! Small panels in rows and columns.

use plotters::{backend::DrawingBackend, style::RGBColor};

use crate::figure::{
    style,
    svg::{
        axis::ValueAxis,
        canvas::Canvas,
        frame::{Area, across, axis_across, foot_axis, name_below},
        sheet::{HAIR, LEAST_PANEL, PAD, TICK, too_small},
    },
};
use crate::report::ReportError;

/// Panels of equal size that fill a sheet below `top`, row by row.
pub(super) fn cells<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    top: f64,
    count: usize,
    columns: usize,
) -> Result<Vec<Area>, ReportError> {
    let rows = count.div_ceil(columns).max(1);
    let foot = foot(canvas.font);
    let gap = 2.0 * canvas.font;
    let (width, height) = (canvas.width - 2.0 * PAD, canvas.height - top - PAD);
    let wide = (width - gap * number(columns - 1)) / number(columns);
    let high = height / number(rows) - foot;
    if wide < LEAST_PANEL || high < LEAST_PANEL {
        return Err(too_small(canvas));
    }
    let cell = |place: usize| {
        let (row, column) = (place / columns, place % columns);
        let left = PAD + number(column) * (wide + gap);
        let upper = top + number(row) * (high + foot);
        Area { left, right: left + wide, top: upper, bottom: upper + high }
    };
    Ok((0..count).map(cell).collect())
}

/// What a panel's axis and name take below it, mm.
pub(super) fn foot(font: f64) -> f64 {
    TICK + 3.4 * font
}

/// Columns of panels for which a sheet has room.
pub(super) fn columns(width: f64, most: usize) -> usize {
    if width < 100.0 { most.min(1) } else { most.min(2) }.max(1)
}

/// An axis of these values along the foot of a panel, with its name.
pub(super) fn named_axis<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    area: Area,
    values: &[f64],
    name: &str,
) -> Result<ValueAxis, ReportError> {
    let axis = axis_across(canvas, values, area.right - area.left);
    foot_axis(canvas, &axis, area, area.right, false)?;
    let name = if axis.is_log() { format!("{name} (log)") } else { name.to_owned() };
    name_below(canvas, &name, (area.left, area.right), area.bottom + TICK + 2.0 * canvas.font)?;
    Ok(axis)
}

/// A line from foot to head of a panel at a value, in dashes.
pub(super) fn upright<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    axis: &ValueAxis,
    area: Area,
    value: f64,
    colour: RGBColor,
) -> Result<(), ReportError> {
    let x = across(axis, value, (area.left, area.right));
    canvas.dashes((x, area.top), (x, area.bottom), colour, 2.0 * HAIR)
}

/// A small square at a point.
pub(super) fn dot<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    (x, y): (f64, f64),
    half: f64,
    colour: RGBColor,
) -> Result<(), ReportError> {
    let area = Area { left: x - half, right: x + half, top: y - half, bottom: y + half };
    canvas.fill(&area.corners(), colour)
}

/// A frame around a panel.
pub(super) fn outline<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, area: Area) -> Result<(), ReportError> {
    let mut corners = area.corners().to_vec();
    corners.push(corners[0]);
    canvas.line(&corners, style::NEUTRAL, HAIR)
}

pub(super) fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
