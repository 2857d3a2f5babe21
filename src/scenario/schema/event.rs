use super::{event_power, fleet, invest::NewGeneration, run::Horizon};
use crate::{
    chain::FeeSpike,
    declare::{Key, KeyKind, Params, Range, ReadKeys},
    market::PriceShock,
    mechanism::{
        disruption::{Curtailment, RegionalBan},
        growth::params::ComingModel,
        other_use::params::OtherUse,
    },
    power::PriceChange,
    scenario::{problem::Problem, section::Section, tree::Place},
    units::{Days, Seconds},
    world::{PopulationParams, lenders::CreditFreeze},
};

/// Allowed factors on a price.
pub const FACTOR: Range = Range::within(1e-3, 1e3);

/// An event.
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

/// The regions and classes that an event names; they are checked when the miners have been read.
pub struct Scope {
    /// Names, whether they are classes, and their key with its place.
    named: Vec<(Vec<String>, bool, String, Option<Place>)>,
}

impl Scope {
    /// The regions and classes that the keys of these names hold.
    pub fn of(s: &Section<'_>, regions: &[String], classes: &[String]) -> Self {
        Self { named: vec![named(s, "regions", regions, false), named(s, "classes", classes, true)] }
    }

    /// The regions of a ban, and those where its machines go.
    pub fn of_ban(s: &Section<'_>, ban: &RegionalBan) -> Self {
        Self { named: vec![named(s, "regions", &ban.regions, false), named(s, "to", &ban.to, false)] }
    }
}

fn named(
    s: &Section<'_>,
    key: &str,
    names: &[String],
    are_classes: bool,
) -> (Vec<String>, bool, String, Option<Place>) {
    (names.to_vec(), are_classes, s.name_of(key), s.place_of(key))
}

/// All events by kind, each in order of time.
#[derive(Default)]
pub struct Events {
    /// Events that change the price.
    pub shocks: Vec<PriceShock>,
    /// Events that change fees.
    pub fee_spikes: Vec<FeeSpike>,
    /// Events that force machines off.
    pub curtailments: Vec<Curtailment>,
    /// Events that change power prices.
    pub price_changes: Vec<PriceChange>,
    /// Bans on mining in some regions.
    pub bans: Vec<RegionalBan>,
    /// Events that put machines on sale.
    pub generations: Vec<NewGeneration>,
    /// Events that offer sites another use.
    pub other_uses: Vec<OtherUse>,
    /// Events that stop new lending.
    pub freezes: Vec<CreditFreeze>,
    scopes: Vec<Scope>,
}

impl Events {
    /// Reports regions and classes named by events that no miner has and that have no table of their own.
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
        "A scheduled event, by name: `enabled`, and one table named by its kind, as in [event.covid.price_shock].";
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
    let enabled = s.boolean_or(Key::new("enabled", "Whether the event takes place.").source("design"), true);
    let begin = |s: &mut Section<'_>| (name.clone(), at(s, horizon, enabled));
    let event = s.kind(
        None,
        &[
            KeyKind {
                name: "price_shock",
                doc: "The price is multiplied by a factor, permanently or temporarily.",
                read: &|s| {
                    let event = begin(s);
                    (Event::PriceShock(PriceShock::read_with(s, event)), None)
                },
            },
            KeyKind {
                name: "curtailment",
                doc: "Machines are forced off at once regardless of their decision rule, permanently or temporarily, as in a ban, a storm or a curtailment by the grid.",
                read: &|s| {
                    let event = begin(s);
                    let curtailment = Curtailment::read_with(s, event);
                    let scope = Scope::of(s, &curtailment.regions, &curtailment.classes);
                    (Event::Curtailment(curtailment), Some(scope))
                },
            },
            KeyKind {
                name: "power_price_drift",
                doc: "The price of power rises or falls gradually from one date to another, permanently.",
                read: &|s| price_change(event_power::drift(s, horizon, &name, enabled)),
            },
            KeyKind {
                name: "power_price_shock",
                doc: "The price of power rises or falls at once, permanently or temporarily.",
                read: &|s| price_change(event_power::shock(s, horizon, &name, enabled)),
            },
            KeyKind {
                name: "tariff",
                doc: "A tax or a tariff on delivered power, from a given date.",
                read: &|s| price_change(event_power::tariff(s, horizon, &name, enabled)),
            },
            KeyKind {
                name: "regional_ban",
                doc: "Mining is banned in some regions: sites close, and most of their machines restart later, covertly at the same site or in another region.",
                read: &|s| {
                    let (ban, scope) = event_power::ban(s, horizon, &name, enabled);
                    (Event::RegionalBan(ban), Some(scope))
                },
            },
            KeyKind {
                name: "credit_freeze",
                doc: "Lenders make no new loans for a while; existing loans continue.",
                read: &|s| (Event::CreditFreeze(credit_freeze(s, horizon, enabled)), None),
            },
            KeyKind {
                name: "fee_spike",
                doc: "Fees of a block jump by a given amount, decay, and end, as in a rush for block space.",
                read: &|s| {
                    let event = begin(s);
                    (Event::FeeSpike(FeeSpike::read_with(s, event)), None)
                },
            },
            KeyKind {
                name: "new_generation",
                doc: "A new machine goes on sale, in scenarios in which machines are bought (`[invest]`).",
                read: &|s| (Event::NewGeneration(new_generation(s, horizon, &name, enabled)), None),
            },
            KeyKind {
                name: "other_use",
                doc: "Tenants want sites for a use other than mining, and owners convert their sites if this pays better.",
                read: &|s| {
                    let event = begin(s);
                    let usage = OtherUse::read_with(s, event);
                    let scope = Scope::of(s, &usage.regions, &usage.classes);
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

fn credit_freeze(s: &mut Section<'_>, horizon: &Horizon, enabled: bool) -> CreditFreeze {
    let at = at(s, horizon, enabled);
    let days = s.number(Key::new("days", "Duration.").unit("d").positive(36_500.0).usual(0.25, 3650.0, "assumed"));
    CreditFreeze { at, until: at + Seconds::from(Days::new(days)) }
}

fn new_generation(s: &mut Section<'_>, horizon: &Horizon, name: &str, enabled: bool) -> NewGeneration {
    let from = at(s, horizon, enabled);
    let (machine, eco) = fleet::machine_and_eco(s, name);
    let price_usd_per_th = s.optional_number(
        Key::new("price_usd_per_th", "Price of the machine while it is on sale; if absent, the manufacturers' price.")
            .unit("USD/(TH/s)")
            .within(0.0, 1e9)
            .usual(1.0, 200.0, "A-48, S10: 15-119"),
    );
    NewGeneration { model: ComingModel { name: name.to_owned(), machine, eco }, from, price_usd_per_th }
}

/// The end of an event or of its build-up, which must be after its beginning.
pub fn later(s: &mut Section<'_>, horizon: &Horizon, from: Seconds) -> Seconds {
    let mark = s.reading.mark();
    let until = s.date(Key::new("until", "Time at which the event has its full effect.")).since(horizon.start());
    if s.reading.clean_since(mark) && horizon.is_known() && until <= from {
        let problem = Problem::new("scenario::order", format!("`{}` is not after `at`", s.name_of("until")));
        s.report(
            problem
                .at(s.place_of("until"), "not after `at`")
                .help("the event begins at `at` and has its full effect at `until`"),
        );
    }
    until
}

/// The beginning of an event, which must be within the run.
pub fn at(s: &mut Section<'_>, horizon: &Horizon, enabled: bool) -> Seconds {
    let mark = s.reading.mark();
    let date = s.date(Key::new("at", "Time at which the event takes place."));
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
