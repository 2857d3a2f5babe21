use super::{
    calibrate, chain, consolidation, distress, event, invest, loan, observed, orders, population, region, rigs,
    uncertainty,
};
use crate::{
    declare::{Key, Params, ReadKeys},
    market::{ImpactParams, PriceParams},
    mechanism::{
        disruption::RegionalBan,
        growth::params::{Expectations, GrowthParams, Invest, NewGeneration},
        operate::params::OperationParams,
        treasury::params::SettlementParams,
        wear::params::Ageing,
    },
    power::PowerParams,
    scenario::{
        Calibration, Observed, Scenario, Uncertainty,
        nearest::nearest,
        problem::Problem,
        section::{Named, Section},
    },
    simulation::metrics::METRICS,
    units::Days,
    world::{PopulationParams, RunParams},
};

/// Reads a whole scenario, the history that it is scored against, the parameters to be fitted, and the assumptions to be drawn.
pub fn scenario(s: &mut Section<'_>) -> (Scenario, Option<Observed>, Option<Calibration>, Option<Uncertainty>) {
    s.integer(Key::new("format", "Version of the scenario language; this program reads 1.").within(1.0, 1.0));
    let title = s.text(Key::new("title", "Title on charts and reports."));
    let question = s.text_or(Key::new("question", "The question that the scenario is intended to answer."), "");
    let answers = answers(s);
    s.optional_text(Key::new("extends", "A scenario file that this one patches, relative to this file's folder."));
    s.texts(Key::new("sources", "Sources of the numbers, as free text."));
    let mark = s.reading.mark();
    let run = s.table("run", "Length, step, replicas and seed.", RunParams::read);
    s.reading.run.set(run.span(s.reading.clean_since(mark) && !s.is_quiet()));
    let (mut chain, active) = s.table("chain", "The state of the chain at the start, and its rules.", chain::chain);
    let mut price = s.table("price", "The coin's price, before miners' own impact.", PriceParams::read);
    let impact = s.optional_table("impact", "How miners' sales move the price.", ImpactParams::read);
    shock_is_known(s, &impact);
    let mut events = event::events(s);
    price.shocks = std::mem::take(&mut events.shocks);
    chain.fees.spikes = std::mem::take(&mut events.fee_spikes);
    let mark = s.reading.mark();
    let regions = region::regions(s);
    let population = population::population(s, active, &regions);
    let sound = s.reading.clean_since(mark);
    if sound {
        let written: Vec<&str> = regions.iter().map(|region| region.name.as_str()).collect();
        check_names(s, &population, &written);
    }
    let expectations = s.optional_table(
        "expectations",
        "Miners' expectations of hashprice when they run, buy, value, repair or scrap machines.",
        Expectations::read,
    );
    let (discount, drift) = (expectations.discount_per_year, expectations.drift_per_year);
    let operation = s.optional_table("operation", "How lots of machines are run, stopped and restarted.", |s| {
        OperationParams::read_with(s, (discount, drift))
    });
    let mut power = s.optional_table("power", "Power terms common to all sites.", PowerParams::read);
    power.start = run.start;
    power.changes = std::mem::take(&mut events.price_changes);
    power.regions = regions;
    let settlement = s.optional_table(
        "settlement",
        "When bills are paid, and what happens if they cannot be paid.",
        SettlementParams::read,
    );
    let mut growth = GrowthParams { expectations, ..GrowthParams::default() };
    growth.orders = s.optional_table(
        "orders",
        "Machines on order: those of the start, which are paid and delivered whatever happens, or those that follow from revenue.",
        |s| orders::orders(s, &population, &mut growth.models),
    );
    if sound {
        check_names(s, &population, &[]);
    }
    let workout = s.optional_table("distress", "What happens to firms that do not pay.", distress::distress);
    let freezes = std::mem::take(&mut events.freezes);
    let ageing = buying_and_wear(s, &mut growth, &population, (run.days, &events.generations));
    queues_have_deliveries(s, &events.bans, &growth);
    let observed = s.table_if_written(
        "observed",
        "The history against which the scenario is scored; the simulation does not use it.",
        observed::observed,
    );
    let rigs = s.optional_table("rigs", "The market of used machines; for drawn miners.", rigs::rigs);
    if rigs.is_some() {
        drawn_miners_have_the_market(s, &population);
    }
    loan::need_a_market(s, &population, &growth.invest, rigs.is_some());
    let consolidation = s.optional_table("consolidation", "When firms are bought by others.", |s| {
        consolidation::consolidation(s, rigs.is_some())
    });
    let (calibration, uncertainty) = studies(s);
    let scenario = Scenario {
        title,
        question,
        answers,
        run,
        chain,
        price,
        impact,
        population,
        operation,

        power,
        settlement,
        distress: workout,
        freezes,
        rigs,
        consolidation,
        curtailments: events.curtailments,
        growth,
        ageing,
        other_uses: events.other_uses,
        bans: events.bans,
    };
    (scenario, observed, calibration, uncertainty)
}

/// Reads what studies do with the scenario.
fn studies(s: &mut Section<'_>) -> (Option<Calibration>, Option<Uncertainty>) {
    s.reserved("variant", "Patches of this scenario by name, chosen with `--variant` or `--vary variant=A,B`.");
    s.reserved("sweep", "A design of experiments over this scenario.");
    let calibration = s.table_if_written(
        "calibrate",
        "Which parameters `shakeout calibrate` fits, and how; `shakeout run` does not use it.",
        calibrate::calibrate,
    );
    let uncertainty = s.table_if_written(
        "uncertainty",
        "Which assumptions `shakeout run` draws in each replica, for bands that hold ignorance; other commands do not use it.",
        uncertainty::uncertainty,
    );
    (calibration, uncertainty)
}

/// Reports a market of machines for miners that are listed in a file.
fn drawn_miners_have_the_market(s: &Section<'_>, population: &PopulationParams) {
    if matches!(population, PopulationParams::Listed(_)) {
        let problem = Problem::new("scenario::both", "miners listed in a file have no market of machines");
        s.report(problem.at(s.place_of("rigs"), "needs models of machines").help(
            "a row of `population.csv` is a lot, without a model or a number of machines: draw the miners from classes and a fleet, or leave out `[rigs]`",
        ));
    }
}

/// Reports bans whose machines wait for the places of deliveries where nothing is delivered.
fn queues_have_deliveries(s: &Section<'_>, bans: &[RegionalBan], growth: &GrowthParams) {
    if growth.orders.is_some() || growth.invest != Invest::None {
        return;
    }
    for ban in bans.iter().filter(|ban| ban.queues) {
        let key = format!("event.{}.regional_ban.queues", ban.name);
        let problem =
            Problem::new("scenario::alone", format!("`{key}` has machines wait for places that nobody brings"));
        let place = s.place_below(&key);
        s.report(problem.at(place, "nothing is delivered").help(
            "deliveries bring the places: add `[orders]` or `[invest]`, or leave this key out so that the machines return with a half-life",
        ));
    }
}

/// Reports what the paired history shall lack and the scenario does not have.
fn shock_is_known(s: &Section<'_>, impact: &ImpactParams) {
    let written = s.entry("event").and_then(|entry| entry.node.value.as_table());
    // Machines on sale are part of the world of both histories.
    let events = written
        .iter()
        .flat_map(|table| &table.entries)
        .filter(|event| event.node.value.as_table().is_some_and(|kinds| kinds.entry("new_generation").is_none()));
    let known: Vec<String> =
        std::iter::once("price".to_owned()).chain(events.map(|event| format!("event.{}", event.key))).collect();
    for name in impact.shock.iter().filter(|name| !known.contains(name)) {
        let problem =
            Problem::new("scenario::unknown_name", format!("`{name}` cannot be left out of the paired history"));
        s.report(
            problem
                .at(s.place_below("impact.square_root.shock"), "unknown")
                .help(format!("a shock may be {}", known.join(", "))),
        );
    }
}

/// Reports regions and classes that keys name and no miner has; regions may also have a table of their own, which is in `written`.
fn check_names(s: &Section<'_>, population: &PopulationParams, written: &[&str]) {
    let (mut regions, mut classes): (Vec<&str>, Vec<&str>) = match population {
        PopulationParams::Drawn { classes, .. } => {
            let elsewhere = classes.iter().flat_map(|class| &class.regions).map(|(name, _)| name.as_str());
            let regions = classes.iter().map(|class| class.region.as_str()).chain(elsewhere);
            (regions.collect(), classes.iter().map(|class| class.name.as_str()).collect())
        }
        PopulationParams::Listed(rows) => {
            rows.iter().map(|row| (row.region.as_deref().unwrap_or_default(), row.class.as_str())).unzip()
        }
    };
    regions.extend(written);
    for names in [&mut regions, &mut classes] {
        names.sort_unstable();
        names.dedup();
    }
    for Named { names, are_classes, key, place } in s.reading.named.take() {
        let known = if are_classes { &classes } else { &regions };
        let Some(name) = names.iter().find(|name| !known.contains(&name.as_str())) else { continue };
        let problem = Problem::new("scenario::unknown_name", format!("`{key}` names `{name}`, which no miner has"));
        let known: Vec<&str> = known.iter().copied().filter(|name| !name.is_empty()).collect();
        let there = if known.is_empty() {
            "the miners have none".to_owned()
        } else {
            format!("there are {}", known.join(", "))
        };
        s.report(problem.at(place, "unknown").help(there));
    }
}

/// Reads investment and wear.
fn buying_and_wear(
    s: &mut Section<'_>,
    growth: &mut GrowthParams,
    population: &PopulationParams,
    (run, generations): (Days, &[NewGeneration]),
) -> Option<Ageing> {
    growth.invest = s.optional_table("invest", "How machines are bought, and from which manufacturers.", |s| {
        invest::invest(s, population, run, generations, &mut growth.models)
    });
    let doc = "Ageing of machines: if this table is written, machines wear, break, and are repaired or scrapped.";
    s.table_if_written("ageing", doc, |s| invest::ageing(s, population))
}

/// The metrics at the top of the report.
fn answers(s: &mut Section<'_>) -> Vec<String> {
    let written = s.entry("answers").and_then(|entry| entry.node.value.as_list());
    let places: Vec<_> = written.iter().flat_map(|items| items.iter()).map(|item| item.place).collect();
    let doc = "Metrics that answer the question, by name and in order; if absent, the usual ones.";
    let names = s.texts(Key::new("answers", doc).source("A-87"));
    let known = || METRICS.iter().map(|metric| metric.name);
    for (at, name) in names.iter().enumerate().filter(|(_, name)| !known().any(|known| known == **name)) {
        let label =
            nearest(name, known()).map_or_else(|| "unknown".to_owned(), |name| format!("did you mean `{name}`?"));
        s.report(
            Problem::new("scenario::metric", format!("`{name}` is not a metric"))
                .at(places.get(at).copied(), label)
                .help("the columns of replicas.csv, and section 8 of the model in the book, have all of them"),
        );
    }
    names
}
