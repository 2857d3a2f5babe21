//! Whether the initial price, difficulty and miners fit together: the revenue of hashrate, and the hashrate that would be idle from the first day.

use super::{Seen, percent, rounded, warning};
use crate::units::{ClassId, Column};
use crate::{
    scenario::{Scenario, problem::Problem, tree::Place},
    simulation::Engine,
    world::{PopulationParams, lots::LotKind},
};

/// The population is drawn to find its idle hashrate if it has no more lots than this, which takes less than a second.
const MOST_LOTS: f64 = 1e6;

/// Revenue of an average machine per kWh in the epochs from 2014 to 2023: from 0.05 (2020, 2022) to about 1 USD (end of 2017). Computed as hashprice by
/// epoch (S1, S56) over the mean efficiency of the fleet of the time (S7 and the catalogue); the range is slightly wider.
const REVENUE_USD_PER_KWH: (f64, f64) = (0.03, 1.2);

/// In July 2020 a third of all capacity was idle (S8); no episode is known to have started with a larger share.
const IDLE: f64 = 0.50;
/// A class with a larger idle share probably has other costs than intended.
const IDLE_OF_CLASS: f64 = 0.75;

/// Warnings about the initial state of the miners. None if they cannot be drawn: that is an error, which the drawing itself reports.
pub fn questions(seen: &Seen<'_>) -> Vec<Problem> {
    let scenario = &seen.resolved.scenario;
    if lots(scenario) > MOST_LOTS {
        return Vec::new();
    }
    let Ok(engine) = Engine::new(scenario, false) else { return Vec::new() };
    let Ok(population) = engine.population(0) else { return Vec::new() };
    let hashprice = engine.opening_hashprice(0);
    let lots = &population.lots;
    let classes = population.firms.classes.len();
    let (mut installed, mut idle): (Column<ClassId, f64>, Column<ClassId, f64>) =
        (Column::filled(0.0, classes), Column::filled(0.0, classes));
    let mut power = 0.0;
    for lot in lots.ids() {
        #[expect(clippy::cast_precision_loss, reason = "a lot's MH/s are below 2^53")]
        let hashrate = lots.full_mh[lot] as f64;
        let class = population.firms.class[lots.firm[lot]];
        // The boost of a lot in eco mode is a choice of mode and does not count as idle.
        if lots.kind[lot] == LotKind::Boost {
            continue;
        }
        installed[class] += hashrate;
        power += hashrate * lots.efficiency[lot].get();
        if !population.starts_running(lot, hashprice) {
            idle[class] += hashrate;
        }
    }
    let total: f64 = installed.iter().sum();
    if total <= 0.0 {
        return Vec::new();
    }
    let names = population.firms.classes.iter().map(String::as_str);
    let shares: Vec<(&str, f64)> = names.zip(idle.iter().zip(&installed).map(|(idle, all)| idle / all)).collect();
    let hashprice = hashprice.get();
    let revenue = hashprice / (24.0 * power / total * scenario.power.pue);
    let mut found: Vec<Problem> = earnings(seen, hashprice, revenue).into_iter().collect();
    found.extend(idleness(seen, idle.iter().sum::<f64>() / total, &shares));
    found
}

/// Number of lots of the population.
fn lots(scenario: &Scenario) -> f64 {
    match &scenario.population {
        PopulationParams::Drawn { classes, fleet, .. } => {
            let firms: f64 = classes.iter().map(|class| f64::from(class.firms)).sum();
            firms * fleet.iter().map(|model| if model.eco { 2.0 } else { 1.0 }).sum::<f64>()
        }
        #[expect(clippy::cast_precision_loss, reason = "rows in memory")]
        PopulationParams::Listed(rows) => rows.len() as f64,
    }
}

/// Compares hashprice with what machines usually earn per kWh.
fn earnings(seen: &Seen<'_>, hashprice: f64, revenue: f64) -> Option<Problem> {
    let (low, high) = REVENUE_USD_PER_KWH;
    if (low..=high).contains(&revenue) {
        return None;
    }
    let problem = warning(
        "plausible::hashprice",
        format!(
            "at the start machines earn {} USD/PH/day, or {} USD per kWh at their mean efficiency; usual are {low} to {high} USD per kWh",
            rounded(hashprice),
            rounded(revenue)
        ),
    );
    let follows = if revenue < low {
        "less than nearly all power costs, so that hashrate goes off, or what runs has very cheap power"
    } else {
        "so much that nobody stops, fails or has to sell, and that manufacturers could not keep up"
    };
    let price = seen.resolved.values.iter().find(|value| {
        value.path.first().is_some_and(|part| part == "price") && value.place.is_some() && !value.is_kind
    });
    let key = if seen.value("chain.nbits").is_some() { "chain.nbits" } else { "chain.difficulty" };
    Some(
        problem
            .at(price.and_then(|value| value.place), "the price")
            .at(seen.place(key), "the difficulty")
            .help(format!("{follows}; the range is that of the epochs from 2014 to 2023 (S1, S7, S56)")),
    )
}

/// Hashrate that would be idle from the first day.
fn idleness(seen: &Seen<'_>, share: f64, classes: &[(&str, f64)]) -> Option<Problem> {
    let idle: Vec<&(&str, f64)> = classes.iter().filter(|(_, share)| *share > IDLE_OF_CLASS).collect();
    if share <= IDLE && idle.is_empty() {
        return None;
    }
    let named: Vec<String> =
        idle.iter().take(5).map(|(name, share)| format!("{} of `{name}`", percent(*share))).collect();
    let of = if named.is_empty() { String::new() } else { format!(", {}", named.join(", ")) };
    let mut problem = warning(
        "plausible::idle",
        format!("{} of the hashrate there is stands idle from the first day{of}", percent(share)),
    );
    for (name, share) in idle.into_iter().take(5) {
        problem =
            problem.at(power_price_of(seen, name), format!("{} of it idle at this price of power", percent(*share)));
    }
    Some(problem.help(
        "drawn miners get as many machines that the running ones are the hashrate of the start: idle ones come on top, and come back when hashprice rises; in July 2020 about a third of capacity stood idle (S8)",
    ))
}

fn power_price_of(seen: &Seen<'_>, class: &str) -> Option<Place> {
    seen.place(&format!("class.{class}.power_price_usd_per_kwh")).or_else(|| seen.place("population.csv"))
}
