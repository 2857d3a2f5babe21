use plotters::{backend::DrawingBackend, style::RGBColor};

use super::{
    Chart, ReportError, RunSeries,
    axis::ValueAxis,
    calendar,
    canvas::{Canvas, Dash, Point},
    frame::{Area, across, axis_across, axis_name, foot_axis, name_below},
    layout::{HAIR, Plot, Sheet, TICK, wanted_ticks},
    legend::{Entry, Sign},
    panel::MEDIAN,
    style,
};
use crate::report::{
    number::human,
    supply::{Supply, chosen},
};

/// The merit order: how much hashrate would run at which hashprice.
pub(super) struct MeritOrder<'a>(pub(super) &'a RunSeries);

/// More dates than looks are not told apart.
const MOST: usize = style::DATES.len();

impl MeritOrder<'_> {
    fn shown(&self) -> Vec<&Supply> {
        let mut shown = chosen(&self.0.supply, &self.0.supply_dates);
        shown.truncate(MOST);
        shown
    }

    fn look(place: usize) -> (RGBColor, Dash) {
        (style::DATES[place], Dash::of(place))
    }
}

/// Cumulative hashrate and break-even, from the cheapest machines on: the corners of the steps.
fn corners(supply: &Supply) -> Vec<(f64, f64)> {
    let mut sum = 0.0;
    let mut corners = Vec::with_capacity(2 * supply.steps.len());
    for step in &supply.steps {
        corners.push((sum, step.break_even));
        sum += step.running + step.idle;
        corners.push((sum, step.break_even));
    }
    corners
}

/// EH/s whose break-even lies below hashprice.
fn in_the_money(supply: &Supply) -> f64 {
    let paid = supply.steps.iter().filter(|step| step.break_even <= supply.hashprice);
    paid.map(|step| step.running + step.idle).sum()
}

impl Chart for MeritOrder<'_> {
    fn name(&self) -> &'static str {
        "merit-order"
    }

    fn title(&self) -> &'static str {
        "Merit order of hashrate"
    }

    fn caption(&self) -> String {
        "Installed hashrate of the first replica, the cheapest to run first, against its break-even: the hashprice that just covers the \
         avoidable cost of running. Thin lines with a ring: hashprice of that day; the ring stands at the hashrate that ran. \
         Machines left of where the lines meet cover their cost; those that run further right bear losses, those that stand idle \
         further left wait. Break-evens are known within 4.5\u{a0}%."
            .into()
    }

    fn alt(&self) -> String {
        let said = self.shown().into_iter().map(|supply| {
            format!(
                "on {} hashprice is {} USD/PH/day, {} EH/s break even at it and {} EH/s run",
                calendar::day(supply.time),
                human(supply.hashprice),
                human(in_the_money(supply)),
                human(supply.running()),
            )
        });
        format!("Break-even against cumulative hashrate: {}.", said.collect::<Vec<_>>().join("; "))
    }

    fn panels(&self) -> usize {
        1
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let shown = self.shown();
        let legend = shown.iter().enumerate().map(|(place, supply)| {
            let (colour, dash) = Self::look(place);
            Entry::new(Sign::Broken(colour, dash), calendar::day(supply.time))
        });
        let legend = legend.chain([Entry::new(Sign::Ring(style::NEUTRAL), "hashprice, and what ran")]).collect();
        let curves: Vec<Vec<(f64, f64)>> = shown.iter().map(|supply| corners(supply)).collect();
        let heights = curves.iter().flatten().map(|&(_, up)| up).chain(shown.iter().map(|supply| supply.hashprice));
        let axis = ValueAxis::over(heights, wanted_ticks(canvas.height, 1, canvas.font));
        let plot = Plot::new("Break-even", "USD/PH/day", axis);
        let sheet = Sheet { title, legend, shocks: &[], span: (0, 1), plots: vec![plot] };
        for panel in &sheet.panels(canvas, (0.0, 1.3 * canvas.font))? {
            let area = Area { left: panel.left, right: panel.right, top: panel.top, bottom: panel.bottom };
            let mut ends: Vec<f64> = curves.iter().flatten().map(|&(along, _)| along).collect();
            ends.push(0.0);
            let foot = axis_across(canvas, &ends, area.right - area.left);
            foot_axis(canvas, &foot, area, area.right, false)?;
            let name = axis_name("Installed hashrate, cheapest first", "EH/s", &foot);
            name_below(canvas, &name, (area.left, area.right), area.bottom + TICK + 2.0 * canvas.font)?;
            canvas.line(&[(area.left, area.top), (area.left, area.bottom)], style::NEUTRAL, 1.5 * HAIR)?;
            let x = |along: f64| across(&foot, along, (area.left, area.right));
            for (place, (supply, curve)) in shown.iter().zip(&curves).enumerate() {
                let (colour, dash) = Self::look(place);
                let line: Vec<Point> = curve.iter().map(|&(along, up)| (x(along), panel.y(up))).collect();
                canvas.broken_line(&line, dash, (colour, MEDIAN))?;
                let level = panel.y(supply.hashprice);
                canvas.broken_line(&[(area.left, level), (area.right, level)], dash, (colour, 0.4 * MEDIAN))?;
            }
            for (place, supply) in shown.iter().enumerate() {
                let at = (x(supply.running()), panel.y(supply.hashprice));
                canvas.ring(at, 0.8, Self::look(place).0, 0.6 * MEDIAN)?;
            }
        }
        Ok(())
    }
}
