//! Machines on order at the start.
//!
//! Orders placed before the start are paid and are delivered whatever the price; this is why hashrate rose through
//! the price fall of 2022. They are known before the start, either as a schedule or from the growth of the previous months:
//! if machines were ordered at a steady rate g and each takes a time T to arrive, then at t after the start
//!
//! `rate(t) = g P(T > t)`, so `g E[min(T, t)]` have arrived by t, and `g E[T]` arrive in total.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | g | `eh_per_day` | EH/s per day | growth before the start |
//! | T | [`Lag`] | day | time from order to delivery, lognormal with median m and log-sd s |
//! | z | – | 1 | (ln t - ln m)/s |
//!
//! `E[min(T, t)] = m e^(s^2/2) Phi(z - s) + t (1 - Phi(z))`
//!
//! Orders under the rule of [`OrderLaw`](super::OrderLaw) pass two stages of mean L/2 each. If half of E is in each stage at the start,
//! `E (1 - (1 + t/L) e^(-2t/L))` has arrived by t.
//!
//! **Known error.** Real orders follow the price: growth before a peak came from orders at lower prices, and more can be on order than growth shows.
//!
//! **Sources.** Lags: 30 days in a bear market, 180-270 in a bull market, median 90.

use crate::{
    declare::{SPAN_DAYS, params},
    units::{Days, MONTH_DAYS},
};

params! {
    /// Time from order to delivery, lognormal.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Lag {
        /// Median time from order to delivery.
        median: Days => lag_days as SPAN_DAYS = 90.0, source("A: 30-270"), uniform(30.0, 270.0, "assumed"), positive(3650.0),
            usual(1.0, 540.0, "A-47: 30-270");
        /// Standard deviation of its logarithm.
        log_sd: f64 => lag_log_sd = 0.4, source("A: 0-0.8"), uniform(0.0, 0.8, "assumed"), within(0.0, 3.0), usual(0.0, 1.2, "A-47: 0-0.8");
    }
}
impl Lag {
    /// The lag for a standard normal draw.
    #[must_use]
    pub fn drawn(self, normal: f64) -> Days {
        self.median * libm::exp(self.log_sd * normal)
    }

    /// Mean, `m e^(s^2/2)`.
    #[must_use]
    pub fn mean(self) -> Days {
        self.median * libm::exp(self.log_sd * self.log_sd / 2.0)
    }

    /// `E[min(T, t)]`: days of past orders delivered by time t, for a steady flow of orders up to the start.
    #[must_use]
    pub fn come_by(self, t: Days) -> Days {
        if t <= Days::ZERO || self.median <= Days::ZERO {
            return Days::ZERO;
        }
        if self.log_sd <= 0.0 {
            return if t < self.median { t } else { self.median };
        }
        let z = libm::log(t / self.median) / self.log_sd;
        self.mean() * normal_cdf(z - self.log_sd) + t * (1.0 - normal_cdf(z))
    }
}

fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// Machines on order at the start.
#[derive(Clone, Debug, PartialEq)]
pub enum OrderBook {
    /// Orders at the steady growth before the start.
    Trend {
        /// Growth before the start, EH/s per day.
        eh_per_day: f64,
        /// Time from order to delivery.
        lag: Lag,
    },
    /// EH/s delivered in each month from the start on.
    Schedule(Vec<f64>),
    /// Orders on their way through two stages of delivery, half of them in each.
    TwoStages {
        /// All of them, EH/s.
        eh: f64,
        /// Mean time from order to delivery.
        lag: Days,
    },
}

impl OrderBook {
    /// EH/s delivered by an instant after the start.
    #[must_use]
    pub fn come_by(&self, t: Days) -> f64 {
        match self {
            Self::Trend { eh_per_day, lag } => eh_per_day * lag.come_by(t).get(),
            Self::Schedule(months) => {
                let passed = t.get() / MONTH_DAYS;
                let part = |(month, eh): (usize, &f64)| {
                    #[expect(clippy::cast_precision_loss, reason = "few months")]
                    let begun = passed - month as f64;
                    eh * begun.clamp(0.0, 1.0)
                };
                months.iter().enumerate().map(part).sum()
            }
            Self::TwoStages { eh, lag } => {
                let stages = 2.0 * (t.get() / lag.get()).max(0.0);
                eh * (1.0 - libm::exp(-stages) * (1.0 + 0.5 * stages))
            }
        }
    }

    /// Total on order, EH/s.
    #[must_use]
    pub fn total_eh(&self) -> f64 {
        match self {
            Self::Trend { eh_per_day, lag } => eh_per_day * lag.mean().get(),
            Self::Schedule(months) => months.iter().sum(),
            Self::TwoStages { eh, .. } => *eh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Draw, Purpose};

    const LAG: Lag = Lag { median: Days::new(90.0), log_sd: 0.5 };

    /// The closed form equals the mean of drawn lags, cut at t.
    #[test]
    fn flow_that_has_come_is_the_mean_of_cut_lags() {
        let draw = Draw::new(1, 0, Purpose::DeliveryLag);
        for t in [10.0, 60.0, 90.0, 200.0, 1000.0] {
            let n = 100_000u32;
            let sum: f64 = (0..n).map(|i| LAG.drawn(draw.standard_normal(0, u64::from(i))).get().min(t)).sum();
            let closed = LAG.come_by(Days::new(t)).get();
            assert!(
                (closed / (sum / f64::from(n)) - 1.0).abs() < 5e-3,
                "{t} d: {closed} against {}",
                sum / f64::from(n)
            );
        }
        assert!((LAG.mean().get() - 90.0 * libm::exp(0.125)).abs() < 1e-12);
    }

    /// Without spread machines arrive at the former rate during the lag, then stop.
    #[test]
    fn without_spread_growth_goes_on_for_the_lag() {
        let book = OrderBook::Trend { eh_per_day: 0.5, lag: Lag { log_sd: 0.0, ..LAG } };
        for (t, eh) in [(0.0, 0.0), (30.0, 15.0), (90.0, 45.0), (500.0, 45.0)] {
            assert!((book.come_by(Days::new(t)) - eh).abs() < 1e-12, "{t} d");
        }
        assert!((book.total_eh() - 45.0).abs() < 1e-12);
    }

    #[test]
    fn a_trend_comes_in_all_to_growth_times_mean_lag() {
        let book = OrderBook::Trend { eh_per_day: 0.5, lag: LAG };
        assert!((book.come_by(Days::new(1e5)) / book.total_eh() - 1.0).abs() < 1e-9);
        assert!((book.come_by(Days::new(5.0)) / 2.5 - 1.0).abs() < 1e-3, "at first growth goes on as before");
    }

    /// Half of 40 EH/s is in each stage of 45 days. The second stage alone empties as 20 (1 - e^-1) in 45 days; the first as
    /// 20 (1 - 2 e^-1): together 40 - 60 e^-1.
    #[test]
    fn two_stages_empty_by_hand() {
        let book = OrderBook::TwoStages { eh: 40.0, lag: Days::new(90.0) };
        assert!((book.come_by(Days::new(45.0)) - (40.0 - 60.0 * libm::exp(-1.0))).abs() < 1e-12);
        assert!(book.come_by(Days::ZERO).abs() < 1e-12);
        assert!((book.come_by(Days::new(1e4)) - book.total_eh()).abs() < 1e-9);
    }

    #[test]
    fn a_schedule_is_kept_evenly_within_each_month() {
        let book = OrderBook::Schedule(vec![30.0, 0.0, 12.0]);
        for (months, eh) in [(0.5, 15.0), (1.0, 30.0), (1.7, 30.0), (2.25, 33.0), (9.0, 42.0)] {
            assert!((book.come_by(Days::new(months * MONTH_DAYS)) - eh).abs() < 1e-9, "{months} months");
        }
        assert!((book.total_eh() - 42.0).abs() < 1e-12);
    }
}
