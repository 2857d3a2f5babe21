//! Units as types: a quantity cannot be passed where another is meant.
//!
//! Continuous quantities are `f64` behind a name ([`quantity`]); coins, hashrate and heights are integers,
//! because sums of integers are exact and do not depend on the order of their terms.

mod energy;
mod hash;
mod money;
mod quantity;
mod time;

pub use energy::{Power, PowerPrice};
pub use hash::{Efficiency, Hashprice, Hashrate};
pub use money::{NanoUsd, Sats, Usd, UsdPerBtc};
pub use time::{Days, Seconds, UnixTime};
