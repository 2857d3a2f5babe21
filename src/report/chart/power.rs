use plotters::backend::DrawingBackend;

use super::{
    Chart, ReportError, RunSeries, canvas::Canvas, course_in_words, fan_note, fans, fans::FanPanel, shock_note, style,
};

/// What the network draws, and how well it uses it.
pub(super) struct Power<'a>(pub(super) &'a RunSeries);

impl Chart for Power<'_> {
    fn name(&self) -> &'static str {
        "power"
    }

    fn title(&self) -> &'static str {
        "Power and efficiency"
    }

    fn caption(&self) -> String {
        format!(
            "Above: power at the meter, cooling included, mean of each day. Below: energy per hash of what runs, the \
             ratio of power to hashrate. {}{}",
            fan_note(self.0),
            shock_note(self.0)
        )
    }

    fn alt(&self) -> String {
        format!(
            "Two panels over time. {} {}",
            course_in_words(self.0, "power", &self.0.power.fan.p50, "GW"),
            course_in_words(self.0, "energy per hash", &self.0.efficiency.fan.p50, "J/TH"),
        )
    }

    fn panels(&self) -> usize {
        2
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let Self(run) = self;
        let panels = [
            FanPanel::new("Power", "GW", &run.power, style::POWER),
            FanPanel::new("Energy", "J/TH", &run.efficiency, style::POWER),
        ];
        fans::draw(run, &panels, canvas, title)
    }
}
