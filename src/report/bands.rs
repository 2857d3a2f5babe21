//! What is kept of many histories: quantiles over replicas at the instants of a grid.

use crate::study::score::quantile;

/// How much of a result folder is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Instants on the time axis.
    pub points: usize,
    /// The number of replicas that are kept, from the first on.
    pub replicas: usize,
    /// The number of replicas, from the first on, that are drawn one by one.
    pub paths: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { points: 300, replicas: 2_000, paths: 5 }
    }
}

/// Quantiles over replicas at each instant of a [`Grid`]; NaN where no replica has a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fan {
    /// Lower edge of the 90 % band.
    pub p05: Vec<f64>,
    /// Lower edge of the 50 % band.
    pub p25: Vec<f64>,
    /// Median.
    pub p50: Vec<f64>,
    /// Upper edge of the 50 % band.
    pub p75: Vec<f64>,
    /// Upper edge of the 90 % band.
    pub p95: Vec<f64>,
}

impl Fan {
    /// The fan of `histories`, one per replica, each of length `points`.
    #[must_use]
    pub fn over(histories: &[Vec<f64>], points: usize) -> Self {
        let mut fan = Self::default();
        let mut values = Vec::with_capacity(histories.len());
        for point in 0..points {
            values.clear();
            values.extend(histories.iter().map(|history| history[point]).filter(|v| !v.is_nan()));
            values.sort_by(f64::total_cmp);
            fan.p05.push(quantile(&values, 0.05));
            fan.p25.push(quantile(&values, 0.25));
            fan.p50.push(quantile(&values, 0.50));
            fan.p75.push(quantile(&values, 0.75));
            fan.p95.push(quantile(&values, 0.95));
        }
        fan
    }
}

/// The instants at which fans are kept: the first replica's days, thinned to a limited number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Start of the first day, seconds since 1970.
    pub start: i64,
    /// The instants, seconds since 1970: each the end of a day.
    pub times: Vec<i64>,
    /// The number of days of which one is kept.
    pub stride: usize,
}

impl Grid {
    /// At most `points` of the ends of days `days`, the last one always among them.
    pub(crate) fn over(days: &[i64], points: usize) -> Self {
        let stride = days.len().div_ceil(points.max(1)).max(1);
        let mut times: Vec<i64> = days.chunks(stride).filter_map(|days| days.last().copied()).collect();
        times.dedup();
        let first = days.first().copied().unwrap_or_default();
        let length = days.get(1).map_or(86_400, |second| second - first);
        Self { start: first - length, times, stride }
    }

    /// The first instant not before `time`: a row overwrites earlier rows of the same cell, so the last one stays.
    pub(crate) fn cell(&self, time: i64) -> Option<usize> {
        let cell = self.times.partition_point(|&end| end < time);
        (time > self.start && cell < self.times.len()).then_some(cell)
    }

    /// End of the last day, seconds since 1970.
    #[must_use]
    pub fn end(&self) -> i64 {
        self.times.last().copied().unwrap_or(self.start)
    }
}

/// One column of `days.csv` over replicas.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Band {
    /// Quantiles over replicas.
    pub fan: Fan,
    /// The first replicas one by one.
    pub paths: Vec<Vec<f64>>,
}
