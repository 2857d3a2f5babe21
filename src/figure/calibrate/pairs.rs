//! Pairs of parameters: draws of the posterior as dots, so that a ridge is seen.

use plotters::{backend::DrawingBackend, style::RGBColor};

use crate::figure::{
    style::{self, FigureSize, FigureStyle},
    svg::{
        axis::ValueAxis,
        canvas::{self, Align, Canvas},
        frame::{Area, HAIR, LEAST_PANEL, PAD, draw_title, shorten, too_small},
    },
};
use crate::report::{
    ReportError,
    calibration::{Fitted, Posterior},
};

/// A cell for each pair of parameters, with the correlation in it.
pub(super) fn draw(posterior: &Posterior, style: &FigureStyle) -> Result<String, ReportError> {
    let names = &posterior.parameters;
    let mut words = Vec::new();
    for (row, correlations) in posterior.correlations.iter().enumerate() {
        for (column, correlation) in correlations.iter().enumerate().take(row) {
            words.push(format!("{} and {}: {correlation:.2}", names[column].name, names[row].name));
        }
    }
    let alt = format!("Correlations. {}.", words.join("; "));
    let (width, given) = style.size.millimetres(1);
    let font = FigureSize::font_mm(width);
    let above = if style.titles { 1.9 * font } else { 0.0 };
    let wanted = (0.72 * (width - 6.0 * font)).min(number(names.len() - 1) * 42.0) + 5.0 * font + above;
    let height = if matches!(style.size, FigureSize::Exact { .. }) { given } else { wanted.ceil().max(40.0) };
    let title = style.titles.then_some("Pairs of parameters in the posterior, and their correlations");
    canvas::svg("pairs", &alt, (width, height), font, |canvas| draw_cells(canvas, posterior, title))
}

/// Each cell spans the priors of its two parameters; the one across is named below its column, the one upwards beside its row.
fn draw_cells<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    posterior: &Posterior,
    title: Option<&str>,
) -> Result<(), ReportError> {
    let parameters = &posterior.parameters;
    let top = draw_title(canvas, title)? + 0.5 * canvas.font;
    let side = parameters.len() - 1;
    let (left, foot, gap) = (PAD + 2.0 * canvas.font, 2.0 * canvas.font, 1.0);
    let wide = (canvas.width - PAD - left) / number(side);
    let high = (canvas.height - PAD - foot - top) / number(side);
    if wide < LEAST_PANEL || high < LEAST_PANEL {
        return Err(too_small(canvas));
    }
    for row in 1..parameters.len() {
        let upper = top + number(row - 1) * high;
        let name = shorten(canvas, &parameters[row].name, high - gap);
        canvas.text(&name, (PAD + 0.6 * canvas.font, upper + 0.5 * high), Align::Upwards, style::INK)?;
        for column in 0..row {
            let from = left + number(column) * wide;
            let area = Area { left: from, right: from + wide - gap, top: upper, bottom: upper + high - gap };
            cell(canvas, &parameters[column], &parameters[row], area)?;
            let correlation = posterior.correlations.get(row).and_then(|row| row.get(column));
            if let Some(correlation) = correlation.filter(|value| value.is_finite()) {
                let place = (area.right - 0.8, area.top + 0.9 * canvas.font);
                canvas.text(&format!("{correlation:.2}"), place, Align::Right, style::INK)?;
            }
        }
    }
    for (column, fitted) in parameters[..side].iter().enumerate() {
        let middle = left + (number(column) + 0.5) * wide;
        let name = shorten(canvas, &fitted.name, wide - gap);
        canvas.text(&name, (middle, canvas.height - PAD - 0.7 * canvas.font), Align::Centre, style::INK)?;
    }
    Ok(())
}

fn cell<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    across_it: &Fitted,
    up_it: &Fitted,
    area: Area,
) -> Result<(), ReportError> {
    outline(canvas, area)?;
    let axis = |fitted: &Fitted| ValueAxis::over([fitted.prior.low, fitted.prior.high], 3);
    let (x_axis, y_axis) = (axis(across_it), axis(up_it));
    // Cells span the priors, whose ends may lie within the outermost ticks.
    let stretch = |axis: &ValueAxis, fitted: &Fitted, value: f64| {
        let (low, high) = (axis.share(fitted.prior.low), axis.share(fitted.prior.high));
        (axis.share(value) - low) / (high - low)
    };
    let x = |value: f64| area.left + stretch(&x_axis, across_it, value) * (area.right - area.left);
    let y = |value: f64| area.bottom - stretch(&y_axis, up_it, value) * (area.bottom - area.top);
    for (&a, &b) in across_it.even.iter().zip(&up_it.even) {
        dot(canvas, (x(a), y(b)), 0.22, style::HASHRATE)?;
    }
    if let (Some(a), Some(b)) = (across_it.truth, up_it.truth) {
        dot(canvas, (x(a), y(b)), 0.6, style::STRESS)?;
    }
    Ok(())
}

/// A small square at a point.
fn dot<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    (x, y): (f64, f64),
    half: f64,
    colour: RGBColor,
) -> Result<(), ReportError> {
    let area = Area { left: x - half, right: x + half, top: y - half, bottom: y + half };
    canvas.fill(&area.corners(), colour)
}

/// A frame around a panel.
fn outline<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, area: Area) -> Result<(), ReportError> {
    let mut corners = area.corners().to_vec();
    corners.push(corners[0]);
    canvas.line(&corners, style::NEUTRAL, HAIR)
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
