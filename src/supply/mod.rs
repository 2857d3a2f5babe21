//! Hash supply in the aggregate: the law by which hashrate grows, leaves and comes back, its state corrected by history, and forecasts
//! from every epoch held against what came.

pub mod chain;
pub mod events;
pub mod filter;
pub mod history;
pub mod law;
pub mod on_sale;
pub mod state;
