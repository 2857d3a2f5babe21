use super::drawn::{drawn_band, drawn_note};
use super::{Figure, Layer, Panel, Part, RunSeries, course_in_words, fan, fan_note, style};
use crate::figure::parts::shortened;

/// Difficulty, and the hashprice that results from it.
pub(super) fn difficulty_and_hashprice(run: &RunSeries) -> Option<Figure<'_>> {
    let (factor, unit) = shortened(&run.difficulty, "");
    let mut difficulty = Panel::new("Difficulty", &unit)
        .said(
            "Difficulty",
            "Difficulty in force. Ticks at the foot: retargets of the first replica, tall where difficulty fell.",
        )
        .of(&["difficulty"]);
    difficulty.layers.extend(drawn_band(run, |drawn| &drawn.difficulty, style::DIFFICULTY).map(Layer::in_steps));
    difficulty.layers.push(fan(run, &run.difficulty, style::DIFFICULTY).in_steps());
    difficulty.factor = factor;
    difficulty.retargets.clone_from(&run.marks.retargets);
    let mut hashprice = Panel::new("Hashprice", "USD/PH/day")
        .said("Hashprice", "Hashprice: the expected revenue of 1 PH/s in a day.")
        .of(&["hashprice_usd_per_ph_day"]);
    hashprice.layers.extend(drawn_band(run, |drawn| &drawn.hashprice, style::HASHPRICE));
    hashprice.layers.push(fan(run, &run.hashprice, style::HASHPRICE));
    let scaled: Vec<f64> = run.difficulty.fan.p50.iter().map(|value| value * factor).collect();
    Some(Figure {
        note: fan_note(run) + drawn_note(run),
        alt: format!(
            "Two panels over time. {} {}",
            course_in_words(run, "difficulty", &scaled, &unit),
            course_in_words(run, "hashprice", &run.hashprice.fan.p50, "USD/PH/day"),
        ),
        panels: vec![difficulty, hashprice],
        ..Figure::over_days(run, "difficulty-and-hashprice", "Difficulty and hashprice", Part::Network)
    })
}
