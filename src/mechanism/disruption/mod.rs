//! Machines forced off, and bans on mining.

mod act;
mod curtailment;
mod relocation;

pub use act::Disruption;
pub use curtailment::Curtailment;
pub use relocation::RegionalBan;
