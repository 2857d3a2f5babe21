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
                doc: "A firm that fails is liquidated at once: its coins are sold, its machines are removed and its creditors are paid.",
                read: &|_| None,
            },
            KeyKind {
                name: "workout",
                doc: "A firm that fails may be restructured or continue under Chapter 11 before it is liquidated over some days.",
                read: &|s| Some(Workout::read(s)),
            },
        ],
    )
    .flatten()
}
