//! Axes of values: where ticks stand and what is written at them.

use crate::report::number::grouped;

/// From a value to its place along an axis.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::figure) struct ValueAxis {
    low: f64,
    high: f64,
    is_log: bool,
    /// Value and label, in rising order.
    pub(in crate::figure) ticks: Vec<(f64, String)>,
}

/// Beyond this ratio equal distances would hide the small values.
const LOG_FROM_RATIO: f64 = 20.0;
/// An axis of values that differ spans at least this share of them.
const LEAST_SPAN_SHARE: f64 = 0.02;
/// Zero is shown where the values come this near to it.
const ZERO_BELOW_SHARE: f64 = 0.4;

impl ValueAxis {
    /// An axis that holds all of `values` with about `wanted` ticks; logarithmic if their ratio demands it.
    pub(in crate::figure) fn over(values: impl IntoIterator<Item = f64>, wanted: usize) -> Self {
        let (low, high) = widened(range(values));
        if low > 0.0 && high / low > LOG_FROM_RATIO {
            Self::logarithmic(low, high, wanted)
        } else if low >= 0.0 && low < ZERO_BELOW_SHARE * high {
            Self::linear(0.0, high, wanted)
        } else {
            Self::linear(low, high, wanted)
        }
    }

    /// As [`Self::over`], but from zero and linear: for areas, whose size is what is read.
    pub(in crate::figure) fn from_zero(values: impl IntoIterator<Item = f64>, wanted: usize) -> Self {
        let (_, high) = range(values);
        Self::linear(0.0, high.max(0.0), wanted)
    }

    fn linear(low: f64, high: f64, wanted: usize) -> Self {
        // A flat line stands in the middle of its axis.
        let (low, high) = if high > low {
            (low, high)
        } else if high > 0.0 {
            (0.0, 2.0 * high)
        } else {
            (low, low + 1.0)
        };
        let step = nice_step((high - low) / count(wanted.max(2)));
        let first = (low / step + 1e-9).floor();
        let last = (high / step - 1e-9).ceil().max(first + 1.0);
        let decimals = decimals(step);
        let mut ticks = Vec::new();
        let mut place = first;
        while place <= last {
            ticks.push((place * step, grouped(place * step, decimals)));
            place += 1.0;
        }
        Self { low: first * step, high: last * step, is_log: false, ticks }
    }

    fn logarithmic(low: f64, high: f64, wanted: usize) -> Self {
        let first = libm::log10(low).floor();
        let last = libm::log10(high).ceil();
        let mut all: Vec<(f64, f64)> = Vec::new();
        let mut decade = first;
        while decade <= last {
            let power = libm::pow(10.0, decade);
            all.extend([1.0, 2.0, 5.0].map(|digit| (digit * power, digit)));
            decade += 1.0;
        }
        let from = all.iter().rposition(|&(value, _)| value <= low * (1.0 + 1e-9)).unwrap_or(0);
        let to = all.iter().position(|&(value, _)| value >= high * (1.0 - 1e-9)).unwrap_or(all.len() - 1);
        let shown = &all[from..=to];
        let too_many = shown.len() > wanted + 2;
        let ticks = shown
            .iter()
            .filter(|&&(_, digit)| !too_many || digit < 1.5)
            .map(|&(value, _)| (value, grouped(value, decimals(value))))
            .collect();
        Self { low: all[from].0, high: all[to].0, is_log: true, ticks }
    }

    /// Its lower and upper end.
    pub(in crate::figure) fn ends(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// 0 at the lower end of the axis, 1 at the upper.
    pub(in crate::figure) fn share(&self, value: f64) -> f64 {
        if self.is_log {
            libm::log(value.max(self.low) / self.low) / libm::log(self.high / self.low)
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }

    pub(in crate::figure) fn labels(&self) -> impl Iterator<Item = &str> {
        self.ticks.iter().map(|(_, label)| label.as_str())
    }

    pub(in crate::figure) fn is_log(&self) -> bool {
        self.is_log
    }

    /// Whether lengths along it mislead: it is linear and begins above zero.
    pub(in crate::figure) fn is_cut(&self) -> bool {
        !self.is_log && self.low > 0.0
    }

    /// Writes `text` at the tick of `value`, if there is one.
    pub(in crate::figure) fn relabel(&mut self, value: f64, text: &str) {
        if let Some((_, label)) = self.ticks.iter_mut().find(|(tick, _)| (tick - value).abs() < 1e-9 * value.abs()) {
            text.clone_into(label);
        }
    }
}

/// Quantity and unit.
pub(super) fn named(quantity: &str, unit: &str, axis: &ValueAxis) -> [String; 2] {
    let log = axis.is_log().then_some("log");
    let unit: Vec<&str> = [Some(unit), log].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let unit = if unit.is_empty() { String::new() } else { format!("({})", unit.join(", ")) };
    [quantity.to_owned(), unit]
}

/// If values hardly vary, the axis keeps a minimum range, so that rounding errors do not look large.
fn widened((low, high): (f64, f64)) -> (f64, f64) {
    let least = LEAST_SPAN_SHARE * high.abs().max(low.abs());
    if high > low && high - low < least {
        let middle = f64::midpoint(low, high);
        return (middle - 0.5 * least, middle + 0.5 * least);
    }
    (low, high)
}

fn range(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values.into_iter().filter(|value| value.is_finite()) {
        low = low.min(value);
        high = high.max(value);
    }
    if low <= high { (low, high) } else { (0.0, 1.0) }
}

#[expect(clippy::cast_precision_loss, reason = "a count of ticks")]
fn count(ticks: usize) -> f64 {
    ticks as f64
}

/// The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `raw`.
fn nice_step(raw: f64) -> f64 {
    let power = libm::pow(10.0, libm::log10(raw).floor());
    let digit = raw / power;
    let nice = [1.0, 2.0, 2.5, 5.0].into_iter().find(|&nice| digit <= nice + 1e-9).unwrap_or(10.0);
    nice * power
}

/// Decimals needed to tell multiples of `step` apart.
fn decimals(step: f64) -> usize {
    (0..12)
        .find(|&decimals| {
            let scaled = step * libm::pow(10.0, f64::from(decimals));
            (scaled - scaled.round()).abs() < 1e-6 * scaled
        })
        .map_or(12, |decimals| usize::try_from(decimals).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &ValueAxis) -> Vec<&str> {
        axis.labels().collect()
    }

    #[test]
    fn ticks_are_round_and_hold_the_data() {
        assert_eq!(labels(&ValueAxis::over([36.5, 53.3], 5)), ["35", "40", "45", "50", "55"]);
        assert_eq!(labels(&ValueAxis::over([1.0, 2300.0, 0.0], 5)), ["0", "500", "1,000", "1,500", "2,000", "2,500"]);
        assert_eq!(labels(&ValueAxis::over([0.61, 0.74], 3)), ["0.60", "0.65", "0.70", "0.75"]);
        assert_eq!(labels(&ValueAxis::over([7.0, 7.0], 2)), ["0", "10", "20"]);
        assert_eq!(labels(&ValueAxis::over([96.0, 96.001], 3)), ["95", "96", "97"]);
        assert_eq!(labels(&ValueAxis::over([], 2)), ["0.0", "0.5", "1.0"]);
        assert_eq!(labels(&ValueAxis::from_zero([36.5, 53.3], 3)), ["0", "20", "40", "60"]);
        let cut =
            [[36.5, 53.3], [1.0, 53.3], [-5.0, -4.0], [1.0, 90.0]].map(|values| ValueAxis::over(values, 3).is_cut());
        assert_eq!(cut, [true, false, false, false], "begins at 30, at zero, below it, is logarithmic");
    }

    #[test]
    fn wide_ranges_are_logarithmic() {
        let axis = ValueAxis::over([3.0, 90.0], 5);
        assert_eq!(labels(&axis), ["2", "5", "10", "20", "50", "100"]);
        assert!((axis.share(2.0) - 0.0).abs() < 1e-12);
        assert!((axis.share(100.0) - 1.0).abs() < 1e-12);
        // Equal ratios are equal distances.
        assert!((axis.share(20.0) - axis.share(10.0) - (axis.share(10.0) - axis.share(5.0))).abs() < 1e-12);
        let wide = ValueAxis::over([0.02, 90_000.0], 5);
        assert_eq!(labels(&wide), ["0.1", "1", "10", "100", "1,000", "10,000", "100,000"]);
    }
}
