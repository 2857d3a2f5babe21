//! Bars in rows above an axis of values, with a place for never at its right end.

use plotters::{backend::DrawingBackend, style::RGBColor};

use crate::figure::{
    style,
    svg::{
        axis::ValueAxis,
        canvas::{Align, Canvas},
        frame::{Area, HAIR, LEAST_PANEL, PAD, TICK, across, axis_across, axis_name, foot_axis, name_below, too_small},
    },
};
use crate::report::{ReportError, sweep::headline::Headline};

/// Rows of bars and the axis that they share.
pub(super) struct Rows {
    pub(super) area: Area,
    axis: ValueAxis,
    /// Where the axis of numbers ends and never begins.
    end: f64,
    never: f64,
    height: f64,
}

/// The millimetres that the axis takes below the rows.
pub(super) fn foot(font: f64) -> f64 {
    PAD + TICK + 2.8 * font
}

impl Rows {
    /// Draws the axis of `values` (never among them as `+∞`) under `area` and makes room for `count` rows in it.
    pub(super) fn frame<DB: DrawingBackend>(
        canvas: &Canvas<'_, DB>,
        headline: Headline,
        area: Area,
        values: &[f64],
        count: usize,
    ) -> Result<Self, ReportError> {
        let (width, height) = area.size();
        if width < 2.0 * LEAST_PANEL || height < LEAST_PANEL {
            return Err(too_small(canvas));
        }
        let has_never = values.iter().any(|value| value.is_infinite());
        let strip = if has_never { canvas.width_of("never") + 2.4 * canvas.font } else { 0.0 };
        let end = area.right - strip;
        let axis = axis_across(canvas, values, end - area.left);
        foot_axis(canvas, &axis, area, end, true)?;
        let never = area.right - 0.5 * canvas.width_of("never");
        if has_never {
            canvas.dashes(
                (end + 0.8 * canvas.font, area.top),
                (end + 0.8 * canvas.font, area.bottom),
                style::NEUTRAL,
                HAIR,
            )?;
            canvas.text("never", (never, area.bottom + TICK + 0.75 * canvas.font), Align::Centre, style::INK)?;
        }
        let name = axis_name(headline.name, headline.unit, &axis);
        name_below(canvas, &name, (area.left, area.right), area.bottom + TICK + 2.0 * canvas.font)?;
        let rows = f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX));
        Ok(Self { area, axis, end, never, height: height / rows })
    }

    /// Upper and lower edge of a row.
    pub(super) fn row(&self, place: usize) -> (f64, f64) {
        let top = self.area.top + f64::from(u32::try_from(place).unwrap_or(u32::MAX)) * self.height;
        (top, top + self.height)
    }

    /// Never stands in its own strip.
    pub(super) fn x(&self, value: f64) -> f64 {
        if value.is_infinite() {
            return self.never;
        }
        across(&self.axis, value, (self.area.left, self.end))
    }

    /// A bar between two values; nothing if one of them is unknown.
    pub(super) fn bar<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        (from, to): (f64, f64),
        (top, bottom): (f64, f64),
        colour: RGBColor,
    ) -> Result<(), ReportError> {
        if from.is_nan() || to.is_nan() {
            return Ok(());
        }
        let (left, right) = (self.x(from), self.x(to));
        canvas.fill(&Area { left, right, top, bottom }.corners(), colour)
    }
}
