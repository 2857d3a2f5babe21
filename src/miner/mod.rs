//! The miners: who they are, what they decide, and how it is carried out.

pub mod act;
pub mod concentration;
mod curtailment;
pub mod decide;
pub mod draw;
pub mod fleet;
pub mod front;
pub mod ladder;
pub mod ledger;
mod params;
pub mod population;
pub mod site;
pub mod survival;
pub mod terms;

pub use curtailment::Curtailment;
pub use params::{
    ClassParams, FleetParams, MinerRow, OperationParams, PopulationParams, RuleMix, SettlementParams, Thresholds,
};
