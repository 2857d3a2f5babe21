//! Acts: how what was decided is carried out in the accounts.

mod debt;
mod settle;

pub use debt::{LevelLoan, level_payment};
pub use settle::{Outcome, Settlement};
