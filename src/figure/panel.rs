//! A rectangle with a time axis and an axis of values, and the shapes drawn in it.

use plotters::{backend::DrawingBackend, style::RGBColor};

use super::{
    axis::ValueAxis,
    canvas::{Canvas, Point},
    legend::{EASE_TICK, Entry, STRESS_TICK, Sign},
    style::{self, pale},
};
use crate::report::{ReportError, marks::Retarget, series::Band};

/// Thickness of the line that a chart is about, mm.
pub(super) const MEDIAN: f64 = 0.4;
/// Thickness of single histories, mm.
pub(super) const THIN: f64 = 0.14;
/// Thickness of a retarget's tick, mm.
pub(super) const TICK: f64 = 0.3;
pub(super) const HALF_PALE: usize = 50;
pub(super) const MOST_PALE: usize = 78;

/// Part of a sheet in which data are drawn.
pub(super) struct Panel {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    /// Where the axis of values begins: above the foot that is kept for ticks.
    pub(super) floor: f64,
    pub(super) span: (i64, i64),
    pub(super) axis: ValueAxis,
}

/// Whether a value holds until the next one or moves towards it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    Smooth,
    Step,
}

impl Panel {
    /// How far along `span` the instant `time` is.
    #[expect(clippy::cast_precision_loss, reason = "seconds within a run")]
    pub(super) fn share((start, end): (i64, i64), time: i64) -> f64 {
        (time - start) as f64 / (end - start).max(1) as f64
    }

    pub(super) fn x(&self, time: i64) -> f64 {
        self.left + Self::share(self.span, time) * (self.right - self.left)
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        self.floor - self.axis.share(value) * (self.floor - self.top)
    }

    /// Where `values` times `scale` stand.
    pub(super) fn points(&self, times: &[i64], values: &[f64], scale: f64, course: Course) -> Vec<Point> {
        let mut points: Vec<Point> = Vec::with_capacity(times.len());
        for (&time, &value) in times.iter().zip(values) {
            if value.is_nan() {
                continue;
            }
            let (x, y) = (self.x(time), self.y(value * scale));
            if let (Course::Step, Some(&(_, before))) = (course, points.last())
                && (before - y).abs() > 0.005
            {
                points.push((x, before));
            }
            points.push((x, y));
        }
        points
    }

    /// A line of `values` times `scale`.
    pub(super) fn curve<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        times: &[i64],
        (values, scale): (&[f64], f64),
        course: Course,
        (colour, thick): (RGBColor, f64),
    ) -> Result<(), ReportError> {
        canvas.line(&self.points(times, values, scale, course), colour, thick)
    }

    /// The area between two rows of values.
    pub(super) fn between<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        times: &[i64],
        (low, high, scale): (&[f64], &[f64], f64),
        course: Course,
        colour: RGBColor,
    ) -> Result<(), ReportError> {
        let mut outline = self.points(times, low, scale, course);
        outline.extend(self.points(times, high, scale, course).into_iter().rev());
        canvas.fill(&outline, colour)
    }

    /// Bands and median over replicas; a single replica is a single line.
    pub(super) fn fan<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        times: &[i64],
        (band, scale): (&Band, f64),
        course: Course,
        colour: RGBColor,
    ) -> Result<(), ReportError> {
        let fan = &band.fan;
        self.between(canvas, times, (&fan.p05, &fan.p95, scale), course, pale(colour, MOST_PALE))?;
        self.between(canvas, times, (&fan.p25, &fan.p75, scale), course, pale(colour, HALF_PALE))?;
        self.curve(canvas, times, (&fan.p50, scale), course, (colour, MEDIAN))
    }

    /// Retargets along the foot of the panel: tall where difficulty fell.
    pub(super) fn retargets<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        retargets: &[Retarget],
    ) -> Result<(), ReportError> {
        for retarget in retargets {
            let (colour, height) =
                if retarget.ratio < 1.0 { (style::STRESS, STRESS_TICK) } else { (style::EASE, EASE_TICK) };
            let x = self.x(retarget.time);
            canvas.line(&[(x, self.bottom), (x, self.bottom - height)], colour, TICK)?;
        }
        Ok(())
    }
}

/// What [`Panel::fan`] draws, in the words of a legend.
pub(super) fn fan_legend(replicas: usize, colour: RGBColor) -> Vec<Entry> {
    if replicas < 2 {
        return vec![Entry::new(Sign::Line(colour), "the only replica")];
    }
    vec![
        Entry::new(Sign::Line(colour), "median"),
        Entry::new(Sign::Area(pale(colour, HALF_PALE)), "50 %"),
        Entry::new(Sign::Area(pale(colour, MOST_PALE)), "90 % of replicas"),
    ]
}

/// The values that a fan's axis must hold.
pub(super) fn extent(band: &Band) -> impl Iterator<Item = f64> {
    band.fan.p05.iter().chain(&band.fan.p95).copied()
}
