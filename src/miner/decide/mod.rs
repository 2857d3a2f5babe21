//! Decisions: each file is one, a pure rule over what the miners know.

pub mod buy_rigs;
pub mod enter;
pub mod run_rigs;
