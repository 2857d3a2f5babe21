//! Miners as they are at the start: drawn from classes, or listed one by one.

pub mod draw;
