//! Acts: how what was decided is carried out in the accounts.

mod borrow;
mod deliver;
mod dispose;
mod fail;
mod respond;
mod settle;

pub use deliver::{Deliveries, Ground};
pub use respond::Responding;
pub use settle::{Books, Settlement};
