//! Panels for all pairs of some quantities, in the corner below a diagonal.

use plotters::backend::DrawingBackend;

use super::{
    axis::ValueAxis,
    canvas::{Align, Canvas},
    frame::{Area, HAIR, LEAST_PANEL, PAD, draw_title, shorten, too_small},
    layers,
};
use crate::{
    figure::{
        parts::{Across, Figure, Panel, Shape},
        style,
    },
    report::ReportError,
};

fn float(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Number of rows and columns of a triangle of this number of panels.
fn side(panels: usize) -> usize {
    (1..=panels).find(|side| side * (side + 1) / 2 >= panels).unwrap_or(0)
}

/// Required height of pairs, mm.
pub(super) fn wanted_height(figure: &Figure<'_>, width: f64, font: f64) -> f64 {
    (0.72 * (width - 6.0 * font)).min(float(side(figure.panels.len())) * 42.0) + 5.0 * font
}

/// Draws a figure of pairs. The quantity across is named below its column, the one upwards beside its row.
pub(super) fn draw_on<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    figure: &Figure<'_>,
    title: Option<&str>,
) -> Result<(), ReportError> {
    let font = canvas.font;
    let top = draw_title(canvas, title)? + 0.5 * font;
    let rows = side(figure.panels.len());
    let (left, below, gap) = (PAD + 2.0 * font, 2.0 * font, 1.0);
    let wide = (canvas.width - PAD - left) / float(rows);
    let high = (canvas.height - PAD - below - top) / float(rows);
    if wide < LEAST_PANEL || high < LEAST_PANEL {
        return Err(too_small(canvas));
    }
    let mut panels = figure.panels.iter();
    for row in 0..rows {
        let upper = top + float(row) * high;
        for (column, panel) in panels.by_ref().take(row + 1).enumerate() {
            let from = left + float(column) * wide;
            let area = Area { left: from, right: from + wide - gap, top: upper, bottom: upper + high - gap };
            draw_panel(canvas, panel, area)?;
            if column == 0 {
                let name = shorten(canvas, &panel.quantity, high - gap);
                canvas.text(&name, (PAD + 0.6 * font, upper + 0.5 * high), Align::Upwards, style::INK)?;
            }
            if let (true, Some(Across::Number { quantity, .. })) = (row + 1 == rows, &panel.across) {
                let name = shorten(canvas, quantity, wide - gap);
                let place = (from + 0.5 * wide, canvas.height - PAD - 0.7 * font);
                canvas.text(&name, place, Align::Centre, style::INK)?;
            }
        }
    }
    Ok(())
}

fn draw_panel<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, panel: &Panel<'_>, area: Area) -> Result<(), ReportError> {
    let mut outline = area.corners().to_vec();
    outline.push(outline[0]);
    canvas.line(&outline, style::NEUTRAL, HAIR)?;
    let (x, y) = (Stretch::over(panel, 0), Stretch::over(panel, 1));
    for layer in &panel.layers {
        let Shape::Points(values, sign) = &layer.shape else {
            return Err(canvas.fault("pairs hold points alone"));
        };
        for (&place, &value) in layer.x.iter().zip(values) {
            let at = (
                area.left + x.share(place) * (area.right - area.left),
                area.bottom - y.share(value) * (area.bottom - area.top),
            );
            layers::sign(canvas, *sign, at, layer.colour)?;
        }
    }
    let place = (area.right - 0.8, area.top + 0.9 * canvas.font);
    canvas.text(&panel.badge, place, Align::Right, style::INK)
}

/// A side of a panel, whose ends may lie within the outermost ticks of its axis.
struct Stretch {
    axis: ValueAxis,
    low: f64,
    length: f64,
}

impl Stretch {
    /// Across (0) or upwards (1): as the panel's span has it, or over the points.
    fn over(panel: &Panel<'_>, which: usize) -> Self {
        let points = || {
            let of = |layer: &crate::figure::parts::Layer<'_>| match &layer.shape {
                Shape::Points(values, _) if which == 1 => values.clone(),
                _ => layer.x.to_vec(),
            };
            panel.layers.iter().flat_map(of).collect::<Vec<_>>()
        };
        let ends = panel.span.map_or_else(points, |span| vec![span[which].0, span[which].1]);
        let axis = ValueAxis::over(ends.iter().copied(), 3);
        let (low, high) = match panel.span {
            Some(span) => (axis.share(span[which].0), axis.share(span[which].1)),
            None => (0.0, 1.0),
        };
        Self { axis, low, length: high - low }
    }

    fn share(&self, value: f64) -> f64 {
        (self.axis.share(value) - self.low) / self.length
    }
}
