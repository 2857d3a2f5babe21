//! Machines: the shipped catalogue, manufacturers, orders and progress.

mod catalogue;
mod frontier;
mod manufacturer;
mod order_book;
mod order_law;
mod params;
mod sheet;

pub use catalogue::{Cooling, Machine, catalogue, find, nearest, read as read_catalogue};
pub use frontier::Frontier;
pub use manufacturer::Manufacturers;
pub use order_book::{Lag, OrderBook};
pub use order_law::{OrderLaw, earned_cents};
pub use params::{EFFICIENCY, refuse_unknown};
pub use sheet::SHEET;
