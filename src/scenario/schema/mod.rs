//! How tables nest: which table is read into which parameters, in one file per part of the scenario. Keys are declared with the parameters
//! ([`crate::declare::Params`]); here are only those that need files, dates or other tables, and the checks between several tables.

mod calibrate;
mod chain;
mod class;
mod consolidation;
mod distress;
mod event;
mod event_power;
mod fees;
mod fleet;
mod invest;
mod loan;
mod miner_rows;
mod observed;
mod orders;
mod population;
mod price;
mod region;
mod rigs;
mod run;
mod series;
mod treasury;
mod whole;

pub use fleet::EFFICIENCY;
pub use price::{PRICE, PRICE_COLUMN};
pub use whole::scenario;
