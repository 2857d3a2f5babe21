//! Cases in which outsiders found the program wrong. Each is a test of its own with the right value. A case that needs a scenario
//! file has a frozen copy in the folder of its module, with the parents merged, so that later changes to `scenarios/` do not move it.

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
