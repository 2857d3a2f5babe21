//! The chain: heights, subsidy, compact targets, difficulty rules and the instants of blocks, exact where Bitcoin is exact.

mod params;

pub use params::{Arrivals, ChainParams, Fees, PastBlocks, Retarget};
