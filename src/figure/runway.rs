use plotters::backend::DrawingBackend;

use super::{
    Chart, ReportError, RunSeries,
    axis::ValueAxis,
    canvas::{Canvas, Dash},
    layout::{Plot, Sheet, wanted_ticks},
    legend::{Entry, Sign},
    panel::{Course, HALF_PALE, MEDIAN},
    shock_note,
    style::{self, pale},
};
use crate::report::{number::human, series::RUNWAY_CAP_DAYS};

/// How long miners last on what they have.
pub(super) struct Runway<'a>(pub(super) &'a RunSeries);

impl Chart for Runway<'_> {
    fn name(&self) -> &'static str {
        "runway"
    }

    fn title(&self) -> &'static str {
        "Days of runway"
    }

    fn caption(&self) -> String {
        let median = if self.0.replicas > 1 { ", each the median over replicas" } else { "" };
        format!(
            "Days that cash and free coins last at the present net burn: of the median miner, and between the tenth and the \
             ninetieth percent of miners{median}. Known at the ends of epochs. A runway longer than {RUNWAY_CAP_DAYS} days, or \
             without end since no cash is burnt, is drawn at {RUNWAY_CAP_DAYS}, one of less than a day at 1.{}",
            shock_note(self.0)
        )
    }

    fn alt(&self) -> String {
        let lowest = |place: usize| {
            let values = self.0.runway[place].fan.p50.iter().copied().filter(|days| !days.is_nan());
            human(values.fold(RUNWAY_CAP_DAYS, f64::min))
        };
        format!(
            "Days of runway over time. At its shortest a tenth of miners have {} days or less, half have {} days or less.",
            lowest(0),
            lowest(1)
        )
    }

    fn panels(&self) -> usize {
        1
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let Self(run) = self;
        let [tenth, half, most] = run.runway.each_ref().map(|band| band.fan.p50.as_slice());
        let legend = vec![
            Entry::new(Sign::Line(style::RUNWAY), "median miner"),
            Entry::new(Sign::Area(pale(style::RUNWAY, HALF_PALE)), "80 % of miners"),
            Entry::new(Sign::Broken(style::INK, Dash::Dashed), "the tenth with the least"),
        ];
        let values = tenth.iter().chain(most).copied().chain([RUNWAY_CAP_DAYS]);
        // A day is as good as nothing, and a logarithm needs more than nothing.
        let mut axis = ValueAxis::over(values.map(|days| days.max(1.0)), wanted_ticks(canvas.height, 1, canvas.font));
        axis.relabel(1.0, "≤ 1");
        axis.relabel(RUNWAY_CAP_DAYS, "≥ 1,000");
        let sheet = Sheet {
            title,
            legend,
            shocks: &run.marks.shocks,
            span: (run.grid.start, run.grid.end()),
            plots: vec![Plot::new("Runway", "days", axis)],
        };
        let times = &run.grid.times;
        for panel in &sheet.frame(canvas)? {
            sheet.mark_shocks(canvas, panel)?;
            panel.between(canvas, times, (tenth, most, 1.0), Course::Smooth, pale(style::RUNWAY, HALF_PALE))?;
            panel.curve(canvas, times, (half, 1.0), Course::Smooth, (style::RUNWAY, MEDIAN))?;
            let line = panel.points(times, tenth, 1.0, Course::Smooth);
            canvas.broken_line(&line, Dash::Dashed, (style::INK, 0.7 * MEDIAN))?;
        }
        Ok(())
    }
}
