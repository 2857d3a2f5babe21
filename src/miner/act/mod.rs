//! Acts: how what was decided is carried out in the accounts.

mod debt;
mod deliver;
mod settle;

pub use debt::{LevelLoan, level_payment};
pub use deliver::{Deliveries, Ground};
pub use settle::{Outcome, Settlement};
