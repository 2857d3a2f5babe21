use plotters::backend::DrawingBackend;

use super::{
    Chart, ReportError, RunSeries,
    axis::ValueAxis,
    canvas::Canvas,
    course_in_words, fan_note,
    fans::retarget_legend,
    layout::{Plot, Sheet, wanted_ticks},
    legend::{Entry, STRESS_TICK, Sign},
    panel::{Course, THIN, extent, fan_legend},
    shock_note,
    style::{self, pale},
};

/// How far hashrate falls and when it comes back.
pub(super) struct Recovery<'a>(pub(super) &'a RunSeries);

impl Chart for Recovery<'_> {
    fn name(&self) -> &'static str {
        "recovery"
    }

    fn title(&self) -> &'static str {
        "Fall and recovery of hashrate"
    }

    fn caption(&self) -> String {
        let paths = match self.0.hashrate.paths.len() {
            0 | 1 => String::new(),
            several => format!(" Thin lines: the first {several} replicas one by one."),
        };
        format!(
            "Running hashrate of the network. {}{paths} Ticks at the foot: retargets of the first replica, \
             tall where difficulty fell.{}",
            fan_note(self.0),
            shock_note(self.0)
        )
    }

    fn alt(&self) -> String {
        let values = &self.0.hashrate.fan.p50;
        format!("Hashrate over time. {}", course_in_words(self.0, "hashrate", values, "EH/s"))
    }

    fn panels(&self) -> usize {
        1
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let Self(run) = self;
        let several = run.hashrate.paths.len() > 1;
        let thin = pale(style::HASHRATE, 15);
        let mut legend = fan_legend(run.replicas, style::HASHRATE);
        if several {
            legend.push(Entry::new(Sign::Thin(thin), "single replicas"));
        }
        legend.extend(retarget_legend(run));
        let values = extent(&run.hashrate).chain(run.hashrate.paths.iter().flatten().copied());
        let axis = ValueAxis::over(values, wanted_ticks(canvas.height, 1, canvas.font));
        let sheet = Sheet {
            title,
            legend,
            shocks: &run.marks.shocks,
            span: (run.grid.start, run.grid.end()),
            plots: vec![Plot { quantity: "Hashrate", unit: "EH/s".into(), axis, foot: STRESS_TICK + 0.6 }],
        };
        for panel in &sheet.frame(canvas)? {
            let times = &run.grid.times;
            sheet.mark_shocks(canvas, panel)?;
            panel.fan(canvas, times, (&run.hashrate, 1.0), Course::Smooth, style::HASHRATE)?;
            for path in run.hashrate.paths.iter().filter(|_| several) {
                panel.curve(canvas, times, (path, 1.0), Course::Smooth, (thin, THIN))?;
            }
            panel.retargets(canvas, &run.marks.retargets)?;
        }
        Ok(())
    }
}
