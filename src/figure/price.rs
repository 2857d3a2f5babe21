use plotters::backend::DrawingBackend;

use super::{
    Chart, ReportError, RunSeries, canvas::Canvas, course_in_words, fan_note, fans, fans::FanPanel, panel::extent,
    shock_note, style,
};
use crate::report::number::human;

/// The price, and what miners' sales do to it.
pub(super) struct Price<'a>(pub(super) &'a RunSeries);

impl Price<'_> {
    /// Whether the run is coupled: sales move the price.
    fn is_moved(&self) -> bool {
        extent(&self.0.impact).any(|impact| impact != 0.0)
    }
}

impl Chart for Price<'_> {
    fn name(&self) -> &'static str {
        "price"
    }

    fn title(&self) -> &'static str {
        if self.is_moved() { "Price with and without the impact of sales" } else { "Price" }
    }

    fn caption(&self) -> String {
        let what = if self.is_moved() {
            "Above: price of a coin; dashed, the median of the same runs' price before miners' sales move it. Below: what these \
             sales add to the price."
        } else {
            "Price of a coin. Miners' sales do not move it in this run."
        };
        format!("{what} {}{}", fan_note(self.0), shock_note(self.0))
    }

    fn alt(&self) -> String {
        let price = course_in_words(self.0, "price", &self.0.price.fan.p50, "USD/BTC");
        if !self.is_moved() {
            return format!("Price over time. {price}");
        }
        let lowest = self.0.impact.fan.p05.iter().copied().fold(0.0, f64::min);
        format!("Two panels over time. {price} Sales move the price by {} percent at worst.", human(100.0 * lowest))
    }

    fn panels(&self) -> usize {
        if self.is_moved() { 2 } else { 1 }
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let Self(run) = self;
        let mut panels = vec![FanPanel::new("Price", "USD/BTC", &run.price, style::PRICE)];
        if self.is_moved() {
            panels[0].beside = Some((&run.base_price, "without impact"));
            panels.push(FanPanel::new("Impact", "%", &run.impact, style::STRESS));
        }
        fans::draw(run, &panels, canvas, title)
    }
}
