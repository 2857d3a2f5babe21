//! The shapes of a layer, in a panel of the sheet.

use std::ops::Range;

use plotters::{backend::DrawingBackend, style::RGBColor};

use super::{
    axis::ValueAxis,
    canvas::{Canvas, Point, THIN, thickness},
    foot::Foot,
    frame::{Area, HAIR},
};
use crate::{
    figure::{
        instant::seconds,
        parts::{Course, Dash, Layer, Shape, Sign, Weight, varies},
        style::{self, HALF_PALE, IDLE_PALE, MOST_PALE, pale},
    },
    report::{ReportError, marks::Retarget},
};

/// Thickness of the white stripes over idle machines, mm...
pub(super) const STRIPE: f64 = 0.28;
/// ...and their distance.
pub(super) const STRIPE_EVERY: f64 = 0.9;
/// Height of a retarget's tick: difficulty rises.
pub(super) const EASE_TICK: f64 = 1.2;
/// Height of a retarget's tick: difficulty falls.
pub(super) const STRESS_TICK: f64 = 2.2;
/// Thickness of a retarget's tick, mm.
pub(super) const TICK: f64 = 0.3;

/// A panel on the sheet.
pub(super) struct Plot<'a> {
    pub(super) area: Area,
    /// Where the axis of values begins: above the room for ticks.
    pub(super) floor: f64,
    pub(super) foot: &'a Foot,
    pub(super) axis: ValueAxis,
    /// By which values are multiplied.
    pub(super) factor: f64,
}

impl Plot<'_> {
    pub(super) fn x(&self, place: f64) -> f64 {
        self.area.left + self.foot.share(place) * (self.area.right - self.area.left)
    }

    /// Where a tick of the axis stands.
    pub(super) fn tick(&self, value: f64) -> f64 {
        self.floor - self.axis.share(value) * (self.floor - self.area.top)
    }

    fn y(&self, value: f64) -> f64 {
        self.tick(value * self.factor)
    }

    fn points(&self, layer: &Layer<'_>, values: &[f64], within: Range<usize>) -> Vec<Point> {
        let mut points: Vec<Point> = Vec::with_capacity(within.len());
        for (&place, &value) in layer.x[within.clone()].iter().zip(&values[within]) {
            let (x, y) = (self.x(place), self.y(value));
            if let (Course::Steps, Some(&(_, before))) = (layer.course, points.last())
                && (before - y).abs() > 0.005
            {
                points.push((x, before));
            }
            points.push((x, y));
        }
        points
    }

    /// The area between two lines; of a place by itself, a stroke.
    fn area<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        layer: &Layer<'_>,
        (low, high): (&[f64], &[f64]),
        colour: RGBColor,
    ) -> Result<(), ReportError> {
        for within in stretches(low.len(), |place| low[place].is_finite() && high[place].is_finite()) {
            if within.len() == 1 {
                let x = self.x(layer.x[within.start]);
                let ends = [(x, self.y(low[within.start])), (x, self.y(high[within.start]))];
                canvas.line(&ends, colour, 1.0)?;
                continue;
            }
            let mut outline = self.points(layer, low, within.clone());
            outline.extend(self.points(layer, high, within).into_iter().rev());
            canvas.fill(&outline, colour)?;
        }
        Ok(())
    }

    /// Draws a layer that is not stacked.
    pub(super) fn layer<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        layer: &Layer<'_>,
    ) -> Result<(), ReportError> {
        let colour = layer.colour;
        let line = |values: &[f64], dash, weight| {
            for within in stretches(values.len(), |place| values[place].is_finite()) {
                canvas.broken_line(&self.points(layer, values, within), dash, (colour, thickness(weight)))?;
            }
            Ok(())
        };
        match &layer.shape {
            Shape::Fan(band) => {
                let fan = &band.fan;
                if varies(band) {
                    self.area(canvas, layer, (&fan.p05, &fan.p95), pale(colour, MOST_PALE))?;
                    self.area(canvas, layer, (&fan.p25, &fan.p75), pale(colour, HALF_PALE))?;
                }
                line(&fan.p50, Dash::Solid, Weight::Full)
            }
            Shape::Line(values, dash, weight) => line(values, *dash, *weight),
            Shape::Area(low, high, paler) => self.area(canvas, layer, (low, high), pale(colour, *paler)),
            Shape::Points(values, kind) => {
                let places = layer.x.iter().zip(values).filter(|(_, value)| value.is_finite());
                places
                    .into_iter()
                    .try_for_each(|(&place, &value)| sign(canvas, *kind, (self.x(place), self.y(value)), colour))
            }
            Shape::Stack(..) => Ok(()),
            Shape::Bars(..) | Shape::Words(..) | Shape::Cells(_) => {
                Err(canvas.fault("bars and words need rows, and cells need names"))
            }
        }
    }

    /// Draws the stacked layers, each between its two edges.
    pub(super) fn stack<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        layers: &[Layer<'_>],
        edges: &[Vec<f64>],
    ) -> Result<(), ReportError> {
        let stacked = || layers.iter().filter(|layer| matches!(layer.shape, Shape::Stack(..)));
        for (layer, pair) in stacked().zip(edges.windows(2)) {
            let paler = if matches!(layer.shape, Shape::Stack(_, true)) { IDLE_PALE } else { 0 };
            self.area(canvas, layer, (&pair[0], &pair[1]), pale(layer.colour, paler))?;
        }
        for (layer, pair) in stacked().zip(edges.windows(2)) {
            if let Shape::Stack(_, true) = layer.shape {
                self.stripes(canvas, &layer.x, (&pair[0], &pair[1]))?;
            }
        }
        for (layer, edge) in stacked().zip(edges).skip(1) {
            for within in stretches(edge.len(), |place| edge[place].is_finite()) {
                canvas.line(&self.points(layer, edge, within), style::PAPER, HAIR)?;
            }
        }
        Ok(())
    }

    fn stripes<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        places: &[f64],
        (low, high): (&[f64], &[f64]),
    ) -> Result<(), ReportError> {
        let xs: Vec<f64> = places.iter().map(|&place| self.x(place)).collect();
        let (Some(&first), Some(&last)) = (xs.first(), xs.last()) else {
            return Ok(());
        };
        let mut x = first + STRIPE_EVERY;
        while x < last {
            let after = xs.partition_point(|&place| place < x).max(1);
            let share = (x - xs[after - 1]) / (xs[after] - xs[after - 1]);
            let at = |edge: &[f64]| self.y(edge[after - 1] + share * (edge[after] - edge[after - 1]));
            let (foot, head) = (at(low), at(high));
            if foot - head > 0.1 {
                canvas.line(&[(x, foot), (x, head)], style::PAPER, STRIPE)?;
            }
            x += STRIPE_EVERY;
        }
        Ok(())
    }

    /// Retargets along the foot: tall where difficulty fell.
    pub(super) fn retargets<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        retargets: &[Retarget],
    ) -> Result<(), ReportError> {
        for retarget in retargets {
            let (colour, height) =
                if retarget.ratio < 1.0 { (style::STRESS, STRESS_TICK) } else { (style::EASE, EASE_TICK) };
            let x = self.x(seconds(retarget.time));
            canvas.line(&[(x, self.area.bottom), (x, self.area.bottom - height)], colour, TICK)?;
        }
        Ok(())
    }

    /// Marks, in the strip above the panel, the positions at which a quantile is never reached: a triangle in the colour of the innermost such quantile.
    pub(super) fn never<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        layer: &Layer<'_>,
        middle: f64,
    ) -> Result<(), ReportError> {
        let Shape::Fan(band) = &layer.shape else {
            return Ok(());
        };
        let (fan, half) = (&band.fan, 0.36 * canvas.font);
        for (at, &place) in layer.x.iter().enumerate() {
            let fill = match [&fan.p50, &fan.p75, &fan.p95].map(|quantile| quantile[at] == f64::INFINITY) {
                [true, ..] => layer.colour,
                [_, true, _] => pale(layer.colour, HALF_PALE),
                [.., true] => pale(layer.colour, MOST_PALE),
                _ => continue,
            };
            let x = self.x(place);
            let corners = [(x - half, middle + half), (x + half, middle + half), (x, middle - half)];
            canvas.fill(&corners, fill)?;
            canvas.line(&[corners[0], corners[1], corners[2], corners[0]], layer.colour, HAIR)?;
        }
        Ok(())
    }
}

/// A sign by itself.
pub(super) fn sign<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    sign: Sign,
    (x, y): Point,
    colour: RGBColor,
) -> Result<(), ReportError> {
    match sign {
        Sign::Ring => canvas.ring((x, y), 0.7, colour, 0.55 * thickness(Weight::Full)),
        Sign::Dot => square(canvas, (x, y), 0.22, colour),
        Sign::Square => square(canvas, (x, y), 0.6, colour),
        Sign::Stroke => canvas.line(&[(x, y - 0.6), (x, y + 0.6)], colour, 2.0 * THIN),
        Sign::Diamond => {
            let half = 0.55;
            canvas.fill(&[(x - half, y), (x, y - half), (x + half, y), (x, y + half)], colour)
        }
    }
}

fn square<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    (x, y): Point,
    half: f64,
    colour: RGBColor,
) -> Result<(), ReportError> {
    canvas.fill(&Area { left: x - half, right: x + half, top: y - half, bottom: y + half }.corners(), colour)
}

/// The unbroken stretches of `0..length` in which `holds`.
pub(super) fn stretches(length: usize, holds: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for place in (0..length).filter(|&place| holds(place)) {
        match found.last_mut() {
            Some(stretch) if stretch.end == place => stretch.end += 1,
            _ => found.push(place..place + 1),
        }
    }
    found
}
