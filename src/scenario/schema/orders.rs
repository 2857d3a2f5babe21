use super::{fleet, run::Horizon};
use crate::{
    declare::{Key, KeyKind, Params, ReadKeys},
    hardware::{Lag, Machine, catalogue},
    mechanism::growth::params::{ComingModel, ModelRef, Offer, OrderRule, Orders, OrdersParams, Pace},
    scenario::{problem::Problem, section::Section},
    supply::on_sale::OnSale,
    units::{Days, Seconds, UnixTime},
    world::{ClassParams, FleetParams, PopulationParams},
};

/// The classes and the fleet of drawn miners; listed miners have neither.
pub fn drawn(population: &PopulationParams) -> (&[ClassParams], &[FleetParams]) {
    match population {
        PopulationParams::Drawn { classes, fleet, .. } => (classes, fleet),
        PopulationParams::Listed(_) => (&[], &[]),
    }
}

/// The machine that `machine` names: a part of the fleet, or a machine of the catalogue, which is added to `models`.
pub fn model(s: &mut Section<'_>, fleet: &[FleetParams], models: &mut Vec<ComingModel>) -> ModelRef {
    let mark = s.reading.mark();
    let name = s.text(Key::new(
        "machine",
        "The machine: the name of a part of the fleet (its share may be 0), or of a machine in the catalogue.",
    ));
    if let Some(part) = fleet.iter().position(|part| part.name == name) {
        return ModelRef::Fleet(part);
    }
    // A description names no machine.
    if s.is_quiet() || !s.reading.clean_since(mark) {
        return ModelRef::Fleet(0);
    }
    let Some(machine) = s.reading.machines.find(&name) else {
        fleet::unknown_machine(s, &name);
        return ModelRef::Fleet(0);
    };
    coming(models, &machine)
}

/// The machines on sale in the run, from the catalogue.
fn on_sale(s: &Section<'_>, horizon: &Horizon, fleet: &[FleetParams], models: &mut Vec<ComingModel>) -> Vec<Offer> {
    // A description names no machine.
    if s.is_quiet() {
        return Vec::new();
    }
    let day = |time: UnixTime| Days::from(time.since(UnixTime::new(0))).get();
    let start = day(horizon.start());
    let Some(on_sale) = OnSale::of(&catalogue()).filter(|_| horizon.is_known()) else { return Vec::new() };
    let mut offers: Vec<Offer> = Vec::new();
    for (from, machine) in on_sale.between(start, start + horizon.run.days.get()) {
        let from = Seconds::from(Days::new((from - start).max(0.0)));
        if let Some(before) = offers.last_mut() {
            before.until = from;
        }
        let model = fleet
            .iter()
            .position(|part| part.machine == *machine)
            .map_or_else(|| coming(models, machine), ModelRef::Fleet);
        offers.push(Offer { model, from, until: Seconds::new(f64::INFINITY), price_usd_per_th: None });
    }
    offers
}

/// A machine of the catalogue, which is added to `models` if it is not there.
fn coming(models: &mut Vec<ComingModel>, machine: &Machine) -> ModelRef {
    let coming = ComingModel { name: machine.model.clone(), machine: machine.clone(), eco: false };
    let there = models.iter().position(|known| *known == coming);
    ModelRef::Coming(there.unwrap_or_else(|| {
        models.push(coming);
        models.len() - 1
    }))
}

/// Reads `[orders]`.
pub fn orders(
    s: &mut Section<'_>,
    horizon: &Horizon,
    population: &PopulationParams,
    models: &mut Vec<ComingModel>,
) -> Option<Orders> {
    let (classes, fleet) = drawn(population);
    let found = std::cell::RefCell::new(std::mem::take(models));
    let whose = |s: &mut Section<'_>| {
        let named = s.texts(Key::new("classes", "Classes that ordered; all classes if absent or empty."));
        known_classes(s, "classes", &named, population, classes);
        named
    };
    let orders = s.kind(
        Some("none"),
        &[
            KeyKind { name: "none", doc: "Nothing is on order.", read: &|_| None },
            KeyKind {
                name: "trend",
                doc: "Outstanding orders continue the growth of hashrate in the epochs before the start, for the length of the delivery lag.",
                read: &|s| {
                    let model = model(s, fleet, &mut found.borrow_mut());
                    let growth_per_epoch = s.number(Key::new("growth_per_epoch", "Growth of hashrate per epoch of 14 days before the start, as a share of initial hashrate. It must be known at the start, such as the mean of three epochs.").within(0.0, 1.0).usual(0.0005, 0.3, "S1: at most 0.15 on the mean of four epochs, 2016 to 2023"));
                    let standard_error = s.number_or(Key::new("growth_standard_error", "Standard error of that growth: each replica draws its growth from the normal distribution, and a negative draw counts as 0.").source("design").within(0.0, 1.0).usual(0.0, 0.3, "A-77; S1"), 0.0);
                    let lag = Lag::read(s);
                    let pace = Pace::Trend { growth_per_epoch, standard_error, lag };
                    Some(Orders::Outstanding(OrdersParams { model, pace, classes: whose(s) }))
                },
            },
            KeyKind {
                name: "rule",
                doc: "Orders follow from the revenue per kWh of the best machine on sale, which is that of the catalogue at each date; firms order in proportion to their size.",
                read: &|s| {
                    let offers = on_sale(s, horizon, fleet, &mut found.borrow_mut());
                    Some(Orders::Rule(OrderRule::read_with(s, offers)))
                },
            },
            KeyKind {
                name: "schedule",
                doc: "Deliveries are given month by month.",
                read: &|s| {
                    let model = model(s, fleet, &mut found.borrow_mut());
                    let months = s.optional_numbers(Key::new("eh_per_s_per_month", "Hashrate delivered in each month, beginning at the start.").unit("EH/s").within(0.0, 1e4).usual(0.001, 300.0, "A-48: at most 153 in four epochs of 2025"));
                    if months.is_none() {
                        let problem = Problem::new("scenario::missing", format!("`{}` is missing", s.name_of("eh_per_s_per_month")));
                        s.report(problem.at(s.header(), "in this table").help("a list such as [12.0, 12.0, 8.0], in EH/s"));
                    }
                    let pace = Pace::Schedule(months.unwrap_or_default());
                    Some(Orders::Outstanding(OrdersParams { model, pace, classes: whose(s) }))
                },
            },
        ],
    );
    *models = found.into_inner();
    orders.flatten()
}

/// Reports names of classes that no miner has.
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
