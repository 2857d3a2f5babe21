//! The rows of histories with drawn assumptions, which a run with `[uncertainty]` simulates beside those as written.

use crate::{declare::row, units::Seconds};

row! {
    /// One row per replica and drawn assumption, of runs with `[uncertainty]`.
    pub struct DrawnRow<'a> in "drawn" by [assumption] {
        /// Key that is set, or pattern of the keys that are multiplied, where a star stands for any one part
        assumption: &'a str,
        /// Value in the unit of the key; a factor of a pattern
        value: f64,
    }
}

row! {
    /// One row per replica and day of its history with drawn assumptions, of runs with `[uncertainty]`.
    pub struct DrawnDay in "uncertain_days" by [time_utc] {
        /// End of the day
        time: Seconds => time_utc,
        /// Running hashrate, mean of the day
        hashrate_eh_per_s: f64 as "EH/s",
        /// Difficulty in force
        difficulty: f64,
        /// Expected revenue of 1 PH/s in a day
        hashprice_usd_per_ph_day: f64 as "USD/PH/day",
    }
}
