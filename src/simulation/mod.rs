//! The engine: one history of one network, a day at a time.

mod engine;
mod grow;
pub mod invariant;
mod measure;
pub mod metrics;
mod money;
mod owners;
pub mod record;
#[cfg(test)]
mod rest_tests;
mod step;
mod supply;
mod tell;
mod trade;
mod world;

pub use engine::{Engine, SimulationError};
pub use step::{PHASES, Simulation};
