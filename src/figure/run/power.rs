use super::{Figure, Panel, Part, RunSeries, course_in_words, fan, fan_note, style};

/// Power, efficiency and emissions of the network.
pub(super) fn power(run: &RunSeries) -> Option<Figure<'_>> {
    let panels = vec![
        Panel::new("Power", "GW")
            .said("Power at the meter", "Power at the meter, cooling included, mean of each day.")
            .of(&["power_gw"])
            .with(fan(run, &run.power, style::POWER)),
        Panel::new("Efficiency", "J/TH")
            .said("Efficiency of running machines", "Energy per hash at the machine, of running machines.")
            .of(&["machine_efficiency_j_per_th"])
            .with(fan(run, &run.efficiency, style::POWER)),
        Panel::new("CO₂", "kt/day")
            .said("CO₂ of a day's energy", "CO₂ of each day's energy, of each region at its own emission.")
            .of(&["co2_kt"])
            .with(fan(run, &run.co2, style::EMISSIONS)),
    ];
    Some(Figure {
        note: fan_note(run),
        alt: format!(
            "Three panels over time. {} {} {}",
            course_in_words(run, "power", &run.power.fan.p50, "GW"),
            course_in_words(run, "energy at the machine per hash", &run.efficiency.fan.p50, "J/TH"),
            course_in_words(run, "emission", &run.co2.fan.p50, "kt of CO2 a day"),
        ),
        panels,
        ..Figure::over_days(run, "power", "Power, efficiency and emissions", Part::Machines)
    })
}
