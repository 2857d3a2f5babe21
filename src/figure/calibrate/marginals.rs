//! Each parameter by itself: its posterior as bars, its prior as a line.

use plotters::backend::DrawingBackend;

use super::{
    CalibrationChart,
    cell::{cells, columns, foot, named_axis, number, upright},
};
use crate::{
    figure::{
        Dash, Weight, style,
        svg::{
            MEDIAN,
            axis::ValueAxis,
            canvas::Canvas,
            frame::{Area, across},
            legend::{self, Entry, Look},
            sheet::draw_title,
        },
    },
    report::{
        ReportError,
        calibration::{Fitted, Posterior},
        number::human,
    },
    study::calibrate::Prior,
};

/// Bars of a posterior.
const BARS: usize = 24;
/// Height of a panel, mm.
const HIGH: f64 = 26.0;

pub(super) struct Marginals<'a>(pub(super) &'a Posterior);

impl CalibrationChart for Marginals<'_> {
    fn name(&self) -> &'static str {
        "marginals"
    }

    fn title(&self) -> &'static str {
        if self.0.reaches_data {
            "Parameters before and after the fit"
        } else {
            "Parameters before and after a fit that does not reach the data"
        }
    }

    fn alt(&self) -> String {
        let words = self.0.parameters.iter().map(|fitted| {
            let truth = fitted.truth.map_or_else(String::new, |truth| format!(", truth {}", human(truth)));
            format!("{}: posterior median {}{truth}", fitted.name, human(fitted.median))
        });
        let reach = if self.0.reaches_data { "" } else { " The fit does not reach the data." };
        words.collect::<Vec<_>>().join(". ") + "." + reach
    }

    fn height(&self, width: f64, font: f64) -> f64 {
        let rows = self.0.parameters.len().div_ceil(columns(width, self.0.parameters.len()));
        number(rows) * (HIGH + foot(font)) + 5.0 * font
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let parameters = &self.0.parameters;
        let mut top = draw_title(canvas, title)?;
        let mut entries = vec![
            Entry::new(Look::Area(style::HASHRATE, 40), "posterior"),
            Entry::new(Look::Line(style::NEUTRAL, Dash::Solid, Weight::Full), "prior"),
        ];
        if parameters.iter().any(|fitted| fitted.truth.is_some()) {
            entries.push(Entry::new(Look::Line(style::STRESS, Dash::Solid, Weight::Full), "truth (in dashes)"));
        }
        top = legend::draw(canvas, &entries, (1.2, canvas.width - 1.2), top)? + canvas.font;
        let columns = columns(canvas.width, parameters.len());
        for (fitted, area) in parameters.iter().zip(cells(canvas, top, parameters.len(), columns)?) {
            panel(canvas, fitted, area)?;
        }
        Ok(())
    }
}

fn panel<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, fitted: &Fitted, area: Area) -> Result<(), ReportError> {
    let Prior { low, high, .. } = fitted.prior;
    let axis = named_axis(canvas, area, &[low, high], &fitted.name)?;
    let (first, last) = (axis.share(low), axis.share(high));
    let bars = bars(fitted, &axis, (first, last));
    let line = prior_line(&fitted.prior, &axis, (first, last));
    let tallest = bars.iter().chain(line.iter().map(|(_, density)| density)).copied().fold(0.0, f64::max);
    let y = |density: f64| area.bottom - 0.96 * density / tallest * (area.bottom - area.top);
    let x = |share: f64| area.left + share * (area.right - area.left);
    let wide = (last - first) / number(BARS);
    for (place, &density) in bars.iter().enumerate() {
        let left = first + number(place) * wide;
        let bar = Area { left: x(left), right: x(left + wide), top: y(density), bottom: area.bottom };
        if density > 0.0 {
            canvas.fill(&bar.corners(), style::pale(style::HASHRATE, 40))?;
        }
    }
    let mut points = vec![(x(first), area.bottom)];
    points.extend(line.iter().map(|&(share, density)| (x(share), y(density))));
    points.push((x(last), area.bottom));
    canvas.line(&points, style::NEUTRAL, 0.6 * MEDIAN)?;
    if let Some(truth) = fitted.truth {
        upright(canvas, &axis, area, truth, style::STRESS)?;
    }
    let median = across(&axis, fitted.median, (area.left, area.right));
    canvas.line(&[(median, area.bottom), (median, area.bottom - 2.0)], style::INK, MEDIAN)
}

/// Density along the axis, bar by bar.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place among the bars")]
fn bars(fitted: &Fitted, axis: &ValueAxis, (first, last): (f64, f64)) -> Vec<f64> {
    let mut bars = vec![0.0; BARS];
    for (&value, weight) in fitted.values.iter().zip(&fitted.weights) {
        let share = (axis.share(value) - first) / (last - first);
        let place = (share * number(BARS)).max(0.0) as usize;
        bars[place.min(BARS - 1)] += weight * number(BARS) / (last - first);
    }
    bars
}

/// The prior's density along the axis, by differences of its own coordinate.
fn prior_line(prior: &Prior, axis: &ValueAxis, (first, last): (f64, f64)) -> Vec<(f64, f64)> {
    const POINTS: usize = 60;
    // The axis may be straight where the prior's coordinate is a logarithm, or the other way round.
    let value = |share: f64| prior.low + (prior.high - prior.low) * share;
    let ratio = |share: f64| prior.low * libm::pow(prior.high / prior.low, share);
    let at = |part: f64| if axis.is_log() { ratio(part) } else { value(part) };
    let mut line: Vec<(f64, f64)> = (0..POINTS)
        .map(|point| {
            let (from, to) = (number(point) / number(POINTS), number(point + 1) / number(POINTS));
            let (a, b) = (prior.coordinate(at(from)), prior.coordinate(at(to)));
            let (left, right) = (axis.share(at(from)), axis.share(at(to)));
            (f64::midpoint(left, right), prior.density(f64::midpoint(a, b)) * (b - a) / (right - left))
        })
        .collect();
    let mass: f64 = line.iter().map(|(_, density)| density * (last - first) / number(POINTS)).sum();
    for (_, density) in &mut line {
        *density /= mass;
    }
    line
}
