//! What the posterior predicts of each episode: hashrate epoch by epoch, with the observation in it.

use plotters::backend::DrawingBackend;

use super::{
    CalibrationChart,
    cell::{cells, columns, dot, foot, named_axis, number},
};
use crate::figure::{
    Dash, Weight,
    style::HALF_PALE,
    style::MOST_PALE,
    style::{self, pale},
    svg::{
        MEDIAN,
        axis::ValueAxis,
        canvas::{Align, Canvas},
        frame::{Area, across},
        legend::{self, Entry, Look},
        sheet::{HAIR, TICK, draw_title},
    },
};
use crate::report::{
    ReportError,
    calibration::{Posterior, Predicted},
};

/// Height of a panel, mm.
const HIGH: f64 = 46.0;

pub(super) struct Predictive<'a>(pub(super) &'a Posterior);

impl CalibrationChart for Predictive<'_> {
    fn name(&self) -> &'static str {
        "predictive"
    }

    fn title(&self) -> &'static str {
        "Posterior predictive and observation: hashrate by epoch (EH/s)"
    }

    fn alt(&self) -> String {
        let words = self.0.episodes.iter().map(|episode| {
            let within = |&&(_, seen, [low, .., high]): &&(f64, f64, [f64; 5])| seen >= low && seen <= high;
            let inside = episode.epochs.iter().filter(within).count();
            format!("{}: {inside} of {} observed epochs lie within the 90 % band", episode.name, episode.epochs.len())
        });
        words.collect::<Vec<_>>().join(". ") + "."
    }

    fn height(&self, width: f64, font: f64) -> f64 {
        let rows = self.0.episodes.len().div_ceil(columns(width, self.0.episodes.len()));
        number(rows) * (HIGH + foot(font)) + 5.0 * font
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let episodes = &self.0.episodes;
        let mut top = draw_title(canvas, title)?;
        let entries = vec![
            Entry::new(Look::Line(style::HASHRATE, Dash::Solid, Weight::Full), "median"),
            Entry::new(Look::Area(style::HASHRATE, HALF_PALE), "50 %"),
            Entry::new(Look::Area(style::HASHRATE, MOST_PALE), "90 % of posterior draws"),
            Entry::new(Look::Line(style::INK, Dash::Solid, Weight::Full), "observed"),
        ];
        top = legend::draw(canvas, &entries, (1.2, canvas.width - 1.2), top)? + canvas.font;
        let columns = columns(canvas.width, episodes.len());
        for (episode, area) in episodes.iter().zip(cells(canvas, top, episodes.len(), columns)?) {
            panel(canvas, episode, area)?;
        }
        Ok(())
    }
}

fn panel<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, episode: &Predicted, area: Area) -> Result<(), ReportError> {
    let epochs = &episode.epochs;
    let values = epochs.iter().flat_map(|&(_, seen, [low, .., high])| [seen, low, high]);
    let upright = ValueAxis::over(values.filter(|value| value.is_finite()), 4);
    let widest = upright.labels().map(|label| canvas.width_of(label)).fold(0.0, f64::max);
    let area = Area { left: area.left + widest + TICK + 0.6, ..area };
    let y = |value: f64| area.bottom - upright.share(value) * (area.bottom - area.top);
    for (value, label) in &upright.ticks {
        canvas.line(&[(area.left, y(*value)), (area.right, y(*value))], style::RULE, HAIR)?;
        canvas.text(label, (area.left - TICK - 0.4, y(*value)), Align::Right, style::INK)?;
    }
    let days: Vec<f64> = epochs.iter().map(|(days, ..)| *days).collect();
    let axis = named_axis(canvas, area, &days, &format!("{}: days from its start", episode.name))?;
    let x = |days: f64| across(&axis, days, (area.left, area.right));
    let line = |of: fn(&[f64; 5]) -> f64| -> Vec<(f64, f64)> {
        let known = epochs.iter().filter(|(_, _, quantiles)| of(quantiles).is_finite());
        known.map(|(days, _, quantiles)| (x(*days), y(of(quantiles)))).collect()
    };
    for (low, high, paleness) in [
        (line(|quantiles| quantiles[0]), line(|quantiles| quantiles[4]), MOST_PALE),
        (line(|quantiles| quantiles[1]), line(|quantiles| quantiles[3]), HALF_PALE),
    ] {
        let outline: Vec<(f64, f64)> = low.into_iter().chain(high.into_iter().rev()).collect();
        canvas.fill(&outline, pale(style::HASHRATE, paleness))?;
    }
    canvas.line(&line(|quantiles| quantiles[2]), style::HASHRATE, MEDIAN)?;
    let seen: Vec<(f64, f64)> = epochs.iter().map(|&(days, seen, _)| (x(days), y(seen))).collect();
    canvas.line(&seen, style::INK, 0.6 * MEDIAN)?;
    seen.into_iter().try_for_each(|point| dot(canvas, point, 0.45, style::INK))
}
