//! The miners: firms, sites and lots, their accounts, and how they are drawn.

pub mod concentration;
pub mod distress;
pub mod draw;
pub mod fleet;
pub mod front;
pub mod inventory;
pub mod ladder;
pub mod ledger;
pub mod lenders;
pub mod loan;
pub mod loans;
mod params;
pub mod population;
pub mod rest;
pub mod runway;
pub mod site;
pub mod survival;
pub mod terms;

pub use params::{
    ClassParams, FleetParams, MinerRow, OperationParams, PopulationParams, RuleMix, SettlementParams, Thresholds,
};
