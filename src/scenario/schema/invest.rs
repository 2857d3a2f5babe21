use super::{
    loan,
    orders::{drawn, lag, model},
};
use crate::{
    hardware::{Ageing, Frontier, Machine, Manufacturers},
    mechanism::growth::{
        params::{BarrierParams, ComingModel, Expectations, Invest, ModelRef, Offer, PaybackParams},
        rule::Barrier,
    },
    scenario::{
        problem::Problem,
        section::{Kind, Section},
        shape::{KeyPrior, Range},
    },
    units::{Days, Seconds},
    world::{FleetParams, PopulationParams},
};
use std::{cell::RefCell, collections::BTreeMap};

const MONTH: f64 = 365.25 / 12.0;

/// Reads `[expectations]`.
pub fn expectations(s: &mut Section<'_>) -> Expectations {
    Expectations {
        decline_per_year: s
            .key("decline_per_year", "Rate at which miners expect hashprice to fall between halvings.")
            .unit("1/year")
            .source("D: 0.10-0.45")
            .prior(KeyPrior::uniform(0.1, 0.45, "D"))
            .range(Range::within(0.0, 5.0))
            .usual(0.01, 0.8, "A-52: 0.10-0.45")
            .number_or(0.23),
        adaptive: s
            .key(
                "adaptive",
                "Whether they expect it to fall as difficulty has risen over the last six epochs instead, once six have passed.",
            )
            .source("A")
            .boolean_or(false),
        discount_per_year: s
            .key("discount_per_year", "Rate at which buyers of machines discount.")
            .unit("1/year")
            .source("A: 0.10-0.40")
            .prior(KeyPrior::uniform(0.1, 0.4, "assumed"))
            .range(Range::within(0.0, 10.0))
            .usual(0.03, 0.6, "A-52: 0.10-0.40")
            .number_or(0.20),
        halving_share: s
            .key(
                "halving_share",
                "Share of a halving's fall of the reward, in logarithms, that hashprice is expected to keep.",
            )
            .source("D from S2: 1/(1 + 0.45)")
            .range(Range::within(0.0, 1.0))
            .number_or(0.69),
        life: Days::new(
            s.key("life_years", "How long a machine is reckoned with.")
                .unit("year")
                .source("A: 2-5")
                .prior(KeyPrior::uniform(2.0, 5.0, "assumed"))
                .range(Range::positive(100.0))
                .usual(1.0, 15.0, "A-52, A-50; S3: 5")
                .number_or(3.0)
                * 365.0,
        ),
    }
}

/// Reads `[ageing]`: whether it is written says whether machines wear.
pub fn ageing(s: &mut Section<'_>, population: &PopulationParams) -> Ageing {
    let (_, fleet) = drawn(population);
    let year = 365.0;
    Ageing {
        drift_per_year: s
            .key("drift_per_year", "Growth of energy per hash in a year.")
            .unit("1/year")
            .source("A: 0-0.03")
            .prior(KeyPrior::uniform(0.0, 0.03, "assumed"))
            .range(Range::within(0.0, 1.0))
            .usual(0.001, 0.06, "A-50: 0-0.03")
            .number_or(0.01),
        drift_step: Days::new(
            s.key("drift_step_days", "It is applied in steps this long.")
                .unit("d")
                .source("design")
                .range(Range::within(0.01, 36_500.0))
                .usual(7.0, 730.0, "A-50")
                .number_or(182.0),
        )
        .into(),
        life: Days::new(
            year * s
                .key("life_years", "Machines older are scrapped.")
                .unit("year")
                .source("S3: 5; A")
                .range(Range::positive(100.0))
                .usual(1.0, 15.0, "A-52, A-50; S3: 5")
                .number_or(7.0),
        )
        .into(),
        failures_per_year: s
            .key("failures_per_year", "Hazard of breaking.")
            .unit("1/year")
            .source("S24: 0.03-0.10")
            .prior(KeyPrior::uniform(0.03, 0.1, "S24"))
            .range(Range::within(0.0, 50.0))
            .usual(0.002, 0.6, "A-50, S24: 0.03-0.10; 0.2-0.3 of the S17")
            .number_or(0.05),
        failures_by_model: failures_by_model(s, fleet),
        repair_usd_per_th: s
            .key("repair_usd_per_th", "Cost of repairing a machine.")
            .unit("USD/(TH/s)")
            .source("A: 1-5")
            .prior(KeyPrior::uniform(1.0, 5.0, "assumed"))
            .range(Range::within(0.0, 1e6))
            .usual(0.1, 20.0, "A-51: 1-5")
            .number_or(2.0),
        repair_time: Days::new(
            s.key("repair_days", "How long a repair takes.")
                .unit("d")
                .source("A: 14-90")
                .prior(KeyPrior::uniform(14.0, 90.0, "assumed"))
                .range(Range::within(0.0, 3650.0))
                .usual(1.0, 180.0, "A-51: 14-90")
                .number_or(30.0),
        )
        .into(),
        repair_worth: s
            .key(
                "repair_worth",
                "A repair is made where it costs less than this share of what the machine is worth as it runs.",
            )
            .source("A: 0.2-1")
            .prior(KeyPrior::uniform(0.2, 1.0, "assumed"))
            .range(Range::within(0.0, 100.0))
            .usual(0.02, 2.0, "A-51: 0.2-1")
            .number_or(0.5),
    }
}

fn failures_by_model(s: &mut Section<'_>, fleet: &[FleetParams]) -> BTreeMap<String, f64> {
    let read = |s: &mut Section<'_>| {
        let name = s.last_name().to_owned();
        if !s.is_quiet() && !fleet.iter().any(|part| part.name == name) {
            let problem = Problem::new("scenario::unknown_name", format!("`{}` names no part of the fleet", s.name()));
            let known: Vec<&str> = fleet.iter().map(|part| part.name.as_str()).collect();
            s.report(problem.at(s.header(), "unknown").help(format!("there are {}", known.join(", "))));
        }
        let hazard = s
            .key("failures_per_year", "Hazard of breaking of this model.")
            .unit("1/year")
            .range(Range::within(0.0, 50.0))
            .usual(0.002, 0.6, "A-50, S24: 0.03-0.10; 0.2-0.3 of the S17")
            .number();
        (name, hazard)
    };
    s.each("model", "Models of the fleet with a hazard of their own, by name.", &read).into_iter().collect()
}

/// Machines that come by an event.
pub struct NewGeneration {
    /// The machine, named by its event where it has figures of its own.
    pub model: ComingModel,
    /// From when on it is on sale.
    pub from: Seconds,
    /// USD per TH/s; `None` is the makers' price.
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
            Kind { name: "none", doc: "No machines are bought.", read: &|_| Invest::None },
            Kind {
                name: "payback",
                doc: "Miners and entrants buy machines that pay for themselves in time and are worth their price.",
                read: &|s| Invest::Payback(payback(s, fleet, run, generations, &mut found.borrow_mut())),
            },
            Kind {
                name: "barrier",
                doc: "Outsiders buy as many machines as bring hashprice down to a falling barrier (Prat and Walter).",
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
    let fall = s
        .key("frontier_fall_per_year", "Share by which energy per hash of the machines on sale falls in a year; 0 brings no generations but those of events.")
        .unit("1/year")
        .source("D: 0.10-0.30")
        .prior(KeyPrior::uniform(0.1, 0.3, "D"))
        .range(Range::within(0.0, 0.9)).usual(0.02, 0.45, "A-64: 0.10-0.30")
        .number_or(0.20);
    let step = step(s);
    let usd = "Price of the machine on sale at the start, as long as it is on sale; without it the makers' price.";
    let price = s
        .key("price_usd_per_th", usd)
        .unit("USD/(TH/s)")
        .range(Range::within(0.0, 1e9))
        .usual(1.0, 200.0, "A-48, S10: 15-119")
        .optional_number();
    let mut offers = offers(s, fleet, (fall, step), run, generations, models);
    if let Some(today) = offers.first_mut() {
        today.price_usd_per_th = price;
    }
    let payback = s
        .key("payback_months", "Time within which a machine must have paid for itself.")
        .unit("month")
        .source("S10, S5: 12-36")
        .prior(KeyPrior::uniform(12.0, 36.0, "S10, S5"))
        .range(Range::positive(1200.0))
        .usual(3.0, 84.0, "A-52, S5, S10: 12-36")
        .number_or(24.0);
    let freight_share = s
        .key("freight_share", "Freight and installation, as a share of a machine's price.")
        .source("section 7.15, A")
        .range(Range::within(0.0, 10.0))
        .usual(0.001, 0.2, "A-64")
        .number_or(0.03);
    let reserve_buffers = s
        .key("reserve_buffers", "Cash that is not spent, in buffers; a buffer is `cash_buffer_months`, at least one month of running all machines.")
        .source("section 7.15, A")
        .range(Range::within(0.0, 1000.0)).usual(0.1, 12.0, "A-64")
        .number_or(1.5);
    let lag = lag(s);
    let site_usd_per_mw = s
        .key("site_usd_per_mw", "Cost of building a site.")
        .unit("USD/MW")
        .source("S25: 0.3e6-0.8e6")
        .prior(KeyPrior::uniform(300_000.0, 800_000.0, "S25"))
        .range(Range::within(0.0, 1e9))
        .usual(50_000.0, 3e6, "A-64, S25: 0.3e6-0.8e6")
        .number_or(450_000.0);
    let mut months = |name, doc, default| {
        s.key(name, doc)
            .unit("month")
            .source("A")
            .range(Range::within(0.0, 1200.0))
            .usual(0.5, 48.0, "A-64")
            .number_or(default)
    };
    let least = months("site_months_least", "How long a site takes to build, at least.", 9.0);
    let most = months("site_months_most", "How long a site takes to build, at most.", 12.0);
    PaybackParams {
        payback: Days::new(payback * MONTH),
        freight_share,
        reserve_buffers,
        lag,
        site_usd_per_mw,
        site_lead: ordered(s, ("site_months_least", least), ("site_months_most", most)),
        makers: makers(s),
        offers,
        loan: s.table_if_written(
            "loan",
            "Lenders pay loan_to_value of what machines cost, on a pledge of what the buyer has, where this table is written.",
            loan::for_purchases,
        ),
    }
}

fn makers(s: &mut Section<'_>) -> Manufacturers {
    let mut share = |name, doc, source, default| {
        s.key(name, doc)
            .source(source)
            .range(Range::within(0.0, 100.0))
            .usual(0.005, 2.0, "A-48: 0.03-0.12 a month; 0.5-1.2 of a machine's value")
            .number_or(default)
    };
    Manufacturers {
        share_per_month: share(
            "maker_share_per_month",
            "Most that makers build in a month, as a share of installed hashrate.",
            "D: 0.03-0.12",
            0.08,
        ),
        idle_markup: share(
            "maker_markup_idle",
            "Share of a machine's value that makers ask while their lines stand idle.",
            "A: 0.5-1",
            0.7,
        ),
        full_markup: share("maker_markup_full", "The same while their lines are full.", "A: 0.7-1.2", 1.0),
        floor_eh_per_month: s
            .key("maker_floor_eh_per_month", "What makers can build in a month in any case.")
            .unit("EH/s")
            .source("D: 10-80")
            .prior(KeyPrior::uniform(10.0, 80.0, "D"))
            .range(Range::within(0.0, 1e9))
            .usual(0.01, 300.0, "A-48: 10-80")
            .number_or(40.0),
        build_cost_usd_per_kw: s
            .key(
                "maker_cost_usd_per_kw",
                "Cost of building a machine, by the power it draws; no machine is sold below.",
            )
            .unit("USD/kW")
            .source("A: 200-900")
            .prior(KeyPrior::uniform(200.0, 900.0, "assumed"))
            .range(Range::within(0.0, 1e6))
            .usual(50.0, 2000.0, "A-49: 200-900")
            .number_or(400.0),
    }
}

fn barrier(
    s: &mut Section<'_>,
    fleet: &[FleetParams],
    run: Days,
    generations: &[NewGeneration],
    models: &mut Vec<ComingModel>,
) -> BarrierParams {
    let mut rate = |name, doc, range| {
        let key = s.key(name, doc).unit("1/year").range(range);
        key.usual(-1.0, 1.0, "A-52: 0.10-0.45; assumed beyond").number()
    };
    let decline_per_year =
        rate("decline_per_year", "Rate at which machines get better, and the barrier falls.", Range::within(0.0, 5.0));
    let discount_per_year = rate("discount_per_year", "Discount rate.", Range::positive(10.0));
    let growth_per_year =
        rate("growth_per_year", "Drift of the reward in USD; below the discount rate.", Range::within(-10.0, 10.0));
    let volatility_per_year = s
        .key("volatility_per_year", "Volatility of the reward.")
        .unit("1/sqrt(year)")
        .range(Range::within(0.0, 10.0))
        .usual(0.1, 1.5, "A-44: 0.46-0.96 a year")
        .number();
    let cost_usd_per_ph = s
        .key("cost_usd_per_ph", "Cost of a machine with its place at the start.")
        .unit("USD/(PH/s)")
        .range(Range::within(1e3, 1e12))
        .usual(2_000.0, 1e6, "S10, S25: 15-119 USD/TH and the site")
        .number();
    let running_usd_per_ph_year = s
        .key(
            "running_usd_per_ph_year",
            "Running cost that a machine bought at the start has for ever; those bought later have less.",
        )
        .unit("USD/(PH/s)/year")
        .source("A")
        .range(Range::within(0.0, 1e12))
        .usual(100.0, 3e5, "A-64; assumed: power of 2 to 600 kW")
        .number_or(0.0);
    if growth_per_year >= discount_per_year {
        let problem = Problem::new(
            "scenario::range",
            format!("`{}` is not below the discount rate", s.name_of("growth_per_year")),
        );
        let problem = problem.at(s.place_of("growth_per_year"), format!("must be below {discount_per_year}"));
        s.report(problem.help("a reward that outgrows its discount rate has no finite value, and there is no barrier"));
    }
    let step = step(s);
    let fall = -libm::expm1(-decline_per_year);
    let offers = offers(s, fleet, (fall, step), run, generations, models);
    let barrier = Barrier {
        discount_per_year,
        growth_per_year,
        volatility_per_year,
        decline_per_year,
        cost_usd_per_ph,
        running_usd_per_ph_year,
    };
    BarrierParams { barrier, offers }
}

fn step(s: &mut Section<'_>) -> Seconds {
    Days::new(
        MONTH
            * s.key("frontier_step_months", "Time between generations of machines.")
                .unit("month")
                .source("D: 18-24")
                .prior(KeyPrior::uniform(18.0, 24.0, "D"))
                .range(Range::within(0.1, 1200.0))
                .usual(3.0, 60.0, "A-64: 18-24")
                .number_or(21.0),
    )
    .into()
}

/// What is on sale: today's machine, the generations that follow it, and those that events bring.
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
        // Makers build the newest only.
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

/// Two times in months, the first not above the second.
pub fn ordered(s: &Section<'_>, (low, least): (&str, f64), (high, most): (&str, f64)) -> (Days, Days) {
    if least > most {
        let problem = Problem::new("scenario::order", format!("`{}` is above `{}`", s.name_of(low), s.name_of(high)));
        s.report(problem.at(s.place_of(low), format!("above {most}")).help("the least cannot be more than the most"));
    }
    (Days::new(least * MONTH), Days::new(most * MONTH))
}
