use super::fleet;
use crate::{
    hardware::Lag,
    mechanism::growth::params::{ComingModel, ModelRef, OrdersParams, Pace},
    scenario::{
        problem::Problem,
        section::{Kind, Section},
        shape::{KeyPrior, Range},
    },
    units::Days,
    world::{ClassParams, FleetParams, PopulationParams},
};

/// The classes and the fleet of miners that are drawn; none of those given one by one.
pub fn drawn(population: &PopulationParams) -> (&[ClassParams], &[FleetParams]) {
    match population {
        PopulationParams::Drawn { classes, fleet, .. } => (classes, fleet),
        PopulationParams::Listed(_) => (&[], &[]),
    }
}

/// A machine that is on order or on sale, named by `machine`: a part of the fleet, or of the catalogue, which then joins `models`.
pub fn model(s: &mut Section<'_>, fleet: &[FleetParams], models: &mut Vec<ComingModel>) -> ModelRef {
    let mark = s.reading.mark();
    let name = s
        .key("machine", "The machine: a part of the fleet by its name (its share may be 0), or one of the catalogue.")
        .text();
    if let Some(part) = fleet.iter().position(|part| part.name == name) {
        return ModelRef::Fleet(part);
    }
    // What is read only to learn what may be written names no machine.
    if s.is_quiet() || !s.reading.clean_since(mark) {
        return ModelRef::Fleet(0);
    }
    let Some(machine) = s.reading.machines.find(&name) else {
        fleet::unknown_machine(s, &name);
        return ModelRef::Fleet(0);
    };
    let coming = ComingModel { name: machine.model.clone(), machine, eco: false };
    let there = models.iter().position(|known| *known == coming);
    ModelRef::Coming(there.unwrap_or_else(|| {
        models.push(coming);
        models.len() - 1
    }))
}

/// From order to delivery.
pub fn lag(s: &mut Section<'_>) -> Lag {
    let median = s
        .key("lag_days", "Median time from order to delivery.")
        .unit("d")
        .source("A: 30-270")
        .prior(KeyPrior::uniform(30.0, 270.0, "assumed"))
        .range(Range::positive(3650.0))
        .usual(1.0, 540.0, "A-47: 30-270")
        .number_or(90.0);
    let log_sd = s
        .key("lag_log_sd", "Standard deviation of its logarithm.")
        .source("A: 0-0.8")
        .prior(KeyPrior::uniform(0.0, 0.8, "assumed"))
        .range(Range::within(0.0, 3.0))
        .usual(0.0, 1.2, "A-47: 0-0.8")
        .number_or(0.4);
    Lag { median: Days::new(median), log_sd }
}

/// Reads `[orders]`.
pub fn orders(
    s: &mut Section<'_>,
    population: &PopulationParams,
    models: &mut Vec<ComingModel>,
) -> Option<OrdersParams> {
    let (classes, fleet) = drawn(population);
    let found = std::cell::RefCell::new(std::mem::take(models));
    let whose = |s: &mut Section<'_>| {
        let named = s.key("classes", "Classes that ordered; without it, or empty, all.").texts();
        known_classes(s, "classes", &named, population, classes);
        named
    };
    let orders = s.kind(
        Some("none"),
        &[
            Kind { name: "none", doc: "Nothing is on order.", read: &|_| None },
            Kind {
                name: "trend",
                doc: "As many machines are on order as hashrate grew by in the epochs before the start, for as long as orders take to come.",
                read: &|s| {
                    let model = model(s, fleet, &mut found.borrow_mut());
                    let growth_per_epoch = s
                        .key("growth_per_epoch", "Growth of hashrate in an epoch of 14 days before the start, as a share of that of the start: known then, such as the mean of three epochs.")
                        .range(Range::within(0.0, 1.0)).usual(0.0005, 0.3, "S1: at most 0.15 on the mean of four epochs, 2016 to 2023")
                        .number();
                    let standard_error = s
                        .key("growth_standard_error", "Standard error with which that growth is known: each replica draws its own from the normal distribution, and none is below 0.")
                        .source("design")
                        .range(Range::within(0.0, 1.0)).usual(0.0, 0.3, "A-77; S1")
                        .number_or(0.0);
                    let lag = lag(s);
                    Some(OrdersParams { model, pace: Pace::Trend { growth_per_epoch, standard_error, lag }, classes: whose(s) })
                },
            },
            Kind {
                name: "schedule",
                doc: "Machines on order come month by month as given.",
                read: &|s| {
                    let model = model(s, fleet, &mut found.borrow_mut());
                    let months = s
                        .key("eh_per_s_per_month", "Hashrate that comes in each month from the start on.")
                        .unit("EH/s")
                        .range(Range::within(0.0, 1e4)).usual(0.001, 300.0, "A-48: at most 153 in four epochs of 2025")
                        .optional_numbers();
                    if months.is_none() {
                        let problem = Problem::new("scenario::missing", format!("`{}` is missing", s.name_of("eh_per_s_per_month")));
                        s.report(problem.at(s.header(), "in this table").help("a list such as [12.0, 12.0, 8.0], in EH/s"));
                    }
                    Some(OrdersParams { model, pace: Pace::Schedule(months.unwrap_or_default()), classes: whose(s) })
                },
            },
        ],
    );
    *models = found.into_inner();
    orders.flatten()
}

/// Names of classes must be those of miners.
pub fn known_classes(
    s: &Section<'_>,
    key: &str,
    named: &[String],
    population: &PopulationParams,
    classes: &[ClassParams],
) {
    let known: Vec<&str> = match population {
        PopulationParams::Drawn { .. } => classes.iter().map(|class| class.name.as_str()).collect(),
        PopulationParams::Listed(rows) => {
            let mut all: Vec<&str> = rows.iter().map(|row| row.class.as_str()).collect();
            all.sort_unstable();
            all.dedup();
            all
        }
    };
    if let Some(name) = named.iter().find(|name| !known.contains(&name.as_str())) {
        let problem =
            Problem::new("scenario::unknown_name", format!("`{}` names `{name}`, which no miner has", s.name_of(key)));
        s.report(problem.at(s.place_of(key), "unknown").help(format!("there are {}", known.join(", "))));
    }
}
