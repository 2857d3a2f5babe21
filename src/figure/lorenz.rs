use plotters::backend::DrawingBackend;

use super::{
    Chart, ReportError, RunSeries,
    axis::ValueAxis,
    canvas::{Canvas, Dash, Point},
    frame::{Area, axis_across, foot_axis, name_below},
    layout::{HAIR, Plot, Sheet, TICK, wanted_ticks},
    legend::{Entry, Sign},
    panel::MEDIAN,
    style,
};
use crate::report::{
    firms::{LORENZ_POINTS, Lorenz, share},
    number::human,
};

/// How hashrate is shared out among miners.
pub(super) struct LorenzCurve<'a>(pub(super) &'a RunSeries);

impl LorenzCurve<'_> {
    fn curve(&self) -> &Lorenz {
        &self.0.lorenz_end
    }
}

impl Chart for LorenzCurve<'_> {
    fn name(&self) -> &'static str {
        "lorenz"
    }

    fn title(&self) -> &'static str {
        "How hashrate is shared out at the end"
    }

    fn caption(&self) -> String {
        let mean = if self.0.replicas > 1 { ", mean over replicas" } else { "" };
        format!(
            "Lorenz curve at the end{mean}: cumulative share of running hashrate, smallest owners first. Owners are the miners that go on \
             and have machines, running or not, the same that the Gini coefficient counts; an agent may stand for many. The further \
             the curve lies below the dashed line of equal shares, the more unequal they are."
        )
    }

    fn alt(&self) -> String {
        let shares = &self.curve().shares;
        let at = |percent: usize| human(100.0 * shares.get(percent).copied().unwrap_or(f64::NAN));
        format!(
            "Lorenz curve. The smallest half of owners run {} percent of hashrate, the smallest 90 percent {} percent.",
            at(LORENZ_POINTS / 2),
            at(LORENZ_POINTS * 9 / 10)
        )
    }

    fn panels(&self) -> usize {
        1
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let legend = vec![
            Entry::new(Sign::Line(style::OWNERS), "hashrate at the end"),
            Entry::new(Sign::Broken(style::NEUTRAL, Dash::Dashed), "equal shares"),
        ];
        let axis = ValueAxis::from_zero([0.0, 100.0], wanted_ticks(canvas.height, 1, canvas.font));
        let plot = Plot::new("Share of hashrate", "%", axis);
        let sheet = Sheet { title, legend, shocks: &[], span: (0, 1), plots: vec![plot] };
        for panel in &sheet.panels(canvas, (0.0, 1.3 * canvas.font))? {
            let area = Area { left: panel.left, right: panel.right, top: panel.top, bottom: panel.bottom };
            let across = axis_across(canvas, &[0.0, 100.0], area.right - area.left);
            foot_axis(canvas, &across, area, area.right, false)?;
            name_below(
                canvas,
                "Smallest owners (% of all)",
                (area.left, area.right),
                area.bottom + TICK + 2.0 * canvas.font,
            )?;
            canvas.line(&[(area.left, area.top), (area.left, area.bottom)], style::NEUTRAL, 1.5 * HAIR)?;
            let place = |along: f64, up: f64| (area.left + along * (area.right - area.left), panel.y(100.0 * up));
            canvas.broken_line(&[place(0.0, 0.0), place(1.0, 1.0)], Dash::Dashed, (style::NEUTRAL, 0.7 * MEDIAN))?;
            let shares = self.curve().shares.iter().enumerate();
            let line: Vec<Point> = shares.map(|(point, &up)| place(share(point), up)).collect();
            canvas.line(&line, style::OWNERS, MEDIAN)?;
        }
        Ok(())
    }
}
