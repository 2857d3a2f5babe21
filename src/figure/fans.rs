//! Charts that are one fan above another.

use plotters::{backend::DrawingBackend, style::RGBColor};

use super::{
    ReportError, RunSeries,
    axis::ValueAxis,
    canvas::{Canvas, Dash},
    layout::{Plot, Sheet, wanted_ticks},
    legend::{EASE_TICK, Entry, STRESS_TICK, Sign},
    panel::{Course, MEDIAN, extent, fan_legend},
    style,
};
use crate::report::series::Band;

/// One panel.
pub(super) struct FanPanel<'a> {
    pub(super) quantity: &'static str,
    pub(super) unit: &'static str,
    pub(super) band: &'a Band,
    /// By which values are multiplied.
    pub(super) scale: f64,
    pub(super) course: Course,
    pub(super) colour: RGBColor,
    /// The median of another band for comparison, in dashes, and its name.
    pub(super) beside: Option<(&'a Band, &'static str)>,
    /// Whether retargets stand at its foot.
    pub(super) retargets: bool,
}

impl<'a> FanPanel<'a> {
    pub(super) fn new(quantity: &'static str, unit: &'static str, band: &'a Band, colour: RGBColor) -> Self {
        Self { quantity, unit, band, scale: 1.0, course: Course::Smooth, colour, beside: None, retargets: false }
    }

    /// Whether replicas differ.
    fn varies(&self) -> bool {
        self.band.fan.p05.iter().zip(&self.band.fan.p95).any(|(low, high)| low < high)
    }

    fn values(&self) -> impl Iterator<Item = f64> {
        let beside = self.beside.iter().flat_map(|(band, _)| &band.fan.p50).copied();
        extent(self.band).chain(beside).map(|value| value * self.scale)
    }
}

/// What a legend says of retargets' ticks.
pub(super) fn retarget_legend(run: &RunSeries) -> Vec<Entry> {
    if run.marks.retargets.is_empty() {
        return Vec::new();
    }
    vec![
        Entry::new(Sign::Tick(style::EASE, EASE_TICK), "difficulty up"),
        Entry::new(Sign::Tick(style::STRESS, STRESS_TICK), "difficulty down"),
    ]
}

/// Draws the panels, the first uppermost.
pub(super) fn draw<DB: DrawingBackend>(
    run: &RunSeries,
    fans: &[FanPanel<'_>],
    canvas: &Canvas<'_, DB>,
    title: Option<&str>,
) -> Result<(), ReportError> {
    let wanted = wanted_ticks(canvas.height, fans.len(), canvas.font);
    let colour = if let [fan] = fans { fan.colour } else { style::NEUTRAL };
    let mut legend = if run.replicas < 2 || fans.iter().any(FanPanel::varies) {
        fan_legend(run.replicas, colour)
    } else {
        vec![Entry::new(Sign::Line(colour), "every replica")]
    };
    let beside = fans.iter().filter_map(|fan| fan.beside);
    legend.extend(beside.map(|(_, name)| Entry::new(Sign::Broken(style::INK, Dash::Dashed), name)));
    if fans.iter().any(|fan| fan.retargets) {
        legend.extend(retarget_legend(run));
    }
    let plots = fans.iter().map(|fan| Plot {
        quantity: fan.quantity,
        unit: fan.unit.into(),
        axis: ValueAxis::over(fan.values(), wanted),
        foot: if fan.retargets { STRESS_TICK + 0.6 } else { 0.0 },
    });
    let sheet = Sheet {
        title,
        legend,
        shocks: &run.marks.shocks,
        span: (run.grid.start, run.grid.end()),
        plots: plots.collect(),
    };
    let times = &run.grid.times;
    for (panel, fan) in sheet.frame(canvas)?.iter().zip(fans) {
        sheet.mark_shocks(canvas, panel)?;
        panel.fan(canvas, times, (fan.band, fan.scale), fan.course, fan.colour)?;
        if let Some((band, _)) = fan.beside {
            let line = panel.points(times, &band.fan.p50, fan.scale, fan.course);
            canvas.broken_line(&line, Dash::Dashed, (style::INK, 0.7 * MEDIAN))?;
        }
        if fan.retargets {
            panel.retargets(canvas, &run.marks.retargets)?;
        }
    }
    Ok(())
}
