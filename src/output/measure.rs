//! How the numbers of one metric are printed for a reader: their unit, and the digits that its spread supports.

use super::summary::Spread;
use crate::declare::{Metric, number::grouped};

/// Digits that are printed at most.
const MOST_DIGITS: i32 = 3;
/// Numbers below this are printed as zero: remainders of sums.
const NOTHING: f64 = 1e-5;
/// Steps that a 90 % band holds at least.
const STEPS: f64 = 5.0;

/// Unit and rounding of the numbers of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    factor: f64,
    /// The unit; empty for a ratio or a count.
    pub unit: String,
    /// Decimals; negative where tens or hundreds are rounded.
    decimals: i32,
}

impl Measure {
    /// All numbers of a spread get the same unit and the same rounding: the 90 % band holds 5 to 50 steps, the median keeps a digit, and no
    /// number has more than three.
    #[must_use]
    pub fn of(metric: Option<&Metric>, spread: &Spread) -> Self {
        let quantiles = || [spread.p05, spread.p50, spread.p95].into_iter().flatten().filter(|value| value.is_finite());
        let largest = quantiles().map(f64::abs).fold(0.0, f64::max);
        let (factor, unit) = shown_in(metric.is_some_and(|metric| metric.is_percent), &spread.unit, largest);
        let scaled = |value: f64| (factor * value).abs();
        let width = match (spread.p05, spread.p95) {
            (Some(low), Some(high)) => scaled(high - low),
            _ => spread.p25.zip(spread.p05).map_or(0.0, |(high, low)| 2.0 * scaled(high - low)),
        };
        let most = magnitude(scaled(largest)) + 1 - MOST_DIGITS;
        let step = if width > 0.0 { magnitude(width / STEPS) } else { magnitude(scaled(largest)) - 2 };
        if scaled(largest) < NOTHING {
            return Self { factor, unit, decimals: 0 };
        }
        let middle = spread.p50.map(scaled).filter(|middle| *middle > 0.0).map_or(i32::MAX, magnitude);
        Self { factor, unit, decimals: -step.min(middle).max(most) }
    }

    /// A number without its unit.
    #[must_use]
    pub fn number(&self, value: f64) -> String {
        let value = self.factor * value;
        if !value.is_finite() {
            return "no value".into();
        }
        if let Ok(decimals) = usize::try_from(self.decimals) {
            return grouped(value, decimals);
        }
        let step = libm::pow(10.0, f64::from(-self.decimals));
        let rounded = (value / step).round() * step;
        // A number that is not zero does not look like it: it keeps its first digit.
        if rounded.abs() < NOTHING && value.abs() >= 1.0 {
            let first = libm::pow(10.0, f64::from(magnitude(value.abs())));
            return grouped((value / first).round() * first, 0);
        }
        grouped(rounded, 0)
    }

    /// A number with its unit, which a no-break space keeps on its line.
    #[must_use]
    pub fn with_unit(&self, value: f64) -> String {
        let number = self.number(value);
        if self.unit.is_empty() { number } else { format!("{number}\u{a0}{}", self.unit) }
    }
}

/// The factor and the unit in which readers see a number of this size.
pub(crate) fn shown_in(is_percent: bool, unit: &str, largest: f64) -> (f64, String) {
    match (is_percent, unit) {
        (true, "1/year") => (100.0, "%\u{a0}a\u{a0}year".into()),
        (true, "1/sqrt(day)") => (100.0, "%\u{a0}a\u{a0}day".into()),
        (true, _) => (100.0, "%".into()),
        (false, "d") => (1.0, "days".into()),
        (false, "USD") if largest >= 1e9 => (1e-9, "billion USD".into()),
        (false, "USD") if largest >= 1e6 => (1e-6, "M USD".into()),
        (false, unit) => (1.0, unit.into()),
    }
}

/// The power of ten at or below a size; that of 1 for zero.
#[expect(clippy::cast_possible_truncation, reason = "at most 308")]
fn magnitude(size: f64) -> i32 {
    if size > 0.0 { libm::floor(libm::log10(size)) as i32 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::metrics::METRICS;

    fn shown(name: &str, [low, middle, high]: [f64; 3]) -> [String; 3] {
        let metric = METRICS.iter().find(|metric| metric.name == name);
        let unit = metric.map_or("", |metric| metric.unit).to_owned();
        let spread = Spread { p05: Some(low), p50: Some(middle), p95: Some(high), unit, ..Spread::default() };
        let measure = Measure::of(metric, &spread);
        [low, middle, high].map(|value| measure.with_unit(value).replace('\u{a0}', " "))
    }

    #[test]
    fn digits_are_those_that_the_band_supports() {
        assert_eq!(shown("hashrate_trough_share", [0.851_23, 0.8604, 0.8658]), ["85.1 %", "86.0 %", "86.6 %"]);
        assert_eq!(shown("days_to_trough", [43.3, 54.2, 285.0]), ["40 days", "50 days", "290 days"]);
        assert_eq!(shown("lender_loss_usd", [8.919e6, 15.04e6, 28.825e6]), ["9 M USD", "15 M USD", "29 M USD"]);
        assert_eq!(shown("mined_btc", [330_019.0, 330_161.0, 330_328.0]), ["330,000 BTC"; 3]);
        assert_eq!(shown("days_to_95pct", [0.0, 2.0, 61.0]), ["0 days", "2 days", "61 days"]);
        assert_eq!(shown("days_to_trough", [30.1, 296.0, 676.0]), ["30 days", "300 days", "700 days"]);
        assert_eq!(shown("energy_twh", [95.24; 3]), ["95.2 TWh"; 3]);
        assert_eq!(shown("price_impact_worst", [-1e-10, 0.0, 0.0]), ["0 %"; 3]);
    }
}
