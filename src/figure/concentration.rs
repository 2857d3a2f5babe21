use plotters::backend::DrawingBackend;

use super::{
    Chart, ReportError, RunSeries, canvas::Canvas, course_in_words, fan_note, fans, fans::FanPanel, panel::extent,
    shock_note, style,
};

/// In how few hands hashrate is.
pub(super) struct Concentration<'a>(pub(super) &'a RunSeries);

impl Concentration<'_> {
    fn has_top(&self) -> bool {
        extent(&self.0.top5).any(|share| !share.is_nan())
    }
}

impl Chart for Concentration<'_> {
    fn name(&self) -> &'static str {
        "concentration"
    }

    fn title(&self) -> &'static str {
        "Concentration of owners"
    }

    fn caption(&self) -> String {
        let top = if self.has_top() { " Below: share of the five largest owners." } else { "" };
        format!(
            "Herfindahl-Hirschman index of running hashrate by owner: the sum of squared shares, 1 for a single owner and 1/n \
             for n equal ones.{top} Known at the ends of epochs and drawn straight between them. {}{}",
            fan_note(self.0),
            shock_note(self.0)
        )
    }

    fn alt(&self) -> String {
        format!("Concentration over time. {}", course_in_words(self.0, "index", &self.0.hhi.fan.p50, ""))
    }

    fn panels(&self) -> usize {
        if self.has_top() { 2 } else { 1 }
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let mut panels = vec![FanPanel::new("HHI", "0 to 1", &self.0.hhi, style::OWNERS)];
        if self.has_top() {
            panels.push(FanPanel::new("Largest five", "%", &self.0.top5, style::OWNERS));
        }
        fans::draw(self.0, &panels, canvas, title)
    }
}
