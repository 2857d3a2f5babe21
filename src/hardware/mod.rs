//! Machines: the catalogue shipped with the project.

mod catalogue;

pub use catalogue::{Machine, catalogue, find, nearest};
