//! The initial population of miners: drawn from classes, or listed one by one.

pub mod draw;
