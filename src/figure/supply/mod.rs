//! Tables, charts and pages of the law of hash supply: rolling forecasts, and the state of the network at a date.

mod charts;
mod page;
mod state;
mod tables;

pub use page::{write_rolling, write_state};
pub use tables::{rolling_tables, rolling_text};
