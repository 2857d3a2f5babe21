//! The market of used machines. Its prices are in [`crate::market::rigs`].

mod act;
mod clearing;

pub use act::{arrive, proceeds, trade};
