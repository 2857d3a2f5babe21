//! Charges by coincident peak: what a load pays for its power in the interval of each summer month in which the load of the whole grid is highest.
//!
//! ```text
//! p_k = q (1 - q)^k / (1 - (1 - q)^n)     chance that the peak of a month of n days falls on the day that is thought likeliest after k others
//! v_k = charge / 4 * p_k / w              what a kWh that is not used in the w hours around the peak saves on average on that day
//! it mines in those hours iff s <= b - a - v_k
//! due = charge / 4 * load at the peak
//! ```
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | charge | transmission charge of a year per kW of the mean load in its four peaks | USD/kW |
//! | `q` | chance that a month's peak falls on its likeliest day | - |
//! | `w` | hours of a warned day: 15:00 to 18:00, summer time of Texas | h |
//! | `s`, `b`, `a` | as in [`super::demand_response`] | USD/kWh |
//!
//! Peaks fall into June to September, at 16:15 (S81). Which days look how likely is drawn, and on which of them the peak falls; so a site that leaves
//! its power unused on the K likeliest days of a month misses the peak with probability `1 - p_0 - ... - p_(K-1)`, and K follows from what an hour of mining earns: efficient machines at
//! a high hashprice stay on on more days, and pay more often. Known errors: the charge falls due at the peak, not in the instalments of the next year; how likely a
//! day is is known for the month as a whole, not day by day; peaks fall on all days of the week; miners all see one forecast, and their own load does not move the peak.

use crate::{
    declare::params,
    random::Draw,
    units::{PowerPrice, UnixTime},
};

params! {
    /// A charge for the load in four coincident peaks (A-79).
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct PeakCharge {
        /// Charge of a year per kW of the mean load in its four peaks; a quarter of it is due at each.
        usd_per_kw_year: f64 as "USD/kW" = 100.0, source("S81: 50-150"), uniform(50.0, 150.0, "S81"), within(0.0, 10_000.0),
            usual(1.0, 300.0, "A-79, S81: 50-150");
        /// Chance that the peak of a month falls on the day on which it is thought likeliest.
        likeliest_day_share: f64 = 0.35, source("A: 0.2-0.6"), uniform(0.2, 0.6, "assumed"), within(0.01, 0.99), usual(0.1, 0.8, "A-79");
    }
}

/// Months with a peak, from 0: June to September.
const MONTHS: std::ops::RangeInclusive<usize> = 5..=8;
/// Peaks of a year.
const PEAKS: f64 = 4.0;
/// Hours of a warned day, UTC: 15:00 to 18:00 in the summer time of Texas.
const WINDOW: std::ops::Range<usize> = 20..23;
/// Second of the day at which a peak falls, UTC: 16:15.
const PEAK_AT_S: i64 = 21 * 3600 + 900;

/// Whether the hour that begins at an instant is one of those in which peaks fall.
#[must_use]
pub fn is_in_window(starts: UnixTime) -> bool {
    WINDOW.contains(&starts.calendar().hour)
}

/// The instant at which the peak of the month falls, on the date of another instant, if it falls on that date.
#[must_use]
pub fn instant(of_date: UnixTime) -> UnixTime {
    UnixTime::new(of_date.get() - of_date.get().rem_euclid(86_400) + PEAK_AT_S)
}

/// How likely the peak of the month is to fall on a day, and whether it does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Warning {
    /// What a kWh that is not used in the window saves on average.
    pub saves: PowerPrice,
    /// Whether the peak falls on this day.
    pub is_peak: bool,
}

impl PeakCharge {
    /// What is due per kW of load at a peak.
    #[must_use]
    pub fn due_per_kw(&self) -> f64 {
        self.usd_per_kw_year / PEAKS
    }

    /// The warning of the day of an instant; `agent` is the address of the region. `None` in months without a peak.
    #[must_use]
    pub fn warning(&self, draw: Draw, agent: u64, time: UnixTime) -> Option<Warning> {
        let date = time.calendar();
        if !MONTHS.contains(&date.of_year) {
            return None;
        }
        let month = date.month as u64 * 64;
        let place = |day: usize| draw.uniform(agent, month + day as u64);
        let own = place(date.day);
        let before = (1..=date.month_days).filter(|&day| place(day) < own).count();
        let others = 1.0 - self.likeliest_day_share;
        #[expect(clippy::cast_precision_loss, reason = "days of a month")]
        let power = |days: usize| libm::pow(others, days as f64);
        let all = 1.0 - power(date.month_days);
        let chance = self.likeliest_day_share * power(before) / all;
        // The peak is on the k-th day if a uniform number lies between the chances of the days before it and those with it.
        let drawn = place(0) * all;
        let is_peak = 1.0 - power(before) < drawn && drawn <= 1.0 - power(before + 1);
        #[expect(clippy::cast_precision_loss, reason = "hours of a day")]
        let saves = self.due_per_kw() * chance / WINDOW.len() as f64;
        Some(Warning { saves: PowerPrice::new(saves), is_peak })
    }
}

#[cfg(test)]
mod tests;
