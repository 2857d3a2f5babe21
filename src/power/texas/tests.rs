#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places of hours in a table of forty years"
)]

use super::*;
use crate::random::Purpose;

/// The measured figures of the file's head, and how far those of forty years of the process may be from them.
///
/// | | measured | process | allowed |
/// |---|---|---|---|
/// | mean, USD/MWh | 29.03 | stated | 3 % |
/// | p5, p50, p90, p99 | 3.97, 22.21, 48.02, 136.77 | same | 6, 2, 3, 5 % |
/// | negative hours | 0.0239 | 0.024 | 0.002 |
/// | rank autocorrelation, 1 h and 24 h | 0.889, 0.540 | 0.89, 0.53 | 0.005, 0.02 |
/// | cost share of the most expensive 1 % of hours | 0.123 | 0.12 | 0.01 |
#[test]
fn the_process_has_the_measured_shape() {
    let draw = Draw::new(11, 0, Purpose::SpotPrice);
    let mut weather = Weather::new(5);
    let first = 1_704_067_200 / 3600;
    let hours: Vec<f64> = (0..40 * 8766).map(|hour| weather.price(draw, first + hour).get() * 1e3).collect();
    let mut sorted = hours.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| sorted[(share * sorted.len() as f64) as usize];
    let near = |what: &str, found: f64, measured: f64, allowed: f64| {
        assert!((found - measured).abs() <= allowed, "{what}: {found}, measured {measured}");
    };
    let sum: f64 = hours.iter().sum();
    near("mean", sum / hours.len() as f64, 29.03, 0.03 * 29.03);
    for (share, measured, part) in [(0.05, 3.97, 0.06), (0.5, 22.21, 0.02), (0.9, 48.02, 0.03), (0.99, 136.77, 0.05)] {
        near("quantile", at(share), measured, part * measured);
    }
    let negative = hours.iter().filter(|&&price| price < 0.0).count() as f64 / hours.len() as f64;
    near("negative hours", negative, 0.0239, 0.002);
    let dearest: f64 = sorted[sorted.len() * 99 / 100..].iter().sum();
    near("cost of the most expensive hours", dearest / sum, 0.123, 0.01);
    near("rank autocorrelation at 1 h", rank_autocorrelation(&hours, 1), 0.889, 0.005);
    near("rank autocorrelation at 24 h", rank_autocorrelation(&hours, 24), 0.540, 0.02);
}

fn rank_autocorrelation(values: &[f64], lag: usize) -> f64 {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    for (rank, &at) in order.iter().enumerate() {
        ranks[at] = rank as f64 - (values.len() - 1) as f64 / 2.0;
    }
    let product = |lag: usize| -> f64 { ranks.iter().zip(&ranks[lag..]).map(|(a, b)| a * b).sum() };
    product(lag) / product(0)
}

/// Medians by hour of day and by month follow the measured ones: the most expensive hour begins at 19:00, the cheapest at 9:00; August is dearer than April.
#[test]
fn hours_and_months_have_their_places() {
    let draw = Draw::new(3, 0, Purpose::SpotPrice);
    let mut weather = Weather::new(1);
    let (mut by_hour, mut by_month) = (vec![Vec::new(); 24], vec![Vec::new(); 12]);
    let first = 1_704_067_200 / 3600;
    for hour in first..first + 10 * 8766 {
        let price = weather.price(draw, hour).get() * 1e3;
        let clock = UnixTime::new(hour * 3600 - CLOCK_BEHIND_S).calendar();
        by_hour[clock.hour].push(price);
        by_month[clock.of_year].push(price);
    }
    let median = |prices: &mut Vec<f64>| {
        prices.sort_unstable_by(f64::total_cmp);
        prices[prices.len() / 2]
    };
    for (hour, measured) in [(3, 20.3), (9, 15.4), (14, 20.6), (19, 41.6), (22, 25.5)] {
        let found = median(&mut by_hour[hour]);
        assert!((found / measured - 1.0).abs() < 0.08, "hour {hour}: {found}, measured {measured}");
    }
    for (month, measured) in [(1, 17.1), (3, 17.6), (7, 25.7), (10, 19.9)] {
        let found = median(&mut by_month[month]);
        assert!((found / measured - 1.0).abs() < 0.15, "month {month}: {found}, measured {measured}");
    }
}

/// The curve of all hours has the table's shares, and the stated mean.
#[test]
fn the_long_run_is_the_table() {
    let curve = in_the_long_run(MEAN);
    assert!((curve.mean().get() / MEAN.get() - 1.0).abs() < 5e-4, "{}", curve.mean());
    for (price, share, _) in &TABLE[..TABLE.len() - 1] {
        let (beyond, _) = curve.beyond(PowerPrice::new(price / 1e3));
        assert!((1.0 - beyond - share).abs() < 1e-9, "at {price}: {beyond}");
    }
}

/// An hour asked for twice, at the seam of two days, has one price; another region has others.
#[test]
fn an_hour_has_one_price() {
    let draw = Draw::new(3, 0, Purpose::SpotPrice);
    let (mut one, mut two) = (Weather::new(1), Weather::new(2));
    let first = one.price(draw, 473_000);
    assert_eq!(one.price(draw, 473_000), first);
    assert_ne!(two.price(draw, 473_000), first);
}
