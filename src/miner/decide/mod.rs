//! Decisions: each file is one, a pure rule over what the miners know.

pub mod run_rigs;
