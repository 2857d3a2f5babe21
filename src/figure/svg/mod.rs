//! A figure as SVG, for a column or a page of a paper.
//!
//! plotters writes the SVG. Its own axes and legends are not used: they take the sizes of texts from a font that the reader may not
//! have, put legends onto the data, know no axis of months, and let labels overlap or be cut. Here everything is laid out in millimetres
//! on paper, from estimated widths that are on the safe side.

mod calendar;
mod simplify;

pub(super) mod axis;
pub(super) mod canvas;
pub(super) mod frame;
mod layers;
pub(super) mod legend;
pub(super) mod sheet;

use super::{
    parts::{Course, Dash, Figure, Layer, Shape, Sign, Weight, varies},
    style::{self, FigureSize, FigureStyle},
};
use crate::report::ReportError;
use legend::{Entry, Look};

/// The picture of a figure, on paper of the size that the style has.
///
/// # Errors
/// If the paper is too small for the figure's parts.
pub fn draw(figure: &Figure<'_>, style: &FigureStyle) -> Result<String, ReportError> {
    let (width, _) = style.size.millimetres(1);
    let size = style.size.millimetres(figure.panels.len().div_ceil(sheet::columns(figure, width)));
    let title = style.titles.then_some(&*figure.title);
    canvas::svg(&figure.name, &figure.alt, size, FigureSize::font_mm(size.0), |canvas| {
        sheet::draw(canvas, figure, title)
    })
}

/// Thickness of the line that a chart is about, mm.
pub(super) const MEDIAN: f64 = 0.4;
/// Thickness of one line among many, mm.
pub(super) const THIN: f64 = 0.15;

/// Millimetres.
pub(super) fn thickness(weight: Weight) -> f64 {
    match weight {
        Weight::Full => MEDIAN,
        Weight::Light => 0.7 * MEDIAN,
        Weight::Thin => THIN,
    }
}

/// What the line of a fan is called in which replicas do not differ.
pub(super) fn alone(replicas: usize) -> &'static str {
    if replicas > 1 { "every replica" } else { "the only replica" }
}

/// The legend of a figure: what has the same words in several panels stands in it once, in grey if it has several colours.
fn legend(figure: &Figure<'_>) -> Vec<Entry> {
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
                for entry in legend::fan(colour, figure.fans_of.unwrap_or("replicas")) {
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
            Shape::Stack(_, false) => Look::Area(colour, 0),
            Shape::Stack(_, true) => Look::Striped(colour),
            Shape::Points(_, sign) => Look::Sign(colour, *sign),
        };
        if !name.is_empty() {
            put(look, name.into());
        }
    }
    if figure.panels.iter().any(|panel| !panel.retargets.is_empty()) {
        put(Look::Tick(style::EASE, legend::EASE_TICK), "difficulty up".into());
        put(Look::Tick(style::STRESS, legend::STRESS_TICK), "difficulty down".into());
    }
    entries
}
