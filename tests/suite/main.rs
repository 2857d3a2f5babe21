//! Tests of the model against closed forms, symmetries, its own books and numbers worked out by hand, and of the program against its documented behaviour.
#![expect(
    clippy::float_cmp,
    clippy::cast_precision_loss,
    reason = "values compared by `==` are exact; numbers of days and coins are below 2^53"
)]

#[cfg(feature = "charts")]
mod agreement;
mod arrows;
mod cases;
#[cfg(feature = "cli")]
mod cli;
mod closed_forms;
mod credit;
mod curtailment;
mod economics;
mod growth;
mod guard;
mod headers;
mod impact;
mod invariants;
mod investing;
mod keys;
mod mechanisms;
mod metamorphic;
mod network;
mod noda;
mod ownership;
#[cfg(feature = "cli")]
mod page;
mod properties;
mod resale;
#[cfg(feature = "cli")]
mod rolling;
mod scenarios;
#[cfg(feature = "cli")]
mod score;
mod supply;
mod sweep;
mod tutorial;
mod wearing;
mod work;
mod world;
