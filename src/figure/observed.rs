use plotters::{backend::DrawingBackend, style::RGBColor};

use super::{
    Chart, ReportError, RunSeries,
    axis::ValueAxis,
    canvas::Canvas,
    fan_note,
    layout::{Plot, Sheet, wanted_ticks},
    legend::{Entry, Sign},
    panel::{Course, MEDIAN, extent, fan_legend},
    shock_note, style,
};
use crate::report::{number::human, observed::ObservedEpoch};

/// What happened, inside what was simulated.
pub(super) struct Observed<'a>(pub(super) &'a RunSeries);

const INK: RGBColor = style::INK;
/// Of the ring in the middle of an epoch, mm.
const RADIUS: f64 = 0.6;

impl Observed<'_> {
    fn epochs(&self) -> &[ObservedEpoch] {
        &self.0.observed
    }

    /// How many epochs' hashrate lies in the 90 % band at their middle, and of how many.
    fn inside(&self) -> (usize, usize) {
        let fan = &self.0.hashrate.fan;
        let held = self.epochs().iter().filter_map(|epoch| {
            let cell = self.0.grid.cell(epoch.middle())?;
            Some((fan.p05[cell]..=fan.p95[cell]).contains(&epoch.hashrate_eh_per_s))
        });
        held.fold((0, 0), |(inside, all), is_inside| (inside + usize::from(is_inside), all + 1))
    }
}

impl Chart for Observed<'_> {
    fn name(&self) -> &'static str {
        "observed"
    }

    fn title(&self) -> &'static str {
        "Observed and simulated hashrate"
    }

    fn caption(&self) -> String {
        let (inside, all) = self.inside();
        format!(
            "Simulated: running hashrate. {} Observed (steps, rings at their middles): mean of each difficulty epoch, \
             inferred from its difficulty and duration, hence with the noise of 2016 random blocks, 2.2\u{a0}%. In the middle of its \
             epoch the observed mean lies inside the 90\u{a0}% band in {inside} of {all} epochs.{}",
            fan_note(self.0),
            shock_note(self.0)
        )
    }

    fn alt(&self) -> String {
        let (inside, all) = self.inside();
        let hashrates = || self.epochs().iter().map(|epoch| epoch.hashrate_eh_per_s);
        format!(
            "Hashrate over time, observed and simulated. Observed epochs lie between {} and {} EH/s; {inside} of {all} \
             are inside the simulated 90\u{a0}% band.",
            human(hashrates().fold(f64::INFINITY, f64::min)),
            human(hashrates().fold(0.0, f64::max)),
        )
    }

    fn panels(&self) -> usize {
        1
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let Self(run) = self;
        let mut legend = vec![Entry::new(Sign::Ring(INK), "observed")];
        legend.extend(fan_legend(run.replicas, style::HASHRATE));
        let values = extent(&run.hashrate).chain(self.epochs().iter().map(|epoch| epoch.hashrate_eh_per_s));
        let axis = ValueAxis::over(values, wanted_ticks(canvas.height, 1, canvas.font));
        let span = (run.grid.start, run.grid.end());
        let sheet =
            Sheet { title, legend, shocks: &run.marks.shocks, span, plots: vec![Plot::new("Hashrate", "EH/s", axis)] };
        for panel in &sheet.frame(canvas)? {
            sheet.mark_shocks(canvas, panel)?;
            panel.fan(canvas, &run.grid.times, (&run.hashrate, 1.0), Course::Smooth, style::HASHRATE)?;
            let mut steps = Vec::new();
            for epoch in self.epochs() {
                let y = panel.y(epoch.hashrate_eh_per_s);
                let within = |time: i64| panel.x(time.clamp(span.0, span.1));
                steps.extend([(within(epoch.start), y), (within(epoch.end), y)]);
            }
            canvas.line(&steps, INK, 0.6 * MEDIAN)?;
            for epoch in self.epochs().iter().filter(|epoch| (span.0..=span.1).contains(&epoch.middle())) {
                let place = (panel.x(epoch.middle()), panel.y(epoch.hashrate_eh_per_s));
                canvas.ring(place, RADIUS, INK, 0.5 * MEDIAN)?;
            }
        }
        Ok(())
    }
}
