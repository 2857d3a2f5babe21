use plotters::backend::DrawingBackend;

use super::{
    Chart, ReportError, RunSeries, canvas::Canvas, course_in_words, fan_note, fans, fans::FanPanel, shock_note, style,
};

/// What the network draws, how well it uses it, and what that gives off.
pub(super) struct Power<'a>(pub(super) &'a RunSeries);

impl Chart for Power<'_> {
    fn name(&self) -> &'static str {
        "power"
    }

    fn title(&self) -> &'static str {
        "Power, efficiency and emissions"
    }

    fn caption(&self) -> String {
        format!(
            "Above: power at the meter, cooling included, mean of each day. In the middle: energy at the machine per hash of what \
             runs. Below: CO2 of each day's energy, of each region at its own emission. {}{}",
            fan_note(self.0),
            shock_note(self.0)
        )
    }

    fn alt(&self) -> String {
        format!(
            "Three panels over time. {} {} {}",
            course_in_words(self.0, "power", &self.0.power.fan.p50, "GW"),
            course_in_words(self.0, "energy at the machine per hash", &self.0.efficiency.fan.p50, "J/TH"),
            course_in_words(self.0, "emission", &self.0.co2.fan.p50, "kt of CO2 a day"),
        )
    }

    fn panels(&self) -> usize {
        3
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let Self(run) = self;
        let panels = [
            FanPanel::new("Power", "GW", &run.power, style::POWER),
            FanPanel::new("Efficiency", "J/TH", &run.efficiency, style::POWER),
            FanPanel::new("CO₂", "kt/day", &run.co2, style::EMISSIONS),
        ];
        fans::draw(run, &panels, canvas, title)
    }
}
