//! The legend: a row above the data, never on it.

use plotters::{backend::DrawingBackend, style::RGBColor};

use super::{
    canvas::{Align, Canvas, Dash},
    style,
};
use crate::report::ReportError;

/// A sign and what it means.
pub(super) struct Entry {
    pub(super) sign: Sign,
    pub(super) text: String,
}

/// How something looks on the chart.
#[derive(Clone, Copy)]
pub(super) enum Sign {
    Line(RGBColor),
    Thin(RGBColor),
    Broken(RGBColor, Dash),
    Area(RGBColor),
    Striped(RGBColor),
    /// A thin line with a ring on it.
    Ring(RGBColor),
    /// A tick at the foot of the panel: short where difficulty rises, tall where it falls.
    Tick(RGBColor, f64),
}

impl Entry {
    pub(super) fn new(sign: Sign, text: impl Into<String>) -> Self {
        Self { sign, text: text.into() }
    }
}

/// Height of a retarget's tick: difficulty rises.
pub(super) const EASE_TICK: f64 = 1.2;
/// Height of a retarget's tick: difficulty falls.
pub(super) const STRESS_TICK: f64 = 2.2;

/// Draws `entries` from `top` down, as many in a row as fit, and returns where the next thing may stand.
pub(super) fn draw<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    entries: &[Entry],
    (left, right): (f64, f64),
    top: f64,
) -> Result<f64, ReportError> {
    let font = canvas.font;
    let (mut x, mut y) = (left, top + 0.7 * font);
    for entry in entries {
        let sign = match entry.sign {
            Sign::Tick(..) => 0.5 * font,
            // Long enough to show how it is broken.
            Sign::Broken(..) => 2.6 * font,
            _ => 1.6 * font,
        };
        let width = sign + 0.4 * font + canvas.width_of(&entry.text);
        if x > left && x + width > right {
            x = left;
            y += 1.4 * font;
        }
        draw_sign(canvas, entry.sign, (x, x + sign), y)?;
        canvas.text(&entry.text, (x + sign + 0.4 * font, y), Align::Left, style::INK)?;
        x += width + 1.1 * font;
    }
    Ok(if entries.is_empty() { top } else { y + 0.8 * font })
}

fn draw_sign<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    sign: Sign,
    (x0, x1): (f64, f64),
    y: f64,
) -> Result<(), ReportError> {
    let half = 0.36 * canvas.font;
    let area = [(x0, y - half), (x1, y - half), (x1, y + half), (x0, y + half)];
    match sign {
        Sign::Line(colour) => canvas.line(&[(x0, y), (x1, y)], colour, super::panel::MEDIAN),
        Sign::Thin(colour) => canvas.line(&[(x0, y), (x1, y)], colour, super::panel::THIN),
        Sign::Broken(colour, dash) => canvas.broken_line(&[(x0, y), (x1, y)], dash, (colour, super::panel::MEDIAN)),
        Sign::Area(colour) => canvas.fill(&area, colour),
        Sign::Ring(colour) => {
            canvas.line(&[(x0, y), (x1, y)], colour, 0.6 * super::panel::MEDIAN)?;
            canvas.ring((f64::midpoint(x0, x1), y), 0.6, colour, 0.5 * super::panel::MEDIAN)
        }
        Sign::Striped(colour) => {
            canvas.fill(&area, colour)?;
            let mut x = x0 + 0.5 * super::fleet::STRIPE_EVERY;
            while x < x1 {
                canvas.line(&[(x, y - half), (x, y + half)], style::PAPER, super::fleet::STRIPE)?;
                x += super::fleet::STRIPE_EVERY;
            }
            Ok(())
        }
        Sign::Tick(colour, height) => {
            let x = f64::midpoint(x0, x1);
            canvas.line(&[(x, y + half), (x, y + half - height)], colour, super::panel::TICK)
        }
    }
}
