use super::run::Horizon;
use crate::{
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
    Curtailment(Forced),
}

/// A curtailment, and where the names in it are written: they can be checked once the miners are read.
pub struct Forced {
    curtailment: Curtailment,
    /// `regions` and `classes`, as keys and places.
    named_at: [(String, Option<Place>); 2],
}

/// All events, by what they act on; each in order of time.
#[derive(Default)]
pub struct Events {
    /// On the price.
    pub shocks: Vec<PriceShock>,
    /// On machines.
    forced: Vec<Forced>,
}

impl Events {
    /// The curtailments, whose regions and classes must be among those of the miners.
    pub fn curtailments(self, s: &Section<'_>, population: &PopulationParams) -> Vec<Curtailment> {
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
        let mut curtailments = Vec::new();
        for Forced { curtailment, named_at } in self.forced {
            let wanted = [(&curtailment.regions, &regions), (&curtailment.classes, &classes)];
            for ((key, place), (wanted, known)) in named_at.iter().zip(wanted) {
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
            curtailments.push(curtailment);
        }
        curtailments
    }
}

/// Reads every `[event.NAME]`; those that are switched off are checked and left out.
pub fn events(s: &mut Section<'_>, horizon: &Horizon) -> Events {
    let doc =
        "What happens, when, by name: `enabled`, and one table named by its kind, as in [event.covid.price_shock].";
    let mut events = Events::default();
    for event in s.each("event", doc, &|s| event(s, horizon)).into_iter().flatten() {
        match event {
            Event::PriceShock(shock) => events.shocks.push(shock),
            Event::Curtailment(forced) => events.forced.push(forced),
        }
    }
    events.shocks.sort_by(|a, b| a.at.get().total_cmp(&b.at.get()));
    events.forced.sort_by(|a, b| a.curtailment.at.get().total_cmp(&b.curtailment.at.get()));
    events
}

fn event(s: &mut Section<'_>, horizon: &Horizon) -> Option<Event> {
    let name = s.last_name().to_owned();
    let enabled = s.key("enabled", "Whether it happens at all.").source("design").boolean_or(true);
    let event = s.kind(
        None,
        &[
            Kind {
                name: "price_shock",
                doc: "The price is multiplied by a factor, for good or for a while.",
                read: &|s| Event::PriceShock(price_shock(s, horizon, &name, enabled)),
            },
            Kind {
                name: "curtailment",
                doc: "Machines are forced off at once whatever their rule, for good or for a while: a ban, a storm, a call of the grid.",
                read: &|s| Event::Curtailment(curtailment(s, horizon, &name, enabled)),
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

fn curtailment(s: &mut Section<'_>, horizon: &Horizon, name: &str, enabled: bool) -> Forced {
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
    let regions = s.key("regions", "Regions concerned; without it, or empty, all.").texts();
    let classes = s.key("classes", "Classes concerned; without it, or empty, all.").texts();
    let until = days.map(|days| at + Seconds::from(Days::new(days)));
    Forced {
        curtailment: Curtailment { name: name.to_owned(), at, until, share, regions, classes },
        named_at: ["regions", "classes"].map(|key| (s.name_of(key), s.place_of(key))),
    }
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
