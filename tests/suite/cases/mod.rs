//! Errors of the program found by outside users. Each is a test with the correct value. A case that needs a scenario
//! file has a frozen copy in the folder of its module, with its parents merged, so that later changes to `scenarios/` do not affect it.

mod chain;
mod default;
#[cfg(feature = "cli")]
mod failures;
#[cfg(feature = "cli")]
mod files;
mod loans;
mod machines;
#[cfg(feature = "cli")]
mod plausibility;
#[cfg(feature = "cli")]
mod reading;
#[cfg(feature = "charts")]
mod tables;
