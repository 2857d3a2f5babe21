use crate::{
    declare::{Kinds, ReadKeys as _},
    hardware::{self, Machine, catalogue},
    mechanism::growth::params::{ComingModel, ModelRef, Offer, OrderRule, Orders, OrdersParams, Pace, WrittenOrders},
    scenario::section::Section,
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

/// The machine that the key `machine` names: a part of the fleet, or a machine of the catalogue, which is added to `models`.
pub fn model(s: &Section<'_>, name: &str, fleet: &[FleetParams], models: &mut Vec<ComingModel>) -> ModelRef {
    if let Some(part) = fleet.iter().position(|part| part.name == name) {
        return ModelRef::Fleet(part);
    }
    // A description names no machine, and a name that is missing has been reported.
    if s.is_quiet() || name.is_empty() {
        return ModelRef::Fleet(0);
    }
    let Some(machine) = hardware::find(name) else {
        hardware::refuse_unknown(s, name);
        return ModelRef::Fleet(0);
    };
    coming(models, &machine)
}

/// The machines on sale in the run, from the catalogue.
fn on_sale(s: &Section<'_>, fleet: &[FleetParams], models: &mut Vec<ComingModel>) -> Vec<Offer> {
    // A description names no machine.
    if s.is_quiet() {
        return Vec::new();
    }
    let run = s.run();
    let day = |time: UnixTime| Days::from(time.since(UnixTime::new(0))).get();
    let start = day(run.start);
    let Some(on_sale) = OnSale::of(&catalogue()).filter(|_| run.known) else { return Vec::new() };
    let mut offers: Vec<Offer> = Vec::new();
    for (from, machine) in on_sale.between(start, start + run.days.get()) {
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
pub fn orders(s: &mut Section<'_>, population: &PopulationParams, models: &mut Vec<ComingModel>) -> Option<Orders> {
    let (_, fleet) = drawn(population);
    let found = std::cell::RefCell::new(std::mem::take(models));
    let orders = WrittenOrders::read_kind_with(s, Some("none"), (), |s, orders| {
        let models = &mut *found.borrow_mut();
        let (machine, pace, classes, instalments) = match orders {
            WrittenOrders::None => return None,
            WrittenOrders::Rule(rule) => {
                return Some(Orders::Rule(OrderRule { offers: on_sale(s, fleet, models), ..rule }));
            }
            WrittenOrders::Trend { machine, growth_per_epoch, standard_error, lag, classes, instalments } => {
                (machine, Pace::Trend { growth_per_epoch, standard_error, lag }, classes, instalments)
            }
            WrittenOrders::Schedule { machine, months, classes, instalments } => {
                (machine, Pace::Schedule(months.unwrap_or_default()), classes, instalments)
            }
        };
        let model = model(s, &machine, fleet, models);
        Some(Orders::Outstanding(OrdersParams { model, pace, classes, instalments }))
    });
    *models = found.into_inner();
    orders.flatten()
}
