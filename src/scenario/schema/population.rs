use super::{miner_rows, treasury::treasury};
use crate::{
    declare::{Key, Params, ReadKeys},
    mechanism::treasury::params::TreasuryPolicy,
    power::{Contract, RegionParams},
    scenario::{
        merge::{IN_PLACE_OF_A_FILE, MIX_SHAPE},
        problem::Problem,
        section::Section,
        tree::Place,
    },
    units::Hashrate,
    world::{ClassParams, FleetParams, MinerRow, PopulationParams},
};

/// Maximum number of agents.
const MOST_FIRMS: u64 = 1_000_000;

const CLASS: &str =
    "A class of miners by name: its share of hashrate, and the sizes, costs, finances and rules of its firms.";
const FLEET: &str = "A machine model of the fleet by name, and its share.";

/// Reads `[population]`, `[class.NAME]` and `[fleet.NAME]`.
pub fn population(s: &mut Section<'_>, active: Hashrate, regions: &[RegionParams]) -> PopulationParams {
    let (csv, mix_shape, treasury) = s.optional_table(
        "population",
        "A file of individual miners; or, for drawn miners, how the fleets of firms differ.",
        |s| {
            let csv = s.optional_path(Key::new(
                "csv",
                "A file of miners, with one row for each lot of each firm, which replaces classes and fleet.",
            ));
            let doc = "How individually listed miners sell their coins.";
            if csv.is_some() {
                let treasury = s.optional_table("treasury", doc, |s| treasury(s, "hold"));
                if let Some(entry) = s.entry(MIX_SHAPE) {
                    let message = "`population.mix_shape` is for drawn miners".to_owned();
                    let problem =
                        Problem::new("scenario::unused", message).at(entry.key_place, "there is a `population.csv`");
                    s.report(problem.help("a file specifies each lot"));
                }
                let shape = s.skip(mix_shape);
                return (csv.map(|file| (file, s.place_of("csv"))), shape, treasury);
            }
            if let Some(entry) = s.entry("treasury") {
                let problem =
                    Problem::new("scenario::unused", "`population.treasury` is for miners listed in a file".to_owned());
                s.report(
                    problem
                        .at(entry.key_place, "there is no `population.csv`")
                        .help("classes have their own: `[class.NAME.treasury.KIND]`"),
                );
            }
            let shape = mix_shape(s);
            s.skip(|s| s.optional_table("treasury", doc, |s| treasury(s, "hold")));
            (None, shape, TreasuryPolicy::Hold)
        },
    );
    if let Some((file, place)) = csv {
        listed_alone(s, place);
        s.skip(|s| s.each("class", CLASS, &ClassParams::read));
        s.skip(|s| s.each("fleet", FLEET, &FleetParams::read));
        let rows = miner_rows::rows(s, &file, place, treasury);
        listed_spots(s, &rows, regions);
        return PopulationParams::Listed(rows);
    }
    drawn(s, mix_shape, active, regions)
}

fn mix_shape(s: &mut Section<'_>) -> f64 {
    s.number_or(Key::new(MIX_SHAPE, "Shape of the gamma weights by which a firm's mix of models differs from the fleet's; with a larger shape the mixes are more alike. For drawn miners only.").source("A").positive(1e6).usual(0.2, 10_000.0, "A-10; a large number is alike"), 2.0)
}

/// Reports classes and machines that are written beside `population.csv` and are therefore unused. Merging has already removed classes and machines of the layers below.
fn listed_alone(s: &Section<'_>, csv: Option<Place>) {
    for name in IN_PLACE_OF_A_FILE {
        if let (Some(entry), Some(csv)) = (s.entry(name), csv) {
            let problem =
                Problem::new("scenario::both", format!("`population.csv` and `[{name}.NAME]` are both given"));
            s.report(
                problem
                    .at(csv, "miners listed in a file")
                    .at(entry.key_place, "miners to be drawn")
                    .help("keep either the file, or classes and fleet"),
            );
        }
    }
}

/// Reports a contract at spot in a region without spot prices.
fn needs_spot(s: &Section<'_>, contract: Contract, name: &str, regions: &[RegionParams]) {
    let has_spot = regions.iter().any(|region| region.name == name && region.spot.is_some());
    if contract.needs_spot() && !has_spot {
        let message = format!("sites in `{name}` have contracts at spot, but `[region.{name}.spot]` is missing");
        let problem = Problem::new("scenario::missing", message);
        s.report(problem.at(s.place_of("region"), "no spot prices").help("an empty table takes the defaults"));
    }
}

fn listed_spots(s: &Section<'_>, rows: &[MinerRow], regions: &[RegionParams]) {
    for region in regions {
        let name = region.name.as_str();
        if let Some(contract) = region.contract
            && rows.iter().any(|row| row.region.as_deref() == Some(name))
        {
            needs_spot(s, contract, name, regions);
        }
    }
}

fn drawn(s: &mut Section<'_>, mix_shape: f64, active: Hashrate, regions: &[RegionParams]) -> PopulationParams {
    let mark = s.reading.mark();
    let mut classes = s.each("class", CLASS, &ClassParams::read);
    for class in &mut classes {
        if class.regions.is_empty() && s.place_below(&format!("class.{}.region", class.name)).is_none() {
            let shares = regions.iter().filter(|region| region.share > 0.0);
            class.regions = shares.map(|region| (region.name.clone(), region.share)).collect();
        }
    }
    for class in &classes {
        let of_class = class.regions.iter().map(|(name, _)| name.as_str());
        let rest = class.regions.iter().map(|(_, share)| share).sum::<f64>() < 1.0 - 1e-6;
        for name in of_class.chain(rest.then_some(class.region.as_str())) {
            let of_region = regions.iter().find(|region| region.name == name);
            let contract = of_region.and_then(|region| region.contract).unwrap_or(class.contract);
            needs_spot(s, contract, name, regions);
        }
    }
    let shares = classes.iter().map(|class| (class.share, class.name.as_str()));
    sum_or_missing(s, mark, "class", shares, "shares are fractions of the network's hashrate");
    let mut firms = 0;
    for class in &classes {
        firms += u64::from(class.firms);
        if firms > MOST_FIRMS && s.reading.clean_since(mark) {
            let problem = Problem::new("scenario::range", format!("there are more than {MOST_FIRMS} firms"));
            let place = s.place_below(&format!("class.{}.firms", class.name));
            let place = place.or_else(|| s.place_below(&format!("class.{}", class.name)));
            s.report(
                problem
                    .at(place, format!("{firms} with these"))
                    .help("let an agent stand for several miners with `weight`"),
            );
        }
    }
    let mark = s.reading.mark();
    let fleet = s.each("fleet", FLEET, &FleetParams::read);
    let shares = fleet.iter().map(|part| (part.share, part.name.as_str()));
    sum_or_missing(s, mark, "fleet", shares, "shares are fractions of the network's installed hashrate");
    PopulationParams::Drawn { classes, fleet, mix_shape, active }
}

/// The shares of the tables `[name.NAME]` must add up to 1, and there must be some.
fn sum_or_missing<'n>(
    s: &Section<'_>,
    mark: usize,
    name: &str,
    shares: impl Iterator<Item = (f64, &'n str)>,
    help: &str,
) {
    if !s.reading.clean_since(mark) || s.is_quiet() {
        return;
    }
    let shares: Vec<_> = shares.map(|(share, of)| (share, format!("{name}.{of}.share"))).collect();
    if shares.is_empty() {
        let problem = Problem::new("scenario::missing", format!("there is no `[{name}.NAME]`"));
        s.report(
            problem
                .at(s.place_of(name), "empty")
                .help("miners are drawn from classes and a fleet, or read from `[population] csv`"),
        );
        return;
    }
    s.must_add_up(&format!("{name} shares"), &shares, help);
}
