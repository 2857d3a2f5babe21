//! New machines: investment, orders and deliveries.

mod act;
mod deliver;
mod entry;
mod follow;
pub mod instalments;
mod invest;
pub mod params;
pub mod rule;

pub use act::Growth;
