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
        let mut places: Vec<(usize, &Survival)> = self.0.firms.survival.iter().enumerate().collect();
        let end = |survival: &Survival| survival.shares.last().copied().unwrap_or(1.0);
        places.sort_by(|one, other| end(one.1).total_cmp(&end(other.1)));
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
        let replicas = if self.0.replicas > 1 { ", the firms of all replicas taken together" } else { "" };
        let all = self.0.firms.survival.len();
        let nobody = if self.0.firms.survival.iter().all(|survival| survival.failed <= 0.0) {
            " Here nobody fails: all lines lie on one another."
        } else {
            ""
        };
        let left_out = match all.saturating_sub(CLASSES.len()) {
            0 => String::new(),
            some => format!(" {some} of {all} classes, those that fail least, are left out."),
        };
        format!(
            "Share of miners that have not failed (Kaplan-Meier){replicas}, each counted by the miners that it stands for. A firm that \
             is wound up fails; one that is taken over or closes is followed until then.{nobody}{left_out}{}",
            shock_note(self.0)
        )
    }

    fn alt(&self) -> String {
        let ends = self.shown().into_iter().filter_map(|(_, survival)| {
            let end = survival.shares.last()?;
            Some(format!("{} {} percent", survival.class, human(100.0 * end)))
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
        let percents = shown.iter().flat_map(|(_, survival)| &survival.shares).map(|share| 100.0 * share);
        // Where hardly anyone fails the axis is not stretched until noise looks like doom.
        let axis = ValueAxis::over(percents.chain([90.0, 100.0]), wanted_ticks(canvas.height, 1, canvas.font));
        let sheet = Sheet {
            title,
            legend: legend.collect(),
            shocks: &run.marks.shocks,
            span: (run.grid.start, run.grid.end()),
            plots: vec![Plot::new("Not failed", "% of miners", axis)],
        };
        for panel in &sheet.frame(canvas)? {
            sheet.mark_shocks(canvas, panel)?;
            for &(place, survival) in &shown {
                let (colour, dash) = look(place);
                let line = panel.points(&survival.times, &survival.shares, 100.0, Course::Step);
                canvas.broken_line(&line, dash, (colour, MEDIAN))?;
            }
        }
        Ok(())
    }
}
