use super::run::Horizon;
use crate::{
    chain::FeeSpike,
    market::PriceShock,
    miner::{Curtailment, PopulationParams},
    scenario::{
        problem::Problem,
        section::{Kind, Section},
        shape::Range,
        tree::Place,
    },
    units::{Days, Seconds},
};

/// What can happen.
enum Event {
    PriceShock(PriceShock),
    FeeSpike(FeeSpike),
    Curtailment(Curtailment),
}

/// Whom an event concerns, as written: the names can be checked once the miners are read.
struct Scope {
    regions: Vec<String>,
    classes: Vec<String>,
    /// `regions` and `classes`, as keys and places.
    named_at: [(String, Option<Place>); 2],
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
    scopes: Vec<Scope>,
}

impl Events {
    /// Regions and classes that events name must be among those of the miners.
    pub fn check_names(&self, s: &Section<'_>, population: &PopulationParams) {
        let (mut regions, mut classes): (Vec<&str>, Vec<&str>) = match population {
            PopulationParams::Drawn { classes, .. } => {
                classes.iter().map(|class| (class.region.as_str(), class.name.as_str())).unzip()
            }
            PopulationParams::Listed(rows) => {
                rows.iter().map(|row| (row.region.as_deref().unwrap_or_default(), row.class.as_str())).unzip()
            }
        };
        for names in [&mut regions, &mut classes] {
            names.sort_unstable();
            names.dedup();
        }
        for scope in &self.scopes {
            let wanted = [(&scope.regions, &regions), (&scope.classes, &classes)];
            for ((key, place), (wanted, known)) in scope.named_at.iter().zip(wanted) {
                let unknown = wanted.iter().find(|name| !known.contains(&name.as_str()));
                if let Some(name) = unknown {
                    let problem =
                        Problem::new("scenario::unknown_name", format!("`{key}` names `{name}`, which no miner has"));
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
        }
        events.scopes.extend(scope);
    }
    events.shocks.sort_by(|a, b| a.at.get().total_cmp(&b.at.get()));
    events.fee_spikes.sort_by(|a, b| a.at.get().total_cmp(&b.at.get()));
    events.curtailments.sort_by(|a, b| a.at.get().total_cmp(&b.at.get()));
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
                name: "fee_spike",
                doc: "Fees of a block rise by so much, fade, and end: a rush for block space.",
                read: &|s| (Event::FeeSpike(fee_spike(s, horizon, &name, enabled)), None),
            },
        ],
    );
    event.filter(|_| enabled)
}

fn price_shock(s: &mut Section<'_>, horizon: &Horizon, name: &str, enabled: bool) -> PriceShock {
    let at = at(s, horizon, enabled);
    let factor = s
        .key("factor", "What the price is multiplied by.")
        .range(Range { low: Some((0.0, true)), high: Some((1e3, false)) })
        .number();
    let half_life = s
        .key("half_life_days", "Days after which half of the change is undone; without it it stays.")
        .unit("d")
        .range(Range::positive(36_500.0))
        .optional_number();
    PriceShock { name: name.to_owned(), at, factor, half_life: half_life.map(|days| Days::new(days).into()) }
}

fn fee_spike(s: &mut Section<'_>, horizon: &Horizon, name: &str, enabled: bool) -> FeeSpike {
    let at = at(s, horizon, enabled);
    let btc_per_block = s
        .key("btc_per_block", "What it adds to the fees of a block at first.")
        .unit("BTC")
        .range(Range::within(0.0, 1e6))
        .number();
    let mut days = |name, doc| s.key(name, doc).unit("d").range(Range::positive(36_500.0)).optional_number();
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

/// Whom an event concerns.
fn scope(s: &mut Section<'_>) -> Scope {
    let regions = s.key("regions", "Regions concerned; without it, or empty, all.").texts();
    let classes = s.key("classes", "Classes concerned; without it, or empty, all.").texts();
    Scope { regions, classes, named_at: ["regions", "classes"].map(|key| (s.name_of(key), s.place_of(key))) }
}

/// When an event happens, which must be within the run.
fn at(s: &mut Section<'_>, horizon: &Horizon, enabled: bool) -> Seconds {
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
