//! The scenario language: TOML in, parameters out, with every problem named at once.

mod resolved;

pub use resolved::{RunParams, Scenario, Step};
