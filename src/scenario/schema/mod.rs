//! The keys of a scenario, one file per part of it. Reading a key is what declares it.

mod calibrate;
mod chain;
mod class;
mod consolidation;
mod distress;
mod event;
mod event_power;
mod fees;
mod fleet;
mod impact;
mod invest;
mod loan;
mod miner_rows;
mod observed;
mod operation;
mod orders;
mod population;
mod price;
mod region;
mod rigs;
mod run;
mod series;
mod shares;
mod treasury;
mod whole;

pub use class::POWER_PRICE;
pub use fleet::EFFICIENCY;
pub use price::{PRICE, PRICE_COLUMN};
pub use whole::scenario;
