//! New machines: ordered, delivered, and bought by those for whom they pay.

mod act;
mod deliver;
mod invest;
pub mod params;
pub mod rule;

pub use act::Growth;
