//! Acts: how what was decided is carried out in the accounts.

mod borrow;
mod dispose;
mod fail;
mod settle;

pub use settle::{Books, Settlement};
