use super::orders::{drawn, model};
use crate::{
    declare::{Key, KeyKind, Params, ReadKeys},
    hardware::{Frontier, Machine},
    mechanism::{
        growth::params::{Barrier, BarrierParams, ComingModel, Invest, ModelRef, Offer, PaybackParams},
        wear::params::Ageing,
    },
    scenario::{problem::Problem, section::Section},
    units::{Days, MONTH_DAYS, Seconds},
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

/// Machines that an event puts on sale.
pub struct NewGeneration {
    /// The machine; a machine that is not in the catalogue has the name of its event.
    pub model: ComingModel,
    /// Beginning of sale.
    pub from: Seconds,
    /// USD per TH/s; `None` is the manufacturers' price.
    pub price_usd_per_th: Option<f64>,
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
    let fall = s.number_or(Key::new("frontier_fall_per_year", "Annual reduction of energy per hash of the machines on sale, as a share; with 0 only events bring new generations.").unit("1/year").source("D: 0.10-0.30").uniform(0.1, 0.3, "D").within(0.0, 0.9).usual(0.02, 0.45, "A-64: 0.10-0.30"), 0.20);
    let step = step(s);
    let usd = "Price of the machine on sale at the start, while it is on sale; if absent, the manufacturers' price.";
    let price = s.optional_number(Key::new("price_usd_per_th", usd).unit("USD/(TH/s)").within(0.0, 1e9).usual(
        1.0,
        200.0,
        "A-48, S10: 15-119",
    ));
    let mut offers = offers(s, fleet, (fall, step), run, generations, models);
    if let Some(today) = offers.first_mut() {
        today.price_usd_per_th = price;
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
    let step = step(s);
    let fall = -libm::expm1(-barrier.decline_per_year);
    let offers = offers(s, fleet, (fall, step), run, generations, models);
    BarrierParams { barrier, offers }
}

fn step(s: &mut Section<'_>) -> Seconds {
    Days::new(
        MONTH_DAYS
            * s.number_or(
                Key::new("frontier_step_months", "Time between generations of machines.")
                    .unit("month")
                    .source("D: 18-24")
                    .uniform(18.0, 24.0, "D")
                    .within(0.1, 1200.0)
                    .usual(3.0, 60.0, "A-64: 18-24"),
                21.0,
            ),
    )
    .into()
}

/// The machines on sale: today's machine, the generations that follow it, and the machines of events.
fn offers(
    s: &mut Section<'_>,
    fleet: &[FleetParams],
    (fall_per_year, step): (f64, Seconds),
    run: Days,
    generations: &[NewGeneration],
    models: &mut Vec<ComingModel>,
) -> Vec<Offer> {
    let today = model(s, fleet, models);
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
    let frontier = Frontier { today: machine, fall_per_year, step };
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
