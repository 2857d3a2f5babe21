//! The model held to closed forms, symmetries, its own books, and numbers worked out by hand.

mod closed_forms;
mod curtailment;
mod invariants;
mod mechanisms;
mod metamorphic;
mod network;
mod noda;
mod properties;
