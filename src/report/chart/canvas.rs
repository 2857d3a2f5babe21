//! A sheet measured in millimetres: the few strokes that all charts are made of.

use plotters::{
    backend::{DrawingBackend, SVGBackend},
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea},
    element::{PathElement, Polygon},
    style::{
        Color, FontTransform, IntoFont, RGBColor, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::style;
use crate::report::ReportError;

/// A place on the sheet: millimetres from the left and from the top.
pub(super) type Point = (f64, f64);

/// On which side of its place a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
    /// Centred, read from below.
    Upwards,
}

/// Where a chart draws.
pub(super) struct Canvas<'a, DB: DrawingBackend> {
    area: DrawingArea<DB, Shift>,
    what: &'a str,
    units_per_mm: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    /// The em of ordinary text, mm.
    pub(super) font: f64,
}

/// The backend's coordinates are whole numbers, so a unit must be finer than the eye.
const UNITS_PER_MM: f64 = 100.0;
const FAMILY: &str = "Helvetica, Arial, 'Liberation Sans', sans-serif";

/// Draws a picture of `(width, height)` mm as an SVG text that says `alt` to those who cannot see it.
pub(super) fn svg(
    what: &str,
    alt: &str,
    (width, height): Point,
    font: f64,
    draw: impl FnOnce(&Canvas<'_, SVGBackend<'_>>) -> Result<(), ReportError>,
) -> Result<String, ReportError> {
    let mut body = String::new();
    let size = (whole_units(width).unsigned_abs(), whole_units(height).unsigned_abs());
    {
        let area = SVGBackend::with_string(&mut body, size).into_drawing_area();
        let canvas = Canvas { area, what, units_per_mm: UNITS_PER_MM, width, height, font };
        canvas.fill(&[(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)], style::PAPER)?;
        draw(&canvas)?;
        canvas.area.present().map_err(|error| canvas.failed(&error))?;
    }
    // The backend's own header is in units; a figure for print has a size on paper.
    let rest = body.split_once('\n').map_or("", |(_, rest)| rest);
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" viewBox=\"0 0 {} {}\" \
         role=\"img\" aria-label=\"{}\" stroke-linejoin=\"round\">\n{rest}",
        size.0,
        size.1,
        attribute(alt),
    ))
}

fn attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[expect(clippy::cast_possible_truncation, reason = "sheets are at most a metre wide")]
fn whole_units(mm: f64) -> i32 {
    (mm * UNITS_PER_MM).round() as i32
}

impl<DB: DrawingBackend> Canvas<'_, DB> {
    /// A line through `points`, `thick` mm wide.
    pub(super) fn line(&self, points: &[Point], colour: RGBColor, thick: f64) -> Result<(), ReportError> {
        if points.len() < 2 {
            return Ok(());
        }
        let width = self.unit(thick).max(1).unsigned_abs();
        let element = PathElement::new(self.units(points), colour.stroke_width(width));
        self.area.draw(&element).map_err(|error| self.failed(&error))
    }

    /// A straight line in dashes.
    pub(super) fn dashes(
        &self,
        (x0, y0): Point,
        (x1, y1): Point,
        colour: RGBColor,
        thick: f64,
    ) -> Result<(), ReportError> {
        const DASH: f64 = 1.1;
        const PERIOD: f64 = 1.9;
        let length = libm::hypot(x1 - x0, y1 - y0);
        let at = |s: f64| (x0 + (x1 - x0) * s / length, y0 + (y1 - y0) * s / length);
        let mut from = 0.0;
        while from < length {
            self.line(&[at(from), at((from + DASH).min(length))], colour, thick)?;
            from += PERIOD;
        }
        Ok(())
    }

    /// The area within `points`.
    pub(super) fn fill(&self, points: &[Point], colour: RGBColor) -> Result<(), ReportError> {
        if points.len() < 3 {
            return Ok(());
        }
        let element = Polygon::new(self.units(points), colour.filled());
        self.area.draw(&element).map_err(|error| self.failed(&error))
    }

    /// `text` at `place`, its lower-case letters centred on it vertically.
    pub(super) fn text(&self, text: &str, place: Point, align: Align, colour: RGBColor) -> Result<(), ReportError> {
        self.text_sized(text, place, align, colour, self.font)
    }

    /// As [`Self::text`], with letters of `font` mm.
    pub(super) fn text_sized(
        &self,
        text: &str,
        (x, y): Point,
        align: Align,
        colour: RGBColor,
        font: f64,
    ) -> Result<(), ReportError> {
        // The backend draws letters 1.24 times smaller than asked for; the rounding keeps its numbers short.
        let size = f64::from(self.unit(font)) * 1.24;
        let (across, transform) = match align {
            Align::Left => (HPos::Left, FontTransform::None),
            Align::Centre => (HPos::Center, FontTransform::None),
            Align::Right => (HPos::Right, FontTransform::None),
            Align::Upwards => (HPos::Center, FontTransform::Rotate270),
        };
        let style = TextStyle::from((FAMILY, size).into_font().transform(transform))
            .color(&colour)
            .pos(Pos::new(across, VPos::Center));
        // Digits and capitals are higher than an x, so their middle lies above the middle of an x.
        let lower = 0.08 * font;
        let place = if align == Align::Upwards { (x + lower, y) } else { (x, y + lower) };
        self.area.draw_text(text, &style, self.point(place)).map_err(|error| self.failed(&error))
    }

    /// Estimated width of `text` in mm.
    pub(super) fn width_of(&self, text: &str) -> f64 {
        width_in_em(text) * self.font
    }

    fn units(&self, points: &[Point]) -> Vec<(i32, i32)> {
        points.iter().map(|&point| self.point(point)).collect()
    }

    fn point(&self, (x, y): Point) -> (i32, i32) {
        (self.unit(x), self.unit(y))
    }

    #[expect(clippy::cast_possible_truncation, reason = "sheets are at most a metre wide")]
    fn unit(&self, mm: f64) -> i32 {
        (mm * self.units_per_mm).round() as i32
    }

    fn failed(&self, error: &impl ToString) -> ReportError {
        ReportError::Drawing { what: self.what.into(), problem: error.to_string() }
    }
}

/// Width of `text` over its em: the advance widths of Helvetica by kind of letter, rounded up, since the
/// reader's font is not known and a label must not be cut.
pub(super) fn width_in_em(text: &str) -> f64 {
    text.chars()
        .map(|letter| match letter {
            'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.25,
            'f' | 't' | 'r' | ' ' | '\u{a0}' | '(' | ')' | '/' | '-' => 0.34,
            'm' | 'w' | 'M' | 'W' | '%' => 0.88,
            'A'..='Z' => 0.71,
            _ => 0.57,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn svg_is_sized_on_paper_and_holds_its_text() {
        let text = svg("test", "a < b & \"c\"", (85.0, 64.0), 2.5, |canvas| {
            canvas.text("H & <D>", (10.0, 10.0), Align::Left, style::INK)?;
            canvas.line(&[(1.0, 1.004), (2.0, 2.0)], style::INK, 0.2)
        })
        .unwrap();
        assert!(text.starts_with(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"85mm\" height=\"64mm\" viewBox=\"0 0 8500 6400\""
        ));
        assert!(text.contains("aria-label=\"a &lt; b &amp; &quot;c&quot;\""));
        assert!(text.contains("\nH &amp; &lt;D&gt;\n</text>"), "text must stay text: {text}");
        assert!(text.contains("points=\"100,100 200,200 \""));
        assert!(text.trim_end().ends_with("</svg>"));
    }
}
