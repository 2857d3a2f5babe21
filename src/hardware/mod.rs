//! Machines: the catalogue shipped with the project, what is built and asked for, how machines get better, and how they wear.

mod ageing;
mod catalogue;
mod frontier;
mod manufacturer;
mod order_book;

pub use ageing::Ageing;
pub use catalogue::{Cooling, Machine, catalogue, find, nearest, read as read_catalogue};
pub use frontier::Frontier;
pub use manufacturer::Manufacturers;
pub use order_book::{Lag, OrderBook};
