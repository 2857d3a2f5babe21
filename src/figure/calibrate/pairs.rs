//! Pairs of parameters: draws of the posterior as dots, so that a ridge is seen.

use plotters::backend::DrawingBackend;

use super::{
    CalibrationChart,
    cell::{dot, number, outline},
};
use crate::figure::{
    style,
    svg::{
        axis::ValueAxis,
        canvas::{Align, Canvas},
        frame::{Area, shorten},
        sheet::{LEAST_PANEL, PAD, draw_title, too_small},
    },
};
use crate::report::{
    ReportError,
    calibration::{Fitted, Posterior},
};

pub(super) struct Pairs<'a>(pub(super) &'a Posterior);

impl CalibrationChart for Pairs<'_> {
    fn name(&self) -> &'static str {
        "pairs"
    }

    fn title(&self) -> &'static str {
        "Pairs of parameters in the posterior, and their correlations"
    }

    fn alt(&self) -> String {
        let names = &self.0.parameters;
        let mut words = Vec::new();
        for (row, correlations) in self.0.correlations.iter().enumerate() {
            for (column, correlation) in correlations.iter().enumerate().take(row) {
                words.push(format!("{} and {}: {correlation:.2}", names[column].name, names[row].name));
            }
        }
        format!("Correlations. {}.", words.join("; "))
    }

    fn height(&self, width: f64, font: f64) -> f64 {
        let count = number(self.0.parameters.len() - 1);
        (0.72 * (width - 6.0 * font)).min(count * 42.0) + 5.0 * font
    }

    /// Each cell spans the priors of its two parameters; the one across is named below its column, the one upwards beside its row.
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let parameters = &self.0.parameters;
        let top = draw_title(canvas, title)? + 0.5 * canvas.font;
        let side = parameters.len() - 1;
        let (left, foot, gap) = (PAD + 2.0 * canvas.font, 2.0 * canvas.font, 1.0);
        let wide = (canvas.width - PAD - left) / number(side);
        let high = (canvas.height - PAD - foot - top) / number(side);
        if wide < LEAST_PANEL || high < LEAST_PANEL {
            return Err(too_small(canvas));
        }
        for row in 1..parameters.len() {
            let upper = top + number(row - 1) * high;
            let name = shorten(canvas, &parameters[row].name, high - gap);
            canvas.text(&name, (PAD + 0.6 * canvas.font, upper + 0.5 * high), Align::Upwards, style::INK)?;
            for column in 0..row {
                let from = left + number(column) * wide;
                let area = Area { left: from, right: from + wide - gap, top: upper, bottom: upper + high - gap };
                cell(canvas, &parameters[column], &parameters[row], area)?;
                let correlation = self.0.correlations.get(row).and_then(|row| row.get(column));
                if let Some(correlation) = correlation.filter(|value| value.is_finite()) {
                    let place = (area.right - 0.8, area.top + 0.9 * canvas.font);
                    canvas.text(&format!("{correlation:.2}"), place, Align::Right, style::INK)?;
                }
            }
        }
        for (column, fitted) in parameters[..side].iter().enumerate() {
            let middle = left + (number(column) + 0.5) * wide;
            let name = shorten(canvas, &fitted.name, wide - gap);
            canvas.text(&name, (middle, canvas.height - PAD - 0.7 * canvas.font), Align::Centre, style::INK)?;
        }
        Ok(())
    }
}

fn cell<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    across_it: &Fitted,
    up_it: &Fitted,
    area: Area,
) -> Result<(), ReportError> {
    outline(canvas, area)?;
    let axis = |fitted: &Fitted| ValueAxis::over([fitted.prior.low, fitted.prior.high], 3);
    let (x_axis, y_axis) = (axis(across_it), axis(up_it));
    // Cells span the priors, whose ends may lie within the outermost ticks.
    let stretch = |axis: &ValueAxis, fitted: &Fitted, value: f64| {
        let (low, high) = (axis.share(fitted.prior.low), axis.share(fitted.prior.high));
        (axis.share(value) - low) / (high - low)
    };
    let x = |value: f64| area.left + stretch(&x_axis, across_it, value) * (area.right - area.left);
    let y = |value: f64| area.bottom - stretch(&y_axis, up_it, value) * (area.bottom - area.top);
    for (&a, &b) in across_it.even.iter().zip(&up_it.even) {
        dot(canvas, (x(a), y(b)), 0.22, style::HASHRATE)?;
    }
    if let (Some(a), Some(b)) = (across_it.truth, up_it.truth) {
        dot(canvas, (x(a), y(b)), 0.6, style::STRESS)?;
    }
    Ok(())
}
