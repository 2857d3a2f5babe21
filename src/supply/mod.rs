//! Aggregate hash supply: the law by which hashrate grows, leaves and returns, its state corrected by history, and forecasts
//! from every epoch compared with history.

pub mod chain;
pub mod events;
pub mod filter;
pub mod history;
pub mod law;
pub mod on_sale;
pub mod state;
