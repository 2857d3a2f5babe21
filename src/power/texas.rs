//! Hourly prices with the shape of those of Texas: a latent state of the market follows hour of day, month and its own past, and a table says what a
//! state costs.
//!
//! ```text
//! z(t) = HOURS[hour] + MONTHS[month] + l(t) + n(t)        state of the market
//! l(t) = phi l(t - 1) + e(t)                              level: what lasts from hour to hour, sd LEVEL
//! n(t)                                                    noise of a single hour, sd NOISE
//! s(t) = price(z(t)) * mean / MEAN                        linear in z between the rows of TABLE up to 40 USD/MWh, log-linear above
//! ```
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `z`, `l`, `n` | state, level, noise; `z` has a variance of 1 over a year | - |
//! | `phi` | persistence of the level from one hour to the next | - |
//! | `mean` | mean price that the scenario states | USD/kWh |
//!
//! Source: prices of the average hub of ERCOT in real time, means of hours, January 2024 to September 2025, 15,335 hours (S80). TABLE has their quantiles:
//! `z` of a row is the value that the process exceeds in just the share of hours in which prices exceeded the row's. HOURS and MONTHS are the normal scores of the
//! median prices by hour of day and by month. `phi`, LEVEL and NOISE follow from the rank autocorrelations at 1 and 24 hours, 0.889 and 0.540, by the
//! relation of normal variables `r = 2 sin(pi rho / 6)`.
//!
//! Known errors: the daily mean varies more than the measured one (sd of its logarithm 0.7, measured 0.57); negative prices are measured mainly from December to
//! April, and here fall into every month; the clock keeps standard time in summer; hub prices, not those of the west, where most miners are.

use super::Duration;
use crate::{
    random::Draw,
    units::{PowerPrice, UnixTime},
};

/// Seconds by which the clock of Texas is behind UTC: US Central Standard Time.
pub const CLOCK_BEHIND_S: i64 = 6 * 3600;

/// Long-run mean of the table's prices.
pub const MEAN: PowerPrice = PowerPrice::new(0.029_14);

/// Effect of the hour of day on the state.
const HOURS: [f64; 24] = [
    -0.057, -0.183, -0.25, -0.229, -0.166, -0.026, 0.172, 0.002, -0.508, -0.731, -0.67, -0.528, -0.325, -0.233, -0.194,
    -0.074, 0.072, 0.398, 0.736, 1.028, 0.887, 0.631, 0.231, 0.017,
];
/// Effect of the month on the state.
const MONTHS: [f64; 12] =
    [0.2511, -0.4419, -0.2309, -0.3849, 0.1061, 0.2061, 0.1411, 0.3671, 0.1841, -0.2429, -0.1439, 0.1891];
/// Persistence of the level over an hour.
const PERSISTENCE: f64 = 0.9648;
/// Standard deviation of the level.
const LEVEL: f64 = 0.819;
/// Standard deviation of the noise of an hour.
const NOISE: f64 = 0.235;

/// Price in USD/MWh, share of hours at or below it, and the state at which it is reached.
const TABLE: [(f64, f64, f64); 17] = [
    (-31.8, 0.000_033, -3.8628),
    (-2.42, 0.01, -2.2840),
    (0.0, 0.0239, -1.9504),
    (3.97, 0.05, -1.6275),
    (8.64, 0.1, -1.2747),
    (15.78, 0.25, -0.6800),
    (22.21, 0.5, -0.0104),
    (30.81, 0.75, 0.6698),
    (48.02, 0.9, 1.2903),
    (67.34, 0.95, 1.6636),
    (100.0, 0.979_65, 2.0761),
    (136.77, 0.99, 2.3621),
    (200.0, 0.994_98, 2.6142),
    (500.0, 0.998_76, 3.0681),
    (772.0, 0.999, 3.1324),
    (1000.0, 0.999_28, 3.2281),
    (3060.4, 0.999_967, 4.0179),
];
/// From this price in USD/MWh on, prices between two rows of the table are log-linear.
const LOG_LINEAR_FROM: f64 = 40.0;

/// Price of a state, USD/kWh.
fn price(state: f64) -> f64 {
    let row = TABLE.partition_point(|&(_, _, z)| z <= state);
    if row == 0 || row == TABLE.len() {
        return TABLE[row.min(TABLE.len() - 1)].0 / 1e3;
    }
    let ((from, _, low), (to, _, high)) = (TABLE[row - 1], TABLE[row]);
    let part = (state - low) / (high - low);
    let usd_per_mwh =
        if from < LOG_LINEAR_FROM { from + (to - from) * part } else { from * libm::exp(part * libm::log(to / from)) };
    usd_per_mwh / 1e3
}

/// The state of a region's market as time passes.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Address of the region's draws.
    agent: u64,
    level: f64,
    /// The last hour since 1970 that was computed, and its price.
    last: Option<(i64, PowerPrice)>,
}

impl Weather {
    /// A market whose hours have not begun; `agent` is the address of the region.
    #[must_use]
    pub const fn new(agent: u64) -> Self {
        Self { agent, level: 0.0, last: None }
    }

    /// Price of an hour since 1970: the last one again, the next one, or the first of all.
    pub fn price(&mut self, draw: Draw, hour: i64) -> PowerPrice {
        let index = hour.cast_unsigned().wrapping_mul(2);
        let shock = |sd: f64, index: u64| sd * draw.standard_normal(self.agent, index);
        self.level = match self.last {
            Some((last, price)) if last == hour => return price,
            Some(_) => PERSISTENCE * self.level + shock(LEVEL * libm::sqrt(1.0 - PERSISTENCE * PERSISTENCE), index),
            None => shock(LEVEL, index),
        };
        let clock = UnixTime::new(hour * 3600 - CLOCK_BEHIND_S).calendar();
        let price =
            PowerPrice::new(price(HOURS[clock.hour] + MONTHS[clock.of_year] + self.level + shock(NOISE, index + 1)));
        self.last = Some((hour, price));
        price
    }
}

/// The curve of all hours in the long run, for prices of this mean. Between two rows of the table, the share of hours follows the normal distribution.
#[must_use]
pub fn in_the_long_run(mean: PowerPrice) -> Duration {
    const PARTS: u32 = 32;
    let scale = mean.get() / MEAN.get();
    let hour = |usd_per_kwh: f64, share: f64| (PowerPrice::new(usd_per_kwh * scale), share);
    let (first, last) = (TABLE[0], TABLE[TABLE.len() - 1]);
    let mut hours = vec![hour(first.0 / 1e3, first.1), hour(last.0 / 1e3, 1.0 - last.1)];
    for pair in TABLE.windows(2) {
        let ((_, from, low), (_, to, high)) = (pair[0], pair[1]);
        let (from, to) = (normal_quantile(from), normal_quantile(to));
        let share = |part: u32| at_most(from + (to - from) * f64::from(part) / f64::from(PARTS));
        for part in 0..PARTS {
            let state = low + (high - low) * (f64::from(part) + 0.5) / f64::from(PARTS);
            hours.push(hour(price(state), share(part + 1) - share(part)));
        }
    }
    Duration::of(hours)
}

/// P(Z <= z) of a standard normal.
fn at_most(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The z with P(Z <= z) = `probability`, by bisection.
fn normal_quantile(probability: f64) -> f64 {
    let (mut low, mut high) = (-8.0, 8.0);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if at_most(middle) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests;
