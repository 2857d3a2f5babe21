use super::{Arc, Dash, Figure, Layer, Panel, Part, RunSeries, Shape, Sign, Weight, day, human, style};
use crate::report::supply::{Supply, chosen};

/// The merit order: hashrate that would run at each hashprice.
pub(super) fn merit_order(run: &RunSeries) -> Option<Figure<'_>> {
    // No more dates than distinguishable line styles.
    let shown = chosen(&run.supply, &run.supply_dates).into_iter().take(style::DATES.len());
    let shown: Vec<(&Supply, _, Dash)> =
        shown.enumerate().map(|(place, supply)| (supply, style::DATES[place], Dash::of(place))).collect();
    if shown.is_empty() {
        return None;
    }
    let steps: Vec<(Arc<[f64]>, Vec<f64>)> = shown.iter().map(|(supply, ..)| steps(supply)).collect();
    let end = steps.iter().filter_map(|(sums, _)| sums.last()).copied().fold(0.0, f64::max);
    let mut panel = Panel::new("Break-even", "USD/PH/day").said(
        "Merit order of hashrate",
        "Installed hashrate of the first replica, the cheapest to run first, against its break-even: the hashprice that just covers the \
         avoidable cost of running. Thin lines: hashprice of that day; the ring stands at the hashrate that ran. Machines left of where \
         the lines meet cover their cost; those that run further right bear losses, those that stand idle further left wait. Break-evens \
         are known within 4.5\u{a0}%.",
    );
    for (&(supply, colour, dash), (sums, break_evens)) in shown.iter().zip(steps) {
        let line = Layer::line(day(supply.time), colour, &sums, break_evens).drawn(dash, Weight::Full);
        panel.layers.push(line.in_steps());
    }
    for &(supply, colour, dash) in &shown {
        let name = format!("{}: hashprice", day(supply.time));
        let level = Layer::line(name, colour, &Arc::from([0.0, end]), vec![supply.hashprice; 2]);
        panel.layers.push(Layer { together: Some("hashprice"), ..level.drawn(dash, Weight::Thin) });
    }
    for (supply, colour, _) in &shown {
        let ring = Shape::Points(vec![supply.hashprice], Sign::Ring);
        let name = format!("{}: ran", day(supply.time));
        let layer = Layer::new(name, *colour, &Arc::from([supply.running()]), ring);
        panel.layers.push(Layer { together: Some("what ran"), ..layer });
    }
    let said = shown.iter().map(|(supply, ..)| {
        format!(
            "on {} hashprice is {} USD/PH/day, {} EH/s break even at it and {} EH/s run",
            day(supply.time),
            human(supply.hashprice),
            human(in_the_money(supply)),
            human(supply.running()),
        )
    });
    let names = ("merit-order", "Merit order of hashrate", Part::Network);
    Some(Figure {
        alt: format!("Break-even against cumulative hashrate: {}.", said.collect::<Vec<_>>().join("; ")),
        panels: vec![panel],
        ..Figure::over(run, names, "Installed hashrate, cheapest first", "EH/s")
    })
}

/// Cumulative hashrate, from the cheapest machines on, and the break-even that holds from there.
fn steps(supply: &Supply) -> (Arc<[f64]>, Vec<f64>) {
    let (mut sum, mut sums, mut break_evens) = (0.0, Vec::new(), Vec::new());
    for step in supply.steps.iter().filter(|step| step.running + step.idle > 0.0) {
        sums.push(sum);
        break_evens.push(step.break_even);
        sum += step.running + step.idle;
    }
    sums.push(sum);
    break_evens.extend(break_evens.last().copied());
    sums.truncate(break_evens.len());
    (sums.into(), break_evens)
}

/// Hashrate with a break-even below hashprice, EH/s.
fn in_the_money(supply: &Supply) -> f64 {
    let paid = supply.steps.iter().filter(|step| step.break_even <= supply.hashprice);
    paid.map(|step| step.running + step.idle).sum()
}
