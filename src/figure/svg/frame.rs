//! What charts without an axis of time share: an axis of values along the foot, hatching, texts that must fit.

use plotters::{backend::DrawingBackend, style::RGBColor};

use super::{
    axis::ValueAxis,
    canvas::{Align, Canvas},
};
use crate::{figure::style, report::ReportError};

pub(in crate::figure) const PAD: f64 = 1.2;
pub(in crate::figure) const TICK: f64 = 1.1;
pub(in crate::figure) const LEAST_PANEL: f64 = 8.0;
pub(in crate::figure) const HAIR: f64 = 0.12;

/// A rectangle on the sheet, mm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::figure) struct Area {
    pub(in crate::figure) left: f64,
    pub(in crate::figure) right: f64,
    pub(in crate::figure) top: f64,
    pub(in crate::figure) bottom: f64,
}

impl Area {
    pub(in crate::figure) fn corners(self) -> [(f64, f64); 4] {
        let Self { left, right, top, bottom } = self;
        [(left, top), (right, top), (right, bottom), (left, bottom)]
    }

    /// How wide and how high.
    pub(in crate::figure) fn size(self) -> (f64, f64) {
        (self.right - self.left, self.bottom - self.top)
    }
}

/// The smallest title, of the usual size of text. A longer one is cut.
const LEAST_TITLE: f64 = 0.85;

/// Draws the title, smaller if necessary, and returns the position below it.
pub(in crate::figure) fn draw_title<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    title: Option<&str>,
) -> Result<f64, ReportError> {
    let Some(title) = title else {
        return Ok(PAD);
    };
    let font = canvas.font;
    let room = (canvas.width - 2.0 * PAD) / 1.05;
    let size = (1.15 * font).min(font * room / canvas.width_of(title)).max(LEAST_TITLE * font);
    let title = shorten(canvas, title, room * font / size);
    canvas.text_sized(&title, (PAD, PAD + 0.7 * font), Align::Left, style::INK, size)?;
    Ok(PAD + 1.9 * font)
}

pub(in crate::figure) fn too_small<DB: DrawingBackend>(canvas: &Canvas<'_, DB>) -> ReportError {
    ReportError::BadFigureSize {
        text: format!("{}x{}mm", canvas.width, canvas.height),
        problem: "too small for this figure's axes and legend",
    }
}

/// The number of ticks that a panel of this sheet has room for.
pub(in crate::figure) fn wanted_ticks(height_mm: f64, panels: usize, font: f64) -> usize {
    let each = (height_mm - 8.0 * font) / f64::from(u32::try_from(panels.max(1)).unwrap_or(u32::MAX));
    [7_u8, 6, 5, 4, 3].into_iter().find(|&ticks| each >= f64::from(ticks) * 3.0 * font).map_or(2, usize::from)
}

/// Where the axis's `value` stands between `left` and `right`.
pub(in crate::figure) fn across(axis: &ValueAxis, value: f64, (left, right): (f64, f64)) -> f64 {
    left + axis.share(value) * (right - left)
}

/// The axis of `values` with as many ticks as have room for their labels on `length` mm.
pub(in crate::figure) fn axis_across<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    values: &[f64],
    length: f64,
) -> ValueAxis {
    let axis = |wanted| ValueAxis::over(values.iter().copied(), wanted);
    let fits = |axis: &ValueAxis| {
        let ends = |(value, label): &(f64, String)| {
            let (middle, half) = (axis.share(*value) * length, 0.5 * canvas.width_of(label));
            (middle - half, middle + half)
        };
        axis.ticks.windows(2).all(|pair| ends(&pair[0]).1 + 0.5 * canvas.font < ends(&pair[1]).0)
    };
    [8, 7, 6, 5, 4, 3].into_iter().map(axis).find(fits).unwrap_or_else(|| axis(2))
}

/// Ticks and labels at the foot of `area`, the axis ending at `end`; lines through the area if it is `ruled`.
pub(in crate::figure) fn foot_axis<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    axis: &ValueAxis,
    area: Area,
    end: f64,
    is_ruled: bool,
) -> Result<(), ReportError> {
    for (value, label) in &axis.ticks {
        let x = across(axis, *value, (area.left, end));
        if is_ruled {
            canvas.line(&[(x, area.top), (x, area.bottom)], style::RULE, HAIR)?;
        }
        canvas.line(&[(x, area.bottom), (x, area.bottom + TICK)], style::NEUTRAL, 1.5 * HAIR)?;
        canvas.text(label, (x, area.bottom + TICK + 0.75 * canvas.font), Align::Centre, style::INK)?;
    }
    canvas.line(&[(area.left, area.bottom), (area.right, area.bottom)], style::NEUTRAL, 1.5 * HAIR)
}

/// The name of an axis in the middle below `left..right`, wholly on the sheet.
pub(in crate::figure) fn name_below<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    name: &str,
    (left, right): (f64, f64),
    y: f64,
) -> Result<(), ReportError> {
    let name = shorten(canvas, name, canvas.width - 2.0);
    let half = 0.5 * canvas.width_of(&name) + 1.0;
    let x = f64::midpoint(left, right).clamp(half, (canvas.width - half).max(half));
    canvas.text(&name, (x, y), Align::Centre, style::INK)
}

/// `text`, or as much of it as stands in `room` mm, with an ellipsis.
pub(in crate::figure) fn shorten<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, text: &str, room: f64) -> String {
    if canvas.width_of(text) <= room {
        return text.to_owned();
    }
    let mut short = text.to_owned();
    while short.pop().is_some() {
        let with_mark = format!("{}…", short.trim_end());
        if canvas.width_of(&with_mark) <= room {
            return with_mark;
        }
    }
    String::new()
}

/// Hatching, which means never.
pub(in crate::figure) fn hatch<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    area: Area,
    colour: RGBColor,
) -> Result<(), ReportError> {
    const EVERY: f64 = 1.1;
    canvas.fill(&area.corners(), style::PAPER)?;
    let (width, height) = area.size();
    let mut along = 0.5 * EVERY;
    while along < width + height {
        // From the left or lower edge up to the upper or right one.
        let from = (area.left + (along - height).max(0.0), area.top + along.min(height));
        let to = (area.left + along.min(width), area.top + (along - width).max(0.0));
        canvas.line(&[from, to], colour, 1.5 * HAIR)?;
        along += EVERY;
    }
    let mut outline = area.corners().to_vec();
    outline.push(outline[0]);
    canvas.line(&outline, colour, HAIR)
}
