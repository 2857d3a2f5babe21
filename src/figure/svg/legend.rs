//! The legend: a row above the data, never on it.

use plotters::{backend::DrawingBackend, style::RGBColor};

use super::{
    canvas::{Align, Canvas, thickness},
    layers::{self, EASE_TICK, STRESS_TICK},
};
use crate::{
    figure::{
        parts::{Dash, Figure, Layer, Shape, Sign, Weight, alone, varies},
        style,
    },
    report::ReportError,
};

/// A symbol and its meaning.
pub(in crate::figure) struct Entry {
    pub(in crate::figure) look: Look,
    pub(in crate::figure) text: String,
}

/// The look of an entry on the chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::figure) enum Look {
    Line(RGBColor, Dash, Weight),
    /// Percentage by which it is paler than the colour.
    Area(RGBColor, usize),
    Striped(RGBColor),
    Sign(RGBColor, Sign),
    /// A tick at the foot of the panel: short where difficulty rises, tall where it falls.
    Tick(RGBColor, f64),
}

impl Entry {
    pub(in crate::figure) fn new(look: Look, text: impl Into<String>) -> Self {
        Self { look, text: text.into() }
    }
}

impl Look {
    /// The same in the colour that stands for all.
    pub(super) fn in_grey(self) -> Self {
        let grey = style::NEUTRAL;
        match self {
            Self::Line(_, dash, weight) => Self::Line(grey, dash, weight),
            Self::Area(_, paler) => Self::Area(grey, paler),
            Self::Striped(_) => Self::Striped(grey),
            Self::Sign(_, sign) => Self::Sign(grey, sign),
            Self::Tick(..) => self,
        }
    }
}

/// What the parts of a fan are called.
pub(in crate::figure) fn fan(colour: RGBColor, of: &str) -> [Entry; 3] {
    [
        Entry::new(Look::Line(colour, Dash::Solid, Weight::Full), "median"),
        Entry::new(Look::Area(colour, style::HALF_PALE), "50 %"),
        Entry::new(Look::Area(colour, style::MOST_PALE), format!("90 % of {of}")),
    ]
}

/// The legend of a figure: what has the same words in several panels stands in it once, in grey if it has several colours.
pub(super) fn entries(figure: &Figure<'_>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut put = |look: Look, text: String| match entries.iter_mut().find(|known| known.text == text) {
        Some(known) if known.look != look => known.look = known.look.in_grey(),
        Some(_) => {}
        None => entries.push(Entry { look, text }),
    };
    let is_fan = |layer: &&Layer<'_>| matches!(&layer.shape, Shape::Fan(band) if varies(band));
    let has_fan = figure.panels.iter().flat_map(|panel| &panel.layers).any(|layer| is_fan(&layer));
    for layer in figure.panels.iter().flat_map(|panel| &panel.layers) {
        let (colour, name) = (layer.colour, layer.together.unwrap_or(&layer.name));
        let look = match &layer.shape {
            Shape::Fan(_) if figure.replicas > 1 && has_fan => {
                let named = |text: String| if name.is_empty() { text } else { format!("{name}: {text}") };
                for entry in fan(colour, figure.fans_of.unwrap_or("replicas")) {
                    put(entry.look, named(entry.text));
                }
                continue;
            }
            Shape::Fan(_) => {
                put(Look::Line(colour, Dash::Solid, Weight::Full), alone(figure.replicas).into());
                continue;
            }
            Shape::Line(_, dash, weight) => Look::Line(colour, *dash, *weight),
            Shape::Area(_, _, paler) => Look::Area(colour, *paler),
            Shape::Stack(_, true) => Look::Striped(colour),
            Shape::Points(_, sign) => Look::Sign(colour, *sign),
            Shape::Stack(_, false) | Shape::Bars(..) => Look::Area(colour, 0),
            Shape::Words(..) | Shape::Cells(_) => continue,
        };
        if !name.is_empty() {
            put(look, name.into());
        }
    }
    if figure.panels.iter().any(|panel| !panel.retargets.is_empty()) {
        put(Look::Tick(style::EASE, EASE_TICK), "difficulty up".into());
        put(Look::Tick(style::STRESS, STRESS_TICK), "difficulty down".into());
    }
    entries
}

/// Draws `entries` from `top` down, as many in a row as fit, and returns where the next thing may stand.
pub(in crate::figure) fn draw<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    entries: &[Entry],
    (left, right): (f64, f64),
    top: f64,
) -> Result<f64, ReportError> {
    let font = canvas.font;
    let (mut x, mut y) = (left, top + 0.7 * font);
    for entry in entries {
        let sign = match entry.look {
            Look::Tick(..) => 0.5 * font,
            // Long enough to show how it is broken.
            Look::Line(_, dash, _) if dash != Dash::Solid => 2.6 * font,
            _ => 1.6 * font,
        };
        let width = sign + 0.4 * font + canvas.width_of(&entry.text);
        if x > left && x + width > right {
            x = left;
            y += 1.4 * font;
        }
        draw_look(canvas, entry.look, (x, x + sign), y)?;
        canvas.text(&entry.text, (x + sign + 0.4 * font, y), Align::Left, style::INK)?;
        x += width + 1.1 * font;
    }
    Ok(if entries.is_empty() { top } else { y + 0.8 * font })
}

fn draw_look<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    look: Look,
    (x0, x1): (f64, f64),
    y: f64,
) -> Result<(), ReportError> {
    let half = 0.36 * canvas.font;
    let area = [(x0, y - half), (x1, y - half), (x1, y + half), (x0, y + half)];
    let middle = f64::midpoint(x0, x1);
    match look {
        Look::Line(colour, dash, weight) => canvas.broken_line(&[(x0, y), (x1, y)], dash, (colour, thickness(weight))),
        Look::Area(colour, paler) => canvas.fill(&area, style::pale(colour, paler)),
        Look::Sign(colour, sign) => layers::sign(canvas, sign, (middle, y), colour),
        Look::Striped(colour) => {
            canvas.fill(&area, style::pale(colour, style::IDLE_PALE))?;
            let mut x = x0 + 0.5 * layers::STRIPE_EVERY;
            while x < x1 {
                canvas.line(&[(x, y - half), (x, y + half)], style::PAPER, layers::STRIPE)?;
                x += layers::STRIPE_EVERY;
            }
            Ok(())
        }
        Look::Tick(colour, height) => {
            canvas.line(&[(middle, y + half), (middle, y + half - height)], colour, layers::TICK)
        }
    }
}
