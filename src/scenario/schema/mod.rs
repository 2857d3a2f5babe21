//! How tables nest: which table is read into which parameters, in one file per part of the scenario. Keys are declared with the parameters
//! ([`crate::declare::Params`]); here are only those that need files, dates or other tables, and the checks between several tables.

mod calibrate;
mod chain;
mod consolidation;
mod distress;
mod event;
mod invest;
mod loan;
mod miner_rows;
mod observed;
mod orders;
mod population;
mod region;
mod rigs;
mod treasury;
mod uncertainty;
mod whole;

pub use whole::scenario;
