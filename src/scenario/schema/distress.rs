use crate::{
    declare::{KeyKind, Params, ReadKeys},
    mechanism::distress::params::Workout,
    scenario::section::Section,
};

/// Reads `[distress]`.
pub fn distress(s: &mut Section<'_>) -> Option<Workout> {
    s.kind(
        Some("wind_up"),
        &[
            KeyKind {
                name: "wind_up",
                doc: "What fails is wound up at once: coins sold, machines gone, creditors paid.",
                read: &|_| None,
            },
            KeyKind {
                name: "workout",
                doc: "What fails may be restructured or go on under Chapter 11 before it is liquidated over some days.",
                read: &|s| Some(Workout::read(s)),
            },
        ],
    )
    .flatten()
}
