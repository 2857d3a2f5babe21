/// The scenarios shipped with the program: name and text.
pub const BUNDLED: [(&str, &str); 24] = [
    ("2018-crash", include_str!("../../scenarios/2018-crash.toml")),
    ("2020-covid-and-halving", include_str!("../../scenarios/2020-covid-and-halving.toml")),
    ("2020-wet-season", include_str!("../../scenarios/2020-wet-season.toml")),
    ("2021-ban", include_str!("../../scenarios/2021-ban.toml")),
    ("2022-leverage", include_str!("../../scenarios/2022-leverage.toml")),
    ("2024-halving", include_str!("../../scenarios/2024-halving.toml")),
    ("ai-pivot", include_str!("../../scenarios/ai-pivot.toml")),
    ("cushion", include_str!("../../scenarios/cushion.toml")),
    ("demand-response", include_str!("../../scenarios/demand-response.toml")),
    ("difficulty-rules", include_str!("../../scenarios/difficulty-rules.toml")),
    ("downturn", include_str!("../../scenarios/downturn.toml")),
    ("downturn-simple", include_str!("../../scenarios/downturn-simple.toml")),
    ("free-entry", include_str!("../../scenarios/free-entry.toml")),
    ("halving", include_str!("../../scenarios/halving.toml")),
    ("hydro-season", include_str!("../../scenarios/hydro-season.toml")),
    ("last-halvings", include_str!("../../scenarios/last-halvings.toml")),
    ("new-generation", include_str!("../../scenarios/new-generation.toml")),
    ("registered/2018-crash", include_str!("../../scenarios/registered/2018-crash.toml")),
    ("registered/2020-covid-and-halving", include_str!("../../scenarios/registered/2020-covid-and-halving.toml")),
    ("registered/2020-wet-season", include_str!("../../scenarios/registered/2020-wet-season.toml")),
    ("registered/2021-ban", include_str!("../../scenarios/registered/2021-ban.toml")),
    ("registered/2022-bear", include_str!("../../scenarios/registered/2022-bear.toml")),
    ("wait-and-see", include_str!("../../scenarios/wait-and-see.toml")),
    ("who-owns-it", include_str!("../../scenarios/who-owns-it.toml")),
];

/// The folder of the registered episodes of the protocol, which is part of their names.
pub const REGISTERED: &str = "registered";

/// Whether a scenario of this name is shipped.
#[must_use]
pub fn is_bundled(name: &str) -> bool {
    BUNDLED.iter().any(|(bundled, _)| *bundled == name)
}
