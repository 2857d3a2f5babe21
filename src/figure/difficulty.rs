use plotters::backend::DrawingBackend;

use super::{
    Chart, ReportError, RunSeries,
    canvas::Canvas,
    course_in_words, fan_note, fans,
    fans::FanPanel,
    panel::{Course, extent},
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
            "Above: difficulty in force; ticks at the foot: retargets of the first replica, tall where it fell. Below: hashprice, the expected revenue of 1 PH/s in a day. {}{}",
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
        let difficulty = FanPanel {
            scale: 1.0 / scale,
            course: Course::Step,
            retargets: true,
            ..FanPanel::new("Difficulty", unit, &run.difficulty, style::DIFFICULTY)
        };
        let hashprice = FanPanel::new("Hashprice", "USD/PH/day", &run.hashprice, style::HASHPRICE);
        fans::draw(run, &[difficulty, hashprice], canvas, title)
    }
}
