use super::{Dash, Figure, Layer, Panel, Part, RunSeries, Shape, Weight, human, if_many, instants, style};

/// Which machines run and which stand idle.
pub(super) fn fleet(run: &RunSeries) -> Option<Figure<'_>> {
    let (stack, places) = (&run.fleet, instants(&run.fleet.times));
    let mut panel = Panel::new("Hashrate", "EH/s").said(
        "Machines on and off, by efficiency",
        format!(
            "Hashrate by efficiency of the machines{}: what runs in full colours, what is installed but off in pale ones \
             above. The efficient stand lowest. Known at the ends of epochs and drawn straight between them.",
            if_many(run, ", mean over replicas")
        ),
    );

    let colour = |place: usize| style::efficiency(place, stack.bins.len());
    let mut running = vec![0.0; stack.times.len()];
    for (place, bin) in stack.bins.iter().enumerate() {
        running.iter_mut().zip(&bin.running).for_each(|(sum, value)| *sum += value);
        panel.layers.push(Layer::new(bin.label(), colour(place), &places, Shape::Stack(bin.running.clone(), false)));
    }
    for (place, bin) in stack.bins.iter().enumerate() {
        let name = format!("{}, off", bin.label());
        let layer = Layer::new(name, colour(place), &places, Shape::Stack(bin.idle.clone(), true));
        panel.layers.push(Layer { together: Some("off"), ..layer });
    }
    let total = Layer::line("", style::INK, &places, running).drawn(Dash::Solid, Weight::Light);
    panel.layers.push(Layer { is_paper_only: true, ..total });
    let ends = stack.bins.iter().filter_map(|bin| {
        let (first, last) = (bin.running.first()?, bin.running.last()?);
        Some(format!("{} from {} to {} EH/s", bin.label(), human(*first), human(*last)))
    });
    let ends = ends.collect::<Vec<_>>().join("; ");
    Some(Figure {
        alt: format!("Stacked hashrate by efficiency over time. Running, from start to end: {ends}."),
        panels: vec![panel],
        ..Figure::over_days(run, "fleet", "Machines on and off, by efficiency", Part::Machines)
    })
}
