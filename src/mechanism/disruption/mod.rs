//! Machines forced off, and bans on mining.

mod act;
mod curtailment;
pub mod params;
mod relocation;

pub use act::Disruption;
pub use params::{Curtailment, Migration, RegionalBan};
