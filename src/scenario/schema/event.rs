use super::{
    event_power, fleet,
    invest::{NewGeneration, ordered},
    run::Horizon,
};
use crate::{
    chain::FeeSpike,
    market::PriceShock,
    mechanism::{
        disruption::{Curtailment, RegionalBan},
        growth::params::{ComingModel, OtherUse},
    },
    power::PriceChange,
    scenario::{
        problem::Problem,
        section::{Kind, Section},
        shape::Range,
        tree::Place,
    },
    units::{Days, Seconds},
    world::{PopulationParams, lenders::CreditFreeze},
};

/// What a price can be multiplied by.
pub const FACTOR: Range = Range::within(1e-3, 1e3);

/// What can happen.
enum Event {
    PriceShock(PriceShock),
    FeeSpike(FeeSpike),
    Curtailment(Curtailment),
    PriceChange(PriceChange),
    RegionalBan(RegionalBan),
    NewGeneration(NewGeneration),
    OtherUse(OtherUse),
    CreditFreeze(CreditFreeze),
}

/// Whom an event concerns, as written: the names can be checked once the miners are read.
pub struct Scope {
    pub regions: Vec<String>,
    pub classes: Vec<String>,
    /// Names, whether they are of classes, and the key that has them with its place.
    named: Vec<(Vec<String>, bool, String, Option<Place>)>,
}

impl Scope {
    /// Regions alone, by the keys that name them.
    pub fn of_regions(s: &Section<'_>, keys: [(&str, &Vec<String>); 2]) -> Self {
        let named = keys.map(|(key, names)| (names.clone(), false, s.name_of(key), s.place_of(key)));
        Self { regions: keys[0].1.clone(), classes: Vec::new(), named: named.to_vec() }
    }
}

/// All events, by what they act on; each in order of time.
#[derive(Default)]
pub struct Events {
    /// On the price.
    pub shocks: Vec<PriceShock>,
    /// On fees.
    pub fee_spikes: Vec<FeeSpike>,
    /// On machines.
    pub curtailments: Vec<Curtailment>,
    /// On prices of power.
    pub price_changes: Vec<PriceChange>,
    /// On machines in some regions.
    pub bans: Vec<RegionalBan>,
    /// Machines that come on sale.
    pub generations: Vec<NewGeneration>,
    /// On sites.
    pub other_uses: Vec<OtherUse>,
    /// On lenders.
    pub freezes: Vec<CreditFreeze>,
    scopes: Vec<Scope>,
}

impl Events {
    /// Regions and classes that events name must be among those of the miners, or have a table of their own, even if nobody mines there.
    pub fn check_names(&self, s: &Section<'_>, population: &PopulationParams, written: &[&str]) {
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
        for (wanted, are_classes, key, place) in self.scopes.iter().flat_map(|scope| &scope.named) {
            let known = if *are_classes { &classes } else { &regions };
            let Some(name) = wanted.iter().find(|name| !known.contains(&name.as_str())) else { continue };
            let problem = Problem::new("scenario::unknown_name", format!("`{key}` names `{name}`, which no miner has"));
            let known: Vec<&str> = known.iter().copied().filter(|name| !name.is_empty()).collect();
            let there = if known.is_empty() {
                "the miners have none".to_owned()
            } else {
                format!("there are {}", known.join(", "))
            };
            s.report(problem.at(*place, "unknown").help(there));
        }
    }
}

/// Reads every `[event.NAME]`; those that are switched off are checked and left out.
pub fn events(s: &mut Section<'_>, horizon: &Horizon) -> Events {
    let doc =
        "What happens, when, by name: `enabled`, and one table named by its kind, as in [event.covid.price_shock].";
    let mut events = Events::default();
    for (event, scope) in s.each("event", doc, &|s| event(s, horizon)).into_iter().flatten() {
        match event {
            Event::PriceShock(shock) => events.shocks.push(shock),
            Event::FeeSpike(spike) => events.fee_spikes.push(spike),
            Event::Curtailment(curtailment) => events.curtailments.push(curtailment),
            Event::PriceChange(change) => events.price_changes.push(change),
            Event::RegionalBan(ban) => events.bans.push(ban),
            Event::NewGeneration(generation) => events.generations.push(generation),
            Event::OtherUse(usage) => events.other_uses.push(usage),
            Event::CreditFreeze(freeze) => events.freezes.push(freeze),
        }
        events.scopes.extend(scope);
    }
    events.shocks.sort_by(|a, b| a.at.get().total_cmp(&b.at.get()));
    events.fee_spikes.sort_by(|a, b| a.at.get().total_cmp(&b.at.get()));
    events.curtailments.sort_by(|a, b| a.at.get().total_cmp(&b.at.get()));
    events.bans.sort_by(|a, b| a.at.get().total_cmp(&b.at.get()));
    events.other_uses.sort_by(|a, b| a.at.get().total_cmp(&b.at.get()));
    events
}

fn event(s: &mut Section<'_>, horizon: &Horizon) -> Option<(Event, Option<Scope>)> {
    let name = s.last_name().to_owned();
    let enabled = s.key("enabled", "Whether it happens at all.").source("design").boolean_or(true);
    let event = s.kind(
        None,
        &[
            Kind {
                name: "price_shock",
                doc: "The price is multiplied by a factor, for good or for a while.",
                read: &|s| (Event::PriceShock(price_shock(s, horizon, &name, enabled)), None),
            },
            Kind {
                name: "curtailment",
                doc: "Machines are forced off at once whatever their rule, for good or for a while: a ban, a storm, a call of the grid.",
                read: &|s| {
                    let (curtailment, scope) = curtailment(s, horizon, &name, enabled);
                    (Event::Curtailment(curtailment), Some(scope))
                },
            },
            Kind {
                name: "power_price_drift",
                doc: "Power becomes dearer or cheaper from one date to another, for good.",
                read: &|s| price_change(event_power::drift(s, horizon, &name, enabled)),
            },
            Kind {
                name: "power_price_shock",
                doc: "Power becomes dearer or cheaper at once, for good or for a while.",
                read: &|s| price_change(event_power::shock(s, horizon, &name, enabled)),
            },
            Kind {
                name: "tariff",
                doc: "A tax or a tariff on the power that is delivered, from a date on.",
                read: &|s| price_change(event_power::tariff(s, horizon, &name, enabled)),
            },
            Kind {
                name: "regional_ban",
                doc: "Mining is banned in some regions: sites close, and most of their machines come back later, covertly or elsewhere.",
                read: &|s| {
                    let (ban, scope) = event_power::ban(s, horizon, &name, enabled);
                    (Event::RegionalBan(ban), Some(scope))
                },
            },
            Kind {
                name: "credit_freeze",
                doc: "Lenders pay out nothing new for a while; loans that run go on.",
                read: &|s| (Event::CreditFreeze(credit_freeze(s, horizon, enabled)), None),
            },
            Kind {
                name: "fee_spike",
                doc: "Fees of a block rise by so much, fade, and end: a rush for block space.",
                read: &|s| (Event::FeeSpike(fee_spike(s, horizon, &name, enabled)), None),
            },
            Kind {
                name: "new_generation",
                doc: "A new machine comes on sale, where machines are bought (`[invest]`).",
                read: &|s| (Event::NewGeneration(new_generation(s, horizon, &name, enabled)), None),
            },
            Kind {
                name: "other_use",
                doc: "Tenants want sites for another use than mining, and take them as it pays their owners.",
                read: &|s| {
                    let (usage, scope) = other_use(s, horizon, &name, enabled);
                    (Event::OtherUse(usage), Some(scope))
                },
            },
        ],
    );
    event.filter(|_| enabled)
}

fn price_change((change, scope): (PriceChange, Scope)) -> (Event, Option<Scope>) {
    (Event::PriceChange(change), Some(scope))
}

fn price_shock(s: &mut Section<'_>, horizon: &Horizon, name: &str, enabled: bool) -> PriceShock {
    let at = at(s, horizon, enabled);
    let factor = s
        .key("factor", "What the price is multiplied by.")
        .range(FACTOR)
        .usual(0.1, 10.0, "S56: the price fell by at most 84 % from 2013 to 2023, over a year; assumed above")
        .number();
    let half_life = s
        .key("half_life_days", "Days after which half of the change is undone; without it it stays.")
        .unit("d")
        .range(Range::positive(36_500.0))
        .usual(1.0, 3650.0, "assumed")
        .optional_number();
    PriceShock { name: name.to_owned(), at, factor, half_life: half_life.map(|days| Days::new(days).into()) }
}

fn credit_freeze(s: &mut Section<'_>, horizon: &Horizon, enabled: bool) -> CreditFreeze {
    let at = at(s, horizon, enabled);
    let days =
        s.key("days", "How long.").unit("d").range(Range::positive(36_500.0)).usual(0.25, 3650.0, "assumed").number();
    CreditFreeze { at, until: at + Seconds::from(Days::new(days)) }
}

fn fee_spike(s: &mut Section<'_>, horizon: &Horizon, name: &str, enabled: bool) -> FeeSpike {
    let at = at(s, horizon, enabled);
    let btc_per_block = s
        .key("btc_per_block", "What it adds to the fees of a block at first.")
        .unit("BTC")
        .range(Range::within(0.0, 1e6))
        .usual(0.01, 20.0, "S56: at most 9 BTC on the mean of a day, December 2017")
        .number();
    let mut days = |name, doc| {
        s.key(name, doc)
            .unit("d")
            .range(Range::positive(36_500.0))
            .usual(0.05, 3650.0, "assumed: hours to years")
            .optional_number()
    };
    let half_life = days("half_life_days", "Days after which half of it is gone; without it it does not fade.");
    let length = days("days", "How long it lasts; without it for good.");
    let until = length.map(|days| at + Seconds::from(Days::new(days)));
    let half_life = half_life.map(|days| Days::new(days).into());
    FeeSpike { name: name.to_owned(), at, btc_per_block, half_life, until }
}

fn curtailment(s: &mut Section<'_>, horizon: &Horizon, name: &str, enabled: bool) -> (Curtailment, Scope) {
    let at = at(s, horizon, enabled);
    let days = s
        .key("days", "How long; then the machines come back as from any stop. Without it they stay off.")
        .unit("d")
        .range(Range::positive(36_500.0))
        .usual(0.25, 3650.0, "assumed")
        .optional_number();
    let share = s
        .key("share", "Share of the running hashrate concerned that goes off: whole lots in an order drawn by name, as near as they come.")
        .source("design")
        .range(Range { low: Some((0.0, true)), high: Some((1.0, false)) })
        .number_or(1.0);
    let until = days.map(|days| at + Seconds::from(Days::new(days)));
    let scope = scope(s);
    let (regions, classes) = (scope.regions.clone(), scope.classes.clone());
    (Curtailment { name: name.to_owned(), at, until, share, regions, classes }, scope)
}

fn new_generation(s: &mut Section<'_>, horizon: &Horizon, name: &str, enabled: bool) -> NewGeneration {
    let from = at(s, horizon, enabled);
    let (machine, eco) = fleet::machine_and_eco(s, name);
    let price_usd_per_th = s
        .key("price_usd_per_th", "What it costs as long as it is on sale; without it the makers' price.")
        .unit("USD/(TH/s)")
        .range(Range::within(0.0, 1e9))
        .usual(1.0, 200.0, "A-48, S10: 15-119")
        .optional_number();
    NewGeneration { model: ComingModel { name: name.to_owned(), machine, eco }, from, price_usd_per_th }
}

fn other_use(s: &mut Section<'_>, horizon: &Horizon, name: &str, enabled: bool) -> (OtherUse, Scope) {
    let at = at(s, horizon, enabled);
    let mut number = |name, doc, unit, source, default: f64| {
        let key = s.key(name, doc).unit(unit).source(source).range(Range::within(0.0, 1e9));
        // A-65 gives for each about half to three times the default.
        key.usual(default / 50.0, default * 8.0, "A-65, S26, wider by far").number_or(default)
    };
    let mw_per_month =
        number("mw_per_month", "Power that tenants take in a month; what is not taken waits.", "MW", "A: 0-800", 250.0);
    let usd_per_mw_year = number(
        "usd_per_mw_year",
        "What a MW let to a tenant leaves its owner in a year.",
        "USD/MW/year",
        "S26, D: 1.0e6-2.0e6",
        1.46e6,
    );
    let least_mw = number("least_mw", "Sites below are of no use to tenants.", "MW", "A: 20-100", 50.0);
    let hazard_per_year = number(
        "hazard_per_year",
        "Hazard of conversion of a site that earns nothing by mining; in proportion to the gap to what a tenant pays.",
        "1/year",
        "A: 0.1-2",
        0.5,
    );
    let least =
        number("building_months_least", "How long the building takes, at least.", "month", "section 7.17, A", 9.0);
    let most =
        number("building_months_most", "How long the building takes, at most.", "month", "section 7.17, A", 18.0);
    let building = ordered(s, ("building_months_least", least), ("building_months_most", most));
    let scope = scope(s);
    let (regions, classes) = (scope.regions.clone(), scope.classes.clone());
    let name = name.to_owned();
    (OtherUse { name, at, mw_per_month, usd_per_mw_year, least_mw, hazard_per_year, building, regions, classes }, scope)
}

/// Whom an event concerns.
pub fn scope(s: &mut Section<'_>) -> Scope {
    let regions = s.key("regions", "Regions concerned; without it, or empty, all.").texts();
    let classes = s.key("classes", "Classes concerned; without it, or empty, all.").texts();
    let named = [("regions", &regions, false), ("classes", &classes, true)]
        .map(|(key, names, classes)| (names.clone(), classes, s.name_of(key), s.place_of(key)));
    Scope { named: named.to_vec(), regions, classes }
}

/// When something that begins at `from` is over or whole, which must be later.
pub fn later(s: &mut Section<'_>, horizon: &Horizon, from: Seconds) -> Seconds {
    let mark = s.reading.mark();
    let until = s.key("until", "When it is whole.").date().since(horizon.start());
    if s.reading.clean_since(mark) && horizon.is_known() && until <= from {
        let problem = Problem::new("scenario::order", format!("`{}` is not after `at`", s.name_of("until")));
        s.report(problem.at(s.place_of("until"), "not after `at`").help("it begins at `at` and is whole at `until`"));
    }
    until
}

/// When an event happens, which must be within the run.
pub fn at(s: &mut Section<'_>, horizon: &Horizon, enabled: bool) -> Seconds {
    let mark = s.reading.mark();
    let date = s.key("at", "When it happens.").date();
    let at = date.since(horizon.start());
    if enabled && s.reading.clean_since(mark) && (horizon.is_before(date) || horizon.is_after(date)) {
        let problem = Problem::new("scenario::outside", format!("`{}` is outside the run", s.name_of("at")));
        let span =
            format!("the run is from {} to {}", super::series::day(horizon.start()), super::series::day(horizon.end()));
        s.report(
            problem
                .at(s.place_of("at"), span)
                .help("move the event, lengthen the run, or switch the event off with `enabled = false`"),
        );
    }
    at
}
