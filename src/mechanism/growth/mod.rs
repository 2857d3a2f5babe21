//! New machines: investment, orders and deliveries.

mod act;
mod deliver;
mod entry;
mod follow;
mod invest;
pub mod params;
pub mod rule;

pub use act::Growth;
