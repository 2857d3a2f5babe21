use plotters::backend::DrawingBackend;

use super::{
    Chart, ReportError, RunSeries,
    axis::ValueAxis,
    canvas::Canvas,
    course_in_words, fan_note,
    layout::{Plot, Sheet, wanted_ticks},
    panel::{Course, extent, fan_legend},
    shock_note, style,
};

/// The regulator and what it leaves to a miner.
pub(super) struct DifficultyAndHashprice<'a>(pub(super) &'a RunSeries);

/// The power of a thousand by which difficulty is divided, and its name.
fn scale_of(run: &RunSeries) -> (f64, &'static str) {
    let most = extent(&run.difficulty).filter(|value| value.is_finite()).fold(0.0, f64::max);
    [(1e12, "T, 10¹²"), (1e9, "G, 10⁹"), (1e6, "M, 10⁶")]
        .into_iter()
        .find(|&(scale, _)| most >= scale)
        .unwrap_or((1.0, "1"))
}

impl Chart for DifficultyAndHashprice<'_> {
    fn name(&self) -> &'static str {
        "difficulty-and-hashprice"
    }

    fn title(&self) -> &'static str {
        "Difficulty and hashprice"
    }

    fn caption(&self) -> String {
        format!(
            "Above: difficulty in force. Below: hashprice, the expected revenue of 1 PH/s in a day. {}{}",
            fan_note(self.0),
            shock_note(self.0)
        )
    }

    fn alt(&self) -> String {
        let (scale, unit) = scale_of(self.0);
        let unit = unit.split(',').next().unwrap_or_default();
        let difficulty: Vec<f64> = self.0.difficulty.fan.p50.iter().map(|value| value / scale).collect();
        format!(
            "Two panels over time. {} {}",
            course_in_words(self.0, "difficulty", &difficulty, unit),
            course_in_words(self.0, "hashprice", &self.0.hashprice.fan.p50, "USD/PH/day"),
        )
    }

    fn panels(&self) -> usize {
        2
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let Self(run) = self;
        let (scale, unit) = scale_of(run);
        let wanted = wanted_ticks(canvas.height, 2, canvas.font);
        let sheet = Sheet {
            title,
            legend: fan_legend(run.replicas, style::NEUTRAL),
            shocks: &run.marks.shocks,
            span: (run.grid.start, run.grid.end()),
            plots: vec![
                Plot {
                    quantity: "Difficulty",
                    unit: unit.into(),
                    axis: ValueAxis::over(extent(&run.difficulty).map(|value| value / scale), wanted),
                    foot: 0.0,
                },
                Plot {
                    quantity: "Hashprice",
                    unit: "USD/PH/day".into(),
                    axis: ValueAxis::over(extent(&run.hashprice), wanted),
                    foot: 0.0,
                },
            ],
        };
        let panels = sheet.frame(canvas)?;
        let drawn = [
            (&run.difficulty, 1.0 / scale, Course::Step, style::DIFFICULTY),
            (&run.hashprice, 1.0, Course::Smooth, style::HASHPRICE),
        ];
        for (panel, (band, scale, course, colour)) in panels.iter().zip(drawn) {
            sheet.mark_shocks(canvas, panel)?;
            panel.fan(canvas, &run.grid.times, (band, scale), course, colour)?;
        }
        Ok(())
    }
}
