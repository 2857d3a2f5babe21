use plotters::backend::DrawingBackend;

use super::{
    Chart, ReportError, RunSeries,
    axis::ValueAxis,
    calendar,
    canvas::{Canvas, Dash},
    layout::{Plot, Sheet, wanted_ticks},
    legend::{Entry, Sign},
    panel::{Course, MEDIAN, MOST_PALE, extent, fan_legend},
    shock_note,
    style::{self, pale},
};
use crate::report::number::human;

/// Which hashprice would bring idle machines back, and how much waits for it.
pub(super) struct RestartLadder<'a>(pub(super) &'a RunSeries);

impl Chart for RestartLadder<'_> {
    fn name(&self) -> &'static str {
        "restart-ladder"
    }

    fn title(&self) -> &'static str {
        "Restart ladder"
    }

    fn caption(&self) -> String {
        let median = if self.0.replicas > 1 { ", medians over replicas" } else { "" };
        format!(
            "Above: hashprice, and the hashprice at which the first tenth, half and nine tenths of the idle hashrate restart{median}. Below: \
             that hashrate: off, and kept off by hashprice alone. Known at the ends of epochs and drawn straight between \
             them.{}",
            shock_note(self.0)
        )
    }

    fn alt(&self) -> String {
        let ladder = &self.0.ladder;
        let most = ladder.restartable.fan.p50.iter().copied().filter(|value| !value.is_nan()).fold(0.0, f64::max);
        let [first, half, most_of_it] = ladder.rungs.each_ref().map(|rung| &rung.fan.p50);
        // The last instant at which any waits.
        let last = half.iter().rposition(|hashprice| hashprice.is_finite());
        let rungs = last.map_or_else(String::new, |last| {
            let at = |values: &[f64]| human(values[last]);
            format!(
                " On {} hashprice is {} USD/PH/day, and a tenth of what waits restarts at {}, half at {}, nine tenths at {}.",
                calendar::day(self.0.grid.times[last]),
                at(&ladder.hashprice.fan.p50),
                at(first),
                at(half),
                at(most_of_it),
            )
        });
        format!("Two panels over time. At most {} EH/s wait for a better hashprice.{rungs}", human(most))
    }

    fn panels(&self) -> usize {
        2
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let Self(run) = self;
        let ladder = &run.ladder;
        let wanted = wanted_ticks(canvas.height, 2, canvas.font);
        let [tenth, half, most] = ladder.rungs.each_ref().map(|rung| rung.fan.p50.as_slice());
        let hashprice = &ladder.hashprice.fan.p50;
        let waiting = pale(style::NEUTRAL, MOST_PALE);
        let mut legend = vec![
            Entry::new(Sign::Line(style::HASHPRICE), "hashprice"),
            Entry::new(Sign::Area(waiting), "10 to 90 % restart"),
            Entry::new(Sign::Broken(style::INK, Dash::Dashed), "half restart"),
        ];
        let of_off = fan_legend(run.replicas, style::HASHRATE);
        legend.extend(of_off.into_iter().map(|Entry { sign, text }| Entry::new(sign, format!("off: {text}"))));
        let prices = tenth.iter().chain(most).chain(hashprice).copied();
        let sheet = Sheet {
            title,
            legend,
            shocks: &run.marks.shocks,
            span: (run.grid.start, run.grid.end()),
            plots: vec![
                Plot::new("Hashprice", "USD/PH/day", ValueAxis::over(prices, wanted)),
                Plot::new("Off", "EH/s", ValueAxis::from_zero(extent(&ladder.restartable), wanted)),
            ],
        };
        let panels = sheet.frame(canvas)?;
        let [above, below] = panels.as_slice() else {
            return Ok(());
        };
        let times = &run.grid.times;
        sheet.mark_shocks(canvas, above)?;
        sheet.mark_shocks(canvas, below)?;
        above.between(canvas, times, (tenth, most, 1.0), Course::Smooth, waiting)?;
        let line = above.points(times, half, 1.0, Course::Smooth);
        canvas.broken_line(&line, Dash::Dashed, (style::INK, 0.7 * MEDIAN))?;
        above.curve(canvas, times, (hashprice, 1.0), Course::Smooth, (style::HASHPRICE, MEDIAN))?;
        below.fan(canvas, times, (&ladder.restartable, 1.0), Course::Smooth, style::HASHRATE)
    }
}
