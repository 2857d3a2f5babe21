use super::{Figure, Panel, Part, RunSeries, course_in_words, fan, fan_note, style};

/// Concentration of hashrate.
pub(super) fn concentration(run: &RunSeries) -> Option<Figure<'_>> {
    let index = Panel::new("HHI", "0 to 1")
        .said(
            "Concentration (Herfindahl-Hirschman)",
            "Herfindahl-Hirschman index of running hashrate by owner, not by pool: the sum of squared shares, 1 for a single owner and 1/n for n equal \
             ones. Known at the ends of epochs and drawn straight between them.",
        )
        .of(&["hhi"])
        .with(fan(run, &run.hhi, style::OWNERS));
    let mut panels = vec![index];
    if run.top5.fan.p50.iter().any(|share| !share.is_nan()) {
        panels.push(
            Panel::new("Largest five", "%")
                .said("The five largest owners", "Share of the five largest owners in running hashrate.")
                .of(&["top5_share"])
                .with(fan(run, &run.top5, style::OWNERS)),
        );
    }
    Some(Figure {
        note: fan_note(run),
        alt: format!("Concentration over time. {}", course_in_words(run, "index", &run.hhi.fan.p50, "")),
        panels,
        ..Figure::over_days(run, "concentration", "Concentration of owners", Part::Firms)
    })
}
