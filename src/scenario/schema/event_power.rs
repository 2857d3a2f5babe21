use super::{
    event::{FACTOR, Scope, at, later, scope},
    run::Horizon,
};
use crate::{
    mechanism::disruption::RegionalBan,
    power::{ChangeKind, PriceChange},
    scenario::{
        problem::Problem,
        section::Section,
        shape::{KeyPrior, Range},
    },
    units::{Days, Seconds},
};

const SHARE: Range = Range::within(0.0, 1.0);

/// Power becomes dearer or cheaper over time, for good.
pub fn drift(s: &mut Section<'_>, horizon: &Horizon, name: &str, enabled: bool) -> (PriceChange, Scope) {
    let from = at(s, horizon, enabled);
    let until = later(s, horizon, from);
    let factor = s
        .key("factor", "What the price of power is multiplied by in the end.")
        .range(FACTOR)
        .usual(0.1, 300.0, "assumed; a storm of 2021 took spot prices to the market's cap")
        .number();
    let ramp = until - from;
    change(s, name, &PriceChange { kind: ChangeKind::Drift, from, ramp, factor, ..NOTHING })
}

/// Power becomes dearer or cheaper at once, for good or for a while.
pub fn shock(s: &mut Section<'_>, horizon: &Horizon, name: &str, enabled: bool) -> (PriceChange, Scope) {
    let from = at(s, horizon, enabled);
    let until = days(s, "days", "How long; without it for good.").map(|days| from + days);
    let factor = s
        .key("factor", "What the price of power is multiplied by.")
        .range(FACTOR)
        .usual(0.1, 300.0, "assumed; a storm of 2021 took spot prices to the market's cap")
        .number();
    change(s, name, &PriceChange { kind: ChangeKind::Shock, from, until, factor, ..NOTHING })
}

/// A tax or a tariff on the power that is delivered.
pub fn tariff(s: &mut Section<'_>, horizon: &Horizon, name: &str, enabled: bool) -> (PriceChange, Scope) {
    let from = at(s, horizon, enabled);
    let ramp =
        days(s, "ramp_days", "How long it takes to be whole; without it it is at once.").unwrap_or(Seconds::ZERO);
    let until = days(s, "days", "How long; without it for good.").map(|days| from + days);
    let factor = s
        .key("factor", "What the price of power is multiplied by.")
        .source("design")
        .range(FACTOR)
        .usual(0.1, 10.0, "assumed")
        .number_or(1.0);
    let addition_usd_per_kwh = s
        .key("usd_per_kwh", "What is added to the price of power.")
        .unit("USD/kWh")
        .source("design")
        .range(Range::within(0.0, 100.0))
        .usual(0.0005, 0.1, "assumed: at most a usual price of power")
        .number_or(0.0);
    change(
        s,
        name,
        &PriceChange {
            kind: ChangeKind::Tariff,
            from,
            ramp,
            until,
            factor,
            addition_usd_per_kwh,
            levy: true,
            ..NOTHING
        },
    )
}

/// Mining is banned in some regions.
pub fn ban(s: &mut Section<'_>, horizon: &Horizon, name: &str, enabled: bool) -> (RegionalBan, Scope) {
    let at = at(s, horizon, enabled);
    let until = if s.entry("until").is_some() || s.is_quiet() { later(s, horizon, at) } else { at };
    let regions = s.key("regions", "Where mining is banned.").texts();
    if regions.is_empty() && enabled {
        let problem = Problem::new("scenario::missing", format!("`{}` is missing", s.name_of("regions")));
        s.report(problem.at(s.place_of("regions"), "no region").help("name the regions where mining is banned"));
    }
    let mut share = |name, doc, source, default| s.key(name, doc).source(source).range(SHARE).number_or(default);
    let closed = share("share", "Share of the running hashrate there that is closed down.", "design", 1.0);
    let covert_share =
        share("covert_share", "Share of that which comes back where it was, covertly.", "section 7.14, S22", 0.20);
    let leave_share =
        share("leave_share", "Share of that which leaves the network for good; the rest moves.", "A", 0.0);
    if covert_share + leave_share > 1.0 {
        let problem = Problem::new("scenario::shares", format!("the shares of `{}` exceed 1", s.name()));
        let label = format!("with `covert_share` {covert_share} this is {}", covert_share + leave_share);
        s.report(
            problem.at(s.place_of("leave_share"), label).help("what neither comes back nor leaves moves elsewhere"),
        );
    }
    let mut half_life = |name, doc, default| {
        s.key(name, doc)
            .unit("d")
            .source("section 7.14, D: 45-120")
            .prior(KeyPrior::uniform(45.0, 120.0, "section 7.14, D"))
            .range(Range::positive(3650.0))
            .usual(3.0, 730.0, "A-74: 45-120")
            .number_or(default)
    };
    let low = half_life(
        "half_life_low_days",
        "At least so long until half of the machines on their way are back; drawn by replica.",
        45.0,
    );
    let high = half_life("half_life_high_days", "At most so long.", 120.0);
    if high < low {
        let problem =
            Problem::new("scenario::order", format!("`{}` is below the low one", s.name_of("half_life_high_days")));
        s.report(
            problem
                .at(s.place_of("half_life_high_days"), format!("below {low}"))
                .help("a half-life is drawn between the two"),
        );
    }
    let to = s.key("to", "Regions where machines go; without it, or empty, all others.").texts();
    if let Some(banned) = to.iter().find(|region| regions.contains(region)) {
        let problem = Problem::new("scenario::both", format!("`{banned}` is banned and where machines go"));
        s.report(problem.at(s.place_of("to"), "one of `regions`").help("name other regions, or none: then all others"));
    }
    let price_factor = s
        .key("price_factor", "What a moving site's own price of power is multiplied by.")
        .source("A: 1-1.5")
        .prior(KeyPrior::uniform(1.0, 1.5, "assumed"))
        .range(FACTOR)
        .usual(0.5, 2.0, "A-74: 1-1.5")
        .number_or(1.0);
    let scope = Scope::of_regions(s, [("regions", &regions), ("to", &to)]);
    let ban = RegionalBan {
        name: name.to_owned(),
        at,
        until,
        regions,
        share: closed,
        covert_share,
        leave_share,
        half_life_days: (low, high),
        to,
        price_factor,
    };
    (ban, scope)
}

/// What has not happened.
const NOTHING: PriceChange = PriceChange {
    name: String::new(),
    kind: ChangeKind::Drift,
    from: Seconds::ZERO,
    ramp: Seconds::ZERO,
    until: None,
    factor: 1.0,
    addition_usd_per_kwh: 0.0,
    levy: false,
    regions: Vec::new(),
    classes: Vec::new(),
};

fn change(s: &mut Section<'_>, name: &str, change: &PriceChange) -> (PriceChange, Scope) {
    let scope = scope(s);
    let (regions, classes) = (scope.regions.clone(), scope.classes.clone());
    (PriceChange { name: name.to_owned(), regions, classes, ..change.clone() }, scope)
}

fn days(s: &mut Section<'_>, key: &'static str, doc: &'static str) -> Option<Seconds> {
    s.key(key, doc)
        .unit("d")
        .range(Range::positive(36_500.0))
        .usual(0.05, 3650.0, "assumed: hours to years")
        .optional_number()
        .map(|days| Days::new(days).into())
}
