//! The engine: one history of one network, a day at a time.

pub mod record;
