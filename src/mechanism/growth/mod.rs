//! New machines: investment, orders and deliveries.

mod act;
mod deliver;
mod entry;
mod follow;
pub mod instalments;
mod invest;
mod outsiders;
pub mod params;
pub mod rule;
mod wish;

pub use act::Growth;
