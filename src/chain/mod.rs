//! The chain: heights, subsidy, compact targets, difficulty rules and the instants of blocks, exact where Bitcoin is exact.
//!
//! [`Chain`] advances by [`Chain::advance`] through a step of constant hashrate, or by [`Chain::advance_block`] from block to block. Instants are
//! `f64` seconds from the scenario's start; a header has the whole second below, and the rules read only headers.
//! The rules are pure functions on integers, one file each, in [`retarget`].

mod arrivals;
mod epochs;
pub mod estimate;
mod event;
mod fees;
mod params;
pub mod retarget;
mod running;
pub mod subsidy;
mod target;

pub use epochs::Epochs;
pub use event::{ChainEvent, GapStatistics, Mined};
pub use params::{Arrivals, ChainParams, DIFFICULTY, FeeLaw, FeeSpike, Fees, HASHRATE, PastBlocks, Retarget, Tip};
pub use running::Chain;
pub use target::{CompactTarget, Target, TargetError};
