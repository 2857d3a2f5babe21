//! A sheet measured in millimetres, with the drawing operations that all charts use.

use plotters::{
    backend::{DrawingBackend, SVGBackend},
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea},
    element::{Circle, PathElement, Polygon},
    style::{
        Color, FontTransform, IntoFont, RGBColor, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::simplify::simplified;
use crate::{
    figure::{
        parts::{Dash, Weight},
        style,
    },
    report::ReportError,
};

/// Thickness of the line that a chart is about, mm.
pub(in crate::figure) const MEDIAN: f64 = 0.4;
/// Thickness of one line among many, mm.
pub(in crate::figure) const THIN: f64 = 0.15;

/// Millimetres.
pub(in crate::figure) fn thickness(weight: Weight) -> f64 {
    match weight {
        Weight::Full => MEDIAN,
        Weight::Light => 0.7 * MEDIAN,
        Weight::Thin => THIN,
    }
}

/// A place on the sheet: millimetres from the left and from the top.
pub(in crate::figure) type Point = (f64, f64);

/// On which side of its place a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::figure) enum Align {
    Left,
    Centre,
    Right,
    /// Centred, read from below.
    Upwards,
}

impl Dash {
    /// Strokes and gaps in turn, in thicknesses of the line.
    fn pattern(self) -> &'static [f64] {
        match self {
            Self::Solid => &[],
            Self::Dashed => &[5.0, 3.0],
            Self::Dotted => &[1.5, 2.0],
            Self::Alternating => &[6.0, 2.0, 1.5, 2.0],
        }
    }
}

/// Where a chart draws.
pub(in crate::figure) struct Canvas<'a, DB: DrawingBackend> {
    area: DrawingArea<DB, Shift>,
    what: &'a str,
    units_per_mm: f64,
    pub(in crate::figure) width: f64,
    pub(in crate::figure) height: f64,
    /// The em of ordinary text, mm.
    pub(in crate::figure) font: f64,
}

/// The backend's coordinates are whole numbers, so a unit must be finer than the eye.
const UNITS_PER_MM: f64 = 100.0;
const FAMILY: &str = "Helvetica, Arial, 'Liberation Sans', sans-serif";

/// Draws a picture of `(width, height)` mm as an SVG text that says `alt` to those who cannot see it.
pub(in crate::figure) fn svg(
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
    let rest = merged(body.split_once('\n').map_or("", |(_, rest)| rest));
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" viewBox=\"0 0 {} {}\" \
         role=\"img\" aria-label=\"{}\" stroke-linejoin=\"round\">\n{rest}",
        size.0,
        size.1,
        attribute(alt),
    ))
}

/// Lines of one look that follow each other as one path: a broken line has hundreds of strokes.
fn merged(body: &str) -> String {
    const FROM: &str = "<polyline ";
    let mut out = String::with_capacity(body.len());
    let mut look = "";
    for line in body.lines() {
        let parts = line.strip_prefix(FROM).and_then(|rest| rest.split_once(" points=\""));
        match parts {
            Some((same, points)) if same == look => {
                out.push('M');
                out.push_str(points.trim_end_matches("\"/>").trim_end());
            }
            Some((new, points)) => {
                if !look.is_empty() {
                    out.push_str("\"/>\n");
                }
                look = new;
                out.push_str("<path ");
                out.push_str(new);
                out.push_str(" d=\"M");
                out.push_str(points.trim_end_matches("\"/>").trim_end());
            }
            None => {
                if !look.is_empty() {
                    out.push_str("\"/>\n");
                }
                look = "";
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    if !look.is_empty() {
        out.push_str("\"/>\n");
    }
    out
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
    pub(in crate::figure) fn line(&self, points: &[Point], colour: RGBColor, thick: f64) -> Result<(), ReportError> {
        if points.len() < 2 {
            return Ok(());
        }
        let width = self.unit(thick).max(1).unsigned_abs();
        let element = PathElement::new(self.units(points), colour.stroke_width(width));
        self.area.draw(&element).map_err(|error| self.failed(&error))
    }

    /// A straight line in dashes, thin enough to lie over data.
    pub(in crate::figure) fn dashes(
        &self,
        from: Point,
        to: Point,
        colour: RGBColor,
        thick: f64,
    ) -> Result<(), ReportError> {
        self.pieces(&[from, to], (1.1, &[1.0, 0.73]), colour, thick)
    }

    /// A line through `points`, broken as `dash` says.
    pub(in crate::figure) fn broken_line(
        &self,
        points: &[Point],
        dash: Dash,
        (colour, thick): (RGBColor, f64),
    ) -> Result<(), ReportError> {
        match dash.pattern() {
            [] => self.line(points, colour, thick),
            pattern => self.pieces(points, (thick, pattern), colour, thick),
        }
    }

    /// A line in strokes and gaps, whose lengths are `pattern` times `unit` mm.
    fn pieces(
        &self,
        points: &[Point],
        (unit, pattern): (f64, &[f64]),
        colour: RGBColor,
        thick: f64,
    ) -> Result<(), ReportError> {
        let mut lengths = pattern.iter().map(|length| length * unit).cycle();
        let (mut left, mut is_stroke) = (lengths.next().unwrap_or(f64::INFINITY), true);
        let mut stroke: Vec<Point> = points.first().copied().into_iter().collect();
        for pair in points.windows(2) {
            let ((mut x, mut y), (x1, y1)) = (pair[0], pair[1]);
            loop {
                let rest = libm::hypot(x1 - x, y1 - y);
                if rest <= left {
                    left -= rest;
                    stroke.push((x1, y1));
                    break;
                }
                (x, y) = (x + (x1 - x) * left / rest, y + (y1 - y) * left / rest);
                stroke.push((x, y));
                if is_stroke {
                    self.line(&stroke, colour, thick)?;
                }
                stroke = vec![(x, y)];
                (left, is_stroke) = (lengths.next().unwrap_or(f64::INFINITY), !is_stroke);
            }
        }
        if is_stroke { self.line(&stroke, colour, thick) } else { Ok(()) }
    }

    /// A ring around `place` with paper in it, as a mark of something observed.
    pub(in crate::figure) fn ring(
        &self,
        place: Point,
        radius: f64,
        colour: RGBColor,
        thick: f64,
    ) -> Result<(), ReportError> {
        let size = self.unit(radius);
        let (at, width) = (self.point(place), self.unit(thick).max(1).unsigned_abs());
        let inside = Circle::new(at, size, style::PAPER.filled());
        let edge = Circle::new(at, size, colour.stroke_width(width));
        self.area.draw(&inside).and_then(|()| self.area.draw(&edge)).map_err(|error| self.failed(&error))
    }

    /// The area within `points`.
    pub(in crate::figure) fn fill(&self, points: &[Point], colour: RGBColor) -> Result<(), ReportError> {
        if points.len() < 3 {
            return Ok(());
        }
        let element = Polygon::new(self.units(points), colour.filled());
        self.area.draw(&element).map_err(|error| self.failed(&error))
    }

    /// `text` at `place`, its lower-case letters centred on it vertically.
    pub(in crate::figure) fn text(
        &self,
        text: &str,
        place: Point,
        align: Align,
        colour: RGBColor,
    ) -> Result<(), ReportError> {
        self.text_sized(text, place, align, colour, self.font)
    }

    /// As [`Self::text`], with letters of `font` mm.
    pub(in crate::figure) fn text_sized(
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
    pub(in crate::figure) fn width_of(&self, text: &str) -> f64 {
        width_in_em(text) * self.font
    }

    fn units(&self, points: &[Point]) -> Vec<(i32, i32)> {
        simplified(points).into_iter().map(|point| self.point(point)).collect()
    }

    fn point(&self, (x, y): Point) -> (i32, i32) {
        (self.unit(x), self.unit(y))
    }

    #[expect(clippy::cast_possible_truncation, reason = "sheets are at most a metre wide")]
    fn unit(&self, mm: f64) -> i32 {
        (mm * self.units_per_mm).round() as i32
    }

    /// An error for a figure that cannot be drawn, which is a bug of shakeout.
    pub(in crate::figure) fn fault(&self, problem: &str) -> ReportError {
        ReportError::Drawing { what: self.what.into(), problem: problem.to_owned() }
    }

    fn failed(&self, error: &impl ToString) -> ReportError {
        ReportError::Drawing { what: self.what.into(), problem: error.to_string() }
    }
}

/// Width of `text` over its em: the advance widths of Helvetica by kind of letter, rounded up, since the
/// reader's font is not known and a label must not be cut.
pub(in crate::figure) fn width_in_em(text: &str) -> f64 {
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
    fn lines_of_one_look_are_one_path() {
        let line = |look: &str, points: &str| format!("<polyline {look} points=\"{points} \"/>\n");
        let body = line("a", "1,2 3,4") + &line("a", "5,6 7,8") + &line("b", "0,0 9,9") + "</svg>\n";
        assert_eq!(merged(&body), "<path a d=\"M1,2 3,4M5,6 7,8\"/>\n<path b d=\"M0,0 9,9\"/>\n</svg>\n");
    }

    #[test]
    fn a_broken_line_has_strokes_and_gaps() {
        let text = svg("test", "", (85.0, 64.0), 2.5, |canvas| {
            canvas.broken_line(&[(0.0, 10.0), (8.0, 10.0)], Dash::Dashed, (style::INK, 0.5))
        });
        // Strokes of 2.5 mm, gaps of 1.5 mm.
        assert!(text.unwrap().contains("d=\"M0,1000 250,1000M400,1000 650,1000\""));
    }

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
        assert!(text.contains("d=\"M100,100 200,200\"/>"), "{text}");
        assert!(text.trim_end().ends_with("</svg>"));
    }
}
