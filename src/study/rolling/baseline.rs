//! Baseline forecasts with which the law is compared. All of them know the factor of the ban, and replace the hashrate of the
//! blackout epoch by the mean of its neighbours.
//!
//! | symbol | meaning |
//! |---|---|
//! | `y` | logarithm of hashrate, EH/s, minus the logarithm of the known factor of the ban |
//! | `r` | logarithm of revenue per block, USD |
//! | `f` | mean of the logarithm of the energy per hash of the best machine, by date of release, from 300 to 120 days before the middle of the epoch |
//! | `z` | `r - y - f`: revenue per kWh of a frontier machine, up to a constant |
//!
//! ```text
//! error correction:   y_k - y_k-1 = b0 + b1 dr_k + b2 dr_k-1 + b3 dr_k-2 + b4 (z_k-1 + z_k-2)/2   [+ b5 (y_k-1 + f_k-1) with size]
//! local linear trend: level and slope are random walks; Kalman filter
//! ```

use super::{AHEAD, Forecasts, Rolling, date};
use crate::{
    chain::subsidy::subsidy,
    study::score::least_squares,
    supply::state::{Prices, revenue_usd},
};

/// A forecast that uses the history of hashrate and, in some cases, revenue and the efficiency frontier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// Hashrate of the last epoch.
    RandomWalk,
    /// The mean growth over this number of past epochs continues.
    Drift(usize),
    /// Local linear trend.
    LocalTrend,
    /// Error correction, estimated from data known at the origin.
    ErrorCorrection,
    /// Error correction, estimated from all epochs except those around the target, with or without a term in the network's power.
    LeftOut {
        /// Whether the network's power is a predictor.
        size: bool,
    },
}

/// The baselines of the protocol.
pub const BASELINES: [Baseline; 9] = [
    Baseline::RandomWalk,
    Baseline::Drift(3),
    Baseline::Drift(13),
    Baseline::Drift(26),
    Baseline::Drift(52),
    Baseline::LocalTrend,
    Baseline::ErrorCorrection,
    Baseline::LeftOut { size: false },
    Baseline::LeftOut { size: true },
];

/// Half-life of the recovery of hashrate after a closure, as baselines assume it, days.
const BAN_HALF_LIFE: f64 = 75.0;
/// Standard deviations of the innovations of level and slope and of the noise of the local linear trend, per epoch.
const TREND: [f64; 3] = [0.042, 0.004, 0.0223];
/// Start dates of the blocks of epochs that are left out in turn.
const BLOCKS: [&str; 8] =
    ["2015-07-01", "2017-03-01", "2018-09-01", "2019-06-10", "2020-09-25", "2021-04-14", "2022-02-20", "2023-02-12"];
/// Number of epochs on each side of a block that are left out with it.
const PURGED: usize = 2;
/// A ridge penalty that keeps the normal equations solvable.
const RIDGE: f64 = 1e-6;

impl Baseline {
    /// The name in tables.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::RandomWalk => "random walk".to_owned(),
            Self::Drift(epochs) => format!("drift {epochs}"),
            Self::LocalTrend => "local trend".to_owned(),
            Self::ErrorCorrection => "error correction".to_owned(),
            Self::LeftOut { size: false } => "error correction, left out".to_owned(),
            Self::LeftOut { size: true } => "with size, left out".to_owned(),
        }
    }

    /// Forecasts from every epoch.
    #[must_use]
    pub fn forecasts(self, rolling: &Rolling<'_>, prices: Prices) -> Forecasts {
        let series = Series::new(rolling);
        let closed = rolling.history.closed();
        let mut all = vec![[f64::NAN; AHEAD]; closed];
        if let Self::LeftOut { size } = self {
            series.left_out(rolling, size, prices, &mut all);
        } else {
            for (origin, row) in all.iter_mut().enumerate().skip(series.estimated_from + 40) {
                series.fill(self, origin, prices, row);
            }
        }
        for (origin, row) in all.iter_mut().enumerate() {
            for (ahead, value) in row.iter_mut().enumerate() {
                *value += series.ban.get(origin + ahead).copied().unwrap_or(f64::NAN);
            }
        }
        all
    }
}

/// The data that baselines use, by epoch.
struct Series {
    y: Vec<f64>,
    /// Logarithm of the known factor of the ban.
    ban: Vec<f64>,
    price: Vec<f64>,
    fees_and_subsidy: Vec<(f64, f64)>,
    f: Vec<f64>,
    /// Real-time estimates begin with this epoch, the first of June 2014.
    estimated_from: usize,
}

impl Series {
    fn new(rolling: &Rolling<'_>) -> Self {
        let history = rolling.history;
        let closed = history.closed();
        let ban: Vec<f64> = (0..closed).map(|epoch| ban(rolling, epoch)).collect();
        let mut y: Vec<f64> = rolling.observed().iter().zip(&ban).map(|(y, ban)| y - ban).collect();
        for epoch in 1..closed - 1 {
            if !rolling.is_scored(epoch) {
                y[epoch] = f64::midpoint(y[epoch - 1], y[epoch + 1]);
            }
        }
        let epochs = &history.epochs()[..closed];
        let frontier = |epoch: usize| {
            let middle = history.begins(epoch) + history.length(epoch).get() / 2.0;
            let at = |step: u32| libm::log(rolling.on_sale.at(middle - 120.0 - 15.0 * f64::from(step) + 30.0).get());
            (0..13).map(at).sum::<f64>() / 13.0
        };
        Self {
            y,
            ban,
            price: epochs.iter().map(|epoch| epoch.price.get()).collect(),
            fees_and_subsidy: epochs.iter().map(|e| (e.fees.btc(), subsidy(e.start_height).btc())).collect(),
            f: (0..closed).map(frontier).collect(),
            estimated_from: history.first_from(date("2014-06-01")),
        }
    }

    /// Logarithm of the revenue per block in an epoch, as forecast from the origin: with its own price and fees, or with those of
    /// the epoch before the origin.
    fn revenue(&self, epoch: usize, origin: usize, prices: Prices) -> f64 {
        let frozen = prices == Prices::Frozen && epoch >= origin;
        let read = if frozen { origin - 1 } else { epoch };
        let reward = self.fees_and_subsidy[read].0 + self.fees_and_subsidy[epoch].1;
        libm::log(revenue_usd(crate::units::UsdPerBtc::new(self.price[read]), crate::units::Sats::from_btc(reward)))
    }

    fn fill(&self, baseline: Baseline, origin: usize, prices: Prices, row: &mut [f64; AHEAD]) {
        let ahead = AHEAD.min(self.y.len() - origin);
        let last = self.y[origin - 1];
        let trend = |growth: f64, row: &mut [f64]| {
            let mut level = last;
            for value in row {
                level += growth;
                *value = level;
            }
        };
        match baseline {
            Baseline::RandomWalk => trend(0.0, &mut row[..ahead]),
            Baseline::Drift(epochs) => {
                let Some(before) = (origin - 1).checked_sub(epochs) else { return };
                #[expect(clippy::cast_precision_loss, reason = "a few dozen epochs")]
                trend((last - self.y[before]) / epochs as f64, &mut row[..ahead]);
            }
            Baseline::LocalTrend => {
                let (level, slope) = local_trend(&self.y[self.estimated_from..origin]);
                let mut value = level;
                for place in &mut row[..ahead] {
                    value += slope;
                    *place = value;
                }
            }
            Baseline::ErrorCorrection => {
                let used: Vec<usize> = (self.estimated_from + 8..origin).collect();
                if let Some(coefficients) = self.estimate(&used, false, origin, prices) {
                    self.project(&coefficients, false, origin, prices, &mut row[..ahead]);
                }
            }
            Baseline::LeftOut { .. } => {}
        }
    }

    /// Predictors of the growth in an epoch, from a path of `y` that is known up to the previous epoch.
    fn predictors(&self, y: &[f64], epoch: usize, size: bool, origin: usize, prices: Prices) -> Vec<f64> {
        let r = |epoch: usize| self.revenue(epoch, origin, prices);
        let z = |epoch: usize| r(epoch) - y[epoch] - self.f[epoch];
        let change = |epoch: usize| r(epoch) - r(epoch - 1);
        let mut row = vec![1.0, change(epoch), change(epoch - 1), change(epoch - 2)];
        row.push(f64::midpoint(z(epoch - 2), z(epoch - 1)));
        if size {
            row.push(y[epoch - 1] + self.f[epoch - 1]);
        }
        row
    }

    fn estimate(&self, used: &[usize], size: bool, origin: usize, prices: Prices) -> Option<Vec<f64>> {
        let mut rows: Vec<Vec<f64>> =
            used.iter().map(|epoch| self.predictors(&self.y, *epoch, size, origin, prices)).collect();
        let mut values: Vec<f64> = used.iter().map(|epoch| self.y[*epoch] - self.y[epoch - 1]).collect();
        // The ridge penalty is added as one more row per coefficient.
        for column in 0..rows.first()?.len() {
            let mut row = vec![0.0; rows[0].len()];
            row[column] = libm::sqrt(RIDGE);
            rows.push(row);
            values.push(0.0);
        }
        least_squares(&rows, &values)
    }

    fn project(&self, coefficients: &[f64], size: bool, origin: usize, prices: Prices, row: &mut [f64]) {
        let mut y = self.y[..origin].to_vec();
        for (ahead, place) in row.iter_mut().enumerate() {
            let predictors = self.predictors(&y, origin + ahead, size, origin, prices);
            let growth: f64 = predictors.iter().zip(coefficients).map(|(x, b)| x * b).sum();
            let next = y[origin + ahead - 1] + growth;
            y.push(next);
            *place = next;
        }
    }

    /// Forecasts each block of epochs with coefficients estimated from all other epochs.
    fn left_out(&self, rolling: &Rolling<'_>, size: bool, prices: Prices, all: &mut Forecasts) {
        let closed = self.y.len();
        let from = rolling.history.first_from(date("2014-09-01")) + 8;
        let mut bounds: Vec<usize> = BLOCKS.iter().map(|day| rolling.history.first_from(date(day))).collect();
        bounds.push(closed);
        for block in bounds.windows(2) {
            let (begin, end) = (block[0], block[1]);
            let used: Vec<usize> =
                (from..closed).filter(|epoch| !(begin.saturating_sub(PURGED)..end + PURGED).contains(epoch)).collect();
            // The estimate uses past and future epochs, so their prices are always taken as known.
            let Some(coefficients) = self.estimate(&used, size, closed, Prices::Known) else { continue };
            let first = begin.saturating_sub(AHEAD).max(from);
            for (origin, forecast) in all.iter_mut().enumerate().take(end).skip(first) {
                let ahead = AHEAD.min(closed - origin);
                let mut row = [f64::NAN; AHEAD];
                self.project(&coefficients, size, origin, prices, &mut row[..ahead]);
                for (step, value) in row.iter().enumerate().filter(|(step, _)| (begin..end).contains(&(origin + step)))
                {
                    forecast[step] = *value;
                }
            }
        }
    }
}

/// Mean logarithm of the share of hashrate that a ban leaves in an epoch.
fn ban(rolling: &Rolling<'_>, epoch: usize) -> f64 {
    let events = crate::supply::events::Events::default();
    let (start, length) = (rolling.history.begins(epoch), rolling.history.length(epoch).get());
    let closed = |day: f64| {
        let shares = events.closures.iter().map(|closure| {
            let done = ((day - closure.from) / (closure.until - closure.from)).clamp(0.0, 1.0);
            closure.share * done * libm::exp2(-(day - closure.until).max(0.0) / BAN_HALF_LIFE)
        });
        shares.sum::<f64>()
    };
    let mean = (0..15).map(|point| closed(start + length * f64::from(point) / 14.0)).sum::<f64>() / 15.0;
    libm::log(1.0 - mean)
}

/// Level and slope of a local linear trend at the end of a series.
fn local_trend(series: &[f64]) -> (f64, f64) {
    let [level_sd, slope_sd, noise_sd] = TREND;
    let (mut level, mut slope) = (series[0], 0.0);
    let [mut p00, mut p01, mut p11] = [0.01, 0.0, 0.001];
    for value in &series[1..] {
        level += slope;
        (p00, p01, p11) = (p00 + 2.0 * p01 + p11 + level_sd * level_sd, p01 + p11, p11 + slope_sd * slope_sd);
        let total = p00 + noise_sd * noise_sd;
        let (gain, gain_slope) = (p00 / total, p01 / total);
        let surprise = value - level;
        level += gain * surprise;
        slope += gain_slope * surprise;
        (p00, p01, p11) = (p00 - gain * p00, p01 - gain * p01, p11 - gain_slope * p01);
    }
    (level, slope)
}
