use super::{
    event::{FACTOR, Scope, at, later},
    run::Horizon,
};
use crate::{
    declare::{Key, Params, ReadKeys},
    mechanism::disruption::RegionalBan,
    power::{ChangeKind, PriceChange},
    scenario::{problem::Problem, section::Section},
    units::{Days, PowerPrice, Seconds},
};

/// The price of power changes gradually and permanently.
pub fn drift(s: &mut Section<'_>, horizon: &Horizon, name: &str, enabled: bool) -> (PriceChange, Scope) {
    let from = at(s, horizon, enabled);
    let until = later(s, horizon, from);
    let factor = s.number(Key::new("factor", "Factor on the price of power at full effect.").range(FACTOR).usual(
        0.1,
        300.0,
        "assumed; a storm of 2021 took spot prices to the market's cap",
    ));
    let ramp = until - from;
    change(s, name, &PriceChange { kind: ChangeKind::Drift, from, ramp, factor, ..NOTHING })
}

/// The price of power changes at once, permanently or temporarily.
pub fn shock(s: &mut Section<'_>, horizon: &Horizon, name: &str, enabled: bool) -> (PriceChange, Scope) {
    let from = at(s, horizon, enabled);
    let until = days(s, "days", "Duration; permanent if absent.").map(|days| from + days);
    let factor = s.number(Key::new("factor", "Factor on the price of power.").range(FACTOR).usual(
        0.1,
        300.0,
        "assumed; a storm of 2021 took spot prices to the market's cap",
    ));
    change(s, name, &PriceChange { kind: ChangeKind::Shock, from, until, factor, ..NOTHING })
}

/// A tax or a tariff on the power that is delivered.
pub fn tariff(s: &mut Section<'_>, horizon: &Horizon, name: &str, enabled: bool) -> (PriceChange, Scope) {
    let from = at(s, horizon, enabled);
    let ramp = days(s, "ramp_days", "Time until the full effect; if absent, the full effect is immediate.")
        .unwrap_or(Seconds::ZERO);
    let until = days(s, "days", "Duration; permanent if absent.").map(|days| from + days);
    let factor = s.number_or(
        Key::new("factor", "Factor on the price of power.").source("design").range(FACTOR).usual(0.1, 10.0, "assumed"),
        1.0,
    );
    let addition = s.number_or(
        Key::new("usd_per_kwh", "Addition to the price of power.")
            .unit("USD/kWh")
            .source("design")
            .within(0.0, 100.0)
            .usual(0.0005, 0.1, "assumed: at most a usual price of power"),
        0.0,
    );
    change(
        s,
        name,
        &PriceChange {
            kind: ChangeKind::Tariff,
            from,
            ramp,
            until,
            factor,
            addition: PowerPrice::new(addition),
            levy: true,
            ..NOTHING
        },
    )
}

/// Mining is banned in some regions.
pub fn ban(s: &mut Section<'_>, horizon: &Horizon, name: &str, enabled: bool) -> (RegionalBan, Scope) {
    let at = at(s, horizon, enabled);
    let until = if s.entry("until").is_some() || s.is_quiet() { later(s, horizon, at) } else { at };
    let ban = RegionalBan::read_with(s, (name.to_owned(), at, until));
    if ban.regions.is_empty() && enabled {
        let problem = Problem::new("scenario::missing", format!("`{}` is missing", s.name_of("regions")));
        s.report(problem.at(s.place_of("regions"), "no region").help("name the regions where mining is banned"));
    }
    let scope = Scope::of_ban(s, &ban);
    (ban, scope)
}

/// A change without effect, from which the other changes are built.
const NOTHING: PriceChange = PriceChange {
    name: String::new(),
    kind: ChangeKind::Drift,
    from: Seconds::ZERO,
    ramp: Seconds::ZERO,
    until: None,
    factor: 1.0,
    addition: PowerPrice::ZERO,
    levy: false,
    regions: Vec::new(),
    classes: Vec::new(),
};

fn change(s: &mut Section<'_>, name: &str, change: &PriceChange) -> (PriceChange, Scope) {
    let regions = s.texts(Key::new("regions", "Affected regions; all regions if absent or empty."));
    let classes = s.texts(Key::new("classes", "Affected classes; all classes if absent or empty."));
    let scope = Scope::of(s, &regions, &classes);
    (PriceChange { name: name.to_owned(), regions, classes, ..change.clone() }, scope)
}

fn days(s: &mut Section<'_>, key: &'static str, doc: &'static str) -> Option<Seconds> {
    s.optional_number(Key::new(key, doc).unit("d").positive(36_500.0).usual(0.05, 3650.0, "assumed: hours to years"))
        .map(|days| Days::new(days).into())
}
