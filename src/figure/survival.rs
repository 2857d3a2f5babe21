use plotters::backend::DrawingBackend;

use super::{
    Chart, ReportError, RunSeries,
    axis::ValueAxis,
    canvas::{Canvas, Dash},
    layout::{Plot, Sheet, wanted_ticks},
    legend::{Entry, Sign},
    panel::{Course, MEDIAN},
    shock_note,
    style::CLASSES,
};
use crate::report::{firms::Survival, number::human};

/// Which classes of miners fail, and when.
pub(super) struct SurvivalByClass<'a>(pub(super) &'a RunSeries);

impl SurvivalByClass<'_> {
    /// More classes than colours are not told apart: those that fail most are shown.
    fn shown(&self) -> Vec<(usize, &Survival)> {
        let mut places: Vec<(usize, &Survival)> = self.0.survival.iter().enumerate().collect();
        places.sort_by(|one, other| one.1.at_the_end().total_cmp(&other.1.at_the_end()));
        places.truncate(CLASSES.len());
        places.sort_by_key(|&(place, _)| place);
        places
    }
}

impl Chart for SurvivalByClass<'_> {
    fn name(&self) -> &'static str {
        "survival"
    }

    fn title(&self) -> &'static str {
        "Survival by class"
    }

    fn caption(&self) -> String {
        let replicas = if self.0.replicas > 1 { ", mean over replicas" } else { "" };
        let all = self.0.survival.len();
        let nobody = if self.0.survival.iter().all(|survival| survival.at_the_end() >= 1.0) {
            " Here nobody fails: all lines lie on one another."
        } else {
            ""
        };
        let left_out = match all.saturating_sub(CLASSES.len()) {
            0 => String::new(),
            some => format!(" {some} of {all} classes, those that fail least, are left out."),
        };
        format!(
            "Share of the miners of the start that have not failed{replicas}: each firm is counted by the miners that it stood for at the \
             start. A firm, or a part of a cohort, that is liquidated has failed; one that is bought or gives up has not. Known at the ends \
             of epochs and drawn straight between them.{nobody}{left_out}{}",
            shock_note(self.0)
        )
    }

    fn alt(&self) -> String {
        let ends = self.shown().into_iter().map(|(_, survival)| {
            format!("{} {} percent", survival.class.replace('_', " "), human(100.0 * survival.at_the_end()))
        });
        format!("Share of miners not failed over time, by class. At the end: {}.", ends.collect::<Vec<_>>().join(", "))
    }

    fn panels(&self) -> usize {
        1
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let Self(run) = self;
        let shown = self.shown();
        let look = |place: usize| (CLASSES[place % CLASSES.len()], Dash::of(place));
        let legend = shown.iter().map(|&(place, survival)| {
            let (colour, dash) = look(place);
            Entry::new(Sign::Broken(colour, dash), survival.class.replace('_', " "))
        });
        let percents = shown.iter().flat_map(|(_, survival)| &survival.not_failed).map(|share| 100.0 * share);
        // Where hardly anyone fails the axis is not stretched until noise looks like doom.
        let axis = ValueAxis::over(percents.chain([90.0, 100.0]), wanted_ticks(canvas.height, 1, canvas.font));
        let sheet = Sheet {
            title,
            legend: legend.collect(),
            shocks: &run.marks.shocks,
            span: (run.grid.start, run.grid.end()),
            plots: vec![Plot::new("Not failed", "% of miners", axis)],
        };
        let mut times = vec![run.grid.start];
        times.extend(&run.grid.times);
        for panel in &sheet.frame(canvas)? {
            sheet.mark_shocks(canvas, panel)?;
            for &(place, survival) in &shown {
                let (colour, dash) = look(place);
                let line = panel.points(&times, &survival.not_failed, 100.0, Course::Smooth);
                canvas.broken_line(&line, dash, (colour, MEDIAN))?;
            }
        }
        Ok(())
    }
}
