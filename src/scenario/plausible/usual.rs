//! Numbers outside the range in which they usually lie.

use super::{Seen, warning};
use crate::{
    declare::{Usual, shown},
    scenario::{
        other_units::meant,
        problem::Problem,
        resolve::ResolvedValue,
        tree::{Place, Value},
    },
    world::PopulationParams,
};

/// One warning for each key that is written with numbers outside its usual range.
pub fn unusual(seen: &Seen<'_>) -> Vec<Problem> {
    let written = seen.resolved.values.iter().filter(|value| value.place.is_some());
    let mut found: Vec<Problem> = written.filter_map(|value| of_key(seen, value)).collect();
    found.extend(listed(seen));
    found
}

fn of_key(seen: &Seen<'_>, value: &ResolvedValue) -> Option<Problem> {
    let usual = value.usual?;
    let mut is_usual = true;
    numbers(&value.value, value.place?, &mut |number, _| is_usual &= usual.holds(number));
    if is_usual {
        return None;
    }
    // The list as it is written has the place of each number.
    let path: Vec<&str> = value.path.iter().map(String::as_str).collect();
    let node = seen.resolved.tree.at(&path)?;
    let mut outside = Vec::new();
    numbers(&node.value, node.place, &mut |number, place| {
        if !usual.holds(number) {
            outside.push((number, place));
        }
    });
    let &(number, place) = outside.first()?;
    let more = outside.len() - 1;
    Some(question(&value.key(), number, Some(place), more, (value.unit, usual), value.doc))
}

/// Visits every number of a value, with its place; of a pair with a date, its number.
fn numbers(value: &Value, place: Place, visit: &mut dyn FnMut(f64, Place)) {
    match value {
        Value::List(items) => items.iter().for_each(|item| numbers(&item.value, item.place, visit)),
        value => {
            if let Some(number) = value.as_number().filter(|number| number.is_finite()) {
                visit(number, place);
            }
        }
    }
}

fn question(
    key: &str,
    number: f64,
    place: Option<Place>,
    more: usize,
    (unit, usual): (&str, Usual),
    doc: &str,
) -> Problem {
    let unit_text = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    let others = if more > 0 { format!(", and {more} more of its numbers") } else { String::new() };
    let message = format!("`{key}` is {}{unit_text}{others}, outside the usual {usual}{unit_text}", shown(number));
    let last = key.rsplit('.').next().unwrap_or(key);
    let other = meant(last, number, unit, |value| usual.holds(value)).map_or_else(String::new, |meant| meant + "; ");
    warning("plausible::unusual", message)
        .at(place, format!("usually {usual}{unit_text}"))
        .help(format!("{other}the range is from {}; the number is run as it is written. {last}: {doc}", usual.source))
}

/// A column gets a warning if a larger share of its rows lies outside the usual range: the ends of a supply curve may do so.
const OUTSIDE: f64 = 0.05;

/// Warnings about the columns of listed miners, whose usual ranges are those of the keys of a class.
fn listed(seen: &Seen<'_>) -> Vec<Problem> {
    let PopulationParams::Listed(rows) = &seen.resolved.scenario.population else { return Vec::new() };
    let place = seen.place("population.csv");
    let column = |name: &str, unit: &str, usual: Usual, doc: &str, of: &dyn Fn(&crate::world::MinerRow) -> f64| {
        let outside: Vec<f64> = rows.iter().map(of).filter(|&number| !usual.holds(number)).collect();
        #[expect(clippy::cast_precision_loss, reason = "rows in memory")]
        let share = outside.len() as f64 / rows.len() as f64;
        let &first = outside.first().filter(|_| share > OUTSIDE)?;
        let key = format!("population.csv: {name}");
        Some(question(&key, first, place, outside.len() - 1, (unit, usual), doc))
    };
    let power =
        column("power_price_usd_per_kwh", "USD/kWh", crate::world::POWER_PRICE, "Power price at the meter.", &|row| {
            row.power_price.get()
        });
    let efficiency = column("efficiency_j_per_th", "J/TH", crate::hardware::EFFICIENCY, "Energy per hash.", &|row| {
        row.efficiency.get()
    });
    power.into_iter().chain(efficiency).collect()
}
