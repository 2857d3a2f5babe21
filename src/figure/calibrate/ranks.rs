//! Ranks of truths among their posteriors: even where the sampler is right.

use plotters::backend::DrawingBackend;

use super::{
    CalibrationChart,
    cell::{cells, columns, foot, named_axis, number},
};
use crate::{
    figure::{
        style,
        svg::{
            canvas::{Align, Canvas},
            frame::Area,
            sheet::{HAIR, draw_title},
        },
    },
    report::{
        ReportError,
        calibration::{Ranked, Ranks},
    },
    study::calibrate::RANK_DRAWS,
};

/// Height of a panel, mm.
const HIGH: f64 = 24.0;

/// Half of a 99 % interval, in standard deviations.
const Z: f64 = 2.575_829_303_548_901;

pub(super) struct RankHistograms<'a>(pub(super) &'a Ranks);

impl CalibrationChart for RankHistograms<'_> {
    fn name(&self) -> &'static str {
        "ranks"
    }

    fn title(&self) -> &'static str {
        "Ranks of truths in their posteriors, and the 99 % band of an even histogram"
    }

    fn alt(&self) -> String {
        let words = self.0.parameters.iter().map(|ranked| {
            let bins: Vec<String> = ranked.bins.iter().map(u64::to_string).collect();
            format!("{}: {}, p = {:.3}", ranked.name, bins.join(" "), ranked.p_value)
        });
        words.collect::<Vec<_>>().join(". ") + "."
    }

    fn height(&self, width: f64, font: f64) -> f64 {
        let rows = self.0.parameters.len().div_ceil(columns(width, self.0.parameters.len()));
        number(rows) * (HIGH + foot(font)) + 2.0 * font
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let parameters = &self.0.parameters;
        let top = draw_title(canvas, title)? + canvas.font;
        let columns = columns(canvas.width, parameters.len());
        for (ranked, area) in parameters.iter().zip(cells(canvas, top, parameters.len(), columns)?) {
            panel(canvas, ranked, self.0.truths, area)?;
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "a number of ranks")]
fn panel<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    ranked: &Ranked,
    truths: u64,
    area: Area,
) -> Result<(), ReportError> {
    let bins = number(ranked.bins.len());
    let expected = truths as f64 / bins;
    let half = Z * libm::sqrt(expected * (1.0 - 1.0 / bins));
    let tallest = ranked.bins.iter().map(|&found| found as f64).fold(expected + half, f64::max);
    let y = |count: f64| area.bottom - 0.94 * count.max(0.0) / tallest * (area.bottom - area.top);
    let band = Area { top: y(expected + half), bottom: y(expected - half), ..area };
    canvas.fill(&band.corners(), style::RULE)?;
    let wide = (area.right - area.left) / bins;
    for (place, &found) in ranked.bins.iter().enumerate() {
        let left = area.left + number(place) * wide;
        let bar = Area { left: left + 0.2, right: left + wide - 0.2, top: y(found as f64), bottom: area.bottom };
        if found > 0 {
            canvas.fill(&bar.corners(), style::pale(style::HASHRATE, 40))?;
        }
    }
    canvas.line(&[(area.left, y(expected)), (area.right, y(expected))], style::INK, 2.0 * HAIR)?;
    let note = format!("p = {:.3}", ranked.p_value);
    canvas.text(&note, (area.right - 0.8, area.top + 0.6 * canvas.font), Align::Right, style::INK)?;
    named_axis(canvas, area, &[0.0, number(RANK_DRAWS + 1)], &format!("rank of {}", ranked.name)).map(|_| ())
}
