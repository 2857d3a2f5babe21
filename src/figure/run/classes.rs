use super::{Figure, Layer, Panel, Part, RunSeries, Shape, human, if_many, instants, style};

/// Running hashrate of each class of miners.
pub(super) fn by_class(run: &RunSeries) -> Option<Figure<'_>> {
    if run.classes.is_empty() {
        return None;
    }
    let days = instants(&run.grid.times);
    let mut panel = Panel::new("Hashrate", "EH/s").said(
        "Hashrate by class of miners",
        format!(
            "Running hashrate by class of miners{}. Known at the ends of epochs and drawn straight between them.",
            if_many(run, ", mean over replicas")
        ),
    );
    let mut ends = Vec::new();
    for (class, &colour) in run.classes.iter().zip(style::CLASSES.iter().cycle()) {
        let name = class.name.replace('_', " ");
        let mut known = class.running.iter().copied().filter(|value| value.is_finite());
        if let (Some(first), Some(last)) = (known.next(), known.next_back()) {
            ends.push(format!("{name} from {} to {} EH/s", human(first), human(last)));
        }
        panel.layers.push(Layer::new(name, colour, &days, Shape::Stack(class.running.clone(), false)));
    }
    Some(Figure {
        alt: format!("Stacked running hashrate by class over time. From start to end: {}.", ends.join("; ")),
        panels: vec![panel],
        ..Figure::over_days(run, "by-class", "Hashrate by class of miners", Part::Network)
    })
}
