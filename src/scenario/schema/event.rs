use super::run::Horizon;
use crate::{
    market::PriceShock,
    scenario::{
        problem::Problem,
        section::{Kind, Section},
        shape::Range,
    },
    units::{Days, Seconds},
};

/// What can happen.
enum Event {
    PriceShock(PriceShock),
}

/// Reads every `[event.NAME]`; those that are switched off are checked and left out.
pub fn events(s: &mut Section<'_>, horizon: &Horizon) -> Vec<PriceShock> {
    let doc =
        "What happens, when, by name: `enabled`, and one table named by its kind, as in [event.covid.price_shock].";
    let events = s.each("event", doc, &|s| event(s, horizon));
    let mut shocks: Vec<PriceShock> = events
        .into_iter()
        .flatten()
        .map(|event| match event {
            Event::PriceShock(shock) => shock,
        })
        .collect();
    shocks.sort_by(|a, b| a.at.get().total_cmp(&b.at.get()));
    shocks
}

fn event(s: &mut Section<'_>, horizon: &Horizon) -> Option<Event> {
    let name = s.last_name().to_owned();
    let enabled = s.key("enabled", "Whether it happens at all.").source("design").boolean_or(true);
    let event = s.kind(
        None,
        &[Kind {
            name: "price_shock",
            doc: "The price is multiplied by a factor, for good or for a while.",
            read: &|s| Event::PriceShock(price_shock(s, horizon, &name, enabled)),
        }],
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
