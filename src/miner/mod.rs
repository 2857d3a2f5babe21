//! The miners: who they are, what they decide, and how it is carried out.

pub mod decide;
mod params;

pub use params::{
    ClassParams, FleetParams, MinerRow, OperationParams, PopulationParams, RuleMix, SettlementParams, Thresholds,
};
