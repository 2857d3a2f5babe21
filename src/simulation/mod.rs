//! The engine: one history of one network, a day at a time.

mod day;
mod engine;
mod firm_day;
pub mod invariant;
pub mod record;
mod records;
mod schedule;

pub use day::{PHASES, Simulation};
pub use engine::{Engine, SimulationError};
pub use records::metrics;
