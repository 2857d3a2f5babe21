use std::{borrow::Cow, sync::Arc};

use super::{Figure, Layer, Panel, Part, RunSeries, Shape, human, style};
use crate::{
    figure::parts::Across,
    report::bands::{Band, Fan},
};

/// What may be unpaid, in the order of [`RunSeries::causes`].
const NAMES: [&str; 3] = ["bills for power, crew and overheads", "interest", "principal of loans"];

/// What the firms that defaulted could not pay; nothing where none defaulted.
pub(super) fn causes(run: &RunSeries) -> Option<Figure<'_>> {
    if run.causes.iter().flatten().all(|share| *share == 0.0) {
        return None;
    }
    let fan = Fan::over(&run.causes, NAMES.len());
    let shares = NAMES.iter().zip(&fan.p50).map(|(name, share)| format!("{name} {} percent", human(*share)));
    let alt = format!("Median of defaulted hashrate by cause: {}.", shares.collect::<Vec<_>>().join("; "));
    let places: Arc<[f64]> = [0.0, 1.0, 2.0].into();
    let shape = Shape::Fan(Cow::Owned(Band { fan, paths: Vec::new() }));
    let mut panel = Panel::new("Defaulted hashrate", "% of that installed at the start")
        .said(
            "Causes of default",
            "Hashrate of firms that defaulted, in proportion to what was due when their arrears began.",
        )
        .with(Layer::new("", style::SOLD_LIQUIDATION, &places, shape));
    // A cause may be absent, which has no place on a logarithmic axis.
    panel.holds.push(0.0);
    let names = NAMES.map(str::to_owned).to_vec();
    Some(Figure {
        part: Part::Firms,
        note: "Median, 50\u{a0}% and 90\u{a0}% bands over replicas.".into(),
        alt,
        replicas: run.replicas,
        ..Figure::new("causes", "What firms that defaulted could not pay", Across::Rows(names), vec![panel])
    })
}
