#![expect(clippy::disallowed_methods, reason = "the platform's functions are what ours are held against")]

use super::*;
use crate::{
    random::{Purpose, stream},
    units::Days,
};

const DAY: f64 = crate::units::DAY_S;
const YEAR: f64 = 365.0 * DAY;

fn dice(replica: u64) -> Stream {
    stream(11, replica, Purpose::Price, 0)
}

fn days(days: f64) -> Seconds {
    Days::new(days).into()
}

fn params(process: PriceProcess, grid: f64) -> PriceParams {
    PriceParams { process, grid: Seconds::new(grid), shocks: vec![] }
}

fn usd(price: f64) -> UsdPerBtc {
    UsdPerBtc::new(price)
}

fn shock(at_days: f64, factor: f64, half_life: Option<f64>) -> PriceShock {
    PriceShock { name: "shock".into(), at: days(at_days), factor, half_life: half_life.map(days) }
}

fn gbm(start: f64) -> PriceProcess {
    PriceProcess::Gbm { start: usd(start), drift_per_year: 0.4, volatility_per_year: 0.6 }
}

fn jumps(start: f64) -> PriceProcess {
    PriceProcess::JumpDiffusion {
        start: usd(start),
        drift_per_year: 0.4,
        volatility_per_year: 0.3,
        jumps_per_year: 6.0,
        jump_mean: -0.1,
        jump_sd: 0.15,
    }
}

fn bootstrap(start: f64, block_days: f64, detrend: bool) -> PriceProcess {
    // Blocks are easy to recognise: every return identifies its day.
    let log_returns = (0..200).map(|i| f64::from(i) * 1e-4).collect();
    PriceProcess::Bootstrap { start: usd(start), log_returns, block_days, detrend }
}

fn points(start: f64) -> PriceProcess {
    PriceProcess::Path {
        points: vec![(days(2.0), usd(start)), (days(12.0), usd(4.0 * start)), (days(20.0), usd(start / 2.0))],
    }
}

/// Growth of `ln P` up to the horizon, over many replicas.
fn log_gains(process: &PriceProcess, grid: f64, horizon: f64, replicas: u32) -> Vec<f64> {
    let params = params(process.clone(), grid);
    (0..u64::from(replicas))
        .map(|replica| {
            let path = params.path(Seconds::new(horizon), dice(replica));
            (path.at(Seconds::new(horizon)) / path.at(Seconds::ZERO)).ln()
        })
        .collect()
}

fn mean_and_variance(draws: &[f64]) -> (f64, f64) {
    let total = f64::from(u32::try_from(draws.len()).expect("few draws"));
    let mean = draws.iter().sum::<f64>() / total;
    (mean, draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / total)
}

/// Asserts a mean to within four of its standard errors.
fn assert_mean(what: &str, draws: &[f64], expected: f64) {
    let (mean, variance) = mean_and_variance(draws);
    let error = (variance / f64::from(u32::try_from(draws.len()).expect("few draws"))).sqrt();
    assert!((mean - expected).abs() < 4.0 * error, "{what}: {mean} +- {error}, not {expected}");
}

#[test]
fn knots_are_hit_and_log_linear_in_between() {
    let path = params(points(1000.0), DAY).path(days(30.0), dice(0));
    for (day, price) in [(0.0, 1000.0), (2.0, 1000.0), (12.0, 4000.0), (20.0, 500.0), (30.0, 500.0), (300.0, 500.0)] {
        assert_eq!(path.at(days(day)), usd(price), "day {day}");
    }
    // Half-way in time is the geometric mean.
    assert!((path.at(days(7.0)).get() - 2000.0).abs() < 1e-9);
    assert!((path.at(days(16.0)).get() - 2_000_000.0_f64.sqrt()).abs() < 1e-9);
    // Constant within the day.
    assert_eq!(path.at(days(7.999)), path.at(days(7.0)));
    assert_eq!(path.at(Seconds::new(-5.0)), usd(1000.0));
}

#[test]
fn two_points_at_one_instant_are_a_jump() {
    let points = vec![(days(1.0), usd(100.0)), (days(3.0), usd(100.0)), (days(3.0), usd(40.0)), (days(5.0), usd(40.0))];
    let path = params(PriceProcess::Path { points }, DAY).path(days(6.0), dice(0));
    assert_eq!([2.0, 3.0, 4.0, 6.0].map(|day| path.at(days(day))), [100.0, 40.0, 40.0, 40.0].map(usd));
}

#[test]
fn gbm_has_its_mean_price_and_log_variance() {
    let gains = log_gains(&gbm(5e4), 73.0 * DAY, YEAR, 20_000);
    assert_mean("price", &gains.iter().map(|gain| gain.exp()).collect::<Vec<_>>(), 0.4_f64.exp());
    assert_mean("log", &gains, 0.4 - 0.18);
    let (mean, _) = mean_and_variance(&gains);
    assert_mean("variance", &gains.iter().map(|gain| (gain - mean) * (gain - mean)).collect::<Vec<_>>(), 0.36);
}

#[test]
fn jumps_are_compensated_and_add_their_variance() {
    let gains = log_gains(&jumps(5e4), 73.0 * DAY, YEAR, 20_000);
    assert_mean("price", &gains.iter().map(|gain| gain.exp()).collect::<Vec<_>>(), 0.4_f64.exp());
    let (mean, _) = mean_and_variance(&gains);
    // sigma^2 + lambda (m^2 + s^2)
    let variance = 0.09 + 6.0 * (0.01 + 0.0225);
    assert_mean("variance", &gains.iter().map(|gain| (gain - mean) * (gain - mean)).collect::<Vec<_>>(), variance);
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn jumps_come_as_often_as_said_and_leave_the_rest_of_the_path_alone() {
    let with = |jumps_per_year| {
        let process = PriceProcess::JumpDiffusion {
            start: usd(100.0),
            drift_per_year: 0.0,
            volatility_per_year: 0.5,
            jumps_per_year,
            jump_mean: 0.5,
            jump_sd: 0.0,
        };
        params(process, DAY).path(Seconds::new(20.0 * YEAR), dice(3))
    };
    let (calm, wild) = (with(0.0), with(12.0));
    let gap: Vec<f64> = calm.values.iter().zip(&wild.values).map(|(a, b)| (*b / *a).ln()).collect();
    // Between jumps the two differ by the compensation alone, so that single jumps can be recognised.
    let drift = -12.0 * 0.5_f64.exp_m1() / 365.0;
    let counts: Vec<f64> = gap.windows(2).map(|pair| (pair[1] - pair[0] - drift) / 0.5).collect();
    assert!(counts.iter().all(|count| (count - count.round()).abs() < 1e-6));
    let total: f64 = counts.iter().sum();
    assert!((total - 240.0).abs() < 4.0 * 240.0_f64.sqrt(), "{total} jumps");
    assert!(counts.len() as f64 > 0.9 * 20.0 * 365.0);
}

#[test]
fn no_jumps_are_plain_brownian_motion_to_the_bit() {
    let PriceProcess::Gbm { start, drift_per_year, volatility_per_year } = gbm(5e4) else { unreachable!() };
    let none = PriceProcess::JumpDiffusion {
        start,
        drift_per_year,
        volatility_per_year,
        jumps_per_year: 0.0,
        jump_mean: -0.3,
        jump_sd: 0.2,
    };
    assert_eq!(params(none, DAY).path(days(90.0), dice(5)), params(gbm(5e4), DAY).path(days(90.0), dice(5)));
}

#[test]
fn refining_the_grid_keeps_the_distribution() {
    for process in [gbm(1.0), jumps(1.0)] {
        let coarse = log_gains(&process, 30.0 * DAY, 30.0 * DAY, 8000);
        let fine = log_gains(&process, DAY, 30.0 * DAY, 8000);
        let ((m1, v1), (m2, v2)) = (mean_and_variance(&coarse), mean_and_variance(&fine));
        assert!((m1 - m2).abs() < 4.0 * ((v1 + v2) / 8000.0).sqrt(), "{process:?}: {m1} and {m2}");
        assert!((v1 / v2 - 1.0).abs() < 0.12, "{process:?}: {v1} and {v2}");
    }
    // The bootstrap operates on days: a finer grid has the very same path.
    let coarse = params(bootstrap(100.0, 9.0, false), DAY).path(days(50.0), dice(2));
    let fine = params(bootstrap(100.0, 9.0, false), DAY / 6.0).path(days(50.0), dice(2));
    for i in 0..500 {
        let t = days(f64::from(i) * 0.1);
        assert_eq!(coarse.at(t), fine.at(t));
    }
}

#[test]
fn bootstrap_keeps_blocks_of_the_given_mean_length() {
    for block_days in [1.0, 5.0, 40.0] {
        let path = params(bootstrap(100.0, block_days, false), DAY).path(days(20_000.0), dice(4));
        let sources: Vec<f64> = path.values.windows(2).map(|pair| ((pair[1] / pair[0]).ln() * 1e4).round()).collect();
        assert!(sources.iter().all(|&source| (0.0..200.0).contains(&source)));
        let follows: Vec<f64> = sources
            .windows(2)
            .map(|pair| if pair[1].total_cmp(&((pair[0] + 1.0) % 200.0)).is_eq() { 1.0 } else { 0.0 })
            .collect();
        // A newly drawn day is the next one by chance once in 200.
        let goes_on = 1.0 - 1.0 / block_days;
        assert_mean(&format!("blocks of {block_days}"), &follows, goes_on + (1.0 - goes_on) / 200.0);
    }
}

#[test]
fn bootstrap_without_trend_has_none() {
    // Mean return 0.00995 a day; detrended, 20,000 days have no drift on average.
    let gain = |detrend| {
        let path = params(bootstrap(1.0, 3.0, detrend), DAY).path(days(10_000.0), dice(6));
        path.at(days(10_000.0)).get().ln() / 10_000.0
    };
    assert!(gain(true).abs() < 5e-4, "{}", gain(true));
    assert!((gain(false) - gain(true) - 0.00995).abs() < 1e-9);
}

#[test]
fn an_empty_history_is_a_constant_price() {
    let process = PriceProcess::Bootstrap { start: usd(7.0), log_returns: vec![], block_days: 5.0, detrend: true };
    assert_eq!(params(process, DAY).path(days(3.0), dice(0)).values, vec![usd(7.0); 4]);
}

#[test]
fn a_longer_horizon_begins_with_the_shorter_path() {
    for process in [points(1e4), gbm(1e4), jumps(1e4), bootstrap(1e4, 9.0, true)] {
        let mut params = params(process, DAY / 2.0);
        params.shocks = vec![shock(3.3, 0.5, Some(10.0))];
        let short = params.path(days(20.0), dice(1));
        let long = params.path(days(400.0), dice(1));
        assert_eq!(short.values, long.values[..short.values.len()]);
        assert_eq!(short.breaks, long.breaks);
        assert_ne!(long.at(days(300.0)), short.at(days(20.0)));
    }
}

#[test]
fn other_dice_give_another_path() {
    let params = params(gbm(1e4), DAY);
    assert_ne!(params.path(days(20.0), dice(1)), params.path(days(20.0), dice(2)));
    assert_eq!(params.path(days(20.0), dice(1)), params.path(days(20.0), dice(1)));
}

#[test]
fn shocks_act_from_their_instant_on_and_leave_the_dice_alone() {
    let calm = params(gbm(1e4), DAY);
    let mut shocked = calm.clone();
    shocked.shocks = vec![shock(3.25, 0.5, None), shock(3.75, 3.0, None), shock(6.0, 0.25, None)];
    let (calm, shocked) = (calm.path(days(10.0), dice(1)), shocked.path(days(10.0), dice(1)));
    for (day, factor) in [
        (3.0, 1.0),
        (3.2499, 1.0),
        (3.25, 0.5),
        (3.74, 0.5),
        (3.75, 1.5),
        (4.0, 1.5),
        (5.99, 1.5),
        (6.0, 0.375),
        (20.0, 0.375),
    ] {
        assert_eq!(shocked.at(days(day)), calm.at(days(day)) * factor, "day {day}");
    }
}

#[test]
fn a_shock_at_the_start_or_after_the_end_acts_too() {
    let mut params = params(PriceProcess::Path { points: vec![(Seconds::ZERO, usd(64.0))] }, DAY);
    params.shocks = vec![shock(0.0, 0.5, None), shock(30.0, 0.25, None)];
    let path = params.path(days(10.0), dice(0));
    assert_eq!([0.0, 5.0, 29.9, 30.0, 99.0].map(|day| path.at(days(day))), [32.0, 32.0, 32.0, 8.0, 8.0].map(usd));
}

#[test]
fn half_of_a_decaying_shock_is_undone_in_its_half_life() {
    let mut params = params(PriceProcess::Path { points: vec![(Seconds::ZERO, usd(64.0))] }, DAY);
    params.shocks = vec![shock(1.5, 0.5, Some(3.5))];
    let path = params.path(days(400.0), dice(0));
    assert_eq!(
        [1.4, 1.5, 5.0, 8.5].map(|day| path.at(days(day))),
        [usd(64.0), usd(32.0), usd(48.0), path.at(days(8.0))]
    );
    assert!(path.at(days(8.0)).get() < 56.0 && path.at(days(9.0)).get() > 56.0);
    assert!((path.at(days(400.0)).get() - 64.0).abs() < 1e-12);
}

/// M1: dollars are a unit, and a factor of 2^n on them changes no rounding.
#[test]
fn scaling_dollars_by_a_power_of_two_scales_the_path_exactly() {
    for make in [points as fn(f64) -> PriceProcess, gbm, jumps, |start| bootstrap(start, 6.0, false)] {
        let path = |start| {
            let mut params = params(make(start), DAY);
            params.shocks = vec![shock(3.3, 0.61, Some(7.0)), shock(9.0, 1.3, None)];
            params.path(days(60.0), dice(9))
        };
        let (plain, scaled) = (path(12_345.678), path(12_345.678 * 1024.0));
        for (a, b) in plain.values.iter().zip(&scaled.values) {
            assert_eq!(*a * 1024.0, *b);
        }
        assert_eq!(plain.breaks[0].1 * 1024.0, scaled.breaks[0].1);
    }
}
