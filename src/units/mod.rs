//! Units as types: a quantity cannot be passed in place of another.
//!
//! Continuous quantities are `f64` behind a name ([`quantity`]). Coins, hashrate and heights are integers,
//! because sums of integers are exact in any order.

mod energy;
mod hash;
mod id;
mod money;
mod quantity;
mod time;
pub mod whole;

pub use energy::{DailyEnergy, Energy, Power, PowerPrice};
pub use hash::{Efficiency, Hashprice, Hashrate};
pub use id::{ClassId, Column, FirmId, Id, LoanId, LotId, ModelId, RegionId, SiteId, ids};
pub use money::{NanoUsd, Sats, Usd, UsdPerBtc};
pub use time::{DAY_S, Days, MONTH_DAYS, Seconds, UnixTime, YEAR_DAYS};
