use plotters::backend::DrawingBackend;

use super::{
    Chart, ReportError, RunSeries,
    axis::ValueAxis,
    canvas::Canvas,
    layout::{HAIR, Plot, Sheet, wanted_ticks},
    legend::{Entry, Sign},
    panel::{Course, Panel},
    shock_note,
    style::{self, efficiency, pale},
};
use crate::report::number::human;

/// Which machines run and which stand idle.
pub(super) struct Fleet<'a>(pub(super) &'a RunSeries);

/// How much paler a machine is that stands idle, percent.
const IDLE_PALE: usize = 55;
/// Thickness of the white stripes over idle machines, mm...
pub(super) const STRIPE: f64 = 0.28;
/// ...and their distance.
pub(super) const STRIPE_EVERY: f64 = 0.9;

impl Fleet<'_> {
    /// The edges between layers from the bottom up: running machines, the most efficient lowest, then idle ones.
    fn edges(&self) -> Vec<Vec<f64>> {
        let stack = &self.0.fleet;
        let mut edges = vec![vec![0.0; stack.times.len()]];
        let running = stack.bins.iter().map(|bin| &bin.running);
        for layer in running.chain(stack.bins.iter().map(|bin| &bin.idle)) {
            let below = edges.last().into_iter().flatten();
            let edge = below.zip(layer).map(|(below, height)| below + height).collect();
            edges.push(edge);
        }
        edges
    }

    fn stripes<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        panel: &Panel,
        (low, high): (&[f64], &[f64]),
    ) -> Result<(), ReportError> {
        let xs: Vec<f64> = self.0.fleet.times.iter().map(|&time| panel.x(time)).collect();
        let (Some(&first), Some(&last)) = (xs.first(), xs.last()) else {
            return Ok(());
        };
        let mut x = first + STRIPE_EVERY;
        while x < last {
            let after = xs.partition_point(|&place| place < x).max(1);
            let share = (x - xs[after - 1]) / (xs[after] - xs[after - 1]);
            let at = |edge: &[f64]| panel.y(edge[after - 1] + share * (edge[after] - edge[after - 1]));
            let (foot, head) = (at(low), at(high));
            if foot - head > 0.1 {
                canvas.line(&[(x, foot), (x, head)], style::PAPER, STRIPE)?;
            }
            x += STRIPE_EVERY;
        }
        Ok(())
    }
}

impl Chart for Fleet<'_> {
    fn name(&self) -> &'static str {
        "fleet"
    }

    fn title(&self) -> &'static str {
        "Machines on and off, by efficiency"
    }

    fn caption(&self) -> String {
        let mean = if self.0.replicas > 1 { ", mean over replicas" } else { "" };
        format!(
            "Hashrate by efficiency of the machines{mean}: running below the dark line, installed but off \
             above it, striped. The efficient stand lowest. Known at the ends of epochs and drawn straight \
             between them.{}",
            shock_note(self.0)
        )
    }

    fn alt(&self) -> String {
        let mut parts = Vec::new();
        for bin in &self.0.fleet.bins {
            if let (Some(&first), Some(&last)) = (bin.running.first(), bin.running.last()) {
                parts.push(format!("{} from {} to {} EH/s", bin.label(), human(first), human(last)));
            }
        }
        format!("Stacked hashrate by efficiency over time. Running, from start to end: {}.", parts.join("; "))
    }

    fn panels(&self) -> usize {
        1
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let Self(run) = self;
        let stack = &run.fleet;
        let count = stack.bins.len();
        let edges = self.edges();
        let colour = |place: usize| efficiency(place, count);
        let mut legend: Vec<Entry> = stack
            .bins
            .iter()
            .enumerate()
            .map(|(place, bin)| Entry::new(Sign::Area(colour(place)), bin.label()))
            .collect();
        legend.push(Entry::new(Sign::Striped(pale(style::NEUTRAL, IDLE_PALE)), "off"));
        let sums = edges.last().into_iter().flatten().copied();
        let axis = ValueAxis::from_zero(sums, wanted_ticks(canvas.height, 1, canvas.font));
        let sheet = Sheet {
            title,
            legend,
            shocks: &run.marks.shocks,
            span: (run.grid.start, run.grid.end()),
            plots: vec![Plot::new("Hashrate", "EH/s", axis)],
        };
        for panel in &sheet.frame(canvas)? {
            for (layer, pair) in edges.windows(2).enumerate() {
                let shade = if layer < count { colour(layer) } else { pale(colour(layer - count), IDLE_PALE) };
                let area = (pair[0].as_slice(), pair[1].as_slice(), 1.0);
                panel.between(canvas, &stack.times, area, Course::Smooth, shade)?;
            }
            for edge in edges.iter().take(count).skip(1) {
                panel.curve(canvas, &stack.times, (edge, 1.0), Course::Smooth, (style::PAPER, HAIR))?;
            }
            if let (Some(low), Some(high)) = (edges.get(count), edges.last()) {
                self.stripes(canvas, panel, (low, high))?;
                panel.curve(canvas, &stack.times, (low, 1.0), Course::Smooth, (style::INK, 0.3))?;
            }
            sheet.mark_shocks(canvas, panel)?;
        }
        Ok(())
    }
}
