use super::orders::{drawn, model};
use crate::{
    declare::{KeyKind, Params, ReadKeys},
    hardware::{Frontier, Machine},
    mechanism::{
        growth::params::{
            Barrier, BarrierParams, ComingModel, Invest, ModelRef, NewGeneration, Offer, OnSale, OnSaleAtBarrier,
            PaybackParams,
        },
        wear::params::Ageing,
    },
    scenario::{problem::Problem, section::Section},
    units::{Days, Seconds},
    world::{FleetParams, PopulationParams},
};
use std::cell::RefCell;

/// Reads `[ageing]`, without which machines do not wear. Models with their own hazard must be part of the fleet.
pub fn ageing(s: &mut Section<'_>, population: &PopulationParams) -> Ageing {
    let (_, fleet) = drawn(population);
    let ageing = Ageing::read(s);
    let own: Vec<&str> = ageing.failures_by_model.keys().map(String::as_str).collect();
    for name in own.into_iter().filter(|name| !fleet.iter().any(|part| part.name == *name)) {
        let known: Vec<&str> = fleet.iter().map(|part| part.name.as_str()).collect();
        let message = format!("`{}.{name}` names no part of the fleet", s.name_of("model"));
        let problem =
            Problem::new("scenario::unknown_name", message).at(s.place_below(&format!("model.{name}")), "unknown");
        s.report(problem.help(format!("there are {}", known.join(", "))));
    }
    ageing
}

/// Reads `[invest]`.
pub fn invest(
    s: &mut Section<'_>,
    population: &PopulationParams,
    run: Days,
    generations: &[NewGeneration],
    models: &mut Vec<ComingModel>,
) -> Invest {
    let (_, fleet) = drawn(population);
    let found = RefCell::new(std::mem::take(models));
    let invest = s.kind(
        Some("none"),
        &[
            KeyKind { name: "none", doc: "No machines are bought.", read: &|_| Invest::None },
            KeyKind {
                name: "payback",
                doc: "Miners and entrants buy machines that meet the required payback time and are worth their price.",
                read: &|s| Invest::Payback(payback(s, fleet, run, generations, &mut found.borrow_mut())),
            },
            KeyKind {
                name: "barrier",
                doc: "Outsiders buy machines until hashprice is down to a falling barrier (Prat and Walter).",
                read: &|s| Invest::Barrier(barrier(s, fleet, run, generations, &mut found.borrow_mut())),
            },
        ],
    );
    *models = found.into_inner();
    invest.unwrap_or_default()
}

fn payback(
    s: &mut Section<'_>,
    fleet: &[FleetParams],
    run: Days,
    generations: &[NewGeneration],
    models: &mut Vec<ComingModel>,
) -> PaybackParams {
    let OnSale { fall_per_year, step, price_usd_per_th, machine } = OnSale::read(s);
    let today = model(s, &machine, fleet, models);
    let mut offers = offers(s, fleet, (today, fall_per_year, step), run, generations, models);
    if let Some(today) = offers.first_mut() {
        today.price_usd_per_th = price_usd_per_th;
    }
    PaybackParams::read_with(s, offers)
}

fn barrier(
    s: &mut Section<'_>,
    fleet: &[FleetParams],
    run: Days,
    generations: &[NewGeneration],
    models: &mut Vec<ComingModel>,
) -> BarrierParams {
    let barrier = Barrier::read(s);
    let OnSaleAtBarrier { step, machine } = OnSaleAtBarrier::read(s);
    let today = model(s, &machine, fleet, models);
    let fall = -libm::expm1(-barrier.decline_per_year);
    let offers = offers(s, fleet, (today, fall, step), run, generations, models);
    BarrierParams { barrier, offers }
}

/// The machines on sale: today's machine, the generations that follow it, and the machines of events.
fn offers(
    s: &Section<'_>,
    fleet: &[FleetParams],
    (today, fall_per_year, step): (ModelRef, f64, Days),
    run: Days,
    generations: &[NewGeneration],
    models: &mut Vec<ComingModel>,
) -> Vec<Offer> {
    if s.is_quiet() {
        return Vec::new();
    }
    let machine: Machine = match today {
        ModelRef::Fleet(part) => match fleet.get(part) {
            Some(part) => part.machine.clone(),
            None => return Vec::new(),
        },
        ModelRef::Coming(model) => models[model].machine.clone(),
    };
    let eco = matches!(today, ModelRef::Fleet(part) if fleet[part].eco);
    let forever = Seconds::new(f64::INFINITY);
    let offer = |model, from, price_usd_per_th| Offer { model, from, until: forever, price_usd_per_th };
    let mut offers = vec![offer(today, Seconds::ZERO, None)];
    let frontier = Frontier { today: machine, fall_per_year, step: step.into() };
    for (from, machine) in frontier.generations(run) {
        // Manufacturers build only the newest generation.
        if let Some(before) = offers.last_mut() {
            before.until = from;
        }
        models.push(ComingModel { name: machine.model.clone(), machine, eco });
        offers.push(offer(ModelRef::Coming(models.len() - 1), from, None));
    }
    for generation in generations {
        models.push(generation.model.clone());
        offers.push(offer(ModelRef::Coming(models.len() - 1), generation.from, generation.price_usd_per_th));
    }
    offers.sort_by(|a, b| a.from.get().total_cmp(&b.from.get()));
    offers
}
