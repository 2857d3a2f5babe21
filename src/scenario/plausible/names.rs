//! Names that are probably misspelt: a region of a class whose name is close to one that has a table or other sites.

use super::{Seen, warning};
use crate::{
    scenario::{nearest::nearest, problem::Problem},
    world::PopulationParams,
};

/// Warnings about regions whose names are probably misspelt.
pub fn questions(seen: &Seen<'_>) -> Vec<Problem> {
    let PopulationParams::Drawn { classes, .. } = &seen.resolved.scenario.population else { return Vec::new() };
    let tables: Vec<&str> = seen.resolved.scenario.power.regions.iter().map(|region| region.name.as_str()).collect();
    let mut found = Vec::new();
    for class in classes {
        let elsewhere =
            class.regions.iter().map(|(name, _)| (name.as_str(), format!("class.{}.regions.{name}.share", class.name)));
        let own = (class.region.as_str(), format!("class.{}.region", class.name));
        for (name, key) in elsewhere.chain([own]) {
            let Some(place) = seen.place(&key).filter(|_| name != "world" && !tables.contains(&name)) else {
                continue;
            };
            let others = classes.iter().filter(|other| other.name != class.name).map(|other| other.region.as_str());
            let known = tables.iter().copied().chain(["world"]).chain(others.filter(|other| *other != name));
            let Some(meant) = nearest(name, known) else { continue };
            let problem = warning(
                "plausible::region",
                format!("`{name}` is a region of its own, in which only class `{}` has sites", class.name),
            );
            found.push(problem.at(place, format!("is `{meant}` meant?")).help(
                "a region without a table has the season, contract and emissions of no other; events that name another region pass it over",
            ));
        }
    }
    found
}
