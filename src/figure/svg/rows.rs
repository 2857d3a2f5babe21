//! Rows one below another above an axis of values, with a place for never at its right end.

use plotters::{backend::DrawingBackend, style::RGBColor};

use super::{
    axis::{ValueAxis, named},
    canvas::{Align, Canvas, MEDIAN, THIN},
    frame::{
        Area, HAIR, LEAST_PANEL, PAD, TICK, across, axis_across, draw_title, foot_axis, name_below, shorten, too_small,
    },
    legend,
};
use crate::{
    figure::{
        parts::{Figure, Layer, Panel, Shape, Side},
        style::{self, HALF_PALE, MOST_PALE, pale},
    },
    report::ReportError,
};

/// The share of the sheet's width that names beside the rows take at most. Where one is longer, or texts stand beside the bars, names
/// stand above their rows.
const NAMES_SHARE: f64 = 0.34;
/// The share of the sheet's width that a text beside a bar takes at most.
const WORDS_SHARE: f64 = 0.27;

/// The millimetres that the axis takes below the rows.
fn foot(font: f64) -> f64 {
    PAD + TICK + 2.8 * font
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Required height of this number of rows, mm.
pub(super) fn wanted_height(rows: usize, font: f64) -> f64 {
    4.6 * font + count(rows) * 3.1 * font + foot(font)
}

/// Rows of bars and the axis that they share.
struct Rows {
    area: Area,
    axis: ValueAxis,
    factor: f64,
    /// Where the axis of numbers ends and never begins.
    end: f64,
    never: f64,
    height: f64,
    /// Whether the name of a row stands above its bars.
    is_name_above: bool,
    font: f64,
}

/// Draws a figure whose panel has rows; the title only if it is given.
pub(super) fn draw_on<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    figure: &Figure<'_>,
    (panel, names): (&Panel<'_>, &[String]),
    title: Option<&str>,
) -> Result<(), ReportError> {
    let (font, width) = (canvas.font, canvas.width);
    let widest = names.iter().map(|name| canvas.width_of(name)).fold(0.0, f64::max);
    let words = |wanted: Side| {
        let texts = panel.layers.iter().filter_map(|layer| match &layer.shape {
            Shape::Words(_, texts, side) if *side == wanted => Some(texts),
            _ => None,
        });
        let widths = texts.flatten().map(|text| canvas.width_of(&shorten(canvas, text, WORDS_SHARE * width)));
        widths.reduce(f64::max).map(|most| most + 0.8 * font)
    };
    let (below, above) = (words(Side::Below), words(Side::Above));
    let is_name_above = below.is_some() || above.is_some() || widest > NAMES_SHARE * width;
    // Where nothing stands beside the bars, the first number of the axis needs room.
    let beside = if is_name_above { 0.0 } else { widest + 0.6 * font };
    let left = PAD + (beside + below.unwrap_or(0.0)).max(1.6 * font);
    let right = width - PAD - above.unwrap_or(1.6 * font);
    let top = draw_title(canvas, title)?;
    let top = legend::draw(canvas, &legend::entries(figure), (PAD, width - PAD), top)? + 0.5 * font;
    let area = Area { left, right, top, bottom: canvas.height - foot(font) };
    let least = if is_name_above { 2.4 } else { 1.25 };
    if area.size().1 < least * font * count(names.len()) {
        return Err(too_small(canvas));
    }
    let rows = Rows::frame(canvas, (panel, area), names.len(), is_name_above)?;
    for layer in &panel.layers {
        rows.layer(canvas, layer)?;
    }
    for (place, name) in names.iter().enumerate() {
        let (top, bottom) = rows.row(place);
        if is_name_above {
            let (middle, name) = (top + 0.72 * font, shorten(canvas, name, width - 2.0 * PAD));
            behind(canvas, (PAD, PAD + canvas.width_of(&name)), middle)?;
            canvas.text(&name, (PAD, middle), Align::Left, style::INK)?;
        } else {
            let place = (PAD + widest, f64::midpoint(top, bottom));
            canvas.text(name, place, Align::Right, style::INK)?;
        }
    }
    Ok(())
}

/// All values of a panel with rows.
fn values(panel: &Panel<'_>) -> Vec<f64> {
    let of = |layer: &Layer<'_>| match &layer.shape {
        Shape::Fan(band) => {
            let fan = &band.fan;
            [&fan.p05, &fan.p25, &fan.p50, &fan.p75, &fan.p95].into_iter().flatten().copied().collect()
        }
        Shape::Line(values, ..) | Shape::Points(values, _) => values.clone(),
        Shape::Area(low, high, _) | Shape::Bars(low, high, _) => [low.as_slice(), high].concat(),
        Shape::Stack(..) | Shape::Words(..) | Shape::Cells(_) => Vec::new(),
    };
    panel.layers.iter().flat_map(of).map(|value| value * panel.factor).collect()
}

impl Rows {
    /// Draws the axis under `area` and makes room for `count` rows in it.
    fn frame<DB: DrawingBackend>(
        canvas: &Canvas<'_, DB>,
        (panel, area): (&Panel<'_>, Area),
        rows: usize,
        is_name_above: bool,
    ) -> Result<Self, ReportError> {
        let (width, height) = area.size();
        if width < 2.0 * LEAST_PANEL || height < LEAST_PANEL {
            return Err(too_small(canvas));
        }
        let (font, values) = (canvas.font, values(panel));
        let has_never = values.iter().any(|value| value.is_infinite());
        let strip = if has_never { canvas.width_of("never") + 2.4 * font } else { 0.0 };
        let end = area.right - strip;
        let axis = axis_across(canvas, &values, end - area.left);
        foot_axis(canvas, &axis, area, end, true)?;
        let never = area.right - 0.5 * canvas.width_of("never");
        if has_never {
            let edge = end + 0.8 * font;
            canvas.dashes((edge, area.top), (edge, area.bottom), style::NEUTRAL, HAIR)?;
            canvas.text("never", (never, area.bottom + TICK + 0.75 * font), Align::Centre, style::INK)?;
        }
        let name = named(&panel.quantity, &panel.unit, &axis).join(" ");
        name_below(canvas, name.trim_end(), (area.left, area.right), area.bottom + TICK + 2.0 * font)?;
        let (factor, height) = (panel.factor, height / count(rows.max(1)));
        Ok(Self { area, axis, factor, end, never, height, is_name_above, font })
    }

    /// Upper and lower edge of a row.
    fn row(&self, place: usize) -> (f64, f64) {
        let top = self.area.top + count(place) * self.height;
        (top, top + self.height)
    }

    /// Upper and lower edge of what takes a share of a row's height.
    fn edges(&self, place: usize, share: f64) -> (f64, f64) {
        let (top, bottom) = self.row(place);
        let (upper, lower) = if self.is_name_above {
            let upper = top + 1.4 * self.font;
            (upper, (bottom - 0.3 * self.font).min(upper + 1.5 * self.font))
        } else {
            let (middle, half) = (f64::midpoint(top, bottom), 0.36 * (bottom - top).min(2.8 * self.font));
            (middle - half, middle + half)
        };
        let (middle, half) = (f64::midpoint(upper, lower), 0.5 * share * (lower - upper));
        (middle - half, middle + half)
    }

    /// The value `never` has a strip of its own.
    fn x(&self, value: f64) -> f64 {
        if value.is_infinite() {
            return self.never;
        }
        across(&self.axis, value * self.factor, (self.area.left, self.end))
    }

    fn layer<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, layer: &Layer<'_>) -> Result<(), ReportError> {
        let (colour, rows) = (layer.colour, 0..layer.x.len());
        match &layer.shape {
            Shape::Fan(band) => {
                let fan = &band.fan;
                for row in rows {
                    self.bar(canvas, row, (fan.p05[row], fan.p95[row]), (0.55, pale(colour, MOST_PALE)))?;
                    self.bar(canvas, row, (fan.p25[row], fan.p75[row]), (1.0, pale(colour, HALF_PALE)))?;
                    self.stroke(canvas, fan.p50[row], self.edges(row, 1.0), (colour, 1.5 * MEDIAN))?;
                }
                Ok(())
            }
            Shape::Bars(low, high, share) => {
                rows.into_iter().try_for_each(|row| self.bar(canvas, row, (low[row], high[row]), (*share, colour)))
            }
            Shape::Points(values, _) => rows
                .into_iter()
                .try_for_each(|row| self.stroke(canvas, values[row], self.edges(row, 1.0), (colour, 2.0 * THIN))),
            Shape::Line(values, ..) => {
                rows.into_iter().try_for_each(|row| self.stroke(canvas, values[row], self.row(row), (colour, THIN)))
            }
            Shape::Words(values, texts, side) => rows
                .into_iter()
                .filter(|&row| !values[row].is_nan())
                .try_for_each(|row| self.words(canvas, row, (values[row], &texts[row]), *side)),
            Shape::Area(..) | Shape::Stack(..) | Shape::Cells(_) => {
                Err(canvas.fault("rows hold no areas and no cells"))
            }
        }
    }

    /// A bar between two values; nothing if one of them is unknown.
    fn bar<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        row: usize,
        (from, to): (f64, f64),
        (share, colour): (f64, RGBColor),
    ) -> Result<(), ReportError> {
        if from.is_nan() || to.is_nan() {
            return Ok(());
        }
        let ((top, bottom), (from, to)) = (self.edges(row, share), (self.x(from), self.x(to)));
        canvas.fill(&Area { left: from.min(to), right: from.max(to), top, bottom }.corners(), colour)
    }

    fn stroke<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        value: f64,
        (top, bottom): (f64, f64),
        (colour, thick): (RGBColor, f64),
    ) -> Result<(), ReportError> {
        let x = self.x(value);
        if value.is_nan() { Ok(()) } else { canvas.line(&[(x, top), (x, bottom)], colour, thick) }
    }

    /// A text beside a value, on paper of its own, which the lines of the axis do not cross.
    fn words<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        row: usize,
        (value, text): (f64, &str),
        side: Side,
    ) -> Result<(), ReportError> {
        let (x, (top, bottom), gap) = (self.x(value), self.edges(row, 1.0), 0.5 * self.font);
        let (middle, text) = (f64::midpoint(top, bottom), shorten(canvas, text, WORDS_SHARE * canvas.width));
        let width = canvas.width_of(&text);
        let (paper, place, align) = match side {
            Side::Below => ((x - gap - width, x - 0.6 * gap), x - gap, Align::Right),
            Side::Above => ((x + 0.6 * gap, x + gap + width), x + gap, Align::Left),
        };
        behind(canvas, paper, middle)?;
        canvas.text(&text, (place, middle), align, style::INK)
    }
}

/// Paper behind a text.
fn behind<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    (left, right): (f64, f64),
    middle: f64,
) -> Result<(), ReportError> {
    let half = 0.6 * canvas.font;
    canvas.fill(&Area { left, right, top: middle - half, bottom: middle + half }.corners(), style::PAPER)
}
