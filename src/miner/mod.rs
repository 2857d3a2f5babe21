//! The miners: who they are, what they decide, and how it is carried out.

pub mod act;
pub mod concentration;
mod curtailment;
pub mod decide;
pub mod distress;
pub mod draw;
pub mod fleet;
pub mod front;
mod growth;
pub mod inventory;
pub mod ladder;
pub mod ledger;
pub mod lenders;
pub mod loan;
pub mod loans;
mod params;
pub mod population;
pub mod relocation;
pub mod rest;
pub mod runway;
pub mod site;
pub mod survival;
pub mod terms;

pub use curtailment::Curtailment;
pub use growth::{
    BarrierParams, ComingModel, Expectations, GrowthParams, Invest, ModelRef, Offer, OrdersParams, OtherUse, Pace,
    PaybackParams,
};
pub use params::{
    ClassParams, FleetParams, MinerRow, OperationParams, PopulationParams, RuleMix, SettlementParams, Thresholds,
};
pub use relocation::RegionalBan;
