//! Simulates how a proof-of-work network regulates itself and shakes out its miners.
//!
//! A tour for the newcomer: [`simulation::Simulation::step`] reads as the model's day;
//! [`mechanism::operate::rule`] is the rule by which a lot of machines runs, stops and restarts;
//! [`chain`] is Bitcoin's consensus arithmetic, exact; [`scenario`] turns a TOML file into
//! parameters; [`study`] runs replicas in parallel; [`output`] and [`report`] write what they found.
//!
//! Other programs call [`simulate`], [`run`], [`sweep`], [`score`], [`calibrate`], [`sensitivity`], [`nowcast`] and [`check`]; the
//! command line does nothing else.

pub mod chain;
pub mod declare;
pub mod hardware;
pub mod market;
pub mod mechanism;
pub mod output;
pub mod population;
pub mod power;
pub mod random;
pub mod scenario;
pub mod simulation;
pub mod study;
pub mod supply;
pub mod units;
pub mod world;

#[cfg(feature = "charts")]
pub mod figure;
#[cfg(feature = "charts")]
pub mod report;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;

pub mod book;

/// The commit that an optimised build was made from, with `-modified` if files had been changed; `debug` for a build for development.
pub const BUILD: &str = env!("SHAKEOUT_BUILD");

pub use study::{
    calibrate::calibrate, check, nowcast::nowcast, run, score::score, sensitivity::sensitivity, simulate, sweep,
};
