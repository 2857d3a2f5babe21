//! Decisions: each file is one, a pure rule over what the miners know.

pub mod buy_rigs;
pub mod call_margin;
pub mod cover_shortfall;
pub mod enter;
pub mod fail;
pub mod merge;
pub mod run_rigs;
pub mod sell_coins;
