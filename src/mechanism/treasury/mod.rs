//! Firms' management of coins and cash.

mod act;
pub mod cover;
pub mod params;
pub mod rule;

pub use act::{collect, pay_bills, pay_instalment, rest, sell_by_policy, sell_for_cash, shortfall};
