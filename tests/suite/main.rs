//! The model held to closed forms, symmetries, its own books, and numbers worked out by hand; and the program to what it promises.

#[cfg(feature = "cli")]
mod cli;
mod closed_forms;
mod invariants;
mod mechanisms;
mod metamorphic;
mod network;
mod properties;
mod scenarios;
