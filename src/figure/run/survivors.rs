use super::{Arc, Dash, Figure, Layer, Panel, Part, RunSeries, Weight, human, if_many, style};
use crate::report::firms::Tenths;

/// Whose hashrate is left at the end: by power price and by efficiency.
pub(super) fn survivors(run: &RunSeries) -> Option<Figure<'_>> {
    if run.tenths.iter().all(|tenths| tenths.surviving.is_empty()) {
        return None;
    }
    let replicas = if_many(run, ", mean over replicas");
    let orders = [
        ("By power price", "Left, by power price", "the cheapest power"),
        ("By efficiency", "Left, by efficiency", "the most efficient machines"),
    ];
    let panels = orders.iter().zip(&run.tenths).map(|(&(title, axis, first), tenths)| {
        let note = format!(
            "Firms in order of their means at the start, {first} first, each point a tenth of the hashrate of the start{replicas}: the share whose \
             owners go on at the end, and what these firms run then over what they had."
        );
        panel(axis, tenths).said(title, note)
    });
    let ends = |tenths: &Tenths| {
        let [first, last] = [tenths.surviving.first(), tenths.surviving.last()]
            .map(|share| human(100.0 * share.copied().unwrap_or(f64::NAN)));
        format!("{first} percent of the first tenth and {last} percent of the last")
    };
    let names = ("survivors", "Survival by power price and efficiency", Part::Firms);
    Some(Figure {
        alt: format!(
            "Share of the hashrate of the start whose owners go on, in two panels. By power price {}; by efficiency {}.",
            ends(&run.tenths[0]),
            ends(&run.tenths[1])
        ),
        panels: panels.collect(),
        ..Figure::over(run, names, "Tenths of hashrate", "best first")
    })
}

fn panel(axis: &'static str, tenths: &Tenths) -> Panel<'static> {
    let places: Arc<[f64]> = (1..=tenths.surviving.len()).map(count).collect();
    let mut panel = Panel::new(axis, "% of the start")
        .with(Layer::line("owners go on", style::OWNERS, &places, tenths.surviving.clone()))
        .with(Layer::line("runs", style::HASHRATE, &places, tenths.running.clone()).drawn(Dash::Dashed, Weight::Full));
    panel.factor = 100.0;
    panel.holds.extend([0.0, 100.0]);
    panel
}

#[expect(clippy::cast_precision_loss, reason = "ten")]
fn count(place: usize) -> f64 {
    place as f64
}
