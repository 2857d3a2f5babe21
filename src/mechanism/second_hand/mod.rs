//! The market of used machines. Its pricing is in [`crate::market::rigs`].

mod act;
mod clearing;

pub use act::{arrive, proceeds, trade};
