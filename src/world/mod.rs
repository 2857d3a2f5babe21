//! The state of one history, and the operations by which mechanisms change it. State and operations shared by two mechanisms are here; those of one
//! mechanism are in its folder.

mod broker;
mod clock;
pub mod creditors;
mod debts;
pub mod distress;
mod event;
pub mod fleet;
pub mod freeze;
pub mod front;
pub mod inventory;
pub mod ladder;
pub mod ledger;
pub mod loans;
pub mod lots;
pub mod machines;
mod params;
pub mod places;
pub mod pledge;
pub mod population;
pub mod rest;
pub mod sale;
mod scenario;
mod shared;
pub mod site;
pub mod sites;
mod state;
pub mod terms;

pub use broker::{ModelMarket, Offer, Parcel, Resale, WEEK, is_idle};
pub use clock::Clock;
pub use event::{Event, EventKind};
pub use params::{ClassParams, FleetParams, MinerRow, POWER_PRICE, PopulationParams};
pub use scenario::{RunParams, Scenario, Step};
pub use shared::Shared;
pub use state::{Today, World};
